"""``import-state``: what the state of another connector becomes, and that no day is lost by it."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError

from sandbox.world import worlds
from tap_linkedin_ads.cli.import_state import state_of
from tap_linkedin_ads.settings import foreign_states, input_files
from tap_linkedin_ads.settings.foreign_states import understood
from tests import report_truth, singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve

BY_CAMPAIGN, BY_CREATIVE = foreign_states.REPORTS
DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(1971, 1, 1), dt.date(2100, 1, 1))


def singer_io(**bookmarks: str) -> singer.Json:
    """Return a state as singer-io's tap leaves it."""
    return {
        "currently_syncing": None,
        "bookmarks": {"accounts": "2026-11-01T05:11:19Z", **bookmarks},
    }


def meltanolabs(days: t.Sequence[str | None]) -> singer.Json:
    """Return a state as MeltanoLabs' tap leaves it: a bookmark for each campaign."""
    entry = {"replication_key": "day"}
    partitions = [
        {"context": {"campaign_id": number}}
        | ({} if d is None else {**entry, "replication_key_value": d})
        for number, d in enumerate(days)
    ]
    entities = {
        "replication_key": "last_modified_time",
        "replication_key_value": "2026-11-20T00:00:00",
    }
    return {"bookmarks": {"accounts": entities, BY_CAMPAIGN: {"partitions": partitions}}}


def airbyte(cursors: t.Sequence[str | None], **more: object) -> list[singer.Json]:
    """Return a state as Airbyte's platform shows it: a cursor for each campaign."""
    states = [
        {"partition": {"campaign_id": n}, "cursor": {} if day is None else {"end_date": day}}
        for n, day in enumerate(cursors)
    ]
    parents = {"campaigns": {"states": [{"partition": {}, "cursor": {"end_date": "1999-01-01"}}]}}
    streams = {
        "campaigns": {"lastModified": "2026-11-20T00:00:00+0000"},
        "ad_campaign_analytics": {"states": states, "parent_state": parents, **more},
    }
    return [
        {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": state}}
        for name, state in streams.items()
    ]


@given(DAYS, DAYS)
def test_a_bookmark_is_where_the_old_tap_would_have_gone_on(day: dt.date, other: dt.date) -> None:
    """singer-io's tap reads the seven days before its bookmark again, and so does this one."""
    old = understood(
        singer_io(**{BY_CAMPAIGN: f"{day}T00:00:00Z", BY_CREATIVE: f"{other}T00:00:00.000000Z"})
    )
    assert old.connector == foreign_states.SINGER_IO
    assert old.last_days == {BY_CAMPAIGN: day - 7 * DAY, BY_CREATIVE: other - 7 * DAY}


@given(
    st.dictionaries(st.sampled_from(foreign_states.REPORTS), DAYS, min_size=1),
    st.sets(st.integers(1, 10**9), min_size=1, max_size=5),
)
def test_the_state_is_one_of_this_tap(days: dict[str, dt.date], accounts: set[int]) -> None:
    """Every named ad account has one bookmark a stream, no other has, and the tap takes it."""
    state = state_of(days, accounts)
    input_files.check_state(state, foreign_states.REPORTS)
    assert state["bookmarks"].keys() == days.keys()
    for stream, day in days.items():
        assert singer.bookmarks(state, stream) == dict.fromkeys(accounts, day.isoformat())
        keys = {part["replication_key"] for part in state["bookmarks"][stream]["partitions"]}
        assert keys == {"metric_date"}


@given(st.lists(DAYS, min_size=1, max_size=5), st.sampled_from(["meltanolabs", "airbyte"]))
def test_where_campaigns_were_left_out_a_first_day_is_told(days: list[dt.date], whose: str) -> None:
    """It lies before each of the bookmarks; no bookmark is made."""
    texts = [day.isoformat() for day in days]
    old = understood(meltanolabs(texts) if whose == "meltanolabs" else airbyte(texts))
    assert old.first_day == min(days) - DAY
    assert not old.last_days


@pytest.mark.parametrize("make", [meltanolabs, airbyte])
def test_a_campaign_without_a_bookmark_leaves_no_day_certain(
    make: t.Callable[[list[str | None]], object],
) -> None:
    """It had no rows when it was read, and nobody knows when that was."""
    assert understood(make(["2026-11-20", None])).first_day is None


@pytest.mark.parametrize(
    "content",
    [
        airbyte(["2026-11-20"]),
        airbyte(["2026-11-20"])[1],
        {"type": "STATE", "state": airbyte(["2026-11-20"])[1]},
        {
            "stateType": "stream",
            "streamState": [
                {
                    "streamDescriptor": {"name": "ad_creative_analytics", "namespace": None},
                    "streamState": {"state": {"end_date": "2026-11-20"}, "use_global_cursor": True},
                }
            ],
        },
        {
            "ad_campaign_analytics": {"end_date": "2026-11-20"},
            "campaigns": {"lastModified": "2026"},
        },
    ],
    ids=["messages", "one message", "a line of output", "API", "by stream"],
)
def test_airbytes_state_is_known_in_each_of_its_forms(content: object) -> None:
    """As connections show it, as the connector prints it, and as old versions kept it."""
    old = understood(content)
    assert old.connector == foreign_states.AIRBYTE
    assert old.first_day == dt.date(2026, 11, 19)


@pytest.mark.parametrize(("seconds", "days"), [(1, 1), (86_400, 1), (86_401, 2)])
def test_airbytes_reading_back_is_counted(seconds: int, days: int) -> None:
    """A global cursor comes with the seconds by which the connector reads back behind it."""
    old = understood(airbyte(["2026-11-20"], lookback_window=seconds))
    assert old.first_day == dt.date(2026, 11, 19) - days * DAY


def test_a_state_may_be_wrapped_as_meltano_prints_it() -> None:
    """``meltano state get`` prints ``singer_state``, and a target the value of a message."""
    state = singer_io(**{BY_CAMPAIGN: "2026-11-20T00:00:00Z"})
    assert understood({"singer_state": state}) == understood({"type": "STATE", "value": state})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "it holds no bookmarks of singer-io's tap, MeltanoLabs' tap or Airbyte's source"),
        ([], "it holds no bookmarks"),
        ("x", "it holds no bookmarks"),
        ({"bookmarks": {"orders": "2026-11-20"}}, "singer-io's tap has no stream orders"),
        ({"bookmarks": {"orders": {"since": 1}}}, "a tap that is not known here"),
        (
            singer_io(ad_analytics_by_campaign="yesterday"),
            "ad_analytics_by_campaign is 'yesterday'",
        ),
        (airbyte(["soon"]), "a bookmark of ad_campaign_analytics is 'soon'"),
        (state_of({BY_CAMPAIGN: TODAY}, {1}), "a state of this tap already"),
    ],
)
def test_what_is_no_old_state_is_refused_in_words(content: object, said: str) -> None:
    """The message says what the file is, or which bookmark cannot be read."""
    with pytest.raises(ConfigValidationError) as raised:
        understood(content)
    (error,) = raised.value.errors
    assert error.startswith("old state: ")
    assert said in error


KEYS = (
    *("bookmarks", "partitions", "context", "campaign_id", "replication_key_value", BY_CAMPAIGN),
    *("type", "state", "stream", "stream_state", "stream_descriptor", "name", "singer_state"),
    *("ad_campaign_analytics", "cursor", "end_date", "lookback_window"),
)
JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["x", "2026-11-20", "ad_campaign_analytics"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_no_file_is_a_surprise(content: object) -> None:
    """Whatever it holds, it is understood or refused."""
    try:
        old = understood(content)
    except ConfigValidationError:
        return
    assert old.connector in {
        foreign_states.SINGER_IO,
        foreign_states.MELTANOLABS,
        foreign_states.AIRBYTE,
    }


def converted(folder: Path, content: object, **settings: object) -> singer.Output:
    """Run the command as a process of its own."""
    old = folder / "old.json"
    old.write_text(content if isinstance(content, str) else json.dumps(content))
    config = {"access_token": "unused", **settings}
    return singer.run([*singer.arguments(folder, config), "import-state", str(old)])


@pytest.mark.slow
def test_no_day_is_lost_between_the_old_tables_and_the_new_ones(
    serve: Serve, tmp_path: Path
) -> None:
    """Old rows of days before the new bookmark and the new run's rows are all that LinkedIn has.

    An ad account that the old tap did not know is not named, and is read from start_date.
    """
    world = worlds.small(today=TODAY)
    sandbox = serve(world)
    start = TODAY - dt.timedelta(days=20)
    first, second = (account["id"] for account in world.accounts[:2])
    pivots = {BY_CAMPAIGN: ["CAMPAIGN"], BY_CREATIVE: ["CREATIVE"]}
    metrics = ("impressions", "cost_in_usd")

    def truth(stream: str, accounts: list[int], through: dt.date) -> report_truth.Rows:
        return report_truth.rows(world, pivots[stream], metrics, start, through, accounts=accounts)

    stopped = TODAY - dt.timedelta(days=6)
    newest = {
        stream: dt.date.fromisoformat(max(day for _, day, *_ in truth(stream, [first], stopped)))
        for stream in pivots
    }
    old = singer_io(**{stream: f"{day + DAY}T00:00:00Z" for stream, day in newest.items()})
    done = converted(tmp_path, old, account_ids=[first])
    assert done.status == 0, done.stderr
    state = json.loads(done.stdout)
    reached = {s: dt.date.fromisoformat(singer.bookmarks(state, s)[first]) for s in pivots}
    assert f"{BY_CAMPAIGN}: goes on from {reached[BY_CAMPAIGN]}, less the lookback." in done.stderr
    settings = singer.config(
        sandbox,
        start_date=start.isoformat(),
        account_ids=[first, second],
        lookback_window=0,
    )
    catalog = singer.catalog(dict.fromkeys(pivots, (*metrics, "campaign_urn", "creative_urn")))
    output = singer.sync(settings, catalog=catalog, state=state)
    assert output.status == 0, output.stderr
    for stream, pivot in pivots.items():
        found = report_truth.records(output, stream, pivot)
        assert reached[stream] < newest[stream]
        kept = truth(stream, [first], reached[stream] - DAY)
        assert found.keys() | kept.keys() == truth(stream, [first, second], TODAY).keys()
        assert kept.keys() - found.keys(), "nothing of the old state was used"
        assert truth(stream, [second], TODAY).keys() <= found.keys()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "settings", "status", "said"),
    [
        (singer_io(ad_analytics_by_campaign="2026-11-20T00:00:00Z"), {}, 2, "account_ids: the old"),
        (singer_io(), {"accounts": "1,2"}, 1, "No state is made: start without one"),
        (
            singer_io(ad_analytics_by_creative="2099-01-01T00:00:00Z"),
            {"accounts": "1"},
            1,
            "future",
        ),
        (meltanolabs(["2026-11-20", "2026-10-02"]), {}, 1, "\nstart_date: 2026-10-01\n"),
        (airbyte(["2026-11-20", None]), {}, 1, "with the start_date of the old connector."),
        ("{", {}, 2, "is no JSON"),
    ],
    ids=["no accounts", "no reports", "future", "MeltanoLabs", "Airbyte", "no JSON"],
)
def test_where_there_is_no_state_nothing_is_printed(
    tmp_path: Path, content: object, settings: singer.Json, status: int, said: str
) -> None:
    """Not even a beginning of one; the reason is in words, and so is what to do."""
    done = converted(tmp_path, content, **settings)
    assert done.status == status, done.stderr
    assert done.stdout == b""
    assert said in f"\n{done.stderr}"
    assert "Traceback" not in done.stderr

"""What a run remembers for each ad account, and where the next one starts."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from sandbox import Builder, Sandbox, World
from sandbox.world import worlds
from tests import singer, truth
from tests.singer import TODAY, by_key
from tests.truth import ad_performance, assert_equal

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Json, Output

START = dt.date(2026, 8, 1)
COLUMNS = ("impressions", "likes", "cost_in_usd")
CATALOG = singer.catalog({"ad_performance": COLUMNS})
STREAM = "ad_performance"


def performance(sandbox: Sandbox, state: Json | None = None, **settings: t.Any) -> Output:  # noqa: ANN401
    """Read few metrics of ad_performance from START on."""
    config = singer.config(sandbox, **{"start_date": START.isoformat(), **settings})
    return singer.sync(config, catalog=CATALOG, state=state)


def rows(*outputs: Output) -> dict[tuple[t.Any, ...], Json]:
    """Return the records by key, as a loader would: the later one of each key."""
    found: dict[tuple[t.Any, ...], Json] = {}
    for output in outputs:
        found |= by_key(output.records(STREAM), *truth.KEY)
    return found


def days(output: Output, account: int | None = None) -> set[str]:
    """Return the days that have records."""
    return {
        record["metric_date"]
        for record in output.records(STREAM)
        if account in {None, record["account_id"]}
    }


def asked_days(sandbox: Sandbox) -> tuple[dt.date, dt.date]:
    """Return the first and last day that reports were asked for."""
    ranges = [e.params["dateRange"] for e in sandbox.log if e.resource == "adAnalytics"]
    starts, ends = (
        [dt.date(*(int(r[side][part]) for part in ("year", "month", "day"))) for r in ranges]
        for side in ("start", "end")
    )
    return min(starts), max(ends)


def test_layout(sandbox: Sandbox, world: World) -> None:
    """Bookmarks are the SDK's partitions: integer account_id, key, value; one for each account."""
    state = performance(sandbox).state
    partitions = state["bookmarks"][STREAM]["partitions"]
    assert sorted(partitions, key=lambda entry: entry["context"]["account_id"]) == [
        {
            "context": {"account_id": account["id"]},
            "replication_key": "metric_date",
            "replication_key_value": TODAY.isoformat(),
        }
        for account in world.accounts
    ]


@pytest.mark.parametrize("lookback", [0, 7, 30])
def test_second_run_reads_the_look_back_only(sandbox: Sandbox, lookback: int) -> None:
    """The next run starts at the bookmark's own day less the look-back window."""
    first = performance(sandbox)
    sandbox.reset_log()
    again = performance(sandbox, first.state, lookback_window=lookback)
    assert asked_days(sandbox) == (TODAY - dt.timedelta(days=lookback), TODAY)
    assert again.bookmarks(STREAM) == first.bookmarks(STREAM)


def restate(world: World, day: dt.date) -> None:
    """Change the impressions of every ad on a day."""
    for creative, where in world.deliveries.items():
        if world.figures.active(where, day.toordinal()):
            world.restate(creative, day, {"impressions": 777})


def test_restated_figures_in_the_look_back_are_read(sandbox: Sandbox, world: World) -> None:
    """What LinkedIn revises within the look-back window replaces what was read before."""
    first = performance(sandbox)
    restate(world, TODAY - dt.timedelta(days=20))
    restate(world, TODAY - dt.timedelta(days=1))
    again = performance(sandbox, first.state)
    assert_equal(rows(first, again), ad_performance(world, START, columns=COLUMNS))


def test_a_day_that_was_going_on_is_read_again(sandbox: Sandbox, world: World) -> None:
    """Also without a look-back, the last day of a run is read once more by the next."""
    yesterday = TODAY - dt.timedelta(days=1)
    first = performance(sandbox, end_date=yesterday.isoformat(), lookback_window=0)
    restate(world, yesterday)
    again = performance(sandbox, first.state, lookback_window=0)
    assert days(again) == {yesterday.isoformat(), TODAY.isoformat()}
    assert_equal(rows(first, again), ad_performance(world, START, columns=COLUMNS))


def test_an_account_added_later_is_read_from_start_date(sandbox: Sandbox, world: World) -> None:
    """A new account gets its whole history, the others their look-back window."""
    first = performance(sandbox)
    build = Builder(world, days=100)
    added = build.account("Added")
    build.creative(build.campaign(build.group(added, "Default"), "Default"), gaps=False)
    again = performance(sandbox, first.state)
    assert min(days(again, added)) < (TODAY - dt.timedelta(days=90)).isoformat()
    known = world.accounts[0]["id"]
    assert min(days(again, known)) >= (TODAY - dt.timedelta(days=30)).isoformat()
    assert_equal(rows(first, again), ad_performance(world, START, columns=COLUMNS))
    assert set(again.bookmarks(STREAM)) == {account["id"] for account in world.accounts}


def test_an_account_without_rows_moves_on(sandbox: Sandbox, world: World) -> None:
    """A window without rows is complete all the same: its bookmark moves."""
    empty = next(account["id"] for account in world.accounts if account["test"])
    output = performance(sandbox)
    assert days(output, empty) == set()
    assert output.bookmarks(STREAM)[empty] == TODAY.isoformat()


def test_end_date_is_the_last_day(sandbox: Sandbox, world: World) -> None:
    """Nothing behind end_date is asked for, and no bookmark passes it."""
    end = dt.date(2026, 9, 30)
    output = performance(sandbox, end_date=end.isoformat())
    assert asked_days(sandbox) == (START, end)
    assert_equal(rows(output), ad_performance(world, START, end, columns=COLUMNS))
    assert set(output.bookmarks(STREAM).values()) == {end.isoformat()}


def test_an_earlier_end_date_takes_no_bookmark_back(sandbox: Sandbox) -> None:
    """A run that ends before the bookmark leaves it where it is."""
    first = performance(sandbox)
    again = performance(sandbox, first.state, end_date="2026-11-10")
    assert again.bookmarks(STREAM) == first.bookmarks(STREAM)


def test_a_later_start_date_leaves_no_gap(sandbox: Sandbox, world: World) -> None:
    """start_date counts where there is no bookmark: set later than one, it skips no day."""
    first = performance(sandbox, end_date="2026-09-15")
    again = performance(sandbox, first.state, start_date="2026-11-01", lookback_window=0)
    assert_equal(rows(first, again), ad_performance(world, START, columns=COLUMNS))


def test_look_back_does_not_reach_before_start_date(sandbox: Sandbox) -> None:
    """Days before a start_date that is set are not read, however long the look-back."""
    first = performance(sandbox)
    sandbox.reset_log()
    performance(sandbox, first.state, lookback_window=1000)
    assert asked_days(sandbox)[0] == START


@pytest.mark.parametrize("workers", [1, 4])
def test_two_runs_over_disjoint_accounts_are_one_run_over_both(
    sandbox: Sandbox, world: World, workers: int
) -> None:
    """Records and state are the same, whether accounts share a run or not."""
    first, *others = (account["id"] for account in world.accounts)
    together = performance(sandbox, max_workers=workers)
    alone = performance(sandbox, account_ids=[first], max_workers=workers)
    rest = performance(sandbox, account_ids=others, max_workers=workers)
    assert rows(alone, rest) == rows(together)
    assert alone.bookmarks(STREAM) | rest.bookmarks(STREAM) == together.bookmarks(STREAM)
    both = performance(sandbox, alone.state, account_ids=others, max_workers=workers)
    assert both.bookmarks(STREAM) == together.bookmarks(STREAM)


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "found"])
def test_a_role_taken_away_keeps_the_bookmark(
    serve: Callable[..., Sandbox],
    listed: bool,  # noqa: FBT001
) -> None:
    """The account keeps its bookmark and is filled in when the role is back; others go on."""
    world = worlds.small(today=TODAY)
    sandbox, ids = serve(world), [account["id"] for account in world.accounts]
    settings: Json = {"account_ids": ids} if listed else {}
    earlier = performance(sandbox, end_date="2026-09-15", **settings)
    world.revoke_access(ids[0])
    without = performance(sandbox, earlier.state, **settings)
    assert without.status == (1 if listed else 0)
    (incident,) = without.summary["incidents"]
    assert incident["account_id"] == ids[0]
    assert incident["status"] == ("failed" if listed else "warning")
    assert without.bookmarks(STREAM)[ids[0]] == "2026-09-15"
    assert without.bookmarks(STREAM)[ids[1]] == TODAY.isoformat()
    assert days(without, ids[0]) == set()
    world.grant_access(ids[0])
    back = performance(sandbox, without.state, **settings)
    assert back.status == 0
    assert_equal(rows(earlier, without, back), ad_performance(world, START, columns=COLUMNS))


def test_a_listed_account_may_be_let_go(sandbox: Sandbox, world: World) -> None:
    """With on_account_error warn, a listed account out of reach is a warning."""
    world.revoke_access(world.accounts[0]["id"])
    ids = [account["id"] for account in world.accounts]
    output = performance(sandbox, account_ids=ids, on_account_error="warn")
    assert output.status == 0
    assert [incident["status"] for incident in output.summary["incidents"]] == ["warning"]


def test_no_report_is_asked_for_an_account_out_of_reach(sandbox: Sandbox, world: World) -> None:
    """LinkedIn would answer with no rows, which must not be taken for emptiness."""
    gone = world.accounts[0]["id"]
    world.revoke_access(gone)
    performance(sandbox, account_ids=[account["id"] for account in world.accounts])
    named = [e.params["accounts"] for e in sandbox.log if e.resource == "adAnalytics"]
    assert named
    assert all(f"urn:li:sponsoredAccount:{gone}" not in accounts for accounts in named)


def test_state_of_other_streams_is_kept(sandbox: Sandbox) -> None:
    """A run of one stream leaves the bookmarks of others as they are."""
    other = {"partitions": [{"context": {"account_id": 1}, "replication_key_value": "2026-01-01"}]}
    output = performance(sandbox, {"bookmarks": {"campaigns": other}})
    assert output.state["bookmarks"]["campaigns"] == other


def test_full_table_reads_from_start_date(sandbox: Sandbox, world: World) -> None:
    """A catalog that says FULL_TABLE gets all days again."""
    first = performance(sandbox)
    catalog = singer.catalog({STREAM: COLUMNS}, full_table=[STREAM])
    config = singer.config(sandbox, start_date=START.isoformat())
    again = singer.sync(config, catalog=catalog, state=first.state)
    assert_equal(rows(again), ad_performance(world, START, columns=COLUMNS))


def test_a_default_start_is_twelve_months_ago(sandbox: Sandbox) -> None:
    """Without start_date and bookmark, a year is read."""
    config = singer.config(sandbox)
    singer.sync(config, catalog=CATALOG)
    assert asked_days(sandbox)[0] == dt.date(2025, 11, 22)


def _set_ahead(state: Json) -> dict[str, list[int]]:
    """Set every bookmark of a state into the future; give the owners of each stream."""
    owners: dict[str, list[int]] = {}
    for stream, part in state["bookmarks"].items():
        for entry in part.get("partitions", ()):
            value = entry["replication_key_value"]
            entry["replication_key_value"] = "2031-05-05" + value[10:]
            owners.setdefault(stream, []).append(*entry["context"].values())
    return owners


CHILDREN = {"post_reactions"}
"""Their parent keeps the bookmark."""


@pytest.mark.slow
def test_a_bookmark_in_the_future_is_today_and_warned_of(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Every stream that keeps bookmarks reads as from today's, says so once, and moves nothing."""
    settings: Json = {"start_date": "2026-11-12", **singer.PERSONAL}
    streams = singer.every_stream(**singer.PERSONAL)
    catalog = singer.catalog(streams, **singer.PERSONAL)
    config = singer.config(sandbox, **settings, lookback_window=7)
    first = singer.sync(config, catalog=catalog)
    usual = singer.sync(config, catalog=catalog, state=first.state)
    owners = _set_ahead(state := first.state)
    keys = {
        entry["tap_stream_id"]: entry["replication_key"]
        for entry in catalog["streams"]
        if entry.get("replication_key")
    }
    assert owners.keys() == keys.keys() - CHILDREN
    since = (TODAY - dt.timedelta(days=7)).isoformat()
    caplog.clear()
    ahead = singer.sync(config, catalog=catalog, state=state)
    assert ahead.status == usual.status
    for stream in streams:
        rows = {repr(row) for row in ahead.records(stream)}
        for row in usual.records(stream):
            is_recent = stream not in keys or (row[keys[stream]] or since) >= since
            assert not is_recent or repr(row) in rows, stream
        warned = [r.getMessage() for r in caplog.records if "in the future" in r.getMessage()]
        named = [text for text in warned if text.startswith(f"{stream}: ")]
        kinds = 2 if stream == "lead_form_responses" else 1
        assert len(named) == (kinds if stream in owners else 0), stream
        assert all("2031-05-05" in text and "set it back in the state" in text for text in named)
        assert all(any(str(owner) in text for owner in owners[stream]) for text in named)
    for stream, part in ahead.state["bookmarks"].items():
        values = [entry["replication_key_value"] for entry in part.get("partitions", ())]
        assert all(value.startswith("2031-05-05") for value in values), stream

"""A loader drops what a run did not give: ACTIVATE_VERSION is sent behind whole reads only."""

from __future__ import annotations

import logging
import os
import re
import signal
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.pages.build import SHOWCASE, posts_of_ads
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Entry, Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Json, Output

START = "2026-11-19"
DAYS = "metric_date"


def documented() -> dict[str, str]:
    """Return what docs/state.md says of each stream."""
    page = (singer.ROOT / "docs" / "state.md").read_text()
    rows = re.findall(r"^\| (`.+`.*) \| (always|as a full table|never)[ ,|]", page, re.MULTILINE)
    return {name: when for names, when in rows for name in re.findall(r"`(\w+)`", names)}


SNAPSHOTS = sorted(name for name, when in documented().items() if when != "never")
CHILDREN = {
    "conversion_associated_campaigns": "conversions",
    **{name: "posts" for name in SNAPSHOTS if name.startswith("post_")},
}


@pytest.fixture(scope="module")
def sandbox(serve_module: Serve) -> Sandbox:
    """Serve the small world."""
    return serve_module(small())


def small() -> World:
    """Return the small world with posts behind ads that the member may read."""
    world = worlds.small(today=TODAY)
    posts_of_ads(world, SHOWCASE)
    return world


def read(
    sandbox: Sandbox,
    *streams: str,
    full_table: bool = True,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read whole streams, one request at a time."""
    personal = {**singer.PERSONAL}
    catalog = singer.catalog(
        dict.fromkeys(streams), full_table=streams if full_table else (), **personal
    )
    config = singer.config(
        sandbox,
        start_date=START,
        max_workers=1,
        emit_activate_version_messages=True,
        **personal,
        **settings,
    )
    return singer.sync(config, catalog=catalog, state=state)


def activated(output: Output) -> list[str]:
    """Return the streams of which older rows are gone."""
    return [message["stream"] for message in output.of_type("ACTIVATE_VERSION")]


def keys(output: Output, stream: str) -> set[tuple[t.Any, ...]]:
    """Return the primary keys of a stream's records."""
    schema = next(m for m in output.of_type("SCHEMA") if m["stream"] == stream)
    return {tuple(r[c] for c in schema["key_properties"]) for r in output.records(stream)}


@pytest.mark.slow
@pytest.mark.parametrize("full_table", [True, False])
def test_every_stream_does_what_its_page_says(sandbox: Sandbox, *, full_table: bool) -> None:
    """Behind its last record, with the version that they have; others have no version at all."""
    streams = list(singer.every_stream(**singer.PERSONAL))
    output = read(sandbox, *streams, full_table=full_table)
    assert output.status == 0
    said = documented()
    reports = {s for s in streams if s.startswith("ad_analytics_by_")}
    assert set(said) == set(streams) - reports
    at = {"always", "as a full table"} if full_table else {"always"}
    assert sorted(activated(output)) == sorted(s for s in said if said[s] in at)
    versions = {m["stream"]: m["version"] for m in output.of_type("ACTIVATE_VERSION")}
    seen: set[str] = set()
    for message in output.messages:
        if message["type"] == "ACTIVATE_VERSION":
            seen.add(message["stream"])
        elif message["type"] == "RECORD":
            assert message["stream"] not in seen
            assert message.get("version") == versions.get(message["stream"])


def test_without_the_setting_nothing_has_a_version(sandbox: Sandbox) -> None:
    """As before: no version, and no entry in the state of a full table."""
    output = read(sandbox, "ad_segments")
    assert activated(output) == ["ad_segments"]
    config = singer.config(sandbox, start_date=START)
    plain = singer.sync(config, catalog=singer.catalog({"ad_segments": None}))
    assert not activated(plain)
    assert not [m for m in plain.of_type("RECORD") if "version" in m]
    assert "partitions" not in plain.state.get("bookmarks", {}).get("ad_segments", {})


def test_no_stream_with_days_in_its_key_is_ever_activated(sandbox: Sandbox) -> None:
    """The rows of earlier days would be taken for gone."""
    output = read(sandbox, "posts", "post_hashtags", keep_posts_history=True)
    assert output.records("posts")
    assert not activated(output)
    for stream, key in singer.primary_keys().items():
        if DAYS in key:
            assert documented().get(stream, "never") == "never"


def test_settled_entities_are_given_again(sandbox: Sandbox) -> None:
    """What an incremental run would leave out would be taken for gone."""
    first = read(sandbox, "campaigns", full_table=False, lookback_window=0)
    again = read(sandbox, "campaigns", full_table=False, lookback_window=0, state=first.state)
    assert keys(again, "campaigns") == keys(first, "campaigns")
    assert activated(again) == ["campaigns"]


Spoil = t.Callable[["Sandbox", "Callable[[Entry], bool]"], object]
FAULTS: dict[str, Spoil] = {
    "refused": lambda s, nth: s.faults.add("status", status=403, where=nth, times=None),
    "quota": lambda s, nth: s.faults.add("throttle", unit="DAY", where=nth, times=None),
    "signal": lambda s, nth: s.faults.add(
        "status", status=500, where=lambda e: nth(e) and bool(os.kill(os.getpid(), signal.SIGTERM))
    ),
}


@pytest.mark.slow
@pytest.mark.refused("media_forbidden")  # where a batch of media is refused, they are tried alone
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stream", [s for s in SNAPSHOTS if s not in CHILDREN])
def test_nothing_is_activated_behind_a_partial_read(serve: Serve, stream: str, fault: str) -> None:
    """Whichever request is refused: what is activated is as whole as an undisturbed run."""
    sandbox = serve(small())
    streams = [stream, *(child for child, parent in CHILDREN.items() if parent == stream)]
    whole = read(sandbox, *streams)
    assert sorted(activated(whole)) == sorted(streams)
    requests, incomplete = len(sandbox.log), 0
    for number in {*range(1, requests, 1 + requests // 6), requests}:
        sandbox.reset_log()
        sandbox.faults.clear()
        FAULTS[fault](sandbox, lambda _, number=number: len(sandbox.log) == number)
        output = read(sandbox, *streams)
        for name in streams:
            if name in activated(output):
                assert keys(output, name) == keys(whole, name), number
            else:
                incomplete += 1
    assert incomplete
    sandbox.faults.clear()


ACCOUNT, PAGE = 512340001, 9087651
LIMITS: list[tuple[str, Json]] = [
    ("ad_segments", {"account_ids": [ACCOUNT]}),
    ("ad_segments", {"exclude_account_ids": [ACCOUNT]}),
    ("lead_forms", {"organization_ids": [PAGE]}),
    ("organizations", {"organization_ids": [PAGE]}),
    ("ad_segments", {"stream_maps": {"ad_segments": {"__filter__": "account_id == 1"}}}),
    ("ad_segments", {"stream_maps": {"ad_seg*": {"__filter__": "account_id == 1"}}}),
    (
        "ad_segments",
        {"stream_maps": {"mine": {"__source__": "ad_segments", "__filter__": "account_id == 1"}}},
    ),
]


@pytest.mark.parametrize(("stream", "settings"), LIMITS)
def test_a_run_over_some_owners_drops_nobody_elses_rows(
    sandbox: Sandbox, stream: str, settings: Json, caplog: pytest.LogCaptureFixture
) -> None:
    """Two runs may fill one table: neither may take the other's rows for gone."""
    caplog.set_level(logging.INFO)
    output = read(sandbox, stream, **settings)
    assert output.status == 0
    assert not activated(output)
    assert f"{stream}: rows that LinkedIn no longer gives stay" in caplog.text
    assert not [m for m in output.of_type("RECORD") if m.get("version") is not None]


@pytest.mark.parametrize(
    ("stream", "owner"),
    [("ad_segments", {"account_id": 1}), ("organizations", {"organization_id": 1})],
)
def test_an_owner_out_of_reach_is_not_gone(
    sandbox: Sandbox, stream: str, owner: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    """A role may come back: until then, or until the state forgets the owner, rows stay."""
    caplog.set_level(logging.INFO)
    state = {"bookmarks": {"campaigns": {"partitions": [{"context": owner}]}}}
    output = read(sandbox, stream, state=state)
    assert not activated(output)
    assert "out of reach (1)" in caplog.text


def test_owners_are_remembered_where_there_is_no_bookmark(sandbox: Sandbox) -> None:
    """A full table has no bookmarks, and yet a lost ad account must not lose its rows."""
    first = read(sandbox, "ad_segments")
    assert activated(first) == ["ad_segments"]
    sandbox.world.revoke_access(ACCOUNT)
    second = read(sandbox, "ad_segments", state=first.state)
    sandbox.world.grant_access(ACCOUNT)
    assert not activated(second)
    third = read(sandbox, "ad_segments", state=second.state)
    assert activated(third) == ["ad_segments"]


def test_a_page_whose_role_is_too_little_now_is_not_gone(serve: Serve) -> None:
    """A content administrator reads posts: the role is taken away, and another one is left."""
    sandbox = serve(worlds.small(today=TODAY))
    first = read(sandbox, "posts")
    assert activated(first) == ["posts"]
    sandbox.world.pages.revoke(PAGE)
    sandbox.world.pages.grant(PAGE, "ANALYST")
    second = read(sandbox, "posts", state=first.state)
    assert second.records("posts")
    assert not activated(second)


def test_a_renamed_stream_is_activated_by_its_new_name(sandbox: Sandbox) -> None:
    """The loader knows the stream by the name that the map gives it."""
    maps = {"ad_segments": {"__alias__": "audiences"}}
    assert activated(read(sandbox, "ad_segments", stream_maps=maps)) == ["audiences"]

"""Audience segments, and why LinkedIn may not give them."""

from __future__ import annotations

import typing as t

import pytest

from sandbox.world.ads import build
from sandbox.world.ads import truth as assets
from tests import singer
from tests.singer import by_key
from tests.test_sync_conversions import instant

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Output

STREAMS = ("ad_segments", "dmp_segments")


def sync(
    sandbox: Sandbox,
    *streams: str,
    state: singer.Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read segments."""
    catalog = singer.catalog(dict.fromkeys(streams or STREAMS))
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def test_ad_segments(sandbox: Sandbox, world: World) -> None:
    """Every segment that campaigns can target."""
    output = sync(sandbox)
    assert output.status == 0
    assert by_key(output.records("ad_segments"), "id") == {
        (wire["id"],): {
            "id": wire["id"],
            "account_id": account,
            "account_urn": wire["account"],
            "name": wire["name"],
            "description": wire.get("description"),
            "type": wire["type"],
            "status": wire["status"],
            "approximate_member_count": wire.get("approximateMemberCount"),
            "version_tag": wire["versionTag"],
            "created_time": instant(wire["created"]["time"]),
            "created_by_urn": wire["created"]["actor"],
            "last_modified_time": instant(wire["lastModified"]["time"]),
            "last_modified_by_urn": wire["lastModified"]["actor"],
        }
        for account in world.roles
        for wire in assets.segments(world, account)
    }


def test_dmp_segments(sandbox: Sandbox, world: World) -> None:
    """Every list that was brought to LinkedIn, with its destinations as LinkedIn sends them."""
    assert by_key(sync(sandbox).records("dmp_segments"), "id") == {
        (wire["id"],): {
            "id": wire["id"],
            "account_id": account,
            "account_urn": wire["account"],
            "name": wire["name"],
            "type": wire["type"],
            "source_platform": wire["sourcePlatform"],
            "access_policy": wire["accessPolicy"],
            "input_count": wire["inputCount"],
            "destinations": wire["destinations"],
            "created_time": instant(wire["created"]),
            "last_modified_time": instant(wire["lastModified"]),
        }
        for account in world.roles
        for wire in assets.segments(world, account, "dmpSegments")
    }


def test_the_next_run_reads_everything_again(sandbox: Sandbox) -> None:
    """They are full tables."""
    first = sync(sandbox)
    second = sync(sandbox, state=first.state)
    for stream in STREAMS:
        assert second.records(stream) == first.records(stream)


@pytest.mark.refused("scope_missing")
def test_dmp_segments_need_a_scope_of_their_own(sandbox: Sandbox) -> None:
    """One clear message names it; the other segments are read."""
    token = sandbox.oauth.issue(("r_ads",))
    output = sync(sandbox, access_token=token)
    assert output.status == 1
    assert output.records("ad_segments")
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == ("dmp_segments", None)
    assert "lacks the scope rw_dmp_segments" in incident["reason"]


@pytest.mark.refused("segment_limit")
def test_an_account_with_too_many_segments_fails_alone(sandbox: Sandbox, world: World) -> None:
    """The message says what the limit is; it is no quota, so nothing waits and nothing repeats."""
    large, *others = sorted(world.roles)
    for place in range(1001):
        build.add_dmp_segment(world, large, 90_000_000 + place)
    output = sync(sandbox, "dmp_segments")
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == large
    assert "an ad account that has more than its limit" in incident["reason"]
    assert "quota" not in incident["reason"]
    assert {r["account_id"] for r in output.records("dmp_segments")} == {others[0]}
    assert len([e for e in sandbox.log if e.resource == "dmpSegments"]) == 3

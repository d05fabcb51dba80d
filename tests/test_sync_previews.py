"""How ads look: addresses of frames, of the creatives that served or changed."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from sandbox.world.ads import truth as assets
from sandbox.world.ads import wire
from sandbox.world.world import urn_id
from tap_linkedin_ads.streams.ads.previews import frame_address, placement_of
from tests import singer
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Json, Output

STREAM = "ad_previews"
KEY = ("creative_id", "placement")
NOW = dt.datetime.combine(TODAY, dt.time(12), dt.timezone.utc)
START = NOW.replace(hour=0) - dt.timedelta(days=20)


def sync(
    sandbox: Sandbox,
    *more: str,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read previews."""
    catalog = singer.catalog(dict.fromkeys((STREAM, *more)))
    config = singer.config(sandbox, **{"start_date": START.date().isoformat(), **settings})
    return singer.sync(config, catalog=catalog, state=state)


def wanted(world: World, since: dt.datetime) -> set[int]:
    """Return the creatives that were modified since an instant, or had impressions from its day."""
    after = since.timestamp() * 1000
    changed = {urn_id(row["id"]) for row in world.creatives if row["lastModifiedAt"] >= after}
    rows = world.truth(("CREATIVE",), since.date(), TODAY, ["impressions"], granularity="ALL")
    return changed | {urn_id(creative) for _, _, (creative,), _ in rows}


def expected(world: World, creatives: set[int]) -> dict[tuple[t.Any, ...], Json]:
    """Return the rows of creatives, by key."""
    rows = [row for account in world.roles for row in assets.previews(world, account)]
    accounts = {row["id"]: row["account"] for row in world.creatives}
    found = [
        {
            "account_id": urn_id(accounts[row["creative"]]),
            "account_urn": accounts[row["creative"]],
            "creative_id": urn_id(row["creative"]),
            "creative_urn": row["creative"],
            "placement": placement,
            "frame_url": wire.preview_address(row["creative"], placement, world.now),
            "read_at": "2026-11-22T12:00:00.000+00:00",
            "expires_at": "2026-11-22T15:00:00.000+00:00",
        }
        for row in rows
        if urn_id(row["creative"]) in creatives
        for placement in (row["placement"]["linkedin"]["contentPresentationType"],)
    ]
    return by_key(found, *KEY)


def asked(sandbox: Sandbox) -> list[int]:
    """Return the creatives that were asked about, one a request."""
    return [urn_id(e.params["creative"]) for e in sandbox.log if e.resource == "adPreviews"]


def test_previews_of_creatives_that_served_or_changed(sandbox: Sandbox, world: World) -> None:
    """Each such creative has a row for every placement, and the others are not asked about."""
    output = sync(sandbox)
    creatives = wanted(world, START)
    assert 0 < len(creatives) < len(world.creatives)
    assert output.status == 0, output.stderr
    assert by_key(output.records(STREAM), *KEY) == expected(world, creatives)
    assert sorted(asked(sandbox)) == sorted(creatives)
    reports = [entry for entry in sandbox.log if entry.resource == "adAnalytics"]
    assert len(reports) == len(world.roles)


def test_the_next_run_asks_about_what_served_or_changed_since(
    sandbox: Sandbox, world: World
) -> None:
    """A creative that has stopped and is as it was is not asked about again."""
    first = sync(sandbox, lookback_window=2)
    stopped = [
        number
        for number, delivery in world.deliveries.items()
        if delivery.last and delivery.last < (TODAY - dt.timedelta(days=3)).toordinal()
    ]
    world.change("creatives", stopped[0], lastModified=world.now, name="Once more")
    sandbox.reset_log()
    second = sync(sandbox, state=first.state, lookback_window=2)
    creatives = wanted(world, NOW - dt.timedelta(days=2))
    assert stopped[0] in creatives
    assert len(creatives) < len(wanted(world, START))
    assert by_key(second.records(STREAM), *KEY) == expected(world, creatives)
    assert sorted(asked(sandbox)) == sorted(creatives)


def test_previews_beside_creatives_read_the_creatives_once(sandbox: Sandbox) -> None:
    """What creatives there are is known from the stream that reads them anyway."""
    sync(sandbox, "creatives")
    alone = len([entry for entry in sandbox.log if entry.resource == "creatives"])
    sandbox.reset_log()
    sync(sandbox)
    assert len([entry for entry in sandbox.log if entry.resource == "creatives"]) == alone


@pytest.mark.parametrize("refused", [1, 3])
def test_refused_previews_cost_themselves(sandbox: Sandbox, world: World, refused: int) -> None:
    """The others of the ad account are there; the first is named, and the bookmark stays."""
    creatives = sorted(wanted(world, START))[:refused]
    sandbox.faults.add(
        "status",
        status=403,
        body={"status": 403, "code": "X"},
        times=None,
        where=lambda e: e.resource == "adPreviews" and urn_id(e.params["creative"]) in creatives,
    )
    output = sync(sandbox)
    assert output.status == 1
    rest = wanted(world, START) - set(creatives)
    assert by_key(output.records(STREAM), *KEY) == expected(world, rest)
    incidents = output.summary["incidents"]
    assert incidents[0]["reason"].startswith(f"urn:li:sponsoredCreative:{creatives[0]}: ")
    assert len(incidents) == min(refused, 2)
    if refused > 1:
        assert incidents[1]["reason"].startswith("2 more of these requests: ")
    assert incidents[0]["account_id"] not in output.bookmarks(STREAM)
    assert output.bookmarks(STREAM)


def test_creatives_that_changed_are_shown_where_reports_are_refused(
    sandbox: Sandbox, world: World
) -> None:
    """Which creatives served is not known then, and that is said."""
    sandbox.faults.add("status", status=403, times=None, path="/rest/adAnalytics")
    world.change("creatives", min(wanted(world, START)), lastModified=world.now)
    output = sync(sandbox)
    changed = {
        urn_id(row["id"])
        for row in world.creatives
        if row["lastModifiedAt"] >= START.timestamp() * 1000
    }
    assert by_key(output.records(STREAM), *KEY) == expected(world, changed)
    assert output.status == 1
    assert all(
        i["reason"].startswith("creatives that served: ") for i in output.summary["incidents"]
    )
    assert not output.bookmarks(STREAM)


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<iframe src='https://a.example/?b=1&amp;c=2'></iframe>", "https://a.example/?b=1&c=2"),
        ('<IFRAME width="5" SRC="https://a.example/x"/>', "https://a.example/x"),
        ("<div><iframe src=https://a.example></iframe></div>", "https://a.example"),
        ("<img src='https://a.example'>", None),
        ("<iframe></iframe>", None),
        ("", None),
    ],
)
def test_frame_address(html: str, address: str | None) -> None:
    """The address is read as a browser reads it, whatever its quotes."""
    assert frame_address(html) == address


@pytest.mark.parametrize(
    ("value", "placement"),
    [
        ({"linkedin": {"contentPresentationType": "DESKTOP_WEBSITE"}}, "DESKTOP_WEBSITE"),
        ({"audienceNetwork": {"contentPresentationType": "BANNER"}}, "audienceNetwork BANNER"),
        ({"audienceNetwork": {}}, "audienceNetwork"),
        ("DESKTOP_WEBSITE", "DESKTOP_WEBSITE"),
        ({"linkedin": {}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_placement(value: object, placement: str | None) -> None:
    """LinkedIn's own placements go by their name, others have their network's in front."""
    assert placement_of(value) == placement

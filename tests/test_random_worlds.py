"""Random worlds, selections and settings: what comes out is what the world holds."""

from __future__ import annotations

import datetime as dt
import os
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import METRICS, Builder, Sandbox, World
from sandbox.world.ads.build import plain_assets
from sandbox.world.builder import FAMILIES
from sandbox.world.metrics import absent_metrics
from sandbox.world.pivots import MEMBER_PIVOTS, STATISTICS_PIVOTS
from tests import report_truth, singer, truth
from tests.singer import TODAY, Json, by_key

EXAMPLES = int(os.environ.get("RANDOM_WORLDS", "12"))
ENTITIES = ("ad_accounts", "campaign_groups", "campaigns", "creatives")
TABLES = {"ad_accounts": "accounts"}

shapes = st.lists(  # ad accounts, campaigns and creatives
    st.lists(st.lists(st.sampled_from(sorted(FAMILIES)), max_size=3), max_size=3),
    min_size=1,
    max_size=4,
)
columns = st.lists(st.sampled_from(sorted(truth.COLUMNS)), min_size=1, max_size=45, unique=True)
runs = st.fixed_dictionaries(
    {
        "ends": st.tuples(st.integers(0, 100), st.integers(0, 100)),
        "max_workers": st.integers(1, 6),
        "date_window_size": st.none() | st.integers(1, 92),
        "lookback_window": st.integers(0, 40),
        "metric_values_limit": st.sampled_from([1, 500, 45_000_000]),
    }
)

whole_runs = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.reuse, Phase.generate],  # making an example smaller takes many minutes
)

free_pivots = st.lists(
    st.sampled_from(sorted(STATISTICS_PIVOTS - {"ACCOUNT"})), min_size=1, max_size=3, unique=True
)
member_pivots = st.sampled_from(sorted(MEMBER_PIVOTS)).map(lambda pivot: [pivot])


@st.composite
def reports(draw: st.DrawFn) -> Json:
    """Draw a custom report that LinkedIn allows."""
    pivots = draw(st.one_of(free_pivots, free_pivots, member_pivots))
    there = sorted(METRICS.keys() - absent_metrics(tuple(pivots), days=31))
    if pivots[0] in MEMBER_PIVOTS:
        # The sandbox's ratios go by the days asked for, and the last one is not there yet.
        there = [name for name in there if METRICS[name].additive]
    metrics = draw(st.lists(st.sampled_from(there), min_size=1, max_size=40, unique=True))
    granularity = draw(st.sampled_from(["DAILY", "DAILY", "MONTHLY"]))
    return {"pivots": pivots, "metrics": metrics, "time_granularity": granularity}


def world_of(shape: list[list[list[str]]], seed: int, days: int) -> World:
    """Build a world of this shape."""
    world = World(seed, TODAY)
    build = Builder(world, days)
    for place, campaigns in enumerate(shape):
        account = build.account(f"Account {place}", ("EUR", "USD", "JPY")[place % 3])
        group = build.group(account, "Group")
        for number, creatives in enumerate(campaigns):
            campaign = build.campaign(group, f"Campaign {number}")
            for kind in creatives:
                build.creative(campaign, kind, tier=number % 4)
    plain_assets(world)
    return world


def catalog(selection: dict[str, t.Any]) -> Json:
    """Return a catalog with these streams and no others."""
    found = singer.catalog(selection)
    found["streams"] = [s for s in found["streams"] if s["tap_stream_id"] in selection]
    return found


@pytest.mark.slow
@whole_runs
@given(
    shape=shapes,
    seed=st.integers(0, 2**16),
    days=st.integers(3, 120),
    chosen=columns,
    settings_of=runs,
)
def test_output_equals_truth(
    shape: list[list[list[str]]], seed: int, days: int, chosen: list[str], settings_of: Json
) -> None:
    """Two runs, the second from the state of the first, give exactly the world's rows."""
    world = world_of(shape, seed, days)
    until, back = sorted(settings_of.pop("ends"))
    start, middle = TODAY - dt.timedelta(days=back), TODAY - dt.timedelta(days=until)
    selection = {**dict.fromkeys(ENTITIES), "ad_performance": chosen}
    given_settings = {k: v for k, v in settings_of.items() if v is not None}
    with Sandbox(world) as sandbox:
        config = singer.config(sandbox, start_date=start.isoformat(), **given_settings)
        first = singer.sync({**config, "end_date": middle.isoformat()}, catalog=catalog(selection))
        second = singer.sync(config, catalog=catalog(selection), state=first.state)
        assert not sandbox.refusals
    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    found = by_key(first.records("ad_performance"), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, start, middle, columns=chosen))
    found |= by_key(second.records("ad_performance"), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, start, TODAY, columns=chosen))
    for stream in ENTITIES:
        rows = getattr(world, TABLES.get(stream, stream))
        expected = {int(str(row["id"]).rpartition(":")[2]) for row in rows}
        assert {record["id"] for record in first.records(stream)} == expected
    marks = second.bookmarks("ad_performance")
    assert marks == {account["id"]: TODAY.isoformat() for account in world.accounts}


@pytest.mark.slow
@whole_runs
@given(
    shape=shapes,
    seed=st.integers(0, 2**16),
    days=st.integers(3, 120),
    wanted=st.lists(reports(), min_size=1, max_size=3),
    settings_of=runs,
)
def test_any_report_equals_truth(
    shape: list[list[list[str]]], seed: int, days: int, wanted: list[Json], settings_of: Json
) -> None:
    """Custom reports of any pivots, metrics and granularity hold LinkedIn's rows, also in parts."""
    world = world_of(shape, seed, days)
    until, back = sorted(settings_of.pop("ends"))
    start = TODAY - dt.timedelta(days=back + 28)
    middle = max(TODAY - dt.timedelta(days=until), start + dt.timedelta(days=28))
    entries = [{"name": f"report_{place}", **entry} for place, entry in enumerate(wanted)]
    given_settings = {k: v for k, v in settings_of.items() if v is not None}
    found = singer.catalog(dict.fromkeys(e["name"] for e in entries), reports=entries)
    with Sandbox(world) as sandbox:
        config = singer.config(
            sandbox, start_date=start.isoformat(), reports=entries, **given_settings
        )
        first = singer.sync({**config, "end_date": middle.isoformat()}, catalog=found)
        second = singer.sync(config, catalog=found, state=first.state)
        assert not sandbox.refusals
    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    for entry in entries:
        columns = tuple(truth.snake(name) for name in entry["metrics"])
        is_late = not MEMBER_PIVOTS.isdisjoint(entry["pivots"])
        monthly = entry["time_granularity"] == "MONTHLY"
        pivots = entry["pivots"]
        if not is_late and len(pivots) < 3:
            pivots = ["ACCOUNT", *pivots]  # as the tap asks, which ratios and reach depend on
        rows = report_truth.records(first, entry["name"], pivots)
        rows |= report_truth.records(second, entry["name"], pivots)
        expected = report_truth.rows(
            world,
            pivots,
            columns,
            start.replace(day=1) if monthly else start,
            TODAY - dt.timedelta(days=1) if is_late else TODAY,
            granularity=entry["time_granularity"],
        )
        truth.assert_equal(rows, expected)

"""Daily ad reports by account, group, campaign, creative, conversion and device."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.metrics import METRICS, absent_metrics
from tests import report_truth, singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Output

START = dt.date(2026, 9, 28)
PIVOTS = {
    "ad_analytics_by_account": ("ACCOUNT",),
    "ad_analytics_by_campaign_group": ("ACCOUNT", "CAMPAIGN_GROUP"),
    "ad_analytics_by_campaign": ("ACCOUNT", "CAMPAIGN"),
    "ad_analytics_by_creative": ("ACCOUNT", "CREATIVE"),
    "ad_analytics_by_conversion": ("ACCOUNT", "CONVERSION"),
    **{
        f"ad_analytics_by_{pivot.lower()}": ("ACCOUNT", pivot)
        for pivot in (
            "IMPRESSION_DEVICE_TYPE",
            "PLACEMENT_NAME",
            "SERVING_LOCATION",
            "CARD_INDEX",
            "CONVERSATION_NODE",
            "OBJECTIVE_TYPE",
            "EVENT_STAGE",
        )
    },
}
STREAMS = list(PIVOTS)
FEW = ("impressions", "likes")


class Run(t.NamedTuple):
    """A run, and the sandbox that it read."""

    sandbox: Sandbox
    world: World
    output: Output


@pytest.fixture(scope="module")
def run(serve_module: Serve) -> Run:
    """Read all of them with every column, once for all tests that look at them."""
    world = worlds.small(today=TODAY)
    sandbox = serve_module(world)
    output = singer.sync(
        singer.config(sandbox, start_date=START.isoformat()),
        catalog=singer.catalog(dict.fromkeys(STREAMS)),
    )
    assert output.status == 0
    return Run(sandbox, world, output)


@pytest.mark.parametrize("stream", STREAMS)
def test_rows_and_values(run: Run, stream: str) -> None:
    """Every row and every value is LinkedIn's, and the key is unique."""
    columns = report_truth.metric_columns(run.output, stream)
    found = report_truth.records(run.output, stream, PIVOTS[stream])
    truth.assert_equal(found, report_truth.rows(run.world, PIVOTS[stream], columns, START))
    by_key(run.output.records(stream), *singer.primary_keys()[stream])


@pytest.mark.parametrize("stream", STREAMS)
def test_metrics_are_those_of_the_pivot(run: Run, stream: str) -> None:
    """The schema lists the metrics that exist for the pivot, reach and penetration included."""
    absent = absent_metrics(PIVOTS[stream], 1)
    columns = report_truth.metric_columns(run.output, stream)
    assert {truth.COLUMNS[column] for column in columns} == METRICS.keys() - absent
    has_reach = stream != "ad_analytics_by_impression_device_type"
    assert ("audience_penetration" in columns) is has_reach
    assert ("approximate_member_reach" in columns) is has_reach
    if has_reach:
        values = {record["approximate_member_reach"] for record in run.output.records(stream)}
        assert values - {None, 0}


@pytest.mark.parametrize("stream", STREAMS)
def test_requests(run: Run, stream: str) -> None:
    """Ad accounts share requests; each names ACCOUNT beside the pivot and 20 fields at most."""
    asked = [
        e for e in report_truth.requests(run.sandbox) if e.params["pivots"] == [*PIVOTS[stream]]
    ]
    assert len({tuple(entry.params["accounts"]) for entry in asked}) == 1
    assert len(asked[0].params["accounts"]) == 3
    assert len(asked) == -(-len(report_truth.metric_columns(run.output, stream)) // 18)
    assert all(len(entry.params["fields"]) <= 20 for entry in asked)


def test_columns_beside_the_metrics(run: Run) -> None:
    """Rows carry the ad account, the currency, the pivot's number and URN, and when it was read."""
    currencies = {wire["id"]: wire["currency"] for wire in run.world.accounts}
    for stream in STREAMS:
        for record in run.output.records(stream):
            assert record["account_urn"] == f"urn:li:sponsoredAccount:{record['account_id']}"
            assert record["currency_code"] == currencies[record["account_id"]]
            assert record["read_at"].startswith("2026-11-22T12:00")
    for stream, name in (
        ("campaign_group", "sponsoredCampaignGroup"),
        ("creative", "sponsoredCreative"),
    ):
        for record in run.output.records(f"ad_analytics_by_{stream}"):
            assert record[f"{stream}_urn"] == f"urn:li:{name}:{record[f'{stream}_id']}"


def test_the_next_run_reads_the_lookback_again(sandbox: Sandbox, world: World) -> None:
    """From the bookmark's day less the look-back; rows replace themselves by key."""
    selection = {
        stream: (*FEW, *report_truth.value_columns(pivots)) for stream, pivots in PIVOTS.items()
    }
    catalog = singer.catalog({**selection})
    config = singer.config(sandbox, start_date="2026-10-01", lookback_window=5)
    first = singer.sync(config, catalog=catalog)
    accounts = sorted(world.roles)
    for stream in STREAMS:
        assert first.bookmarks(stream) == dict.fromkeys(accounts, TODAY.isoformat())
    sandbox.reset_log()
    second = singer.sync(config, catalog=catalog, state=first.state)
    again = TODAY - dt.timedelta(days=5)
    for stream in STREAMS:
        found = report_truth.records(second, stream, PIVOTS[stream])
        columns = [c for c in FEW if c in report_truth.metric_columns(second, stream)]
        truth.assert_equal(found, report_truth.rows(world, PIVOTS[stream], columns, again))
        assert second.bookmarks(stream) == first.bookmarks(stream)
    assert len(report_truth.requests(sandbox)) == len(STREAMS)

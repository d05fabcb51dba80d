"""attributed_revenue: ranges that end today, accounts with and without a CRM."""

from __future__ import annotations

import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from sandbox.answers.reports import revenue
from tests import report_truth, singer
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox, World
    from tests.singer import Output

KEY = ("account_id", "campaign_group_id", "campaign_id", "metric_date", "metric_end_date")


def sync(
    sandbox: Sandbox,
    state: singer.Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read attributed revenue."""
    catalog = singer.catalog({"attributed_revenue": None})
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def expected(world: World, days: tuple[int, ...]) -> dict[tuple[t.Any, ...], dict[str, t.Any]]:
    """Return what LinkedIn knows, by key."""
    found: dict[tuple[t.Any, ...], dict[str, t.Any]] = {}
    for account in world.crm_accounts:
        for length in days:
            start = TODAY - dt.timedelta(days=length - 1)
            report = revenue.RevenueReport(
                deliveries=[d for d in world.deliveries.values() if d.account == account],
                pivots=("CAMPAIGN_GROUP", "CAMPAIGN"),
                start=start,
                end=TODAY,
                below=None,
                names=("pivotValues", "revenueAttributionMetrics"),
            )
            for row in revenue.rows(world, report):
                group, campaign = (int(u.rpartition(":")[2]) for u in row["pivotValues"])
                key = (account, group, campaign, start.isoformat(), TODAY.isoformat())
                found[key] = row["revenueAttributionMetrics"]
    return found


@pytest.mark.parametrize("days", [(90, 365), (30, 366)], ids=["default", "shortest and longest"])
def test_every_range(sandbox: Sandbox, world: World, days: tuple[int, ...]) -> None:
    """One row for each campaign and range, each figure as LinkedIn has it; no CRM, no row."""
    output = sync(sandbox, attributed_revenue_days=list(days))
    assert output.status == 0
    found = by_key(output.records("attributed_revenue"), *KEY)
    rows = expected(world, days)
    assert found.keys() == rows.keys()
    assert found
    for key, figures in rows.items():
        record = found[key]
        assert record["account_urn"] == f"urn:li:sponsoredAccount:{key[0]}"
        assert record["campaign_group_urn"] == f"urn:li:sponsoredCampaignGroup:{key[1]}"
        assert record["campaign_urn"] == f"urn:li:sponsoredCampaign:{key[2]}"
        assert record["revenue_won_in_usd"] == Decimal(figures["revenueWonInUsd"])
        assert record["opportunity_amount_in_usd"] == Decimal(figures["opportunityAmountInUsd"])
        assert record["average_deal_size_in_usd"] == Decimal(figures["averageDealSizeInUsd"])
        assert record["closed_won_opportunities"] == figures["closedWonOpportunities"]
        assert record["open_opportunities"] == figures["openOpportunities"]
        for column, name in (
            ("return_on_ad_spend", "returnOnAdSpend"),
            ("opportunity_win_rate", "opportunityWinRate"),
            ("average_days_to_close", "averageDaysToClose"),
        ):
            assert record[column] == Decimal(repr(figures[name]))


def test_requests(sandbox: Sandbox, world: World) -> None:
    """One request for each ad account and range, accounts without a CRM included."""
    sync(sandbox)
    asked = report_truth.requests(sandbox)
    assert {entry.finder for entry in asked} == {"attributedRevenueMetrics"}
    assert len(asked) == 2 * len(world.roles)


def test_absent_figures_are_null(sandbox: Sandbox, world: World) -> None:
    """LinkedIn leaves out open opportunities where its day is a later one: null, not 0."""
    world.today = TODAY + dt.timedelta(days=1)
    output = sync(sandbox)
    assert output.status == 0
    for record in output.records("attributed_revenue"):
        assert record["open_opportunities"] is None
        assert record["opportunity_amount_in_usd"] is None
        assert record["revenue_won_in_usd"] is not None


def test_accounts_without_a_crm_give_nothing(sandbox: Sandbox, world: World) -> None:
    """No rows, no error."""
    world.crm_accounts.clear()
    output = sync(sandbox)
    assert output.status == 0
    assert output.records("attributed_revenue") == []
    assert output.summary["incidents"] == []


def test_the_next_run_reads_the_ranges_again(sandbox: Sandbox) -> None:
    """Ranges end today, whatever the bookmark says; it stands for the day of reading."""
    first = sync(sandbox)
    assert set(first.bookmarks("attributed_revenue").values()) == {TODAY.isoformat()}
    second = sync(sandbox, first.state)
    assert second.records("attributed_revenue") == first.records("attributed_revenue")


@pytest.mark.slow
@pytest.mark.parametrize("days", [29, 367])
def test_other_ranges_are_refused(days: int, tmp_path: Path) -> None:
    """LinkedIn allows 30 to 366 days: anything else is exit status 2 before any request."""
    config = {"access_token": "unused", "attributed_revenue_days": [days]}
    output = singer.run(singer.arguments(tmp_path, config))
    assert output.status == 2
    assert "attributed_revenue_days" in output.stderr
    assert "Traceback" not in output.stderr

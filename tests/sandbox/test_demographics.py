"""Demographic pivots against the truth, of an account and of a campaign."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world.pivots import MEMBER_PIVOTS
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, TODAY, Caller, range_text

if TYPE_CHECKING:
    from sandbox import World

CAMPAIGN = 360450001
METRICS = (
    "impressions",
    "clicks",
    "costInLocalCurrency",
    "likes",
    "videoViews",
    "oneClickLeads",
    "averageDwellTime",
)
FACETS: dict[str, tuple[str, dict[str, list[int]]]] = {
    "account": (f"accounts=List({ACCOUNT_URN})", {"accounts": [ACCOUNT]}),
    "campaign": (
        f"campaigns=List(urn%3Ali%3AsponsoredCampaign%3A{CAMPAIGN})",
        {"campaigns": [CAMPAIGN]},
    ),
}


def day(parts: dict[str, int]) -> dt.date:
    """Return a date of an answer."""
    return dt.date(parts["year"], parts["month"], parts["day"])


def served(caller: Caller, pivot: str, granularity: str, days: int, facet: str) -> dict[Any, Any]:
    """Return the figures of a report by first day and value."""
    span = range_text(TODAY - dt.timedelta(days=days), TODAY)
    rows = caller.report(
        f"pivot={pivot}&timeGranularity={granularity}&dateRange={span}&{facet}"
        f"&fields={','.join(METRICS)},dateRange,pivotValues",
        "analytics",
    ).elements
    return {
        (day(row["dateRange"]["start"]), *row["pivotValues"]): {n: row[n] for n in METRICS}
        for row in rows
    }


@pytest.mark.parametrize("level", FACETS)
@pytest.mark.parametrize(("granularity", "days"), [("DAILY", 4), ("MONTHLY", 60), ("ALL", 30)])
@pytest.mark.parametrize("pivot", sorted(MEMBER_PIVOTS))
@pytest.mark.slow
def test_demographics_are_the_truth(  # noqa: PLR0913, PLR0917 - a report has that many sides
    caller: Caller, world: World, pivot: str, granularity: str, days: int, level: str
) -> None:
    """Every value of every bucket, neither more nor less, the same on every call."""
    facet, question = FACETS[level]
    start = TODAY - dt.timedelta(days=days)
    rows = world.truth(
        (pivot,),
        start,
        TODAY,
        METRICS,
        question.get("accounts"),
        granularity,
        question.get("campaigns"),
    )
    expected = {(first, *values): figures for first, _, values, figures in rows}
    assert expected
    assert served(caller, pivot, granularity, days, facet) == expected


def test_accounts_have_at_least_what_their_campaigns_have(world: World) -> None:
    """A value of one campaign is a value of its account, with at least as many impressions."""
    start = TODAY - dt.timedelta(days=20)

    def impressions(**question: list[int]) -> dict[tuple[str, ...], Any]:
        rows = world.truth(
            ("MEMBER_COMPANY",),
            start,
            TODAY,
            ("impressions",),
            question.get("accounts"),
            "ALL",
            question.get("campaigns"),
        )
        return {values: figures["impressions"] for _, _, values, figures in rows}

    account, campaign = impressions(accounts=[ACCOUNT]), impressions(campaigns=[CAMPAIGN])
    assert campaign
    assert all(account[values] >= count for values, count in campaign.items())

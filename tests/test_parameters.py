"""The query of one report request."""

from __future__ import annotations

import datetime as dt

import pytest

from tap_linkedin_ads.api import restli
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS
from tap_linkedin_ads.reporting.parameters import parameters, pivots_of
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.windows import Window

FIRST, LAST = dt.date(2026, 9, 3), dt.date(2026, 10, 5)
WINDOW = Window(FIRST, LAST)
BY_CAMPAIGN = Report("mine", ("ACCOUNT", "CAMPAIGN"), granularity="MONTHLY")
BY_SENIORITY = Report("theirs", ("MEMBER_SENIORITY",))


def test_a_request_says_what_how_and_when() -> None:
    """Finder, pivots, granularity, days, ad accounts, and the key fields before the metrics."""
    chunk = Chunk(0, WINDOW, (7, 8))
    assert parameters(BY_CAMPAIGN, chunk, ("clicks", "shares")) == {
        "q": "statistics",
        "pivots": ("ACCOUNT", "CAMPAIGN"),
        "timeGranularity": "MONTHLY",
        "dateRange": {"start": FIRST, "end": LAST},
        "accounts": ["urn:li:sponsoredAccount:7", "urn:li:sponsoredAccount:8"],
        "fields": restli.Projection((*KEY_FIELDS, "clicks", "shares")),
    }


def test_campaigns_stand_alone() -> None:
    """They belong to one ad account, which is then not named."""
    found = parameters(BY_CAMPAIGN, Chunk(0, WINDOW, (7,), campaigns=(5, 6)), ())
    assert found["campaigns"] == ["urn:li:sponsoredCampaign:5", "urn:li:sponsoredCampaign:6"]
    assert "accounts" not in found


def test_members_traits_go_through_the_finder_that_has_them() -> None:
    """It takes one pivot."""
    found = parameters(BY_SENIORITY, Chunk(0, WINDOW, (7,)), ("clicks",))
    assert (found["q"], found["pivot"]) == ("analytics", "MEMBER_SENIORITY")
    assert "pivots" not in found


@pytest.mark.parametrize("report", [BY_CAMPAIGN, BY_SENIORITY])
def test_a_list_of_campaigns_has_campaigns_alone(report: Report) -> None:
    """Whatever the report's own pivots."""
    chunk = Chunk(0, WINDOW, (7,), lists_campaigns=True)
    assert pivots_of(report, chunk) == ("CAMPAIGN",)
    found = parameters(report, chunk, ())
    assert found.get("pivots", (found.get("pivot"),)) == ("CAMPAIGN",)


def test_the_users_own_facets_go_along() -> None:
    """With ad accounts and with campaigns; the report keeps its own."""
    report = Report("mine", ("CAMPAIGN",), facets={"objectives": ["LEAD_GENERATION"]})
    for chunk in (Chunk(0, WINDOW, (7,)), Chunk(0, WINDOW, (7,), campaigns=(5,))):
        assert parameters(report, chunk, ())["objectives"] == ["LEAD_GENERATION"]
    assert report.facets == {"objectives": ["LEAD_GENERATION"]}

"""The table of reports: one row a report stream.

LinkedIn's rules: LI-42, LI-43, LI-49, LI-54.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from tap_linkedin_ads.reporting.periods import DAILY

if t.TYPE_CHECKING:
    from collections.abc import Mapping

RETENTION_DAYS = 3650
"""LinkedIn keeps performance figures for ten years."""
DEMOGRAPHIC_RETENTION_DAYS = 730
"""LinkedIn keeps professional demographics for two years."""

CUSTOM = "custom_report"
"""The schema file of custom reports."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report stream.

    Attributes:
        name: The stream's name.
        pivots: What rows are grouped by, in the order of the request.
        row: What one row is, in words.
        schema: The file in ``schemas/`` that declares the columns beside pivots and metrics.
        by_default: Whether the stream is selected by default.
        granularity: DAILY, MONTHLY, YEARLY or ALL.
        one_campaign_each: Asked for each campaign alone, and rows carry the campaign.
        metrics: LinkedIn's names of the metrics; None offers all that exist for the pivots.
        facets: Further restrictions, as LinkedIn's parameters.
        lookback_days: Days before the bookmark that are read again; None takes the setting.
        account_is_apart: ACCOUNT is left out of the request, which asks for one ad account.
    """

    name: str
    pivots: tuple[str, ...]
    row: str = ""
    schema: str = "ad_analytics"
    by_default: bool = False
    granularity: str = DAILY
    one_campaign_each: bool = False
    metrics: tuple[str, ...] | None = None
    facets: Mapping[str, t.Any] = field(default_factory=dict)
    lookback_days: int | None = None
    account_is_apart: bool = False

    @property
    def is_demographic(self) -> bool:
        """Whether a member's traits are asked for, which one pivot a request allows."""
        return any(pivot.startswith("MEMBER_") for pivot in self.pivots)

    def by_trait(self, granularity: str, *, one_campaign_each: bool) -> Report:
        """Return a demographic report with the granularity and level that a user chose."""
        return replace(self, granularity=granularity, one_campaign_each=one_campaign_each)

    def with_account_apart(self) -> Report:
        """Return the report that asks for each ad account alone, where ACCOUNT has company."""
        has_company = "ACCOUNT" in self.pivots and len(self.pivots) > 1
        return replace(self, account_is_apart=has_company)

    @property
    def asked_pivots(self) -> tuple[str, ...]:
        """Return the pivots of the request; ``pivots`` are those of the rows."""
        if not self.account_is_apart:
            return self.pivots
        return tuple(pivot for pivot in self.pivots if pivot != "ACCOUNT")

    @property
    def finder(self) -> str:
        """Return the finder: only ``analytics`` has members' traits, of which it takes one."""
        return "analytics" if self.is_demographic else "statistics"

    @property
    def shares_accounts(self) -> bool:
        """Whether rows name their ad account, so that accounts can share a request."""
        return "ACCOUNT" in self.asked_pivots and not self.is_demographic

    @property
    def retention_days(self) -> int:
        """Return how many days back LinkedIn keeps the figures."""
        return DEMOGRAPHIC_RETENTION_DAYS if self.is_demographic else RETENTION_DAYS

    @property
    def variant(self) -> str:
        """Return what bookmarks stand for, where a setting can change it; else an empty text."""
        if self.schema == CUSTOM:
            return f"{self.granularity} by {', '.join(self.pivots)}"
        level = "campaign" if self.one_campaign_each else "account"
        return f"{self.granularity} by {level}" if self.is_demographic else ""

    @property
    def noted_facets(self) -> dict[str, t.Any]:
        """Return the restrictions as the state notes them, lists in order."""
        return {
            name: sorted(value) if isinstance(value, list) else value
            for name, value in sorted(self.facets.items())
        }

    @property
    def rows_have_one_campaign(self) -> bool:
        """Whether a row belongs to one campaign, so that campaigns can be asked for apart.

        Any other row asked for in parts would come back in parts, and reach or demographics do
        not add up.
        """
        return self.one_campaign_each or not {"CAMPAIGN", "CREATIVE"}.isdisjoint(self.pivots)


def _by(pivot: str, row: str) -> Report:
    return Report(f"ad_analytics_by_{pivot.lower()}", ("ACCOUNT", pivot), row)


def _by_member(trait: str, pivot: str, row: str) -> Report:
    return Report(f"ad_analytics_by_member_{trait}", (pivot,), row, "ad_analytics_demographics")


REPORTS = (
    Report(
        "ad_performance",
        ("ACCOUNT", "CAMPAIGN", "CREATIVE"),
        schema="ad_performance",
        by_default=True,
    ),
    Report(
        "conversion_performance",
        ("CONVERSION", "CAMPAIGN", "CREATIVE"),
        schema="conversion_performance",
        by_default=True,
    ),
    Report("ad_analytics_by_account", ("ACCOUNT",), "One ad account on one UTC day."),
    _by("CAMPAIGN_GROUP", "One campaign group on one UTC day."),
    _by("CAMPAIGN", "One campaign on one UTC day."),
    _by("CREATIVE", "One creative on one UTC day."),
    _by("CONVERSION", "What is attributed to one conversion rule in one ad account, by UTC day."),
    _by("IMPRESSION_DEVICE_TYPE", "One kind of device in one ad account, by UTC day."),
    _by("PLACEMENT_NAME", "One placement in one ad account, by UTC day."),
    _by("SERVING_LOCATION", "On or off LinkedIn in one ad account, by UTC day."),
    _by("CARD_INDEX", "One position of carousel cards in one ad account, by UTC day."),
    _by("CONVERSATION_NODE", "One message of a conversation ad, by UTC day."),
    _by("OBJECTIVE_TYPE", "One campaign objective in one ad account, by UTC day."),
    _by("EVENT_STAGE", "Before, during or after events in one ad account, by UTC day."),
    _by_member("company_size", "MEMBER_COMPANY_SIZE", "Members in companies of one size."),
    _by_member("industry", "MEMBER_INDUSTRY", "Members in one industry."),
    _by_member("seniority", "MEMBER_SENIORITY", "Members of one seniority."),
    _by_member("job_title", "MEMBER_JOB_TITLE", "Members with one job title."),
    _by_member("job_function", "MEMBER_JOB_FUNCTION", "Members in one job function."),
    _by_member("country", "MEMBER_COUNTRY_V2", "Members in one country."),
    _by_member("region", "MEMBER_REGION_V2", "Members in one region."),
    _by_member("county", "MEMBER_COUNTY", "Members in one county."),
    _by_member("company", "MEMBER_COMPANY", "Members who work at one company."),
)

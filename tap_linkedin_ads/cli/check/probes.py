"""Tiny requests that show whether LinkedIn lets the token read a resource at all."""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api import epoch, restli, urn
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.cli.check.checkup import ACCOUNT, PAGE

if t.TYPE_CHECKING:
    from collections.abc import Callable

STREAM = "check"
_FIRST = {"start": 0, "count": 1}


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask about.

    Attributes:
        account: An ad account, None where none is in sight.
        page: A company page, likewise.
        today: The current UTC day.
        window: A look-back window of company intelligence.
    """

    account: int | None
    page: int | None
    today: dt.date
    window: str = "LAST_90_DAYS"

    @property
    def account_urn(self) -> str:
        """Return the ad account's URN."""
        return urn.make("sponsoredAccount", self.account or 0)

    @property
    def page_urn(self) -> str:
        """Return the page's URN."""
        return urn.make("organization", self.page or 0)

    @property
    def owner(self) -> dict[str, restli.Value]:
        """Return the ad account or else the page, as lead finders take it."""
        if self.account is not None:
            return {"sponsoredAccount": self.account_urn}
        return {"organization": self.page_urn}

    @property
    def yesterday(self) -> dict[str, restli.Value]:
        """Return yesterday as a date range."""
        day = self.today - dt.timedelta(days=1)
        return {"start": day, "end": day}

    @property
    def week(self) -> dict[str, restli.Value]:
        """Return a week that is complete, as page statistics take it."""
        end = epoch.midnight(self.today) - dt.timedelta(days=3)
        start = end - dt.timedelta(days=7)
        return {
            "timeRange": {
                "start": epoch.milliseconds(start),
                "end": epoch.milliseconds(end),
            },
            "timeGranularityType": "DAY",
        }


def request_for(resource: str, target: Target) -> Request | None:
    """Return a request for a resource; None where there is nothing to ask about."""
    for of, table in ((ACCOUNT, _OF_ACCOUNTS), (PAGE, _OF_PAGES)):
        build = table.get(resource)
        known = target.account if of == ACCOUNT else target.page
        if build is not None and known is not None:
            return build(target)
    if resource in _OF_OWNERS and (target.account, target.page) != (None, None):
        return _OF_OWNERS[resource](target)
    return None


def _below(resource: str, criteria: dict[str, restli.Value]) -> Callable[[Target], Request]:
    method = "FINDER" if resource == "creatives" else None
    return lambda target: Request(
        resource,
        f"/adAccounts/{target.account}/{resource}",
        {**criteria, "pageSize": 1},
        method,
        STREAM,
    )


def _of_account(resource: str, finder: str = "account") -> Callable[[Target], Request]:
    """Ask a finder that takes one ad account; lists are taken by those called ``accounts``."""
    return lambda target: Request(
        resource,
        f"/{resource}",
        {
            "q": finder,
            finder: [target.account_urn] if resource == "adSegments" else target.account_urn,
            **_FIRST,
        },
        stream=STREAM,
    )


def _report(target: Target) -> Request:
    parameters: dict[str, restli.Value] = {
        "q": "statistics",
        "pivots": ("ACCOUNT",),
        "timeGranularity": "DAILY",
        "dateRange": target.yesterday,
        "accounts": [target.account_urn],
        "fields": restli.Projection(("dateRange", "pivotValues")),
    }
    return Request("adAnalytics", "/adAnalytics", parameters, stream=STREAM)


def _intelligence(target: Target) -> Request:
    parameters: dict[str, restli.Value] = {
        "q": "account",
        "account": target.account_urn,
        "filterCriteria": {"lookbackWindow": target.window},
        **_FIRST,
    }
    return Request("accountIntelligence", "/accountIntelligence", parameters, stream=STREAM)


def _lead_forms(target: Target) -> Request:
    parameters: dict[str, restli.Value] = {"q": "owner", "owner": target.owner, **_FIRST}
    return Request("leadForms", "/leadForms", parameters, stream=STREAM)


def _lead_responses(target: Target) -> Request:
    end = epoch.midnight(target.today)
    start = end - dt.timedelta(days=1)
    kind = "SPONSORED" if target.account is not None else "COMPANY"
    parameters: dict[str, restli.Value] = {
        "q": "owner",
        "owner": target.owner,
        "leadType": {"leadType": kind},
        "submittedAtTimeRange": {
            "start": epoch.milliseconds(start),
            "end": epoch.milliseconds(end),
        },
        **_FIRST,
    }
    return Request("leadFormResponses", "/leadFormResponses", parameters, stream=STREAM)


def _network_size(target: Target) -> Request:
    path = f"/networkSizes/{restli.encode(target.page_urn)}"
    parameters = {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}
    return Request("networkSizes", path, parameters, stream=STREAM)


def _statistics(resource: str, owner: str) -> Callable[[Target], Request]:
    return lambda target: Request(
        resource,
        f"/{resource}",
        {"q": owner, owner: target.page_urn, "timeIntervals": target.week},
        stream=STREAM,
    )


def _posts(target: Target) -> Request:
    parameters: dict[str, restli.Value] = {
        "author": target.page_urn,
        "q": "author",
        "sortBy": "LAST_MODIFIED",
        **_FIRST,
    }
    return Request("posts", "/posts", parameters, "FINDER", STREAM)


_OF_ACCOUNTS: dict[str, Callable[[Target], Request]] = {
    "adAccountUsers": _of_account("adAccountUsers", "accounts"),
    "adCampaignGroups": _below(
        "adCampaignGroups", {"q": "search", "search": {"status": {"values": ("ACTIVE",)}}}
    ),
    "adCampaigns": _below(
        "adCampaigns", {"q": "search", "search": {"status": {"values": ("ACTIVE",)}}}
    ),
    "creatives": _below("creatives", {"q": "criteria", "intendedStatuses": ("ACTIVE",)}),
    "conversions": _of_account("conversions"),
    "insightTags": _of_account("insightTags"),
    "insightTagsPermission": _of_account("insightTagsPermission"),
    "insightTagDomains": _of_account("insightTagDomains"),
    "adAnalytics": _report,
    "accountIntelligence": _intelligence,
    "adSegments": _of_account("adSegments", "accounts"),
    "dmpSegments": _of_account("dmpSegments"),
}
_OF_PAGES: dict[str, Callable[[Target], Request]] = {
    "networkSizes": _network_size,
    "organizationalEntityFollowerStatistics": _statistics(
        "organizationalEntityFollowerStatistics", "organizationalEntity"
    ),
    "organizationalEntityShareStatistics": _statistics(
        "organizationalEntityShareStatistics", "organizationalEntity"
    ),
    "organizationPageStatistics": _statistics("organizationPageStatistics", "organization"),
    "posts": _posts,
}
_OF_OWNERS: dict[str, Callable[[Target], Request]] = {
    "leadForms": _lead_forms,
    "leadFormResponses": _lead_responses,
}
ASKED_ANYWAY = frozenset(("adAccounts", "organizations"))
"""Resources that ``check`` reads whatever else it asks."""
ASKABLE = frozenset((*_OF_ACCOUNTS, *_OF_PAGES, *_OF_OWNERS, *ASKED_ANYWAY))

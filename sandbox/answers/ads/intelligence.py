"""accountIntelligence: companies that met an advertiser (a private product)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import project
from sandbox.api import paging, rules
from sandbox.world.ads.companies import WINDOWS, rows
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: First version of fields and windows; the others are as old as the resource.
SINCE = {
    "paidQualifiedLeads": 202603,
    "conversions": 202603,
    "paidVideoViews": 202605,
    "companySize": 202606,
    "industry": 202606,
    "countryCode": 202606,
    "costInLocalCurrencyPerPaidQualifiedLead": 202606,
    "LAST_180_DAYS": 202604,
    "LAST_365_DAYS": 202606,
}
#: Since this version there is skipCompanyDecoration, and no upper limit of rows.
UNLIMITED_SINCE = 202603
ROW_LIMIT = 100_000


def by_account(request: Request) -> Served:
    """Serve ``q=account``, sorted by falling paidImpressions.

    LinkedIn demands ``filterCriteria``, in which ``lookbackWindow`` defaults to 90 days. Fields
    and windows depend on the version; organic figures are zero with a campaign.
    """
    params = request.params
    if not request.switches.company_intelligence:
        raise rules.legacy(
            "intelligence_product",
            403,
            "ACCESS_DENIED: Not enough permissions to access /accountIntelligence API",
            code="ACCESS_DENIED",
        )
    criteria = params["filterCriteria"]
    window: str = criteria.get("lookbackWindow", "LAST_90_DAYS")
    if request.version < SINCE.get(window, 0):
        raise rules.bad_enum("filterCriteria/lookbackWindow", window, "intelligence_window")
    skip = params.get("skipCompanyDecoration", False)
    if request.version < UNLIMITED_SINCE:
        _check_older(request)
    account = urn_id(params["account"])
    if not request.world.readable(account):
        raise rules.legacy(
            "intelligence_role",
            403,
            "PERMISSION_DENIED: Access request for sponsored account denied for "
            "READ_SPONSORED_ACCOUNT permissions.",
            code="PERMISSION_DENIED",
        )
    found = _companies(request, account, window, criteria)
    page, rest = paging.index_page(request, found)
    return [_shown(request, row, skip=skip) for row in page], rest


def _check_older(request: Request) -> None:
    if "skipCompanyDecoration" in request.params:
        raise rules.not_allowed("skipCompanyDecoration")
    start = request.params.get("start", 0)
    if start >= ROW_LIMIT:
        raise rules.legacy("row_limit", 400, f"Row index {start} exceeds maximum limit of 100,000.")


def _companies(request: Request, account: int, window: str, criteria: Wire) -> list[Wire]:
    segments, campaign = criteria.get("adSegments", []), criteria.get("campaign")
    world, searches = request.world, request.memory.searches
    key = ("companies", world.revision, world.today, account, window, tuple(segments), campaign)
    found: list[Wire] | None = searches.get(key)
    if found is None:
        found = list(rows(world, account, window, segments, campaign))
        found.sort(key=lambda row: (-row["paidImpressions"], row["companyPageUrl"]))
        searches.clear()
        searches[key] = found
    return found


def _shown(request: Request, row: Wire, *, skip: bool) -> Wire:
    shown = {name: row[name] for name in row if SINCE.get(name, 0) <= request.version}
    if skip:
        shown["companyName"] = ""
    return project(shown, request.fields)


LOOKBACK_WINDOWS = frozenset(WINDOWS)

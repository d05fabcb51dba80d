"""The endpoint table: one row per path and method, with everything the transport checks.

One more finder costs one row here, and its data in the world.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import entities
from sandbox.answers.reports import analytics, query
from sandbox.api import schemas
from sandbox.api.params import (
    Bool,
    DateRange,
    Enum,
    Facet,
    ListOf,
    Long,
    OneUrn,
    ParamType,
    Record,
    SortBy,
    Text,
    Urn,
    Values,
)
from sandbox.api.request import Endpoint
from sandbox.world import pivots, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.request import Request

REPORTING = ("r_ads_reporting",)


_ACCOUNT = Urn(("li:sponsoredAccount",))
_GROUP = Urn(("li:sponsoredCampaignGroup",))
_CAMPAIGN = Urn(("li:sponsoredCampaign",))
_CREATIVE = Urn(("li:sponsoredCreative",))
_ORGANIZATION = Urn(("li:organization",))
_PERSON = Urn(("li:person",), numeric=False)
_SHARE = Urn(("li:share", "li:ugcPost"))
_CONTENT = Urn(("li:share", "li:ugcPost", "li:adInMailContent"))
_ORDER = Enum(frozenset(("ASCENDING", "DESCENDING")))


def _symbols(*symbols: str) -> Enum:
    return Enum(frozenset(symbols))


def _search(**keys: ParamType) -> Record:
    return Record(
        {name: item if isinstance(item, Bool) else Values(item) for name, item in keys.items()}
    )


_CURSOR: dict[str, ParamType] = {
    "pageSize": Long("page_size"),
    "pageToken": Text(),
    "sortOrder": _ORDER,
}
_INDEX: dict[str, ParamType] = {"start": Long("index_range"), "count": Long("index_range")}

_REPORT: dict[str, ParamType] = {
    "dateRange": DateRange(),
    "timeGranularity": Enum(frozenset(("ALL", "DAILY", "MONTHLY", "YEARLY")), wrapped=True),
    "accounts": Facet(_ACCOUNT),
    "campaigns": Facet(_CAMPAIGN),
    "campaignGroups": Facet(_GROUP),
    "shares": Facet(_SHARE),
    "companies": Facet(_ORGANIZATION),
    "creatives": Facet(_CREATIVE),
    "campaignType": Enum(frozenset(wire.CAMPAIGN_TYPES), wrapped=True),
    "sortBy": SortBy(query.SORT_SYMBOLS),
    "start": Long("index_range"),
    "count": Long("index_range"),
}


class _Pivots:
    """``pivots=List(...)``; members may be wrapped like any enum."""

    def __init__(self, symbols: frozenset[str]) -> None:
        self.symbols = symbols

    def read(self, name: str, node: Any) -> list[str]:
        """Return the pivots."""
        analytics.refuse_member_pivots(name, node)
        read: list[str] = ListOf(Enum(self.symbols, wrapped=True)).read(name, node)
        return read


def _single(
    resource: str, path: str, schema: frozenset[str], serve: Callable[[Request], Any]
) -> Endpoint:
    return Endpoint(resource, path, "GET", serve, schema=schema)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "adAccounts",
        "adAccounts",
        "FINDER",
        entities.search_accounts,
        "search",
        params={
            **_CURSOR,
            "search": _search(
                id=_ACCOUNT,
                reference=Urn(("li:organization", "li:person"), numeric=False),
                name=Text(),
                type=_symbols("BUSINESS", "ENTERPRISE"),
                status=_symbols(*wire.ACCOUNT_STATUSES),
                test=Bool(),
            ),
        },
        page="cursor",
        schema=schemas.ACCOUNT,
        protocol_1=True,
    ),
    Endpoint(
        "adAccounts",
        "adAccounts",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=schemas.ACCOUNT,
    ),
    _single("adAccounts", "adAccounts/{account}", schemas.ACCOUNT, entities.get_one),
    Endpoint(
        "adAccountUsers",
        "adAccountUsers",
        "FINDER",
        entities.account_users,
        "accounts",
        params={**_INDEX, "accounts": OneUrn(_ACCOUNT)},
        required=("accounts",),
        page="index",
        everything=True,
        schema=schemas.USER,
        protocol_1=True,
    ),
    Endpoint(
        "adAccountUsers",
        "adAccountUsers",
        "FINDER",
        entities.own_roles,
        "authenticatedUser",
        params=_INDEX,
        page="index",
        everything=True,
        schema=schemas.USER,
    ),
    _single("adAccountUsers", "adAccountUsers/{compound}", schemas.USER, entities.get_account_user),
    Endpoint(
        "adCampaignGroups",
        "adAccounts/{account}/adCampaignGroups",
        "FINDER",
        entities.search_below_account,
        "search",
        params={
            **_CURSOR,
            "search": _search(
                id=_GROUP, name=Text(), status=_symbols(*wire.GROUP_STATUSES), test=Bool()
            ),
        },
        page="cursor",
        schema=schemas.GROUP,
    ),
    Endpoint(
        "adCampaignGroups",
        "adAccounts/{account}/adCampaignGroups",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=schemas.GROUP,
    ),
    _single(
        "adCampaignGroups",
        "adAccounts/{account}/adCampaignGroups/{id}",
        schemas.GROUP,
        entities.get_one,
    ),
    Endpoint(
        "adCampaigns",
        "adAccounts/{account}/adCampaigns",
        "FINDER",
        entities.search_below_account,
        "search",
        params={
            **_CURSOR,
            "search": _search(
                id=_CAMPAIGN,
                campaignGroup=_GROUP,
                associatedEntity=Urn(("li:organization", "li:person"), numeric=False),
                name=Text(),
                status=_symbols(*wire.CAMPAIGN_STATUSES),
                type=_symbols(*wire.CAMPAIGN_TYPES),
                test=Bool(),
            ),
        },
        page="cursor",
        schema=schemas.CAMPAIGN,
    ),
    Endpoint(
        "adCampaigns",
        "adAccounts/{account}/adCampaigns",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=schemas.CAMPAIGN,
    ),
    _single(
        "adCampaigns",
        "adAccounts/{account}/adCampaigns/{id}",
        schemas.CAMPAIGN,
        entities.get_one,
    ),
    Endpoint(
        "creatives",
        "adAccounts/{account}/creatives",
        "FINDER",
        entities.creatives_by_criteria,
        "criteria",
        params={
            **_CURSOR,
            "campaigns": ListOf(_CAMPAIGN),
            "creatives": ListOf(_CREATIVE),
            "contentReferences": ListOf(_CONTENT),
            "intendedStatuses": ListOf(_symbols(*wire.CREATIVE_STATUSES)),
            "leadgenCreativeCallToActionDestinations": ListOf(Urn(("li:adForm",))),
            "isTestAccount": Bool(),
            "isTotalIncluded": Bool(),
        },
        page="cursor",
        max_page=100,
        schema=schemas.CREATIVE,
        protocol_1=True,
        needs_method=True,
    ),
    Endpoint(
        "creatives",
        "adAccounts/{account}/creatives",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(_CREATIVE)},
        schema=schemas.CREATIVE,
        needs_method=True,
    ),
    _single(
        "creatives",
        "adAccounts/{account}/creatives/{creative}",
        schemas.CREATIVE,
        entities.get_one,
    ),
    Endpoint(
        "adAnalytics",
        "adAnalytics",
        "FINDER",
        analytics.serve,
        "analytics",
        params={**_REPORT, "pivot": Enum(pivots.ANALYTICS_PIVOTS, wrapped=True)},
        required=("pivot", "timeGranularity", "dateRange"),
        scopes=REPORTING,
    ),
    Endpoint(
        "adAnalytics",
        "adAnalytics",
        "FINDER",
        analytics.serve,
        "statistics",
        params={
            **_REPORT,
            "pivots": _Pivots(pivots.STATISTICS_PIVOTS),
            "objectiveType": Enum(frozenset(wire.OBJECTIVES), wrapped=True),
        },
        required=("pivots", "timeGranularity", "dateRange"),
        scopes=REPORTING,
    ),
    Endpoint(
        "adAnalytics",
        "adAnalytics",
        "FINDER",
        analytics.serve_revenue,
        "attributedRevenueMetrics",
        params={
            "pivots": _Pivots(pivots.REVENUE_PIVOTS),
            "dateRange": DateRange(),
            "account": OneUrn(_ACCOUNT),
            "campaigns": Facet(_CAMPAIGN),
            "campaignGroups": Facet(_GROUP),
        },
        required=("pivots", "dateRange", "account"),
        scopes=REPORTING,
    ),
)

#: Keys of paths: placeholder -> type; the others are numbers.
PATH_URNS: dict[str, Urn] = {"creative": _CREATIVE}
COMPOUND_KEYS: dict[str, Record] = {
    "compound": Record({"account": _ACCOUNT, "user": _PERSON}, frozenset(("account", "user")))
}

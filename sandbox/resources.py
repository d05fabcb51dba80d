"""The endpoint table: one row per path and method, with everything the transport checks.

One more finder costs one row here, and its data in the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox import analytics, entities, pivots, report, wire
from sandbox.params import (
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.request import Request

ADS = ("r_ads", "rw_ads")
REPORTING = ("r_ads_reporting",)


@dataclass(frozen=True)
class Endpoint:
    """One row of the table.

    Attributes:
        resource: Resource name, as in scopes, logs and the world's tables.
        path: Path below ``/rest/`` with placeholders, such as ``adAccounts/{account}/creatives``.
        method: ``FINDER``, ``GET`` or ``BATCH_GET``.
        finder: Value of ``q``, or empty.
        serve: Returns the answer's rows and the envelope besides them.
        params: Declared parameters.
        required: Names of the required ones.
        scopes: The token needs one of these.
        page: ``cursor``, ``index`` or ``none``.
        max_page: Largest page of a cursor-paged finder.
        everything: Whether an index-paged finder returns all rows unless asked otherwise.
        schema: Names that ``fields`` may hold; None leaves the check to ``serve``.
        since: First version that has it.
        protocol_1: Works without X-Restli-Protocol-Version as long as no value is structured.
        needs_method: LinkedIn's documentation demands X-RestLi-Method here.
    """

    resource: str
    path: str
    method: str
    serve: Callable[[Request], Any]
    finder: str = ""
    params: dict[str, ParamType] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ADS
    page: str = "none"
    max_page: int = 1000
    everything: bool = False
    schema: frozenset[str] | None = None
    since: int = 202401
    protocol_1: bool = False
    needs_method: bool = False

    @property
    def scope_text(self) -> str:
        """The resource as 403 messages name it."""
        return f"{self.resource}.{self.method}{'-' + self.finder if self.finder else ''}"


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

_ACCOUNT_FIELDS = frozenset(
    "id name currency type status reference referenceInfo servingStatuses test "
    "notifiedOnCampaignOptimization notifiedOnCreativeApproval notifiedOnCreativeRejection "
    "notifiedOnEndOfCampaign notifiedOnNewFeaturesEnabled totalBudget totalBudgetEndsAt version "
    "changeAuditStamps".split()
)
_USER_FIELDS = frozenset("account user role changeAuditStamps version campaignContact".split())
_GROUP_FIELDS = frozenset(
    "id name account accountInfo status servingStatuses runSchedule totalBudget dailyBudget "
    "backfilled test allowedCampaignTypes objectiveType budgetOptimization changeAuditStamps".split()
)
_CAMPAIGN_FIELDS = frozenset(
    "id name account accountInfo campaignGroup campaignGroupInfo associatedEntity "
    "associatedEntityInfo status type format objectiveType costType unitCost dailyBudget "
    "totalBudget optimizationTargetType optimizationPreference creativeSelection pacingStrategy "
    "locale runSchedule targetingCriteria targeting audienceExpansionEnabled "
    "offsiteDeliveryEnabled offsitePreferences storyDeliveryEnabled connectedTelevisionOnly "
    "politicalIntent servingStatuses test version changeAuditStamps".split()
)
_CREATIVE_FIELDS = frozenset(
    "id account campaign name intendedStatus isServing isTest createdAt lastModifiedAt createdBy "
    "lastModifiedBy review servingHoldReasons leadgenCallToAction content".split()
)

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
    "sortBy": SortBy(report.SORT_SYMBOLS),
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
        schema=_ACCOUNT_FIELDS,
        protocol_1=True,
    ),
    Endpoint(
        "adAccounts",
        "adAccounts",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=_ACCOUNT_FIELDS,
    ),
    _single("adAccounts", "adAccounts/{account}", _ACCOUNT_FIELDS, entities.get_one),
    Endpoint(
        "adAccountUsers",
        "adAccountUsers",
        "FINDER",
        entities.account_users,
        "accounts",
        params={**_INDEX, "accounts": _ACCOUNT},
        required=("accounts",),
        page="index",
        everything=True,
        schema=_USER_FIELDS,
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
        schema=_USER_FIELDS,
    ),
    _single("adAccountUsers", "adAccountUsers/{compound}", _USER_FIELDS, entities.get_account_user),
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
        schema=_GROUP_FIELDS,
    ),
    Endpoint(
        "adCampaignGroups",
        "adAccounts/{account}/adCampaignGroups",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=_GROUP_FIELDS,
    ),
    _single(
        "adCampaignGroups",
        "adAccounts/{account}/adCampaignGroups/{id}",
        _GROUP_FIELDS,
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
        schema=_CAMPAIGN_FIELDS,
    ),
    Endpoint(
        "adCampaigns",
        "adAccounts/{account}/adCampaigns",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(Long())},
        schema=_CAMPAIGN_FIELDS,
    ),
    _single(
        "adCampaigns",
        "adAccounts/{account}/adCampaigns/{id}",
        _CAMPAIGN_FIELDS,
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
        schema=_CREATIVE_FIELDS,
        protocol_1=True,
        needs_method=True,
    ),
    Endpoint(
        "creatives",
        "adAccounts/{account}/creatives",
        "BATCH_GET",
        entities.batch_get,
        params={"ids": ListOf(_CREATIVE)},
        schema=_CREATIVE_FIELDS,
        needs_method=True,
    ),
    _single(
        "creatives",
        "adAccounts/{account}/creatives/{creative}",
        _CREATIVE_FIELDS,
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

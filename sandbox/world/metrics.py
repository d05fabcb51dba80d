"""The metrics of adAnalytics: their types, families, first versions and where they are absent.

LinkedIn's "Metrics Available" table is the source. A metric's *family* is this sandbox's own
notion: creatives differ in which families are ever non-zero (a text ad has no video figures), so
that a report about one family has no rows for most creatives.
"""

# ruff: noqa: SIM905 - names read like the tables in LinkedIn's documentation

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["long", "double", "decimal"]

#: Names that ``fields`` may carry besides metrics.
STRUCTURE_NAMES = ("dateRange", "pivotValues")
REVENUE = "revenueAttributionMetrics"
#: At most this many names in ``fields``, dateRange and pivotValues included.
MAX_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of adAnalytics.

    Attributes:
        name: LinkedIn's field name.
        kind: ``decimal`` (BigDecimal) travels as a JSON string, the others as JSON numbers.
        family: The group of metrics that is zero or non-zero together for a creative.
        since: First LinkedIn-Version that knows the metric, 0 if it is older than all of them.
        additive: Whether figures of several creatives or days add up.
        spread: Lowest and highest daily figure of a creative of ordinary size.
        zeros: Share of days on which the figure is zero although the family is active.
        salt: Name that seeds the draw; metrics with one salt move together.
    """

    name: str
    kind: Kind
    family: str
    since: int
    additive: bool
    spread: tuple[int, int]
    zeros: float
    salt: str


_DECIMALS = frozenset(
    "conversionValueInLocalCurrency costInLocalCurrency costInUsd costPerQualifiedLead "
    "jobApplications jobApplyClicks postClickJobApplications postClickJobApplyClicks "
    "postClickRegistrations postViewJobApplications postViewJobApplyClicks postViewRegistrations "
    "registrations viralJobApplications viralJobApplyClicks viralPostClickJobApplications "
    "viralPostClickJobApplyClicks viralPostClickRegistrations viralPostViewJobApplications "
    "viralPostViewJobApplyClicks viralPostViewRegistrations viralRegistrations".split()
)
_DOUBLES = frozenset(
    "audiencePenetration averageEventWatchTime averageEventWatchTimeOver15Seconds "
    "averageEventWatchTimeOver30Seconds averageEventWatchTimeOver2Minutes averageVideoWatchTime "
    "costPerEventView costPerEventViewOver15Seconds costPerEventViewOver30Seconds "
    "costPerEventViewOver2Minutes".split()
)
_NOT_ADDITIVE = _DOUBLES | {"approximateMemberReach", "averageDwellTime", "costPerQualifiedLead"}

_SINCE = {
    **dict.fromkeys(("audiencePenetration", "averageDwellTime"), 202411),
    **dict.fromkeys(
        "averageEventWatchTime averageEventWatchTimeOver15Seconds "
        "averageEventWatchTimeOver30Seconds averageEventWatchTimeOver2Minutes "
        "averageVideoWatchTime costPerEventView costPerEventViewOver15Seconds "
        "costPerEventViewOver30Seconds costPerEventViewOver2Minutes eventViews "
        "eventViewsOver15Seconds eventViewsOver30Seconds eventViewsOver2Minutes eventWatchTime "
        "videoWatchTime".split(),
        202601,
    ),
    "appointmentsScheduled": 202605,
}

_FAMILIES = {
    "delivery": "impressions clicks landingPageClicks companyPageClicks otherEngagements "
    "totalEngagements",
    "cost": "costInLocalCurrency costInUsd",
    "reach": "approximateMemberReach audiencePenetration averageDwellTime",
    "engagement": "likes comments commentLikes reactions shares follows subscriptionClicks",
    "conversions": "externalWebsiteConversions externalWebsitePostClickConversions "
    "externalWebsitePostViewConversions conversionValueInLocalCurrency",
    "video": "videoStarts videoViews videoFirstQuartileCompletions videoMidpointCompletions "
    "videoThirdQuartileCompletions videoCompletions fullScreenPlays videoWatchTime "
    "averageVideoWatchTime",
    "documents": "documentCompletions documentFirstQuartileCompletions "
    "documentMidpointCompletions documentThirdQuartileCompletions downloadClicks",
    "cards": "cardClicks cardImpressions",
    "messaging": "actionClicks adUnitClicks headlineClicks headlineImpressions "
    "leadGenerationMailContactInfoShares leadGenerationMailInterestedClicks opens sends "
    "textUrlClicks",
    "leads": "oneClickLeadFormOpens oneClickLeads qualifiedLeads validWorkEmailLeads "
    "costPerQualifiedLead appointmentsScheduled",
    "jobs": "jobApplications jobApplyClicks postClickJobApplications postClickJobApplyClicks "
    "postViewJobApplications postViewJobApplyClicks registrations postClickRegistrations "
    "postViewRegistrations talentLeads",
    "events": "eventViews eventViewsOver15Seconds eventViewsOver30Seconds "
    "eventViewsOver2Minutes eventWatchTime averageEventWatchTime "
    "averageEventWatchTimeOver15Seconds averageEventWatchTimeOver30Seconds "
    "averageEventWatchTimeOver2Minutes costPerEventView costPerEventViewOver15Seconds "
    "costPerEventViewOver30Seconds costPerEventViewOver2Minutes",
    "viral": "viralImpressions viralClicks viralLandingPageClicks viralCompanyPageClicks "
    "viralOtherEngagements viralTotalEngagements viralLikes viralComments viralCommentLikes "
    "viralReactions viralShares viralFollows viralSubscriptionClicks",
    "viral conversions": "viralExternalWebsiteConversions viralExternalWebsitePostClickConversions"
    " viralExternalWebsitePostViewConversions",
    "viral video": "viralVideoStarts viralVideoViews viralVideoFirstQuartileCompletions "
    "viralVideoMidpointCompletions viralVideoThirdQuartileCompletions viralVideoCompletions "
    "viralFullScreenPlays",
    "viral documents": "viralDocumentCompletions viralDocumentFirstQuartileCompletions "
    "viralDocumentMidpointCompletions viralDocumentThirdQuartileCompletions viralDownloadClicks",
    "viral cards": "viralCardClicks viralCardImpressions",
    "viral leads": "viralOneClickLeadFormOpens viralOneClickLeads",
    "viral jobs": "viralJobApplications viralJobApplyClicks viralPostClickJobApplications "
    "viralPostClickJobApplyClicks viralPostViewJobApplications viralPostViewJobApplyClicks "
    "viralRegistrations viralPostClickRegistrations viralPostViewRegistrations",
}
ALL_FAMILIES = frozenset(_FAMILIES)

_SPREADS = {
    "impressions": (900, 5200),
    "clicks": (6, 60),
    "landingPageClicks": (3, 38),
    "companyPageClicks": (0, 9),
    "otherEngagements": (2, 25),
    "totalEngagements": (20, 140),
    "costInLocalCurrency": (18, 130),
    "costInUsd": (18, 130),
    "costPerQualifiedLead": (20, 160),
    "conversionValueInLocalCurrency": (20, 900),
    "approximateMemberReach": (500, 3900),
    "averageDwellTime": (2, 14),
    "videoStarts": (500, 2900),
    "videoViews": (300, 1800),
    "videoWatchTime": (900_000, 9_000_000),
    "eventWatchTime": (600_000, 8_000_000),
    "cardImpressions": (700, 4000),
    "viralImpressions": (5, 400),
    "sends": (100, 900),
    "opens": (40, 500),
}


def _metric(name: str, family: str) -> Metric:
    kind: Kind = "decimal" if name in _DECIMALS else "double" if name in _DOUBLES else "long"
    spread = _SPREADS.get(name)
    big = spread is not None and spread[0] > 0 and name != "conversionValueInLocalCurrency"
    zeros = 0.0 if big or kind == "double" else 0.15 if family == "delivery" else 0.4
    return Metric(
        name=name,
        kind=kind,
        family=family,
        since=_SINCE.get(name, 0),
        additive=name not in _NOT_ADDITIVE,
        spread=spread or (0, 11),
        zeros=zeros,
        salt="cost" if family == "cost" else name,
    )


METRICS: dict[str, Metric] = {
    name: _metric(name, family) for family, names in _FAMILIES.items() for name in names.split()
}

# Where a metric is silently absent from the rows, by pivot.
_JOBS = frozenset(
    name for name, metric in METRICS.items() if metric.family in ("jobs", "viral jobs")
)
_MEMBER_ABSENT = (_JOBS - {"talentLeads"}) | {
    "conversionValueInLocalCurrency",
    "cardImpressions",
    "cardClicks",
    "viralCardImpressions",
    "viralCardClicks",
    "approximateMemberReach",
}
_DEVICE_ABSENT = _JOBS | {
    "approximateMemberReach",
    "audiencePenetration",
    "conversionValueInLocalCurrency",
    "externalWebsitePostClickConversions",
    "externalWebsitePostViewConversions",
}
#: Longest range, in days, for which reach figures exist.
REACH_DAYS = 92
_REACH = frozenset(("approximateMemberReach", "audiencePenetration"))
_PENETRATION_PIVOTS = frozenset(("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN"))


def absent_metrics(pivots: tuple[str, ...], days: int) -> frozenset[str]:
    """Return the metrics that rows of such a report silently leave out.

    Args:
        pivots: The report's pivots.
        days: Number of days in the requested date range, both ends included.

    Returns:
        Metric names that LinkedIn does not offer for these pivots or this range.
    """
    absent: set[str] = set()
    if any(pivot.startswith("MEMBER_") for pivot in pivots):
        absent |= _MEMBER_ABSENT
    if "IMPRESSION_DEVICE_TYPE" in pivots:
        absent |= _DEVICE_ABSENT
    if days > REACH_DAYS:
        absent |= _REACH
    if not _PENETRATION_PIVOTS.intersection(pivots):
        absent.add("audiencePenetration")
    return frozenset(absent)


#: revenueAttributionMetrics: name, kind, and whether it needs a range that ends today.
REVENUE_METRICS: tuple[tuple[str, Kind, bool], ...] = (
    ("revenueWonInUsd", "decimal", False),
    ("returnOnAdSpend", "double", False),
    ("closedWonOpportunities", "long", False),
    ("opportunityAmountInUsd", "decimal", True),
    ("openOpportunities", "long", True),
    ("opportunityWinRate", "double", False),
    ("averageDealSizeInUsd", "decimal", False),
    ("averageDaysToClose", "double", False),
)

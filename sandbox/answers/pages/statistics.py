"""Follower, share and page statistics, lifetime and time-bound.

None of the three paginates: an answer has every element, ``links`` stays empty and ``count``
echoes 10. A bucket without events has zeros; a bucket without data is not there.
"""

# ruff: noqa: SIM905 - names read like the tables in LinkedIn's documentation

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sandbox.answers.pages import envelope, windows
from sandbox.answers.pages.organizations import administered, no_admin
from sandbox.api import rules
from sandbox.world.pages import facets, truth
from sandbox.world.pages.figures import (
    BUTTONS,
    CAREERS,
    FOLLOWERS,
    MOBILE_CAREERS,
    SHARES,
    TABS,
    VIEWS,
    Counts,
    engagement,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

_DAY = dt.timedelta(days=1)
#: The order in which LinkedIn lists the views of a page.
_VIEWS = tuple(
    "mobileProducts allDesktop insights mobileAbout allMobile products desktopProducts jobs people "
    "overview mobileOverview lifeAt desktopOverview mobileCareers all mobileJobs careers "
    "mobileLifeAt desktopJobs desktopPeople about desktopAbout mobilePeople desktopInsights "
    "desktopCareers desktopLifeAt mobileInsights".split()
)
#: Values of a facet of followers in an answer.
_MOST_VALUES = 100


def _elements(
    request: Request, side: str, organization: int, delay: int
) -> Iterator[tuple[Wire, Counts]]:
    """Yield bounds and counts of every complete bucket of the requested range."""
    world = request.world
    intervals: windows.Intervals = request.params["timeIntervals"]
    clip = request.switches.statistics_start == "clip"
    first, end = windows.check(intervals, world.now, clip=clip)
    end = min(end, world.today - delay * _DAY)
    for low, high in windows.buckets(intervals.granularity, first, end):
        counts = _sum(request, side, organization, low, high)
        yield {"start": windows.midnight(low), "end": windows.midnight(high)}, counts


def _sum(request: Request, side: str, organization: int, low: dt.date, high: dt.date) -> Counts:
    figures = request.world.pages.figures
    days = (low + number * _DAY for number in range((high - low).days))
    return total(figures.page(side, organization, day) for day in days)


def _year(request: Request, side: str, organization: int) -> Counts:
    today = request.world.today
    return _sum(request, side, organization, today - windows.MAX_AGE * _DAY, today)


# -- followers --------------------------------------------------------------------------------


def followers(request: Request) -> Served:
    """Serve organizationalEntityFollowerStatistics (LI-75).

    Time-bound: gains per DAY, WEEK or MONTH up to two days before today. Lifetime: followers by
    facet, at most 100 values each, without a total (networkSizes has it).
    """
    urn: str = request.params["organizationalEntity"]
    organization = administered(request, urn)
    if "timeIntervals" not in request.params:
        return envelope.whole([_follower_facets(request, organization, urn)])
    rows = [
        {"timeRange": bounds, "followerGains": counts, "organizationalEntity": urn}
        for bounds, counts in _elements(
            request, FOLLOWERS, organization, request.switches.follower_delay_days
        )
    ]
    return envelope.whole(rows)


def _follower_facets(request: Request, organization: int, urn: str) -> Wire:
    everybody = request.world.pages.truth.followers(organization)
    element: Wire = {f"followerCountsBy{facet}": [] for facet in facets.FOLLOWER_FACETS}
    for (facet, value), counts in facets.followers(organization, everybody):
        named = {} if value == facets.NO_ASSOCIATION else {facets.FOLLOWER_FACETS[facet]: value}
        element[f"followerCountsBy{facet}"].append({"followerCounts": counts, **named})
    for items in element.values():
        items.sort(key=lambda item: -sum(item["followerCounts"].values()))
        del items[_MOST_VALUES:]
    return {**element, "organizationalEntity": urn}


# -- shares -----------------------------------------------------------------------------------


def shares(request: Request) -> Served:
    """Serve organizationalEntityShareStatistics: of the page, of its buckets, or of posts.

    The lifetime answer covers the last twelve months, organic only; its shareCount includes
    instant reposts, that of buckets does not.
    """
    urn: str = request.params["organizationalEntity"]
    organization = administered(request, urn)
    lists: list[str] = [name for name in ("shares", "ugcPosts") if name in request.params]
    if lists:
        if "timeIntervals" in request.params:
            raise rules.legacy(
                "posts_time_bound",
                400,
                "Parameter 'timeIntervals' is not supported together with shares or ugcPosts",
            )
        return _of_posts(request, urn, lists)
    if "timeIntervals" in request.params:
        rows = [
            {
                "totalShareStatistics": _share_statistics(counts),
                "organizationalEntity": urn,
                "timeRange": bounds,
            }
            for bounds, counts in _elements(request, SHARES, organization, 0)
        ]
        return envelope.whole(rows)
    counts = _year(request, SHARES, organization)
    counts["shareCount"] += truth.instant_reposts(organization)
    return envelope.whole(
        [{"totalShareStatistics": _share_statistics(counts), "organizationalEntity": urn}]
    )


def _share_statistics(counts: Counts) -> Wire:
    return {**counts, "engagement": engagement(counts)}


def _of_posts(request: Request, urn: str, lists: list[str]) -> Served:
    """Serve statistics of posts: rolling twelve months, posts without activity left out."""
    pages = request.world.pages
    rows: list[Wire] = []
    for name in lists:
        wanted: list[str] = request.params[name]
        if not 1 <= len(wanted) <= request.switches.statistics_posts:
            raise rules.legacy(
                "posts_count",
                400,
                f"Parameter '{name}' must hold 1 to {request.switches.statistics_posts} values",
            )
        for post in sorted(set(wanted), key=lambda text: text[::-1]):
            row = pages.posts.get(post)
            if row is None:
                continue
            if row["author"] != urn:
                raise no_admin(int(row["author"].rpartition(":")[2]))
            counts = _post_counts(request, row)
            if any(counts.values()) or not request.switches.omit_zero_activity:
                key = "share" if name == "shares" else "ugcPost"
                rows.append(
                    {
                        "totalShareStatistics": _share_statistics(counts),
                        key: post,
                        "organizationalEntity": urn,
                    }
                )
    return envelope.whole(rows)


def _post_counts(request: Request, row: Wire) -> Counts:
    world = request.world
    counts = dict.fromkeys(
        (
            "uniqueImpressionsCount",
            "shareCount",
            "clickCount",
            "likeCount",
            "impressionCount",
            "commentCount",
        ),
        0,
    )
    if "publishedAt" not in row:
        return counts
    published = windows.day_of(row["publishedAt"])
    day = max(published, world.today - (windows.MAX_AGE - 1) * _DAY)
    last = min(world.today, published + 200 * _DAY)
    restated = world.pages.figures.last_restated(row["id"])
    if restated is not None:
        last = max(last, min(world.today, restated))
    while day <= last:
        for name, count in world.pages.figures.post(row["id"], published, day).items():
            counts[name] += count
        day += _DAY
    return counts


# -- pages ------------------------------------------------------------------------------------


def page_views(request: Request) -> Served:
    """Serve organizationPageStatistics: DAY or MONTH, with ``q=organization``.

    Time-bound elements have unique views and clicks, and empty facets; the lifetime element has
    facets, but neither unique views nor clicks (LI-76). Clicks on careers pages are not returned by
    current versions (``careers_clicks`` brings the old shape back: zeros in the lifetime element).
    """
    urn: str = request.params["organization"]
    organization = administered(request, urn)
    if "timeIntervals" not in request.params:
        counts = _year(request, VIEWS, organization)
        element: Wire = {f"pageStatisticsBy{facet}": [] for facet in facets.VIEW_FACETS}
        for (facet, value), part in facets.views(organization, counts):
            element[f"pageStatisticsBy{facet}"].append(
                {
                    "pageStatistics": {"views": _views(part, unique=False)},
                    facets.VIEW_FACETS[facet]: value,
                }
            )
        statistics = {"views": _views(counts, unique=False)}
        if request.switches.careers_clicks:
            statistics["clicks"] = {
                "careersPageClicks": dict.fromkeys(CAREERS, 0),
                "mobileCareersPageClicks": dict.fromkeys(MOBILE_CAREERS, 0),
            }
        return envelope.whole([{**element, "organization": urn, "totalPageStatistics": statistics}])
    rows = [
        {
            **{f"pageStatisticsBy{facet}": [] for facet in facets.VIEW_FACETS},
            "organization": urn,
            "totalPageStatistics": {
                "clicks": _clicks(counts, careers=request.switches.careers_clicks),
                "views": _views(counts),
            },
            "timeRange": bounds,
        }
        for bounds, counts in _elements(request, VIEWS, organization, 0)
    ]
    return envelope.whole(rows)


def _views(counts: Counts, *, unique: bool = True) -> Wire:
    views: Wire = {}
    for name in _VIEWS:
        parts = _parts(name)
        views[f"{name}PageViews"] = {"pageViews": sum(counts[p] for p in parts)}
        if unique:
            seen = sum(counts[f"{p}:unique"] for p in parts)
            views[f"{name}PageViews"]["uniquePageViews"] = seen
    return views


def _parts(name: str) -> list[str]:
    """Return the leaves of one kind of views: all, all of a device, a tab, careers."""
    devices = ["desktop", "mobile"]
    rest = name
    for device in ("desktop", "mobile"):
        if name.startswith(device):
            devices, rest = [device], name.removeprefix(device)
            rest = rest[0].lower() + rest[1:]
    if name.startswith("all"):
        devices = {"allDesktop": ["desktop"], "allMobile": ["mobile"]}.get(name, devices)
        tabs = list(TABS)
    else:
        tabs = ["jobs", "lifeAt"] if rest == "careers" else [rest]
    return [f"{device}:{tab}" for device in devices for tab in tabs]


def _clicks(counts: Counts, *, careers: bool) -> Wire:
    clicks: Wire = {}
    if careers:
        clicks["mobileCareersPageClicks"] = {
            name: counts[f"mobileCareers:{name}"] for name in MOBILE_CAREERS
        }
        clicks["careersPageClicks"] = {name: counts[f"careers:{name}"] for name in CAREERS}
    for device in ("mobile", "desktop"):
        clicks[f"{device}CustomButtonClickCounts"] = [
            {"customButtonType": kind, "clicks": counts[f"{device}:button:{kind}"]}
            for kind in BUTTONS
            if f"{device}:button:{kind}" in counts
        ]
    return clicks

"""What LinkedIn knows about pages: without access rights, windows, pages or order.

Written apart from the serving code on purpose: tests compare what an extractor stored with this.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.world.copies import copied
from sandbox.world.pages import facets, social, wire
from sandbox.world.pages.figures import (
    BUTTONS,
    CAREERS,
    FOLLOWERS,
    MOBILE_CAREERS,
    SHARE_COUNTS,
    SHARES,
    SIDES,
    TABS,
    VIEWS,
    Counts,
    engagement,
    total,
)

if TYPE_CHECKING:
    from sandbox.world.pages.figures import PageFigures

Wire = dict[str, Any]

NO_ACTIVITY: Counts = dict.fromkeys(SHARE_COUNTS, 0)
#: Days without data before today, by side; today itself is never complete.
DELAYS = {FOLLOWERS: 2, SHARES: 0, VIEWS: 0}
_YEAR = 365
_SECTIONS = ("overview", "about", "careers", *TABS[2:])


class Calendar(Protocol):
    """Where the present day comes from."""

    @property
    def today(self) -> dt.date:
        """The current day, UTC."""


class Known(Protocol):
    """What of the pages decides which rows there are."""

    figures: PageFigures
    organizations: dict[int, Wire]
    posts: dict[str, Wire]
    media: dict[str, Wire]
    comments: dict[str, list[Wire]]
    forbidden: set[str]
    inactive: set[int]
    followers: dict[int, int]

    def administers(self, organization: int) -> bool:
        """Whether the member is an administrator of a page."""


class Truth:
    """Everything a correct extractor can know about the pages of a world."""

    def __init__(self, world: Calendar, pages: Known) -> None:
        """Look at a world."""
        self._world = world
        self._pages = pages

    # -- pages --------------------------------------------------------------------------------

    def pages(self) -> list[Wire]:
        """Return the company pages that the member administers, without showcases, by id."""
        return [
            copied(row)
            for number, row in sorted(self._pages.organizations.items())
            if row["primaryOrganizationType"] != "BRAND"
            and number not in self._pages.inactive
            and self._pages.administers(number)
        ]

    def last_day(self, side: str) -> dt.date:
        """Return the last day for which a side has data: yesterday, or two days before that."""
        return self._world.today - dt.timedelta(days=1 + DELAYS[side])

    def followers(self, organization: int) -> int:
        """Return the number of followers today."""
        day, count = self._world.today - dt.timedelta(days=_YEAR), 0
        while day < self._world.today:
            count += sum(self._pages.figures.page(FOLLOWERS, organization, day).values())
            day += dt.timedelta(days=1)
        return self._pages.followers[organization] + count

    def follower_facets(self, organization: int) -> dict[tuple[str, str], Counts]:
        """Return the followers of a page today by LinkedIn's facet and value, all of them."""
        return dict(facets.followers(organization, self.followers(organization)))

    def view_facets(self, organization: int) -> dict[tuple[str, str], dict[str, int]]:
        """Return the views of a page up to yesterday by LinkedIn's facet, value, and section."""
        everything = self._last_year(organization, VIEWS)
        return {key: _page_views(part) for key, part in facets.views(organization, everything)}

    def lifetime(self, organization: int) -> Wire:
        """Return what LinkedIn calls lifetime figures: ``followers``, ``shares`` and ``views``."""
        shares = self._last_year(organization, SHARES)
        shares["shareCount"] += instant_reposts(organization)
        return {
            "followers": self.followers(organization),
            "shares": {**shares, "engagement": engagement(shares)},
            "views": _page_views(self._last_year(organization, VIEWS)),
        }

    def _last_year(self, organization: int, side: str) -> Counts:
        days = (self._world.today - dt.timedelta(days=back) for back in range(_YEAR, 0, -1))
        return total(self._pages.figures.page(side, organization, day) for day in days)

    def bucket(self, organization: int, side: str, first: dt.date, last: dt.date) -> Wire | None:
        """Return one side of a page from a first to a last day, None while data is missing.

        Args:
            organization: Id of the page.
            side: ``followers``, ``shares`` or ``views``.
            first: First day.
            last: Last day, inclusive.

        Returns:
            ``followers`` and ``shares``: counts by LinkedIn's name (shares with ``engagement``).
            ``views``: ``{section: {"pageViews", "uniquePageViews"}}`` under ``views``, sums of
            clicks per device under ``buttons``, old-style counts under ``careersPageClicks`` and
            ``mobileCareersPageClicks``.
        """
        if last > self.last_day(side):
            return None
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        counts = total(self._pages.figures.page(side, organization, day) for day in days)
        if side == FOLLOWERS:
            return dict(counts)
        if side == SHARES:
            return {**counts, "engagement": engagement(counts)}
        return _views(counts)

    def buckets(
        self, organization: int, first: dt.date, last: dt.date, period: str = "DAY"
    ) -> list[Wire]:
        """Return the joined rows of a page, oldest first.

        Args:
            organization: Id of the page.
            first: First day.
            last: Last day, inclusive.
            period: DAY or MONTH; only whole months inside the range.

        Returns:
            ``{"organization", "date", "followers", "shares", "views"}`` per bucket in which at
            least one side has data; a side without data is None.
        """
        rows: list[Wire] = []
        low = first
        while low <= last:
            high = low
            if period == "MONTH":
                high = (low.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
                high -= dt.timedelta(days=1)
            whole = period == "DAY" or low.day == 1
            if whole and high <= last:
                sides = {side: self.bucket(organization, side, low, high) for side in SIDES}
                if any(side is not None for side in sides.values()):
                    rows.append({"organization": organization, "date": low, **sides})
            low = high + dt.timedelta(days=1)
        return rows

    # -- posts --------------------------------------------------------------------------------

    def posts(self, organization: int | None = None, view: str = "READER") -> list[Wire]:
        """Return posts, newest modification first; drafts and failures only to their AUTHOR."""
        rows = [
            row
            for row in self._pages.posts.values()
            if (organization is None or row["author"] == f"urn:li:organization:{organization}")
            and (view == "AUTHOR" or row["lifecycleState"] == "PUBLISHED")
        ]
        rows.sort(key=lambda row: (row["lastModifiedAt"], row["id"]), reverse=True)
        return copied(rows)

    def post_statistics(self, urn: str) -> Wire | None:
        """Return the statistics of a post over the last twelve months.

        Returns:
            Counts with ``engagement``; zeros for a post up to 365 days old that nobody saw; None
            for an older (or unpublished) post without activity, of which nothing is known.
        """
        row = self._pages.posts[urn]
        if "publishedAt" not in row:
            return None
        published = dt.date(1970, 1, 1) + dt.timedelta(days=row["publishedAt"] // 86_400_000)
        counts = dict(NO_ACTIVITY)
        seen = False
        quiet_since = self._world.today
        if self._pages.figures.last_restated(urn) is None:
            quiet_since = published + dt.timedelta(days=self._pages.figures.life(urn))
        oldest = max(published, self._world.today - dt.timedelta(days=_YEAR - 1))
        newest = min(quiet_since, self._world.today)
        for number in range((newest - oldest).days + 1):
            day = oldest + dt.timedelta(days=number)
            for name, count in self._pages.figures.post(urn, published, day).items():
                counts[name] += count
                seen = seen or count != 0
        if not seen and (self._world.today - published).days > _YEAR:
            return None
        return {**counts, "engagement": engagement(counts)}

    def published(self, urn: str) -> dt.date:
        """Return the day on which a post was published, or made where it was not."""
        row = self._pages.posts[urn]
        instant: int = row["publishedAt" if "publishedAt" in row else "createdAt"]
        return dt.date(1970, 1, 1) + dt.timedelta(days=instant // 86_400_000)

    def reactions(self, urn: str) -> dict[str, int]:
        """Return the reactions to a post today by kind, without kinds that nobody chose."""
        seed = self._pages.figures.seed
        return social.reactions(seed, urn, self.published(urn), self._world.today)

    def comments(self, urn: str) -> list[Wire]:
        """Return the comments on a post, replies included; those have a ``parentComment``."""
        return copied(self._pages.comments.get(urn, []))

    def video_days(self, urn: str, first: dt.date, last: dt.date) -> dict[dt.date, dict[str, int]]:
        """Return the figures of a post's video by day and type; empty for other posts."""
        media = self._pages.posts[urn].get("content", {}).get("media", {}).get("id", "")
        found: dict[dt.date, dict[str, int]] = {}
        day = max(first, self.published(urn)) if ":video:" in media else last + dt.timedelta(1)
        while day <= last:
            if plays := self._pages.figures.video(urn, self.published(urn), day):
                found[day] = plays
            day += dt.timedelta(days=1)
        return found

    def medium(self, urn: str) -> Wire | None:
        """Return an image, video or document with its links of today; None if it is forbidden."""
        if urn in self._pages.forbidden:
            return None
        return wire.signed(self._pages.media[urn], self._world.today)


def instant_reposts(organization: int) -> int:
    """Return reposts without a word, which lifetime figures hold and those of days do not."""
    return organization % 40


def _page_views(counts: Counts) -> dict[str, int]:
    views: Wire = _views(counts)["views"]
    return {section: found["pageViews"] for section, found in views.items()}


def _views(counts: Counts) -> Wire:
    views: Wire = {}

    def put(name: str, parts: list[str]) -> None:
        key = f"{name}PageViews"
        views[key] = {
            "pageViews": sum(counts[part] for part in parts),
            "uniquePageViews": sum(counts[f"{part}:unique"] for part in parts),
        }

    for section in _SECTIONS:
        tabs = ["jobs", "lifeAt"] if section == "careers" else [section]
        capital = section[0].upper() + section[1:]
        put(section, [f"{device}:{tab}" for device in ("desktop", "mobile") for tab in tabs])
        for device in ("desktop", "mobile"):
            put(device + capital, [f"{device}:{tab}" for tab in tabs])
    put("all", [f"{device}:{tab}" for device in ("desktop", "mobile") for tab in TABS])
    put("allDesktop", [f"desktop:{tab}" for tab in TABS])
    put("allMobile", [f"mobile:{tab}" for tab in TABS])
    buttons = {
        device: sum(counts.get(f"{device}:button:{kind}", 0) for kind in BUTTONS)
        for device in ("desktop", "mobile")
    }
    return {
        "views": views,
        "buttons": buttons,
        "careersPageClicks": {name: counts[f"careers:{name}"] for name in CAREERS},
        "mobileCareersPageClicks": {
            name: counts[f"mobileCareers:{name}"] for name in MOBILE_CAREERS
        },
    }

"""Daily figures of company pages and posts: a function of seed, id and absolute date.

LinkedIn counts per day and per UTC calendar month. Counts of views, clicks and gains add up over
days; counts of unique members do not, because a member counts once per bucket.
"""

# ruff: noqa: S311 - figures are invented, not secret

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING
from zlib import crc32

from sandbox.world.pages.social import plays

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Counts = dict[str, int]

FOLLOWERS, SHARES, VIEWS = "followers", "shares", "views"
SIDES = (FOLLOWERS, SHARES, VIEWS)

GAINS = ("organicFollowerGain", "paidFollowerGain")
SHARE_COUNTS = (
    "uniqueImpressionsCount",
    "shareCount",
    "clickCount",
    "likeCount",
    "impressionCount",
    "commentCount",
)
#: Tabs of a page; ``jobs`` and ``lifeAt`` together are ``careers``.
TABS = ("overview", "about", "jobs", "lifeAt", "people", "insights", "products")
BUTTONS = ("VISIT_WEBSITE", "CONTACT_US", "LEARN_MORE", "REGISTER", "SIGN_UP")
CAREERS = (
    "careersPagePromoLinksClicks",
    "careersPageBannerPromoClicks",
    "careersPageJobsClicks",
    "careersPageEmployeesClicks",
)
MOBILE_CAREERS = (
    "careersPageJobsClicks",
    "careersPagePromoLinksClicks",
    "careersPageEmployeesClicks",
)
_SIZES = {
    "overview": 60,
    "about": 9,
    "jobs": 5,
    "lifeAt": 3,
    "people": 6,
    "insights": 2,
    "products": 3,
}
#: Parts of a post's activity that fall on the first days, in thousandths; the rest trickles.
_DECAY = tuple(max(1, round(260 * 0.78**age)) for age in range(140))
_QUIET = 11


def is_unique(name: str) -> bool:
    """Tell whether a count is one of members, which does not add up over days."""
    return name.lower().startswith("unique") or name.endswith(":unique")


def total(days: Iterable[Mapping[str, int]]) -> Counts:
    """Return the counts of a bucket from those of its days.

    Members seen on several days count once: a bucket of several days has about two thirds of
    the sum of daily unique counts.
    """
    sums: Counts = {}
    number = 0
    for day in days:
        number += 1
        for name, count in day.items():
            sums[name] = sums.get(name, 0) + count
    if number > 1:
        for name in sums:
            if is_unique(name):
                sums[name] = -(-sums[name] * 2 // 3)
    return sums


def engagement(counts: Mapping[str, int]) -> float:
    """Return LinkedIn's engagement: (clicks + likes + comments + shares) / impressions."""
    if not counts["impressionCount"]:
        return 0.0
    names = ("clickCount", "likeCount", "commentCount", "shareCount")
    return sum(counts[name] for name in names) / counts["impressionCount"]


class PageFigures:
    """The source of all page figures; days may be restated.

    Attributes:
        seed: Seed of the world.
        revision: Changes with every restatement.
    """

    def __init__(self, seed: int) -> None:
        """Start with nothing restated."""
        self.seed = seed
        self.revision = 0
        self._restated: dict[tuple[str, int | str, int], Counts] = {}
        self._rounds: dict[int, int] = {}
        self._cache: dict[tuple[str, int, int], Counts] = {}

    # -- pages --------------------------------------------------------------------------------

    def page(self, side: str, organization: int, day: dt.date) -> Counts:
        """Return the counts of one side of a page on one day.

        Args:
            side: ``followers``, ``shares`` or ``views``.
            organization: Id of the organization.
            day: The day, UTC.

        Returns:
            Counts by name. Views are keyed ``desktop:overview`` and ``desktop:overview:unique``,
            button clicks ``desktop:button:VISIT_WEBSITE``, careers clicks ``careers:<name>``.
        """
        key = (side, organization, day.toordinal())
        counts = self._cache.get(key)
        if counts is None:
            rng = self._rng(*key)
            draw = {FOLLOWERS: _followers, SHARES: _shares, VIEWS: _views}[side]
            counts = draw(rng, day) | self._restated.get(key, {})
            self._cache[key] = counts
        return counts

    def _rng(self, kind: str, number: int, ordinal: int) -> random.Random:
        turn = self._rounds.get(ordinal, 0)
        return random.Random(f"{self.seed}:{kind}:{number}:{ordinal}:{turn}")

    # -- posts --------------------------------------------------------------------------------

    def post(self, urn: str, published: dt.date, day: dt.date) -> Counts:
        """Return the activity of a post on one day; empty without any.

        Args:
            urn: URN of the post.
            published: Day of its publication.
            day: The day, UTC.

        Returns:
            Share counts by name.
        """
        ordinal = day.toordinal()
        restated = self._restated.get(("post", urn, ordinal))
        if restated is not None:
            return restated
        age = ordinal - published.toordinal()
        mark = crc32(f"{self.seed}:{urn}".encode())
        if age < 0 or age > self.life(urn):
            return {}
        turn = self._rounds.get(ordinal, 0)
        shape = (mark ^ (age + 1 + turn * 977) * 2654435761) >> 7 & 1023
        impressions = (40 + mark % 3000) * _DECAY[age] * (600 + shape) // 300_000
        if not impressions:
            return {}
        return {
            "uniqueImpressionsCount": impressions * 3 // 5 + 1,
            "shareCount": impressions * (shape & 7) // 900,
            "clickCount": impressions * (16 + (shape & 31)) // 900,
            "likeCount": impressions * (20 + (shape >> 4 & 31)) // 900 - (shape % 97 == 0),
            "impressionCount": impressions,
            "commentCount": impressions * (shape >> 6 & 7) // 900,
        }

    def video(self, urn: str, published: dt.date, day: dt.date) -> dict[str, int]:
        """Return the figures of a post's video on one day, by type; empty without any."""
        impressions = self.post(urn, published, day).get("impressionCount", 0)
        return plays(impressions, crc32(f"{self.seed}:video:{urn}".encode()))

    def life(self, urn: str) -> int:
        """Return for how many days a post is active; -1 for one that nobody ever saw."""
        mark = crc32(f"{self.seed}:life:{urn}".encode())
        return -1 if mark % _QUIET == 0 else 12 + mark % 120

    def last_restated(self, urn: str) -> dt.date | None:
        """Return the last day on which a post's activity was restated."""
        days = [ordinal for kind, key, ordinal in self._restated if (kind, key) == ("post", urn)]
        return dt.date.fromordinal(max(days)) if days else None

    # -- changes ------------------------------------------------------------------------------

    def restate(self, kind: str, key: int | str, day: dt.date, counts: Mapping[str, int]) -> None:
        """Replace counts of a page's side, or of a post (kind ``post``, all counts), on a day."""
        place = (kind, key, day.toordinal())
        self._restated[place] = {**self._restated.get(place, {}), **counts}
        self._forget()

    def redraw(self, day: dt.date) -> None:
        """Redraw all figures of one day."""
        self._rounds[day.toordinal()] = self._rounds.get(day.toordinal(), 0) + 1
        self._forget()

    def _forget(self) -> None:
        self._cache.clear()
        self.revision += 1


def _followers(rng: random.Random, day: dt.date) -> Counts:
    if rng.random() < 0.08:  # noqa: PLR2004 - a quiet day
        return dict.fromkeys(GAINS, 0)
    organic = rng.randrange(-6, 30) if day.isoweekday() <= 5 else rng.randrange(-4, 6)  # noqa: PLR2004
    return {"organicFollowerGain": organic, "paidFollowerGain": max(-1, rng.randrange(-9, 7))}


def _shares(rng: random.Random, day: dt.date) -> Counts:
    if rng.random() < 0.06:  # noqa: PLR2004 - a day on which nothing was seen
        return dict.fromkeys(SHARE_COUNTS, 0)
    impressions = rng.randrange(120, 1400) // (1 if day.isoweekday() <= 5 else 4)  # noqa: PLR2004
    likes = rng.randrange(0, impressions // 18 + 2)
    return {
        "uniqueImpressionsCount": impressions * rng.randrange(55, 80) // 100,
        "shareCount": rng.randrange(0, 5),
        "clickCount": rng.randrange(0, impressions // 15 + 2),
        # Withdrawn likes count on the day of the withdrawal.
        "likeCount": -rng.randrange(1, 4) if rng.random() < 0.05 else likes,  # noqa: PLR2004
        "impressionCount": impressions,
        "commentCount": rng.randrange(0, 9),
    }


def _views(rng: random.Random, day: dt.date) -> Counts:
    busy = 2 if day.isoweekday() <= 5 else 1  # noqa: PLR2004
    counts: Counts = {}
    for device, part in (("desktop", 3), ("mobile", 1)):
        for tab in TABS:
            views = max(0, rng.randrange(-2, _SIZES[tab] * part * busy // 4 + 2))
            counts[f"{device}:{tab}"] = views
            counts[f"{device}:{tab}:unique"] = -(-views * rng.randrange(60, 95) // 100)
        # A page has one button at a time; on the day of a change it has two.
        first = BUTTONS[day.month % len(BUTTONS)]
        if rng.random() < 0.7:  # noqa: PLR2004
            counts[f"{device}:button:{first}"] = rng.randrange(0, 6)
            if day.day == 1:
                before = BUTTONS[(day.month - 1) % len(BUTTONS)]
                counts[f"{device}:button:{before}"] = rng.randrange(0, 4)
    for name in CAREERS:
        counts[f"careers:{name}"] = max(0, rng.randrange(-3, 4))
    for name in MOBILE_CAREERS:
        counts[f"mobileCareers:{name}"] = max(0, rng.randrange(-3, 3))
    return counts

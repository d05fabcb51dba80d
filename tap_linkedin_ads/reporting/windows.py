"""Windows of days, and how long they may be for answers to stay below the element limit.

LinkedIn's rule: LI-45.
"""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ELEMENT_LIMIT = 15_000
"""Rows at which LinkedIn cuts an answer without a word: an answer this large is not whole."""
FULLEST = ELEMENT_LIMIT - 1
LONGEST_WINDOW = 92
"""Days: beyond it LinkedIn leaves out approximateMemberReach and audiencePenetration."""

AIM = 14_600
"""Rows to expect at most when a window is planned: what is left takes up growth."""
WEEK = 7

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A range of days; both ends belong to it."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def chunks(self, longest: int) -> Iterator[Window]:
        """Cut into consecutive windows of nearly equal length, none above ``longest`` days."""
        count = -(-self.days // longest)
        start = self.start
        for index in range(count):
            end = self.start + DAY * ((index + 1) * self.days // count - 1)
            yield Window(start, end)
            start = end + DAY

    def __iter__(self) -> Iterator[dt.date]:
        return (self.start + DAY * offset for offset in range(self.days))


@dataclass(slots=True)
class Tally:
    """How many rows an answer held: in all, by day, by ad account and by campaign.

    ``by_cell`` counts by ad account and day together; it is known of single answers only.
    """

    rows: int = 0
    by_day: collections.Counter[dt.date] = field(default_factory=collections.Counter)
    by_account: collections.Counter[int] = field(default_factory=collections.Counter)
    by_campaign: collections.Counter[int] = field(default_factory=collections.Counter)
    by_cell: collections.Counter[tuple[int, dt.date]] = field(default_factory=collections.Counter)

    def add(self, other: Tally) -> None:
        """Add the rows of another answer."""
        self.rows += other.rows
        self.by_day.update(other.by_day)
        self.by_account.update(other.by_account)
        self.by_campaign.update(other.by_campaign)


@dataclass(frozen=True, slots=True)
class Density:
    """Rows to expect: in the fullest week and on the fullest day seen."""

    week: float
    peak: float

    @classmethod
    def of(cls, counts: Sequence[int]) -> Density:
        """Measure rows a day, oldest first; with less than a week, every day counts as the peak."""
        peak = max(counts, default=0)
        if len(counts) < WEEK:
            return cls(float(peak * WEEK), peak)
        weeks = (sum(counts[i : i + WEEK]) for i in range(len(counts) - WEEK + 1))
        return cls(float(max(weeks)), peak)

    def rows(self, days: int) -> float:
        """Return the rows to expect in a number of days, at the worst position in the week."""
        weeks, rest = divmod(days, WEEK)
        return weeks * self.week + min(rest * self.peak, self.week)

    def longest_window(self, most_days: int = LONGEST_WINDOW) -> int:
        """Return the days that fit into one answer, at least 1 and at most ``most_days``."""
        for days in range(most_days, 1, -1):
            if self.rows(days) <= AIM:
                return days
        return 1

    def __add__(self, other: Density) -> Density:
        """Return the density of both together."""
        return Density(self.week + other.week, self.peak + other.peak)

    def divided(self, parts: int) -> Density:
        """Return the density of one of several equal parts."""
        return Density(self.week / parts, self.peak / parts)


class DensityHistory:
    """The density of the newest days read: a week, or the last window if that was longer."""

    def __init__(self) -> None:
        self._read: collections.deque[tuple[Window, Tally]] = collections.deque()

    def add(self, window: Window, tally: Tally) -> Density:
        """Take in what a window held and return the density now."""
        self._read.append((window, tally))
        while sum(w.days for w, _ in self._read) - self._read[0][0].days >= WEEK:
            self._read.popleft()
        return Density.of([tally.by_day[day] for window, tally in self._read for day in window])

    @property
    def last(self) -> Tally:
        """Return the tally of the last window read."""
        return self._read[-1][1] if self._read else Tally()


def density_of_cut_answer(window: Window, tally: Tally) -> Density:
    """Estimate the density from an answer that LinkedIn cut.

    LinkedIn drops the oldest rows first, so all days but the oldest one seen are complete.
    Where that is not so, the estimate is too low and the next answer is cut again, smaller.
    """
    complete = _complete_days(window, tally)
    return Density.of([tally.by_day[day] for day in complete] or [tally.rows])


def _complete_days(window: Window, tally: Tally) -> list[dt.date]:
    oldest = min((day for day in tally.by_day if window.start <= day <= window.end), default=None)
    return [] if oldest is None else [day for day in window if day > oldest]


def cut_by_days(window: Window, tally: Tally) -> list[Window]:
    """Cut the window of an answer that was too large into windows that should fit.

    Args:
        window: More than one day.
        tally: The rows of the cut answer.

    Returns:
        At least two consecutive windows that cover ``window``: the days that the answer showed
        completely are packed by their rows, the oldest day shown stands alone, and what lies
        before it is cut by the average seen.
    """
    complete = _complete_days(window, tally)
    if not complete or complete[0] <= window.start:
        return list(window.chunks(max(window.days // 2, 1)))
    packed: list[Window] = []
    rows = 0
    for day in complete:
        count = tally.by_day[day]
        full = rows + count > FULLEST
        if packed and not full and packed[-1].days < LONGEST_WINDOW:
            packed[-1] = Window(packed[-1].start, day)
            rows += count
        else:
            packed.append(Window(day, day))
            rows = count
    boundary = complete[0] - DAY
    length = density_of_cut_answer(window, tally).longest_window()
    before = Window(window.start, boundary - DAY).chunks(length)
    return [*before, Window(boundary, boundary), *packed]


def fewest_parts(density: Density, days: int, most_parts: int) -> int:
    """Say into how many parts accounts are best divided.

    Whole days fill an answer badly where one day is large; parts of the accounts fill it better.

    Args:
        density: Rows a day of all accounts together.
        days: Days to read.
        most_parts: Number of accounts.

    Returns:
        The smallest number of parts with (nearly) the fewest requests for one field group.
    """
    at_most = max(1, min(most_parts, int(density.rows(days) / AIM) + 2))

    def requests(parts: int) -> int:
        return parts * -(-days // density.divided(parts).longest_window())

    fewest = min(requests(parts) for parts in range(1, at_most + 1))
    return next(p for p in range(1, at_most + 1) if requests(p) <= fewest * 1.02)


def balance(
    items: Sequence[int], weights: collections.Counter[int], parts: int
) -> list[tuple[int, ...]]:
    """Divide ids into parts of similar weight; the same input gives the same parts."""
    known = [weights[item] for item in items if weights[item]]
    usual = sum(known) / len(known) if known else 1.0
    bins: list[tuple[float, list[int]]] = [(0.0, []) for _ in range(min(parts, len(items)))]
    for item in sorted(items, key=lambda i: (-weights[i], i)):
        index = min(range(len(bins)), key=lambda i: (bins[i][0], len(bins[i][1]), i))
        weight, members = bins[index]
        members.append(item)
        bins[index] = (weight + (weights[item] or usual), members)
    return sorted(tuple(sorted(members)) for _, members in bins)

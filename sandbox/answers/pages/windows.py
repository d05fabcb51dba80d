"""``timeIntervals`` of the three statistics: syntax, limits and the buckets inside.

A range has an inclusive start and an exclusive end in milliseconds. Instants that are no midnight
are taken back to the midnight (UTC) before them. A bucket is a whole day, week or calendar month
inside the range: what is not complete is left out.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.api import rules
from sandbox.api.params import Long, Record
from sandbox.api.params import scalar as scalar_of

if TYPE_CHECKING:
    from sandbox.api.restli import Node

DAY_MS = 86_400_000
#: Statistics reach back twelve months.
MAX_AGE = 365
_MAX_MONTHS = 14


@dataclass(frozen=True)
class Intervals:
    """A requested range.

    Attributes:
        start: First instant, milliseconds.
        end: Instant behind the range, None for now.
        granularity: DAY, WEEK or MONTH.
    """

    start: int
    end: int | None
    granularity: str


@dataclass(frozen=True)
class TimeIntervals:
    """``(timeRange:(start:MS,end:MS),timeGranularityType:DAY)``; the end may be absent."""

    granularities: frozenset[str]

    def read(self, name: str, node: Node) -> Intervals:
        """Return the range; refuse malformed ones with LinkedIn's captured text."""
        number = Long()
        range_ = Record({"start": number, "end": number}, frozenset(("start",)))
        record = Record(
            {"timeRange": range_, "timeGranularityType": _Symbol(self.granularities)},
            frozenset(("timeRange", "timeGranularityType")),
        )
        try:
            read: dict[str, Any] = record.read(name, node)
        except rules.Refusal as refusal:
            raise rules.legacy("time_intervals", 400, f"Parameter '{name}' is invalid") from refusal
        bounds = read["timeRange"]
        return Intervals(bounds["start"], bounds.get("end"), read["timeGranularityType"])


@dataclass(frozen=True)
class _Symbol:
    symbols: frozenset[str]

    def read(self, name: str, node: Node) -> str:
        value = scalar_of(name, node)
        if value not in self.symbols or not re.fullmatch(r"[A-Z]+", value):
            raise rules.bad_enum(name, value)
        return value


def midnight(day: dt.date) -> int:
    """Return the first millisecond of a day, UTC."""
    return (day - dt.date(1970, 1, 1)).days * DAY_MS


def day_of(instant: int) -> dt.date:
    """Return the day of an instant in milliseconds, UTC."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=instant // DAY_MS)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def check(intervals: Intervals, now: int, *, clip: bool = False) -> tuple[dt.date, dt.date]:
    """Return the first day and the day behind the range, or refuse the range.

    Args:
        intervals: The requested range.
        now: The present instant, milliseconds.
        clip: Whether a start before the last twelve months is moved instead of refused.

    Returns:
        First day and exclusive end.
    """
    end = now if intervals.end is None else intervals.end
    shown = (
        f"Invalid timeIntervals parameter [{{timeGranularityType={intervals.granularity}, "
        f"timeRange={{start={intervals.start}, end={end}}}}}]. "
    )
    if intervals.start > 10**14 or end > now:
        raise _refusal("interval_future", shown + "End time must not be in the future")
    first, last = day_of(intervals.start), day_of(end)
    oldest = day_of(now) - dt.timedelta(days=MAX_AGE)
    apart = shown + "Start time and end time must be less than 14 months apart."
    if end >= midnight(add_months(first, _MAX_MONTHS)) + intervals.start % DAY_MS:
        raise _refusal("interval_width", apart)
    if end < _one_later(intervals):
        raise _refusal(
            "interval_short",
            shown + "End time must be greater than start time by at least one multiple of the "
            f"granularity type [{intervals.granularity}]",
        )
    if first < oldest:
        if not clip:
            raise _refusal("interval_start", apart)
        first = oldest
    return first, last


def _one_later(intervals: Intervals) -> int:
    if intervals.granularity == "MONTH":
        later = midnight(add_months(day_of(intervals.start), 1))
        return later + intervals.start % DAY_MS
    return intervals.start + DAY_MS * (7 if intervals.granularity == "WEEK" else 1)


def _refusal(rule: str, message: str) -> rules.Refusal:
    return rules.legacy(rule, 400, message, code="ILLEGAL_ARGUMENT")


def buckets(granularity: str, first: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return the complete buckets inside a range, oldest first.

    Args:
        granularity: DAY, WEEK (counted from the first day) or MONTH (calendar month).
        first: First day.
        end: Day behind the range.

    Returns:
        First day of each bucket and the day behind it.
    """
    found: list[tuple[dt.date, dt.date]] = []
    low = first
    if granularity == "MONTH" and low.day > 1:
        low = add_months(low.replace(day=1), 1)
    while True:
        if granularity == "MONTH":
            high = add_months(low, 1)
        else:
            high = low + dt.timedelta(days=7 if granularity == "WEEK" else 1)
        if high > end:
            return found
        found.append((low, high))
        low = high

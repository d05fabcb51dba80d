"""Which days or months of page statistics a run asks for. Pure.

LinkedIn's rules: LI-63, LI-64.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from tap_linkedin_ads.api import epoch

RETENTION_DAYS = 365
"""LinkedIn gives page statistics of the last twelve months."""
LEAST_LOOKBACK_DAYS = 7
"""Follower gains come two days late, and figures settle for some days."""

DAY, MONTH = "DAY", "MONTH"


class Range(t.NamedTuple):
    """Whole buckets: the first one's first day, and the day behind the last one."""

    first: dt.date
    end: dt.date

    @property
    def milliseconds(self) -> dict[str, int]:
        """Return LinkedIn's ``timeRange``: start inclusive, end exclusive."""
        return {"start": epoch.midnight_ms(self.first), "end": epoch.midnight_ms(self.end)}

    def last_bucket(self, period: str) -> dt.date:
        """Return the first day of the last bucket."""
        last = self.end - dt.timedelta(days=1)
        return last.replace(day=1) if period == MONTH else last


def earliest_day(today: dt.date) -> dt.date:
    """Return the first day that LinkedIn still gives."""
    return today - dt.timedelta(days=RETENTION_DAYS)


def complete_range(
    period: str, first: dt.date, last: dt.date, today: dt.date, delay_days: int = 0
) -> Range | None:
    """Return the complete buckets that hold a range of days.

    Args:
        period: DAY or MONTH; months are calendar months, UTC.
        first: First day wanted; with MONTH its whole month is, as far as LinkedIn keeps it.
        last: Last day wanted, inclusive; likewise.
        today: The present day, which is never complete.
        delay_days: Days before today for which a figure does not exist yet.

    Returns:
        The range, None where no bucket in it is complete.
    """
    first = max(first, earliest_day(today))
    end, available = last + dt.timedelta(days=1), today - dt.timedelta(days=delay_days)
    if period == MONTH:
        whole = first.replace(day=1)
        first = whole if whole >= earliest_day(today) else _next_month(whole)
        end, available = _next_month(last), available.replace(day=1)
    end = min(end, available)
    return Range(first, end) if first < end else None


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)

"""Where a run starts to read what an earlier run has read up to a bookmark. Pure.

LinkedIn's rule: LI-52.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    Day = t.TypeVar("Day", dt.date, dt.datetime)


@dataclass(frozen=True, slots=True)
class Lookback:
    """The first day of a run, as the settings have it.

    Attributes:
        start_date: First UTC day where there is no bookmark.
        start_date_is_set: The user set it; then the look-back ends there, too.
        days: Days before the bookmark that are read again.
        late_days: Days before the bookmark, its own day aside, that were not complete when it was
            set: no ``start_date`` leaves them out.
    """

    start_date: dt.date
    start_date_is_set: bool
    days: int
    late_days: int = 0

    def first_day(self, bookmark: dt.date | None) -> dt.date:
        """Return the first UTC day to read, which is never later than the bookmark's."""
        return self._first(bookmark, self.start_date)

    def first_instant(self, bookmark: dt.datetime | None) -> dt.datetime:
        """Return the first instant to read, which is never later than the bookmark."""
        return self._first(
            bookmark, dt.datetime.combine(self.start_date, dt.time(), dt.timezone.utc)
        )

    def _first(self, bookmark: Day | None, start: Day) -> Day:
        """Return the bookmark less the look-back.

        A start that is set bounds the look-back. One that lies behind the bookmark was set later
        and counts for nothing: what lies between has not been read.
        """
        if bookmark is None:
            return start
        first = bookmark - dt.timedelta(days=self.days)
        if not self.start_date_is_set or start > bookmark:
            return first
        return max(first, min(start, bookmark - dt.timedelta(days=self.late_days)))

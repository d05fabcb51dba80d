"""Windows of days, and what an answer held of them.

LinkedIn's rule: LI-45.
"""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from array import array
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ELEMENT_LIMIT = 15_000
"""Rows at which LinkedIn cuts an answer without a word: an answer this large is not whole."""
FULLEST = ELEMENT_LIMIT - 1
LONGEST_WINDOW = 92
"""Days: beyond it LinkedIn leaves out approximateMemberReach and audiencePenetration."""

AIM = 14_600
"""Rows to expect at most where campaigns share a request: what is left takes up growth."""

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


Cells = collections.defaultdict[int, collections.Counter[dt.date]]
"""How many rows, by ad account and day."""


@dataclass(slots=True)
class Tally:
    """How many rows an answer held: in all, by day, by ad account and by campaign.

    But for ``rows`` and ``by_campaign``, a row that came twice counts once: it proves one.
    """

    rows: int = 0
    by_day: collections.Counter[dt.date] = field(default_factory=collections.Counter)
    by_account: collections.Counter[int] = field(default_factory=collections.Counter)
    by_campaign: collections.Counter[int] = field(default_factory=collections.Counter)
    cells: Cells = field(default_factory=lambda: collections.defaultdict(collections.Counter))

    def add(self, account: int, day: dt.date, rows: int) -> None:
        """Count rows of one ad account and day in all but ``rows`` and ``by_campaign``."""
        self.by_day[day] += rows
        self.by_account[account] += rows
        self.cells[account][day] += rows


class CellCounts:
    """Rows by ad account and day, in as little memory as arrays take: many answers may wait."""

    def __init__(self) -> None:
        self._accounts, self._behind = list[int](), array("i")
        self._days, self._rows = array("i"), array("i")

    def add(self, account: int, day: dt.date, rows: int) -> None:
        """Add rows; those of an ad account that come together take less."""
        if not self._accounts or self._accounts[-1] != account:
            self._accounts.append(account)
            self._behind.append(0)
        self._days.append(day.toordinal())
        self._rows.append(rows)
        self._behind[-1] = len(self._days)

    def __iter__(self) -> Iterator[tuple[int, dt.date, int]]:
        """Yield ad account, day and number of rows, as they were added."""
        first = 0
        for account, behind in zip(self._accounts, self._behind, strict=True):
            for cell in range(first, behind):
                yield account, dt.date.fromordinal(self._days[cell]), self._rows[cell]
            first = behind


def complete_days(window: Window, tally: Tally) -> Window | None:
    """Return the days of a cut answer that seem to be complete, if any.

    LinkedIn drops the oldest rows first, so all days but the oldest one seen are. This is good
    enough for a plan and never for a row: the days are asked for again.
    """
    oldest = min((day for day in tally.by_day if window.start <= day <= window.end), default=None)
    if oldest is None or oldest >= window.end:
        return None
    return Window(oldest + DAY, window.end)

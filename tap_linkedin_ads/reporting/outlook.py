"""How many rows each ad account has on each day: those that were read, and those to expect.

The first field group is read first. It is counted by ad account and day, so that the others, whose
rows are a share of its rows, are planned with what there is instead of what there was.
"""

from __future__ import annotations

import functools
import math
import typing as t
from array import array

from tap_linkedin_ads.reporting.margins import Margin

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.windows import Tally, Window

_UNKNOWN = -1
_MOST = 32_767
"""What a cell of two bytes holds: more than twice the rows of an answer."""
_WEEK = 7
_TWO, _WEEKS = 2, 4
"""Weeks by which a trend is judged, at least and at most."""
_LEAST_CHANGE = 0.004
_STEEPEST = 0.2
"""Part by which rows are expected to grow in a week, at most."""
_UNSURE = 14
"""Days to look ahead before anything is known of how rows change."""
_TOLERATED = 0.1
"""Part by which rows may change within the days to look ahead."""
_SURE = 3
"""Standard deviations that make a change of rows a trend."""
_NEWEST = 14
"""Days by which the rows to come are shared out among ad accounts."""


class Outlook:
    """Counts rows by ad account and day, and extends them over days that were not read."""

    def __init__(self, accounts: Sequence[int], window: Window) -> None:
        self.window = window
        self._days = window.days
        self._cells = {a: array("h", [_UNKNOWN]) * self._days for a in accounts}
        self._unknown = [len(accounts)] * self._days
        self._totals = [0] * self._days
        self._forecasts: dict[int, float] = {}
        self._expected: dict[tuple[int, int], float] = {}
        self.version = 0
        """Changes with whatever is learnt."""
        self.known_days = 0
        """Days, from the first on, of which all rows were counted."""
        self.margin = Margin()
        """Room for what comes on top of the rows of days that were not read."""

    def learn(self, accounts: Iterable[int], window: Window, tally: Tally, *, adds: bool) -> None:
        """Count the rows of ad accounts and days.

        Args:
            accounts: Ad accounts.
            window: Days of which all rows of these ad accounts are in.
            tally: The rows.
            adds: They are a part of the rows (some campaigns) and come on top.
        """
        low, base = (window.start - self.window.start).days, window.start.toordinal()
        fresh = {account: array("h", bytes(2 * window.days)) for account in accounts}
        for account, own in fresh.items():
            for day, rows in tally.cells[account].items():
                if window.start <= day <= window.end:
                    own[day.toordinal() - base] = min(rows, _MOST)
        for account, rows_a_day in fresh.items():
            cells = self._cells[account]
            for at, rows in enumerate(rows_a_day, low):
                before = cells[at]
                if before == _UNKNOWN:
                    self._unknown[at] -= 1
                    before = 0
                now = min(before + rows, _MOST) if adds else rows
                self._totals[at] += now - before
                cells[at] = now
        self._changed()

    def forget(self, account: int) -> None:
        """Expect no more of an ad account that is set aside."""
        cells = self._cells[account]
        for at, rows in enumerate(cells):
            if rows == _UNKNOWN:
                cells[at] = 0
                self._unknown[at] -= 1
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._forecasts.clear()
        self._expected.clear()
        for name in ("steady_days", "_shares", "_trend"):
            self.__dict__.pop(name, None)
        while self.known_days < self._days and not self._unknown[self.known_days]:
            self.known_days += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of any day."""
        return all(self._unknown)

    def on(self, day: int) -> float:
        """Return the rows of a day, counted from the first one: known or to be expected."""
        if not self._unknown[day]:
            return self._totals[day]
        if day not in self._forecasts:
            self._forecasts[day] = self._forecast(day)
        return self._forecasts[day]

    def of(self, account: int, start: int, end: int) -> float:
        """Return the rows of an ad account from a day to before another one."""
        known = max(start, min(end, self.known_days))
        rows: float = sum(self._cells[account][start:known])
        if known < end:
            rows += self._shares[account] * self._of_all(known, end)
        return rows

    def _of_all(self, start: int, end: int) -> float:
        """Return the rows of all ad accounts: each of hundreds is asked for the same days."""
        days = start, end
        if days not in self._expected:
            self._expected[days] = sum(self.on(day) for day in range(start, end))
        return self._expected[days]

    def _forecast(self, day: int) -> float:
        """Go by the nearest days of the same weekday that are known, before and behind."""
        before = next((at for at in range(day - _WEEK, -1, -_WEEK) if not self._unknown[at]), None)
        behind = next(
            (at for at in range(day + _WEEK, self._days, _WEEK) if not self._unknown[at]), None
        )
        if before is not None and behind is not None:
            part = (day - before) / (behind - before)
            return self._totals[before] * (1 - part) + self._totals[behind] * part
        if before is not None:
            weeks = (day - before) // _WEEK
            return self._totals[before] * (1 + self._trend * weeks)
        if behind is not None:
            return self._totals[behind]
        known = [rows for rows, left in zip(self._totals, self._unknown, strict=True) if not left]
        return sum(known) / len(known) if known else 0.0

    def is_known(self, day: int) -> bool:
        """Whether all rows of a day were counted."""
        return not self._unknown[day]

    @functools.cached_property
    def steady_days(self) -> int:
        """Return the day up to which to look ahead: not far where rows change a lot."""
        end = next((at + 1 for at in reversed(range(self._days)) if self.is_known(at)), 0)
        start = next((at for at in reversed(range(end)) if not self.is_known(at)), -1) + 1
        weeks = min((end - start) // _WEEK, _WEEKS)
        if weeks < _TWO:
            return end + _UNSURE
        new = sum(self._totals[end - _WEEK : end])
        old = sum(self._totals[end - _WEEK * weeks : end - _WEEK * (weeks - 1)])
        change = abs(new - old) / max(new, old, 1) / (weeks - 1)
        return end + round(_WEEK * _TOLERATED / max(change, _LEAST_CHANGE))

    @functools.cached_property
    def _trend(self) -> float:
        """Return the part by which rows grow in a week, where more than chance makes them."""
        weeks = min(self.known_days // _WEEK, _WEEKS)
        if weeks < _TWO:
            return 0.0
        end = self.known_days
        new = sum(self._totals[end - _WEEK : end])
        end -= _WEEK * (weeks - 1)
        old = sum(self._totals[end - _WEEK : end])
        if new - old < _SURE * math.sqrt(new + old) or not new:
            return 0.0
        change = (new - old) / (weeks - 1) / new * (1 - 1 / weeks)  # few weeks say little
        return min(change, _STEEPEST)

    @functools.cached_property
    def _shares(self) -> dict[int, float]:
        """Return the part of each ad account in the rows to come."""
        end = self.known_days or self._days
        start = max(0, end - _NEWEST) if self.known_days else 0
        levels = {
            account: sum(rows for rows in cells[start:end] if rows > 0)
            for account, cells in self._cells.items()
        }
        total = sum(levels.values())
        if not total:
            return dict.fromkeys(levels, 1 / len(levels))
        return {account: level / total for account, level in levels.items()}

"""Rows of one field group that came together and wait for those of the others.

Rows wait by the ten thousands, so that a row costs no object of its own.
"""

from __future__ import annotations

import itertools
import typing as t
from array import array
from bisect import bisect_left, bisect_right

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from tap_linkedin_ads.api.responses import Read
    from tap_linkedin_ads.reporting.fragments import Key

Rows = dict["Key", bytes]
"""Rows of one field group, of one ad account and day: JSON objects by key."""


class Sheet:
    """Rows of one field group, by ad account and day: the rows of both are a cell.

    Attributes:
        group_number: The field group.
        keys: Each row's key.
        numbers: The number of each row's key, which whoever joins the rows puts in their place.
    """

    def __init__(
        self,
        group_number: int,
        rows: Mapping[tuple[int, dt.date], Rows],
        put: Callable[[bytes], Read],
    ) -> None:
        """Take rows.

        Args:
            group_number: The field group.
            rows: The rows, by ad account and day; at least one, and of each of these.
            put: Puts text where there is room for it, and returns what reads a part of it.
        """
        self.group_number = group_number
        self.keys: list[Key] = []
        self.numbers = array("i")
        self._accounts: list[int] = []
        self._next, self._behind = array("i"), array("i")
        self._days, self._starts = array("i"), array("i", [0])
        texts: list[bytes] = []
        for account, day in sorted(rows):
            own = rows[account, day]
            self.keys += own
            texts += own.values()
            self._add(account, day, len(texts))
        self._first_day = min(self._days)
        self._waiting = len(self._days)
        self._ends = array("i", itertools.accumulate(map(len, texts), initial=0))
        self._read = put(b"".join(texts))

    def _add(self, account: int, day: dt.date, end: int) -> None:
        """Add a cell of the same ad account as the last one, or of one with a larger number."""
        if not self._accounts or self._accounts[-1] != account:
            self._accounts.append(account)
            self._next.append(len(self._days))
            self._behind.append(0)
        self._days.append(day.toordinal())
        self._starts.append(end)
        self._behind[-1] = len(self._days)

    def counts(self) -> Iterator[tuple[int, int, int]]:
        """Yield ad account, day as an ordinal, and number of rows; before any are forgotten."""
        for account, first, behind in zip(self._accounts, self._next, self._behind, strict=True):
            for cell in range(first, behind):
                yield account, self._days[cell], self._starts[cell + 1] - self._starts[cell]

    @property
    def has_rows(self) -> bool:
        """Whether there are rows that are not forgotten."""
        return self._waiting > 0

    def find(self, account: int, last: int) -> range | None:
        """Return the cells of an ad account up to a day, None where it has none."""
        if last < self._first_day:
            return None
        place = bisect_left(self._accounts, account)
        if place == len(self._accounts) or self._accounts[place] != account:
            return None
        start, behind = self._next[place], self._behind[place]
        return range(start, bisect_right(self._days, last, start, behind))

    def forget(self, account: int, cells: range) -> None:
        """Find an ad account's first cells no longer."""
        self._next[bisect_left(self._accounts, account)] = cells.stop
        self._waiting -= len(cells)

    def days(self, cells: range) -> array[int]:
        """Return the days of cells, as ordinals."""
        return self._days[cells.start : cells.stop]

    def numbers_of(self, cells: range) -> array[int]:
        """Return the numbers of their rows' keys."""
        return self.numbers[self._starts[cells.start] : self._starts[cells.stop]]

    def size_of(self, cells: range) -> int:
        """Return the bytes of their rows' texts."""
        return self._ends[self._starts[cells.stop]] - self._ends[self._starts[cells.start]]

    def read(self, cells: range) -> Iterator[tuple[int, array[int], list[bytes]]]:
        """Yield the day of each cell, its rows' numbers of keys and texts without braces."""
        start, stop = self._starts[cells.start], self._starts[cells.stop]
        first = self._ends[start]
        text = self._read(first, self._ends[stop] - first)
        opening, closing = first - 1, first + 1
        ends = itertools.pairwise(self._ends[start : stop + 1])
        texts = [text[begin - opening : end - closing] for begin, end in ends]
        for cell in cells:
            rows = slice(self._starts[cell], self._starts[cell + 1])
            own = slice(rows.start - start, rows.stop - start)
            yield self._days[cell], self.numbers[rows], texts[own]

"""Joins the answers for different field groups by key, never by position.

LinkedIn leaves out a row whose requested metrics are all zero, so each field group brings other
rows and in another order: the join is an outer join on ad account, day and pivot values.

LinkedIn's rule: LI-44.
"""

from __future__ import annotations

import collections
import datetime as dt
import functools
import itertools
import typing as t
from array import array

from tap_linkedin_ads.reporting.fragments import Key
from tap_linkedin_ads.reporting.sheets import Sheet

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Values = list[bytes]
"""What is known of a row: for each field group, its figures as JSON text without braces."""

_FEW = 10_000
"""Keys that are kept without a look at which of them are still needed."""
_AT_ONCE = 512 * 1024
"""Bytes of an ad account's text that are released without going day by day."""
_date = functools.lru_cache(maxsize=4096)(dt.date.fromordinal)


class Merge:
    """Rows waiting for the answers of other field groups."""

    def __init__(self, blanks: Sequence[bytes], at_once_at_most: int = _AT_ONCE) -> None:
        """Begin without rows.

        Args:
            blanks: For each field group, the figures of a row that LinkedIn left out.
            at_once_at_most: Bytes of an ad account's text that are released together; more of it
                goes day by day.
        """
        self._blanks = list(blanks)
        self._at_once_at_most = at_once_at_most
        self._sheets: list[Sheet] = []
        self._keys = _Keys()
        self._most_keys = _FEW

    def add(self, sheets: Iterable[Sheet]) -> None:
        """Let rows wait for those of the other field groups."""
        for sheet in sheets:
            if len(self._keys.all) > self._most_keys:
                self._forget_keys()
            sheet.numbers = self._keys.numbers(sheet.keys)
            sheet.keys = []
            self._sheets.append(sheet)

    def _forget_keys(self) -> None:
        """Keep only the keys of rows that wait: a long run has new ones every day."""
        before, self._keys = self._keys, _Keys()
        for sheet in self._sheets:
            sheet.numbers = self._keys.numbers(before.all[number] for number in sheet.numbers)
        self._most_keys = 2 * len(self._keys.all) + _FEW

    def keys(self, account: int, through: dt.date) -> Iterator[Key]:
        """Yield the keys of an ad account's rows up to a day, each once."""
        numbers = set[int]()
        for sheet, cells in self._found(account, through):
            numbers.update(sheet.numbers_of(cells))
        yield from map(self._keys.all.__getitem__, numbers)

    def days(self, account: int, through: dt.date) -> list[dt.date]:
        """Return the days up to one on which an ad account has rows."""
        days = set[int]()
        for sheet, cells in self._found(account, through):
            days.update(sheet.days(cells))
        return list(map(_date, sorted(days)))

    def _found(self, account: int, through: dt.date) -> list[tuple[Sheet, range]]:
        """Return the sheets, and on them the cells, of an ad account up to a day."""
        last = through.toordinal()
        return [(sheet, cells) for sheet in self._sheets if (cells := sheet.find(account, last))]

    def release(self, account: int, through: dt.date) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield and forget an ad account's rows up to a day, by day and then by key."""
        found = self._found(account, through)
        for sheet, cells in found:
            sheet.forget(account, cells)
        self._sheets = [sheet for sheet in self._sheets if sheet.has_rows]
        if sum(sheet.size_of(cells) for sheet, cells in found) <= self._at_once_at_most:
            yield from self._joined(found)
            return
        by_day = collections.defaultdict[int, list[tuple[Sheet, range]]](list)
        for sheet, cells in found:
            for cell, day in zip(cells, sheet.days(cells), strict=True):
                by_day[day].append((sheet, range(cell, cell + 1)))
        for day in sorted(by_day):
            yield from self._joined(by_day.pop(day))

    def _joined(
        self, found: Sequence[tuple[Sheet, range]]
    ) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield rows of one ad account, by day and then by key; of two texts the later counts."""
        keys, blanks = self._keys.all, self._blanks
        by_day = collections.defaultdict[int, dict[int, Values]](dict)
        numbers = set[int]()
        for sheet, cells in found:
            group_number = sheet.group_number
            numbers.update(sheet.numbers_of(cells))
            for day, own_numbers, texts in sheet.read(cells):
                joined = by_day[day]
                for number, text in zip(own_numbers, texts, strict=True):
                    if (row := joined.get(number)) is None:
                        joined[number] = row = blanks.copy()
                    row[group_number] = text
        in_order = sorted(numbers, key=keys.__getitem__)
        place = dict(zip(in_order, itertools.count()))
        for day in sorted(by_day):
            date, joined = _date(day), by_day[day]
            for number in sorted(joined, key=place.__getitem__):
                yield date, keys[number], joined[number]


class _Keys(dict[Key, int]):
    """Numbers keys: rows of all days and field groups have the same ones.

    Attributes:
        all: The keys, by number.
    """

    def __init__(self) -> None:
        self.all: list[Key] = []

    def numbers(self, keys: Iterable[Key]) -> array[int]:
        """Return the numbers of keys; new ones get the next."""
        return array("i", map(self.__getitem__, keys))

    def __missing__(self, key: Key) -> int:
        self[key] = number = len(self.all)
        self.all.append(key)
        return number

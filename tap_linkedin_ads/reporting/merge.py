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

from tap_linkedin_ads.reporting.sheets import Block, Sheet

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_linkedin_ads.reporting.fragments import Key

Values = list[bytes]
"""What is known of a row: for each field group, its figures as JSON text without braces."""

_AT_ONCE = 512 * 1024
"""Bytes of an ad account's text that are read without going day by day."""
_date = functools.lru_cache(maxsize=4096)(dt.date.fromordinal)


class Merge:
    """Rows waiting for the answers of other field groups."""

    def __init__(self, blanks: Sequence[bytes], at_once_at_most: int = _AT_ONCE) -> None:
        """Begin without rows.

        Args:
            blanks: For each field group, the figures of a row that LinkedIn left out.
            at_once_at_most: Bytes of an ad account's text that are read together; more of it goes
                day by day.
        """
        self._blanks = list(blanks)
        self._at_once_at_most = at_once_at_most
        self._sheets: list[Sheet] = []

    def add(self, sheets: Iterable[Sheet]) -> None:
        """Let rows wait for those of the other field groups."""
        self._sheets += sheets

    def has_rows(self, account: int, through: dt.date) -> bool:
        """Whether rows of an ad account up to a day wait."""
        last = through.toordinal()
        return any(sheet.has_some(account, last) for sheet in self._sheets)

    def take(self, account: int, through: dt.date) -> JoinedRows:
        """Take an ad account's rows up to a day, which wait no longer."""
        last = through.toordinal()
        found = [block for sheet in self._sheets if (block := sheet.take(account, last))]
        self._sheets = [sheet for sheet in self._sheets if sheet.has_rows]
        return JoinedRows(found, self._blanks, self._at_once_at_most)


class JoinedRows:
    """Rows of one ad account, joined as they are gone through."""

    def __init__(self, found: Sequence[Block], blanks: list[bytes], at_once_at_most: int) -> None:
        """Number the keys.

        Args:
            found: The rows, those of a field group as they came: of two texts the later counts.
            blanks: As for ``Merge``.
            at_once_at_most: As for ``Merge``.
        """
        self._found = found
        self._blanks = blanks
        self._at_once_at_most = at_once_at_most
        numbers: dict[Key, int] = {}
        for block in found:
            block.numbers = [numbers.setdefault(key, len(numbers)) for key in block.every_key()]
        self._keys = list(numbers)
        in_order = sorted(range(len(numbers)), key=self._keys.__getitem__)
        self._places = dict(zip(in_order, itertools.count()))

    def keys(self) -> Iterator[Key]:
        """Yield the rows' keys, each once."""
        numbers = set[int]()
        for block in self._found:
            numbers.update(block.numbers_of(block.cells))
        yield from map(self._keys.__getitem__, numbers)

    def days(self) -> list[dt.date]:
        """Return the days that have rows."""
        days = set[int]()
        for block in self._found:
            days.update(block.days(block.cells))
        return list(map(_date, sorted(days)))

    def __iter__(self) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield the rows, by day and then by key."""
        if sum(block.size for block in self._found) <= self._at_once_at_most:
            yield from self._joined([(block, block.cells) for block in self._found])
            return
        by_day = collections.defaultdict[int, list[tuple[Block, range]]](list)
        for block in self._found:
            for cell, day in zip(block.cells, block.days(block.cells), strict=True):
                by_day[day].append((block, range(cell, cell + 1)))
        for day in sorted(by_day):
            yield from self._joined(by_day.pop(day))

    def _joined(
        self, found: Sequence[tuple[Block, range]]
    ) -> Iterator[tuple[dt.date, Key, Values]]:
        keys, blanks = self._keys, self._blanks
        by_day = collections.defaultdict[int, dict[int, Values]](dict)
        for block, cells in found:
            group_number = block.group_number
            for day, numbers, texts in block.read(cells):
                joined = by_day[day]
                for number, text in zip(numbers, texts, strict=True):
                    if (row := joined.get(number)) is None:
                        joined[number] = row = blanks.copy()
                    row[group_number] = text
        for day in sorted(by_day):
            date, joined = _date(day), by_day[day]
            for number in sorted(joined, key=self._places.__getitem__):
                yield date, keys[number], joined[number]

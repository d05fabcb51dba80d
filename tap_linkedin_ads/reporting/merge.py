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
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from tap_linkedin_ads.reporting.fragments import Key

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Read = Callable[[int, int], bytes]

Values = list[bytes]
"""What is known of a row: for each field group, its figures as JSON text without braces."""
Rows = dict[Key, bytes]
"""Rows of one field group that arrive, of one ad account and day: JSON objects by key."""

_FEW = 10_000
"""Keys that are kept without a look at which of them are still needed."""
_AT_ONCE = 512 * 1024
"""Bytes of an ad account's text that are released without going day by day."""
_date = functools.lru_cache(maxsize=4096)(dt.date.fromordinal)


@dataclass(slots=True)
class Held:
    """The text of waiting rows that is in memory, for all merges of a report together.

    Attributes:
        most: Bytes from which on more text is moved out.
        move_out: Puts text elsewhere and returns what reads a part of it, None where it cannot.
        size: Bytes in memory.
    """

    most: int
    move_out: Callable[[bytes], Read | None]
    size: int = 0


class Merge:
    """Rows waiting for the answers of other field groups."""

    def __init__(
        self,
        blanks: Sequence[bytes],
        held: Held | None = None,
        at_once_at_most: int = _AT_ONCE,
    ) -> None:
        """Begin without rows.

        Args:
            blanks: For each field group, the figures of a row that LinkedIn left out.
            held: Bounds the text in memory; None for no bound.
            at_once_at_most: Bytes of an ad account's text that are released together; more of it
                goes day by day.
        """
        self._blanks = list(blanks)
        self._at_once_at_most = at_once_at_most
        self._arriving: dict[tuple[int, dt.date], Rows] = {}
        self._sheets: list[_Sheet] = []
        self._keys = _Keys()
        self._most_keys = _FEW
        self._held = held

    def rows(self, account: int, day: dt.date) -> Rows:
        """Return where the arriving rows of an ad account and day go."""
        return self._arriving.setdefault((account, day), {})

    def took_in(self, group_number: int) -> None:
        """Let the rows of a field group that have arrived wait for the others."""
        arriving, self._arriving = self._arriving, {}
        sheet, keys, texts = _Sheet(group_number), list[Key](), list[bytes]()
        for account, day in sorted(arriving):
            if rows := arriving[account, day]:
                sheet.add(account, day, len(rows))
                keys += rows
                texts += rows.values()
        if texts:
            if len(self._keys.all) > self._most_keys:
                self._forget_keys()
            sheet.keys = self._keys.numbers(keys)
            sheet.keep(texts, self._held)
            self._sheets.append(sheet)

    def _forget_keys(self) -> None:
        """Keep only the keys of rows that wait: a long run has new ones every day."""
        before, self._keys = self._keys, _Keys()
        for sheet in self._sheets:
            sheet.keys = self._keys.numbers(before.all[number] for number in sheet.keys)
        self._most_keys = 2 * len(self._keys.all) + _FEW

    def keys(self, account: int, through: dt.date) -> Iterator[Key]:
        """Yield the keys of an ad account's rows up to a day, each once."""
        numbers = set[int]()
        for sheet, rows in self._found(account, through):
            numbers.update(sheet.keys[rows.start : rows.stop])
        yield from map(self._keys.all.__getitem__, numbers)

    def days(self, account: int, through: dt.date) -> list[dt.date]:
        """Return the days up to one on which an ad account has rows."""
        days = set[int]()
        for sheet, rows in self._found(account, through):
            days.update(sheet.days[rows.start : rows.stop])
        return list(map(_date, sorted(days)))

    def _found(self, account: int, through: dt.date) -> list[tuple[_Sheet, range]]:
        """Return where the rows of an ad account up to a day are."""
        last = through.toordinal()
        return [(sheet, rows) for sheet in self._sheets if (rows := sheet.find(account, last))]

    def release(self, account: int, through: dt.date) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield and forget an ad account's rows up to a day, by day and then by key."""
        found = self._found(account, through)
        for sheet, rows in found:
            sheet.forget(account, rows)
        self._sheets = [sheet for sheet in self._sheets if sheet.has_rows]
        if sum(sheet.size_of(rows) for sheet, rows in found) <= self._at_once_at_most:
            yield from self._joined(found)
            return
        by_day = collections.defaultdict[int, list[tuple[_Sheet, range]]](list)
        for sheet, rows in found:
            for day, rows_of_day in sheet.by_day(rows):
                by_day[day].append((sheet, rows_of_day))
        for day in sorted(by_day):
            yield from self._joined(by_day.pop(day))

    def _joined(
        self, found: Sequence[tuple[_Sheet, range]]
    ) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield rows of one ad account, by day and then by key; of two texts the later counts."""
        keys, blanks = self._keys.all, self._blanks
        by_day = collections.defaultdict[int, dict[int, Values]](dict)
        numbers = set[int]()
        for sheet, rows in found:
            group_number = sheet.group_number
            numbers.update(sheet.keys[rows.start : rows.stop])
            for day, number, text in sheet.read(rows):
                joined = by_day[day]
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


class _Sheet:
    """Rows of one field group that came together, by ad account and day.

    Rows wait by the ten thousands, so that a row costs no object of its own. Its text may be in a
    file.

    Attributes:
        group_number: The field group.
        keys: The number of each row's key.
        days: The day of each row, as an ordinal.
    """

    def __init__(self, group_number: int) -> None:
        self.group_number = group_number
        self.keys = array("i")
        self.days = array("i")
        self._accounts: list[int] = []
        self._next, self._behind = array("i"), array("i")
        self._text: bytes | None = None

    def add(self, account: int, day: dt.date, count: int) -> None:
        """Add rows of the same ad account as the last ones, or of one with a larger number."""
        if not self._accounts or self._accounts[-1] != account:
            self._accounts.append(account)
            self._next.append(len(self.days))
            self._behind.append(0)
        self.days.extend([day.toordinal()] * count)
        self._behind[-1] = len(self.days)

    def keep(self, texts: Sequence[bytes], held: Held | None) -> None:
        """Keep the texts of all rows where there is room for them."""
        self._held = held
        self._first_day = min(self.days)
        self._waiting = len(texts)
        self._ends = array("i", itertools.accumulate(map(len, texts), initial=0))
        text = b"".join(texts)
        if held is not None:
            if held.size + len(text) > held.most and (read := held.move_out(text)) is not None:
                self._read = read
                return
            held.size += len(text)
        self._text = text

    @property
    def has_rows(self) -> bool:
        """Whether there are rows that are not forgotten."""
        return self._waiting > 0

    def find(self, account: int, last: int) -> range | None:
        """Return the rows of an ad account up to a day, None where it has none."""
        if last < self._first_day:
            return None
        place = bisect_left(self._accounts, account)
        if place == len(self._accounts) or self._accounts[place] != account:
            return None
        start, behind = self._next[place], self._behind[place]
        return range(start, bisect_right(self.days, last, start, behind))

    def forget(self, account: int, rows: range) -> None:
        """Find an ad account's first rows no longer."""
        self._next[bisect_left(self._accounts, account)] = rows.stop
        self._waiting -= len(rows)

    def by_day(self, rows: range) -> Iterator[tuple[int, range]]:
        """Yield the rows of each day."""
        while rows:
            day = self.days[rows.start]
            end = bisect_right(self.days, day, rows.start, rows.stop)
            yield day, range(rows.start, end)
            rows = range(end, rows.stop)

    def size_of(self, rows: range) -> int:
        """Return the bytes of rows' texts."""
        return self._ends[rows.stop] - self._ends[rows.start]

    def read(self, rows: range) -> Iterator[tuple[int, int, bytes]]:
        """Return rows, each with day, key and text without braces, which is not held any longer."""
        first, last = self._ends[rows.start], self._ends[rows.stop]
        if self._text is None:
            text, before = self._read(first, last - first), first
        else:
            text, before = self._text, 0
            if self._held is not None:
                self._held.size -= last - first
        ends = itertools.pairwise(self._ends[rows.start : rows.stop + 1])
        opening, closing = before - 1, before + 1
        texts = [text[start - opening : end - closing] for start, end in ends]
        at = slice(rows.start, rows.stop)
        return zip(self.days[at], self.keys[at], texts, strict=True)

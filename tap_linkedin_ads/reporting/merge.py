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
from bisect import bisect_right
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    Read = Callable[[int, int], bytes]

Key = tuple[str, ...]
Values = dict[int, bytes]
"""What is known of a row: by field group, the piece of the record's text."""
Rows = dict[Key, bytes]
"""Rows of one field group that arrive, of one ad account and day."""

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

    def __init__(self, held: Held | None = None, at_once_at_most: int = _AT_ONCE) -> None:
        """Begin without rows.

        Args:
            held: Bounds the text in memory; None for no bound.
            at_once_at_most: Bytes of an ad account's text that are released together; more of it
                goes day by day.
        """
        self._at_once_at_most = at_once_at_most
        self._arriving: dict[tuple[int, dt.date], Rows] = {}
        self._sheets: list[_Sheet] = []
        self._keys: dict[Key, Key] = {}
        self._most_keys = _FEW
        self._held = held

    def rows(self, account: int, day: dt.date) -> Rows:
        """Return where the arriving rows of an ad account and day go."""
        return self._arriving.setdefault((account, day), {})

    def took_in(self, group_number: int) -> None:
        """Let the rows of a field group that have arrived wait for the others."""
        arriving, self._arriving = self._arriving, {}
        sheet, texts = _Sheet(group_number), list[bytes]()
        for account, day in sorted(arriving):
            if rows := arriving[account, day]:
                sheet.add(account, day, rows)
                texts += rows.values()
        if texts:
            sheet.keys = self._kept_once(sheet.keys)
            sheet.keep(texts, self._held)
            self._sheets.append(sheet)

    def _kept_once(self, keys: list[Key]) -> list[Key]:
        """Return the objects that stand for keys: rows of several answers have the same ones."""
        if len(self._keys) > self._most_keys:
            self._keys = {key: key for sheet in self._sheets for key in sheet.keys}
            self._most_keys = 2 * len(self._keys) + _FEW
        return list(map(self._keys.setdefault, keys, keys))

    def keys(self, account: int, through: dt.date) -> Iterator[Key]:
        """Yield the keys of an ad account's rows up to a day, some more than once."""
        for sheet, rows in self._found(account, through):
            yield from sheet.keys[rows.start : rows.stop]

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
            yield from _joined(found)
            return
        by_day = collections.defaultdict[int, list[tuple[_Sheet, range]]](list)
        for sheet, rows in found:
            for day, rows_of_day in sheet.by_day(rows):
                by_day[day].append((sheet, rows_of_day))
        for day in sorted(by_day):
            yield from _joined(by_day.pop(day))


def _joined(
    found: Sequence[tuple[_Sheet, range]],
) -> Iterator[tuple[dt.date, Key, Values]]:
    """Yield rows of one ad account, by day and then by key; of two texts the later one counts."""
    by_day = collections.defaultdict[int, dict[Key, Values]](dict)
    for sheet, rows in found:
        group_number = sheet.group_number
        for day, key, text in sheet.read(rows):
            joined = by_day[day]
            if key in joined:
                joined[key][group_number] = text
            else:
                joined[key] = {group_number: text}
    for day in sorted(by_day):
        date, joined = _date(day), by_day[day]
        for key in sorted(joined):
            yield date, key, joined[key]


class _Sheet:
    """Rows of one field group that came together, by ad account and day.

    Rows wait by the ten thousands, so that a row costs no object of its own. Its text may be in a
    file; there are no line breaks in it.

    Attributes:
        group_number: The field group.
        keys: The key of each row.
        days: The day of each row, as an ordinal.
    """

    def __init__(self, group_number: int) -> None:
        self.group_number = group_number
        self.keys: list[Key] = []
        self.days = array("i")
        self._places: dict[int, int] = {}
        self._next, self._behind = array("i"), array("i")
        self._text: bytes | None = None

    def add(self, account: int, day: dt.date, keys: Collection[Key]) -> None:
        """Add rows of the same ad account as the last ones, or of another one."""
        if account not in self._places:
            self._places[account] = len(self._next)
            self._next.append(len(self.days))
            self._behind.append(0)
        self.keys += keys
        self.days.extend([day.toordinal()] * len(keys))
        self._behind[-1] = len(self.days)

    def keep(self, texts: Sequence[bytes], held: Held | None) -> None:
        """Keep the texts of all rows where there is room for them."""
        self._held = held
        self._first_day = min(self.days)
        self._ends = array("i", itertools.accumulate((len(text) + 1 for text in texts), initial=0))
        text = b"\n".join([*texts, b""])
        if held is not None:
            if held.size + len(text) > held.most and (read := held.move_out(text)) is not None:
                self._read = read
                return
            held.size += len(text)
        self._text = text

    @property
    def has_rows(self) -> bool:
        """Whether there are rows that are not forgotten."""
        return bool(self._places)

    def find(self, account: int, last: int) -> range | None:
        """Return the rows of an ad account up to a day, None where it has none."""
        if last < self._first_day or (place := self._places.get(account)) is None:
            return None
        start, behind = self._next[place], self._behind[place]
        return range(start, bisect_right(self.days, last, start, behind))

    def forget(self, account: int, rows: range) -> None:
        """Find an ad account's first rows no longer."""
        place = self._places[account]
        self._next[place] = rows.stop
        if rows.stop == self._behind[place]:
            del self._places[account]

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

    def read(self, rows: range) -> Iterator[tuple[int, Key, bytes]]:
        """Return rows, each with day and key; their texts are not held any longer."""
        start, end = self._ends[rows.start], self._ends[rows.stop]
        if self._text is None:
            text = self._read(start, end - start - 1)
        else:
            text = self._text[start : end - 1]
            if self._held is not None:
                self._held.size -= end - start
        at = slice(rows.start, rows.stop)
        return zip(self.days[at], self.keys[at], text.split(b"\n"), strict=True)

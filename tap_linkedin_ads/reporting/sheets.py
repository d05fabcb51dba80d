"""Rows of one field group that came together and wait for those of the others.

Rows wait by the hundred thousands, so that all there is of them lies on a shelf: their texts, which
rows these are, and where each begins. What stays in memory is where an ad account's begin.
"""

from __future__ import annotations

import itertools
import typing as t
from array import array
from bisect import bisect_left, bisect_right

import msgspec

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from tap_linkedin_ads.api.responses import Read
    from tap_linkedin_ads.reporting.fragments import Key

Rows = dict["Key", bytes]
"""Rows of one field group, of one ad account and day: JSON objects by key."""
_INT = array("i").itemsize
_FIRST_READ = 4096
"""Bytes of a block that are read at once: most blocks are smaller."""
_SIZES = 3
"""Integers at the head of a block that say how large its parts are."""
_NEVER = 2**31 - 1
"""A day, as an ordinal, behind all others."""
_encode = msgspec.json.Encoder().encode
_keys = msgspec.json.Decoder(list[tuple[str, ...]])


class Sheet:
    """Rows of one field group, by ad account and day: the rows of both are a cell.

    Attributes:
        group_number: The field group.
    """

    def __init__(
        self,
        group_number: int,
        rows: Mapping[tuple[int, dt.date], Rows],
        put: Callable[[list[bytes]], Read],
    ) -> None:
        """Take rows.

        Args:
            group_number: The field group.
            rows: The rows, by ad account and day; at least one, and of each of these.
            put: Puts pieces of text where there is room for them, one behind the other, and returns
                what reads a part of them.
        """
        self.group_number = group_number
        self._accounts: list[int] = []
        self._first_days, self._starts = array("i"), array("i", [0])
        pieces: list[bytes] = []
        for account, days in itertools.groupby(sorted(rows), key=lambda cell: cell[0]):
            cells = {day.toordinal(): rows[account, day] for _, day in days}
            block = _block(cells)
            pieces += block
            self._accounts.append(account)
            self._first_days.append(next(iter(cells)))
            self._starts.append(self._starts[-1] + sum(map(len, block)))
        self._waiting = len(self._accounts)
        self._read = put(pieces)

    @property
    def has_rows(self) -> bool:
        """Whether there are rows that nobody has taken."""
        return self._waiting > 0

    def has_some(self, account: int, last: int) -> bool:
        """Whether an ad account has rows up to a day, as an ordinal, that nobody has taken."""
        return self._place(account, last) is not None

    def _place(self, account: int, last: int) -> int | None:
        place = bisect_left(self._accounts, account)
        if place == len(self._accounts) or self._accounts[place] != account:
            return None
        return place if self._first_days[place] <= last else None

    def take(self, account: int, last: int) -> Block | None:
        """Take an ad account's rows up to a day, as an ordinal; None where there are none."""
        place = self._place(account, last)
        if place is None:
            return None
        start, size = self._starts[place], self._starts[place + 1] - self._starts[place]
        read, first = self._read, self._first_days[place]
        block = Block(self.group_number, lambda at, n: read(start + at, n), size, first, last)
        self._first_days[place] = block.next_day
        self._waiting -= block.next_day == _NEVER
        return block


def _block(cells: Mapping[int, Rows]) -> list[bytes]:
    """Return an ad account's rows, by day as an ordinal, in pieces of text.

    The pieces are: the number of cells, of rows, and of bytes of the keys; each cell's day; the
    rows before each cell, and all of them; the place of each row's key among the keys; the bytes of
    text before each row, and of all of them (all these as integers of the machine); the keys, as
    JSON; the texts.
    """
    numbers: dict[Key, int] = {}
    own, texts, starts = array("i"), list[bytes](), array("i", [0])
    for rows in cells.values():
        own.extend([numbers.setdefault(key, len(numbers)) for key in rows])
        texts += rows.values()
        starts.append(len(texts))
    keys = _encode(list(numbers))
    head = array("i", (len(cells), len(texts), len(keys), *cells))
    ends = array("i", itertools.accumulate(map(len, texts), initial=0))
    return [b"".join((head, starts, own, ends, keys)), *texts]


class Block:
    """Rows that are taken off a sheet: those of one ad account, up to a day.

    Attributes:
        group_number: The field group.
        size: The bytes of the ad account's rows, at least as many as those of these.
        cells: The cells that were taken.
        next_day: The first day, as an ordinal, that was not taken.
        numbers: A number for each of the keys, which whoever joins rows puts in their place.
    """

    def __init__(self, group_number: int, read: Read, size: int, first: int, last: int) -> None:
        """Find the cells.

        Args:
            group_number: The field group.
            read: Reads the block.
            size: Its size in bytes.
            first: First day that is taken, as an ordinal.
            last: Last day that is taken.
        """
        self.group_number, self.size = group_number, size
        self._read = read
        self._text = text = read(0, min(size, _FIRST_READ))
        view = memoryview(text)
        cells, rows, keys_size = view[: _SIZES * _INT].cast("i")
        self._own_at = _SIZES + 2 * cells + 1
        self._ends_at = self._own_at + rows
        self._keys_at = (self._ends_at + rows + 1) * _INT
        self._texts_at = self._keys_at + keys_size
        at_hand = self._keys_at if self._keys_at <= len(text) else len(text) // _INT * _INT
        self._head = view[:at_hand].cast("i").tolist()
        self._days = self._integers(_SIZES, cells)
        self.cells = range(bisect_left(self._days, first), bisect_right(self._days, last))
        self.next_day = self._days[self.cells.stop] if self.cells.stop < cells else _NEVER
        self.numbers: list[int] = []

    def _bytes(self, start: int, stop: int) -> bytes:
        if stop <= len(self._text):
            return self._text[start:stop]
        return self._read(start, stop - start)

    def _integers(self, start: int, number: int) -> list[int]:
        stop = start + number
        if stop <= len(self._head):
            return self._head[start:stop]
        return memoryview(self._read(start * _INT, number * _INT)).cast("i").tolist()

    def every_key(self) -> list[Key]:
        """Return the keys of all rows of the ad account, each once."""
        return _keys.decode(self._bytes(self._keys_at, self._texts_at))

    def days(self, cells: range) -> list[int]:
        """Return the days of cells, as ordinals."""
        return self._days[cells.start : cells.stop]

    def _starts(self, cells: range) -> list[int]:
        return self._integers(_SIZES + len(self._days) + cells.start, len(cells) + 1)

    def _own(self, start: int, stop: int) -> list[int]:
        own, numbers = self._integers(self._own_at + start, stop - start), self.numbers
        return [numbers[number] for number in own]

    def numbers_of(self, cells: range) -> list[int]:
        """Return the number of each row's key."""
        starts = self._starts(cells)
        return self._own(starts[0], starts[-1])

    def read(self, cells: range) -> Iterator[tuple[int, list[int], list[bytes]]]:
        """Yield the day of each cell, its rows' numbers of keys, and their texts without braces."""
        starts = self._starts(cells)
        first, behind = starts[0], starts[-1]
        ends = self._integers(self._ends_at + first, behind - first + 1)
        text = self._bytes(self._texts_at + ends[0], self._texts_at + ends[-1])
        opening, closing = ends[0] - 1, ends[0] + 1
        texts = [text[begin - opening : end - closing] for begin, end in itertools.pairwise(ends)]
        own = self._own(first, behind)
        if len(cells) == 1:
            yield self._days[cells.start], own, texts
            return
        for day, begin, end in zip(self.days(cells), starts, starts[1:], strict=False):
            rows = slice(begin - first, end - first)
            yield day, own[rows], texts[rows]

"""Joins the answers for different field groups by key, never by position.

LinkedIn leaves out a row whose requested metrics are all zero, so each field group brings other
rows and in another order: the join is an outer join on ad account, day and pivot values.

LinkedIn's rule: LI-44.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[int, int], bytes]

Key = tuple[str, ...]
Values = dict[int, bytes]
"""What is known of a row: by field group, the piece of the record's text."""


class Span(t.NamedTuple):
    """A piece of text that was moved out of memory: where it begins, and how long it is."""

    read: Read
    start: int
    length: int


WaitingValues = dict[int, bytes | Span]
WaitingRows = dict[Key, WaitingValues]


@dataclass(slots=True)
class Held:
    """The text of waiting rows that is in memory, for all merges of a report together.

    Attributes:
        most: Bytes from which on more text is moved out.
        least: Bytes of an answer's text that are not worth it.
        move_out: Puts text elsewhere and returns what reads a part of it, None where it cannot.
        size: Bytes in memory.
    """

    most: int
    least: int
    move_out: Callable[[bytes], Read | None]
    size: int = 0


class Merge:
    """Rows waiting for the answers of other field groups."""

    def __init__(self, held: Held | None = None) -> None:
        """Begin without rows; their text has no bound unless one is handed in."""
        self._rows: dict[int, dict[dt.date, WaitingRows]] = {}
        self._held = held

    def rows(self, account: int, day: dt.date) -> WaitingRows:
        """Return the rows of an ad account and day, to be added to."""
        return self._rows.setdefault(account, {}).setdefault(day, {})

    def took_in(self, group_number: int, days: Iterable[WaitingRows], size: int) -> None:
        """Take note of what an answer added.

        Args:
            group_number: Its field group.
            days: The rows of its ad accounts and days.
            size: Bytes of the text that it brought.
        """
        held = self._held
        if held is None:
            return
        held.size += size
        if held.size <= held.most or size < held.least:
            return
        found = [
            (values, text)
            for rows in days
            for values in rows.values()
            if isinstance(text := values.get(group_number), bytes)
        ]
        read = held.move_out(b"".join([text for _, text in found]))
        if read is None:
            return
        start = 0
        for values, text in found:
            values[group_number] = Span(read, start, len(text))
            start += len(text)
        held.size -= start

    def keys(self, account: int, through: dt.date) -> Iterator[Key]:
        """Yield the keys of an ad account's rows up to a day."""
        for day, rows in self._rows.get(account, {}).items():
            if day <= through:
                yield from rows

    def days(self, account: int, through: dt.date) -> list[dt.date]:
        """Return the days up to one on which an ad account has rows."""
        return [day for day in self._rows.get(account, ()) if day <= through]

    def release(self, account: int, through: dt.date) -> Iterator[tuple[dt.date, Key, Values]]:
        """Yield and forget an ad account's rows up to a day, by day and then by key."""
        days = self._rows.get(account)
        if not days:
            return
        for day in sorted(day for day in days if day <= through):
            rows = days.pop(day)
            for key in sorted(rows):
                yield day, key, self._back(rows[key])
        if not days:
            del self._rows[account]

    def _back(self, waiting: WaitingValues) -> Values:
        """Return the pieces of a row, which are held no longer."""
        values, size = Values(), 0
        for group_number, text in waiting.items():
            if isinstance(text, bytes):
                values[group_number] = text
                size += len(text)
            else:
                values[group_number] = text.read(text.start, text.length)
        if self._held is not None:
            self._held.size -= size
        return values

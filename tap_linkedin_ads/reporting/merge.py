"""Joins the answers for different field groups by key, never by position.

LinkedIn leaves out a row whose requested metrics are all zero, so each field group brings other
rows and in another order: the join is an outer join on ad account, day and pivot values.

LinkedIn's rule: LI-44.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

Key = tuple[str, ...]
Values = dict[int, bytes]
"""What is known of a row: by field group, the piece of the record's text."""


class Merge:
    """Rows waiting for the answers of other field groups."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[dt.date, dict[Key, Values]]] = {}

    def rows(self, account: int, day: dt.date) -> dict[Key, Values]:
        """Return the rows of an ad account and day, to be added to."""
        return self._rows.setdefault(account, {}).setdefault(day, {})

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
                yield day, key, rows[key]
        if not days:
            del self._rows[account]

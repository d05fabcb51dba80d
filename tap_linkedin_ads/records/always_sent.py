"""Finds columns that LinkedIn always sends and that no object of a run has filled. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from typing_extensions import override

from tap_linkedin_ads.api.refused import Difference

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

LEAST_OBJECTS = 100
"""With fewer objects an empty column may be chance."""


@dataclass(frozen=True, slots=True)
class NeverFilled(Difference):
    """A column that LinkedIn always sends was null in every object; the resource is the stream."""

    @property
    @override
    def text(self) -> str:
        return f"{self.refused}: {self.reason}"


class AlwaysSent:
    """The columns of one stream that LinkedIn's documentation says are always sent."""

    def __init__(self, stream: str, columns: Iterable[str]) -> None:
        """Expect each of these columns to be filled at least once."""
        self._stream = stream
        self._empty = list(columns)
        self._objects = 0

    def count(self, record: Mapping[str, t.Any]) -> None:
        """Count one object, and the columns that it is the first to fill."""
        self._objects += 1
        if self._empty:
            self._empty = [column for column in self._empty if record.get(column) is None]

    def never_filled(self, unreadable: Collection[str] = ()) -> list[NeverFilled]:
        """Return the columns that no object filled; none where there were too few objects.

        Args:
            unreadable: Columns that are null because they cannot hold what LinkedIn sent.
        """
        if self._objects < LEAST_OBJECTS:
            return []
        return [
            NeverFilled(
                self._stream,
                f"{self._stream}.{column} was never filled in {self._objects} objects",
                "null",
                "LinkedIn may have renamed it; please report it.",
            )
            for column in self._empty
            if column not in unreadable
        ]

"""What one request of a report asks, and how far ad accounts have got in one field group."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.reporting.windows import DAY, Density, DensityHistory, Tally, Window

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Piece:
    """What one request asks.

    Attributes:
        lane: Index of the field group.
        window: The days.
        accounts: Ad account ids that share the request.
        campaigns: Restricts one ad account to these campaigns; empty means all.
        naming: Asks only which campaigns have rows (a CAMPAIGN report of the same day).
        is_part_of_failure: A request for these and more ad accounts has failed.
    """

    lane: int
    window: Window
    accounts: tuple[int, ...]
    campaigns: tuple[int, ...] = ()
    naming: bool = False
    is_part_of_failure: bool = False


@dataclass(slots=True)
class Track:
    """Ad accounts that share windows in one lane."""

    lane: int
    accounts: tuple[int, ...]
    cursor: dt.date
    density: Density | None = None
    measured: bool = False
    history: DensityHistory = field(default_factory=DensityHistory)
    open: list[Piece] = field(default_factory=list)
    parts_read: dict[Window, Tally] = field(default_factory=dict)

    @property
    def frontier(self) -> dt.date:
        """Return the last day up to which everything is answered."""
        return min((piece.window.start for piece in self.open), default=self.cursor) - DAY

    def windows_left(self, last_day: dt.date, length: int, periods: Sequence[Window]) -> int:
        """Return how many windows are still to be answered, as far as is known.

        Args:
            last_day: The last day to read.
            length: Days of a window.
            periods: The windows to ask for, where they are given.
        """
        days = (last_day - self.cursor).days + 1
        ahead = -(-days // length) if days > 0 else 0
        if periods:
            ahead = sum(period.start >= self.cursor for period in periods)
        return len(self.open) + ahead

    def close(self, piece: Piece, tally: Tally | None = None) -> None:
        """Take in the answer to a piece; a window read in parts counts when all are in."""
        self.open.remove(piece)
        total = self.parts_read.setdefault(piece.window, Tally())
        total.add(tally or Tally())
        if not any(other.window == piece.window for other in self.open):
            self.density = self.history.add(piece.window, self.parts_read.pop(piece.window))
            self.measured = True

    def replace(self, piece: Piece, pieces: list[Piece]) -> None:
        """Let pieces take the place of one."""
        self.open.remove(piece)
        self.open.extend(pieces)

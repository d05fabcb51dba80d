"""What one request of a report asks, and how far ad accounts have got in one field group."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.reporting.windows import (
    AIM,
    DAY,
    FULLEST,
    Density,
    DensityHistory,
    Tally,
    Window,
    balance,
    fewest_parts,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

USUAL_ROWS = 2
"""Rows a day of one ad account among many, before anything is known: of a thousand of them, the
first answer for a longer window would be cut and asked for again."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one request asks.

    Attributes:
        group_number: Index of the field group.
        window: The days.
        accounts: Ad account ids that share the request.
        campaigns: Restricts one ad account to these campaigns; empty means all.
        lists_campaigns: Asks only which campaigns have rows (a CAMPAIGN report of the same day).
        is_part_of_failure: A request for these and more ad accounts has failed.
    """

    group_number: int
    window: Window
    accounts: tuple[int, ...]
    campaigns: tuple[int, ...] = ()
    lists_campaigns: bool = False
    is_part_of_failure: bool = False


@dataclass(slots=True)
class Track:
    """Ad accounts that share windows in one field group."""

    group_number: int
    accounts: tuple[int, ...]
    cursor: dt.date
    density: Density | None = None
    measured: bool = False
    history: DensityHistory = field(default_factory=DensityHistory)
    open: list[Chunk] = field(default_factory=list)
    parts_read: dict[Window, Tally] = field(default_factory=dict)

    @property
    def frontier(self) -> dt.date:
        """Return the last day up to which everything is answered."""
        return min((chunk.window.start for chunk in self.open), default=self.cursor) - DAY

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

    def longest_window(self, longest: int, *, is_probe: bool) -> int:
        """Return the days that the next window may have.

        Args:
            longest: The most that it may have in any case.
            is_probe: Nothing is known before this track's first answer.
        """
        if self.density:
            return self.density.longest_window(longest)
        if is_probe:
            return max(1, min(AIM // (USUAL_ROWS * len(self.accounts)), longest))
        return longest

    def close(self, chunk: Chunk, tally: Tally | None = None) -> None:
        """Take in the answer to a chunk; a window read in parts counts when all are in."""
        self.open.remove(chunk)
        total = self.parts_read.setdefault(chunk.window, Tally())
        total.add(tally or Tally())
        if not any(other.window == chunk.window for other in self.open):
            self.density = self.history.add(chunk.window, self.parts_read.pop(chunk.window))
            self.measured = True

    def replace(self, chunk: Chunk, chunks: list[Chunk]) -> None:
        """Let chunks take the place of one."""
        self.open.remove(chunk)
        self.open.extend(chunks)


class Tracks:
    """Every track of a plan; the tracks of a field group share out its ad accounts."""

    def __init__(self, accounts: Sequence[int], window: Window, *, group_numbers: int) -> None:
        self._accounts = tuple(accounts)
        self._window = window
        self._all = [
            Track(group_number, self._accounts, window.start)
            for group_number in range(group_numbers)
        ]
        self._of = [dict.fromkeys(accounts, track) for track in self._all]

    def __iter__(self) -> Iterator[Track]:
        return iter(self._all)

    def of(self, chunk: Chunk) -> Track:
        return self._of[chunk.group_number][chunk.accounts[0]]

    def frontiers(self, accounts: Iterable[int]) -> dict[int, dt.date]:
        """Return the last day up to which every field group of each ad account is answered."""
        days = {id(track): track.frontier for track in self._all}
        return {account: min(days[id(of[account])] for of in self._of) for account in accounts}

    def divide(self, track: Track, density: Density, tally: Tally, start: dt.date) -> bool:
        """Divide a track's ad accounts from a day on, where that takes fewer requests."""
        if len(track.accounts) == 1:
            return False
        days_left = Window(start, self._window.end).days
        parts = fewest_parts(density, days_left, len(track.accounts))
        if density.longest_window() == 1:
            parts = max(parts, 2 if density.peak > FULLEST else 1)
        if parts == 1:
            return False
        groups = balance(track.accounts, tally.by_account, parts)
        share = density.divided(parts)
        self.replace(track, [(accounts, share) for accounts in groups], start, measured=True)
        return True

    def replace(
        self,
        track: Track,
        groups: Iterable[tuple[tuple[int, ...], Density | None]],
        start: dt.date,
        *,
        measured: bool,
    ) -> None:
        """Let a track for each group of ad accounts take the place of one."""
        self._all.remove(track)
        for accounts, density in groups:
            part = Track(track.group_number, accounts, start, density, measured)
            self._all.append(part)
            self._of[track.group_number].update(dict.fromkeys(accounts, part))

    def follow(self, probe: int, dense: Sequence[bool], *, guess_dense: bool) -> None:
        """Let field groups that were not asked yet go by what is known of a probe's rows.

        Args:
            probe: The field group that was asked first.
            dense: One flag a field group: its rows are like the probe's, so it is divided alike.
            guess_dense: The other field groups are taken to have as many rows as the probe in all.
        """
        leaders = [
            (track.accounts, track.density) for track in self._all if track.group_number == probe
        ]
        densities = [density for _, density in leaders if density]
        for track in [track for track in self._all if self._is_unasked(track)]:
            if dense[track.group_number]:
                self.replace(track, leaders, self._window.start, measured=False)
            elif guess_dense and densities:
                track.density = sum(densities[1:], densities[0])

    def _is_unasked(self, track: Track) -> bool:
        fresh = track.cursor == self._window.start and not track.open
        return fresh and track.density is None and track.accounts == self._accounts

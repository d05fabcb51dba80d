"""Decides what to ask next for one report: ad accounts x windows x field groups.

The planner is handed the outcome of each request and never sees a socket, a clock or a setting:
the same input and the same answers give the same requests, in the same order.

In each field group, ad accounts that share windows form a track. A track moves
from the first day to the last in windows as long as its own rows allow.
"""

from __future__ import annotations

import collections
import typing as t
from dataclasses import replace

from tap_linkedin_ads.reporting.evidence import Contradiction, Evidence
from tap_linkedin_ads.reporting.periods import DAILY, apart
from tap_linkedin_ads.reporting.tracks import Chunk, Track, Tracks
from tap_linkedin_ads.reporting.windows import (
    AIM,
    DAY,
    ELEMENT_LIMIT,
    FULLEST,
    LONGEST_WINDOW,
    Density,
    Tally,
    Window,
    balance,
    cut_by_days,
    density_of_cut_answer,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

PROBE = 0


class Planner:
    """Plans one report for ad accounts that start on the same day."""

    def __init__(  # noqa: PLR0913  plain values instead of a settings object
        self,
        accounts: Sequence[int],
        window: Window,
        dense: Sequence[bool],
        longest_window: int = LONGEST_WINDOW,
        *,
        periods: Sequence[Window] = (),
        granularity: str = DAILY,
        one_campaign_each: bool = False,
        rows_have_one_campaign: bool = True,
    ) -> None:
        """Plan for these ad accounts and days.

        Args:
            accounts: Ad account ids.
            window: All days to read.
            dense: One flag a field group: rows are expected wherever there is activity at all.
            longest_window: Upper bound for a request's days, at most 92.
            periods: The windows to ask for, where they are given (months, years, a whole
                range); they are consecutive, cover ``window`` and are cut between months only.
            granularity: The report's time granularity.
            one_campaign_each: Learn first which campaigns have rows, then ask for each alone.
            rows_have_one_campaign: Rows of different campaigns are different rows, so that
                campaigns may be asked for apart.
        """
        self._periods = tuple(periods)
        self._granularity = granularity
        self._rows_have_one_campaign = rows_have_one_campaign
        self._one_campaign_each = one_campaign_each
        self.accounts = tuple(sorted(accounts))
        self.window = window
        self._longest = min(longest_window, LONGEST_WINDOW)
        self._dense = tuple(dense)
        self._tracks = Tracks(self.accounts, window, group_numbers=len(dense))
        self._ready: collections.deque[Chunk] = collections.deque()
        self._second_probe = next((i for i, d in enumerate(dense) if i != PROBE and not d), None)
        self._windows_are_given = bool(periods) or one_campaign_each
        probes = () if self._windows_are_given else (PROBE, self._second_probe)
        self._probing = [group_number for group_number in probes if group_number is not None]
        self._campaign_rows: collections.Counter[int] = collections.Counter()
        self._evidence = Evidence()
        self._set_aside: dict[int, dt.date] = {}
        self._reported = dict.fromkeys(self.accounts, window.start - DAY)

    # What to ask

    def next_chunk(self) -> Chunk | None:
        """Return what to ask next; None where nothing can be asked before an answer is in."""
        while self._ready:
            chunk = self._without_set_aside(self._ready.popleft())
            if chunk is not None:
                return chunk
        if len(self._set_aside) == len(self.accounts):
            for track in self._tracks:
                track.cursor = self.window.end + DAY
        candidates = [track for track in self._tracks if self._may_ask(track)]
        if not candidates:
            return None
        track = min(candidates, key=lambda tr: (tr.cursor, tr.accounts, tr.group_number))
        accounts = tuple(a for a in track.accounts if a not in self._set_aside)
        if not accounts:
            track.cursor = self.window.end + DAY
            return self.next_chunk()
        return self._next_window(track, accounts)

    def _may_ask(self, track: Track) -> bool:
        if track.cursor > self.window.end:
            return False
        if track.open and not track.measured and not self._windows_are_given:
            return False  # its first answer will tell how long windows may be
        return (
            track.density is not None or not self._probing or track.group_number == self._probing[0]
        )

    def _next_window(self, track: Track, accounts: tuple[int, ...]) -> Chunk:
        days = self._length(track)
        window = Window(track.cursor, min(track.cursor + DAY * (days - 1), self.window.end))
        if self._periods:
            window = next(period for period in self._periods if period.start >= track.cursor)
        too_large = days == 1 and len(accounts) == 1 and track.history.last.rows > FULLEST
        chunk = Chunk(
            track.group_number,
            window,
            accounts,
            lists_campaigns=too_large or self._one_campaign_each,
        )
        track.cursor = window.end + DAY
        track.open.append(chunk)
        return chunk

    def _length(self, track: Track) -> int:
        """Return the days that a track's next window may have."""
        if self._windows_are_given:
            return self._longest
        return track.longest_window(self._longest, is_probe=track.group_number == PROBE)

    def _without_set_aside(self, chunk: Chunk) -> Chunk | None:
        rest = tuple(a for a in chunk.accounts if a not in self._set_aside)
        if rest == chunk.accounts:
            return chunk
        remaining = replace(chunk, accounts=rest)
        self._tracks.of(chunk).replace(chunk, [remaining] if rest else [])
        return remaining if rest else None

    def expected_rows(self, chunk: Chunk) -> int:
        """Return the rows that an answer may have at most, as far as is known."""
        density = self._tracks.of(chunk).density
        if density is None or chunk.lists_campaigns or self._windows_are_given:
            return ELEMENT_LIMIT
        return min(round(density.rows(chunk.window.days) * 1.1) + 1, ELEMENT_LIMIT)

    # What came back

    def whole(self, chunk: Chunk, tally: Tally) -> list[Contradiction]:
        """Take in an answer below the element limit.

        Returns:
            A contradiction for each ad account that had to be set aside, because answers to the
            same question kept holding fewer rows than a cut answer had shown.
        """
        self._evidence.add(chunk, tally)
        set_aside = self._close(chunk, tally)
        if chunk.campaigns:
            for campaign, rows in tally.by_campaign.items():
                self._campaign_rows[campaign] = rows
        track = self._tracks.of(chunk)
        if not track.open and track.density and track.cursor <= self.window.end:
            self._divide(track, track.density, track.history.last, track.cursor)
        self._learn(chunk, was_cut=False)
        return set_aside

    def too_large(self, chunk: Chunk, tally: Tally) -> int | None:
        """Take in an answer that reached the element limit: ask again in smaller pieces.

        Dates are cut first, then ad accounts, then the campaigns that have rows on that day.

        Returns:
            None, or the ad account that had to be set aside because no smaller request is
            possible: a single campaign's single day, a list of campaigns, or one day of a report
            whose rows are not those of one campaign.
        """
        self._evidence.prove(chunk, tally)
        days_may_be_cut = chunk.window.days > 1 and not self._periods
        months = apart(chunk.window, self._granularity)
        dates_may_be_cut = days_may_be_cut or len(months) > 1
        last_resort = (
            chunk.lists_campaigns or len(chunk.campaigns) == 1 or not self._rows_have_one_campaign
        )
        if not dates_may_be_cut and len(chunk.accounts) == 1 and last_resort:
            return self._give_up(chunk)
        track = self._tracks.of(chunk)
        density = density_of_cut_answer(chunk.window, tally)
        alone = track.open == [chunk] and track.accounts == chunk.accounts and not track.parts_read
        newest = track.cursor == chunk.window.end + DAY
        restarts = alone and newest
        if restarts and self._divide(track, density, tally, chunk.window.start):
            pass
        elif restarts and days_may_be_cut and density.longest_window() < chunk.window.days:
            # Shorter windows from the first day on: no field group runs far ahead of the others,
            # so that few rows wait for each other.
            track.open.remove(chunk)
            track.cursor, track.density, track.measured = chunk.window.start, density, True
        elif days_may_be_cut:
            windows = cut_by_days(chunk.window, tally)
            self._replace(chunk, [replace(chunk, window=window) for window in windows])
            track.density = density
        elif len(months) > 1:
            self._replace(chunk, [replace(chunk, window=month) for month in months])
        elif len(chunk.accounts) > 1:
            halves = balance(chunk.accounts, tally.by_account, 2)
            self._replace(chunk, [replace(chunk, accounts=half) for half in halves])
        elif chunk.campaigns:
            halves = balance(chunk.campaigns, self._campaign_rows, 2)
            self._replace(chunk, [replace(chunk, campaigns=half) for half in halves])
        else:
            self._replace(chunk, [replace(chunk, lists_campaigns=True)])
            track.density = Density(tally.rows, tally.rows)
        self._learn(chunk, was_cut=True)
        return None

    def named(self, chunk: Chunk, campaigns: Iterable[int]) -> list[Contradiction]:
        """Take in which campaigns have rows on the day of a chunk that lists them.

        Returns:
            As ``whole``; a list of campaigns may also lack some that a cut answer has shown.
        """
        known = sorted(set(campaigns))
        if missing := self._evidence.missing(chunk, known):
            self._tracks.of(chunk).open.remove(chunk)
            return self._ask_again(chunk, missing)
        if not known:
            return self._close(chunk, Tally())
        expected = sum(self._campaign_rows[campaign] for campaign in known)
        groups = balance(known, self._campaign_rows, max(2, -(-expected // AIM)))
        if self._one_campaign_each:
            groups = [(campaign,) for campaign in known]
        self._replace(
            chunk, [replace(chunk, lists_campaigns=False, campaigns=group) for group in groups]
        )
        return []

    def _close(self, chunk: Chunk, tally: Tally) -> list[Contradiction]:
        """Close an answered chunk; where answers contradict each other, ask again."""
        track = self._tracks.of(chunk)
        track.close(chunk, tally)
        found = self._evidence.settle(chunk, track.open)
        return self._ask_again(chunk, [c for c in found if c.account not in self._set_aside])

    def _ask_again(self, chunk: Chunk, found: Sequence[Contradiction]) -> list[Contradiction]:
        """Ask a closed chunk again for the ad accounts whose answers contradict each other.

        Returns:
            A contradiction for each ad account that was asked for often enough and is set aside.
        """
        given_up = []
        for account in sorted({contradiction.account for contradiction in found}):
            lists = chunk.lists_campaigns or bool(chunk.campaigns)
            again = replace(chunk, accounts=(account,), campaigns=(), lists_campaigns=lists)
            self._tracks.of(again).open.append(again)
            of_account = [c for c in found if c.account == account]
            if self._evidence.may_repeat(again, of_account):
                self._ready.append(again)
            else:
                self._give_up(again)
                given_up.append(of_account[0])
        return given_up

    def refused(self, chunk: Chunk) -> int | None:
        """Take in that a request has failed, as it seems because of one of its ad accounts.

        Halves wait their turn behind what is to be asked already: whichever of them is answered
        shows that LinkedIn answers at all.

        Returns:
            None where the accounts were halved to find it, else the ad account set aside.
        """
        given_up = None
        rest = tuple(a for a in chunk.accounts if a not in self._set_aside)
        if rest and rest != chunk.accounts:
            self._replace(chunk, [replace(chunk, accounts=rest)])
        elif len(chunk.accounts) > 1:
            middle = len(chunk.accounts) // 2
            halves = [
                replace(chunk, accounts=half, is_part_of_failure=True)
                for half in (chunk.accounts[:middle], chunk.accounts[middle:])
            ]
            self._tracks.of(chunk).replace(chunk, halves)
            self._ready.extend(halves)
        else:
            given_up = self._give_up(chunk)
        self._learn(chunk, was_cut=False)
        return given_up

    def _give_up(self, chunk: Chunk) -> int:
        account = chunk.accounts[0]
        self._set_aside.setdefault(account, self.frontier(account))
        self._tracks.of(chunk).replace(chunk, [])
        return account

    # Where things stand

    def frontier(self, account: int) -> dt.date:
        """Return the last day up to which every field group of an ad account is answered."""
        if account in self._set_aside:
            return self._set_aside[account]
        return self._tracks.frontiers([account])[account]

    def advanced(self) -> dict[int, dt.date]:
        """Return the ad accounts that are complete up to a later day than when last asked.

        An answer concerns more ad accounts than its request names: the rest of a window that
        had to be asked in parts may hold up everybody who shares the window.
        """
        found: dict[int, dt.date] = {}
        for account, frontier in self._tracks.frontiers(self.accounts).items():
            day = self._set_aside.get(account, frontier)
            if day > self._reported[account]:
                found[account] = self._reported[account] = day
        return found

    @property
    def unread(self) -> set[int]:
        """Return the ad accounts that are neither read to the last day nor set aside."""
        return {
            account
            for account in self.accounts
            if account not in self._set_aside and self.frontier(account) < self.window.end
        }

    @property
    def windows_left(self) -> int:
        """Return how many windows are still to be answered, as far as is known."""
        return sum(
            track.windows_left(self.window.end, self._length(track), self._periods)
            for track in self._tracks
        )

    @property
    def done(self) -> bool:
        """Whether nothing is open and nothing is left to ask."""
        return not self._ready and all(
            not track.open and track.cursor > self.window.end for track in self._tracks
        )

    # Inside

    def _replace(self, chunk: Chunk, chunks: list[Chunk]) -> None:
        self._tracks.of(chunk).replace(chunk, chunks)
        self._ready.extendleft(reversed(chunks))

    def _divide(self, track: Track, density: Density, tally: Tally, start: dt.date) -> bool:
        """Divide a track's ad accounts from a day on, where that takes fewer requests."""
        return not self._periods and self._tracks.divide(track, density, tally, start)

    def _learn(self, chunk: Chunk, *, was_cut: bool) -> None:
        """Pass on what a probe's first answer says about field groups that were not asked yet.

        The first field group speaks for those that are dense like it. The second probe asks for
        families that few ads use: if even its answer was cut, all are taken to be dense.
        """
        if chunk.group_number not in self._probing:
            return
        self._probing.remove(chunk.group_number)
        guess_dense = was_cut and chunk.group_number == self._second_probe
        self._tracks.follow(PROBE, self._dense, guess_dense=guess_dense)

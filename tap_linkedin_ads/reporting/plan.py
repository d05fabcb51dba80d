"""Decides what to ask next for one report: ad accounts x windows x field groups.

The planner is handed the outcome of each request and never sees a socket, a clock or a setting:
the same input and the same answers give the same requests, in the same order.
"""

from __future__ import annotations

import collections
import typing as t
from dataclasses import replace

from tap_linkedin_ads.reporting.asking import MOST_LEAD, ask_first, ask_given, ask_next
from tap_linkedin_ads.reporting.evidence import Contradiction, Evidence
from tap_linkedin_ads.reporting.frontiers import Frontiers
from tap_linkedin_ads.reporting.group_plan import GroupPlan
from tap_linkedin_ads.reporting.outlook import Outlook
from tap_linkedin_ads.reporting.periods import DAILY
from tap_linkedin_ads.reporting.pieces import Pieces
from tap_linkedin_ads.reporting.windows import (
    DAY,
    ELEMENT_LIMIT,
    LONGEST_WINDOW,
    Tally,
    Window,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk


class Planner:
    """Plans one report for ad accounts that start on the same day."""

    def __init__(  # noqa: PLR0913  plain values instead of a settings object
        self,
        accounts: Sequence[int],
        window: Window,
        dense: Sequence[bool],
        longest_window: int = LONGEST_WINDOW,
        *,
        often: Collection[int] = (),
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
            often: Field groups that many rows have a part in, nobody knows how many.
            periods: The windows to ask for, where they are given (months, years, a whole
                range); they are consecutive, cover ``window`` and are cut between months only.
            granularity: The report's time granularity.
            one_campaign_each: Learn first which campaigns have rows, then ask for each alone.
            rows_have_one_campaign: Rows of different campaigns are different rows, so that
                campaigns may be asked for apart.
        """
        self._periods = tuple(periods)
        self._windows_are_given = bool(periods) or one_campaign_each
        self._one_campaign_each = one_campaign_each
        self._pieces = Pieces(granularity, not periods, rows_have_one_campaign, one_campaign_each)
        self.accounts = tuple(sorted(accounts))
        self.window = window
        longest, outlook = min(longest_window, LONGEST_WINDOW), Outlook(self.accounts, window)
        self._outlook = outlook
        by_campaign = rows_have_one_campaign and not self._windows_are_given
        self._groups = [
            GroupPlan(
                number,
                longest,
                outlook,
                dense=is_dense,
                often=number in often,
                by_campaign=by_campaign,
            )
            for number, is_dense in enumerate(dense)
        ]
        self._probe = next((g for g in self._groups if g.share.part is None), None)
        self._may_plan = [True] * len(self._groups)
        self._ready: collections.deque[Chunk] = collections.deque()
        self._evidence = Evidence()
        self._frontiers = Frontiers(self.accounts, self._groups, window)

    # What to ask

    def next_chunk(self) -> Chunk | None:
        """Return what to ask next; None where nothing can be asked before an answer is in."""
        while self._ready:
            chunk = self._without_set_aside(self._ready.popleft())
            if chunk is not None:
                return chunk
        accounts = self._frontiers.accounts_left
        for group in self._groups:
            if not accounts:
                group.cursor = self.window.end + DAY
            elif not group.queue and not group.is_planned and self._may_plan[group.number]:
                self._may_plan[group.number] = False
                self._plan(group, accounts)
                if group.queue:
                    self._try_again()
        waiting = [group for group in self._groups if group.queue]
        if not waiting:
            return None
        group = min(waiting, key=lambda g: (g.queue[0].window, g.queue[0].accounts, g.number))
        return self._without_set_aside(group.queue.popleft()) or self.next_chunk()

    def _try_again(self) -> None:
        """Let every field group plan: something is known that was not."""
        self._may_plan = [True] * len(self._groups)

    def _plan(self, group: GroupPlan, accounts: tuple[int, ...]) -> None:
        first = self._groups[0]
        if self._windows_are_given:
            ask_given(group, accounts, self._periods, lists=self._one_campaign_each)
        elif group is first:
            ask_first(group, accounts, lead=self._lead)
        elif group is self._probe or self._probe is None or group.share.is_known:
            goes_on = not first.is_planned and self._lead <= MOST_LEAD
            ask_next(group, accounts, may_wait=goes_on or bool(first.open))

    @property
    def _lead(self) -> float:
        """Return how many rows the first field group is ahead of the others."""
        first = self._groups[0]
        start = min(group.cursor for group in self._groups)
        days = range(first.at(start), first.at(first.cursor))
        return sum(map(self._outlook.on, days))

    def _without_set_aside(self, chunk: Chunk) -> Chunk | None:
        rest = self._frontiers.not_set_aside(chunk.accounts)
        if rest == chunk.accounts:
            return chunk
        remaining = replace(chunk, accounts=rest)
        self._groups[chunk.group_number].replace(chunk, [remaining] if rest else [])
        return remaining if rest else None

    def expected_rows(self, chunk: Chunk) -> int:
        """Return the rows that an answer may have at most, as far as is known."""
        group = self._groups[chunk.group_number]
        if not group.share.is_known or chunk.lists_campaigns or self._windows_are_given:
            return ELEMENT_LIMIT
        return min(round(group.rows(chunk) * 1.1) + 1, ELEMENT_LIMIT)

    # What came back

    def whole(self, chunk: Chunk, tally: Tally) -> list[Contradiction]:
        """Take in an answer below the element limit.

        Returns:
            A contradiction for each ad account that had to be set aside, because answers to the
            same question kept holding fewer rows than a cut answer had shown.
        """
        self._try_again()
        self._evidence.add(chunk, tally)
        self._groups[chunk.group_number].learn(chunk, tally)
        self._probe_answered(chunk, was_cut=False)
        if chunk.campaigns:
            self._pieces.learn(tally.by_campaign)
        return self._close(chunk)

    def too_large(self, chunk: Chunk, tally: Tally) -> int | None:
        """Take in an answer that reached the element limit: ask again in smaller pieces.

        Returns:
            None, or the ad account that had to be set aside because no smaller request is
            possible: a single campaign's single day, a list of campaigns, or one day of a report
            whose rows are not those of one campaign.
        """
        self._try_again()
        self._evidence.prove(chunk, tally)
        if self._pieces.is_smallest(chunk):
            return self._give_up(chunk)
        group = self._groups[chunk.group_number]
        if not chunk.campaigns and not chunk.lists_campaigns:
            group.learn_from_cut(chunk, tally)
        self._probe_answered(chunk, was_cut=True)
        is_newest = group.is_newest(chunk, self._frontiers.accounts_left)
        if is_newest and self._pieces.has_days(chunk):
            group.begin_again(chunk)
        else:
            self._replace(chunk, self._pieces.of_cut(chunk, tally, group))
        return None

    def _probe_answered(self, chunk: Chunk, *, was_cut: bool) -> None:
        """Let field groups of which nothing is known go by the first of them.

        That one is of families that few ads use: where even its answer was cut, all are taken to
        have as many rows, else each has to show how many it has.
        """
        if self._probe is None or chunk.group_number != self._probe.number:
            return
        for group in self._groups:
            if was_cut and group.share.part is None:
                group.share.follow(self._probe.share)
        self._probe = None

    def named(self, chunk: Chunk, campaigns: Iterable[int]) -> list[Contradiction]:
        """Take in which campaigns have rows on the day of a chunk that lists them.

        Returns:
            As ``whole``; a list of campaigns may also lack some that a cut answer has shown.
        """
        self._try_again()
        known = sorted(set(campaigns))
        if missing := self._evidence.missing(chunk, known):
            self._groups[chunk.group_number].open.remove(chunk)
            return self._ask_again(chunk, missing)
        self._groups[chunk.group_number].count_anew(chunk)
        if not known:
            return self._close(chunk)
        self._replace(chunk, self._pieces.of_campaigns(chunk, known))
        return []

    def _close(self, chunk: Chunk) -> list[Contradiction]:
        """Close an answered chunk; where answers contradict each other, ask again."""
        group = self._groups[chunk.group_number]
        group.open.remove(chunk)
        found = self._evidence.settle(chunk, group.open)
        return self._ask_again(
            chunk, [c for c in found if not self._frontiers.is_set_aside(c.account)]
        )

    def _ask_again(self, chunk: Chunk, found: Sequence[Contradiction]) -> list[Contradiction]:
        """Ask a closed chunk again for the ad accounts whose answers contradict each other.

        Returns:
            A contradiction for each ad account that was asked for often enough and is set aside.
        """
        given_up = []
        for account in sorted({contradiction.account for contradiction in found}):
            lists = chunk.lists_campaigns or bool(chunk.campaigns)
            again = replace(chunk, accounts=(account,), campaigns=(), lists_campaigns=lists)
            self._groups[again.group_number].open.append(again)
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
        self._try_again()
        given_up = None
        self._probe_answered(chunk, was_cut=False)
        rest = self._frontiers.not_set_aside(chunk.accounts)
        if rest and rest != chunk.accounts:
            self._replace(chunk, [replace(chunk, accounts=rest)])
        elif len(chunk.accounts) > 1:
            middle = len(chunk.accounts) // 2
            halves = [
                replace(chunk, accounts=half, is_part_of_failure=True)
                for half in (chunk.accounts[:middle], chunk.accounts[middle:])
            ]
            self._groups[chunk.group_number].replace(chunk, halves)
            self._ready.extend(halves)
        else:
            given_up = self._give_up(chunk)
        return given_up

    def _give_up(self, chunk: Chunk) -> int:
        account = chunk.accounts[0]
        self._frontiers.set_aside(account)
        self._outlook.forget(account)
        self._groups[chunk.group_number].replace(chunk, [])
        return account

    # Where things stand

    def frontier(self, account: int) -> dt.date:
        """Return the last day up to which every field group of an ad account is answered."""
        return self._frontiers.of(account)

    def advanced(self) -> dict[int, dt.date]:
        """Return the ad accounts that are complete up to a later day than when last asked."""
        return self._frontiers.advanced()

    @property
    def unread(self) -> set[int]:
        """Return the ad accounts that are neither read to the last day nor set aside."""
        return self._frontiers.unread

    @property
    def windows_left(self) -> int:
        """Return how many windows are still to be answered, as far as is known."""
        if self._periods:
            return sum(
                len(group.open) + sum(period.start >= group.cursor for period in self._periods)
                for group in self._groups
            )
        return sum(group.windows_left(len(self._frontiers.accounts_left)) for group in self._groups)

    @property
    def done(self) -> bool:
        """Whether nothing is open and nothing is left to ask."""
        return not self._ready and all(group.is_done for group in self._groups)

    # Inside

    def _replace(self, chunk: Chunk, chunks: list[Chunk]) -> None:
        self._groups[chunk.group_number].replace(chunk, chunks)
        self._ready.extendleft(reversed(chunks))

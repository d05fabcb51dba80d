"""How far one field group has got, and what is known of its rows."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import replace

from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.margins import Margin
from tap_linkedin_ads.reporting.shares import Share
from tap_linkedin_ads.reporting.windows import (
    DAY,
    ELEMENT_LIMIT,
    FULLEST,
    Tally,
    Window,
    complete_days,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.outlook import Outlook

USUAL_ROWS = 3
"""Rows a day of one ad account among many, before anything is known: of a thousand of them, the
first answer for a longer window would be cut and asked for again."""
_WEEK = 7
_SEEN = 0.98
"""Rows of an answer to plan for where a cut answer has shown most of them."""


class GroupPlan:
    """One field group: all ad accounts are asked for up to one day, then they go on.

    Attributes:
        number: Index of the field group.
        often: Many rows have a part in it, nobody knows how many.
        window: All days to read.
        longest: Days that a request may have.
        cursor: The first day that is not asked for.
        open: What is not answered yet.
        queue: What of it is still to be sent.
        shorter: Days to ask for at most, where an answer to more of them was cut.
        share: What is known of the rows.
        was_whole: An answer was not cut.
    """

    def __init__(  # noqa: PLR0913  plain values, each named
        self,
        number: int,
        longest: int,
        outlook: Outlook,
        *,
        dense: bool,
        often: bool,
        by_campaign: bool,
    ) -> None:
        """Begin on the first day.

        Args:
            number: Index of the field group.
            longest: Days that a request may have.
            outlook: What is known of the first field group's rows.
            dense: Rows are expected wherever the first field group has some.
            often: Many rows have a part in it, nobody knows how many.
            by_campaign: What is too large is asked for by campaign at once.
        """
        self._by_campaign = by_campaign
        self.number = number
        self.often = often
        self.window = outlook.window
        self.longest = self.shorter = longest
        self.cursor = self.window.start
        self.open: list[Chunk] = []
        self.queue: collections.deque[Chunk] = collections.deque()
        self.share = Share(outlook, is_first=number == 0, is_dense=dense)
        self.was_whole = False
        self._margin = Margin() if number else outlook.margin
        self._expected: dict[Chunk, float] = {}

    # Days

    def at(self, day: dt.date) -> int:
        """Return the place of a day: 0 is the first one."""
        return (day - self.window.start).days

    def between(self, start: int, end: int) -> Window:
        """Return the days from one place to before another one."""
        return Window(self.window.start + DAY * start, self.window.start + DAY * (end - 1))

    # Where it stands

    @property
    def is_planned(self) -> bool:
        """Whether all days are asked for, or about to be."""
        return self.cursor > self.window.end

    @property
    def is_done(self) -> bool:
        return self.is_planned and not self.open

    def frontiers(self, accounts: Iterable[int]) -> dict[int, dt.date]:
        """Return the last day up to which everything of each ad account is answered."""
        found = dict.fromkeys(accounts, self.cursor - DAY)
        for chunk in self.open:
            before = chunk.window.start - DAY
            for account in chunk.accounts:
                if account in found:
                    found[account] = min(found[account], before)
        return found

    def first_days(self, accounts: int) -> int:
        """Return the days to ask for before anything is known of the rows."""
        if accounts == 1 or self.number:
            return self.longest
        return max(1, min(FULLEST // (USUAL_ROWS * accounts), self.longest))

    def windows_left(self, accounts: int) -> int:
        """Return how many requests are still to be answered, as far as is known."""
        days = (self.window.end - self.cursor).days + 1
        if days <= 0:
            return len(self.open)
        if not self.share.is_known:
            return len(self.open) + -(-days // self.first_days(accounts))
        at = self.at(self.cursor)
        soon = min(days, self.longest)
        rows = sum(self.share.on(day) for day in range(at, at + soon)) / soon * days
        return len(self.open) + max(-(-days // self.longest), round(rows / FULLEST))

    # What to expect

    def rows(self, chunk: Chunk) -> float:
        """Return the rows to expect of a chunk."""
        start, end = self.at(chunk.window.start), self.at(chunk.window.end) + 1
        return sum(self.share.of(account, start, end) for account in chunk.accounts)

    def at_most(self, day: int) -> float:
        """Return the rows of a day, with room for what may come on top."""
        outlook, rows = self.share.outlook, self.share.on(day)
        room = 0.0 if self.share.is_first else self._margin.part(0.0)
        if not outlook.is_known(day):
            ahead = (day - outlook.known_days) / max(outlook.known_days, _WEEK)
            room += outlook.margin.part(ahead)
        return rows * (1 + room)

    # What is asked

    def ask(self, window: Window, accounts: tuple[int, ...], *, lists: bool = False) -> None:
        """Put a request into the queue."""
        chunk = Chunk(self.number, window, accounts, lists_campaigns=lists)
        if self.share.is_known:
            expected = self.rows(chunk)
            if self._by_campaign and window.days == len(accounts) == 1 and expected > FULLEST:
                chunk = replace(chunk, lists_campaigns=True)
            self._expected[chunk] = expected
        self.open.append(chunk)
        self.queue.append(chunk)
        self.shorter = self.longest

    def replace(self, chunk: Chunk, chunks: Iterable[Chunk]) -> None:
        """Let chunks take the place of one."""
        self.open.remove(chunk)
        self.open.extend(chunks)

    def begin_again(self, chunk: Chunk) -> None:
        """Plan anew from the first day of what was asked for last."""
        self.open.remove(chunk)
        self.cursor = chunk.window.start
        days = chunk.window.days
        self.shorter = days - 1 if self.rows(chunk) >= ELEMENT_LIMIT else days // 2

    def is_newest(self, chunk: Chunk, accounts: Sequence[int]) -> bool:
        """Whether nothing was asked for behind a chunk, or beside it."""
        return self.cursor == chunk.window.end + DAY and len(chunk.accounts) == len(accounts)

    # What came back

    def learn(self, chunk: Chunk, tally: Tally) -> None:
        """Take in what a whole answer says about the rows."""
        self.was_whole = True
        expected = self._expectation(chunk)
        if expected is not None:
            self._margin.learn(expected, tally.rows)
        self._learn(chunk.accounts, chunk.window, tally, adds=bool(chunk.campaigns))

    def count_anew(self, chunk: Chunk) -> None:
        """Take in that the rows of a chunk come in parts, campaign by campaign."""
        self._learn(chunk.accounts, chunk.window, Tally(), adds=False)

    def learn_from_cut(self, chunk: Chunk, tally: Tally) -> None:
        """Take in what a cut answer says about the rows."""
        expected = self._expectation(chunk)
        newest = Window(chunk.window.end, chunk.window.end)
        seen = complete_days(chunk.window, tally) or newest
        self._learn(chunk.accounts, seen, _only(tally, seen), adds=False)
        if expected is not None:
            self._margin.learn(expected, max(self.rows(chunk), ELEMENT_LIMIT))

    def _expectation(self, chunk: Chunk) -> float | None:
        """Return the rows that were expected, where the answer tells how good that was.

        A part of the first field group's rows is judged by those that came, not by a forecast.
        """
        expected = self._expected.pop(chunk, None)
        if self.share.is_first or expected is None:
            return expected
        is_known = self.at(chunk.window.end) < self.share.outlook.known_days
        return self.rows(chunk) if is_known and self.share.was_seen else None

    def _learn(self, accounts: Sequence[int], window: Window, tally: Tally, *, adds: bool) -> None:
        if self.share.is_first:
            self.share.outlook.learn(accounts, window, tally, adds=adds)
        else:
            self.share.learn(accounts, self.at(window.start), self.at(window.end) + 1, tally)

    def days_of_cut(self, chunk: Chunk, tally: Tally) -> list[float]:
        """Return the rows of each day of an answer that was too large, as far as is known."""
        seen = complete_days(chunk.window, tally)
        usual = self.rows(chunk) / chunk.window.days
        if seen:
            usual = max(usual, sum(tally.by_day[day] for day in seen) / seen.days)
        return [
            tally.by_day[day] if seen and day >= seen.start else max(usual, tally.by_day[day])
            for day in chunk.window
        ]


def _only(tally: Tally, window: Window) -> Tally:
    """Return the rows of some of the days: of the oldest one, a cut answer shows a part."""
    found = Tally()
    for account, by_day in tally.cells.items():
        for day, rows in by_day.items():
            if window.start <= day <= window.end:
                found.cells[account][day] = rows
                found.by_account[account] += rows
    return found

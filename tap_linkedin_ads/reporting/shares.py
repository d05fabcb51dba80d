"""How many rows a field group has, by those of the first one."""

from __future__ import annotations

import collections
import typing as t
from array import array

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.outlook import Outlook
    from tap_linkedin_ads.reporting.windows import Tally

_PRIOR = 20.0
"""Rows of an ad account that weigh as much as what is usual among all of them."""
_REMEMBERED = 16
"""Answers by which a field group's part is known: those of a band, and some before."""
_OLDER = 0.8
"""Weight of an answer by that of the next newer one."""


class _Seen(t.NamedTuple):
    """The rows of an answer, from a day to before another one: of each ad account as many."""

    start: int
    end: int
    accounts: array[int]
    rows: array[int]


class Share:
    """The rows of a field group: a part of those that an outlook counts or expects."""

    def __init__(self, outlook: Outlook, *, is_first: bool, is_dense: bool) -> None:
        """Go by the outlook of the first field group.

        Args:
            outlook: What is known of the first field group.
            is_first: This is the first field group: its answers are what the outlook counts.
            is_dense: Rows are expected wherever the first field group has some.
        """
        self.outlook = outlook
        self.is_first = is_first
        self._guess = 1.0 if is_first or is_dense else None
        self._example: Share | None = None
        self._seen: collections.deque[_Seen] = collections.deque(maxlen=_REMEMBERED)
        self._own: dict[int, float] = {}
        self._all: dict[int, float] = {}
        self._worked_out = -1

    @property
    def part(self) -> float | None:
        """Return the rows by those of the first field group; None where nobody knows."""
        self._work_out()
        if self._guess is None and self._example is not None:
            return self._example.part
        return self._guess

    def follow(self, example: Share) -> None:
        """Go by what is known of another field group until there is something of this one."""
        self._example = example

    @property
    def was_seen(self) -> bool:
        """Whether rows of this field group were counted."""
        return self.is_first or bool(self._seen)

    @property
    def is_counted(self) -> bool:
        """Whether the part is one of counted rows of the first field group, not of a forecast."""
        if self._example is not None and not self._seen:
            return self._example.is_counted
        known = self.outlook.known_days
        return not self._seen or any(seen.end <= known for seen in self._seen)

    @property
    def is_known(self) -> bool:
        return self.part is not None and not self.outlook.is_empty

    def learn(self, accounts: Sequence[int], start: int, end: int, tally: Tally) -> None:
        """Take in the rows from a day to before another one."""
        if not self.is_first:
            rows = array("q", [tally.by_account[account] for account in accounts])
            self._seen.appendleft(_Seen(start, end, array("q", accounts), rows))
            self._worked_out = -1

    def _work_out(self) -> None:
        """Compare what was seen with what is known of the first field group by now."""
        if self._worked_out == self.outlook.version or not self._seen:
            return
        self._worked_out = self.outlook.version
        self._own, self._all = collections.defaultdict(float), collections.defaultdict(float)
        own = rows_of_all = 0.0
        for age, seen in enumerate(self._seen):
            weight = _OLDER**age
            rows = [self.outlook.of(a, seen.start, seen.end) for a in seen.accounts]
            own += weight * sum(seen.rows)
            rows_of_all += weight * sum(rows)
            if seen.end > self.outlook.known_days:
                continue
            for account, count, count_of_all in zip(seen.accounts, seen.rows, rows, strict=True):
                self._own[account] += weight * count
                self._all[account] += weight * count_of_all
        if rows_of_all:
            self._guess = own / rows_of_all

    def on(self, day: int) -> float:
        """Return the rows to expect on a day, counted from the first one."""
        part = self.part
        return self.outlook.on(day) * (1.0 if part is None else part)

    def of(self, account: int, start: int, end: int) -> float:
        """Return the rows to expect of an ad account from a day to before another one."""
        rows = self.outlook.of(account, start, end)
        if self.is_first:
            return rows
        usual = 1.0 if self.part is None else self.part
        known = self._own.get(account, 0.0), self._all.get(account, 0.0)
        part = (known[0] + usual * _PRIOR) / (known[1] + _PRIOR)
        return rows * min(part, max(1.0, usual))

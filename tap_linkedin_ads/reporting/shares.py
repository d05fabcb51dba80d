"""How many rows a field group has, by those of the first one, and how sure that is."""

from __future__ import annotations

import collections
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.outlook import Outlook
    from tap_linkedin_ads.reporting.windows import Tally

_PRIOR = 20.0
"""Rows of an ad account that weigh as much as what is usual among all of them."""
_LEAST_MARGIN = 0.012
_FIRST_ERROR = 0.03
_LARGEST_ERROR = 0.5
_TELLING = 2000
"""Rows below which an answer does not tell how good expectations are."""
_WORSE, _BETTER = 0.4, 0.2
"""Weight of the newest answer: doubt comes sooner than trust."""
_FARTHEST = 3.0
_REMEMBERED = 16
"""Answers by which a field group's part is known: those of a band, and some before."""
_OLDER = 0.8
"""Weight of an answer by that of the next newer one."""


class _Seen(t.NamedTuple):
    """The rows of an answer by ad account, from a day to before another one."""

    start: int
    end: int
    rows: dict[int, int]


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
        self._seen: collections.deque[_Seen] = collections.deque(maxlen=_REMEMBERED)
        self._own: dict[int, float] = {}
        self._all: dict[int, float] = {}
        self._worked_out = -1

    @property
    def part(self) -> float | None:
        """Return the rows by those of the first field group; None where nobody knows."""
        self._work_out()
        return self._guess

    def guess(self, part: float | None) -> None:
        """Go by what is known of another field group."""
        self._guess = part

    @property
    def was_seen(self) -> bool:
        """Whether rows of this field group were counted."""
        return self.is_first or bool(self._seen)

    @property
    def is_known(self) -> bool:
        return self.part is not None and not self.outlook.is_empty

    def learn(self, accounts: Sequence[int], start: int, end: int, tally: Tally) -> None:
        """Take in the rows from a day to before another one."""
        if not self.is_first:
            rows = {account: tally.by_account[account] for account in accounts}
            self._seen.appendleft(_Seen(start, end, rows))
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
            rows = {a: self.outlook.of(a, seen.start, seen.end) for a in seen.rows}
            own += weight * sum(seen.rows.values())
            rows_of_all += weight * sum(rows.values())
            if seen.end > self.outlook.known_days:
                continue
            for account, count in rows.items():
                self._own[account] += weight * seen.rows[account]
                self._all[account] += weight * count
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


class Margin:
    """Room to leave in an answer, learnt from how far expectations were wrong."""

    def __init__(self) -> None:
        self._bias = 0.0
        self._error = _FIRST_ERROR

    def learn(self, expected: float, rows: float) -> None:
        """Compare the rows of an answer with those that were expected."""
        if expected < _TELLING:
            return
        wrong = max(-_LARGEST_ERROR, min(rows / expected - 1, _LARGEST_ERROR))
        error = abs(wrong - self._bias)
        self._error += (error - self._error) * (_WORSE if error > self._error else _BETTER)
        self._bias += (wrong - self._bias) * _WORSE

    def part(self, ahead: float) -> float:
        """Return the part by which rows may exceed what is expected of them.

        Args:
            ahead: Days to look ahead, by those that were read.
        """
        error = self._error * (1 + min(ahead, _FARTHEST))
        return max(_LEAST_MARGIN, max(self._bias, 0.0) + error)

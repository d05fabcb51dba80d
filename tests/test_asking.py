"""What a field group asks for next, where its rows are known to come evenly."""

from __future__ import annotations

import datetime as dt
import types
import typing as t

import pytest

from tap_linkedin_ads.reporting.asking import _divided, ask_next
from tap_linkedin_ads.reporting.windows import DAY, FULLEST, Window

FIRST = dt.date(2026, 1, 1)
MARGIN = 1.1


class Even:
    """A field group with so many rows a day of each ad account."""

    def __init__(self, rows: dict[int, int], days: int = 60, known_days: int = 0) -> None:
        self.a_day = rows
        self.window = Window(FIRST, FIRST + DAY * (days - 1))
        self.cursor = FIRST
        self.longest = self.shorter = 92
        self.open: list[object] = []
        self.asked: list[tuple[Window, tuple[int, ...]]] = []
        outlook = types.SimpleNamespace(known_days=known_days, steady_days=known_days)
        self.share = types.SimpleNamespace(
            is_known=True, is_counted=True, was_seen=True, outlook=outlook, on=self.on, of=self.of
        )

    def on(self, day: int) -> float:
        """Return the rows of a day."""
        assert day >= 0
        return sum(self.a_day.values())

    def of(self, account: int, start: int, end: int) -> float:
        """Return the rows of an ad account."""
        return self.a_day[account] * (end - start)

    def at_most(self, day: int) -> float:
        """Return the rows of a day, with a margin."""
        return self.on(day) * MARGIN

    def at(self, day: dt.date) -> int:
        """Return a day's number."""
        return (day - FIRST).days

    def between(self, start: int, end: int) -> Window:
        """Return days by number; the last one does not belong to them."""
        return Window(FIRST + DAY * start, FIRST + DAY * (end - 1))

    def ask(self, window: Window, accounts: tuple[int, ...]) -> None:
        """Take note of a request."""
        self.asked.append((window, accounts))

    def rows(self, window: Window, accounts: t.Iterable[int]) -> float:
        """Return what an answer holds, with the margin."""
        return sum(self.a_day[account] for account in accounts) * window.days * MARGIN


def test_a_large_ad_account_has_windows_of_its_own() -> None:
    """As few as fit with the margin; the small ones share one request for all the days."""
    group = Even({1: 1000, 2: 100, 3: 200})
    found = _divided(group, (1, 2, 3), 2, 28, 4)  # type: ignore[arg-type]
    *own, (window, others) = found
    assert (window, sorted(others)) == (group.between(2, 30), [2, 3])
    assert [accounts for _, accounts in own] == [(1,)] * 3
    assert [day for part, _ in own for day in part] == list(group.between(2, 30))
    assert all(group.rows(*part) <= FULLEST for part in found)


@pytest.mark.parametrize("parts", [2, 3])
def test_ad_accounts_are_divided_into_as_many_parts_as_are_wanted(parts: int) -> None:
    """Each of them once, and every part fits."""
    group = Even(dict.fromkeys(range(1, 9), 100))
    found = _divided(group, tuple(group.a_day), 0, 20, parts)  # type: ignore[arg-type]
    assert len(found) == parts
    assert {window for window, _ in found} == {group.between(0, 20)}
    assert sorted(account for _, part in found for account in part) == list(group.a_day)
    assert all(group.rows(*part) <= FULLEST for part in found)


def test_with_nothing_to_wait_for_all_ad_accounts_are_asked_for() -> None:
    """Also about days of which nothing is known: as many as fit."""
    group = Even({1: 100, 2: 100})
    ask_next(group, (1, 2), may_wait=False)  # type: ignore[arg-type]
    ((window, accounts),) = group.asked
    assert accounts == (1, 2)
    assert window.start == FIRST
    assert 0.7 * FULLEST < group.rows(window, accounts) <= FULLEST


def test_where_more_will_be_known_nothing_is_asked_that_is_not() -> None:
    """The next answer of the first field group says how many days fit."""
    group = Even({1: 100, 2: 100})
    ask_next(group, (1, 2), may_wait=True)  # type: ignore[arg-type]
    assert not group.asked


def test_known_days_are_asked_for_once_they_fill_an_answer() -> None:
    """Eighty rows a day fill one only together with days to come; two hundred do."""
    for rows, is_asked in ((80, False), (300, True)):
        group = Even({1: rows, 2: rows}, known_days=25)
        ask_next(group, (1, 2), may_wait=True)  # type: ignore[arg-type]
        assert bool(group.asked) is is_asked

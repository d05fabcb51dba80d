"""Windows of days: how they are cut, and how long they may be."""

from __future__ import annotations

import collections
import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.bands import Band, balance, best_band, places_that_fit
from tap_linkedin_ads.reporting.windows import (
    DAY,
    FULLEST,
    LONGEST_WINDOW,
    Tally,
    Window,
    complete_days,
)
from tests.examples import share_of

FIRST = dt.date(2026, 1, 1)
WINDOWS = st.builds(
    lambda offset, days: Window(FIRST + DAY * offset, FIRST + DAY * (offset + days - 1)),
    st.integers(0, 500),
    st.integers(1, 400),
)
COUNTS = st.lists(st.integers(0, 16_000), min_size=1, max_size=60)


def tally(counts: dict[dt.date, int]) -> Tally:
    """Return a tally of rows by day."""
    return Tally(rows=sum(counts.values()), by_day=collections.Counter(counts))


def test_window_holds_both_ends() -> None:
    """A window of one day starts and ends on it."""
    assert Window(FIRST, FIRST).days == 1
    assert list(Window(FIRST, FIRST + DAY)) == [FIRST, FIRST + DAY]


@given(WINDOWS, st.integers(1, 92))
def test_pieces_cover_a_window_exactly(window: Window, longest: int) -> None:
    """Pieces follow each other without gap or overlap, none longer than allowed."""
    chunks = list(window.chunks(longest))
    assert [day for chunk in chunks for day in chunk] == list(window)
    assert max(chunk.days for chunk in chunks) <= longest
    assert len(chunks) == -(-window.days // longest)


@given(COUNTS, st.integers(1, 3))
def test_days_are_cut_into_windows_that_fit(counts: list[int], at_least: int) -> None:
    """They follow each other; none is too large unless it is one day; no fewer would fit."""
    places = places_that_fit(counts, FULLEST, at_least=at_least)
    assert [day for start, end in places for day in range(start, end)] == list(range(len(counts)))
    assert len(places) >= min(at_least, len(counts))
    for start, end in places:
        assert end - start == 1 or sum(counts[start:end]) <= FULLEST
    assert len(places) <= max(at_least, fewest(counts))


def fewest(counts: list[int]) -> int:
    """Return the least number of windows, by looking at every way to cut the days."""
    best = [0]
    for end in range(1, len(counts) + 1):
        rows = list(itertools.accumulate(reversed(counts[:end])))
        fitting = (n for n, held in enumerate(rows, start=1) if n == 1 or held <= FULLEST)
        best.append(1 + min(best[end - days] for days in fitting))
    return best[-1]


def test_windows_are_of_similar_size() -> None:
    """What is over is shared out."""
    assert places_that_fit([5000] * 4, FULLEST) == [(0, 2), (2, 4)]
    assert places_that_fit([1] * 10, FULLEST, at_least=2) == [(0, 5), (5, 10)]


def test_days_of_a_cut_answer_are_complete_behind_the_oldest_one() -> None:
    """LinkedIn drops the oldest rows first; one day tells of none."""
    window = Window(FIRST, FIRST + DAY * 9)
    shown = {FIRST + DAY * i: 5000 for i in range(7, 10)}
    assert complete_days(window, tally(shown)) == Window(FIRST + DAY * 8, window.end)
    assert complete_days(window, tally({window.end: 15_000})) is None
    assert complete_days(window, tally({})) is None


def band(a_day: float, days: int, *, accounts: int = 50, most_days: int = LONGEST_WINDOW) -> Band:
    """Return the band for accounts with the same rows on every day."""
    known = min(days, most_days)
    return best_band(
        [a_day] * known,
        [],
        later=a_day * (days - known),
        days_left=days,
        longest=LONGEST_WINDOW,
        room=FULLEST,
        may_divide=accounts > 1,
    )


@pytest.mark.parametrize(
    ("rows_a_day", "days", "accounts", "length"),
    [
        pytest.param(100, 365, 50, 92, id="few rows"),
        pytest.param(14_900, 365, 50, 1, id="a day fills an answer"),
        pytest.param(7_000, 2, 50, 2, id="all that is left fits"),
        pytest.param(10_000, 365, 1, 1, id="one account cannot be divided"),
        pytest.param(40_000, 365, 1, 1, id="one account is too large"),
    ],
)
def test_accounts_stay_together_where_that_is_best(
    rows_a_day: int, days: int, accounts: int, length: int
) -> None:
    """Accounts share all their requests unless dividing them saves some."""
    found = band(rows_a_day, days, accounts=accounts)
    assert (found.days, found.parts) == (length, 1)


@given(st.integers(100, 60_000), st.integers(30, 120))
@settings(max_examples=share_of(20))
def test_accounts_are_divided_where_whole_days_fill_answers_badly(a_day: int, days: int) -> None:
    """With 10,000 rows a day one answer holds one day; parts of the accounts need fewer."""
    asked, left = 0, days
    while left:
        found = band(a_day, left)
        assert a_day * found.days <= FULLEST * found.parts
        asked, left = asked + found.parts, left - found.days
    assert asked <= 1.27 * max(a_day * days / FULLEST, days / LONGEST_WINDOW) + 1.5


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=60, unique=True),
    st.integers(1, 12),
    st.data(),
)
def test_balance_divides_completely(items: list[int], parts: int, data: st.DataObject) -> None:
    """Every id is in exactly one part, none is empty; the same input gives the same parts."""
    weights = collections.Counter(
        data.draw(st.dictionaries(st.sampled_from(items), st.integers(0, 15_000)))
    )
    found = balance(items, weights, parts)
    assert sorted(item for part in found for item in part) == sorted(items)
    assert all(found)
    assert len(found) == min(parts, len(items))
    assert found == balance(list(reversed(items)), weights, parts)


def test_balance_gives_parts_of_similar_weight() -> None:
    """A heavy account stands against several light ones."""
    weights = collections.Counter({1: 900, 2: 300, 3: 300, 4: 300})
    assert balance([1, 2, 3, 4], weights, 2) == [(1,), (2, 3, 4)]

"""Windows of days: how they are cut, and how long they may be."""

from __future__ import annotations

import collections
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.windows import (
    AIM,
    DAY,
    FULLEST,
    LONGEST_WINDOW,
    Density,
    DensityHistory,
    Tally,
    Window,
    balance,
    cut_by_days,
    fewest_parts,
)

FIRST = dt.date(2026, 1, 1)
WINDOWS = st.builds(
    lambda offset, days: Window(FIRST + DAY * offset, FIRST + DAY * (offset + days - 1)),
    st.integers(0, 500),
    st.integers(1, 400),
)
COUNTS = st.lists(st.integers(0, 16_000), min_size=1, max_size=120)


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


@given(COUNTS)
def test_longest_window_fits_the_days_it_was_measured_on(counts: list[int]) -> None:
    """Wherever a window of that length lies in the measured days, its rows fit into one answer."""
    density = Density.of(counts)
    length = density.longest_window()
    assert 1 <= length <= LONGEST_WINDOW
    if 1 < length <= len(counts) and len(counts) % 7 == 0 and density.peak <= AIM:
        assert density.rows(length) <= AIM
    fullest = max(sum(counts[i : i + length]) for i in range(max(1, len(counts) - length + 1)))
    if length > 1:
        assert fullest <= FULLEST


@given(st.integers(2, 92), st.data())
def test_cut_windows_cover_the_cut_answer(days: int, data: st.DataObject) -> None:
    """The windows asked instead of a cut answer cover it exactly, and are at least two."""
    window = Window(FIRST, FIRST + DAY * (days - 1))
    shown = data.draw(st.dictionaries(st.sampled_from(list(window)), st.integers(1, 9000)))
    windows = cut_by_days(window, tally(shown))
    assert [day for chunk in windows for day in chunk] == list(window)
    assert len(windows) >= 2


def test_cut_packs_the_days_that_were_seen() -> None:
    """Days that a cut answer showed completely are packed by their rows into full windows."""
    window = Window(FIRST, FIRST + DAY * 9)
    shown = {FIRST + DAY * i: 5000 for i in range(4, 10)} | {FIRST + DAY * 3: 100}
    windows = cut_by_days(window, tally(shown))
    assert [(w.start, w.days) for w in windows[-4:]] == [
        (FIRST + DAY * 3, 1),
        (FIRST + DAY * 4, 2),
        (FIRST + DAY * 6, 2),
        (FIRST + DAY * 8, 2),
    ]


def test_density_looks_at_a_week_at_least() -> None:
    """The newest windows are remembered as far as they are needed for a week."""
    history = DensityHistory()
    for day in range(10):
        density = history.add(
            Window(FIRST + DAY * day, FIRST + DAY * day), tally({FIRST + DAY * day: day})
        )
    assert density.peak == 9
    assert density.week == sum(range(3, 10))


@pytest.mark.parametrize(
    ("rows_a_day", "days", "accounts"),
    [
        pytest.param(100, 365, 50, id="few rows"),
        pytest.param(14_000, 365, 50, id="a day fills an answer"),
        pytest.param(10_000, 2, 50, id="dividing saves nothing"),
        pytest.param(10_000, 365, 1, id="one account cannot be divided"),
    ],
)
def test_accounts_stay_together_where_that_is_best(
    rows_a_day: int, days: int, accounts: int
) -> None:
    """Accounts share all their requests unless dividing them saves some."""
    assert fewest_parts(Density(7 * rows_a_day, rows_a_day), days, accounts) == 1


def test_accounts_are_divided_where_whole_days_fill_answers_badly() -> None:
    """With 10,000 rows a day one answer holds one day; parts of the accounts need fewer."""
    parts = fewest_parts(Density(70_000, 10_000), 365, 50)
    length = Density(70_000, 10_000).divided(parts).longest_window()
    assert parts * -(-365 // length) < 365 * 0.76


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

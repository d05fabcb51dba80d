"""Months and years of reports: never cut, never before LinkedIn's retention."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.periods import apart, bounds, requests_for, row_period
from tap_linkedin_ads.reporting.windows import DAY, LONGEST_WINDOW, Window

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2026, 11, 22))
TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("granularity", "start", "end"),
    [
        ("DAILY", "2024-02-10", "2024-02-10"),
        ("MONTHLY", "2024-02-01", "2024-02-29"),
        ("YEARLY", "2024-01-01", "2024-12-31"),
    ],
)
def test_bounds(granularity: str, start: str, end: str) -> None:
    """A row's period is its day, its calendar month or its calendar year."""
    period = bounds(dt.date(2024, 2, 10), granularity)
    assert (str(period.start), str(period.end)) == (start, end)


@given(DAYS, DAYS, DAYS, st.sampled_from(["MONTHLY", "YEARLY"]))
def test_requests_cover_whole_periods(
    first: dt.date, last: dt.date, oldest: dt.date, granularity: str
) -> None:
    """Windows follow each other, start and end with periods, and stop today."""
    windows = requests_for(first, last, granularity, oldest=oldest, today=TODAY)
    for window in windows:
        assert window.start == bounds(window.start, granularity).start >= oldest
        assert window.end == min(bounds(window.end, granularity).end, TODAY)
        assert granularity == "YEARLY" or window.days <= LONGEST_WINDOW
    for window, following in itertools.pairwise(windows):
        assert following.start == window.end + DAY
    if windows:
        assert windows[0].start <= max(first, windows[0].start)
        assert windows[-1].end >= min(last, TODAY)
    elif first <= last and bounds(last, granularity).start >= oldest:
        pytest.fail("a period is missing")


@given(DAYS, DAYS)
def test_a_whole_range_is_one_request(first: dt.date, last: dt.date) -> None:
    """ALL asks once, and for nothing where the range is empty."""
    oldest = dt.date(2021, 1, 1)
    windows = requests_for(first, last, "ALL", oldest=oldest, today=TODAY)
    wanted = Window(max(first, oldest), last)
    assert windows == ([wanted] if wanted.start <= last else [])


@given(st.dates(dt.date(2021, 1, 1), dt.date(2026, 8, 1)).map(lambda day: day.replace(day=1)))
def test_months_that_are_too_large_together_are_asked_apart(first: dt.date) -> None:
    """A window of several months is divided into them, and covers the same days."""
    window = Window(first, bounds(first + DAY * 62, "MONTHLY").end)
    months = apart(window, "MONTHLY")
    assert [day for month in months for day in month] == list(window)
    assert all(month.start.day == 1 for month in months)
    assert apart(window, "YEARLY") == [window]


def test_a_row_clipped_at_the_edge_keeps_its_month() -> None:
    """LinkedIn may clip a month to the request; the row's dates are the calendar's."""
    asked = Window(dt.date(2026, 11, 1), TODAY)
    november = Window(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert row_period(dt.date(2026, 11, 5), "MONTHLY", asked) == november
    assert row_period(dt.date(2026, 11, 5), "ALL", asked) == asked


def test_a_range_may_be_one_day() -> None:
    """It is asked for."""
    oldest = dt.date(2021, 1, 1)
    assert requests_for(TODAY, TODAY, "ALL", oldest=oldest, today=TODAY) == [Window(TODAY, TODAY)]

"""Reach: which ranges are asked for, what a range stands for, and how often a member saw an ad.

LinkedIn's rules: LI-50, LI-79.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.reporting import reach
from tap_linkedin_ads.reporting.windows import LONGEST_WINDOW, Window

TODAY = dt.date(2026, 11, 20)
"""A Friday."""
DAYS = st.dates(dt.date(2026, 1, 1), TODAY)


def windows(*texts: str) -> list[Window]:
    """Return windows from texts like ``2026-11-16 2026-11-22``."""
    return [Window(*map(dt.date.fromisoformat, text.split())) for text in texts]


@pytest.mark.parametrize(
    ("period", "first", "last", "found"),
    [
        ("week", "2026-11-04", "2026-11-15", ["2026-11-02 2026-11-08", "2026-11-09 2026-11-15"]),
        ("week", "2026-11-18", "2026-11-18", ["2026-11-16 2026-11-20"]),
        ("week", "2026-11-20", "2026-11-10", []),
        ("month", "2026-10-31", "2026-11-18", ["2026-10-01 2026-10-31", "2026-11-01 2026-11-20"]),
        ("month", "2026-10-31", "2026-10-31", ["2026-10-01 2026-10-31"]),
        ("last_7_days", "2026-01-01", "2026-11-20", ["2026-11-13 2026-11-19"]),
        ("last_28_days", "2026-11-20", "2026-11-20", ["2026-10-23 2026-11-19"]),
        ("last_90_days", "2026-01-01", "2026-11-10", ["2026-08-13 2026-11-10"]),
        ("last_7_days", "2026-11-20", "2026-11-10", []),
    ],
)
def test_ranges(period: str, first: str, last: str, found: list[str]) -> None:
    """What is still running ends today; trailing days end on a day that is over."""
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert reach.ranges(period, *days, today=TODAY) == tuple(windows(*found))


@pytest.mark.parametrize(
    ("period", "oldest", "too_old"),
    [
        # 180 days ago it was Sunday, 2026-05-24; 3650 days ago it was 2016-11-22.
        ("week", "2026-05-25 2026-05-31", "2026-05-24"),
        ("month", "2016-12-01 2016-12-31", "2016-11-30"),
        ("last_7_days", "2026-05-24 2026-05-30", "2026-05-29"),
        ("last_28_days", "2026-05-24 2026-06-20", "2026-06-19"),
        ("last_90_days", "2026-05-24 2026-08-21", "2026-08-20"),
    ],
)
def test_oldest_range(period: str, oldest: str, too_old: str) -> None:
    """LinkedIn knows months for ten years; other ranges for as long as it knows their days."""
    (window,) = windows(oldest)
    long_ago = dt.date(2010, 1, 1)
    last = dt.date.fromisoformat(too_old)
    assert reach.ranges(period, long_ago, window.end, today=TODAY) == (window,)
    assert reach.ranges(period, long_ago, last, today=TODAY) == ()


@given(st.sampled_from(reach.PERIODS), DAYS, DAYS)
def test_ranges_are_of_their_period(period: str, first: dt.date, last: dt.date) -> None:
    """Whole but for the running one, one after the other, and short enough for reach."""
    found = reach.ranges(period, first, last, today=TODAY)
    for window in found:
        whole = reach.whole(period, window.start)
        assert window == Window(whole.start, min(whole.end, TODAY))
        assert window.days <= LONGEST_WINDOW
    assert [day for window in found for day in window] == (
        list(Window(found[0].start, found[-1].end)) if found else []
    )


@pytest.mark.parametrize(
    ("period", "whole"),
    [
        ("week", "2026-11-16 2026-11-22"),
        ("month", "2024-02-01 2024-02-29"),
        ("last_7_days", "2026-11-13 2026-11-19"),
        ("last_28_days", "2026-10-23 2026-11-19"),
        ("last_90_days", "2026-08-22 2026-11-19"),
    ],
)
def test_whole_range(period: str, whole: str) -> None:
    """A row says when its range ends, even where that is yet to come."""
    (window,) = windows(whole)
    assert reach.whole(period, window.start) == window


@pytest.mark.parametrize(
    ("impressions", "members", "frequency"),
    [
        (10, 4, "2.500000"),
        (1, 3, "0.333333"),
        (2, 3, "0.666667"),
        (1, 2_000_000, "0.000001"),
        (0, 5, "0.000000"),
        (5, 0, None),
        (5, None, None),
        (None, 5, None),
        (9_000_000_000_000_000_001, 1, "9000000000000000001.000000"),
    ],
)
def test_frequency(impressions: int | None, members: int | None, frequency: str | None) -> None:
    """Rounded to six decimals, halves up; unknown where nobody knows how many members there are."""
    given = (None if n is None else Decimal(n) for n in (impressions, members))
    found = reach.frequency(*given)
    assert (None if found is None else str(found)) == frequency

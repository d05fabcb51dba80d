from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.streams.pages.buckets import DAY, MONTH, Range, complete_range

days = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
spans = st.integers(0, 800)
NOVEMBER_3 = dt.date(2026, 11, 3)


@pytest.mark.parametrize(
    ("period", "first", "last", "delay", "expected"),
    [
        (DAY, "2026-10-01", "2026-11-03", 0, ("2026-10-01", "2026-11-03")),
        (DAY, "2026-10-01", "2026-11-03", 2, ("2026-10-01", "2026-11-01")),
        (DAY, "2026-10-01", "2026-10-15", 2, ("2026-10-01", "2026-10-16")),
        (DAY, "2026-11-03", "2026-11-03", 0, None),
        (DAY, "2020-01-01", "2026-11-03", 0, ("2025-11-03", "2026-11-03")),
        (MONTH, "2026-09-15", "2026-11-03", 0, ("2026-09-01", "2026-11-01")),
        (MONTH, "2026-09-15", "2026-10-02", 2, ("2026-09-01", "2026-11-01")),
        (MONTH, "2026-09-15", "2026-11-03", 3, ("2026-09-01", "2026-10-01")),
        (MONTH, "2020-01-01", "2026-11-03", 0, ("2025-12-01", "2026-11-01")),
        (MONTH, "2026-11-01", "2026-11-03", 0, None),
    ],
)
def test_range_of_complete_buckets(
    period: str, first: str, last: str, delay: int, expected: tuple[str, str] | None
) -> None:
    """Whole days and months that LinkedIn has and that the user asked for."""
    found = complete_range(
        period, dt.date.fromisoformat(first), dt.date.fromisoformat(last), NOVEMBER_3, delay
    )
    wanted = expected and Range(*map(dt.date.fromisoformat, expected))
    assert found == wanted


@given(st.sampled_from([DAY, MONTH]), days, spans, spans, st.integers(0, 5))
def test_range_keeps_linkedins_limits(
    period: str, today: dt.date, age: int, length: int, delay: int
) -> None:
    """A range is never empty, never too old, never in the future, and months are whole."""
    first = today - dt.timedelta(days=age)
    last = first + dt.timedelta(days=length)
    found = complete_range(period, first, last, today, delay)
    if found is None:
        return
    assert today - dt.timedelta(days=365) <= found.first < found.end
    assert found.end <= today - dt.timedelta(days=delay)
    if period == MONTH:
        assert found.first.day == found.end.day == 1
    else:
        assert found.first >= first
        assert found.end <= last + dt.timedelta(days=1)
    assert found.first <= found.last_bucket(period) < found.end


@given(days)
def test_milliseconds_and_back(day: dt.date) -> None:
    """Days are made from integers, whatever the host's time zone."""
    bounds = Range(day, day + dt.timedelta(days=1)).milliseconds
    assert bounds["end"] - bounds["start"] == 86_400_000
    assert epoch.day_of(bounds["start"]) == epoch.day_of(bounds["end"] - 1) == day

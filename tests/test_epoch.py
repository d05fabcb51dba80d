"""Milliseconds since 1970, UTC days and instants, whatever the host's time zone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.api.clock import SystemClock

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2200, 1, 1)))
def test_every_millisecond_of_a_day_is_of_that_day(day: dt.date) -> None:
    """A day begins at its midnight in UTC and ends a millisecond before the next one's."""
    first = epoch.midnight_ms(day)
    assert epoch.day_of(first) == epoch.day_of(first + epoch.DAY_MS - 1) == day
    assert epoch.day_of(first - 1) == day - dt.timedelta(days=1)
    assert epoch.milliseconds(epoch.midnight(day)) == first


@given(st.integers(-(10**12), 4 * 10**12))
def test_an_instant_is_read_as_it_was_written(milliseconds: int) -> None:
    """RFC 3339 with milliseconds loses nothing."""
    assert epoch.milliseconds(epoch.parse(epoch.instant(milliseconds))) == milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-11-22", dt.datetime(2026, 11, 22, tzinfo=UTC), id="a date"),
        pytest.param("2026-11-22T12:00:00", NOON, id="without a zone"),
        pytest.param("2026-11-22T12:00:00Z", NOON, id="Z"),
        pytest.param("2026-11-22T12:00:00.000+00:00", NOON, id="milliseconds"),
        pytest.param("2026-11-22T21:00:00.000000+09:00", NOON, id="another zone, microseconds"),
        pytest.param("2026-11-22 12:00:00+00:00", NOON, id="a blank between"),
        pytest.param(
            "2026-11-22T25:61", dt.datetime(2026, 11, 22, tzinfo=UTC), id="no time: its date"
        ),
        pytest.param(
            "0001-01-01T00:00:00+09:00", dt.datetime(1, 1, 1, tzinfo=UTC), id="before the year 1"
        ),
    ],
)
def test_bookmarks_of_any_precision_are_read(text: str, expected: dt.datetime) -> None:
    """Dates and date-times with any precision and zone give an instant in UTC."""
    assert epoch.parse(text) == expected


def test_a_text_that_is_no_date_is_refused() -> None:
    """What does not begin with a date is an error of the caller's."""
    with pytest.raises(ValueError, match="yesterday"):
        epoch.parse("yesterday")


def test_the_machines_clock_is_in_utc() -> None:
    """It waits as long as it is told, at least."""
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    begun = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - begun >= 0.01

"""One rule for the first day: reports, page statistics, posts, leads and entities go by it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.reporting.lookback import Lookback

START = dt.date(2026, 1, 1)
DAY = dt.timedelta(days=1)
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
lookbacks = st.builds(Lookback, days, st.booleans(), st.integers(0, 400))


def day_of(text: str | None) -> dt.date | None:
    """Read a day of the table."""
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("bookmark", "is_set", "lookback", "late", "expected"),
    [
        pytest.param(None, True, 30, 0, "2026-01-01", id="no bookmark: start_date"),
        pytest.param(None, False, 30, 0, "2026-01-01", id="no bookmark: the default start"),
        pytest.param(None, True, 30, 2, "2026-01-01", id="no bookmark: nothing is late"),
        pytest.param("2026-11-22", True, 30, 0, "2026-10-23", id="bookmark less look-back"),
        pytest.param("2026-11-22", True, 0, 0, "2026-11-22", id="the bookmark's own day again"),
        pytest.param("2026-01-15", True, 30, 0, "2026-01-01", id="not before a start that is set"),
        pytest.param("2026-01-15", False, 30, 0, "2025-12-16", id="a default start is no limit"),
        pytest.param("2026-01-01", True, 30, 0, "2026-01-01", id="bookmark on the start"),
        pytest.param("2025-12-31", True, 30, 0, "2025-12-01", id="start set later: no gap"),
        pytest.param("2025-12-31", True, 0, 0, "2025-12-31", id="start set later, no look-back"),
        pytest.param("2026-01-15", True, 30, 2, "2026-01-01", id="late days behind the start"),
        pytest.param("2026-01-02", True, 30, 2, "2025-12-31", id="late days before the start"),
        pytest.param("2025-12-31", True, 30, 2, "2025-12-01", id="late days, start set later"),
    ],
)
def test_first_day_and_first_instant(
    bookmark: str | None,
    is_set: bool,  # noqa: FBT001
    lookback: int,
    late: int,
    expected: str,
) -> None:
    """The bookmark decides; start_date counts where there is none, and bounds the look-back."""
    rule, known, wanted = (
        Lookback(START, is_set, lookback, late),
        day_of(bookmark),
        day_of(expected),
    )
    assert wanted
    assert rule.first_day(known) == wanted
    instant = epoch.midnight(known) if known else None
    assert rule.first_instant(instant) == epoch.midnight(wanted)


@given(lookbacks, days)
def test_nothing_between_bookmark_and_first_day_is_left_out(
    rule: Lookback, bookmark: dt.date
) -> None:
    """Reading starts on or before the bookmark's own day: it was still going on when read."""
    assert bookmark - DAY * rule.days <= rule.first_day(bookmark) <= bookmark


@given(lookbacks, days, st.integers(0, 86_399_999))
def test_instants_go_by_the_rule_of_days(
    rule: Lookback, bookmark: dt.date, milliseconds: int
) -> None:
    """The first instant lies in the first day, whatever the bookmark's time of day."""
    instant = epoch.midnight(bookmark) + dt.timedelta(milliseconds=milliseconds)
    assert rule.first_instant(instant).date() == rule.first_day(bookmark)

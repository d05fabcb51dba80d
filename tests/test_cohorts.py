"""Which day each ad account is read from, and who shares requests."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.cohorts import Cohort, cohorts, first_day
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.windows import Window

TODAY = dt.date(2026, 11, 22)
START = dt.date(2026, 1, 1)


def days(text: str | None) -> dt.date | None:
    """Read a day of the tables below."""
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("bookmark", "is_set", "lookback", "expected"),
    [
        pytest.param(None, True, 30, "2026-01-01", id="no bookmark: start_date"),
        pytest.param(None, False, 30, "2026-01-01", id="no bookmark: the default start"),
        pytest.param("2026-11-22", True, 30, "2026-10-23", id="bookmark less look-back"),
        pytest.param("2026-11-22", True, 0, "2026-11-22", id="the bookmark's own day again"),
        pytest.param("2026-01-15", True, 30, "2026-01-01", id="not before a start that is set"),
        pytest.param("2026-01-15", False, 30, "2025-12-16", id="a default start is no limit"),
        pytest.param("2026-01-01", True, 30, "2026-01-01", id="bookmark on the start"),
        pytest.param("2025-12-31", True, 30, "2025-12-01", id="start set later: no gap"),
    ],
)
def test_first_day(bookmark: str | None, is_set: bool, lookback: int, expected: str) -> None:  # noqa: FBT001
    """The bookmark decides; start_date counts where there is none, and limits the look-back."""
    found = first_day(
        days(bookmark), start_date=START, never_before_start=is_set, lookback_days=lookback
    )
    assert found == days(expected)


@given(
    st.dates(dt.date(2020, 1, 1), TODAY), st.dates(dt.date(2020, 1, 1), TODAY), st.integers(0, 400)
)
def test_first_day_leaves_no_gap(bookmark: dt.date, start: dt.date, lookback: int) -> None:
    """Reading starts on or before the bookmark's own day: it was still going on when read."""
    for is_set in (True, False):
        day = first_day(
            bookmark, start_date=start, never_before_start=is_set, lookback_days=lookback
        )
        assert bookmark - dt.timedelta(days=lookback) <= day <= bookmark


SHARED = Report("shared", ("ACCOUNT", "CREATIVE"))
DEMOGRAPHIC = Report("demographic", ("MEMBER_SENIORITY",))


def group(
    bookmarks: dict[int, dt.date | None],
    *,
    start: dt.date = START,
    end: dt.date = TODAY,
    report: Report = SHARED,
) -> tuple[list[Cohort], list[str]]:
    """Group accounts with a look-back of ten days; also give what was logged."""
    said: list[str] = []
    found = cohorts(
        bookmarks,
        start_date=start,
        never_before_start=True,
        end_date=end,
        lookback_days=10,
        today=TODAY,
        log=said.append,
        report=report,
    )
    return list(found), said


def test_accounts_with_one_start_share_requests() -> None:
    """Accounts that are read from the same day are one group; those furthest behind come first."""
    new, known = None, dt.date(2026, 11, 20)
    found, said = group({3: known, 1: new, 2: known, 4: new})
    assert found == [
        Cohort((1, 4), Window(START, TODAY)),
        Cohort((2, 3), Window(dt.date(2026, 11, 10), TODAY)),
    ]
    assert said == []


def test_accounts_beyond_end_date_are_left_out() -> None:
    """Nothing is asked for an account whose first day lies behind end_date."""
    found, _ = group({1: dt.date(2026, 11, 20), 2: None}, end=dt.date(2026, 11, 9))
    assert found == [Cohort((2,), Window(START, dt.date(2026, 11, 9)))]


def test_at_most_a_thousand_accounts_share_a_request() -> None:
    """More accounts make further groups, none is lost."""
    found, _ = group(dict.fromkeys(range(2345)))
    assert [len(cohort.accounts) for cohort in found] == [1000, 1000, 345]
    assert sorted(a for cohort in found for a in cohort.accounts) == list(range(2345))


def test_retention_clips_the_start_and_says_so_once() -> None:
    """Days that LinkedIn no longer keeps are not asked for; one message tells."""
    found, said = group({1: None, 2: dt.date(2015, 3, 1)}, start=dt.date(2015, 1, 1))
    oldest = TODAY - dt.timedelta(days=3650)
    assert found == [Cohort((1, 2), Window(oldest, TODAY))]
    assert len(said) == 1
    assert str(oldest) in said[0]


def test_reports_without_the_account_are_read_one_by_one() -> None:
    """Where rows do not name their ad account, accounts share no request."""
    found, _ = group({2: None, 1: None}, report=DEMOGRAPHIC)
    assert [cohort.accounts for cohort in found] == [(1,), (2,)]


def test_demographics_are_kept_for_two_years() -> None:
    """Professional demographics older than 730 days are gone."""
    found, said = group({1: None}, start=dt.date(2020, 1, 1), report=DEMOGRAPHIC)
    assert found[0].window.start == TODAY - dt.timedelta(days=730)
    assert len(said) == 1


def test_months_stay_whole() -> None:
    """Months are asked whole, together within 92 days; the running one up to today."""
    monthly = Report("monthly", ("ACCOUNT", "CREATIVE"), granularity="MONTHLY")
    (cohort,), _ = group({1: None}, start=dt.date(2026, 8, 15), report=monthly)
    assert [(str(period.start), str(period.end)) for period in cohort.periods] == [
        ("2026-08-01", "2026-10-31"),
        ("2026-11-01", "2026-11-22"),
    ]

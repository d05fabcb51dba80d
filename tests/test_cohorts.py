"""Which day each ad account is read from, and who shares requests."""

from __future__ import annotations

import datetime as dt

from tap_linkedin_ads.reporting.cohorts import Cohort, cohorts
from tap_linkedin_ads.reporting.lookback import Lookback
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.windows import Window

TODAY = dt.date(2026, 11, 22)
START = dt.date(2026, 1, 1)


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
        lookback=Lookback(start, start_date_is_set=True, days=10),
        end_date=end,
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


def test_every_period_is_read() -> None:
    """The days to read are those of all periods, from the first one's first to the last one's."""
    monthly = Report("monthly", ("ACCOUNT", "CREATIVE"), granularity="MONTHLY")
    for start in (dt.date(2026, 8, 15), dt.date(2025, 2, 1), TODAY):
        (cohort,), _ = group({1: None}, start=start, report=monthly)
        assert cohort.window == Window(start.replace(day=1), TODAY)
        assert cohort.periods[0].start == start.replace(day=1)

"""Ad accounts that start on the same day share requests.

LinkedIn's rule: LI-43.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.reporting.periods import DAILY, requests_for
from tap_linkedin_ads.reporting.windows import DAY, Window

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from tap_linkedin_ads.reporting.lookback import Lookback
    from tap_linkedin_ads.reporting.reports import Report

MOST_ACCOUNTS = 1000
"""Ad accounts in one request: a tunnelled body of about 45 kB."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Ad accounts that are read together.

    Attributes:
        accounts: Ad account ids.
        window: The days to read.
        periods: The windows to ask for, where months, years or the whole range must stay whole.
    """

    accounts: tuple[int, ...]
    window: Window
    periods: tuple[Window, ...] = ()


def cohorts(  # noqa: PLR0913  plain values instead of a settings object
    bookmarks: Mapping[int, dt.date | None],
    *,
    lookback: Lookback,
    end_date: dt.date,
    today: dt.date,
    log: t.Callable[[str], None],
    report: Report,
) -> Iterator[Cohort]:
    """Group ad accounts by the day from which they are read.

    Args:
        bookmarks: Every ad account with the last day that was read for it.
        lookback: Where reading starts.
        end_date: Last day to read, inclusive.
        today: The current UTC day.
        log: Told once when days lie beyond LinkedIn's retention.
        report: Says whether accounts can share requests, how long LinkedIn keeps the figures
            and whether rows are days.

    Yields:
        Cohorts (at most 1,000 ad accounts each, one where rows do not name their ad account),
        those furthest behind first.
    """
    oldest = today - DAY * report.retention_days
    starts: dict[dt.date, list[int]] = {}
    for account, bookmark in bookmarks.items():
        day = lookback.first_day(bookmark)
        starts.setdefault(max(day, oldest), []).append(account)
    if starts and min(starts) == oldest:
        log(f"{report.name}: LinkedIn keeps these figures from {oldest} on; earlier days are gone.")
    size = MOST_ACCOUNTS if report.shares_accounts else 1
    for day in sorted(starts):
        window = Window(day, end_date)
        periods: tuple[Window, ...] = ()
        if report.granularity != DAILY:
            periods = tuple(
                requests_for(day, end_date, report.granularity, oldest=oldest, today=today)
            )
            if not periods:
                continue
            window = Window(periods[0].start, periods[-1].end)
        if window.start > window.end:
            continue
        accounts = sorted(starts[day])
        for index in range(0, len(accounts), size):
            yield Cohort(tuple(accounts[index : index + size]), window, periods)

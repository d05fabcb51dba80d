"""Ad accounts that start on the same day share requests."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.reporting.reports import RETENTION_DAYS
from tap_linkedin_ads.reporting.windows import DAY, Window

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

MOST_ACCOUNTS = 1000
"""Ad accounts in one request: a tunnelled body of about 45 kB."""


def first_day(
    bookmark: dt.date | None, *, start_date: dt.date, never_before_start: bool, lookback_days: int
) -> dt.date:
    """Return the first day to read for one ad account.

    Args:
        bookmark: The last day that was read, None where nothing was.
        start_date: First day where there is no bookmark.
        never_before_start: The user set ``start_date``, so the look-back does not go beyond it
            (unless the bookmark itself does).
        lookback_days: Days before the bookmark that are read again.
    """
    if bookmark is None:
        return start_date
    day = bookmark - DAY * lookback_days
    return max(day, start_date) if never_before_start and start_date <= bookmark else day


def cohorts(  # noqa: PLR0913  plain values instead of a settings object
    bookmarks: Mapping[int, dt.date | None],
    *,
    start_date: dt.date,
    never_before_start: bool,
    end_date: dt.date,
    lookback_days: int,
    today: dt.date,
    log: t.Callable[[str], None],
    retention_days: int = RETENTION_DAYS,
) -> Iterator[tuple[tuple[int, ...], Window]]:
    """Group ad accounts by the day from which they are read.

    Args:
        bookmarks: Every ad account with the last day that was read for it.
        start_date: First day where there is no bookmark.
        never_before_start: See ``first_day``.
        end_date: Last day to read, inclusive.
        lookback_days: Days before the bookmark that are read again.
        today: The current UTC day.
        log: Told once when days lie beyond LinkedIn's retention.
        retention_days: Days that LinkedIn keeps.

    Yields:
        Ad accounts (at most 1,000) and the days to read, the accounts that are furthest behind
        first.
    """
    oldest = today - DAY * retention_days
    starts: dict[dt.date, list[int]] = {}
    for account, bookmark in bookmarks.items():
        day = first_day(
            bookmark,
            start_date=start_date,
            never_before_start=never_before_start,
            lookback_days=lookback_days,
        )
        starts.setdefault(max(day, oldest), []).append(account)
        if day < oldest and log is not _silent:
            log(f"LinkedIn keeps {retention_days} days: reading from {oldest} instead of {day}.")
            log = _silent
    for day in sorted(starts):
        if day > end_date:
            continue
        accounts = sorted(starts[day])
        for index in range(0, len(accounts), MOST_ACCOUNTS):
            yield tuple(accounts[index : index + MOST_ACCOUNTS]), Window(day, end_date)


def _silent(_: str) -> None:
    """Say nothing."""

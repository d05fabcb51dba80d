"""Calendar periods: reports by week, by month, by year and over a whole range.

LinkedIn's rule: LI-50.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools

from tap_linkedin_ads.reporting.windows import DAY, LONGEST_WINDOW, Window

DAILY, MONTHLY, YEARLY, ALL = "DAILY", "MONTHLY", "YEARLY", "ALL"
WEEKLY = "WEEKLY"
"""Weeks from Monday to Sunday. LinkedIn has no such granularity: each is a range of its own."""


@functools.lru_cache(maxsize=1024)
def bounds(day: dt.date, granularity: str) -> Window:
    """Return the first and last day of the week, month or year (or the day) that holds a day."""
    if granularity == WEEKLY:
        monday = day - DAY * day.weekday()
        return Window(monday, monday + DAY * 6)
    if granularity == MONTHLY:
        length = calendar.monthrange(day.year, day.month)[1]
        return Window(day.replace(day=1), day.replace(day=length))
    if granularity == YEARLY:
        return Window(dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))
    return Window(day, day)


def whole_periods(
    first: dt.date, last: dt.date, granularity: str, *, oldest: dt.date
) -> list[Window]:
    """Return the weeks, months or years that a range touches, oldest first.

    Args:
        first: First day wanted; its whole period is taken.
        last: Last day wanted; its whole period is taken.
        granularity: WEEKLY, MONTHLY or YEARLY.
        oldest: Oldest day that LinkedIn keeps; a period that begins earlier is left out.
    """
    found = []
    day = max(first, oldest)
    while day <= last:
        period = bounds(day, granularity)
        if period.start >= oldest:
            found.append(period)
        day = period.end + DAY
    return found


def requests_for(
    first: dt.date, last: dt.date, granularity: str, *, oldest: dt.date, today: dt.date
) -> list[Window]:
    """Return the windows to ask for a report by month, by year or over the whole range.

    Months are asked for together as long as they stay within 92 days; a month or a year is never
    cut in two. The last window ends today where its period goes on.
    """
    if granularity == ALL:
        first = max(first, oldest)
        return [Window(first, last)] if first <= last else []
    together: list[Window] = []
    for period in whole_periods(first, last, granularity, oldest=oldest):
        joined = Window(together[-1].start, period.end) if together else period
        if together and granularity == MONTHLY and joined.days <= LONGEST_WINDOW:
            together[-1] = joined
        else:
            together.append(period)
    if together:
        together[-1] = Window(together[-1].start, min(together[-1].end, today))
    return together


def apart(window: Window, granularity: str) -> list[Window]:
    """Return the whole months that a window of a MONTHLY report joins; other windows stay whole."""
    if granularity != MONTHLY:
        return [window]
    months = []
    day = window.start
    while day <= window.end:
        months.append(Window(day, min(bounds(day, MONTHLY).end, window.end)))
        day = months[-1].end + DAY
    return months


def row_period(day: dt.date, granularity: str, window: Window) -> Window:
    """Return the period that a row stands for.

    Args:
        day: First day of the row's date range; LinkedIn may clip it at the edge of the request,
            and rounds ALL to months when it is old.
        granularity: The report's time granularity.
        window: The window that was asked for.
    """
    return window if granularity == ALL else bounds(day, granularity)

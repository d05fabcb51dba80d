"""Reach over weeks, months and the last days: which ranges, of what, and how often. Pure.

Reach of days does not add up, so each range is a request of its own: the whole range is one row.

LinkedIn's rules: LI-50, LI-79.
"""

from __future__ import annotations

import typing as t
from decimal import ROUND_HALF_UP, Decimal

from tap_linkedin_ads.reporting.periods import ALL, MONTHLY, WEEKLY, bounds, whole_periods
from tap_linkedin_ads.reporting.reports import RETENTION_DAYS, Report
from tap_linkedin_ads.reporting.windows import DAY, Window

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

REACH, IMPRESSIONS = "approximateMemberReach", "impressions"
LEVELS: t.Final[Mapping[str, Report]] = {
    level: Report(
        "ad_reach",
        pivots,
        schema="ad_reach",
        granularity=ALL,
        metrics=(IMPRESSIONS, REACH, "audiencePenetration"),
    )
    for level, pivots in (
        ("account", ("ACCOUNT",)),
        ("campaign_group", ("ACCOUNT", "CAMPAIGN_GROUP")),
        ("campaign", ("ACCOUNT", "CAMPAIGN")),
    )
}
"""What reach is read of, and the report that gives it."""
_CALENDAR = {"week": WEEKLY, "month": MONTHLY}
_TRAILING = {"last_7_days": 7, "last_28_days": 28, "last_90_days": 90}
PERIODS = (*_CALENDAR, *_TRAILING)
_DAYS_KEPT_BY_DAY = 180
"""LinkedIn keeps days for six months and rounds older ranges to whole months."""
_SIX_DECIMALS = Decimal("0.000001")


def ranges(period: str, first: dt.date, last: dt.date, *, today: dt.date) -> tuple[Window, ...]:
    """Return the ranges to ask for, oldest first; consecutive ones where there are several.

    Weeks and months are those that hold a day from the first to the last one; the running one is
    asked for up to today. Trailing days end on the last day that is over.

    Args:
        period: One of ``PERIODS``.
        first: First day to read.
        last: Last day to read.
        today: The current UTC day.
    """
    by_day, by_month = (today - DAY * days for days in (_DAYS_KEPT_BY_DAY, RETENTION_DAYS))
    if period in _TRAILING:
        end = min(last, today - DAY)
        days = Window(end - DAY * (_TRAILING[period] - 1), end)
        return (days,) if first <= last and days.start >= by_day else ()
    oldest = by_month if period == "month" else by_day
    found = whole_periods(first, last, _CALENDAR[period], oldest=oldest)
    return tuple(Window(whole.start, min(whole.end, today)) for whole in found)


def whole(period: str, start: dt.date) -> Window:
    """Return the whole range that begins on a day, even where it is still running."""
    if period in _TRAILING:
        return Window(start, start + DAY * (_TRAILING[period] - 1))
    return bounds(start, _CALENDAR[period])


def frequency(impressions: Decimal | None, reach: Decimal | None) -> Decimal | None:
    """Return how often a member saw an ad on average; None where nobody knows how many did.

    Returns:
        Impressions divided by reach, exact to six decimals, halves rounded up.
    """
    if impressions is None or not reach:
        return None
    seven_decimals = Decimal(int(impressions) * 10**7 // int(reach)).scaleb(-7)
    return seven_decimals.quantize(_SIX_DECIMALS, ROUND_HALF_UP)

"""Rows of page statistics: three answers about one page, joined on the first day of the bucket.

An outer join: a bucket that only one side gives is a row whose other columns are null. Pure.

LinkedIn's rules: LI-65, LI-73.
"""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.records.values import Misplaced, exact_integer, fitting, shown

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.records.paths import Column
    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.streams.pages import buckets

FOLLOWERS = "organizationalEntityFollowerStatistics"
SHARES = "organizationalEntityShareStatistics"
VIEWS = "organizationPageStatistics"
SIDES = (FOLLOWERS, SHARES, VIEWS)
DELAY_DAYS = {FOLLOWERS: 2}
"""Days before today for which LinkedIn has no data yet."""


def joined(
    answers: Mapping[str, Iterable[Wire]],
    asked: Mapping[str, buckets.Range],
    without_key: Callable[[str], None],
) -> Iterator[tuple[dt.date, dict[str, Wire]]]:
    """Join the answers of the sides, oldest bucket first.

    Args:
        answers: The elements of each side's answer.
        asked: The range that each side was asked for.
        without_key: Hears of figures without their bucket, or of one that was not asked for; they
            are left out.

    Yields:
        The bucket's first day, and each side's element for it.
    """
    rows: dict[dt.date, dict[str, Wire]] = {}
    for side, elements in answers.items():
        for element in elements:
            start = at(element, "timeRange.start")
            try:
                day = epoch.day_of(exact_integer(start))
            except (ValueError, OverflowError):
                without_key(f"{side}: figures of the time {shown(start)}")
                continue
            if asked[side].first <= day < asked[side].end:
                rows.setdefault(day, {})[side] = element
            else:
                without_key(f"{side}: figures of {day}, which was not asked for")
    yield from sorted(rows.items(), key=lambda row: row[0])


def values(
    sides: Mapping[str, Wire], columns: Iterable[Column], unreadable: list[UnreadableValue]
) -> Iterator[tuple[str, t.Any]]:
    """Yield the columns of one bucket; null where a side or a value is missing or unreadable."""
    for column in columns:
        side = sides.get(column.resource)
        buttons = at(side, column.path)
        if isinstance(buttons, list):
            clicks = _clicks(buttons)
            yield column.name, fitting(column.name, clicks, column.schema, unreadable)
        else:
            yield column.name, column.value(side, unreadable)


def _clicks(buttons: list[t.Any]) -> t.Any:  # noqa: ANN401
    """Return the clicks on all kinds of buttons; some answers call them ``count``.

    Where one of them cannot be read, there is no sum: what LinkedIn sent is returned.
    """
    try:
        return sum(
            exact_integer(button.get("clicks", button.get("count")) or 0) for button in buttons
        )
    except (ValueError, AttributeError):
        return Misplaced(buttons)

"""Rows of page statistics: three answers about one page, joined on the first day of the bucket.

An outer join: a bucket that only one side gives is a row whose other columns are null. Pure.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.records.entity import UnreadableValue, UnreadableValueError
from tap_linkedin_ads.records.paths import Column, at

if t.TYPE_CHECKING:
    import datetime as dt

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.streams.pages import buckets

FOLLOWERS = "organizationalEntityFollowerStatistics"
SHARES = "organizationalEntityShareStatistics"
VIEWS = "organizationPageStatistics"
SIDES = (FOLLOWERS, SHARES, VIEWS)
DELAY_DAYS = {FOLLOWERS: 2}
"""Days before today for which LinkedIn has no data yet."""


def joined(
    answers: Mapping[str, Iterable[Wire]], asked: Mapping[str, buckets.Range]
) -> Iterator[tuple[dt.date, dict[str, Wire]]]:
    """Join the answers of the sides, oldest bucket first.

    Args:
        answers: The elements of each side's answer.
        asked: The range that each side was asked for; buckets outside it are left out.

    Yields:
        The bucket's first day, and each side's element for it.
    """
    rows: dict[dt.date, dict[str, Wire]] = {}
    for side, elements in answers.items():
        for element in elements:
            start = at(element, "timeRange.start")
            if start is None:
                raise UnreadableValueError(f"{side}: figures without their time range")
            day = epoch.day_of(int(start))
            if asked[side].first <= day < asked[side].end:
                rows.setdefault(day, {})[side] = element
    yield from sorted(rows.items(), key=lambda row: row[0])


def values(
    sides: Mapping[str, Wire], columns: Iterable[Column], unreadable: list[UnreadableValue]
) -> Iterator[tuple[str, t.Any]]:
    """Give the columns of one bucket; null where a side or a value is missing or unreadable."""
    for column in columns:
        side = sides.get(column.resource)
        buttons = at(side, column.path)
        if isinstance(buttons, list):
            yield column.name, sum(map(_clicks, buttons))
        else:
            yield column.name, column.value(side, unreadable)


def _clicks(button: object) -> int:
    """Return the clicks on one kind of button; some answers call them ``count``."""
    if not isinstance(button, Mapping):
        return 0
    return int(button.get("clicks", button.get("count")) or 0)

"""The least possible number of report requests, from what LinkedIn knows and from its limits.

LinkedIn cuts an answer at 15,000 rows without a word, so an answer of that size proves nothing: a
whole one holds 14,999 at most. A request covers at most 92 days (beyond that LinkedIn leaves out
two metrics) and 20 names, dateRange and pivotValues among them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from sandbox import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.linkedin import Call
    from sandbox import World

FULLEST = 14_999
LONGEST = 92
KEYS = ("dateRange", "pivotValues")
PER_REQUEST = 18


def groups_asked(calls: Iterable[Call]) -> list[tuple[str, ...]]:
    """Return the sets of metrics that were asked for together."""
    found = {
        tuple(sorted(name for name in call.params["fields"] if name in METRICS))
        for call in calls
        if call.is_report
    }
    return sorted(group for group in found if group)


def days_asked(calls: Iterable[Call]) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that reports were asked for."""
    ranges = [call.params["dateRange"] for call in calls if call.is_report]
    return min(_day(found["start"]) for found in ranges), max(_day(f["end"]) for f in ranges)


def _day(parts: dict[str, str]) -> dt.date:
    return dt.date(int(parts["year"]), int(parts["month"]), int(parts["day"]))


def report_requests(
    world: World, start: dt.date, end: dt.date, groups: Iterable[tuple[str, ...]]
) -> int:
    """Return the least number of report requests for these days and groups of metrics.

    For one account, windows of whole days are packed as full as they go. Several accounts can
    share requests in any way, so all that binds is the number of rows and of days.
    """
    return sum(_for_group(world, start, end, group) for group in groups)


def _for_group(world: World, start: dt.date, end: dt.date, group: tuple[str, ...]) -> int:
    rows = Counter(day for day, *_ in world.truth(("CREATIVE",), start, end, group))
    days = (end - start).days + 1
    if len(world.roles) > 1:
        return max(-(-days // LONGEST), -(-rows.total() // FULLEST))
    requests, held, length = 1, 0, 0
    for offset in range(days):
        count = rows[start + dt.timedelta(days=offset)]
        if held + count > FULLEST or length == LONGEST:
            requests, held, length = requests + 1, 0, 0
        held, length = held + count, length + 1
    return requests

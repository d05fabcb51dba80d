"""Serving rows of adAnalytics: filtered, cut and written as JSON text."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sandbox.answers.reports.groups import Grouping, rows_of
from sandbox.world import pivots as pv
from sandbox.world.draws import Raw, member
from sandbox.world.figures import Delivery, Figures, is_weekend
from sandbox.world.truth import buckets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from sandbox.answers.reports.query import Report
    from sandbox.world.world import World


def render(world: World, report: Report) -> list[str]:
    """Return the rows of a report as JSON texts.

    Rows of the newest periods come first into the answer, so that a cut drops the oldest ones;
    the order of the answer itself is not by date.
    """
    if not report.metrics and not report.activity_only:
        return []
    limit = report.limit
    rows: list[tuple[Raw, str]] = []
    whole = "CREATIVE" in report.pivots and all(p in pv.ENTITY_PIVOTS for p in report.pivots)
    days = list(
        buckets(
            report.granularity, report.start, report.end, calendar_bounds=report.calendar_bounds
        )
    )
    grouping = None if whole and report.granularity == "DAILY" else Grouping.of(world, report)
    for first, last in reversed(days):
        if grouping is None:
            rows += _creative_day(world, report, first)
        else:
            rows += rows_of(world, grouping, first, last)
        if len(rows) >= limit:
            del rows[limit:]
            break
    if report.sort is not None:
        rows.sort(key=lambda row: row[0], reverse=report.sort[1] == "DESCENDING")
    else:
        random.Random(len(rows)).shuffle(rows)  # noqa: S311 - any fixed order but by date
    if report.count is not None:
        del rows[report.count :]
    return [text for _, text in rows]


def _creative_day(world: World, report: Report, day: dt.date) -> Iterator[tuple[Raw, str]]:
    """Yield one row per active creative: the hot path, strings only."""
    ordinal = day.toordinal()
    if day > world.today:
        return
    figures = world.figures
    names = report.metrics
    word = figures.day(ordinal)
    weekend = is_weekend(ordinal)
    head = report.head(day, day)
    active = figures.active
    sort_name = report.sort_metric
    for delivery in report.deliveries:
        if not active(delivery, ordinal):
            continue
        start = head
        if report.pivot_values:
            values = _pivot_member(delivery, report.pivots)
            if values is None:
                continue
            start += values
        text = (
            _restated_members(figures, delivery, ordinal, names)
            if ordinal in delivery.restated
            else _drawn_members(figures, delivery, word, names, weekend=weekend)
        )
        if text is None:
            continue
        key = figures.figure(delivery, ordinal, sort_name)[0] if sort_name else 0
        yield key, (start + text).rstrip(",") + "}"


def _restated_members(
    figures: Figures, delivery: Delivery, ordinal: int, names: tuple[str, ...]
) -> str | None:
    both = [figures.figure(delivery, ordinal, name) for name in names]
    if names and not any(raw for raw, _ in both):
        return None
    return ",".join([member(name, value) for name, (_, value) in zip(names, both, strict=True)])


def _drawn_members(
    figures: Figures, delivery: Delivery, day: int, names: tuple[str, ...], *, weekend: bool
) -> str | None:
    plan = figures.plan(delivery, names, weekend=weekend)
    mixed = figures.mix(delivery.mark, day)
    if names and not plan.never_zero:
        raws = [table[mixed * factor >> 24 & 255] for table, factor in plan.values]
        if not any(raws):
            return None
    active = [table[mixed * factor >> 24 & 255] for table, factor in plan.active]
    return plan.zeros + ",".join(active)


def _pivot_member(delivery: Delivery, pivots: tuple[str, ...]) -> str | None:
    values = [delivery.pivot_values.get(pivot) for pivot in pivots]
    if None in values:
        return None
    return '"pivotValues":["' + '","'.join(filter(None, values)) + '"],'

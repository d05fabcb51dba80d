"""Serving rows of adAnalytics: filtered, cut and written as JSON text."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from sandbox.answers.reports.groups import Grouping, rows_of
from sandbox.world import pivots as pv
from sandbox.world.draws import Raw, member
from sandbox.world.figures import Delivery, Figures, is_weekend
from sandbox.world.truth import buckets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Iterator

    from sandbox.answers.reports.query import Report
    from sandbox.world.world import World

#: Answers that are kept have no more creatives and rows; so many rows are kept in all.
_MOST_CREATIVES, _MOST_ROWS, _KEPT_ROWS = 200, 3_000, 300_000


class _Answers:
    """The rows of reports that were worked out in this process, for worlds that are alike.

    Figures depend on nothing but seed, creative, day and metric, and a program or a suite of
    tests asks the same of equal worlds again and again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: OrderedDict[Hashable, tuple[str, ...]] = OrderedDict()
        self._rows = 0

    def get(self, key: Hashable) -> tuple[str, ...] | None:
        """Return the rows of a report, None where they are not kept."""
        with self._lock:
            found = self._texts.get(key)
            if found is not None:
                self._texts.move_to_end(key)
            return found

    def keep(self, key: Hashable, texts: tuple[str, ...]) -> None:
        """Keep the rows of a report; those that were asked for longest ago make room."""
        with self._lock:
            if key in self._texts or len(texts) > _MOST_ROWS:
                return
            self._texts[key] = texts
            self._rows += len(texts) + 1
            while self._rows > _KEPT_ROWS:
                self._rows -= len(self._texts.popitem(last=False)[1]) + 1


_answers = _Answers()


def render(world: World, report: Report) -> tuple[str, ...]:
    """Return the rows of a report as JSON texts.

    Rows of the newest periods come first into the answer, so that a cut drops the oldest ones;
    the order of the answer itself is not by date.
    """
    if not report.metrics and not report.activity_only:
        return ()
    if len(report.deliveries) > _MOST_CREATIVES:
        return _worked_out(world, report)
    key = _inputs(world, report)
    found = _answers.get(key)
    if found is None:
        found = _worked_out(world, report)
        _answers.keep(key, found)
    return found


def _inputs(world: World, report: Report) -> Hashable:
    """Return everything that the rows of a report depend on."""
    creatives = tuple(
        (
            *(delivery.creative, delivery.mark, delivery.first, delivery.last, delivery.families),
            *(delivery.tier, delivery.currency, delivery.gaps, delivery.account),
            tuple(sorted(delivery.pivot_values.items())),
            tuple((day, tuple(changed.items())) for day, changed in delivery.restated.items()),
            tuple(world.conversions.get(delivery.account, ())),
        )
        for delivery in report.deliveries
    )
    query = (
        *(report.pivots, report.granularity, report.start, report.end, report.metrics),
        *(report.activity_only, report.date_range, report.pivot_values, report.sort),
        *(report.count, report.calendar_bounds, report.limit),
    )
    return world.today, world.figures.state, query, creatives


def _worked_out(world: World, report: Report) -> tuple[str, ...]:
    limit = report.limit
    rows: list[tuple[Raw, str]] = []
    whole = "CREATIVE" in report.pivots and all(p in pv.ENTITY_PIVOTS for p in report.pivots)
    days = list(
        buckets(
            report.granularity, report.start, report.end, calendar_bounds=report.calendar_bounds
        )
    )
    grouping = None if whole and report.granularity == "DAILY" else Grouping.of(world, report)
    shown = _shown(report) if grouping is None else []
    for first, last in reversed(days):
        if grouping is None:
            rows += _creative_day(world, report, shown, first)
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
    return tuple([text for _, text in rows])


def _creative_day(
    world: World, report: Report, shown: list[tuple[Delivery, str]], day: dt.date
) -> Iterator[tuple[Raw, str]]:
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
    for delivery, values in shown:
        if not active(delivery, ordinal):
            continue
        text = (
            _restated_members(figures, delivery, ordinal, names)
            if ordinal in delivery.restated
            else _drawn_members(figures, delivery, word, names, weekend=weekend)
        )
        if text is None:
            continue
        key = figures.figure(delivery, ordinal, sort_name)[0] if sort_name else 0
        yield key, (head + values + text).rstrip(",") + "}"


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


def _shown(report: Report) -> list[tuple[Delivery, str]]:
    """Return the creatives that have all pivots, with their values as rows show them."""
    if not report.pivot_values:
        return [(delivery, "") for delivery in report.deliveries]
    found = ((delivery, _pivot_member(delivery, report.pivots)) for delivery in report.deliveries)
    return [(delivery, values) for delivery, values in found if values is not None]


def _pivot_member(delivery: Delivery, pivots: tuple[str, ...]) -> str | None:
    values = [delivery.pivot_values.get(pivot) for pivot in pivots]
    if None in values:
        return None
    return '"pivotValues":["' + '","'.join(filter(None, values)) + '"],'

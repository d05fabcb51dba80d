"""Serving rows of adAnalytics: filtered, grouped, cut and written as JSON text."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from sandbox import pivots as pv
from sandbox.figures import Delivery, Raw, Sent, member, sent
from sandbox.metrics import METRICS
from sandbox.truth import buckets

if TYPE_CHECKING:
    from sandbox.world import World

#: LinkedIn answers with at most this many elements and says nothing about the rest.
MAX_ELEMENTS = 15_000

_SORT_FIELDS = {
    "COST_IN_LOCAL_CURRENCY": "costInLocalCurrency",
    "IMPRESSIONS": "impressions",
    "CLICKS": "clicks",
    "ONE_CLICK_LEADS": "oneClickLeads",
    "OPENS": "opens",
    "SENDS": "sends",
    "EXTERNAL_WEBSITE_CONVERSIONS": "externalWebsiteConversions",
}
SORT_SYMBOLS = frozenset(_SORT_FIELDS)


@dataclass(frozen=True)
class Report:
    """A validated adAnalytics query.

    Attributes:
        pivots: Pivots in request order.
        granularity: DAILY, MONTHLY, YEARLY or ALL.
        start: First day, already rounded where LinkedIn rounds.
        end: Last day, as the rows show it.
        metrics: Requested metrics that exist for these pivots and this range.
        activity_only: No metric was requested at all: rows with any activity come back.
        date_range: Whether rows carry dateRange.
        pivot_values: Whether rows carry pivotValues.
        deliveries: The creatives that the facets leave.
        sort: Field and order, or None.
        count: Number of rows asked for, or None.
        calendar_bounds: Whether months and years keep full bounds at the edges.
        limit: Elements after which LinkedIn cuts.
    """

    pivots: tuple[str, ...]
    granularity: str
    start: dt.date
    end: dt.date
    metrics: tuple[str, ...]
    activity_only: bool
    date_range: bool
    pivot_values: bool
    deliveries: list[Delivery]
    sort: tuple[str, str] | None = None
    count: int | None = None
    calendar_bounds: bool = False
    limit: int = MAX_ELEMENTS


def date_member(first: dt.date, last: dt.date) -> str:
    """Return the JSON member ``dateRange``."""
    start, end = (
        f'{{"year":{day.year},"month":{day.month},"day":{day.day}}}' for day in (first, last)
    )
    return f'"dateRange":{{"start":{start},"end":{end}}}'


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
        buckets(report.granularity, report.start, report.end,
                calendar_bounds=report.calendar_bounds)
    )
    grouping = None if whole and report.granularity == "DAILY" else _Grouping.of(world, report)
    for first, last in reversed(days):
        if grouping is None:
            rows += _creative_day(world, report, first)
        else:
            rows += _grouped(world, grouping, first, last)
        if len(rows) >= limit:
            del rows[limit:]
            break
    if report.sort is not None:
        rows.sort(key=lambda row: row[0], reverse=report.sort[1] == "DESCENDING")
    else:
        random.Random(len(rows)).shuffle(rows)
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
    weekend = ordinal % 7 in (0, 6)
    head = "{" + (date_member(day, day) + "," if report.date_range else "")
    mix, active = figures.mix, figures.active
    sort_name = _SORT_FIELDS[report.sort[0]] if report.sort else None
    for delivery in report.deliveries:
        if not active(delivery, ordinal):
            continue
        start = head
        if report.pivot_values:
            values = _pivot_member(delivery, report.pivots)
            if values is None:
                continue
            start += values
        if ordinal in delivery.restated:
            both = [figures.figure(delivery, ordinal, name) for name in names]
            if names and not any(raw for raw, _ in both):
                continue
            members = ",".join(
                [member(name, value) for name, (_, value) in zip(names, both, strict=True)]
            )
            text = start + members
        else:
            plan = figures.plan(delivery, weekend, names)
            if not plan.active and names:
                continue
            mixed = mix(delivery.mark, word)
            if not plan.never_zero and names and not any(
                [table[mixed * factor >> 24 & 255] for table, factor in plan.values]
            ):
                continue
            text = start + plan.zeros + ",".join(
                [table[mixed * factor >> 24 & 255] for table, factor in plan.active]
            )
        key = figures.figure(delivery, ordinal, sort_name)[0] if sort_name else 0
        yield key, text.rstrip(",") + "}"


def _pivot_member(delivery: Delivery, pivots: tuple[str, ...]) -> str | None:
    values = [delivery.pivot_values.get(pivot) for pivot in pivots]
    if None in values:
        return None
    return '"pivotValues":["' + '","'.join(filter(None, values)) + '"],'


_Tables: TypeAlias = "list[tuple[list[Raw], int]]"


class _Group:
    """Sums of one pivot value in one period."""

    __slots__ = ("families", "last", "mark", "members", "pending", "sums")

    def __init__(self, size: int, mark: int) -> None:
        self.sums: list[Raw] = [0] * size
        self.mark = mark
        self.members = 0
        self.last: Delivery | None = None
        self.families: frozenset[str] = frozenset()
        self.pending: dict[int, tuple[_Tables, list[int]]] = {}

    def join(self, delivery: Delivery, *, based: bool) -> None:
        """Count a creative as a member."""
        if self.last is not delivery:
            self.last = delivery
            self.members += 1
            self.mark += delivery.mark
        if based and self.families is not delivery.families:
            self.families |= delivery.families

    def add_pending(self) -> None:
        """Add the creatives that wait, one metric after the other, which is kind to caches."""
        for tables, words in self.pending.values():
            for place, (table, factor) in enumerate(tables):
                if factor:
                    self.sums[place] += sum([table[word * factor >> 24 & 255] for word in words])


@dataclass(frozen=True, slots=True)
class _Source:
    """A creative with what every period of a report needs of it."""

    delivery: Delivery
    workdays: _Tables
    weekends: _Tables
    places: list[tuple[tuple[str, ...], tuple[pv.Part, ...]]]


@dataclass(frozen=True)
class _Grouping:
    """A report whose rows group or split creatives."""

    report: Report
    names: tuple[str, ...]
    splitting: tuple[str, ...]
    sources: list[_Source]

    @classmethod
    def of(cls, world: World, report: Report) -> _Grouping:
        """Prepare the creatives once for all periods."""
        names = report.metrics
        if report.sort is not None:
            names = (*names, _SORT_FIELDS[report.sort[0]])
        plan = world.figures.plan
        sources = []
        for delivery in report.deliveries:
            places = _places(world, delivery, report.pivots)
            if places:
                workdays, weekends = plan(delivery, False, names), plan(delivery, True, names)
                sources.append(_Source(delivery, workdays.values, weekends.values, places))
        splitting = tuple(pivot for pivot in report.pivots if pivot not in pv.ENTITY_PIVOTS)
        return cls(report, names, splitting, sources)


def _grouped(
    world: World, grouping: _Grouping, first: dt.date, last: dt.date
) -> Iterator[tuple[Raw, str]]:
    """Yield the rows of one period for pivots that group or split creatives."""
    figures, report, names = world.figures, grouping.report, grouping.names
    metrics = [METRICS[name] for name in names]
    low, high = first.toordinal(), last.toordinal()
    shown = len(report.metrics)
    head = "{" + (date_member(first, last) + "," if report.date_range else "")
    for values, group in _collect(world, grouping, first, last).items():
        raws = group.sums
        sents: list[Sent]
        if group.members == 1 and low == high and not grouping.splitting and group.last:
            both = [figures.figure(group.last, low, name) for name in names]
            raws, sents = [raw for raw, _ in both], [value for _, value in both]
        else:
            for place, metric in enumerate(metrics):
                if not metric.additive:
                    there = metric.family in group.families
                    raws[place] = figures.period(metric, group.mark, low, high) if there else 0
            sents = [sent(metric, raw) for metric, raw in zip(metrics, raws, strict=True)]
        if shown and not any(raws[:shown]):
            continue
        text = head
        if report.pivot_values:
            text += '"pivotValues":["' + '","'.join(values) + '"],'
        text += ",".join(map(member, report.metrics, sents))
        yield raws[-1] if report.sort else 0, text.rstrip(",") + "}"


def _collect(
    world: World, grouping: _Grouping, first: dt.date, last: dt.date
) -> dict[tuple[str, ...], _Group]:
    figures, report, names = world.figures, grouping.report, grouping.names
    splitting = grouping.splitting
    demographic = any(pivot in pv.MEMBER_PIVOTS for pivot in splitting)
    # Demographics arrive 12 to 24 hours late.
    newest = world.today.toordinal() - (1 if demographic else 0)
    from_day = max(first, report.start).toordinal()
    to_day = min(last.toordinal(), report.end.toordinal(), newest)
    days = [(o, figures.day(o), o % 7 in (0, 6)) for o in range(from_day, to_day + 1)]
    adds = [METRICS[name].additive and pv.splittable(name, splitting) for name in names]
    groups: dict[tuple[str, ...], _Group] = {}
    mix = figures.mix
    for source in grouping.sources:
        delivery = source.delivery
        mark, restated, gaps = delivery.mark, delivery.restated, delivery.gaps
        begin = delivery.first
        finish = to_day if delivery.last is None else delivery.last
        if not restated and (begin > to_day or finish < from_day):
            continue
        for ordinal, day, weekend in days:
            word = mix(mark, day)
            based = begin <= ordinal <= finish and not (gaps and word % 13 == 0)
            if restated and ordinal in restated:
                raws = figures.raws(delivery, ordinal, names)
            elif based:
                tables = source.weekends if weekend else source.workdays
                if not splitting:
                    _wait(groups, source, tables, word, len(names))
                    continue
                raws = [table[word * factor >> 24 & 255] for table, factor in tables]
            else:
                continue
            events: Raw = 0
            if splitting:
                raws = [raw if adding else 0 for raw, adding in zip(raws, adds, strict=True)]
                if demographic:
                    events = figures.figure(delivery, ordinal, "impressions")[0]
            for rank, (values, parts) in enumerate(source.places):
                share = raws
                if parts:
                    if demographic and (
                        rank >= pv.MEMBER_TOP or parts[0].of(events) < pv.MEMBER_MINIMUM
                    ):
                        continue
                    for part in parts:
                        share = [part.of(raw) for raw in share]
                group = groups.get(values)
                if group is None:
                    start = crc32("/".join(values).encode()) if splitting else 0
                    group = groups[values] = _Group(len(names), start)
                group.join(delivery, based=based)
                group.sums = list(map(add, group.sums, share))
    for group in groups.values():
        group.add_pending()
    return groups


def _wait(
    groups: dict[tuple[str, ...], _Group], source: _Source, tables: _Tables, word: int, size: int
) -> None:
    """Put a whole creative-day into its only group, to be summed later."""
    values = source.places[0][0]
    group = groups.get(values)
    if group is None:
        group = groups[values] = _Group(size, 0)
    group.join(source.delivery, based=True)
    waiting = group.pending.get(id(tables))
    if waiting is None:
        group.pending[id(tables)] = (tables, [word])
    else:
        waiting[1].append(word)


def _places(
    world: World, delivery: Delivery, pivots: tuple[str, ...]
) -> list[tuple[tuple[str, ...], tuple[pv.Part, ...]]]:
    """Return the rows that a creative contributes to, with the parts of it they get."""
    found: list[tuple[tuple[str, ...], tuple[pv.Part, ...]]] = [((), ())]
    for pivot in pivots:
        if pivot in pv.ENTITY_PIVOTS:
            value = delivery.pivot_values.get(pivot)
            if value is None:
                return []
            found = [((*values, value), parts) for values, parts in found]
        else:
            split = pv.parts_of(
                delivery, pivot, world.conversions.get(delivery.account, [])
            )
            found = [
                ((*values, *part.values), (*parts, part))
                for values, parts in found
                for part in split
            ]
    return found

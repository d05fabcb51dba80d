"""Serving rows of adAnalytics: filtered, grouped, cut and written as JSON text."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING
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
    for first, last in reversed(days):
        if whole and report.granularity == "DAILY":
            rows += _creative_day(world, report, first)
        else:
            rows += _grouped(world, report, first, last)
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


class _Group:
    """Sums of one pivot value in one period."""

    __slots__ = ("families", "last", "mark", "members", "sums")

    def __init__(self, size: int, mark: int) -> None:
        self.sums: list[Raw] = [0] * size
        self.mark = mark
        self.members = 0
        self.last: Delivery | None = None
        self.families: set[str] = set()


def _grouped(
    world: World, report: Report, first: dt.date, last: dt.date
) -> Iterator[tuple[Raw, str]]:
    """Yield the rows of one period for pivots that group or split creatives."""
    figures = world.figures
    sort_name = _SORT_FIELDS[report.sort[0]] if report.sort else None
    names = report.metrics if sort_name is None else (*report.metrics, sort_name)
    splitting = tuple(pivot for pivot in report.pivots if pivot not in pv.ENTITY_PIVOTS)
    groups = _collect(world, report, first, last, names, splitting)
    single_day = first == last
    head = "{" + (date_member(first, last) + "," if report.date_range else "")
    for values, group in groups.items():
        sents: list[Sent] = []
        raws = group.sums
        alone = group.members == 1 and single_day and not splitting and group.last is not None
        for place, name in enumerate(names):
            metric = METRICS[name]
            if alone and group.last is not None:
                raws[place], value = figures.figure(group.last, first.toordinal(), name)
            else:
                if not metric.additive:
                    raws[place] = 0
                    if metric.family in group.families:
                        raws[place] = figures.period(
                            metric, group.mark, first.toordinal(), last.toordinal()
                        )
                value = sent(metric, raws[place])
            sents.append(value)
        shown = len(report.metrics)
        if shown and not any(raws[:shown]):
            continue
        text = head
        if report.pivot_values:
            text += '"pivotValues":["' + '","'.join(values) + '"],'
        text += ",".join(map(member, report.metrics, sents))
        yield raws[-1] if sort_name else 0, text.rstrip(",") + "}"


def _collect(
    world: World,
    report: Report,
    first: dt.date,
    last: dt.date,
    names: tuple[str, ...],
    splitting: tuple[str, ...],
) -> dict[tuple[str, ...], _Group]:
    figures = world.figures
    demographic = any(pivot in pv.MEMBER_PIVOTS for pivot in splitting)
    # Demographics arrive 12 to 24 hours late.
    newest = world.today.toordinal() - (1 if demographic else 0)
    from_day, to_day = first.toordinal(), min(last.toordinal(), newest)
    if report.granularity != "ALL":
        from_day = max(from_day, report.start.toordinal())
        to_day = min(to_day, report.end.toordinal())
    adds = [METRICS[n].additive and pv.splittable(n, splitting) for n in names]
    groups: dict[tuple[str, ...], _Group] = {}
    for delivery in report.deliveries:
        low, high = from_day, to_day
        if not delivery.restated:
            low = max(low, delivery.first)
            high = high if delivery.last is None else min(high, delivery.last)
        if low > high:
            continue
        places = _places(world, delivery, report.pivots)
        for ordinal in range(low, high + 1) if places else ():
            if not figures.active(delivery, ordinal):
                continue
            raws = figures.raws(delivery, ordinal, names)
            if splitting:
                raws = [raw if adding else 0 for raw, adding in zip(raws, adds, strict=True)]
            events: Raw = (
                figures.figure(delivery, ordinal, "impressions")[0] if demographic else 0
            )
            based = figures.base_active(delivery, ordinal)
            for rank, (values, parts) in enumerate(places):
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
                    mark = crc32("/".join(values).encode()) if splitting else 0
                    group = groups[values] = _Group(len(names), mark)
                if group.last is not delivery:
                    group.last = delivery
                    group.members += 1
                    group.mark += delivery.mark
                if based:
                    group.families |= delivery.families
                group.sums = list(map(add, group.sums, share))
    return groups


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

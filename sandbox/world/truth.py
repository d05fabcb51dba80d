"""What LinkedIn knows: report rows without access rights, caps, order or missing metrics.

Written apart from the serving code on purpose. Tests compare what an extractor stored with these
rows, so nothing that the serving code drops or cuts may be dropped or cut here.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias
from zlib import crc32

from sandbox.world import pivots as pv
from sandbox.world.draws import Raw, Sent, sent
from sandbox.world.figures import REACH, Delivery, is_weekend
from sandbox.world.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.world.figures import Figures

TruthRow: TypeAlias = "tuple[dt.date, dt.date, tuple[str, ...], dict[str, Sent]]"


class Known(Protocol):
    """What of a world decides which rows there are."""

    figures: Figures
    deliveries: dict[int, Delivery]
    conversions: dict[int, list[int]]

    @property
    def today(self) -> dt.date:
        """The current day, UTC."""


def buckets(
    granularity: str, start: dt.date, end: dt.date, *, calendar_bounds: bool = False
) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the periods of a report, oldest first.

    Args:
        granularity: DAILY, MONTHLY, YEARLY or ALL.
        start: First day.
        end: Last day.
        calendar_bounds: Whether months and years keep their full bounds at the edges.

    Yields:
        First and last day of each period.
    """
    if granularity == "ALL":
        if start <= end:
            yield start, end
        return
    first = start
    while first <= end:
        if granularity == "DAILY":
            low = high = first
        elif granularity == "MONTHLY":
            low = first.replace(day=1)
            high = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        else:
            low, high = dt.date(first.year, 1, 1), dt.date(first.year, 12, 31)
        if calendar_bounds:
            yield low, high
        else:
            yield max(low, start), min(high, end)
        first = high + dt.timedelta(days=1)


@dataclass
class _Group:
    """Figures of one pivot value in one period."""

    sums: list[Raw]
    mark: int
    split: bool
    members: list[Delivery] = field(default_factory=list)
    families: set[str] = field(default_factory=set)
    days: list[tuple[Delivery, int]] = field(default_factory=list)

    def add(self, delivery: Delivery, ordinal: int, raws: list[Raw]) -> None:
        """Add a day of a creative, which counts as one member however many days it has."""
        self.days.append((delivery, ordinal))
        if not self.members or self.members[-1] is not delivery:
            self.members.append(delivery)
            self.mark += delivery.mark
        self.sums = [total + raw for total, raw in zip(self.sums, raws, strict=True)]


@dataclass(frozen=True)
class Question:
    """What is asked of the truth; see ``World.truth``."""

    pivots: tuple[str, ...]
    start: dt.date
    end: dt.date
    metrics: tuple[str, ...]
    accounts: frozenset[int] | None
    granularity: str
    campaigns: frozenset[int] | None = None

    def chosen(self, world: Known) -> list[Delivery]:
        """Return the creatives of the accounts and campaigns in question."""
        return [
            delivery
            for delivery in list(world.deliveries.values())
            if (self.accounts is None or delivery.account in self.accounts)
            and (self.campaigns is None or delivery.campaign in self.campaigns)
        ]


def rows(world: Known, question: Question) -> Iterator[TruthRow]:
    """Yield report rows; see ``World.truth``."""
    known = min(question.end, world.today)
    # Demographics of a day are known on the next one.
    late = any(pivot in pv.MEMBER_PIVOTS for pivot in question.pivots)
    newest = world.today - dt.timedelta(days=int(late))
    if question.granularity == "DAILY" and question.pivots == ("CREATIVE",):
        yield from _creative_days(world, question, known)
        return
    for first, last in buckets(question.granularity, question.start, known):
        shown = question.end if question.granularity == "ALL" else last
        for values, group in _groups(world, question, first, min(last, newest)).items():
            record = _record(world, group, first, shown, question.metrics)
            if record is not None:
                yield first, shown, values, record


def _creative_days(world: Known, question: Question, known: dt.date) -> Iterator[TruthRow]:
    figures, metrics = world.figures, question.metrics
    chosen = question.chosen(world)
    for ordinal in range(question.start.toordinal(), known.toordinal() + 1):
        day = dt.date.fromordinal(ordinal)
        word = figures.day(ordinal)
        weekend = is_weekend(ordinal)
        for delivery in chosen:
            if not figures.active(delivery, ordinal):
                continue
            if ordinal in delivery.restated:
                both = [figures.figure(delivery, ordinal, name) for name in metrics]
                raws: list[Raw] = [raw for raw, _ in both]
                values = [value for _, value in both]
                sure = False
            else:
                plan = figures.plan(delivery, metrics, weekend=weekend)
                mixed = figures.mix(delivery.mark, word)
                values = [table[mixed * factor >> 24 & 255] for table, factor in plan.sents]
                sure = plan.never_zero
                raws = []
                if not sure:
                    raws = [table[mixed * factor >> 24 & 255] for table, factor in plan.values]
            if sure or not metrics or any(raws):
                pivot_values = (delivery.pivot_values["CREATIVE"],)
                yield day, day, pivot_values, dict(zip(metrics, values, strict=True))


def _groups(
    world: Known, question: Question, first: dt.date, last: dt.date
) -> dict[tuple[str, ...], _Group]:
    figures, metrics = world.figures, question.metrics
    splitting = tuple(pivot for pivot in question.pivots if pivot not in pv.ENTITY_PIVOTS)
    demographic = any(pivot in pv.MEMBER_PIVOTS for pivot in splitting)
    adds = [METRICS[name].additive and pv.splittable(name, splitting) for name in metrics]
    groups: dict[tuple[str, ...], _Group] = {}
    for delivery in question.chosen(world):
        keys = list(_keys(world, delivery, question.pivots))
        for ordinal in _active_days(world, delivery, first, last) if keys else ():
            raws = figures.raws(delivery, ordinal, metrics)
            whole = [raw if adding else 0 for raw, adding in zip(raws, adds, strict=True)]
            events = 0
            if demographic:
                events = int(figures.figure(delivery, ordinal, "impressions")[0])
            for values, parts, rank in keys:
                if demographic and (
                    rank >= pv.MEMBER_TOP or _part(events, parts) < pv.MEMBER_MINIMUM
                ):
                    continue
                group = groups.get(values)
                if group is None:
                    mark = crc32("/".join(values).encode()) if splitting else 0
                    group = groups[values] = _Group([0] * len(metrics), mark, bool(splitting))
                group.add(delivery, ordinal, [_part(raw, parts) if parts else raw for raw in whole])
                if figures.base_active(delivery, ordinal):
                    group.families |= delivery.families
    return groups


def _active_days(world: Known, delivery: Delivery, first: dt.date, last: dt.date) -> Iterator[int]:
    """Yield the days on which a creative has figures, restated ones included."""
    low = max(first.toordinal(), min([delivery.first, *delivery.restated]))
    final = delivery.last if delivery.last is not None else last.toordinal()
    high = min(last.toordinal(), max([final, *delivery.restated]))
    for ordinal in range(low, high + 1):
        if world.figures.active(delivery, ordinal):
            yield ordinal


def _part(raw: Raw, parts: list[pv.Part]) -> Raw:
    for part in parts:
        (raw,) = part.of([int(raw)])
    return raw


def _keys(
    world: Known, delivery: Delivery, pivots: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[pv.Part], int]]:
    """Yield pivot values, parts and the rank among the parts, for one creative."""
    found: list[tuple[tuple[str, ...], list[pv.Part], int]] = [((), [], 0)]
    for pivot in pivots:
        if pivot in pv.ENTITY_PIVOTS:
            value = delivery.pivot_values.get(pivot)
            if value is None:
                return
            found = [((*values, value), parts, rank) for values, parts, rank in found]
            continue
        conversions = world.conversions.get(delivery.account, [])
        split = pv.parts_of(delivery, pivot, conversions)
        found = [
            ((*values, *part.values), [*parts, part], max(rank, place))
            for values, parts, rank in found
            for place, part in enumerate(split)
        ]
    yield from found


def _record(
    world: Known, group: _Group, first: dt.date, last: dt.date, metrics: tuple[str, ...]
) -> dict[str, Sent] | None:
    figures = world.figures
    single = len(group.members) == 1 and first == last and not group.split
    raws = list(group.sums)
    values: list[Sent] = []
    for place, name in enumerate(metrics):
        metric = METRICS[name]
        if single:
            raws[place], value = figures.figure(group.members[0], first.toordinal(), name)
            values.append(value)
            continue
        if name in REACH and not group.split:
            raws[place] = figures.reach(name, [figures.members(*day) for day in group.days])
        elif not metric.additive and metric.family in group.families:
            raws[place] = figures.period(metric, group.mark, first.toordinal(), last.toordinal())
        values.append(sent(metric, raws[place]))
    if metrics and not any(raws):
        return None
    return dict(zip(metrics, values, strict=True))

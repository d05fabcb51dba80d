"""Rows of reports that group creatives (CAMPAIGN, ACCOUNT, ...) or split them (MEMBER_*, ...)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from sandbox.world import pivots as pv
from sandbox.world.draws import Raw, Sent, member, sent
from sandbox.world.figures import REACH, Delivery, is_weekend
from sandbox.world.metrics import METRICS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from sandbox.answers.reports.query import Report
    from sandbox.world.world import World

_Tables: TypeAlias = "list[tuple[list[Raw], int]]"


class _Group:
    """Sums of one pivot value in one period."""

    __slots__ = ("families", "last", "mark", "members", "pending", "seen", "sums")

    def __init__(self, size: int, mark: int) -> None:
        self.sums: list[Raw] = [0] * size
        self.mark = mark
        self.members = 0
        self.last: Delivery | None = None
        self.families: frozenset[str] = frozenset()
        self.pending: dict[int, tuple[_Tables, list[int]]] = {}
        self.seen: list[tuple[int, int]] = []

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
class Grouping:
    """A report whose rows group or split creatives."""

    report: Report
    names: tuple[str, ...]
    splitting: tuple[str, ...]
    sources: list[_Source]

    @classmethod
    def of(cls, world: World, report: Report) -> Grouping:
        """Prepare the creatives once for all periods."""
        names = report.metrics
        if report.sort_metric is not None:
            names = (*names, report.sort_metric)
        plan = world.figures.plan
        sources = []
        for delivery in report.deliveries:
            places = _places(world, delivery, report.pivots)
            if places:
                workdays, weekends = (
                    plan(delivery, names, weekend=weekend) for weekend in (False, True)
                )
                sources.append(_Source(delivery, workdays.values, weekends.values, places))
        splitting = tuple(pivot for pivot in report.pivots if pivot not in pv.ENTITY_PIVOTS)
        return cls(report, names, splitting, sources)


def rows_of(
    world: World, grouping: Grouping, first: dt.date, last: dt.date
) -> Iterator[tuple[Raw, str]]:
    """Yield the rows of one period for pivots that group or split creatives."""
    figures, report, names = world.figures, grouping.report, grouping.names
    metrics = [METRICS[name] for name in names]
    low, high = first.toordinal(), last.toordinal()
    shown = len(report.metrics)
    head = report.head(first, last)
    for values, group in _Period(world, grouping, first, last).collect().items():
        raws = group.sums
        sents: list[Sent]
        if group.members == 1 and low == high and not grouping.splitting and group.last:
            both = [figures.figure(group.last, low, name) for name in names]
            raws, sents = [raw for raw, _ in both], [value for _, value in both]
        else:
            for place, metric in enumerate(metrics):
                if metric.name in REACH and not grouping.splitting:
                    raws[place] = figures.reach(metric.name, group.seen)
                elif not metric.additive:
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


class _Period:
    """One period of a report: sums the creatives that were active in it."""

    def __init__(self, world: World, grouping: Grouping, first: dt.date, last: dt.date) -> None:
        report, self.names = grouping.report, grouping.names
        self.figures = world.figures
        self.sources = grouping.sources
        self.splitting = grouping.splitting
        self.demographic = any(pivot in pv.MEMBER_PIVOTS for pivot in self.splitting)
        # Demographics arrive 12 to 24 hours late.
        newest = world.today.toordinal() - (1 if self.demographic else 0)
        self.from_day = max(first, report.start).toordinal()
        self.to_day = min(last.toordinal(), report.end.toordinal(), newest)
        self.adds = [
            METRICS[name].additive and pv.splittable(name, self.splitting) for name in self.names
        ]
        self.counts_members = not self.splitting and not REACH.isdisjoint(self.names)
        self.groups: dict[tuple[str, ...], _Group] = {}

    def collect(self) -> dict[tuple[str, ...], _Group]:
        """Return the sums by pivot values."""
        figures = self.figures
        mix = figures.mix
        days = [(o, figures.day(o), is_weekend(o)) for o in range(self.from_day, self.to_day + 1)]
        for source in self.sources:
            delivery = source.delivery
            mark, restated, gaps = delivery.mark, delivery.restated, delivery.gaps
            begin = delivery.first
            finish = self.to_day if delivery.last is None else delivery.last
            if not restated and (begin > self.to_day or finish < self.from_day):
                continue
            in_parts: list[tuple[int, bool]] = []
            for ordinal, day, weekend in days:
                word = mix(mark, day)
                based = begin <= ordinal <= finish and not (gaps and word % 13 == 0)
                if self.splitting or (restated and ordinal in restated):
                    if based or ordinal in restated:
                        in_parts.append((ordinal, based))
                elif based:
                    self._wait(source, source.weekends if weekend else source.workdays, word)
                    if self.counts_members:
                        group = self.groups[source.places[0][0]]
                        group.seen.append(figures.members(delivery, ordinal))
            if in_parts:
                self._add_parts(source, in_parts)
        for group in self.groups.values():
            group.add_pending()
        return self.groups

    def _group(self, values: tuple[str, ...]) -> _Group:
        group = self.groups.get(values)
        if group is None:
            mark = crc32("/".join(values).encode()) if self.splitting else 0
            group = self.groups[values] = _Group(len(self.names), mark)
        return group

    def _wait(self, source: _Source, tables: _Tables, word: int) -> None:
        """Put a whole creative-day into its only group, to be summed later."""
        group = self._group(source.places[0][0])
        group.join(source.delivery, based=True)
        waiting = group.pending.get(id(tables))
        if waiting is None:
            group.pending[id(tables)] = (tables, [word])
        else:
            waiting[1].append(word)

    def _add_parts(self, source: _Source, days: list[tuple[int, bool]]) -> None:
        """Add a creative's days to every group that gets a part of them.

        Args:
            source: The creative.
            days: Ordinals of the days, each with whether the creative delivered on it.
        """
        delivery, figures = source.delivery, self.figures
        by_day = [figures.raws(delivery, ordinal, self.names) for ordinal, _ in days]
        columns = {
            place: list(map(int, column))
            for place, column in enumerate(zip(*by_day, strict=True))
            if self.adds[place] and any(column)
        }
        events: list[int] = []
        if self.demographic:
            events = [
                int(figures.figure(delivery, ordinal, "impressions")[0]) for ordinal, _ in days
            ]
        kept: Sequence[int] = range(len(days))
        every_day = kept
        for values, parts in source.places[: pv.MEMBER_TOP if self.demographic else None]:
            if self.demographic:
                shown = parts[0].of(events)
                kept = [day for day in every_day if shown[day] >= pv.MEMBER_MINIMUM]
                if not kept:
                    continue
            group = self._group(values)
            group.join(delivery, based=any(days[day][1] for day in kept))
            if self.counts_members:
                group.seen += [figures.members(delivery, days[day][0]) for day in kept]
            for place, column in columns.items():
                share: Sequence[int] = column
                if len(kept) < len(days):
                    share = [column[day] for day in kept]
                for part in parts:
                    share = part.of(share)
                group.sums[place] += sum(share)


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
            split = pv.parts_of(delivery, pivot, world.conversions.get(delivery.account, []))
            found = [
                ((*values, *part.values), (*parts, part))
                for values, parts in found
                for part in split
            ]
    return found

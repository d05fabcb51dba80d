"""Daily figures of creatives: drawn from small tables, exact when summed.

A figure depends only on the seed, the creative, the calendar day and the metric. A cheap integer
mix of creative, day and metric picks an entry of a table of ready values, which makes fifteen
thousand rows a matter of string joins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sandbox.world.draws import Column, Raw, Sent, Sort, decimal_raw, draw_column, zero_column
from sandbox.world.metrics import METRICS, Metric

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

_SATURDAY, _SUNDAY, _WEEK = 6, 0, 7
_REACH, _PENETRATION = "approximateMemberReach", "audiencePenetration"
#: Reach of several creatives or days: how many distinct members, and their share of the audience.
REACH = frozenset((_REACH, _PENETRATION))
#: Members whom the ads of an account are meant for.
AUDIENCE = 80_000
_APART = 10**9


def is_weekend(ordinal: int) -> bool:
    """Tell whether a day is a Saturday or a Sunday."""
    return ordinal % _WEEK in {_SATURDAY, _SUNDAY}


@dataclass(slots=True)
class Delivery:
    """What the figures need to know about one creative.

    Attributes:
        creative: Id of the creative.
        campaign: Id of its campaign.
        group: Id of its campaign group.
        account: Id of its ad account.
        first: Ordinal of the first day with figures.
        last: Ordinal of the last day with figures, None while it is still delivering.
        families: Metric families that are ever non-zero.
        pivot_values: Values of the entity pivots, by pivot.
        campaign_type: Type of its campaign, for the campaignType facet.
        tier: Index of its size.
        currency: Currency of the account.
        gaps: Whether some days have no delivery at all.
        mark: Mixed identity of seed and creative.
        restated: Figures that replace the drawn ones, by day and metric.
    """

    creative: int
    campaign: int
    group: int
    account: int
    first: int
    last: int | None
    families: frozenset[str]
    pivot_values: dict[str, str]
    campaign_type: str
    tier: int = 1
    currency: str = "USD"
    gaps: bool = True
    mark: int = 0
    restated: dict[int, dict[str, tuple[Raw, Sent]]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """The columns of several metrics for one sort of creative.

    Attributes:
        columns: One column per metric; zeros stand in for inactive families.
        values: ``(values, factor)`` per metric, to be summed.
        sents: ``(sendable values, factor)`` per metric.
        active: ``(JSON members, factor)`` of the active metrics only.
        zeros: JSON members of the inactive metrics, each followed by a comma.
        never_zero: Whether one of the columns has no zero, so that no row can be empty.
    """

    columns: list[Column]
    values: list[tuple[list[Raw], int]]
    sents: list[tuple[list[Sent], int]]
    active: list[tuple[list[str], int]]
    zeros: str
    never_zero: bool


class Figures:
    """Draws figures.

    Attributes:
        seed: Seed of the world.
        full: Whether every metric of every creative is non-zero every day.
    """

    def __init__(self, seed: int, *, full: bool = False) -> None:
        """Prepare empty tables; they are filled when first used."""
        self.seed = seed
        self.full = full
        self._columns: dict[tuple[str, Sort], Column] = {}
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self._days: dict[int, int] = {}
        self._revisions: dict[int, int] = {}

    @property
    def state(self) -> tuple[int, bool, tuple[tuple[int, int], ...]]:
        """What figures depend on besides the creative, the day and the metric."""
        return self.seed, self.full, tuple(self._revisions.items())

    def mark(self, creative: int) -> int:
        """Return the mixed identity of a creative."""
        return crc32(f"{self.seed}:{creative}".encode())

    def day(self, ordinal: int) -> int:
        """Return the mixed identity of a day."""
        word = self._days.get(ordinal)
        if word is None:
            revision = self._revisions.get(ordinal, 0)
            word = self._days[ordinal] = crc32(f"{self.seed}/{ordinal}/{revision}".encode())
        return word

    def revise(self, ordinal: int) -> None:
        """Redraw every figure of a day, as LinkedIn does when it restates one."""
        self._revisions[ordinal] = self._revisions.get(ordinal, 0) + 1
        self._days.pop(ordinal, None)

    @staticmethod
    def mix(mark: int, day: int) -> int:
        """Mix a creative and a day into 32 bits."""
        word = (mark ^ day) * 0x9E3779B1 & 0xFFFFFFFF
        word ^= word >> 15
        word = word * 0x85EBCA77 & 0xFFFFFFFF
        return word ^ word >> 13

    def base_active(self, delivery: Delivery, ordinal: int) -> bool:
        """Tell whether the creative delivered on a day, restated figures aside."""
        if ordinal < delivery.first or (delivery.last is not None and ordinal > delivery.last):
            return False
        return not delivery.gaps or self.mix(delivery.mark, self.day(ordinal)) % 13 != 0

    def active(self, delivery: Delivery, ordinal: int) -> bool:
        """Tell whether the creative has any figures on a day."""
        return self.base_active(delivery, ordinal) or ordinal in delivery.restated

    def column(self, name: str, sort: Sort) -> Column:
        """Return the table of a metric, drawing it on first use."""
        found = self._columns.get((name, sort))
        if found is None:
            found = draw_column(METRICS[name], self.seed, sort, full=self.full)
            self._columns[name, sort] = found
        return found

    def plan(self, delivery: Delivery, names: tuple[str, ...], *, weekend: bool) -> Plan:
        """Return the columns of several metrics for a creative."""
        key = (delivery.families, delivery.tier, weekend, delivery.currency, names)
        found = self._plans.get(key)
        if found is None:
            sort = Sort(delivery.tier, weekend, delivery.currency)
            columns: list[Column] = []
            zeros = ""
            for name in names:
                metric = METRICS[name]
                if metric.family in delivery.families:
                    columns.append(self.column(name, sort))
                else:
                    columns.append(zero_column(metric))
                    zeros += columns[-1].fragments[0] + ","
            found = self._plans[key] = Plan(
                columns,
                [(column.values, column.factor) for column in columns],
                [(column.sents, column.factor) for column in columns],
                [(column.fragments, column.factor) for column in columns if column.factor],
                zeros,
                any(column.never_zero for column in columns),
            )
        return found

    def raws(self, delivery: Delivery, ordinal: int, names: tuple[str, ...]) -> list[Raw]:
        """Return summable figures of a creative that is active on a day."""
        if ordinal in delivery.restated:
            return [self.figure(delivery, ordinal, name)[0] for name in names]
        plan = self.plan(delivery, names, weekend=is_weekend(ordinal))
        word = self.mix(delivery.mark, self.day(ordinal))
        return [values[word * factor >> 24 & 255] for values, factor in plan.values]

    def figure(self, delivery: Delivery, ordinal: int, name: str) -> tuple[Raw, Sent]:
        """Return one creative-day figure, summable and as LinkedIn sends it."""
        restated = delivery.restated.get(ordinal)
        if restated is not None and name in restated:
            return restated[name]
        metric = METRICS[name]
        if metric.family not in delivery.families or not self.base_active(delivery, ordinal):
            return 0, "0.0" if metric.kind == "decimal" else 0
        sort = Sort(delivery.tier, is_weekend(ordinal), delivery.currency)
        column = self.column(name, sort)
        index = self.mix(delivery.mark, self.day(ordinal)) * column.factor >> 24 & 255
        return column.values[index], column.sents[index]

    def period(self, metric: Metric, mark: int, first: int, last: int) -> Raw:
        """Return a figure that does not add up, for a group of creatives over a period.

        Averages and ratios of a group are no function of the members' figures; they are drawn for
        the set of creatives and the period, and so is the reach of a part of creatives.
        """
        column = self.column(metric.name, Sort())
        day = self.day(first) if first == last else self.day(first) ^ self.day(last) * 3
        return column.values[self.mix(mark & 0xFFFFFFFF, day) * column.factor >> 24 & 255]

    def members(self, delivery: Delivery, ordinal: int) -> tuple[int, int]:
        """Return the members who saw a creative on a day: the first one's number, and one beyond.

        Members of an account are numbered; its creatives compete for the same ones. Their number
        is that of ``figure``.
        """
        count = int(self.figure(delivery, ordinal, _REACH)[0])
        place = self.mix(delivery.mark ^ 0x2545F491, self.day(ordinal))
        first = delivery.account * _APART + place % max(AUDIENCE - count, 1)
        return first, first + count

    @staticmethod
    def reach(name: str, seen: Iterable[tuple[int, int]]) -> Raw:
        """Return how many distinct members there are in ranges, or their share of the audience."""
        distinct, upto = 0, 0
        accounts: set[int] = set()
        for first, beyond in sorted(seen):
            distinct += max(beyond - max(first, upto), 0)
            upto = max(upto, beyond)
            accounts.add(first // _APART)
        return distinct if name == _REACH else distinct / (AUDIENCE * max(len(accounts), 1))

    def restate(
        self, delivery: Delivery, day: dt.date, figures: Mapping[str, Sent | Decimal]
    ) -> None:
        """Replace figures of one creative on one day."""
        replaced = delivery.restated.setdefault(day.toordinal(), {})
        for name, value in figures.items():
            metric = METRICS[name]
            if metric.kind == "decimal":
                text = str(value)
                replaced[name] = decimal_raw(text), text
            elif metric.kind == "double":
                replaced[name] = float(value), float(value)
            else:
                replaced[name] = int(value), int(value)

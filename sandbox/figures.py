"""Daily figures of creatives: drawn from small tables, exact when summed.

A figure depends only on the seed, the creative, the calendar day and the metric. Each metric has
tables of 256 ready values; a cheap integer mix of creative, day and metric picks the entry, which
makes fifteen thousand rows a matter of string joins. BigDecimal values are held as whole numbers
of 10^-18, so that sums are exact whatever order they are taken in.
"""

from __future__ import annotations

import datetime as dt
import decimal
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from zlib import crc32

from sandbox.metrics import METRICS, Metric

#: A figure as it is summed: long and double as they are, BigDecimal in units of 10^-18.
Raw: TypeAlias = "int | float"
#: A figure as LinkedIn sends it: BigDecimal is a string.
Sent: TypeAlias = "int | float | str"

_SIZE = 256
_UNIT = 10**18
_EXACT = decimal.Context(prec=100)
_TIERS = (0.3, 1.0, 2.6, 7.0)
_TO_USD = {"USD": 1.0, "EUR": 1.0873, "GBP": 1.2671, "JPY": 0.0067, "SEK": 0.0941}


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
class Column:
    """The table of one metric for one size, part of the week and currency."""

    values: list[Raw]
    sents: list[Sent]
    fragments: list[str]
    factor: int
    never_zero: bool


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


def decimal_text(raw: int) -> str:
    """Write a BigDecimal of 10^-18 units the way ``BigDecimal.toString`` would."""
    if raw == 0:
        return "0.0"
    whole, rest = divmod(abs(raw), _UNIT)
    if not whole and rest < 10**12:
        return str(decimal.Decimal(raw).scaleb(-18, _EXACT).normalize(_EXACT))
    fraction = f"{rest:018d}".rstrip("0") or "0"
    return f"{'-' if raw < 0 else ''}{whole}.{fraction}"


def decimal_raw(text: str | int | decimal.Decimal) -> int:
    """Turn a decimal into whole units of 10^-18; refuse what does not fit."""
    scaled = decimal.Decimal(text).scaleb(18, _EXACT)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"more than 18 decimal places: {text}")
    return int(scaled)


def sent(metric: Metric, raw: Raw) -> Sent:
    """Return a figure in the shape LinkedIn sends it."""
    return decimal_text(int(raw)) if metric.kind == "decimal" else raw


def member(name: str, value: Sent) -> str:
    """Return the JSON member of a figure."""
    return f'"{name}":"{value}"' if isinstance(value, str) else f'"{name}":{value!r}'


def _zero_column(metric: Metric) -> Column:
    zero: Sent = "0.0" if metric.kind == "decimal" else 0
    return Column([0], [zero], [member(metric.name, zero)], 0, False)


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
        self._columns: dict[tuple[str, int, bool, str], Column] = {}
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self._days: dict[int, int] = {}
        self._revisions: dict[int, int] = {}

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

    def column(self, name: str, tier: int, weekend: bool, currency: str) -> Column:
        """Return the table of a metric, drawing it on first use."""
        key = (name, tier, weekend, currency if name == "costInUsd" else "")
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = self._draw_column(*key)
        return found

    def plan(self, delivery: Delivery, weekend: bool, names: tuple[str, ...]) -> Plan:
        """Return the columns of several metrics for a creative."""
        key = (delivery.families, delivery.tier, weekend, delivery.currency, names)
        found = self._plans.get(key)
        if found is None:
            columns: list[Column] = []
            zeros = ""
            for name in names:
                metric = METRICS[name]
                if metric.family in delivery.families:
                    columns.append(self.column(name, delivery.tier, weekend, delivery.currency))
                else:
                    columns.append(_zero_column(metric))
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
        plan = self.plan(delivery, ordinal % 7 in (0, 6), names)
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
        column = self.column(name, delivery.tier, ordinal % 7 in (0, 6), delivery.currency)
        index = self.mix(delivery.mark, self.day(ordinal)) * column.factor >> 24 & 255
        return column.values[index], column.sents[index]

    def period(self, metric: Metric, mark: int, first: int, last: int) -> Raw:
        """Return a figure that does not add up, for a group of creatives over a period.

        Reach, averages and ratios of a group are no function of the members' figures; they are
        drawn for the set of creatives and the period.
        """
        column = self.column(metric.name, 1, False, "USD")
        day = self.day(first) if first == last else self.day(first) ^ self.day(last) * 3
        return column.values[self.mix(mark & 0xFFFFFFFF, day) * column.factor >> 24 & 255]

    def restate(
        self, delivery: Delivery, day: dt.date, figures: Mapping[str, Sent | decimal.Decimal]
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

    def _draw_column(self, name: str, tier: int, weekend: bool, currency: str) -> Column:
        metric = METRICS[name]
        rng = random.Random(f"{self.seed}:{metric.salt}:{tier}:{weekend}")
        scale = _TIERS[tier] * (0.35 if weekend and not self.full else 1.0)
        values: list[Raw] = []
        sents: list[Sent] = []
        for _ in range(_SIZE):
            roll, amount, shape = rng.random(), rng.uniform(*metric.spread) * scale, rng.random()
            zero = roll < metric.zeros and not self.full
            if metric.kind == "decimal":
                if metric.family != "cost" and metric.family != "leads":
                    amount = max(1.0, amount)
                amount *= _TO_USD.get(currency or "USD", 1.0)
                text = _decimal_entry(metric, amount, zero, shape, rng)
                values.append(decimal_raw(text))
                sents.append(text)
            else:
                value = 0 if zero else _number_entry(metric, amount, rng)
                if self.full and not value:
                    value = 1
                values.append(value)
                sents.append(value)
        return Column(
            values,
            sents,
            [member(name, value) for value in sents],
            crc32(f"{self.seed}.{metric.salt}".encode()) | 1,
            all(values),
        )


def _decimal_entry(
    metric: Metric, amount: float, zero: bool, shape: float, rng: random.Random
) -> str:
    """Return one BigDecimal in one of the spellings seen in real rows."""
    whole = int(amount)
    digits = rng.randrange(10**17, 10**18)
    if zero:
        return "0E-18" if shape < 0.2 else "0.0"
    if shape < 0.008:
        return "-2E-18"
    if metric.family in ("jobs", "viral jobs"):
        return str(whole) if shape < 0.2 else f"{whole}.0"
    if shape < 0.06:
        return f"{whole}.99999999999996"
    if shape < 0.14:
        return f"{whole}.{str(digits)[: min(18, 20 - len(str(whole)))]}"
    return f"{amount:.{1 + int(shape * 6)}f}"


def _number_entry(metric: Metric, amount: float, rng: random.Random) -> Raw:
    if metric.kind == "long":
        return round(amount)
    if metric.name == "audiencePenetration":
        return rng.uniform(0.001, 0.4)
    if metric.name.startswith("costPer"):
        return rng.uniform(0.5, 9.0)
    return rng.uniform(900.0, 60_000.0)

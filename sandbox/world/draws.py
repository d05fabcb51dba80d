"""Tables of daily figures: 256 ready values per metric, in every spelling LinkedIn uses.

BigDecimal values are held as whole numbers of 10^-18, so that sums are exact whatever order they
are taken in.
"""

# ruff: noqa: S311 - figures are invented, not secret

from __future__ import annotations

import decimal
import functools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zlib import crc32

if TYPE_CHECKING:
    from sandbox.world.metrics import Metric

#: A figure as it is summed: long and double as they are, BigDecimal in units of 10^-18.
Raw: TypeAlias = "int | float"
#: A figure as LinkedIn sends it: BigDecimal is a string.
Sent: TypeAlias = "int | float | str"

_SIZE = 256
_UNIT = 10**18
_PLAIN_FROM = 10**12
_DIGITS = 20
_EXACT = decimal.Context(prec=100)
_TIERS = (0.3, 1.0, 2.6, 7.0)
_WEEKEND = 0.35
_TO_USD = {"USD": 1.0, "EUR": 1.0873, "GBP": 1.2671, "JPY": 0.0067, "SEK": 0.0941}
# Shares of the rarer spellings of a BigDecimal, as upper ends of a draw from 0 to 1.
_EXPONENT_ZERO, _TINY, _WHOLE, _NINES, _LONG = 0.2, 0.008, 0.2, 0.06, 0.14


class Sort(NamedTuple):
    """What the size of a figure depends on besides its metric.

    Attributes:
        tier: Index of the creative's size.
        weekend: Whether the day is a Saturday or Sunday.
        currency: Currency of the account.
    """

    tier: int = 1
    weekend: bool = False
    currency: str = "USD"


@dataclass(slots=True)
class Column:
    """The table of one metric for one sort of creative and day."""

    values: list[Raw]
    sents: list[Sent]
    fragments: list[str]
    factor: int
    never_zero: bool


def decimal_text(raw: int) -> str:
    """Write a BigDecimal of 10^-18 units the way ``BigDecimal.toString`` would."""
    if raw == 0:
        return "0.0"
    whole, rest = divmod(abs(raw), _UNIT)
    if not whole and rest < _PLAIN_FROM:
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


def zero_column(metric: Metric) -> Column:
    """Return the column of a metric whose family a creative does not have."""
    zero: Sent = "0.0" if metric.kind == "decimal" else 0
    return Column([0], [zero], [member(metric.name, zero)], factor=0, never_zero=False)


@functools.lru_cache(maxsize=1_500)
def draw_column(metric: Metric, seed: int, sort: Sort, *, full: bool) -> Column:
    """Draw the table of a metric.

    Args:
        metric: The metric.
        seed: Seed of the world.
        sort: Size of the creative, part of the week, currency.
        full: Whether zeros are left out.

    Returns:
        The table; metrics with one salt move together.
    """
    rng = random.Random(f"{seed}:{metric.salt}:{sort.tier}:{sort.weekend}")
    scale = _TIERS[sort.tier] * (_WEEKEND if sort.weekend and not full else 1.0)
    values: list[Raw] = []
    sents: list[Sent] = []
    for _ in range(_SIZE):
        roll, amount, shape = rng.random(), rng.uniform(*metric.spread) * scale, rng.random()
        zero = roll < metric.zeros and not full
        digits = str(rng.randrange(10**17, 10**18))
        if metric.kind == "decimal":
            if metric.family not in {"cost", "leads"}:
                amount = max(1.0, amount)
            if metric.name == "costInUsd":
                amount *= _TO_USD[sort.currency]
            text = _zero_text(shape) if zero else _decimal_text(metric, amount, shape, digits)
            values.append(decimal_raw(text))
            sents.append(text)
        else:
            value: Raw = 0
            if not zero:
                value = _number(metric, amount, rng)
            if full and not value:
                value = 1
            values.append(value)
            sents.append(value)
    return Column(
        values,
        sents,
        [member(metric.name, value) for value in sents],
        crc32(f"{seed}.{metric.salt}".encode()) | 1,
        all(values),
    )


def _zero_text(shape: float) -> str:
    return "0E-18" if shape < _EXPONENT_ZERO else "0.0"


def _decimal_text(metric: Metric, amount: float, shape: float, digits: str) -> str:
    """Return one BigDecimal in one of the spellings seen in real rows."""
    whole = str(int(amount))
    if shape < _TINY:
        return "-2E-18"
    if metric.family in {"jobs", "viral jobs"}:
        return whole if shape < _WHOLE else f"{whole}.0"
    if shape < _NINES:
        return f"{whole}.99999999999996"
    if shape < _LONG:
        return f"{whole}.{digits[: min(18, _DIGITS - len(whole))]}"
    return f"{amount:.{1 + int(shape * 6)}f}"


def _number(metric: Metric, amount: float, rng: random.Random) -> Raw:
    if metric.kind == "long":
        return round(amount)
    if metric.name == "audiencePenetration":
        return rng.uniform(0.001, 0.4)
    if metric.name.startswith("costPer"):
        return rng.uniform(0.5, 9.0)
    return rng.uniform(900.0, 60_000.0)

"""Holds what a program wrote against what LinkedIn knows, row by row."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from sandbox import World


class Row(NamedTuple):
    """One creative on one day, as a program wrote it."""

    creative: int
    day: str
    values: dict[str, Any]


@dataclass
class Verdict:
    """What became of LinkedIn's rows.

    Attributes:
        truth: Rows that LinkedIn has for the days asked for.
        right: Rows with every digit of every metric.
        rounded: Rows that are right to the precision of a double.
        wrong: Rows with another figure.
        missing: Rows that were not written.
        repeated: Further copies of a row; the last copy is the one that is judged.
        surplus: Rows that LinkedIn does not have, or for days before the first one asked for.
        examples: Some metrics that were wrong.
    """

    truth: int = 0
    right: int = 0
    rounded: int = 0
    wrong: int = 0
    missing: int = 0
    repeated: int = 0
    surplus: int = 0
    examples: Counter[str] = field(default_factory=Counter)


def judge(
    rows: Iterable[Row], world: World, start: dt.date, end: dt.date, metrics: Sequence[str]
) -> Verdict:
    """Compare rows with the truth.

    Args:
        rows: What a program wrote.
        world: What LinkedIn knows.
        start: First day asked for.
        end: Last day asked for.
        metrics: The metrics that the program asked for; the others are not held against it.
    """
    verdict = Verdict()
    truth = {
        (int(urn.rpartition(":")[2]), day.isoformat()): figures
        for day, _, (urn,), figures in world.truth(("CREATIVE",), start, end, metrics)
    }
    verdict.truth = len(truth)
    judged: dict[tuple[int, str], str] = {}
    for row in rows:
        key = (row.creative, row.day)
        figures = truth.get(key)
        if figures is None:
            verdict.surplus += 1
            continue
        verdict.repeated += key in judged
        judged[key] = _judge_row(row.values, figures, verdict.examples)
    counts = Counter(judged.values())
    verdict.right, verdict.rounded, verdict.wrong = (
        counts[word] for word in ("right", "rounded", "wrong")
    )
    verdict.missing = len(truth) - len(judged)
    return verdict


def _judge_row(values: dict[str, Any], figures: dict[str, Any], examples: Counter[str]) -> str:
    word = "right"
    for name, figure in figures.items():
        value = values.get(name)
        if value == figure:
            continue
        found, expected = _number(value), _number(figure)
        if found == expected:
            continue
        if found is None or expected is None or float(found) != float(expected):
            examples[name] += 1
            return "wrong"
        word = "rounded"
    return word


@functools.lru_cache(maxsize=100_000)
def _number(value: str | float | None) -> Decimal | None:
    """Return a figure as a number; nothing is what LinkedIn leaves out, and that is zero."""
    if value is None:
        return Decimal(0)
    try:
        return Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None

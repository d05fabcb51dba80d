"""How `make demo` prints; tests/test_walk.py runs it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from demo import report


def test_table_aligns_numbers_to_the_right() -> None:
    """Columns of numbers end at the same place, texts begin at the same place."""
    assert report.table(["stream", "rows"], [["campaigns", "12"], ["creatives", "1,234"]]) == [
        "stream      rows",
        "---------  -----",
        "campaigns     12",
        "creatives  1,234",
    ]


@pytest.mark.parametrize(
    "blocks",
    [report.blocks(unicode=True), report.blocks(unicode=False)],
    ids=["unicode", "ascii"],
)
def test_bars_rise_with_the_spend(blocks: str) -> None:
    """The largest day fills the picture, a day without spend leaves its column empty."""
    first = dt.date(2026, 1, 1)
    days = [
        report.Day(first + dt.timedelta(days=number), Decimal(spend))
        for number, spend in enumerate(["0", "50", "100"])
    ]
    lines = report.bars(days, blocks=blocks)
    assert lines[0] == f"100 |  {blocks[-1]}"
    assert lines[-2] == f"  0 | {blocks[-1]}{blocks[-1]}"
    assert lines[-1].split() == ["2026-01-01", "2026-01-03"]


def test_bars_say_when_nothing_was_spent() -> None:
    """There is no picture of nothing."""
    assert report.bars([], blocks=report.blocks(unicode=True)) == ["nothing was spent"]

"""How `make demo` prints, and its clock; tests/test_walk.py runs it."""

from __future__ import annotations

import datetime as dt
import sys
import typing as t
from decimal import Decimal

import pytest

from demo import programs, report
from tap_linkedin_ads.api.clock import SystemClock
from tests import singer

if t.TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.slow
def test_the_sandbox_and_the_tap_share_the_clock_of_the_machine(tmp_path: Path) -> None:
    """Two processes, as in the demo, agree on the day, also after the default version's end."""
    clock = SystemClock()
    begin = clock.now().date()
    catalog = singer.catalog({"ad_performance": ["impressions"]})

    with programs.sandbox("small", singer.ROOT) as linkedin:
        config = {
            "api_url": linkedin.api_url,
            "oauth_url": linkedin.oauth_url,
            "access_token": linkedin.access_token,
            "start_date": str(begin - dt.timedelta(days=20)),
        }
        arguments = singer.arguments(tmp_path, config, catalog)
        output = singer.run([sys.executable, "-m", "tap_linkedin_ads", *arguments[2:]])
    assert output.status == 0, output.stderr
    days = {record["metric_date"] for record in output.records("ad_performance")}
    assert max(days) in {str(begin), str(clock.now().date())}
    assert min(days) == config["start_date"]

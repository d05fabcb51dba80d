"""What the benchmarks conclude from what they measure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from benchmarks import least
from benchmarks.comparison import Row, judge
from benchmarks.tables import Section, collect
from sandbox.world import worlds

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import World

TODAY = dt.date(2026, 11, 22)
START = TODAY - dt.timedelta(days=4)
METRICS = ("impressions", "costInUsd")


@pytest.fixture(scope="module")
def world() -> World:
    """Three creatives that deliver on each of five days."""
    return worlds.reference(today=TODAY, days=5, campaigns=1, creatives=3)


def _rows(world: World) -> list[Row]:
    return [
        Row(int(urn.rpartition(":")[2]), day.isoformat(), dict(figures))
        for day, _, (urn,), figures in world.truth(("CREATIVE",), START, TODAY, METRICS)
    ]


def test_every_row_is_right_where_all_is_right(world: World) -> None:
    """The truth agrees with itself."""
    verdict = judge(_rows(world), world, START, TODAY, METRICS)
    assert (verdict.truth, verdict.right) == (15, 15)


def test_faults_are_told_apart(world: World) -> None:
    """Rounded, wrong, missing, repeated and surplus rows are counted each for itself."""
    rows = _rows(world)
    cost = next(i for i, row in enumerate(rows) if len(row.values["costInUsd"]) > 18)
    others = [i for i in range(len(rows)) if i != cost]
    rounded, wrong, missing, repeated = cost, *others[:3]
    rows[rounded].values["costInUsd"] = str(float(rows[rounded].values["costInUsd"]))
    rows[wrong].values["impressions"] = None
    written = [row for i, row in enumerate(rows) if i != missing]
    written += [
        rows[repeated],
        Row(1, TODAY.isoformat(), {}),
        Row(rows[0].creative, "2020-01-01", {}),
    ]
    verdict = judge(written, world, START, TODAY, METRICS)
    found = (verdict.right, verdict.rounded, verdict.wrong, verdict.missing)
    assert found == (12, 1, 1, 1)
    assert (verdict.repeated, verdict.surplus) == (1, 2)
    assert verdict.examples == {"impressions": 1}


@pytest.mark.parametrize(("fullest", "requests"), [(15, 1), (14, 2), (6, 3), (5, 5)])
def test_least_requests_of_one_account(
    world: World, monkeypatch: pytest.MonkeyPatch, fullest: int, requests: int
) -> None:
    """Whole days are packed as full as answers may be; each group of metrics is asked for."""
    monkeypatch.setattr(least, "FULLEST", fullest)
    assert least.report_requests(world, START, TODAY, [METRICS]) == requests
    assert least.report_requests(world, START, TODAY, [METRICS, METRICS]) == 2 * requests


def test_a_part_replaces_its_section_only(tmp_path: Path) -> None:
    """The file keeps the sections of other parts, in the usual order."""
    path = tmp_path / "RESULTS.md"
    for title, text in (("B", "old"), ("A", "first"), ("B", "new")):
        collect(path, [Section(title, [text])], ["A", "B"])
    assert path.read_text().endswith("## A\n\nfirst\n\n## B\n\nnew\n")

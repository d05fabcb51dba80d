"""Eight requests in flight against one."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import ours
from benchmarks.linkedin import LinkedIn
from benchmarks.tables import Section
from benchmarks.worlds import Recipe
from sandbox import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLE = "Workers"
_MANY = 8


@dataclass(frozen=True)
class Case:
    """Answers of one kind."""

    name: str
    recipe: Recipe
    streams: Sequence[str]
    wanted: float
    columns: Sequence[str] | None = None
    per_row_ms: float = 0.0


def _cases(*, quick: bool) -> list[Case]:
    accounts = 24 if quick else 300
    family = [ours.column(name) for name in METRICS][:18]
    return [
        Case(
            f"small answers: entities of {accounts} accounts, 150 ms",
            Recipe("agency", 10, {"accounts": accounts}),
            ("campaign_groups", "campaigns", "creatives"),
            6.0,
        ),
        Case(
            "full windows: 1,000 creatives, 18 metrics, 150 ms + 0.1 ms a row",
            Recipe("reference", 84 if quick else 560),
            ("ad_performance",),
            5.0,
            family,
            0.1,
        ),
    ]


def measure(*, quick: bool) -> Section:
    """Run every case with one worker and with eight."""
    section = Section(TITLE)
    section.say(
        "The sandbox adds the latency to every answer and serves reports from memory, so that it "
        "does not hold up eight workers more than one."
    )
    lines, verdicts = [], []
    for case in _cases(quick=quick):
        walls = {}
        with (
            tempfile.TemporaryDirectory() as folder,
            LinkedIn(case.recipe, remember_answers=True) as linkedin,
        ):
            for workers in (0, 1, _MANY):
                # The first round fills the sandbox's memory.
                linkedin.switch(
                    latency_ms=150 if workers else 0, per_row_ms=case.per_row_ms if workers else 0
                )
                cost = ours.run(
                    linkedin,
                    Path(folder),
                    case.recipe.start(),
                    streams=case.streams,
                    columns=case.columns,
                    workers=workers or _MANY,
                    keep_output=False,
                )
                walls[workers] = cost.wall
                if workers:
                    calls = linkedin.calls()
                    most = max(call.in_flight for call in calls)
                    rows = sum(call.rows for call in calls)
                    lines.append((case.name, workers, len(calls), rows, most, cost.wall, cost.cpu))
        times = walls[1] / walls[_MANY]
        verdicts.append((case.name, times, f"≥ {case.wanted}", times >= case.wanted))
    section.table(
        ("Case", "Workers", "Requests", "Rows", "Most in flight", "Wall s", "CPU s"), lines
    )
    section.verdicts(verdicts)
    return section

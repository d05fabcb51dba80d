"""The tap against LinkedIn's data limit: as fast as it allows, and never beyond it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import ours
from benchmarks.linkedin import LinkedIn
from benchmarks.tables import Section
from benchmarks.worlds import Recipe
from sandbox import METRICS

if TYPE_CHECKING:
    from benchmarks.linkedin import Call

TITLE = "Data limit"
_WINDOWS = 3
_NAMES = 20
_DAYS = 14
#: Rows of an answer that is as full as whole days make it.
_FULL = 14_000
_WANTED = 0.95
_TOO_MANY = 429


def measure(*, quick: bool) -> Section:
    """Read for three windows and a little more."""
    answers, window = (5, 12.0) if quick else (52, 300.0)
    limit = answers * _FULL * _NAMES
    days = int(answers * _DAYS * (_WINDOWS + 0.2))
    recipe = Recipe("reference", days, {"creatives": _FULL // _DAYS})
    with (
        tempfile.TemporaryDirectory() as folder,
        LinkedIn(recipe, data_limit=limit, data_window=window) as linkedin,
    ):
        cost = ours.run(
            linkedin,
            Path(folder),
            recipe.start(),
            columns=[ours.column(name) for name in METRICS][: _NAMES - 2],
            keep_output=False,
            window=window if quick else None,
            metric_values_limit=limit,
        )
        reports = [call for call in linkedin.calls() if call.is_report]
    refused = sum(call.status == _TOO_MANY for call in reports)
    section = Section(TITLE)
    section.say(
        f"{limit:,} metric values in {window:.0f} seconds, for LinkedIn and for "
        f"`metric_values_limit`: {answers} full answers of {_FULL:,} rows and {_NAMES} names. "
        "The windows follow each other from the first report request on, and a value belongs to "
        "the window in which its answer was sent."
    )
    lines = _windows(reports, window, limit)
    section.table(("Window", "Answers", "Metric values", "Share of the limit"), lines)
    section.table(
        ("Report requests", "429", "Wall s", "CPU s"),
        [(len(reports), refused, cost.wall, cost.cpu)],
    )
    share = sum(values for _, _, values, _ in lines) / limit / _WINDOWS
    section.verdicts(
        [
            (
                f"Share of the limit over {_WINDOWS} windows",
                share,
                f"≥ {_WANTED}",
                share >= _WANTED,
            ),
            ("Answers 429", refused, "0", refused == 0),
        ]
    )
    return section


def _windows(reports: list[Call], length: float, limit: int) -> list[tuple[int, int, int, float]]:
    begin = reports[0].started
    lines = []
    for index in range(_WINDOWS):
        first = begin + index * length
        taken = [c for c in reports if first <= c.started + c.elapsed < first + length]
        values = sum(call.metric_values for call in taken)
        lines.append((index + 1, len(taken), values, values / limit))
    return lines

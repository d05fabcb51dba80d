"""(h) Peak memory by accounts, days and workers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import ours
from benchmarks.linkedin import LinkedIn
from benchmarks.tables import Section, mib
from benchmarks.worlds import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLE = "Memory"
_USUAL = 4
_RUNS = 3
_MOST_MIB, _MOST_GROWTH = 200, 1.05


def measure(*, quick: bool) -> Section:
    """Grow ad accounts and days with the usual workers, then workers with one ad account."""
    many, long = ((10, 30), (30, 90)) if quick else ((100, 300), (60, 365))
    creatives, days = (200, 30) if quick else (1000, 60)
    section = Section(TITLE)
    section.say(
        "`ad_performance` with every column from a sandbox without latency, so that answers come "
        "faster than they are taken in and as many wait as may. By ratio: the peak by that of the "
        f"table's first line. Each line is the run with the median peak of {_RUNS}. The tap keeps "
        "a megabyte of answers and one of rows in memory and the rest in files, with what tells "
        "the rows apart; about 60,000 rows wait for their other columns at most. The smallest sync "
        "has far fewer rows and takes less: growth is measured between the larger ones."
    )
    peaks: dict[tuple[int, int, int], int] = {}
    lines: list[tuple[object, ...]] = []
    for accounts in many:
        for history in long:
            recipe = Recipe("agency", history, {"accounts": accounts})
            lines += _runs(recipe, accounts, [_USUAL], peaks)
    section.say(f"Ad accounts of an agency, {_USUAL} workers:")
    section.table(_HEAD, _with_ratios(lines))
    recipe = Recipe("reference", days, {"creatives": creatives})
    workers = [1, 4, 8, 16]
    section.say(f"One ad account with {creatives:,} creatives:")
    section.table(_HEAD, _with_ratios(list(_runs(recipe, 1, workers, peaks))))
    most = mib(max(peaks.values()))
    largest = peaks[many[1], long[1], _USUAL]
    in_days = largest / peaks[many[1], long[0], _USUAL]
    in_accounts = largest / peaks[many[0], long[1], _USUAL]
    in_workers = max(peaks[1, days, number] for number in workers) / peaks[1, days, workers[0]]
    section.verdicts(
        [
            ("Highest peak, MiB", most, f"< {_MOST_MIB}", most < _MOST_MIB),
            (
                f"Peak with {long[1] // long[0]} times the days, {many[1]} ad accounts",
                in_days,
                f"≤ {_MOST_GROWTH}",
                in_days <= _MOST_GROWTH,
            ),
            (
                f"Peak with {many[1] // many[0]} times the ad accounts, {long[1]} days",
                in_accounts,
                f"≤ {_MOST_GROWTH}",
                in_accounts <= _MOST_GROWTH,
            ),
            (
                f"Peak with up to {workers[-1]} workers by that with one",
                in_workers,
                f"≤ {_MOST_GROWTH}",
                in_workers <= _MOST_GROWTH,
            ),
        ]
    )
    return section


_HEAD = (
    "Accounts",
    "Days",
    "Workers",
    "Rows",
    "Report requests",
    "Wall s",
    "CPU s",
    "Peak MiB",
    "Ratio",
)


def _runs(
    recipe: Recipe, accounts: int, workers: Iterable[int], peaks: dict[tuple[int, int, int], int]
) -> Iterable[tuple[object, ...]]:
    """Run the tap on one world with so many workers each, and note the peaks."""
    with (
        tempfile.TemporaryDirectory() as folder,
        LinkedIn(recipe, remember_answers=True) as linkedin,
    ):
        # The first run fills the sandbox's memory, so that it is no slower than the tap.
        first = ours.run(linkedin, Path(folder), recipe.start())
        rows = ours.records(first)
        first.stdout.unlink()
        for number in workers:
            costs = [
                ours.run(linkedin, Path(folder), recipe.start(), workers=number, keep_output=False)
                for _ in range(_RUNS)
            ]
            cost = sorted(costs, key=lambda each: each.peak)[_RUNS // 2]
            peaks[accounts, recipe.days, number] = cost.peak
            reports = sum(call.is_report for call in linkedin.calls())
            shown = (cost.wall, cost.cpu, mib(cost.peak))
            yield (accounts, recipe.days, number, rows, reports, *shown)


def _with_ratios(lines: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Add to each line its peak by that of the first."""
    peaks = [float(str(line[-1])) for line in lines]
    return [(*line, peak / peaks[0]) for line, peak in zip(lines, peaks, strict=True)]

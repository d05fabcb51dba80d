"""(c) Requests, processor time and memory as functions of rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import least, ours
from benchmarks.linkedin import LinkedIn
from benchmarks.tables import Section, mib
from benchmarks.worlds import TODAY, Recipe

TITLE = "Scaling"


def measure(*, quick: bool) -> Section:
    """Grow the number of accounts, then the number of days."""
    many, long = ((1, 10, 100), (30, 365)) if quick else ((1, 10, 100, 1000), (30, 365, 3650))
    fixed = 3 if quick else 10
    section = Section(TITLE)
    section.say(
        "Accounts of an agency with two to four creatives each; `ad_performance`, all columns, "
        "4 workers, no latency. Rows are records written."
    )
    section.say(f"By accounts, {long[0]} days:")
    section.table(_HEAD, [_line(accounts, long[0]) for accounts in many])
    section.say(f"By days, {fixed} accounts:")
    section.table(_HEAD, [_line(fixed, days) for days in long])
    return section


_HEAD = (
    "Accounts",
    "Days",
    "Rows",
    "Report requests",
    "Least possible",
    "Other requests",
    "Wall s",
    "CPU s",
    "CPU µs a row",
    "Peak MiB",
)


def _line(accounts: int, days: int) -> list[object]:
    recipe = Recipe("agency", days, {"accounts": accounts})
    with tempfile.TemporaryDirectory() as folder, LinkedIn(recipe) as linkedin:
        cost = ours.run(linkedin, Path(folder), recipe.start())
        calls = linkedin.calls()
        rows = ours.records(cost)
    reports = [call for call in calls if call.is_report]
    groups = least.groups_asked(reports)
    fewest = least.report_requests(recipe.make(), recipe.start(), TODAY, groups)
    others = len(calls) - len(reports)
    micro = cost.cpu / rows * 1e6
    return [
        accounts,
        days,
        rows,
        len(reports),
        fewest,
        others,
        cost.wall,
        cost.cpu,
        micro,
        mib(cost.peak),
    ]

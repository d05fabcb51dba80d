"""The daily run of an agency: many ad accounts, some of them silent."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import least, ours
from benchmarks.linkedin import LinkedIn
from benchmarks.tables import Section, mib
from benchmarks.worlds import TODAY, Recipe

if TYPE_CHECKING:
    from benchmarks.linkedin import Call

TITLE = "Daily run of an agency"
_MOST = 1.3


def measure(*, quick: bool) -> Section:
    """Run the tap with yesterday's bookmarks."""
    recipe = Recipe("agency", 60, {"accounts": 60 if quick else 1000}, silent=1)
    world = recipe.make()
    with tempfile.TemporaryDirectory() as folder, LinkedIn(recipe) as linkedin:
        state = _yesterday(sorted(world.roles))
        cost = ours.run(linkedin, Path(folder), recipe.start(), state=state, keep_output=False)
        calls = linkedin.calls()
    reports = [call for call in calls if call.is_report]
    start, end = least.days_asked(reports)
    fewest = least.report_requests(world, start, end, least.groups_asked(reports))
    with_rows = {
        world.deliveries[int(urn.rpartition(":")[2])].account
        for _, _, (urn,), _ in world.truth(("CREATIVE",), start, end, ("impressions", "clicks"))
    }
    below = _accounts_looked_into(calls)
    section = Section(TITLE)
    section.say(
        f"{len(world.roles):,} ad accounts with {len(world.creatives):,} creatives; "
        f"{len(with_rows):,} accounts have rows. The run begins with yesterday's bookmarks and "
        f"reads `ad_performance` with all columns from {start} to {end}."
    )
    section.table(
        (
            "Report requests",
            "Least possible",
            "Look-ups below accounts",
            "Accounts looked into",
            "Other requests",
            "Wall s",
            "CPU s",
            "Peak MiB",
        ),
        [
            (
                len(reports),
                fewest,
                sum(below.values()),
                len(below),
                len(calls) - len(reports) - sum(below.values()),
                cost.wall,
                cost.cpu,
                mib(cost.peak),
            )
        ],
    )
    share = len(reports) / fewest
    idle = len(below.keys() - with_rows)
    section.verdicts(
        [
            ("Report requests by the least possible", share, f"≤ {_MOST}", share <= _MOST),
            ("Accounts looked into that have no rows", idle, "0", idle == 0),
        ]
    )
    return section


def _yesterday(accounts: list[int]) -> dict[str, Any]:
    day = (TODAY - dt.timedelta(days=1)).isoformat()
    partitions = [
        {
            "context": {"account_id": account},
            "replication_key": "metric_date",
            "replication_key_value": day,
        }
        for account in accounts
    ]
    return {"bookmarks": {"ad_performance": {"partitions": partitions}}}


def _accounts_looked_into(calls: list[Call]) -> dict[int, int]:
    found: dict[int, int] = {}
    for call in calls:
        match = re.match(r"/rest/adAccounts/(\d+)/", call.path)
        if match:
            account = int(match.group(1))
            found[account] = found.get(account, 0) + 1
    return found

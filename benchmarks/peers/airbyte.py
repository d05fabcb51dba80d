"""airbyte-source-linkedin-ads 5.4.1: one creative a request, windows of 30 days."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.comparison import Row
from benchmarks.peers.environments import LAUNCHER, python_with
from sandbox import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.linkedin import Call, LinkedIn
    from benchmarks.processes import Cost
    from benchmarks.worlds import Recipe

NAME = "airbyte-source-linkedin-ads 5.4.1"
#: With airbyte-cdk 6.46 it ends with "request params cannot be an object".
REQUIREMENTS = ("airbyte-source-linkedin-ads==5.4.1", "airbyte-cdk<6.46")
VERSION = 202502
_STREAM = "ad_creative_analytics"
_WINDOW = 30
_GROUPS = 6
_PAGE = 100


def metrics(calls: list[Call]) -> dict[str, str]:
    """Return the metrics that it asked for; its columns have LinkedIn's names."""
    asked = {name for call in calls for name in call.params.get("fields", ())}
    return {name: name for name in METRICS if name in asked}


def run(linkedin: LinkedIn, folder: Path, start: dt.date) -> Cost:
    """Read creative analytics from a day on."""
    token = linkedin.credentials["access_token"]
    config = {
        "start_date": start.isoformat(),
        "credentials": {"auth_method": "access_token", "access_token": token},
    }
    stream = {
        "name": _STREAM,
        "json_schema": {},
        "supported_sync_modes": ["full_refresh", "incremental"],
    }
    catalog = {
        "streams": [
            {
                "stream": stream,
                "sync_mode": "incremental",
                "destination_sync_mode": "append",
            }
        ]
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
    command: list[str | Path] = [python_with(*REQUIREMENTS), "-I", LAUNCHER]
    command += ["source_linkedin_ads.run:run", "read"]
    command += ["--config", folder / "config.json", "--catalog", folder / "catalog.json"]
    linkedin.forget()
    return processes.run(command, folder, environment={"SANDBOX_URL": linkedin.url})


def rows(cost: Cost, known: dict[str, str]) -> Iterator[Row]:
    """Read its records."""
    with cost.stdout.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line, parse_float=str)
            if message["type"] == "RECORD":
                record = message["record"]["data"]
                creative = int(record["string_of_pivot_values"].rpartition(":")[2])
                values = {name: record.get(column) for column, name in known.items()}
                yield Row(creative, record["start_date"], values)


def requests(recipe: Recipe, days: int) -> int:
    """Return how many requests it makes for the last days of a world.

    It reads the accounts once and the creatives of each; for every creative that was modified
    since the start it asks in windows of 30 days, once for every 18 metrics.
    """
    world = recipe.make()
    midnight = dt.datetime.combine(recipe.start(days), dt.time(), dt.timezone.utc)
    asked: int = sum(
        row["lastModifiedAt"] >= midnight.timestamp() * 1000 for row in world.creatives
    )
    pages = sum(
        max(1, -(-len(world.of_account("creatives", account)) // _PAGE)) for account in world.roles
    )
    windows = -(-(days - 1) // _WINDOW)
    return 1 + pages + asked * windows * _GROUPS

"""tap-linkedin-ads 2.8.0 by singer-io: one campaign a request, windows of 30 days."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks import processes
from benchmarks.comparison import Row
from benchmarks.peers.environments import LAUNCHER, python_with
from sandbox import METRICS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.linkedin import LinkedIn
    from benchmarks.processes import Cost
    from benchmarks.worlds import Recipe

NAME = "tap-linkedin-ads 2.8.0"
REQUIREMENTS = ("tap-linkedin-ads==2.8.0",)
VERSION = 202511
#: Declared as an integer, but LinkedIn sends a BigDecimal: "6.0" would end its run.
FATAL = "viral_registrations"
_STREAM = "ad_analytics_by_creative"
_PER_REQUEST = 18
_WINDOW = 30
_LOOKBACK = 7
_PAGE = 100
# Its own discovery asks LinkedIn and wants every endpoint; this is the same without asking.
_DISCOVER = """
import json
from singer import metadata
from tap_linkedin_ads.schema import get_schemas
schemas, notes = get_schemas()
name = "ad_analytics_by_creative"
print(json.dumps({"schema": schemas[name], "metadata": notes[name]}))
"""


@functools.cache
def _discovered() -> str:
    done = subprocess.run(
        [python_with(*REQUIREMENTS), "-I", "-c", _DISCOVER],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _camel(column: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), column)


@functools.cache
def metrics() -> dict[str, str]:
    """Return the metrics that it knows and LinkedIn has in its version, by column."""
    columns = json.loads(_discovered())["schema"]["properties"]
    named = {column: _camel(column) for column in columns}
    return {
        column: name
        for column, name in named.items()
        if name in METRICS and METRICS[name].since <= VERSION and column != FATAL
    }


def _catalog() -> dict[str, Any]:
    found = json.loads(_discovered())
    wanted = {*metrics(), "creative", "creative_id", "start_at", "end_at"}
    for entry in found["metadata"]:
        crumb = entry["breadcrumb"]
        entry["metadata"]["selected"] = not crumb or crumb[-1] in wanted
    keys = ["creative_id", "start_at"]
    stream = {"tap_stream_id": _STREAM, "stream": _STREAM, "key_properties": keys, **found}
    return {"streams": [stream]}


def run(linkedin: LinkedIn, folder: Path, start: dt.date) -> Cost:
    """Read creative analytics from a day on."""
    config = {
        "access_token": linkedin.credentials["access_token"],
        "user_agent": "benchmark",
        "accounts": ",".join(str(account) for account in sorted(linkedin.recipe.make().roles)),
        "start_date": f"{start}T00:00:00Z",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "catalog.json").write_text(json.dumps(_catalog()), encoding="utf-8")
    command: list[str | Path] = [
        python_with(*REQUIREMENTS),
        "-I",
        LAUNCHER,
        "tap_linkedin_ads:main",
    ]
    command += ["--config", folder / "config.json", "--catalog", folder / "catalog.json"]
    linkedin.forget()
    return processes.run(command, folder, environment={"SANDBOX_URL": linkedin.url})


def rows(cost: Cost) -> Iterator[Row]:
    """Read its records."""
    known = metrics()
    with cost.stdout.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line, parse_float=str)
            if message["type"] == "RECORD":
                record = message["record"]
                values = {name: record.get(column) for column, name in known.items()}
                yield Row(int(record["creative_id"]), record["start_at"][:10], values)


def requests(recipe: Recipe, days: int) -> int:
    """Return how many requests it makes for the last days of a world.

    It checks the accounts once and reads the campaigns of each; for every campaign it asks in
    windows of 30 days, from seven days before the start on, once for the keys and once for every
    18 metrics.
    """
    world = recipe.make()
    pages = sum(
        max(1, -(-len(world.of_account("adCampaigns", account)) // _PAGE))
        for account in world.roles
    )
    windows = -(-(days - 1 + _LOOKBACK) // _WINDOW)
    groups = 1 + -(-(len(metrics()) + 1) // _PER_REQUEST)  # dateRange counts
    return 1 + pages + len(world.campaigns) * windows * groups

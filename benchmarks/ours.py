"""Runs the tap as its users do."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import processes
from benchmarks.comparison import Row
from benchmarks.linkedin import UNLIMITED
from benchmarks.processes import ROOT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from benchmarks.linkedin import LinkedIn
    from benchmarks.processes import Cost

NAME = "this tap"
_COMMAND = (sys.executable, "-m", "tap_linkedin_ads")
_ENVIRONMENT = {"PYTHONPATH": str(ROOT)}


def run(  # noqa: PLR0913 - one argument a thing that a benchmark may vary
    linkedin: LinkedIn,
    folder: Path,
    start: dt.date,
    *,
    streams: Iterable[str] = ("ad_performance",),
    columns: Iterable[str] | None = None,
    state: Mapping[str, Any] | None = None,
    workers: int = 4,
    keep_output: bool = True,
    window: float | None = None,
    **settings: Any,  # noqa: ANN401
) -> Cost:
    """Run the tap once.

    Args:
        linkedin: The sandbox; its log is started anew.
        folder: Where configuration and output are put.
        start: First day.
        streams: Streams to select.
        columns: Columns to select beside the keys; None selects all.
        state: Bookmarks to begin with.
        workers: Requests in flight at most.
        keep_output: Whether the messages are kept in a file.
        window: Seconds over which the tap counts metric values, if not LinkedIn's five minutes.
        **settings: Further settings.
    """
    place = Path(tempfile.mkdtemp(dir=folder))
    names = ("api_url", "oauth_url", "access_token")
    config = {
        **{name: linkedin.credentials[name] for name in names},
        "start_date": start.isoformat(),
        "end_date": linkedin.recipe.today,
        "max_workers": workers,
        "metric_values_limit": UNLIMITED,
        **settings,
    }
    parts: dict[str, Any] = {"config": config, "catalog": _catalog(set(streams), columns)}
    if state is not None:
        parts["state"] = state
    command, environment = list(_COMMAND), _ENVIRONMENT
    if window is not None:
        command[-1] = "benchmarks.short_window"
        environment = {**_ENVIRONMENT, "WINDOW_SECONDS": str(window)}
    for part, value in parts.items():
        path = place / f"{part}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        command += [f"--{part}", str(path)]
    linkedin.forget()
    return processes.run(command, place, environment=environment, keep_output=keep_output)


@functools.cache
def _discovered() -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as config:
        config.write('{"access_token": "unused"}')
        config.flush()
        done = subprocess.run(
            [*_COMMAND, "--config", config.name, "--discover"],
            check=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    return done.stdout


def _catalog(streams: set[str], columns: Iterable[str] | None) -> dict[str, Any]:
    wanted = None if columns is None else set(columns)
    catalog: dict[str, Any] = json.loads(_discovered())
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
            elif entry["metadata"].get("inclusion") != "automatic" and wanted is not None:
                entry["metadata"]["selected"] = entry["breadcrumb"][1] in wanted
    return catalog


def column(metric: str) -> str:
    """Return the column of a metric: ``costInUsd`` gives ``cost_in_usd``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])", "_", metric).lower()


def rows(cost: Cost, metrics: Iterable[str]) -> Iterator[Row]:
    """Read the records of ad_performance."""
    columns = {name: column(name) for name in metrics}
    with cost.stdout.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line, parse_float=str)
            if message["type"] == "RECORD":
                record = message["record"]
                values = {name: record.get(below) for name, below in columns.items()}
                yield Row(record["creative_id"], record["metric_date"], values)


def records(cost: Cost) -> int:
    """Count the records that a run wrote."""
    with cost.stdout.open("rb") as lines:
        return sum(line.startswith(b'{"type":"RECORD"') for line in lines)


def schema(stream: str) -> dict[str, Any]:
    """Return the JSON schema of a stream."""
    streams = json.loads(_discovered())["streams"]
    found: dict[str, Any] = next(s["schema"] for s in streams if s["tap_stream_id"] == stream)
    return found

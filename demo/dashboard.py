"""`make dashboard`: load everything into the playground, make dbt's tables, and show them.

What is loaded is what dbt's sources and docs/queries.md name, so that the queries work there, too.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import yaml

from demo import environments
from demo.programs import running

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from demo.screen import Screen

_PROJECT = Path(__file__).resolve().parent.parent
_DBT = _PROJECT / "dbt"
_LOADER = _PROJECT / "loaders" / "target-postgres-exact"
_READY_SECONDS = 60.0
_LOG_TAIL = 3000


@contextlib.contextmanager
def shown(variables: Mapping[str, str], work: Path, screen: Screen) -> Iterator[str]:
    """Give the address of a dashboard on everything that the tap reads.

    Args:
        variables: Settings of the tap and of the loader.
        work: A folder for what this leaves.
        screen: Where progress is told.

    Raises:
        RuntimeError: A program failed; the message has the end of what it said.
    """
    environment = _environment(variables)
    with screen.step("Loading a year of what dbt and docs/queries.md read"):
        _load(environment, work)
    with screen.step("Making the tables of dbt/ (dbt is installed the first time)"):
        dbt = environments.programs("dbt") / "dbt"
        _run([str(dbt), "build", *_dbt_options(work)], environment, work)
    with contextlib.ExitStack() as stack:
        with screen.step("Starting the dashboard (it is installed the first time)"):
            command = [str(environments.programs("dashboard") / "python"), "-m", "dashboard"]
            program = stack.enter_context(running(command, _PROJECT, environment))
            address = _address(program.lines(patience=0.5))
        yield address


def _address(lines: Iterator[str | None]) -> str:
    deadline = time.monotonic() + _READY_SECONDS
    said = []
    for line in lines:
        if line and line.startswith("Dashboard"):
            return line.split()[-1]
        said += [line] if line else []
        if time.monotonic() > deadline:
            break
    raise RuntimeError("The dashboard did not start:\n" + "\n".join(said[-20:]))


def _load(environment: Mapping[str, str], work: Path) -> None:
    """Pipe the tap into the exact loader."""
    tap = [sys.executable, "-m", "tap_linkedin_ads", "--config=ENV"]
    catalog = json.loads(_run([*tap, "--discover"], environment, work))
    wanted = _wanted()
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in wanted
    files = {"catalog": catalog, "loader": _loader_config(environment)}
    for name, content in files.items():
        (work / f"{name}.json").write_text(json.dumps(content))
    with (
        (work / "tap.log").open("w+") as log,
        subprocess.Popen(
            [*tap, f"--catalog={work / 'catalog.json'}"],
            cwd=work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as reading,
    ):
        loader = [sys.executable, "-m", "target_postgres_exact.target"]
        command = [*loader, f"--config={work / 'loader.json'}"]
        _run(command, environment, work, stdin=reading.stdout)
        if reading.wait():
            log.seek(0)
            raise RuntimeError(f"The tap failed:\n{log.read()[-_LOG_TAIL:]}")


def _loader_config(environment: Mapping[str, str]) -> dict[str, t.Any]:
    """Return the loader's settings in meltano.yml, for the playground's server."""
    loaders = yaml.safe_load((_PROJECT / "meltano.yml").read_text())["plugins"]["loaders"]
    declared = next(plugin for plugin in loaders if plugin["name"] == "target-postgres-exact")
    names = ("host", "port", "user", "password", "database")
    server: dict[str, t.Any] = {
        name: environment[f"TARGET_POSTGRES_{name.upper()}"] for name in names
    }
    return {**declared["config"], **server, "port": int(server["port"])}


def _wanted() -> set[str]:
    """Return the tables that dbt's sources and the sample queries name."""
    sources = yaml.safe_load((_DBT / "models" / "staging" / "sources.yml").read_text())["sources"]
    of_queries = re.findall(r"\blinkedin_ads\.(\w+)", (_PROJECT / "docs/queries.md").read_text())
    return {table["name"] for source in sources for table in source["tables"]} | set(of_queries)


def _dbt_options(work: Path) -> list[str]:
    """Make every model, as everything is loaded."""
    variables = yaml.safe_load((_DBT / "dbt_project.yml").read_text())["vars"]
    using = dict.fromkeys((name for name in variables if "_using_" in name), True)
    return [
        f"--project-dir={_DBT}",
        f"--profiles-dir={_DBT}",
        f"--target-path={work / 'target'}",
        f"--log-path={work / 'logs'}",
        f"--vars={json.dumps(using)}",
    ]


def _run(
    command: Sequence[str],
    environment: Mapping[str, str],
    work: Path,
    stdin: t.IO[bytes] | None = None,
) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(
        command,
        cwd=work,
        env=environment,
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-_LOG_TAIL:]
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{said}")
    return done.stdout


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the user's variables without settings of other runs; work folders have no .env."""
    hidden = ("DBT_", "TAP_LINKEDIN_ADS_", "TARGET_POSTGRES_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    folders = [str(_PROJECT), str(_LOADER), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, folders))
    return {**kept, **variables, "PGTZ": "UTC", "PYTHONPATH": path}

"""The repository's meltano.yml as a project whose plugins are installed already."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.postgres import Postgres
    from sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
TAP, TARGET = "tap-linkedin-ads", "target-postgres"
_HIDDEN = ("MELTANO_", "TAP_LINKEDIN_ADS_", "TARGET_POSTGRES_")


def declared() -> dict[str, t.Any]:
    """Return meltano.yml, with the tap and target-postgres alone."""
    project: dict[str, t.Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
    plugins = project["plugins"]
    for kind, name in (("extractors", TAP), ("loaders", TARGET)):
        plugins[kind] = [plugin for plugin in plugins[kind] if plugin["name"] == name]
    del project["jobs"], project["schedules"]
    return project


def write(  # noqa: PLR0913, PLR0917 - a pipeline has that many sides
    folder: Path,
    sandbox: Sandbox,
    server: Postgres,
    schema: str,
    select: Iterable[str],
    config: dict[str, t.Any],
) -> None:
    """Write a project that reads a sandbox, on its day, into a schema of a server.

    Args:
        folder: Where meltano.yml goes.
        sandbox: What the tap reads.
        server: What target-postgres writes to.
        schema: The schema of the tables.
        select: The tap's select list.
        config: The tap's settings beside the access to the sandbox.
    """
    project = declared()
    (extractor,), (loader,) = project["plugins"]["extractors"], project["plugins"]["loaders"]
    del extractor["pip_url"], loader["pip_url"]
    tap = folder / "tap"
    tap.write_text(f'#!/bin/sh\nexec {shlex.join(singer.COMMAND)} "$@"\n')
    tap.chmod(0o755)
    extractor["executable"] = str(tap)
    loader["executable"] = str(PROGRAMS / loader["executable"])
    extractor["config"] = {**sandbox.config(), **config}
    extractor["select"] = list(select)
    loader["config"] |= {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password or "unused",
        "database": server.database,
        "default_target_schema": schema,
    }
    (folder / "meltano.yml").write_text(yaml.safe_dump(project))


def run(folder: Path) -> None:
    """Run the pipeline of a project once."""
    meltano(folder, "run", TAP, TARGET)


def meltano(folder: Path, *arguments: str) -> str:
    """Return what a Meltano command of a project prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    done = subprocess.run(
        [PROGRAMS / "meltano", *arguments],
        cwd=folder,
        env={**kept, "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout

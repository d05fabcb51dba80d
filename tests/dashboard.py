"""The dashboard as docs/dashboard.md starts it, on a schema of a server."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import typing as t
from pathlib import Path

from demo import environments
from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
_PAGE = ROOT / "docs" / "dashboard.md"
_HIDDEN = ("DBT_", "TARGET_POSTGRES_")


def arguments(program: str) -> list[str]:
    """Return what docs/dashboard.md gives a program of the dashboard's environment."""
    (line,) = (
        line
        for line in _PAGE.read_text().splitlines()
        if line.startswith(f".dashboard/venv/bin/{program} ")
    )
    return shlex.split(line)[1:]


def command(*more: str) -> list[str]:
    """Return the command, with its environment made."""
    assert arguments("pip") == environments.install("dashboard")
    return [str(environments.programs("dashboard") / "python"), *arguments("python"), *more]


def environment(server: Postgres, schema: str) -> dict[str, str]:
    """Return the variables that name the tables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    return {
        **kept,
        "DBT_SCHEMA": schema,
        "TARGET_POSTGRES_HOST": server.host,
        "TARGET_POSTGRES_PORT": str(server.port),
        "TARGET_POSTGRES_USER": server.user,
        "TARGET_POSTGRES_PASSWORD": server.password or "unused",
        "TARGET_POSTGRES_DATABASE": server.database,
    }


@contextlib.contextmanager
def running(server: Postgres, schema: str, log: Path) -> Iterator[str]:
    """Run it, and give its address.

    Args:
        server: Where the tables are.
        schema: Their schema.
        log: Takes what it says of errors.
    """
    with (
        log.open("wb") as errors,
        started(
            command("--port=0"),
            cwd=ROOT,
            env=environment(server, schema),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(10)

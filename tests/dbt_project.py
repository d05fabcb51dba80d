"""dbt in an environment of its own, as docs/dbt.md makes it, and builds of the project in dbt/."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import typing as t
from pathlib import Path

from demo import environments

if t.TYPE_CHECKING:
    from demo.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "dbt"
_PAGE = ROOT / "docs" / "dbt.md"
_PROGRAMS = ".dbt/venv/bin/"
_HIDDEN = ("DBT_", "TARGET_POSTGRES_")


def arguments(program: str) -> list[str]:
    """Return what docs/dbt.md gives a program of dbt's environment."""
    (line,) = (
        line for line in _PAGE.read_text().splitlines() if line.startswith(f"{_PROGRAMS}{program} ")
    )
    return shlex.split(line)[1:]


def program() -> Path:
    """Return dbt, installed as docs/dbt.md says."""
    assert arguments("pip") == environments.install("dbt")
    return environments.programs("dbt") / "dbt"


def build(
    server: Postgres, folder: Path, schema: str, **variables: object
) -> dict[str, dict[str, t.Any]]:
    """Build and test the models.

    Args:
        server: Where the tables are and the models go.
        folder: Takes what dbt writes.
        schema: The schema of the models.
        **variables: The project's vars.

    Returns:
        Status, message and failures of each model and test, by its name.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    done = subprocess.run(
        [
            program(),
            *arguments("dbt"),
            f"--target-path={folder / 'target'}",
            f"--log-path={folder / 'logs'}",
            f"--vars={json.dumps(variables)}",
            # What the next dbt takes away is an error already.
            '--warn-error-options={"error": ["Deprecations"]}',
        ],
        cwd=ROOT,
        env={
            **kept,
            "DBT_SCHEMA": schema,
            "TARGET_POSTGRES_HOST": server.host,
            "TARGET_POSTGRES_PORT": str(server.port),
            "TARGET_POSTGRES_USER": server.user,
            "TARGET_POSTGRES_PASSWORD": server.password or "unused",
            "TARGET_POSTGRES_DATABASE": server.database,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"].split(".")[2]: result for result in results}

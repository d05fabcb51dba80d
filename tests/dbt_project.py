"""dbt in an environment of its own, as docs/dbt.md makes it, and builds of the project in dbt/."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import typing as t
import venv
from pathlib import Path

if t.TYPE_CHECKING:
    from demo.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "dbt"
_ENVIRONMENTS = ROOT / ".dbt"
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
    """Return dbt, and make its environment where there is none for this Python and these pins."""
    files = [PROJECT / "requirements.txt", PROJECT / "constraints.txt"]
    text = sys.version + "".join(path.read_text() for path in files)
    folder = _ENVIRONMENTS / hashlib.sha256(text.encode()).hexdigest()[:12]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        python = folder / "bin" / "python"
        install = arguments("pip")
        # uv reads other settings than pip, so a machine may allow only one of them.
        uv = [sys.executable, "-m", "uv", "pip", *install, "--python", str(python)]
        if subprocess.run(uv, cwd=ROOT, capture_output=True, check=False).returncode:
            subprocess.run([python, "-m", "pip", *install], cwd=ROOT, check=True)
        (folder / "complete").touch()
    return folder / "bin" / "dbt"


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

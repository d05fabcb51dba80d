"""Programs that have an environment of their own beside .venv: dbt, and the dashboard."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent


def install(name: str) -> list[str]:
    """Return what pip is told, in the project's folder."""
    return ["install", "-r", f"{name}/requirements.txt", "-c", f"{name}/constraints.txt"]


def programs(name: str) -> Path:
    """Return the folder of the programs, installed where these pins have none for this Python.

    Args:
        name: The folder of the project that has the requirements; the environment goes into the
            one with a dot before its name.

    Raises:
        RuntimeError: They cannot be installed.
    """
    files = [_PROJECT / name / file for file in ("requirements.txt", "constraints.txt")]
    text = sys.version + "".join(path.read_text() for path in files)
    folder = _PROJECT / f".{name}" / hashlib.sha256(text.encode()).hexdigest()[:12]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder)
        python = str(folder / "bin" / "python")
        # uv reads other settings than pip, so a machine may allow only one of them.
        done = _run(sys.executable, "-m", "uv", "pip", *install(name), "--python", python)
        if done.returncode:
            _run(python, "-m", "ensurepip")
            done = _run(python, "-m", "pip", *install(name))
        if done.returncode:
            raise RuntimeError(f"pip could not install {name}/requirements.txt:\n{done.stderr}")
        (folder / "complete").touch()
    return folder / "bin"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, check=False)

"""Virtual environments of the peers, made once and kept in ``.benchmarks/``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.processes import ROOT

FOLDER = ROOT / ".benchmarks"
LAUNCHER = Path(__file__).with_name("launcher.py")
#: Pythons that every peer can run with.
_PYTHONS = ("python3.11", "python3.10")
_FITTING = ((3, 10), (3, 11))


class NoEnvironmentError(RuntimeError):
    """A peer cannot be installed here."""


def python_with(*requirements: str) -> Path:
    """Return the Python of an environment that has these packages, and make it if need be.

    Raises:
        NoEnvironmentError: There is no Python for it, or the packages cannot be installed.
    """
    mark = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    name = requirements[0].partition("==")[0]
    folder = FOLDER / f"{name}-{mark}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _make(folder)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NoEnvironmentError(f"{name} could not be installed:\n{done.stderr[-2000:]}")
    (folder / "complete").touch()
    return python


def _make(folder: Path) -> None:
    if sys.version_info[:2] in _FITTING:
        venv.create(folder, with_pip=True)
        return
    for name in _PYTHONS:
        found = shutil.which(name)
        if found and subprocess.run([found, "-m", "venv", folder], check=False).returncode == 0:
            return
    raise NoEnvironmentError(f"the peers need one of {', '.join(_PYTHONS)}")

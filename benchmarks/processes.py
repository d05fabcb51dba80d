"""Runs programs one at a time and tells what each took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
MEASURED = Path(__file__).with_name("measured.py")
#: Nothing that is measured here takes longer on any machine worth measuring.
TIMEOUT = 1800
_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


class ProgramFailedError(RuntimeError):
    """A program ended with an error; a measurement of it would mean nothing."""


@dataclass(frozen=True)
class Cost:
    """What one run of a program took.

    Attributes:
        began: Start on the monotonic clock, which all processes of the machine share.
        wall: Seconds from start to end.
        cpu: Seconds of processor time, user and system.
        peak: Largest resident memory in bytes.
        stdout: What the program wrote.
        stderr: What it logged.
    """

    began: float
    wall: float
    cpu: float
    peak: int
    stdout: Path
    stderr: Path


def run(
    command: Sequence[str | Path],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    keep_output: bool = True,
) -> Cost:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        folder: Where its output and its measurement are put; it is also the working directory.
        environment: Variables beside the few that are passed on.
        keep_output: Whether standard output goes to a file; otherwise nowhere.

    Raises:
        ProgramFailedError: Its exit status is not 0.
    """
    place = Path(tempfile.mkdtemp(dir=folder))
    result, stderr = place / "cost.json", place / "stderr"
    stdout = place / "stdout" if keep_output else Path(os.devnull)
    passed_on = {name: os.environ[name] for name in _KEPT if name in os.environ}
    subprocess.run(
        [sys.executable, "-I", MEASURED, result, stdout, stderr, *command],
        check=True,
        cwd=folder,
        env={**passed_on, "TZ": "UTC", **(environment or {})},
        timeout=TIMEOUT,
    )
    cost = json.loads(result.read_text(encoding="utf-8"))
    status = cost.pop("status")
    if status != 0:
        end = stderr.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise ProgramFailedError(f"{command[0]} ended with status {status}:\n{end}")
    return Cost(**cost, stdout=stdout, stderr=stderr)

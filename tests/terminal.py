"""A shell as a newcomer has it, to which the commands of a page are given as they stand there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
TARGET_JSONL_PINS = ("jsonschema==", "pytz==", "simplejson==")
_HIDDEN = ("MAKE", "MELTANO_", "MFLAGS", "PG", "PYTHON", "TAP_", "TARGET_", "VIRTUAL_ENV")


def blocks(page: str) -> list[str]:
    """Return the shell blocks of a page, in their order."""
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def copy_checkout(folder: Path) -> None:
    """Copy the project without what was installed, built or written by runs."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "output", "dist", "*.env")
    shutil.copytree(ROOT, folder, ignore=ignored)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Give variables without settings of this shell, and packages of the pinned versions.

    Args:
        folder: Where the pins go.
        **more: Further variables.
    """
    # What constraints.txt pins, save what target-jsonl wants older.
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pin for pin in pins if not pin.startswith(TARGET_JSONL_PINS)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    return {
        **kept,
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "UV_CONSTRAINT": str(constraints),
        **more,
    }


def summary(log: str, plugin: str = "tap-linkedin-ads") -> dict[str, t.Any]:
    """Return the JSON of a run's last line, as Meltano's log shows it."""
    (found,) = re.findall(rf"\] {plugin} +(\{{\"exit_status\".*\}})\s*$", log, re.MULTILINE)
    read: dict[str, t.Any] = json.loads(found)
    return read


@dataclass
class Terminal:
    """A shell in a folder: each block begins where the one before left off, with its exports."""

    folder: Path
    environment: dict[str, str]

    def run(self, block: str) -> str:
        """Run a block, which must succeed in every line; return what it printed."""
        left = self.folder.parent / "left"
        before = f". {left}\n" if left.exists() else ""
        done = subprocess.run(
            ["/bin/sh", "-ec", f"{before}{block}\n{{ export -p; echo \"cd '$PWD'\"; }} > {left}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout[-5000:]}"
        return done.stdout

    @contextlib.contextmanager
    def beside(self, block: str, sign: Path) -> Iterator[None]:
        """Run a block in a second terminal, once a file shows that it is ready; then Ctrl-C."""
        with started(
            ["/bin/sh", "-c", block],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            until = time.monotonic() + 60
            while not (sign.exists() and sign.read_text().endswith("\n")):
                assert process.poll() is None, f"{block} ended with {process.returncode}"
                assert time.monotonic() < until, f"{block} is not ready"
                time.sleep(0.05)
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(30)

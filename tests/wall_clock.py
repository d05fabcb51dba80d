"""Runs a program, and all that it starts, at another time of the machine's clock.

``python -m tests.wall_clock 2030-05-15T09:00:00+00:00 make demo``
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
COMPILER = shutil.which("cc")
MISSING = (
    "shifting the clock takes Linux"
    if sys.platform != "linux"
    else "shifting the clock takes a C compiler (cc)"
    if COMPILER is None
    else ""
)
"""Why the clock cannot be shifted here; empty where it can."""


def build(folder: Path) -> Path:
    """Return the library to preload, built in a folder."""
    assert COMPILER is not None, MISSING
    library = folder / "wall_clock.so"
    options = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *options, "-o", library, SOURCE, "-ldl"], check=True)
    return library


def environment(library: Path, instant: dt.datetime, zone: str = "UTC") -> dict[str, str]:
    """Return the variables of a program that is started now and shall believe in an instant.

    Args:
        library: What to preload.
        instant: The time at the start, from which the clock runs on.
        zone: The host's time zone.
    """
    shift = instant - dt.datetime.now(dt.timezone.utc)
    return {
        "LD_PRELOAD": str(library),
        "TZ": zone,
        "WALL_CLOCK_SHIFT": str(round(shift.total_seconds())),
    }


def main() -> int:
    """Run the command line behind an instant; return its exit status."""
    if MISSING:
        sys.exit(MISSING)
    instant = dt.datetime.fromisoformat(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        shifted = environment(build(Path(folder)), instant)
        return subprocess.run(sys.argv[2:], env=os.environ | shifted, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Runs a command and writes down what it took.

A script of its own with the standard library only, because a process starts with its parent's
peak memory: this one is as small as a Python gets.

    python -I measured.py RESULT STDOUT STDERR COMMAND...
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the command, wait for it and write its cost as JSON."""
    result, stdout, stderr, *command = arguments
    with Path(stdout).open("wb") as out, Path(stderr).open("wb") as err:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
    cost = {
        "began": began,
        "wall": ended - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "status": os.waitstatus_to_exitcode(status),
    }
    Path(result).write_text(json.dumps(cost), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Serves a world in a process of its own: ``python -m benchmarks.served RECIPE``.

The recipe and the switches are JSON; one JSON line on standard output says where it listens.
"""

from __future__ import annotations

import gc
import json
import signal
import sys
import threading

from benchmarks.worlds import Recipe
from sandbox import Sandbox
from sandbox.control import Control


def main(text: str) -> int:
    """Serve until a signal arrives."""
    asked = json.loads(text)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    world = Recipe(**asked["recipe"]).make()
    gc.freeze()  # a large world need not be walked again and again
    sandbox = Sandbox(world, **asked["switches"])
    with sandbox, Control(sandbox) as control:
        line = json.dumps({**sandbox.credentials(), "control_url": control.url})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

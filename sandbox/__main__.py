"""Run a sandbox as a process: ``python -m sandbox --world small --port 0``.

One JSON line on standard output says where it listens, and which API versions it serves on this
day; it serves until SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING

from sandbox.api import versions
from sandbox.control import Control
from sandbox.server import Sandbox
from sandbox.world.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__.split("\n")[0])
    parser.add_argument("--world", choices=sorted(WORLDS), default="small")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--today",
        type=dt.date.fromisoformat,
        default=None,
        help="the day LinkedIn believes to be (YYYY-MM-DD), default: UTC today",
    )
    parser.add_argument("--days", type=int, help="length of the history")
    parser.add_argument("--accounts", type=int, help="ad accounts (world agency)")
    parser.add_argument("--campaigns", type=int, help="campaigns (worlds reference, dense)")
    parser.add_argument("--creatives", type=int, help="creatives (worlds reference, dense)")
    parser.add_argument("--posts", type=int, help="posts (world pages)")
    parser.add_argument("--organizations", type=int, help="company pages (world pages)")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--per-row-ms", type=float, default=0.0)
    parser.add_argument("--data-limit", type=int, default=45_000_000)
    parser.add_argument("--data-window", type=float, default=300.0)
    parser.add_argument(
        "--criteria", choices=("refuse", "active_only", "all"), default="active_only"
    )
    parser.add_argument("--access-token", help="accept this token instead of a generated one")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal arrives."""
    parser = _parser()
    options = parser.parse_args(arguments)
    sizes = {
        name: getattr(options, name)
        for name in ("days", "accounts", "campaigns", "creatives", "posts", "organizations")
        if getattr(options, name) is not None
    }
    try:
        world = WORLDS[options.world](seed=options.seed, today=options.today, **sizes)
    except TypeError as error:
        parser.error(f"world {options.world}: {error}")
    sandbox = Sandbox(
        world,
        port=options.port,
        latency_ms=options.latency_ms,
        per_row_ms=options.per_row_ms,
        data_limit=options.data_limit,
        data_window=options.data_window,
        criteria=options.criteria,
    )
    if options.access_token:
        sandbox.access_token = sandbox.oauth.issue(text=options.access_token)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with sandbox, Control(sandbox, options.control_port) as control:
        started = {
            **sandbox.credentials(),
            "control_url": control.url,
            "api_versions": [str(version) for version in versions.active(world.today)],
        }
        print(json.dumps(started), flush=True)
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

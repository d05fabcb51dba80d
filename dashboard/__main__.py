"""Show the dashboard: `python -m dashboard`, in an environment with dashboard/requirements.txt.

The server is named by the variables that Meltano's loader and dbt read.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import sys

from werkzeug.serving import make_server

from dashboard import app, queries

_PORT = 8050


def main() -> int:
    """Serve until Ctrl-C; give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, help=f"port to listen on; {_PORT}, or any other")
    options = parser.parse_args()
    try:
        made = app.made(queries.marts(os.environ))
    except queries.NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        listening = _listening(options.host, options.port)
    except OSError as error:
        print(f"Cannot listen on {options.host}, --port {options.port}: {error}", file=sys.stderr)
        return 1
    port = listening.getsockname()[1]
    server = make_server(options.host, port, made.server, threaded=True, fd=listening.fileno())
    print(f"Dashboard  http://{options.host}:{port}/", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def _listening(host: str, port: int | None) -> socket.socket:
    """Open the port that was asked for, else the usual one or, where that is taken, any."""
    if port is not None:
        return socket.create_server((host, port))
    try:
        return socket.create_server((host, _PORT))
    except OSError:
        return socket.create_server((host, 0))


if __name__ == "__main__":
    sys.exit(main())

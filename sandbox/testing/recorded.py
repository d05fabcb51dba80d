"""Serves answers that were recorded from LinkedIn: ``python -m sandbox.testing.recorded FOLDER``.

``tap-linkedin-ads check --contract --save FOLDER`` records them, scrubbed. A request gets the
answer to the same request, whatever its days and instants are; everything else gets 404.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.api.listener import Listener, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import Message

_DAY = re.compile(r"year:\d+,month:\d+,day:\d+")
_INSTANT = re.compile(r"\b\d{13}\b")

Key = tuple[str, str, str, str, str]


def read(folder: Path) -> dict[Key, tuple[int, Any]]:
    """Read recorded answers: status and body by what was asked."""
    answers: dict[Key, tuple[int, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        sent = recorded["request"]
        key = _key(
            sent["path"],
            sent["query"],
            sent["restli_method"] or "",
            "usual" if sent["version"] is None else sent["version"],
            sent["token"],
        )
        answers[key] = (recorded["status"], recorded["body"])
    return answers


def _key(path: str, query: str, method: str, version: str, token: str) -> Key:
    timeless = _INSTANT.sub("instant", _DAY.sub("day", query))
    return path, timeless, method, version, token


class _Handler(QuietHandler):
    """Looks up what was recorded."""

    protocol_version = "HTTP/1.1"
    server: Recorded

    def do_GET(self) -> None:  # noqa: N802 - a name of the standard library
        """Answer a request."""
        status, body = self._found(self.headers)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _found(self, headers: Message) -> tuple[int, Any]:
        path, _, query = self.path.partition("?")
        method = headers.get("X-RestLi-Method") or ""
        sent = headers.get("Authorization") or ""
        token = "wrong" if sent == "Bearer wrong" else "usual" if sent else "none"
        for version in (headers.get("LinkedIn-Version") or "", "usual"):
            found = self.server.answers.get(_key(path, query, method, version, token))
            if found is not None:
                return found
        return 404, {"status": 404, "message": "This request was not recorded"}


class Recorded(Listener):
    """A server of recorded answers; a context manager."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Listen, on any free port unless one is named."""
        super().__init__(port, _Handler)
        self.answers = read(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="sandbox.testing.recorded", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    options = parser.parse_args(arguments)
    with Recorded(options.folder, options.port) as server:
        print(json.dumps({"api_url": server.url, "access_token": "any"}), flush=True)  # noqa: T201 - its one line of output
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

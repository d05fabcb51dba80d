"""The control endpoint: log, faults, reset and truth for other processes.

It listens on a loopback port of its own, so that nothing a client of the imitation may call by
mistake can change the imitation.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from sandbox.api.listener import Listener, QuietHandler

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class _Handler(QuietHandler):
    protocol_version = "HTTP/1.0"
    server: Control

    def do_GET(self) -> None:  # noqa: N802 - a name of the standard library
        """Serve ``/log``, ``/config``, ``/truth`` and ``/truth/pages``."""
        url = urlsplit(self.path)
        sandbox = self.server.sandbox
        if url.path == "/log":
            entries = [entry.as_json() for entry in sandbox.log]
            self._answer({"peak": sandbox.log.peak, "entries": entries})
        elif url.path == "/config":
            self._answer(sandbox.credentials())
        elif url.path == "/truth":
            self._guarded(self._truth, parse_qs(url.query))
        elif url.path == "/truth/pages":
            self._guarded(self._page_truth, parse_qs(url.query))
        else:
            self._answer({"error": "unknown path"}, 404)

    def do_POST(self) -> None:  # noqa: N802 - a name of the standard library
        """Serve ``/faults``, ``/faults/clear``, ``/reset``, ``/switches`` and ``/world``."""
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        self._guarded(self._change, json.loads(text) if text else {})

    def _guarded(self, call: Any, argument: Any) -> None:
        try:
            self._answer(call(argument))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._answer({"error": repr(error)}, 400)

    def _change(self, body: dict[str, Any]) -> Any:
        sandbox = self.server.sandbox
        path = self.path
        if path == "/faults":
            fault = sandbox.faults.add(body.pop("kind"), **body)
            return {"kind": fault.kind}
        if path == "/faults/clear":
            sandbox.faults.clear()
        elif path == "/reset":
            sandbox.faults.clear()
            sandbox.reset_log()
        elif path == "/switches":
            for name, value in body.items():
                if not hasattr(sandbox.switches, name):
                    raise AttributeError(name)
                setattr(sandbox.switches, name, value)
        elif path == "/world":
            return _change_world(sandbox, body)
        else:
            raise KeyError(path)
        return {}

    def _truth(self, query: dict[str, list[str]]) -> Any:
        world = self.server.sandbox.world
        one = {name: values[-1] for name, values in query.items()}
        accounts = [int(text) for text in one["accounts"].split(",")] if "accounts" in one else None
        rows = world.truth(
            one.get("pivots", "CREATIVE").split(","),
            dt.date.fromisoformat(one["start"]),
            dt.date.fromisoformat(one["end"]) if "end" in one else world.today,
            one["metrics"].split(","),
            accounts,
            one.get("granularity", "DAILY"),
        )
        return {"rows": [[str(a), str(b), list(values), figures] for a, b, values, figures in rows]}

    def _page_truth(self, query: dict[str, list[str]]) -> Any:
        """Return pages, posts with statistics, and the joined buckets of a range."""
        truth = self.server.sandbox.world.pages.truth
        first, last = (dt.date.fromisoformat(query[name][-1]) for name in ("start", "end"))
        period = query.get("period", ["DAY"])[-1]
        pages = truth.pages()
        posts = [row for page in pages for row in truth.posts(page["id"])]
        return {
            "pages": pages,
            "posts": posts,
            "statistics": {row["id"]: truth.post_statistics(row["id"]) for row in posts},
            "buckets": [
                {**row, "date": str(row["date"])}
                for page in pages
                for row in truth.buckets(page["id"], first, last, period)
            ],
        }

    def _answer(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _change_world(sandbox: Sandbox, body: dict[str, Any]) -> Any:
    """Change the world: ``{"change": "revoke_access", "account": 1}`` and the like."""
    world = sandbox.world
    change = body["change"]
    if change == "today":
        world.today = dt.date.fromisoformat(body["day"])
    elif change == "next_day":
        return {"today": str(world.next_day())}
    elif change == "post":
        return world.pages.change_post(body["urn"], **body["fields"])
    elif change == "media":
        world.pages.change_media(body["urn"], **body["fields"])
    elif change == "revoke_access":
        world.revoke_access(body["account"])
    elif change == "grant_access":
        world.grant_access(body["account"], body.get("role", "ACCOUNT_MANAGER"))
    elif change == "entity":
        return world.change(body["resource"], body["key"], **body["fields"])
    elif change == "restate":
        world.restate(body["creative"], dt.date.fromisoformat(body["day"]), body["figures"])
    elif change == "restate_day":
        world.restate_day(dt.date.fromisoformat(body["day"]))
    else:
        raise KeyError(change)
    return {}


class Control(Listener):
    """The control endpoint of one sandbox; a context manager."""

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        """Listen on loopback."""
        super().__init__(port, _Handler)
        self.sandbox = sandbox

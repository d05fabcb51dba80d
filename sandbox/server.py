"""The HTTP server: keep-alive, one thread per connection, one write per answer."""

# typing.override is newer than Python 3.10, and this package has no dependencies; hence the
# ignored explicit-override.

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import contextlib
import http
import secrets
import socket
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from sandbox.api.listener import Listener, QuietHandler
from sandbox.api.request import Answer, Incoming, Switches
from sandbox.gateway import Gateway

if TYPE_CHECKING:
    from typing_extensions import Self

    from sandbox.api.log import Entry, Log
    from sandbox.api.oauth import OAuth
    from sandbox.testing.faults import Faults
    from sandbox.world.world import World


class Server(Listener):
    """A server that stays quiet when clients go away."""

    gateway: Gateway

    def __init__(self, port: int, gateway: Gateway) -> None:
        """Listen, with no connections yet."""
        super().__init__(port, Handler)
        self.gateway = gateway
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:  # type: ignore[explicit-override]
        """Remember the connection, so that stopping can end it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # type: ignore[explicit-override]
        """Forget the connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:  # type: ignore[explicit-override]
        """Stop serving, and end the connections that clients keep alive."""
        super().stop()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # type: ignore[explicit-override]
        """Ignore connections that the other side broke; report the rest."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(QuietHandler):
    """Reads a request, asks the gateway, writes the answer at once."""

    protocol_version = "HTTP/1.1"
    server: Server

    def __getattr__(self, name: str) -> Any:
        """Answer every HTTP method; the gateway decides which it refuses."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        gateway = self.server.gateway
        headers = {name.lower(): value for name, value in self.headers.items()}
        head = len(self.raw_requestline) + sum(
            len(name) + len(value) + 4 for name, value in self.headers.items()
        )
        # Without a length the end of a body is unknown, and so is the next request.
        length = headers.get("content-length", "0")
        body = self.rfile.read(int(length)) if length.isdigit() else b""
        if self.command != "GET" and "content-length" not in headers:
            self.close_connection = True
        entry = gateway.log.start(self.command, self.path.partition("?")[0])
        try:
            answer = gateway.handle(Incoming(entry, self.path, headers, body, head))
            self._wait(entry, answer)
            self._send(entry, answer)
        finally:
            gateway.log.finish(entry)

    def _wait(self, entry: Entry, answer: Answer) -> None:
        switches = self.server.gateway.switches
        pause = (switches.latency_ms + switches.per_row_ms * entry.rows) / 1000
        pause += answer.seconds
        # Time already spent counts as latency, so that a slow machine is not slower still.
        left = pause - (time.monotonic() - entry.started)
        if left > 0:
            self.server.stopping.wait(left)

    def _send(self, entry: Entry, answer: Answer) -> None:
        log = self.server.gateway.log
        if answer.ending in ("reset", "hang"):
            log.finish(entry)
            self._drop(reset=answer.ending == "reset")
            return
        entry.status = answer.status
        entry.sent_bytes = len(answer.body)
        headers = {
            "Date": self.date_time_string(int(self.server.gateway.world.clock.now())),
            "Content-Type": answer.content_type,
            "X-RestLi-Protocol-Version": self.headers.get("X-Restli-Protocol-Version", "1.0.0"),
            "X-LI-UUID": secrets.token_urlsafe(16),
            "x-li-request-id": str(entry.number),
            "X-LI-ResponseOrigin": "RGW",
            **answer.headers,
            "Content-Length": str(len(answer.body)),
        }
        if self.close_connection:
            headers["Connection"] = "close"
        phrase = http.HTTPStatus(answer.status).phrase if answer.status in _PHRASES else ""
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        log.finish(entry)
        if answer.ending == "inside":
            self.wfile.write(head + answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self._drop(reset=True)
            return
        self.wfile.write(head + answer.body)

    def _drop(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            # Linger 0 turns the close into a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.close()


_PHRASES = frozenset(status.value for status in http.HTTPStatus)


class Sandbox:
    """A running imitation of LinkedIn's Marketing API on loopback.

    Use it as a context manager::

        with Sandbox(worlds.small()) as sandbox:
            requests.get(sandbox.url + "/rest/adAccounts?q=search", headers=...)

    Attributes:
        world: The data.
        switches: Readings of open rules, and limits; may be changed at any time.
        client_id: Id of the registered application.
        client_secret: Its secret.
        access_token: A token with all scopes.
        refresh_token: A refresh token with all scopes.
    """

    def __init__(self, world: World, *, port: int = 0, **switches: Any) -> None:
        """Prepare a sandbox; it listens at once and serves after ``start``.

        Args:
            world: The data.
            port: Port on loopback, 0 for any free one.
            **switches: Fields of ``Switches``.
        """
        self.world = world
        self.switches = Switches(**switches)
        self._gateway = Gateway(world, self.switches)
        self._server = Server(port, self._gateway)
        self.client_id = self.oauth.client_id
        self.client_secret = self.oauth.client_secret
        self.access_token = self.oauth.issue()
        self.refresh_token = self.oauth.refresh_token

    @property
    def url(self) -> str:
        """Scheme, host and port; paths start with ``/rest/``."""
        return self._server.url

    @property
    def oauth_url(self) -> str:
        """Where authorization, accessToken and introspectToken live."""
        return f"{self.url}/oauth/v2"

    @property
    def oauth(self) -> OAuth:
        """The tokens."""
        return self._gateway.oauth

    @property
    def faults(self) -> Faults:
        """The faults to play."""
        return self._gateway.faults

    @property
    def log(self) -> Log:
        """All requests so far."""
        return self._gateway.log

    @property
    def refusals(self) -> list[Entry]:
        """The requests that broke a rule."""
        return [entry for entry in self.log if entry.rule is not None]

    def reset_log(self) -> None:
        """Forget all log entries and the metric values spent so far."""
        self.log.reset()
        self._gateway.memory.spent.clear()

    def config(self) -> dict[str, str]:
        """Return what a client needs to know."""
        return {
            "api_url": self.url,
            "oauth_url": self.oauth_url,
            "access_token": self.access_token,
        }

    def credentials(self) -> dict[str, str]:
        """Return the configuration together with everything OAuth needs."""
        return {
            **self.config(),
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }

    def start(self) -> Self:
        """Start serving."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving and wake up hanging answers."""
        self._server.stop()

    def __enter__(self) -> Self:
        """Start serving."""
        return self.start()

    def __exit__(self, *exc: object) -> None:
        """Stop serving."""
        self.stop()

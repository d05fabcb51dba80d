"""A server on loopback, in a thread of its own, that stops at once."""

# typing.override is newer than Python 3.10, and this package has no dependencies; hence the
# ignored explicit-override.

# ruff: noqa: ANN401 - the standard library names no types either

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

HOST = "127.0.0.1"


class QuietHandler(BaseHTTPRequestHandler):
    """Writes no log, and holds back no part of an answer until the client has confirmed another."""

    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # type: ignore[explicit-override]  # noqa: A002 - inherited name
        """Keep standard error clean."""


class Listener(ThreadingHTTPServer):
    """A server with a thread for each connection; a context manager.

    Attributes:
        stopping: Set as soon as it is told to stop.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, handler: type[QuietHandler]) -> None:
        """Listen at once, on any free port for 0; it serves after ``start``."""
        super().__init__((HOST, port), handler)
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.server_port}"

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self.stopping.set()
        if self._thread.is_alive():
            # A last connection wakes the thread, which need not look up every now and then.
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.server_port)):
                pass
            self._thread.join()
        self.server_close()

    def _serve(self) -> None:
        while not self.stopping.is_set():
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:  # type: ignore[explicit-override]
        """Take a connection, unless it comes after the end."""
        if self.stopping.is_set():
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def __enter__(self) -> Self:  # type: ignore[explicit-override]
        """Start serving."""
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:  # type: ignore[explicit-override]
        """Stop serving."""
        self.stop()

"""A server that answers as a test says, for what the sandbox would never send."""

from __future__ import annotations

import json
import typing as t

from sandbox.api.listener import Listener, QuietHandler

if t.TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

Answer = tuple[int, bytes, dict[str, str]]


class Scripted:
    """Serves on loopback; a context manager.

    Attributes:
        seen: Path and headers of each request, in order.
        url: Scheme, host and port.
    """

    def __init__(self, answer: Callable[[str], Answer], tls: ssl.SSLContext | None = None) -> None:
        """Answer each request by its path and query."""
        self.seen: list[tuple[str, dict[str, str]]] = []
        seen = self.seen

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                query = self.rfile.read(length).decode() if length else ""
                path = f"{self.path}?{query}" if query else self.path
                seen.append((path, dict(self.headers.items())))
                status, body, headers = answer(path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve  # noqa: N815  names of the standard library

        class Server(Listener):
            def handle_error(self, *_: object) -> None:
                """Keep standard error clean."""

        self._server = Server(0, Handler)
        self.url = self._server.url
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")

    def __enter__(self) -> Self:
        """Start serving."""
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._server.stop()


def page(elements: list[t.Any], **more: t.Any) -> Answer:  # noqa: ANN401
    """Return a page of rows."""
    return 200, json.dumps({"elements": elements, **more}).encode(), {}

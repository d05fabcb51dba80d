"""A web server for one consent: on 127.0.0.1 only, and gone as soon as it is over.

The browser is sent to ``/start/<nonce>``, which leads to LinkedIn's page once: neither the state
nor a secret stands on a command line that other users of the machine could read. LinkedIn sends
it back to ``/callback``; the answer redirects at once to ``/done``, so that no page with a code in
its address is left open.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import typing as t
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from tap_linkedin_ads.cli.login import pages
from tap_linkedin_ads.cli.login.consent import LoginError

if t.TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from tap_linkedin_ads.cli.login.consent import Consent, Grant

HOST = "127.0.0.1"
CALLBACK = "/callback"
_DONE = "/done"
_LAST_PAGE_SECONDS = 5.0
"""How long the last page is offered to a browser that does not ask for it."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class _Handler(BaseHTTPRequestHandler):
    """Answers a browser."""

    server: _Server
    timeout = 10
    server_version = "tap-linkedin-ads"
    sys_version = ""

    @override
    def log_message(self, format: str, *args: t.Any) -> None:
        """Log nothing: the request line holds a code."""

    def do_GET(self) -> None:
        """Answer the three addresses that there are."""
        server, url = self.server, urlsplit(self.path)
        if self.headers.get("Host") not in server.names:
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, "")
        elif url.path == server.start_path and not self._is_ahead():
            self._start()
        elif url.path == CALLBACK:
            self._called_back(parse_qs(url.query, keep_blank_values=True))
        elif url.path == _DONE and server.last_page:
            self._answer(HTTPStatus.OK, server.last_page)
            server.shown.set()
        else:
            self._answer(HTTPStatus.NOT_FOUND, pages.refused("There is nothing here"))

    def _is_ahead(self) -> bool:
        """Whether a browser only fetches what the user may open next."""
        purpose = self.headers.get("Sec-Purpose", self.headers.get("Purpose", ""))
        return "prefetch" in purpose

    def _start(self) -> None:
        if self.server.start():
            self._redirect(self.server.consent.url)
        else:
            said = "This link has been opened before: stop the login in the terminal, start anew"
            self._answer(HTTPStatus.GONE, pages.refused(said))

    def _called_back(self, query: dict[str, list[str]]) -> None:
        server = self.server
        if not server.consent.is_answer(query):
            said = "This answer does not belong to the login that is waiting in the terminal"
            self._answer(HTTPStatus.BAD_REQUEST, pages.refused(said))
            return
        if not server.take():
            said = "This login is over: an answer counts once"
            self._answer(HTTPStatus.GONE, pages.refused(said))
            return
        try:
            server.grant = server.consent.redeem(query)
            server.last_page = pages.granted(server.grant.scopes)
        except LoginError as error:
            server.error = error
            server.last_page = pages.refused(str(error))
        except Exception as error:  # noqa: BLE001  raised again where the command waits
            server.error = error
            server.last_page = pages.refused("The tap failed; see the terminal")
        server.answered.set()
        self._redirect(_DONE)

    def _redirect(self, location: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", location)
        self._finish(b"")

    def _answer(self, status: HTTPStatus, page: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self._finish(page.encode())

    def _finish(self, body: bytes) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    """Listens, and holds what came of the consent."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, consent: Consent, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.consent = consent
        self.names = frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost"))
        self.start_path = f"/start/{secrets.token_urlsafe(24)}"
        self.grant: Grant | None = None
        self.error: Exception | None = None
        self.last_page = ""
        self.answered, self.shown = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._started = self._taken = False

    def start(self) -> bool:
        """Whether the start link is opened for the first time."""
        with self._lock:
            first, self._started = not self._started, True
            return first

    def take(self) -> bool:
        """Whether this is the first answer."""
        with self._lock:
            first, self._taken = not self._taken, True
            return first

    @override
    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Stay quiet when a browser goes away."""


class ConsentServer:
    """Serves one consent; a context manager."""

    def __init__(self, consent: Consent, port: int) -> None:
        """Listen.

        Args:
            consent: What to serve.
            port: The port on 127.0.0.1.

        Raises:
            LoginError: The port is taken.
        """
        try:
            self._server = _Server(consent, port)
        except OSError as error:
            raise LoginError(
                f"port {port} on {HOST} cannot be used ({error.strerror}); choose another one "
                "with --port, and register the redirect URL with it"
            ) from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def start_url(self) -> str:
        """Return the link to open in the browser; it works once."""
        return f"http://{HOST}:{self._server.server_port}{self._server.start_path}"

    def wait(self, seconds: float) -> Grant:
        """Wait for the member.

        Raises:
            LoginError: The member or LinkedIn refused, or nobody came back in time.
        """
        if not self._server.answered.wait(seconds):
            raise LoginError(
                f"nobody came back from LinkedIn within {seconds:.0f} seconds; where LinkedIn's "
                "page says that the redirect_uri does not match, register the redirect URL shown "
                "above for the app, to the letter"
            )
        self._server.shown.wait(_LAST_PAGE_SECONDS)
        if self._server.error is not None:
            raise self._server.error
        if self._server.grant is None:  # pragma: no cover  one of the two is set
            raise LoginError("nothing came of the login")
        return self._server.grant

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        with contextlib.suppress(OSError):
            self._server.server_close()
        self._thread.join()

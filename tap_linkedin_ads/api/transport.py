"""Sends single requests to LinkedIn: the one place that talks HTTP.

It adds nothing of its own: redirects are not followed, and ``~/.netrc`` is not read, for a password
that somebody keeps for that host is none of LinkedIn's business. Proxies are those of the
environment, and so are the certificates to trust.

LinkedIn's rules: LI-2, LI-5.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from tap_linkedin_ads.api.errors import Failure, Remedy
from tap_linkedin_ads.api.reply import LARGEST_ANSWER, Reply
from tap_linkedin_ads.api.room import Body

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api.clock import Clock
    from tap_linkedin_ads.api.room import Room

LONGEST_QUERY = 4_000
"""Bytes of query above which a request is tunnelled (LinkedIn answers 414 above about 4 KB)."""
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables by which requests finds the certificates to trust; it needs the file to be there."""
_DISTRUST = (
    "the certificate of the other end is not trusted; behind a proxy with certificates of its own, "
    "name them with REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
)
_ARRIVING = 1024 * 1024
"""Bytes that all connections together read at once: each read wakes a thread, which holds up the
others for a moment."""
_SMALLEST_CHUNK = 64 * 1024
_LONGEST_BODY = 10
"""Times ``request_timeout``, which ends a pause: what trickles on and on is given up."""


class Transport:
    """Connections to LinkedIn's API. Safe to use from several threads."""

    def __init__(  # noqa: PLR0913  named arguments
        self,
        *,
        api_url: str,
        user_agent: str,
        timeout: float,
        connections: int,
        clock: Clock,
        room: Room,
    ) -> None:
        self._base = f"{api_url}/rest"
        self._timeout = (min(timeout, 30.0), timeout)
        self._clock = clock
        self._room = room
        self._chunk = max(_SMALLEST_CHUNK, _ARRIVING // connections)
        self._session = requests.Session()
        self._session.auth = _with_nothing_added
        # Looked up once, for all requests go to one host: requests itself goes through the whole
        # environment for each of them.
        found = self._session.merge_environment_settings(self._base, {}, None, _trusted(), None)
        self._session.proxies, self._session.verify = found["proxies"], found["verify"]
        self._session.trust_env = False
        self._session.headers.update(
            {
                "X-Restli-Protocol-Version": "2.0.0",
                "Accept": "application/json",
                "User-Agent": user_agent,
            }
        )
        adapter = HTTPAdapter(pool_maxsize=connections, pool_block=True)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def send(
        self, path: str, query: str, *, token: str, version: str, restli_method: str | None
    ) -> Reply:
        """Read once; a long query travels in the body of a POST.

        Args:
            path: Below ``/rest``.
            query: The query string, encoded.
            token: The access token; an empty one sends none.
            version: ``LinkedIn-Version``; an empty one sends none.
            restli_method: ``X-RestLi-Method``, where it is to be sent.

        Raises:
            requests.RequestException: There was no complete answer.
        """
        headers = {
            "LinkedIn-Version": version,
            "X-RestLi-Method": restli_method or "",
            "Authorization": f"Bearer {token}" if token else "",
        }
        url, method, body = self._base + path, "GET", None
        if len(query) > LONGEST_QUERY:
            method, body = "POST", query
            headers["X-HTTP-Method-Override"] = "GET"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif query:
            url = f"{url}?{query}"
        with self._session.request(
            method,
            url,
            data=body,
            headers={name: value for name, value in headers.items() if value},
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            return Reply(response.status_code, response.headers, self._body(response))

    def _body(self, response: requests.Response) -> Body | None:
        latest = self._clock.monotonic() + _LONGEST_BODY * self._timeout[1]
        body = Body(self._room)
        for chunk in response.iter_content(self._chunk):
            body.add(chunk)
            if body.size > LARGEST_ANSWER:
                return None
            if self._clock.monotonic() > latest:
                raise requests.Timeout
        return body


def post(url: str, form: Mapping[str, str], timeout: float) -> requests.Response:
    """Post a form to one of LinkedIn's OAuth endpoints.

    Args:
        url: The endpoint.
        form: What to send; it may hold secrets.
        timeout: Seconds to wait for an answer.

    Raises:
        requests.RequestException: There was no complete answer.
    """
    return requests.post(
        url,
        data=form,
        timeout=timeout,
        allow_redirects=False,
        auth=_with_nothing_added,
        verify=_trusted(),
    )


def failure_of(error: requests.RequestException) -> Failure:
    """Say what it means that there was no complete answer.

    It may pass, but not where the other end has a certificate that nobody here vouches for.
    """
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error):
        return Failure(Remedy.STOP, 0, _DISTRUST)
    return Failure(Remedy.BACK_OFF, 0, f"no complete answer ({type(error).__name__})")


def _trusted() -> bool | str:
    """Return the certificates to trust, True for those that requests takes by itself.

    It looks for REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, but not for the variable that OpenSSL, and
    with it the rest of Python, goes by.
    """
    if any(os.environ.get(name) for name in CERTIFICATES):
        return True
    file = os.environ.get("SSL_CERT_FILE", "")
    return file if file and Path(file).is_file() else True


def _with_nothing_added(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request as it is: with this, requests looks for no password of its own."""
    return request

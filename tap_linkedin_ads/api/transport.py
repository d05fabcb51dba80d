"""Sends single requests to LinkedIn: the one place that talks HTTP.

It adds nothing of its own: redirects are not followed, and ``~/.netrc`` is not read, for a password
that somebody keeps for that host is none of LinkedIn's business.

LinkedIn's rules: LI-2, LI-5.
"""

from __future__ import annotations

import typing as t

import requests
from requests.adapters import HTTPAdapter

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api.clock import Clock

LONGEST_QUERY = 4_000
"""Bytes of query above which a request is tunnelled (LinkedIn answers 414 above about 4 KB)."""
LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of a body above which it is not read on: 15,000 rows take less than a tenth."""
_CHUNK = 64 * 1024
_LONGEST_BODY = 10
"""Times ``request_timeout``, which ends a pause: what trickles on and on is given up."""


class Reply(t.NamedTuple):
    """What came back.

    Attributes:
        status: HTTP status.
        headers: Its headers, found in any case of letters.
        content: The body, None where it is larger than any answer.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes | None


class Transport:
    """Connections to LinkedIn's API. Safe to use from several threads."""

    def __init__(
        self, *, api_url: str, user_agent: str, timeout: float, connections: int, clock: Clock
    ) -> None:
        self._base = f"{api_url}/rest"
        self._timeout = (min(timeout, 30.0), timeout)
        self._clock = clock
        self._session = requests.Session()
        self._session.auth = _with_nothing_added
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
            return Reply(response.status_code, response.headers, self._content(response))

    def _content(self, response: requests.Response) -> bytes | None:
        latest = self._clock.monotonic() + _LONGEST_BODY * self._timeout[1]
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                return None
            if self._clock.monotonic() > latest:
                raise requests.Timeout
        return b"".join(chunks)


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
        url, data=form, timeout=timeout, allow_redirects=False, auth=_with_nothing_added
    )


def _with_nothing_added(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request as it is: with this, requests looks for no password of its own."""
    return request

"""Access tokens: where they come from, and when a new one is fetched.

LinkedIn's refresh answers with a new access token (60 days) and the same refresh token. Both
live in memory only; the config file is never written. Source: LinkedIn, "Programmatic refresh
tokens".

LinkedIn's rules: LI-15, LI-23.
"""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field

import requests

from tap_linkedin_ads.api import transport
from tap_linkedin_ads.api.errors import (
    HTTP_OK,
    Failure,
    Remedy,
    RequestFailedError,
    enveloped_status,
)

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.clock import Clock

_BAD_REQUEST = 400
_LONGEST_LIFE = 10 * 365 * 86_400
_FRESH_SECONDS = 60.0
"""How long a token counts as new: LinkedIn answered 'revoked' for seconds after minting one."""


@dataclass(frozen=True, slots=True)
class RefreshCredentials:
    """What buys an access token."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One access token; ``generation`` counts the tokens of this run from 0."""

    value: str = field(repr=False)
    generation: int
    fetched_at: float | None = None

    def is_fresh(self, now: float) -> bool:
        """Whether this token was fetched less than a minute before ``now`` (monotonic)."""
        return self.fetched_at is not None and now - self.fetched_at < _FRESH_SECONDS


class Tokens:
    """Hands out the current access token, and fetches one at most once per need.

    Threads that find the same token expired share one refresh.
    """

    def __init__(
        self,
        *,
        access_token: str | None,
        credentials: RefreshCredentials | None,
        oauth_url: str,
        timeout: float,
        clock: Clock,
    ) -> None:
        """Keep what is configured; nothing is sent before the first token is needed."""
        self._credentials = credentials
        self._url = f"{oauth_url}/accessToken"
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._current = AccessToken(access_token, 0) if access_token else None
        self.refresh_token_expires_in: float | None = None
        """Seconds that the refresh token had left when LinkedIn last told."""

    @property
    def can_refresh(self) -> bool:
        return self._credentials is not None

    def current(self) -> AccessToken:
        """Return the access token, fetching the first one where only credentials are set."""
        with self._lock:
            if self._current is None:
                self._current = self._fetch(0)
            return self._current

    def refresh(self, stale: AccessToken) -> AccessToken:
        """Return a token newer than ``stale``; fetch it unless another thread just did.

        Raises:
            RequestFailedError: LinkedIn refuses the refresh token, or did not answer.
        """
        with self._lock:
            if self._current is None or self._current.generation == stale.generation:
                self._current = self._fetch(stale.generation + 1)
            return self._current

    def _fetch(self, generation: int, *, tries: int = 5) -> AccessToken:
        if self._credentials is None:  # pragma: no cover  callers ask can_refresh first
            message = "no refresh credentials are set"
            raise ValueError(message)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._credentials.refresh_token,
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        for attempt in range(tries):
            failure = Failure(Remedy.STOP, 0, "the token endpoint did not answer")
            try:
                response = transport.post(self._url, form, self._timeout)
            except requests.RequestException as error:
                failure = transport.failure_of(error)
                if failure.remedy is Remedy.STOP:
                    break
                failure = Failure(Remedy.STOP, 0, f"{type(error).__name__} at the token endpoint")
            else:
                if response.status_code == HTTP_OK and (value := _access_token(response)):
                    self.refresh_token_expires_in = _remaining_life(response)
                    return AccessToken(value, generation, self._clock.monotonic())
                failure = _refusal(response)
                if failure.status < 500 and failure.status not in {HTTP_OK, 429}:  # noqa: PLR2004
                    break
            if attempt + 1 < tries:
                self._clock.sleep(2.0**attempt)
        raise RequestFailedError(failure, "OAuth")


def _access_token(response: requests.Response) -> str | None:
    try:
        value = response.json().get("access_token")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None


def _remaining_life(response: requests.Response) -> float | None:
    """Return how long the refresh token lives on: a refresh never extends it."""
    seconds = response.json().get("refresh_token_expires_in")
    is_known = isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST_LIFE
    return float(seconds) if is_known else None


def _refusal(response: requests.Response) -> Failure:
    """Turn what the token endpoint sent instead of a token into words.

    It is ``{"error", "error_description"}``, or one of the envelopes of the API; either may come
    with status 200, and then counts by what it says.
    """
    try:
        body = response.json()
        said = f"{body.get('error', '')}: {body.get('error_description', '')}".strip(": ")
        said = said or str(body.get("message") or "")
        is_error = bool(body.get("error"))
    except (ValueError, AttributeError):
        said, is_error = "", False
    status = response.status_code
    if status == HTTP_OK:
        status = _BAD_REQUEST if is_error else enveloped_status(response.content)
    message = (
        f"a new access token was refused (HTTP {status}"
        f"{', ' + said if said else ''}); check client_id, client_secret and refresh_token, "
        "and have the member consent again if the refresh token has expired or was revoked"
    )
    return Failure(Remedy.STOP, status, message)

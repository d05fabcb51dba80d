"""What an answer that is no success means, and what to do next.

``classify`` is the whole table. Sources: LinkedIn's "Error handling", "Rate limiting",
"Versioning" and "Ads reporting" pages, and bodies that public clients recorded.

LinkedIn's rules: LI-13, LI-14, LI-15, LI-16, LI-17, LI-18, LI-20, LI-21, LI-22.
"""

from __future__ import annotations

import email.utils
import enum
import json
import math
import re
import typing as t
from dataclasses import dataclass, replace

HTTP_OK = 200
NOT_FOUND = 404
LONGEST_RETRY_AFTER = 3600.0
"""Seconds; where LinkedIn asks to wait longer, it is for the next run to try again."""
SEGMENT_LIMIT = "SEGMENT_LIMIT_EXCEEDED"
_UNAUTHORIZED, _FORBIDDEN, _VERSION_GONE, _THROTTLED = 401, 403, 426, 429
_VERSION_MISSING = "VERSION_MISSING"
_SERVER_ERROR = 500
_REFUSAL = re.compile("[45][0-9]{2}")
"""An HTTP status as text."""
_ANSWER_MEMBERS = ("elements", "results", "id")
_ENVELOPE_MEMBERS = ("message", "serviceErrorCode", "code", "errorDetails")
_RETRIABLE = frozenset({408, 500, 502, 503, 504})
_NO_SCOPE = ("Not enough permissions", "ACCESS_DENIED: Not enough permissions")
_NO_ROLE = ("Viewer don't have permission", "Accessing ")
"""How 403s begin that are about one page or medium, with the service code of a missing scope."""
_EXPIRED_TOKEN, _REVOKED_TOKEN, _MISSING_SCOPE = 65602, 65601, 100


class Remedy(enum.Enum):
    """What to do after a failed request."""

    BACK_OFF = "try again a little later"
    WAIT_FOR_WINDOW = "wait until the five-minute window of metric values has passed"
    STOP_RESOURCE = "stop asking this resource until midnight UTC"
    OUTAGE = "stop asking this resource in this run: LinkedIn does not answer it"
    REFRESH_TOKEN = "get a new access token and try again"  # noqa: S105
    WAIT_FOR_TOKEN = "wait until a new access token works everywhere"  # noqa: S105
    SET_ASIDE = "leave this account or page out and say so"
    STOP = "nothing in this run can work"
    FIX_REQUEST = "the request itself is refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed request.

    Attributes:
        remedy: What to do next.
        status: HTTP status, or 0 where no answer came.
        message: What LinkedIn said, in one line.
        code: LinkedIn's constant (``ACCESS_DENIED``), where it sent one.
        scope_missing: The token lacks a scope (not merely a role on one entity).
        retry_after: Seconds LinkedIn asked to wait, where it did.
        fields: Parameters or fields that LinkedIn names in the refusal.
    """

    remedy: Remedy
    status: int
    message: str
    code: str = ""
    scope_missing: bool = False
    retry_after: float | None = None
    fields: tuple[str, ...] = ()

    @property
    def is_silence(self) -> bool:
        """Whether nothing came back that says what is wrong: 5xx, a broken body, no answer."""
        return self.remedy is Remedy.BACK_OFF and self.status != _THROTTLED

    @property
    def is_version_gone(self) -> bool:
        """Whether LinkedIn does not serve the API version that the request named."""
        return self.status == _VERSION_GONE or self.code == _VERSION_MISSING

    def may_pass(self, tried: int, *, token_is_fresh: bool) -> bool:
        """Whether a request is worth another try.

        Args:
            tried: How often it was sent.
            token_is_fresh: The access token was fetched a short while ago.
        """
        if self.remedy is Remedy.WAIT_FOR_TOKEN:
            # A new token may need seconds until it works everywhere; an old one was revoked.
            return token_is_fresh or tried == 1
        if (self.retry_after or 0) > LONGEST_RETRY_AFTER:
            return False
        return self.remedy in {Remedy.BACK_OFF, Remedy.WAIT_FOR_WINDOW}

    def lasting(self) -> Failure:
        """Return what it means on the last try: a throttle that stays is a used-up quota."""
        waited = self.remedy in {Remedy.BACK_OFF, Remedy.WAIT_FOR_WINDOW}
        if self.status == _THROTTLED and waited:
            return replace(self, remedy=Remedy.STOP_RESOURCE)
        return self


class TapError(Exception):
    """Something that the user can act on; shown without a traceback."""


class RequestFailedError(TapError):
    """A request failed for good."""

    def __init__(self, failure: Failure, resource: str) -> None:
        super().__init__(f"{resource}: {failure.message}")
        self.failure = failure
        self.resource = resource


def _body(content: bytes) -> dict[str, t.Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _inside(value: t.Any, *names: str) -> t.Any:  # noqa: ANN401
    """Follow names into nested objects; None where one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _input_errors(body: dict[str, t.Any]) -> list[tuple[str, str]]:
    """Return the input errors of LinkedIn's newer envelope: the field, and what was said of it."""
    errors = _inside(body, "errorDetails", "inputErrors")
    found = []
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            path = _inside(error, "input", "inputPath", "fieldPath") or ""
            said = error.get("description") or error.get("code") or ""
            found.append((str(path), str(said)))
    return found


def _details(errors: list[tuple[str, str]]) -> str:
    texts = [f"{path}: {said}" if path else said for path, said in errors]
    return "; ".join(filter(None, texts))


def _retry_after(value: str | None, sent_at: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or the instant to wait for."""
    try:
        seconds = float(value or "nan")
    except ValueError:
        seconds = _seconds_until(value, sent_at)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds_until(instant: str | None, sent_at: str | None) -> float:
    """Return the seconds from the answer's own ``Date`` to an instant, NaN where unknown."""
    try:
        end, begin = map(email.utils.parsedate_to_datetime, (instant or "", sent_at or ""))
        return (end - begin).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.nan


def _throttle(message: str, retry_after: float | None) -> Remedy:
    if (retry_after or 0) > LONGEST_RETRY_AFTER:
        return Remedy.STOP_RESOURCE
    words = message.upper()
    if "45 MILLION METRIC VALUES" in words or "DATA REQUEST LIMIT" in words:
        return Remedy.WAIT_FOR_WINDOW
    return Remedy.STOP_RESOURCE if "DAY" in words.split() else Remedy.BACK_OFF


def _unauthorized(service_code: object, code: str) -> Remedy:
    if service_code == _EXPIRED_TOKEN or code == "EXPIRED_ACCESS_TOKEN":
        return Remedy.REFRESH_TOKEN
    if service_code == _REVOKED_TOKEN or code == "REVOKED_ACCESS_TOKEN":
        return Remedy.WAIT_FOR_TOKEN
    return Remedy.STOP


def _remedy(status: int, body: dict[str, t.Any], message: str, retry_after: float | None) -> Remedy:
    code = str(body.get("code", ""))
    if status in _RETRIABLE or status < HTTP_OK:
        return Remedy.BACK_OFF
    if status == _THROTTLED:
        # The cap on matched-audience segments is no rate limit: waiting does not help.
        return Remedy.SET_ASIDE if code == SEGMENT_LIMIT else _throttle(message, retry_after)
    if status == _UNAUTHORIZED:
        return _unauthorized(body.get("serviceErrorCode"), code)
    if status in {_FORBIDDEN, NOT_FOUND}:
        return Remedy.SET_ASIDE
    if status == _VERSION_GONE or code == _VERSION_MISSING:
        return Remedy.STOP
    return Remedy.FIX_REQUEST if status < _SERVER_ERROR else Remedy.BACK_OFF


def classify(
    status: int, content: bytes, *, retry_after: str | None = None, sent_at: str | None = None
) -> Failure:
    """Say what a failed answer means.

    Args:
        status: HTTP status of an answer other than 200.
        content: Its body: LinkedIn's JSON envelopes, HTML from the edge, or nothing.
        retry_after: The ``Retry-After`` header, where there was one.
        sent_at: The ``Date`` header.

    Returns:
        The failure with its remedy. Never raises, whatever the body holds.
    """
    body = _body(content)
    message = str(body.get("message") or "")
    errors = _input_errors(body)
    details = _details(errors)
    code = str(body.get("code") or "")
    service_code = body.get("serviceErrorCode")
    seconds = _retry_after(retry_after, sent_at)
    text = " ".join(filter(None, [message or f"HTTP {status}", details and f"({details})"]))
    return Failure(
        remedy=_remedy(status, body, message, seconds),
        status=status,
        message=" ".join(text.split())[:500],
        code=code,
        scope_missing=status == _FORBIDDEN
        and (service_code == _MISSING_SCOPE or message.startswith(_NO_SCOPE))
        and not message.startswith(_NO_ROLE),
        retry_after=seconds,
        fields=tuple(path for path, _ in errors if path),
    )


def enveloped_status(content: bytes) -> int:
    """Return the status that the body of a 200 is to be classified by.

    Returns:
        200, or the status inside an error envelope without any of the members of an answer.
    """
    body = _body(content)
    status = str(body.get("status"))
    is_answer = any(body.get(name) is not None for name in _ANSWER_MEMBERS)
    says_why = any(name in body for name in _ENVELOPE_MEMBERS)
    if is_answer or not says_why or not _REFUSAL.fullmatch(status):
        return HTTP_OK
    return int(status)

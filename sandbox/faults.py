"""Faults on demand: what goes wrong between a correct request and its answer.

A fault matches requests by path prefix, finder and parameters, and plays on the n-th match, a
number of times. Requests that break a rule are refused first and do not count as matches, so that
a fault never hides a mistake of the client.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox import paging, rules, tokens
from sandbox.request import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.log import Entry

#: Kinds that replace the answer, and kinds that spoil it.
KINDS = {
    "status": "any status with a body (status, body, content_type, headers)",
    "reset": "the connection is reset before an answer",
    "reset_inside": "the connection is reset in the middle of the body",
    "truncate": "status 200 with JSON that ends early",
    "html": "status 200 (or another) with an HTML page",
    "delay": "the answer takes longer (seconds)",
    "hang": "no answer for a long time (seconds), then the connection closes",
    "expired_token": "401 65602",
    "revoked_token": "401 65601",
    "invalid_token": "401 65600",
    "throttle": "429 (unit MINUTE or DAY, level APPLICATION or MEMBER, retry_after)",
    "throttle_data": "429 of the adAnalytics data limit (retry_after)",
    "next_link": "adAnalytics answers with a rel=next link",
    "omit_zeros": "metrics that are zero are left out of rows",
    "decimals_as_numbers": "BigDecimal values come as JSON numbers",
    "numbers_as_strings": "long and double values come as JSON strings",
    "extra_fields": "elements have a field that nobody documents",
    "extra_enum": "statuses have a value that nobody documents",
    "drop_optional": "elements lack every key that is not part of their identity",
    "drop_elements": "the answer has no elements key",
    "empty_page": "a page has no elements but a next token",
    "duplicate_row": "the last row of the page comes again on the next page",
    "dead_page_token": "a page token does not work any more (400)",
}
_IDENTITY = frozenset(
    ("id", "account", "campaign", "campaignGroup", "user", "dateRange", "pivotValues")
)
_STATUSES = ("status", "intendedStatus", "role", "type")
_STRUCTURE = frozenset(("year", "month", "day", "start", "end", "count", "total"))
_DECIMAL = re.compile(r'"(\w+)":"(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?)"')
_NUMBER = re.compile(r'"(\w+)":(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[,}])')


@dataclass
class Fault:
    """One fault.

    Attributes:
        kind: A key of ``KINDS``.
        path: Prefix of the path, such as ``/rest/adAnalytics``.
        finder: Finder name, or ``GET`` or ``BATCH_GET``; empty matches all.
        params: Raw text, decoded, that named parameters must contain.
        where: Further predicate on the log entry.
        nth: First match that is hit, counted from 1.
        times: Matches that are hit, None for all further ones.
        options: What the kind needs.
        seen: Matches so far.
        played: Times the fault has been played.
    """

    kind: str
    path: str = "/"
    finder: str = ""
    params: dict[str, str] = field(default_factory=dict)
    where: Callable[[Entry], bool] | None = None
    nth: int = 1
    times: int | None = 1
    options: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    played: int = 0

    def matches(self, entry: Entry) -> bool:
        """Tell whether a request is one of those the fault is about."""
        return (
            entry.path.startswith(self.path)
            and (not self.finder or entry.finder == self.finder)
            and all(
                name in entry.params and text in _flat(entry.params[name])
                for name, text in self.params.items()
            )
            and (self.where is None or self.where(entry))
        )


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


class Faults:
    """The faults of a sandbox; safe to change while it serves."""

    def __init__(self) -> None:
        """Start without faults."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        *,
        path: str = "/rest",
        finder: str = "",
        params: dict[str, str] | None = None,
        where: Callable[[Entry], bool] | None = None,
        nth: int = 1,
        times: int | None = 1,
        **options: Any,
    ) -> Fault:
        """Add a fault; see ``Fault`` and ``KINDS``."""
        if kind not in KINDS:
            raise KeyError(kind)
        fault = Fault(kind, path, finder, params or {}, where, nth, times, options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults = []

    def due(self, entry: Entry) -> list[Fault]:
        """Return the faults to play on this request and count them."""
        due: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                if not fault.matches(entry):
                    continue
                fault.seen += 1
                over = fault.times is not None and fault.seen >= fault.nth + fault.times
                if fault.seen >= fault.nth and not over:
                    fault.played += 1
                    due.append(fault)
        if due:
            entry.fault = due[0].kind
        return due


def instead(fault: Fault) -> Answer | None:
    """Return the answer that replaces the real one, None if the kind spoils it instead.

    Token and throttle kinds answer with the documented bodies.
    """
    options = fault.options
    retry = {"Retry-After": str(options["retry_after"])} if "retry_after" in options else {}
    if fault.kind == "status":
        body = options.get("body", "")
        if not isinstance(body, str):
            return Answer(
                options["status"],
                json.dumps(body).encode(),
                headers={**retry, **options.get("headers", {})},
            )
        return Answer(
            options["status"],
            body.encode(),
            options.get("content_type", "application/json"),
            {**retry, **options.get("headers", {})},
        )
    if fault.kind == "html":
        return Answer(
            options.get("status", 200),
            b"<html><body>Something went wrong</body></html>",
            "text/html; charset=utf-8",
        )
    refusal: rules.Refusal | None = None
    if fault.kind == "expired_token":
        refusal = tokens.expired_token()
    elif fault.kind == "revoked_token":
        refusal = tokens.revoked_token()
    elif fault.kind == "invalid_token":
        refusal = tokens.invalid_token()
    elif fault.kind == "dead_page_token":
        refusal = rules.invalid("pageToken", "page_token")
    elif fault.kind == "throttle":
        refusal = rules.legacy(
            "data_limit",
            429,
            f"Resource level throttle {options.get('level', 'APPLICATION')} "
            f"{options.get('unit', 'DAY')} limit for calls to this resource is reached.",
        )
    elif fault.kind == "throttle_data":
        refusal = rules.data_limit()
    if refusal is None:
        return None
    return Answer(refusal.status, json.dumps(refusal.body).encode(), headers=retry)


def broken_off(fault: Fault) -> Answer:
    """Return what stands for no answer: a reset at once, or silence for some seconds."""
    silence = 60.0 if fault.kind == "hang" else 0.0
    return Answer(0, b"", ending=fault.kind, seconds=fault.options.get("seconds", silence))


def spoil(fault: Fault, request: Request, answer: Answer) -> None:
    """Change a served answer as the fault demands."""
    if fault.kind == "reset_inside":
        answer.ending = "inside"
    elif fault.kind == "truncate":
        answer.body = answer.body[: max(1, len(answer.body) * 2 // 3)]
    elif fault.kind == "decimals_as_numbers":
        answer.body = _DECIMAL.sub(r'"\1":\2', answer.body.decode()).encode()
    elif fault.kind == "numbers_as_strings":
        answer.body = _NUMBER.sub(
            lambda m: m[0] if m[1] in _STRUCTURE else f'"{m[1]}":"{m[2]}"', answer.body.decode()
        ).encode()
    else:
        payload = json.loads(answer.body)
        _change(fault.kind, request, payload)
        answer.body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def _change(kind: str, request: Request, payload: dict[str, Any]) -> None:
    elements: list[dict[str, Any]] = payload.get("elements", [])
    for element in elements:
        if kind == "omit_zeros":
            for name in [name for name, value in element.items() if _is_zero(value)]:
                del element[name]
        elif kind == "extra_fields":
            element["undocumentedField"] = {"nested": [1, None, "ü"]}
        elif kind == "extra_enum":
            for name in _STATUSES:
                if isinstance(element.get(name), str):
                    element[name] = "BRAND_NEW_VALUE"
        elif kind == "drop_optional":
            for name in set(element) - _IDENTITY:
                del element[name]
    if kind == "drop_elements":
        payload.pop("elements", None)
    elif kind == "next_link":
        payload["paging"] = {"count": 10, "start": 0, "links": [next_link(request)]}
    elif kind == "empty_page":
        last = 2**62 if request.params.get("sortOrder") == "DESCENDING" else 0
        token = request.params.get("pageToken") or paging.make_token(request, last)
        payload.update(elements=[], metadata={"nextPageToken": token})
    elif (
        kind == "duplicate_row"
        and len(elements) > 1
        and "nextPageToken" in payload.get("metadata", {})
    ):
        before = int(str(elements[-2]["id"]).rpartition(":")[2])
        payload["metadata"]["nextPageToken"] = paging.make_token(request, before)


def _is_zero(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return not Decimal(value)
    except InvalidOperation:
        return False


def next_link(request: Request) -> dict[str, str]:
    """Return a rel=next link, which adAnalytics shows but does not serve."""
    others = "&".join(
        f"{name}={text}" for name, text in request.raw.items() if name not in ("start", "count")
    )
    href = f"{request.path}?{others}&start=10&count=10"
    return {"rel": "next", "type": "application/json", "href": href}

"""Faults on demand: what goes wrong between a correct request and its answer.

A fault matches requests by path prefix, finder and parameters, and plays on the n-th match, a
number of times. Requests that break a rule are refused first and do not count as matches, so that
a fault never hides a mistake of the client.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.log import Entry

#: Kinds that replace the answer, and kinds that spoil it.
KINDS = {
    "status": "any status with a body (status, body, content_type, headers)",
    "refuse": "a correct request is refused as LinkedIn words it (status, parameter, value, says)",
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
    "rename": "elements have one of their keys under another name (key, to)",
    "drop_optional": "elements lack every key that is not part of their identity",
    "drop_elements": "the answer has no elements key",
    "empty_page": "a page has no elements but a next token or link",
    "duplicate_row": "the next token or link leads to a page that repeats the last row",
    "dead_page_token": "a page token does not work any more (400)",
}


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

    def add(  # noqa: PLR0913 - every argument narrows the same thing
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
        fault = Fault(
            kind, path, finder, params or {}, where, nth=nth, times=times, options=options
        )
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

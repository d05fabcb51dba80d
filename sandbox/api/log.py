"""What the sandbox has seen: one entry per request, safe to read from other threads."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Entry:
    """One request.

    Attributes:
        number: Running number, from 1.
        method: HTTP method.
        path: Path without query.
        resource: Name of the resource, such as ``adCampaigns``; empty if the path has none.
        finder: Finder name, or ``GET`` or ``BATCH_GET``.
        params: Decoded parameters by name.
        query: The raw query, or the body of a tunnelled request.
        version: LinkedIn-Version header.
        headers: Request headers by lower-case name, without Authorization.
        tunnelled: Whether the query came in the body of a POST.
        status: HTTP status of the answer, 0 if none was sent.
        rows: Number of elements in the answer.
        metric_values: Cost against the adAnalytics data limit.
        rule: Name of the rule that the request broke, None if it was served.
        message: LinkedIn's text in the refusal.
        fault: Kind of the fault that was played, None if none.
        started: Time of arrival, monotonic clock.
        elapsed: Seconds between arrival and the end of the answer.
        in_flight: Requests in flight when this one arrived, itself included.
        sent_bytes: Size of the answer's body.
    """

    number: int
    method: str
    path: str
    resource: str = ""
    finder: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    version: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    tunnelled: bool = False
    status: int = 0
    rows: int = 0
    metric_values: int = 0
    rule: str | None = None
    message: str = ""
    fault: str | None = None
    started: float = 0.0
    elapsed: float = 0.0
    in_flight: int = 1
    sent_bytes: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return asdict(self)


class Log:
    """A list of entries that several threads may append to and read.

    Attributes:
        peak: Largest number of requests that were in flight at once.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._in_flight = 0
        self._number = 0
        self.peak = 0

    def start(self, method: str, path: str) -> Entry:
        """Record the arrival of a request."""
        with self._lock:
            self._number += 1
            self._in_flight += 1
            self.peak = max(self.peak, self._in_flight)
            entry = Entry(
                self._number, method, path, started=time.monotonic(), in_flight=self._in_flight
            )
            self._entries.append(entry)
            return entry

    def finish(self, entry: Entry) -> None:
        """Record the end of a request; later calls for the same entry do nothing.

        Called just before the answer leaves, so that a client that has its answer finds a
        complete entry and is not counted as in flight any more.
        """
        with self._lock:
            if not entry.elapsed:
                self._in_flight -= 1
                entry.elapsed = time.monotonic() - entry.started

    def reset(self) -> None:
        """Forget all entries; requests in flight stay counted."""
        with self._lock:
            self._entries = []
            self.peak = self._in_flight

    def entries(self) -> list[Entry]:
        """Return the entries so far, oldest first."""
        with self._lock:
            return list(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries so far."""
        return iter(self.entries())

    def __len__(self) -> int:
        """Count the entries so far."""
        return len(self.entries())

    def __getitem__(self, index: int) -> Entry:
        """Return one entry."""
        return self.entries()[index]

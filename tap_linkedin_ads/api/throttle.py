"""Where requests wait while LinkedIn throttles a resource."""

from __future__ import annotations

import collections
import threading
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api.errors import Failure, RequestFailedError

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.clock import Clock

_STEP = 0.05
"""Seconds between two looks at what another thread is doing."""


@dataclass(slots=True)
class _Resource:
    """What is known of one resource's throttle."""

    paused_at: float = -1.0
    paused_until: float = -1.0
    incidents: int = 0
    prober: int | None = None
    failures: int = 0
    closed_by: Failure | None = None


class Throttle:
    """Makes all threads wait together while LinkedIn throttles a resource.

    Answers to requests that left before a pause began belong to the same incident. When a pause
    ends, one request goes first; the others follow when it was answered.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._resources: dict[str, _Resource] = collections.defaultdict(_Resource)

    def enter(self, resource: str) -> float:
        """Wait until a request may leave, and return the moment (monotonic seconds).

        Raises:
            RequestFailedError: The resource's daily quota is used up, or it does not answer.
        """
        while True:
            with self._lock:
                state, now = self._resources[resource], self._clock.monotonic()
                if state.closed_by:
                    raise RequestFailedError(state.closed_by, resource)
                rest = state.paused_until - now
                if rest <= 0 and (state.prober is None or state.prober == threading.get_ident()):
                    if state.incidents:
                        state.prober = threading.get_ident()
                    return now
            self._clock.sleep(max(rest, _STEP))

    def answered(self, resource: str) -> None:
        """Note that LinkedIn answers again: everybody may go."""
        with self._lock:
            state = self._resources[resource]
            state.prober, state.incidents, state.failures = None, 0, 0

    def pause(self, resource: str, entered_at: float, seconds: float) -> bool:
        """Make everybody wait; False where the request left before the present pause began."""
        with self._lock:
            state = self._resources[resource]
            if entered_at < state.paused_at:
                return False
            state.paused_at = self._clock.monotonic()
            state.paused_until = state.paused_at + seconds
            state.incidents += 1
            state.prober = None
            return True

    def give_up(self, resource: str) -> None:
        """Let others go on after a request that was to go first failed for another reason."""
        with self._lock:
            state = self._resources[resource]
            if state.prober == threading.get_ident():
                state.prober = None

    def incidents(self, resource: str) -> int:
        """Return how many pauses followed each other without an answer in between."""
        with self._lock:
            return self._resources[resource].incidents

    def close(self, resource: str, failure: Failure) -> None:
        """Refuse all further requests to a resource."""
        with self._lock:
            self._resources[resource].closed_by = failure

    def refused(self, resource: str) -> None:
        """Note that LinkedIn answered, if not with what was asked for."""
        with self._lock:
            self._resources[resource].failures = 0

    def is_silent(self, resource: str) -> bool:
        """Whether the last request stayed without an answer, however often tried."""
        with self._lock:
            return self._resources[resource].failures > 0

    def failed(self, resource: str) -> int:
        """Note a request without an answer, however often tried; return how many there were.

        Returns:
            The number of such requests since LinkedIn last answered the resource.
        """
        with self._lock:
            self._resources[resource].failures += 1
            return self._resources[resource].failures

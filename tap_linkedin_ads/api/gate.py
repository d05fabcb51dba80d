"""Where requests wait: throttles by resource, and the budget of metric values."""

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


class Gate:
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
        """Tell whether the last request stayed without an answer, however often tried."""
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


class Reservation:
    """Metric values that one request is expected to take."""

    __slots__ = ("expires_at", "values")

    def __init__(self, values: int) -> None:
        self.values = values
        self.expires_at = float("inf")


class MetricValueBudget:
    """Keeps the metric values of any five minutes below a limit.

    LinkedIn counts rows times names over a sliding five minutes and answers 429 beyond its limit.
    What a request may take is reserved before it leaves and settled when its answer is in; from
    then on it counts for one window, so the tap never counts less than LinkedIn does.
    """

    def __init__(self, limit: int, clock: Clock, window: float) -> None:
        """Allow ``limit`` values in any ``window`` seconds."""
        self._limit = limit
        self._clock = clock
        self._window = window
        self._lock = threading.Lock()
        self._taken: list[Reservation] = []

    def reserve(self, values: int) -> Reservation:
        """Wait until there is room for that many values, and reserve it."""
        reservation = Reservation(values)
        while True:
            with self._lock:
                now = self._clock.monotonic()
                self._taken = [taken for taken in self._taken if taken.expires_at > now]
                room = self._limit - sum(taken.values for taken in self._taken)
                if values <= room or not self._taken:
                    self._taken.append(reservation)
                    return reservation
                next_end = min(taken.expires_at for taken in self._taken)
            self._clock.sleep(min(max(next_end - now, _STEP), 1.0))

    @property
    def limit(self) -> int:
        """Return the metric values allowed in one window."""
        return self._limit

    @property
    def taken(self) -> int:
        """Return the metric values taken (or reserved) in the present window."""
        with self._lock:
            now = self._clock.monotonic()
            return sum(taken.values for taken in self._taken if taken.expires_at > now)

    def settle(self, reservation: Reservation, values: int) -> None:
        """Replace a reservation by what the answer really took."""
        with self._lock:
            reservation.values = values
            reservation.expires_at = self._clock.monotonic() + self._window

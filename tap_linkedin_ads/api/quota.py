"""The quota of metric values, which LinkedIn counts over five minutes.

LinkedIn's rule: LI-19.
"""

from __future__ import annotations

import threading
import typing as t

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.clock import Clock

_STEP = 0.05
"""Least seconds between two looks at what has become free."""


class Reservation:
    """Metric values that one request is expected to take."""

    __slots__ = ("expires_at", "values")

    def __init__(self, values: int) -> None:
        self.values = values
        self.expires_at = float("inf")


class MetricQuota:
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
        return self._limit

    @property
    def taken(self) -> int:
        """Return the metric values taken (or reserved) in the present window."""
        with self._lock:
            now = self._clock.monotonic()
            return sum(taken.values for taken in self._taken if taken.expires_at > now)

    def settle(self, reservation: Reservation, values: int) -> None:
        with self._lock:
            reservation.values = values
            reservation.expires_at = self._clock.monotonic() + self._window

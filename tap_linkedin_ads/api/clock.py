"""The one place that reads the clock and sleeps; everybody else is handed a ``Clock``."""

from __future__ import annotations

import datetime as dt
import time
import typing as t


class Clock(t.Protocol):
    """Time as the tap needs it."""

    def now(self) -> dt.datetime:
        """Return the current instant in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock, in UTC whatever the host's time zone is."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

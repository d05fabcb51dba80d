"""The one place where the sandbox reads the machine's clock for the time of day."""

from __future__ import annotations

import datetime as dt
import time

_UTC = dt.timezone.utc
_NOON = dt.time(12, tzinfo=_UTC)


class Clock:
    """The time of one sandbox: of its data, its versions, its tokens and its answers.

    It is the machine's clock, or it stands at noon (UTC) of a chosen day. Either can be moved on.
    """

    def __init__(self, today: dt.date | None = None) -> None:
        """Stand on a day, or follow the machine's clock where there is none."""
        self._ahead = 0.0
        self.set(today)

    def set(self, today: dt.date | None) -> None:
        """Stand at noon of a day, or follow the machine's clock again."""
        self._noon = None if today is None else dt.datetime.combine(today, _NOON).timestamp()
        self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += seconds

    def now(self) -> float:
        """Return the current instant in epoch seconds."""
        return (time.time() if self._noon is None else self._noon) + self._ahead

    @property
    def today(self) -> dt.date:
        """The current day, UTC."""
        return dt.datetime.fromtimestamp(self.now(), _UTC).date()

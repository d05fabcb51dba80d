"""How far a run has got. Streams tell it once an answer, never once a record; displays ask. Pure.

The main thread tells while a display asks from its own thread: what is told is replaced whole, so
no lock is needed.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MILLION = 1_000_000
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class StreamProgress:
    """How far one stream has got.

    Attributes:
        stream: Its name.
        began_at: When it began (monotonic seconds).
        ended_at: When it ended, None while it is being read.
        unit: What is counted: ``windows``, ``accounts`` or ``pages``.
        done: How many are answered.
        left: How many are still to be answered, as far as is known; None where nobody knows.
    """

    stream: str
    began_at: float
    ended_at: float | None = None
    unit: str = ""
    done: int = 0
    left: int | None = None

    @property
    def planned(self) -> int | None:
        return None if self.left is None else self.done + self.left

    @property
    def share(self) -> float | None:
        """Return the part that is done, from 0 to 1."""
        if self.ended_at is not None:
            return 1.0
        return self.done / self.planned if self.planned else None

    def seconds_left(self, now: float) -> float | None:
        """Return how long the rest takes if it goes on as it did; None where that is unknown."""
        if self.ended_at is not None or self.left is None or not self.done:
            return None
        return (now - self.began_at) / self.done * self.left


class Progress:
    """How far all streams of a run have got."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Begin with no stream.

        Args:
            monotonic: Gives seconds that never go backwards.
        """
        self._monotonic = monotonic
        self._streams: dict[str, StreamProgress] = {}

    def begin(self, stream: str) -> None:
        self._streams[stream] = StreamProgress(stream, self._monotonic())

    def update(self, stream: str, unit: str, done: int, left: int) -> None:
        """Note how far a stream has got."""
        known = self._streams.get(stream) or StreamProgress(stream, self._monotonic())
        self._streams[stream] = replace(known, unit=unit, done=done, left=max(left, 0))

    def end(self, stream: str) -> None:
        if stream in self._streams:
            self._streams[stream] = replace(self._streams[stream], ended_at=self._monotonic())

    @property
    def streams(self) -> list[StreamProgress]:
        return list(self._streams.values())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run at one moment.

    Attributes:
        now: Monotonic seconds.
        streams: The streams so far.
        rows: Records written, by stream.
        requests: Requests sent, by stream.
        values: Metric values taken in the last five minutes.
        values_limit: How many may be taken.
    """

    now: float
    streams: list[StreamProgress]
    rows: Mapping[str, int]
    requests: Mapping[str, int]
    values: int
    values_limit: int


def line(snapshot: Snapshot) -> str:
    """Return a run at one moment as one line of a log."""
    reading = [stream for stream in snapshot.streams if stream.ended_at is None]
    ended = len(snapshot.streams) - len(reading)
    parts = [f"{ended} stream{'' if ended == 1 else 's'} read"]
    for stream in reading:
        words = [stream.stream]
        if stream.planned:
            words.append(f"{stream.done:,} of {stream.planned:,} {stream.unit}")
        words.append(f"{snapshot.rows.get(stream.stream, 0):,} rows")
        words.append(f"{snapshot.requests.get(stream.stream, 0):,} requests")
        left = stream.seconds_left(snapshot.now)
        if left is not None:
            words.append(f"about {duration(left)} left")
        parts.append(", ".join(words))
    if snapshot.values:
        parts.append(quota(snapshot))
    return "Progress: " + "; ".join(parts) + "."


def quota(snapshot: Snapshot) -> str:
    """Return the use of LinkedIn's limit of metric values."""
    return (
        f"{snapshot.values / _MILLION:.1f} of {snapshot.values_limit / _MILLION:g} million metric "
        "values in five minutes"
    )


def duration(seconds: float) -> str:
    """Return a time in its two greatest units: ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"

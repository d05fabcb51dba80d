"""What a run achieved: rows and requests by stream, and what could not be read and why."""

from __future__ import annotations

import collections
import datetime as dt
import enum
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMPLETE, PARTIAL, WRONG_SETTINGS, QUOTA_USED_UP = 0, 1, 2, 3
"""Exit statuses. A run that a signal ended exits with 128 plus the signal's number."""

ALL_STREAMS = "all ad streams"
ALL_PAGE_STREAMS = "all page streams"
_DAY = dt.timedelta(days=1)


class Severity(enum.Enum):
    """How an incident bears on the exit status."""

    WARNING = "warning"
    FAILED = "failed"
    QUOTA = "quota"

    @property
    def level(self) -> str:
        """Return how loud to be: an error is what keeps a run from being complete."""
        return "warning" if self is Severity.WARNING else "error"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that was not read.

    Attributes:
        stream: The stream, or what else is concerned.
        subject: Ad account or organization id, None where the whole stream is concerned.
        reason: What happened and what to do about it.
        severity: What it means for the exit status.
    """

    stream: str
    subject: int | None
    reason: str
    severity: Severity


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@dataclass(slots=True)
class OddRecords:
    """Records of one owner that were set aside, or whose values in one column are null.

    Attributes:
        stream: The stream.
        subject: Ad account or organization id, None where nobody knows.
        severity: What it means for the exit status.
        key: The first one's key columns and their values, as far as they are known.
        column: The column, empty where whole records were set aside.
        value: What LinkedIn sent there, cut short; or what is wrong with the record.
        kind: What the column holds.
        count: How many there are.
    """

    stream: str
    subject: int | None
    severity: Severity
    key: Mapping[str, t.Any]
    column: str
    value: str
    kind: str = ""
    count: int = 0

    @property
    def incident(self) -> Incident:
        """Return them as an incident of the run."""
        where = ", ".join(f"{name} {value}" for name, value in self.key.items())
        first = f" (the first: {where})" if where else ""
        if self.column:
            reason = (
                f"column {self.column} is null in {counted(self.count, 'row')}{first}: LinkedIn "
                f"sent {self.value!r}, and the column cannot hold it ({self.kind})"
            )
        else:
            reason = (
                f"{counted(self.count, 'record')} without a usable key left out{first}: "
                f"{self.value}. The bookmark stays: run the tap again, and report it with this "
                "message if that stays"
            )
        return Incident(self.stream, self.subject, reason, self.severity)


@dataclass(slots=True)
class DaysRead:
    """Days that daily reports read of one ad account.

    Attributes:
        first: The first one.
        last: The last one, which may not be over.
    """

    first: dt.date
    last: dt.date
    _with_rows: int = 0
    """A bit for each day with a row, the first one's lowest: a set of many takes megabytes."""

    def add(self, first: dt.date, last: dt.date, with_rows: Iterable[dt.date]) -> None:
        """Note days that were read, and those of them that have rows."""
        if first < self.first:
            self._with_rows <<= (self.first - first).days
            self.first = first
        self.last = max(self.last, last)
        for day in with_rows:
            self._with_rows |= 1 << (day - self.first).days

    @property
    def with_rows(self) -> int:
        """Return on how many days there is a row in any of the reports."""
        return self._with_rows.bit_count()

    @property
    def last_with_rows(self) -> dt.date | None:
        """Return the last of these days."""
        return self.first + _DAY * (self._with_rows.bit_length() - 1) if self._with_rows else None

    @property
    def has_stopped(self) -> bool:
        """Whether there were rows, and none on the last two days."""
        return self.last_with_rows is not None and self.last_with_rows < self.last - _DAY


@dataclass(slots=True)
class RunReport:
    """Keeps count during a run. Used by the main thread only."""

    rows: collections.Counter[tuple[str, int | None]] = field(default_factory=collections.Counter)
    noted: list[Incident] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    subjects: set[int] = field(default_factory=set)
    """Ad accounts that this run reads, with and without rows."""
    pages: set[int] = field(default_factory=set)
    """Company pages that this run reads, with and without rows."""
    page_streams: frozenset[str] = frozenset()
    """Streams whose subjects are company pages; those of others are ad accounts, or either."""
    selected: list[str] = field(default_factory=list)
    """Streams that this run is to read."""
    finished: set[str] = field(default_factory=set)
    days: dict[int, DaysRead] = field(default_factory=dict)
    """What daily reports read, by ad account."""
    odd: dict[tuple[str, int | None, str], OddRecords] = field(default_factory=dict)
    """Values that are null and records that were set aside, by stream, subject and column."""
    characters_replaced: collections.Counter[str] = field(default_factory=collections.Counter)
    """By stream: characters of LinkedIn's answers that loaders cannot take."""

    def begin(self, stream: str, *, inside: str | None = None) -> None:
        """Note that a stream is being read.

        Args:
            stream: The stream.
            inside: The stream in whose objects its records lie: what that one lacks, it lacks.
        """
        self.streams.append(stream)
        if inside is not None:
            self.parents[stream] = inside

    def finish(self, stream: str) -> None:
        """Note that a stream was read to its end, or that what is missing was noted."""
        self.finished.add(stream)

    def read_days(
        self, account: int, first: dt.date, last: dt.date, with_rows: Iterable[dt.date]
    ) -> None:
        """Note which days a daily report read of an ad account, and on which it has rows."""
        self.days.setdefault(account, DaysRead(first, last)).add(first, last, with_rows)

    @property
    def incidents(self) -> list[Incident]:
        """Return all that was noted, what concerns single records and values last."""
        return [*self.noted, *(odd.incident for odd in self.odd.values())]

    def note(self, stream: str, subject: int | None, reason: str, severity: Severity) -> None:
        self.noted.append(Incident(stream, subject, reason, severity))

    def note_odd(self, found: OddRecords) -> bool:
        """Count a value that is null or a record that was set aside; tell whether it is the first.

        One of a stream, an owner and a column is described, and all are counted.
        """
        known = self.odd.setdefault((found.stream, found.subject, found.column), found)
        known.count += 1
        return known is found

    def set_aside(self, stream: str, why: str) -> None:
        """Count a record that is left out and of which nobody knows whose it is."""
        self.note_odd(OddRecords(stream, None, Severity.FAILED, {}, "", why))

    @property
    def exit_status(self) -> int:
        gravities = {incident.severity for incident in self.incidents}
        if Severity.FAILED in gravities:
            return PARTIAL
        return QUOTA_USED_UP if Severity.QUOTA in gravities else COMPLETE

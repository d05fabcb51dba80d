"""What a run achieved: rows and requests by stream, and what could not be read and why."""

from __future__ import annotations

import collections
import enum
import json
import typing as t
from dataclasses import asdict, dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_linkedin_ads.api.refused import Difference

COMPLETE, PARTIAL, WRONG_SETTINGS, QUOTA_USED_UP = 0, 1, 2, 3
"""Exit statuses. A run that a signal ended exits with 128 plus the signal's number."""

ALL_STREAMS = "all ad streams"
ALL_PAGE_STREAMS = "all page streams"
_MOST_OWNERS_LISTED = 200
_COMPLETE, _UNFINISHED, _NOT_READ = "complete", "unfinished", "not read"
"""What a stream is called about which nothing was noted."""
_HEADING = ("STREAM", "ACCOUNT", "STATUS", "ROWS", "REQUESTS", "WHY")


class Severity(enum.Enum):
    """How an incident bears on the exit status."""

    WARNING = "warning"
    FAILED = "failed"
    QUOTA = "quota"


_WORST_LAST = (Severity.WARNING, Severity.QUOTA, Severity.FAILED)


class _Owner(t.NamedTuple):
    """An ad account or a company page; their numbers may be the same."""

    is_page: bool
    key: int


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


def _counted(number: int, what: str) -> str:
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
                f"column {self.column} is null in {_counted(self.count, 'row')}{first}: LinkedIn "
                f"sent {self.value!r}, and the column cannot hold it ({self.kind})"
            )
        else:
            reason = (
                f"{_counted(self.count, 'record')} without a usable key left out{first}: "
                f"{self.value}. The bookmark stays: run the tap again, and report it with this "
                "message if that stays"
            )
        return Incident(self.stream, self.subject, reason, self.severity)


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

    def _status(self, stream: str) -> str:
        """Return a stream's gravest incident, or how far it got without any."""
        if stream not in self.streams:
            return _NOT_READ
        done = _COMPLETE if stream in self.finished else _UNFINISHED
        return self._worst().get(stream, done)

    @property
    def _all_streams(self) -> list[str]:
        return [*self.streams, *(name for name in self.selected if name not in self.streams)]

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

    def table(self, requests: collections.Counter[str]) -> list[str]:
        """Return the run as lines of a table: what concerns all streams, then each stream.

        Args:
            requests: Requests sent, by stream. They are shared by ad accounts.
        """
        incidents: dict[str, list[Incident]] = {}
        for incident in self.incidents:
            incidents.setdefault(incident.stream, []).append(incident)
        rows: collections.Counter[str] = collections.Counter()
        for (stream, _), number in self.rows.items():
            rows[stream] += number
        cells: list[tuple[str, ...]] = [_HEADING]
        streams = self._all_streams
        for stream in [name for name in incidents if name not in streams] + streams:
            if stream in streams:
                totals = (str(rows[stream]), str(requests[stream]))
                cells.append((stream, "-", self._status(stream), *totals, ""))
            cells += [self._line(incident) for incident in incidents.get(stream, ())]
            if replaced := self.characters_replaced[stream]:
                why = f"{_counted(replaced, 'character')} that loaders cannot take became U+FFFD"
                cells.append((stream, "-", "note", "-", "-", why))
        widths = [max(len(row[column]) for row in cells) for column in range(5)]
        return ["  ".join([*map(str.ljust, row, widths), row[5]]).rstrip() for row in cells]

    def _line(self, incident: Incident) -> tuple[str, ...]:
        subject = incident.subject
        rows = "-" if subject is None else str(self.rows[incident.stream, subject])
        account = "-" if subject is None else str(subject)
        return incident.stream, account, incident.severity.value, rows, "-", incident.reason

    def _worst(self) -> dict[str, str]:
        """Return the gravest status of each stream that has an incident."""
        by_severity = sorted(self.incidents, key=lambda i: _WORST_LAST.index(i.severity))
        return {
            stream: incident.severity.value
            for incident in by_severity
            for stream in (incident.stream, *self._inside(incident.stream))
        }

    def _inside(self, stream: str) -> Iterator[str]:
        """Yield the streams whose rows lie inside those of a stream, at any depth."""
        for child, parent in self.parents.items():
            if parent == stream:
                yield child
                yield from self._inside(child)

    def _is_page(self, stream: str, subject: int | None) -> bool:
        """Whether the subject of a stream is a company page, not an ad account."""
        if stream == ALL_PAGE_STREAMS or stream in self.page_streams:
            return True
        return subject in self.pages and subject not in self.subjects

    def _concerns_everybody(self, streams: list[tuple[str, str]]) -> bool:
        """Whether something is missing of which no single ad account or page is to blame."""
        stopped = any(
            i.subject is None and i.severity is not Severity.WARNING for i in self.incidents
        )
        return stopped or any(status in {_UNFINISHED, _NOT_READ} for _, status in streams)

    def summary(
        self,
        requests: collections.Counter[str],
        exit_status: int,
        differences: Sequence[Difference] = (),
    ) -> str:
        """Return the run as one line of JSON.

        Args:
            requests: Requests sent, by stream.
            exit_status: How the run ends.
            differences: What LinkedIn refused, and what was sent instead.

        Returns:
            A JSON object with streams, accounts, pages, rows and requests. Ad accounts and pages
            are listed one by one up to 200 each; beyond that only those not complete are.
        """
        by_stream: collections.Counter[str] = collections.Counter()
        by_owner: collections.Counter[_Owner] = collections.Counter()
        for (stream, subject), rows in self.rows.items():
            by_stream[stream] += rows
            if subject is not None:
                by_owner[_Owner(self._is_page(stream, subject), subject)] += rows
        by_severity = sorted(self.incidents, key=lambda i: _WORST_LAST.index(i.severity))
        of_owner = {
            _Owner(self._is_page(i.stream, i.subject), i.subject): i.severity.value
            for i in by_severity
            if i.subject is not None
        }
        streams = [(stream, self._status(stream)) for stream in self._all_streams]
        fine = _UNFINISHED if self._concerns_everybody(streams) else _COMPLETE
        owners = {_Owner(is_page=False, key=account) for account in self.subjects}
        owners |= {_Owner(is_page=True, key=page) for page in self.pages}
        owners |= by_owner.keys() | of_owner.keys()

        def listed(*, pages: bool) -> list[dict[str, t.Any]]:
            mine = sorted(owner for owner in owners if owner.is_page is pages)
            if len(mine) > _MOST_OWNERS_LISTED:
                mine = [owner for owner in mine if of_owner.get(owner, fine) != _COMPLETE]
            name = "organization_id" if pages else "account_id"
            return [
                {name: o.key, "status": of_owner.get(o, fine), "rows": by_owner[o]} for o in mine
            ]

        body: dict[str, t.Any] = {
            "exit_status": exit_status,
            "rows": sum(by_stream.values()),
            "requests": sum(requests.values()),
            "streams": [
                {
                    "stream": stream,
                    "status": status,
                    "rows": by_stream[stream],
                    "requests": requests[stream],
                }
                for stream, status in streams
            ],
            "accounts": listed(pages=False),
            "pages": listed(pages=True),
            "incidents": [
                {
                    "stream": i.stream,
                    "account_id": None if self._is_page(i.stream, i.subject) else i.subject,
                    "organization_id": i.subject if self._is_page(i.stream, i.subject) else None,
                    "status": i.severity.value,
                    "reason": i.reason,
                }
                for i in self.incidents
            ],
            "characters_replaced": dict(self.characters_replaced),
            "differences": [asdict(difference) for difference in differences],
            "unreadable_values": [
                {
                    "stream": odd.stream,
                    "account_id": None if self._is_page(odd.stream, odd.subject) else odd.subject,
                    "organization_id": odd.subject
                    if self._is_page(odd.stream, odd.subject)
                    else None,
                    "key": {name: str(value) for name, value in odd.key.items()},
                    "column": odd.column,
                    "value": odd.value,
                    "count": odd.count,
                }
                for odd in self.odd.values()
                if odd.column
            ],
        }
        return json.dumps(body, ensure_ascii=False)

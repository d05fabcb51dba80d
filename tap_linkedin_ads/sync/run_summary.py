"""A run report in the end: as a table for people, and as JSON for programs. Pure.

docs/summary.md says what each field of the JSON means.
"""

from __future__ import annotations

import collections
import json
import typing as t
from dataclasses import asdict

from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, Severity, counted

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_linkedin_ads.api.refused import Difference
    from tap_linkedin_ads.sync.run_report import DaysRead, Incident, RunReport

VERSION = 1
"""Of the JSON: it changes when a field goes or means something else, not when one is added."""
_MOST_OWNERS_LISTED = 200
_COMPLETE, _UNFINISHED, _NOT_READ = "complete", "unfinished", "not read"
"""What a stream is called about which nothing was noted."""
_WORST_LAST = (Severity.WARNING, Severity.QUOTA, Severity.FAILED)


class _Owner(t.NamedTuple):
    """An ad account or a company page; their numbers may be the same."""

    is_page: bool
    key: int


class Line(t.NamedTuple):
    """One line of the table: a stream, or something that was not read and why."""

    stream: str
    account: str
    status: str
    rows: str
    requests: str
    why: str = ""


HEADING = Line("STREAM", "ACCOUNT", "STATUS", "ROWS", "REQUESTS", "WHY")


def lines(report: RunReport, requests: collections.Counter[str]) -> list[Line]:
    """Return the run as lines of a table: what concerns all streams, then each stream.

    Args:
        report: The run.
        requests: Requests sent, by stream. They are shared by ad accounts.
    """
    incidents: dict[str, list[Incident]] = {}
    for incident in report.incidents:
        incidents.setdefault(incident.stream, []).append(incident)
    rows: collections.Counter[str] = collections.Counter()
    for (stream, _), number in report.rows.items():
        rows[stream] += number
    found: list[Line] = []
    streams, worst = _all_streams(report), _worst(report)
    for stream in [name for name in incidents if name not in streams] + streams:
        if stream in streams:
            status = _status(report, stream, worst)
            found.append(Line(stream, "-", status, str(rows[stream]), str(requests[stream])))
        found += [_line(report, incident) for incident in incidents.get(stream, ())]
        if replaced := report.characters_replaced[stream]:
            why = f"{counted(replaced, 'character')} that loaders cannot take became U+FFFD"
            found.append(Line(stream, "-", "note", "-", "-", why))
    return found


def _line(report: RunReport, incident: Incident) -> Line:
    subject = incident.subject
    rows = "-" if subject is None else str(report.rows[incident.stream, subject])
    account = "-" if subject is None else str(subject)
    return Line(incident.stream, account, incident.severity.value, rows, "-", incident.reason)


def summary(
    report: RunReport,
    requests: collections.Counter[str],
    exit_status: int,
    differences: Sequence[Difference] = (),
) -> str:
    """Return the run as one line of JSON.

    Args:
        report: The run.
        requests: Requests sent, by stream.
        exit_status: How the run ends.
        differences: What LinkedIn refused, and what was sent instead.

    Returns:
        A JSON object. Ad accounts and pages are listed one by one up to 200 each; beyond that only
        those that are not complete, or whose rows have stopped.
    """
    by_stream: collections.Counter[str] = collections.Counter()
    for (stream, _), rows in report.rows.items():
        by_stream[stream] += rows
    worst = _worst(report)
    streams = [(stream, _status(report, stream, worst)) for stream in _all_streams(report)]
    is_cut_short = _concerns_everybody(report, [status for _, status in streams])
    owners = _owners(report, _UNFINISHED if is_cut_short else _COMPLETE)
    body: dict[str, t.Any] = {
        "exit_status": exit_status,
        "summary_version": VERSION,
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
        "accounts": [
            {
                "account_id": owner.key,
                "status": status,
                "rows": rows,
                "days": _days(report.days.get(owner.key)),
            }
            for owner, status, rows in owners
            if not owner.is_page
        ],
        "pages": [
            {"organization_id": owner.key, "status": status, "rows": rows}
            for owner, status, rows in owners
            if owner.is_page
        ],
        "incidents": [
            {
                "stream": i.stream,
                **_of(report, i.stream, i.subject),
                "level": i.severity.level,
                "status": i.severity.value,
                "reason": i.reason,
            }
            for i in report.incidents
        ],
        "characters_replaced": dict(report.characters_replaced),
        "differences": [asdict(difference) for difference in differences],
        "unreadable_values": [
            {
                "stream": odd.stream,
                **_of(report, odd.stream, odd.subject),
                "key": {name: str(value) for name, value in odd.key.items()},
                "column": odd.column,
                "value": odd.value,
                "count": odd.count,
            }
            for odd in report.odd.values()
            if odd.column
        ],
    }
    return json.dumps(body, ensure_ascii=False)


def _owners(report: RunReport, fine: str) -> list[tuple[_Owner, str, int]]:
    """Return the ad accounts and pages to list, each with its status and rows.

    Args:
        report: The run.
        fine: The status of those about which nothing was noted.
    """
    rows: collections.Counter[_Owner] = collections.Counter()
    for (stream, subject), number in report.rows.items():
        if subject is not None:
            rows[_Owner(_is_page(report, stream, subject), subject)] += number
    status = {
        _Owner(_is_page(report, i.stream, i.subject), i.subject): i.severity.value
        for i in _by_severity(report)
        if i.subject is not None
    }
    every = {_Owner(is_page=False, key=account) for account in report.subjects}
    every |= {_Owner(is_page=True, key=page) for page in report.pages}
    every |= rows.keys() | status.keys()
    found: list[tuple[_Owner, str, int]] = []
    for are_pages in (False, True):
        mine = sorted(owner for owner in every if owner.is_page is are_pages)
        if len(mine) > _MOST_OWNERS_LISTED:
            mine = [
                owner
                for owner in mine
                if status.get(owner, fine) != _COMPLETE or _has_stopped(report, owner)
            ]
        found += [(owner, status.get(owner, fine), rows[owner]) for owner in mine]
    return found


def _has_stopped(report: RunReport, owner: _Owner) -> bool:
    days = None if owner.is_page else report.days.get(owner.key)
    return days is not None and days.has_stopped


def _days(read: DaysRead | None) -> dict[str, t.Any] | None:
    if read is None:
        return None
    return {
        "first": read.first.isoformat(),
        "last": read.last.isoformat(),
        "with_rows": read.with_rows,
        "last_with_rows": read.last_with_rows and read.last_with_rows.isoformat(),
    }


def _of(report: RunReport, stream: str, subject: int | None) -> dict[str, int | None]:
    """Say whom something is about, where it is about anybody."""
    is_page = _is_page(report, stream, subject)
    return {
        "account_id": None if is_page else subject,
        "organization_id": subject if is_page else None,
    }


def _all_streams(report: RunReport) -> list[str]:
    return [*report.streams, *(name for name in report.selected if name not in report.streams)]


def _status(report: RunReport, stream: str, worst: dict[str, str]) -> str:
    """Return a stream's gravest incident, or how far it got without any."""
    if stream not in report.streams:
        return _NOT_READ
    done = _COMPLETE if stream in report.finished else _UNFINISHED
    return worst.get(stream, done)


def _by_severity(report: RunReport) -> list[Incident]:
    return sorted(report.incidents, key=lambda i: _WORST_LAST.index(i.severity))


def _worst(report: RunReport) -> dict[str, str]:
    """Return the gravest status of each stream that has an incident."""
    return {
        stream: incident.severity.value
        for incident in _by_severity(report)
        for stream in (incident.stream, *_inside(report, incident.stream))
    }


def _inside(report: RunReport, stream: str) -> Iterator[str]:
    """Yield the streams whose rows lie inside those of a stream, at any depth."""
    for child, parent in report.parents.items():
        if parent == stream:
            yield child
            yield from _inside(report, child)


def _is_page(report: RunReport, stream: str, subject: int | None) -> bool:
    """Whether the subject of a stream is a company page, not an ad account."""
    if stream == ALL_PAGE_STREAMS or stream in report.page_streams:
        return True
    return subject in report.pages and subject not in report.subjects


def _concerns_everybody(report: RunReport, statuses: list[str]) -> bool:
    """Whether something is missing of which no single ad account or page is to blame."""
    stopped = any(
        i.subject is None and i.severity is not Severity.WARNING for i in report.incidents
    )
    return stopped or any(status in {_UNFINISHED, _NOT_READ} for status in statuses)

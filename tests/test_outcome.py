"""What a run tells at its end: exit status, table and summary."""

from __future__ import annotations

import collections
import datetime as dt
import json

import pytest

from tap_linkedin_ads.cli import summary_display
from tap_linkedin_ads.sync import run_summary
from tap_linkedin_ads.sync.run_report import (
    ALL_PAGE_STREAMS,
    ALL_STREAMS,
    OddRecords,
    RunReport,
    Severity,
)


@pytest.mark.parametrize(
    ("gravities", "status"),
    [
        ([], 0),
        ([Severity.WARNING], 0),
        ([Severity.QUOTA], 3),
        ([Severity.QUOTA, Severity.WARNING], 3),
        ([Severity.FAILED], 1),
        ([Severity.FAILED, Severity.QUOTA], 1),
        ([Severity.QUOTA, Severity.FAILED], 1),
    ],
)
def test_exit_status(gravities: list[Severity], status: int) -> None:
    """Warnings are complete, a quota is 3, a failure is 1 whatever else there was."""
    run_report = RunReport()
    for severity in gravities:
        run_report.note("campaigns", 1, "reason", severity)
    assert run_report.exit_status == status


def test_summary_counts_streams_accounts_rows_and_requests() -> None:
    """The summary is one line of JSON."""
    run_report = RunReport()
    for stream in ("campaigns", "creatives"):
        run_report.begin(stream)
        run_report.finish(stream)
    run_report.rows["campaigns", 1] += 2
    run_report.rows["creatives", 1] += 3
    run_report.rows["creatives", 2] += 4
    run_report.note("creatives", 2, "no role\nwith ü", Severity.FAILED)
    text = run_summary.summary(run_report, collections.Counter(campaigns=5, creatives=6), 1)
    assert "\n" not in text
    assert "with ü" in text
    summary = json.loads(text)
    assert summary["exit_status"] == 1
    assert summary["rows"] == 9
    assert summary["requests"] == 11
    assert [(s["stream"], s["status"], s["rows"], s["requests"]) for s in summary["streams"]] == [
        ("campaigns", "complete", 2, 5),
        ("creatives", "failed", 7, 6),
    ]
    assert [(a["account_id"], a["status"], a["rows"]) for a in summary["accounts"]] == [
        (1, "complete", 5),
        (2, "failed", 4),
    ]
    assert [i["account_id"] for i in summary["incidents"]] == [2]


def test_pages_and_ad_accounts_are_told_apart() -> None:
    """A page has organization_id, an ad account account_id, even where their numbers agree."""
    run_report = RunReport(page_streams=frozenset({"posts"}), subjects={7}, pages={7, 8})
    for stream in ("campaigns", "posts", "lead_forms"):
        run_report.begin(stream)
        run_report.finish(stream)
    run_report.rows["campaigns", 7] += 2
    run_report.rows["posts", 7] += 5
    run_report.note("posts", 7, "of a page", Severity.FAILED)
    run_report.note("campaigns", 7, "of an account", Severity.WARNING)
    run_report.note("lead_forms", 8, "of a page", Severity.WARNING)
    run_report.note(ALL_PAGE_STREAMS, 9, "of a page", Severity.WARNING)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 1))
    assert summary["accounts"] == [{"account_id": 7, "status": "warning", "rows": 2, "days": None}]
    assert [(p["organization_id"], p["status"], p["rows"]) for p in summary["pages"]] == [
        (7, "failed", 5),
        (8, "warning", 0),
        (9, "warning", 0),
    ]
    assert [(i["account_id"], i["organization_id"]) for i in summary["incidents"]] == [
        (None, 7),
        (7, None),
        (None, 8),
        (None, 9),
    ]


def test_the_worst_of_several_incidents_counts() -> None:
    """A later warning does not hide that a stream or an account failed."""
    run_report = RunReport()
    run_report.begin("campaigns")
    run_report.note("campaigns", 1, "failed", Severity.FAILED)
    run_report.note("campaigns", 1, "a warning", Severity.WARNING)
    run_report.note("campaigns", 2, "a warning", Severity.WARNING)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 1))
    assert summary["streams"][0]["status"] == "failed"
    assert [a["status"] for a in summary["accounts"]] == ["failed", "warning"]


def test_what_was_not_read_to_its_end_is_not_complete() -> None:
    """A run that stopped says which streams it had begun, and which it had not."""
    run_report = RunReport(selected=["campaigns", "creatives", "posts"])
    for stream in ("campaigns", "creatives"):
        run_report.begin(stream)
    run_report.finish("campaigns")
    run_report.rows["campaigns", 1] += 1
    run_report.note("run", None, "stopped by signal 15", Severity.FAILED)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 143))
    assert {s["stream"]: s["status"] for s in summary["streams"]} == {
        "campaigns": "complete",
        "creatives": "unfinished",
        "posts": "not read",
    }
    assert [a["status"] for a in summary["accounts"]] == ["unfinished"]
    table = "\n".join(summary_display.table(run_summary.lines(run_report, collections.Counter())))
    assert "not read" in table
    assert "unfinished" in table


def test_summary_of_thousands_of_accounts_stays_short() -> None:
    """Beyond 200 accounts only those that are not complete are listed; all are counted."""
    run_report = RunReport()
    for account in range(5000):
        run_report.rows["campaigns", account] = 1
    run_report.note("campaigns", 4711, "no role", Severity.FAILED)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 1))
    assert summary["rows"] == 5000
    assert [account["account_id"] for account in summary["accounts"]] == [4711]


def test_summary_names_every_account_that_is_not_complete() -> None:
    """Whatever their number: a run that was stopped has finished none of them."""
    run_report = RunReport(subjects=set(range(5000)))
    run_report.note("run", None, "stopped by signal 15", Severity.FAILED)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 143))
    assert {a["account_id"]: a["status"] for a in summary["accounts"]} == dict.fromkeys(
        range(5000), "unfinished"
    )


def test_table_shows_what_was_not_read() -> None:
    """A line a stream with rows and requests, and one an incident, in columns."""
    run_report = RunReport()
    for stream in ("campaigns", "creatives"):
        run_report.begin(stream)
        run_report.finish(stream)
    run_report.rows["campaigns", 1] += 2
    run_report.rows["campaigns", 2] += 3
    run_report.note("campaigns", 2, "no role", Severity.WARNING)
    run_report.note("creatives", None, "quota", Severity.QUOTA)
    run_report.note(ALL_STREAMS, 512345678, "gone", Severity.FAILED)
    lines = summary_display.table(
        run_summary.lines(run_report, collections.Counter(campaigns=4, creatives=1))
    )
    assert [line.split(maxsplit=5) for line in lines[2:]] == [
        ["campaigns", "-", "warning", "5", "4"],
        ["campaigns", "2", "warning", "3", "-", "no role"],
        ["creatives", "-", "quota", "0", "1"],
        ["creatives", "-", "quota", "-", "-", "quota"],
    ]
    heading, first = lines[:2]
    assert heading.split() == ["STREAM", "ACCOUNT", "STATUS", "ROWS", "REQUESTS", "WHY"]
    assert first.startswith(ALL_STREAMS)
    assert "512345678" in first
    assert first.index("gone") == heading.index("WHY") == lines[3].index("no role")


def test_what_a_parent_lacks_its_children_lack() -> None:
    """A stream inside another's objects is not complete where that one is not."""
    run_report = RunReport()
    run_report.begin("posts")
    run_report.begin("post_hashtags", inside="posts")
    run_report.begin("hashtag_names", inside="post_hashtags")
    run_report.begin("campaigns")
    for stream in ("posts", "post_hashtags", "hashtag_names", "campaigns"):
        run_report.finish(stream)
    run_report.note("posts", 7, "reason", Severity.FAILED)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 1))
    assert {s["stream"]: s["status"] for s in summary["streams"]} == {
        "posts": "failed",
        "post_hashtags": "failed",
        "hashtag_names": "failed",
        "campaigns": "complete",
    }


def odd(
    column: str = "", key: object = 5, *, stream: str = "posts", subject: int | None = 7
) -> OddRecords:
    """Return something odd about one record."""
    return OddRecords(stream, subject, Severity.WARNING, {"id": key}, column, "soon", "integer")


def test_odd_values_are_counted_by_stream_owner_and_column() -> None:
    """The first is described."""
    run_report = RunReport()
    assert run_report.note_odd(odd("size"))
    assert not run_report.note_odd(odd("size", 6))
    assert run_report.note_odd(odd("width"))
    assert run_report.note_odd(odd("size", subject=8))
    why = "LinkedIn sent 'soon', and the column cannot hold it (integer)"
    assert [found.reason for found in run_report.incidents] == [
        f"column size is null in 2 rows (the first: id 5): {why}",
        f"column width is null in 1 row (the first: id 5): {why}",
        f"column size is null in 1 row (the first: id 5): {why}",
    ]
    assert {(i.stream, i.severity) for i in run_report.incidents} == {("posts", Severity.WARNING)}
    values = json.loads(run_summary.summary(run_report, collections.Counter(), 0))[
        "unreadable_values"
    ]
    assert values[0] == {
        "stream": "posts",
        "account_id": 7,
        "organization_id": None,
        "key": {"id": "5"},
        "column": "size",
        "value": "soon",
        "count": 2,
    }
    assert [(v["column"], v["account_id"]) for v in values[1:]] == [("width", 7), ("size", 8)]


def test_records_without_a_key_are_counted() -> None:
    """Whoever they are of; the run is not complete."""
    run_report = RunReport(page_streams=frozenset({"posts"}))
    run_report.set_aside("posts", "no id")
    run_report.set_aside("posts", "no number")
    run_report.note_odd(odd())
    unknown, of_page = run_report.incidents
    told = "The bookmark stays: run the tap again, and report it with this message if that stays"
    assert unknown.reason == f"2 records without a usable key left out: no id. {told}"
    assert (unknown.stream, unknown.subject, unknown.severity) == ("posts", None, Severity.FAILED)
    assert of_page.reason == (
        f"1 record without a usable key left out (the first: id 5): soon. {told}"
    )
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 1))
    assert summary["unreadable_values"] == []
    assert [i["organization_id"] for i in summary["incidents"]] == [None, 7]


def test_replaced_characters_are_told() -> None:
    """In the table and in the summary."""
    run_report = RunReport()
    for stream, number in (("posts", 1), ("leads", 3), ("forms", 0)):
        run_report.begin(stream)
        run_report.finish(stream)
        run_report.characters_replaced[stream] += number
    lines = [
        line.split(maxsplit=5)
        for line in summary_display.table(run_summary.lines(run_report, collections.Counter()))
    ]
    assert [line for line in lines if line[2] == "note"] == [
        ["posts", "-", "note", "-", "-", "1 character that loaders cannot take became U+FFFD"],
        ["leads", "-", "note", "-", "-", "3 characters that loaders cannot take became U+FFFD"],
    ]
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 0))
    assert summary["characters_replaced"] == {"posts": 1, "leads": 3, "forms": 0}


def test_owners_without_rows_are_listed() -> None:
    """Those that the run reads, those that have rows, and those of which something was noted."""
    run_report = RunReport(subjects={5}, pages={5, 6})
    run_report.begin("leads")
    run_report.finish("leads")
    run_report.rows["leads", 6] += 2
    run_report.rows["leads", 7] += 3
    run_report.note("leads", 8, "why", Severity.WARNING)
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 0))
    assert [(a["account_id"], a["status"], a["rows"]) for a in summary["accounts"]] == [
        (5, "complete", 0),
        (7, "complete", 3),
        (8, "warning", 0),
    ]
    assert [(p["organization_id"], p["rows"]) for p in summary["pages"]] == [(5, 0), (6, 2)]


def test_rows_that_have_stopped_are_listed_whatever_the_number_of_accounts() -> None:
    """An ad account is told with its days, and stays in a summary that leaves out complete ones."""
    run_report = RunReport(subjects=set(range(1, 301)))
    first, last = dt.date(2026, 10, 23), dt.date(2026, 11, 22)
    days = [first + dt.timedelta(days=number) for number in range(28)]
    for account in run_report.subjects:
        run_report.read_days(account, first, last, {7: days, 8: [last], 9: []}.get(account, [last]))
    earlier = first - dt.timedelta(days=2)
    run_report.read_days(7, earlier, last, [earlier, *days[:3]])  # another report
    summary = json.loads(run_summary.summary(run_report, collections.Counter(), 0))
    assert summary["accounts"] == [
        {
            "account_id": 7,
            "status": "complete",
            "rows": 0,
            "days": {
                "first": "2026-10-21",
                "last": "2026-11-22",
                "with_rows": 29,
                "last_with_rows": "2026-11-19",
            },
        }
    ]


def unfortunate_run() -> RunReport:
    """Return the report of a run with long names, large figures and long reasons."""
    run_report = RunReport()
    name = "ad_analytics_by_impression_device_type"
    for stream in (name, "campaigns"):
        run_report.begin(stream)
        run_report.finish(stream)
    run_report.rows[name, 512340001] += 1_234_567_890
    for account in range(12):
        reason = f"number {account} of many reasons in so many words that no line could hold them"
        run_report.note("campaigns", 512340000 + account, reason, Severity.FAILED)
    return run_report


@pytest.mark.parametrize("width", [80, 100, None])
def test_the_table_fits_on_a_terminal(width: int | None) -> None:
    """Reasons go over several lines there, between words; a file has a line for each."""
    requests = collections.Counter(campaigns=123_456)
    lines = run_summary.lines(unfortunate_run(), requests)
    table = summary_display.table(lines, width)
    assert max(map(len, table)) <= (width or 1000)
    assert (len(table) > 1 + 2 + 12) == (width is not None)
    words = set(" ".join(table).split())
    assert {"1234567890", "123456", "512340011", "ad_analytics_by_impression_device_type"} <= words
    for account in range(12):
        assert f"number {account} of many reasons" in " ".join(" ".join(table).split())


def test_the_table_of_a_structured_log_is_short() -> None:
    """A line for each stream and for ten reasons; the JSON below has them all."""
    lines = run_summary.lines(unfortunate_run(), collections.Counter(campaigns=5))
    heading, first, second, *reasons, rest = summary_display.short(lines)
    assert heading.split() == ["STREAM", "STATUS", "ROWS", "REQUESTS"]
    assert first.split() == [
        "ad_analytics_by_impression_device_type",
        "complete",
        "1234567890",
        "0",
    ]
    assert second.split() == ["campaigns", "failed", "0", "5"]
    assert len(reasons) == 10
    assert reasons[0].startswith("campaigns 512340000 failed: number 0 of many reasons")
    assert rest == "... and 2 more, in the JSON below"

"""What somebody hears of a run: why it failed, and whose rows have stopped."""

from __future__ import annotations

import collections
import datetime as dt
import json
import subprocess
import sys
import typing as t

import linkedin_ads_watch
import pytest
from linkedin_ads_watch import failure, kept, post, silence, stopped, summary_in, tell

from sandbox.api.listener import Listener, QuietHandler
from tap_linkedin_ads.sync import run_summary
from tap_linkedin_ads.sync.run_report import RunReport, Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.singer import Json

LAST = dt.date(2026, 11, 22)
FIRST = LAST - dt.timedelta(days=30)


def summary(days: dict[int, list[int]], *reasons: str, status: int = 0) -> Json:
    """Return the summary of a run.

    Args:
        days: By ad account, the days with rows, counted back from the last one.
        reasons: What failed.
        status: The exit status.
    """
    report = RunReport(subjects=set(days))
    for account, ago in days.items():
        report.read_days(account, FIRST, LAST, [LAST - dt.timedelta(days=number) for number in ago])
    report.note("posts", None, "only a warning", Severity.WARNING)
    for reason in reasons:
        report.note("campaigns", None, reason, Severity.FAILED)
    found: Json = json.loads(run_summary.summary(report, collections.Counter(), status))
    return found


@pytest.mark.parametrize(
    ("ago", "has_stopped"),
    [
        (range(31), False),
        (range(1, 31), False),  # today has only begun
        (range(2, 31), False),  # yesterday's figures may be late
        (range(3, 31), True),
        (range(3, 31, 2), True),  # on half of the days
        (range(3, 31, 3), False),  # a client of few days
        (range(20, 31), True),
        ([], False),  # nothing to stop
    ],
    ids=str,
)
def test_rows_have_stopped_after_days_with_rows(ago: t.Sequence[int], has_stopped: bool) -> None:  # noqa: FBT001
    """Rows on most days up to the last one, and none on the two whole days behind it."""
    found = stopped(summary({7: list(ago)}))
    newest = LAST - dt.timedelta(days=min(ago, default=0))
    assert found == ([(7, newest.isoformat())] if has_stopped else [])


def test_an_account_of_which_no_daily_report_was_read_is_not_silent() -> None:
    """Without reports nobody knows."""
    report = RunReport(subjects={7})
    found = json.loads(run_summary.summary(report, collections.Counter(), 0))
    assert silence("tap", found) == ""


def test_a_failure_is_told_with_its_reasons() -> None:
    """The first five of what was an error; a run that left no summary was killed."""
    assert failure("tap", summary({})) == ""
    text = failure("tap", summary({}, *(f"reason {n}" for n in range(7)), status=1))
    assert text.splitlines() == [
        "tap ended with status 1.",
        *(f"reason {n}" for n in range(5)),
        "... and 2 more.",
    ]
    assert "without a summary" in failure("tap", None)


def test_the_summary_is_found_in_any_log() -> None:
    """It is the last line of the tap's stderr; Meltano writes before and behind it."""
    one, other = json.dumps(summary({1: [0]})), json.dumps(summary({2: [0]}))
    meltano = f"2026-11-22T05:00:00Z [info     ] tap-linkedin-ads {other}"
    found = summary_in(["METRIC", one, meltano, "Run completed", other[:40]])
    assert found == json.loads(other)
    assert summary_in(["nothing", "of that kind"]) is None


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[Json]]]:
    """Serve a webhook; give its address and what it was sent."""
    sent: list[Json] = []

    class Hook(QuietHandler):
        """Takes what is posted."""

        def do_POST(self) -> None:  # noqa: N802  a name of the standard library
            """Keep it."""
            sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

    with Listener(0, Hook) as server:
        yield f"{server.url}/", sent


def test_a_webhook_gets_the_text(
    webhook: tuple[str, list[Json]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the environment names one; one that is gone is told in the log, and fails nothing."""
    url, sent = webhook
    post(url, "ein Wörtchen")
    monkeypatch.setenv("LINKEDIN_ADS_WEBHOOK", url)
    tell("two")
    tell("")
    assert sent == [{"text": "ein Wörtchen"}, {"text": "two"}]
    tell("three", "http://127.0.0.1:9/")
    assert "The webhook does not take it" in capsys.readouterr().out


@pytest.mark.slow
def test_cron_hears_of_trouble_only(tmp_path: Path) -> None:
    """The program prints nothing of a run that is well; what passes through it comes out whole."""
    program = [sys.executable, linkedin_ads_watch.__file__]
    log = tmp_path / "last-run.log"
    well, silent = summary({1: [0, 1]}), summary({512340001: list(range(5, 31))}, "why", status=1)
    log.write_text(f"...\n{json.dumps(well)}\n")
    done = subprocess.run([*program, str(log)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = f"...\ntap {json.dumps(silent)}\nRun completed\n"
    done = subprocess.run(
        [*program, "--keep", str(tmp_path / "kept.json")],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == text
    assert kept(tmp_path / "kept.json") == silent
    log.write_text(text)
    done = subprocess.run([*program, str(log)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "last-run ended with status 1.\nwhy" in done.stdout
    assert "512340001 (last rows: 2026-11-17)" in done.stdout

"""A run that is ended from outside loses nothing, and says truthfully how far it came."""

from __future__ import annotations

import datetime as dt
import json
import random
import signal
import threading
import time
import typing as t

import pytest

from sandbox.world import worlds
from tests import singer, truth
from tests.singer import TODAY, Output
from tests.truth import ad_performance, assert_equal

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox
    from tests.singer import Json

STREAM = "ad_performance"
COLUMNS = ("impressions", "cost_in_usd", "likes", "video_views", "event_views", "opens")
START = TODAY - dt.timedelta(days=89)
AT_ONCE = 120
"""Seconds in which any machine ends a run that waits for nothing; the waits here are longer."""
pytestmark = pytest.mark.slow


def command(folder: Path, sandbox: Sandbox, state: Json | None = None) -> list[str]:
    """Return a command line that reads ad_performance in short windows."""
    config = singer.config(
        sandbox, start_date=START.isoformat(), date_window_size=3, lookback_window=0
    )
    return singer.arguments(folder, config, singer.catalog({STREAM: COLUMNS}), state)


def interrupted(  # noqa: PLR0913  what is started, and when it is stopped
    folder: Path,
    sandbox: Sandbox,
    number: int,
    seconds: float,
    state: Json | None = None,
    *,
    behind: bytes = b"",
) -> Output:
    """Start the tap, and signal it some time after its first output (or when it is done).

    The time begins behind the first line that holds ``behind``.
    """
    with singer.start(command(folder, sandbox, state)) as process:
        assert process.stdout is not None
        first = line = process.stdout.readline()
        while behind not in line:
            line = process.stdout.readline()
            assert line, f"the tap ended without {behind!r}"
            first += line
        timer = threading.Timer(seconds, process.send_signal, [number])
        timer.start()
        stdout, stderr = process.communicate()
        timer.cancel()
    return Output(process.returncode, first + stdout, stderr.decode())


def check_bookmarks(output: Output, rows: set[truth.Key], before: dict[int, str]) -> set[truth.Key]:
    """Return the keys of the records; at no state message may a bookmark be ahead of them."""
    seen: set[truth.Key] = set()
    for message in output.messages:
        if message["type"] == "RECORD":
            record = message["record"]
            seen.add(t.cast("truth.Key", tuple(record[column] for column in truth.KEY)))
        elif message["type"] == "STATE":
            marks = singer.bookmarks(message["value"], STREAM)
            early = {
                key
                for key in rows - seen
                if before.get(key[0], "") < key[3] <= marks.get(key[0], "")
            }
            assert not early, f"a bookmark is ahead of {min(early)}"
    return seen


@pytest.fixture
def slow(serve: Callable[..., Sandbox]) -> Sandbox:
    """Serve the small world slowly, so that a backfill lasts a while."""
    return serve(worlds.small(today=TODAY), latency_ms=150)


def test_killed_at_any_moment_nothing_is_missing(slow: Sandbox, tmp_path: Path) -> None:
    """After ten kills in a row, each resumed from the last whole state, all rows are there."""
    expected = ad_performance(slow.world, START, columns=COLUMNS)
    moments = random.Random(20)  # noqa: S311
    collected: dict[tuple[t.Any, ...], Json] = {}
    state: Json | None = None
    killed = 0
    for _ in range(10):
        output = interrupted(tmp_path, slow, signal.SIGKILL, moments.uniform(0, 0.4), state)
        before = singer.bookmarks(state or {}, STREAM)
        check_bookmarks(output, set(expected), before)
        for record in output.records(STREAM):
            collected[tuple(record[column] for column in truth.KEY)] = record
        killed += output.status == -signal.SIGKILL
        state = output.state or state
    assert killed >= 3
    slow.switches.latency_ms = 0  # nobody is to interrupt the last one
    last = singer.run(command(tmp_path, slow, state))
    assert last.status == 0
    for record in last.records(STREAM):
        collected[tuple(record[column] for column in truth.KEY)] = record
    assert_equal(collected, expected)
    assert set(last.bookmarks(STREAM).values()) == {TODAY.isoformat()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_run_with_its_state(
    slow: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    """128 plus the signal, whole lines only, a state at the end, and a summary on stderr."""
    output = interrupted(tmp_path, slow, number, 0.25)
    assert output.status == 128 + number
    assert output.stdout.endswith(b"\n")
    assert output.messages[-1]["type"] == "STATE"
    assert output.summary["exit_status"] == 128 + number
    assert [s["status"] for s in output.summary["streams"]] == ["unfinished"]
    assert "Traceback" not in output.stderr
    expected = ad_performance(slow.world, START, columns=COLUMNS)
    check_bookmarks(output, set(expected), {})


def test_a_signal_that_is_ignored_does_not_end_the_run(slow: Sandbox, tmp_path: Path) -> None:
    """Under nohup a run outlives its terminal."""
    shell = ["bash", "-c", 'trap "" HUP; exec "$@"', "tap", *command(tmp_path, slow)]
    with singer.start(shell) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        slow.switches.latency_ms = 0
        process.communicate()
    assert process.returncode == 0


def test_a_catalog_is_whole() -> None:
    """What is printed for a person or for Meltano is whole, too, when the tap was paused."""
    text = bytearray()
    with singer.start([*singer.COMMAND, "--discover"], PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        while taken := process.stdout.read1(4096):
            text += taken
            process.send_signal(signal.SIGSTOP)
            process.send_signal(signal.SIGCONT)
        process.communicate()
    assert process.returncode == 0
    assert len(text) > 1_000_000
    assert json.loads(text)["streams"]


def test_a_signal_does_not_wait_for_linkedin(slow: Sandbox, tmp_path: Path) -> None:
    """An answer that takes long does not hold up the end."""
    slow.faults.add("delay", path="/rest/adAnalytics", seconds=3600, times=None)
    started = time.monotonic()
    output = interrupted(tmp_path, slow, signal.SIGTERM, 0.5)
    assert output.status == 128 + signal.SIGTERM
    assert time.monotonic() - started < AT_ONCE


def test_a_reader_that_goes_away_ends_the_run(slow: Sandbox, tmp_path: Path) -> None:
    """When a target dies, the tap ends with a status that is not 0, and without a traceback."""
    with singer.start(command(tmp_path, slow)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        stderr = process.stderr.read().decode()
        assert process.wait() == 1
    assert "Traceback" not in stderr
    assert '"exit_status": 1' in stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [None, signal.SIGTERM])
def test_without_a_reader_the_tap_does_not_wait_for_linkedin(
    slow: Sandbox, tmp_path: Path, number: signal.Signals | None
) -> None:
    """It ends while it has nothing to write; a signal that comes along is told as ever."""
    slow.faults.add("delay", path="/rest/adAnalytics", seconds=3600, times=None)
    started = time.monotonic()
    with singer.start(command(tmp_path, slow)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        if number is not None:
            process.send_signal(number)
        stderr = process.stderr.read().decode()
        assert process.wait() == (1 if number is None else 128 + number)
    assert time.monotonic() - started < AT_ONCE
    assert "Traceback" not in stderr
    summary = json.loads(stderr.splitlines()[-1])
    (incident,) = (i for i in summary["incidents"] if i["stream"] == "run")
    assert incident["reason"] == (
        "stdout was closed by its reader" if number is None else "stopped by signal 15"
    )


@pytest.mark.parametrize(
    ("redirect", "words"),
    [("> /dev/full", "No space left"), (">&-", "closed before the tap started")],
)
def test_a_stdout_that_takes_nothing_is_told(
    slow: Sandbox, tmp_path: Path, redirect: str, words: str
) -> None:
    """A full disk, or no stdout at all: status 1, the reason, and no traceback."""
    shell = ["bash", "-c", f'exec "$@" {redirect}', "tap", *command(tmp_path, slow)]
    output = singer.run(shell)
    assert output.status == 1
    assert words in output.summary["incidents"][0]["reason"]
    assert "Traceback" not in output.stderr
    assert output.stdout == b""


def test_without_stderr_stdout_carries_messages_only(sandbox: Sandbox, tmp_path: Path) -> None:
    """The summary has nowhere to go then, and does not go to the target."""
    output = singer.run(["bash", "-c", 'exec "$@" 2>&-', "tap", *command(tmp_path, sandbox)])
    assert output.status == 0
    assert {message["type"] for message in output.messages} == {"SCHEMA", "RECORD", "STATE"}


@pytest.mark.parametrize(
    ("fault", "options"),
    [("throttle", {"unit": "MINUTE"}), ("throttle_data", {}), ("status", {"status": 503})],
)
def test_a_signal_ends_a_pause(
    slow: Sandbox, tmp_path: Path, fault: str, options: dict[str, t.Any]
) -> None:
    """Neither LinkedIn's Retry-After nor its window of metric values holds up the end."""
    slow.faults.add(fault, path="/rest/adAnalytics", times=None, retry_after=600, **options)
    started = time.monotonic()
    output = interrupted(tmp_path, slow, signal.SIGTERM, 0.8)
    assert output.status == 128 + signal.SIGTERM
    assert time.monotonic() - started < AT_ONCE
    assert "wait 600.0 s" in output.stderr or "in 600.0 s" in output.stderr
    assert output.messages[-1]["type"] == "STATE"


def test_an_interrupted_run_resumes_where_it_was(slow: Sandbox, tmp_path: Path) -> None:
    """Days that were complete before the signal are not asked for again."""
    output = interrupted(tmp_path, slow, signal.SIGTERM, 0.1, behind=b'"STATE"')
    reached = min(output.bookmarks(STREAM).values())
    slow.reset_log()
    slow.switches.latency_ms = 0
    singer.run(command(tmp_path, slow, output.state))
    starts = [e.params["dateRange"]["start"] for e in slow.log if e.resource == "adAnalytics"]
    first = min(dt.date(*(int(day[part]) for part in ("year", "month", "day"))) for day in starts)
    assert first.isoformat() == reached
    assert first > START

"""How far a run has got: told once an answer, shown as bars or as a line a minute."""

from __future__ import annotations

import copy
import datetime as dt
import io
import logging
import os
import pty
import re
import subprocess
import threading
import time
import typing as t
from dataclasses import dataclass

import pyte
import pytest
from rich.console import Console

from sandbox.world import worlds
from tap_linkedin_ads.cli import progress_bars, progress_display
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import Tally, Window
from tap_linkedin_ads.sync import progress
from tap_linkedin_ads.sync.progress import Progress, Snapshot
from tests import browser, pictures, singer
from tests.processes import started

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return where the hands are."""
        return self.now


def example() -> Snapshot:
    """Return a run in the middle of its second stream."""
    hands = Hands()
    told = Progress(hands)
    told.begin("campaigns")
    told.update("campaigns", "accounts", 3, 0)
    hands.now += 7
    told.end("campaigns")
    told.begin("ad_performance")
    hands.now += 60
    told.update("ad_performance", "windows", 10, 30)
    return Snapshot(
        hands.now,
        told.streams,
        {"campaigns": 12, "ad_performance": 1_234_567},
        {"campaigns": 3, "ad_performance": 11},
        3_100_000,
        45_000_000,
    )


def test_a_line_says_it_all() -> None:
    """Streams read, windows, rows, requests, time left and the budget of metric values."""
    assert progress.line(example()) == (
        "Progress: 1 stream read; ad_performance, 10 of 40 windows, 1,234,567 rows, 11 requests, "
        "about 3 min 0 s left; 3.1 of 45 million metric values in five minutes."
    )


def test_a_line_before_anything_is_known() -> None:
    """A stream that has just begun has no plan and no time left."""
    told = Progress(Hands())
    told.begin("posts")
    line = progress.line(Snapshot(1000.0, told.streams, {}, {}, 0, 45_000_000))
    assert line == "Progress: 0 streams read; posts, 0 rows, 0 requests."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, text: str) -> None:
    """A time in two units."""
    assert progress.duration(seconds) == text


def test_bars_show_every_stream() -> None:
    """One row a stream, the budget below; the run's picture in docs is this one."""
    console = Console(width=110, file=io.StringIO(), force_terminal=True, record=True)
    console.print(progress_bars.table(example()))
    rows = console.export_text().splitlines()
    assert re.match(r"campaigns +━{24} +3/3 accounts +12 rows +3 requests +7 s", rows[0])
    assert re.match(r"ad_performance +[━╸╺]{24} +10/40 windows +1,234,567 rows", rows[1])
    assert "3 min 0 s left" in rows[1]
    assert rows[2] == "3.1 of 45 million metric values in five minutes"


@pytest.mark.parametrize("width", [80, 90, 110, 200])
def test_no_figure_is_cut_where_the_terminal_is_narrow(width: int) -> None:
    """The figures of a large run: bars and columns go, and those that stay are whole."""
    hands = Hands()
    told = Progress(hands)
    names = ("ad_analytics_by_impression_device_type", "ad_performance")
    for name in names:
        told.begin(name)
        hands.now += 7525
        told.update(name, "windows", 1046, 11_117)
    snapshot = Snapshot(
        hands.now, told.streams, {names[0]: 123_204_311}, {names[0]: 10_050}, 21_700_000, 45_000_000
    )
    console = Console(width=width, file=io.StringIO(), force_terminal=True, record=True)
    console.print(progress_bars.table(snapshot))
    *rows, quota = [line.rstrip() for line in console.export_text().splitlines()]
    assert all(len(line) <= width for line in (*rows, quota))
    text = "\n".join(rows)
    for said in ("1,046/12,163 windows", "left", *names):
        assert said in text
    assert ("123,204,311 rows" in text) == (width >= 110)
    assert ("10,050 requests" in text) == (width >= 200)
    assert ("━" in text) == (width >= 90)
    assert "\u2026" not in text


def test_a_plan_tells_how_much_is_left() -> None:
    """Windows left go down to zero, and up where an answer shows that more are needed."""
    year = Window(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    planner = Planner([1], year, [True, False])
    assert planner.windows_left == 8  # four windows of at most 92 days in two field groups
    chunk = planner.next_chunk()
    assert chunk is not None
    rows = dict.fromkeys(chunk.window, 100)
    planner.whole(chunk, Tally(9200, by_day=type(Tally().by_day)(rows)))
    assert planner.windows_left == 7
    while not planner.done:
        chunk = planner.next_chunk()
        assert chunk is not None
        planner.whole(chunk, Tally())
    assert planner.windows_left == 0


def test_lines_come_while_the_run_waits() -> None:
    """A line a minute comes from a thread of its own, and none after the end."""
    lines: list[str] = []
    came = threading.Event()

    def log(line: str) -> None:
        lines.append(line)
        came.set()

    with progress_display._lines(example, log, 0.01):
        assert came.wait(10)
    number = len(lines)
    time.sleep(0.05)
    assert len(lines) == number
    assert all(line.startswith("Progress: ") for line in lines)


@pytest.mark.slow
def test_streams_report_once_an_answer(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling is no work of the record: as many times as there are answers, and complete."""
    told: list[tuple[str, str, int, int]] = []
    original = Progress.update

    def update(self: Progress, *facts: t.Any) -> None:  # noqa: ANN401
        told.append(facts)  # type: ignore[arg-type]
        original(self, *facts)

    monkeypatch.setattr(Progress, "update", update)
    names = ("campaigns", "organization_page_statistics", "posts", "ad_performance")
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog(dict.fromkeys(names)))
    assert output.status == 0
    for name, unit in zip(names, ("accounts", "pages", "pages", "windows"), strict=True):
        mine = [facts for facts in told if facts[0] == name]
        requests = [entry for entry in sandbox.log if entry.resource != "oauth"]
        assert 0 < len(mine) <= len(requests)
        assert {facts[1] for facts in mine} == {unit}
        assert name == "posts" or mine[-1][3] == 0
        assert [facts[2] for facts in mine] == sorted(facts[2] for facts in mine)


COLUMNS, LINES = 120, 16


@dataclass(frozen=True)
class Shown:
    """A run on a terminal: what it wrote, and the terminal in the middle of it."""

    output: singer.Output
    raw: str
    middle: pyte.Screen


def run_on_terminal(command: list[str], is_middle: t.Callable[[str], object]) -> Shown:
    """Run a command line of the tap with stderr on a terminal.

    Args:
        command: The command line.
        is_middle: Tells from the text on the terminal whether this is the moment to keep.
    """
    ours, theirs = pty.openpty()
    raw = bytearray()
    screen, kept = pyte.Screen(COLUMNS, LINES), pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)

    def read() -> None:
        nonlocal kept
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other end is closed
                return
            raw.extend(chunk)
            stream.feed(chunk)
            if not any(map(str.strip, kept.display)) and is_middle("\n".join(screen.display)):
                kept = copy.deepcopy(screen)

    variables = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}
    with started(
        command,
        cwd=singer.ROOT,
        env=singer.environment(**variables, PYTHONWARNINGS=""),
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        out, _ = process.communicate()
    reader.join(10)
    os.close(ours)
    text = raw.decode()
    return Shown(singer.Output(process.returncode, out, ESCAPES.sub("", text)), text, kept)


@pytest.mark.slow
def test_a_terminal_gets_bars_and_stdout_stays_singer(
    serve: t.Callable[..., Sandbox], tmp_path: Path
) -> None:
    """Bars are drawn on stderr, log lines above them, and the JSON summary is the last line."""
    sandbox = serve(worlds.small(today=singer.TODAY), latency_ms=60)
    streams = ("campaigns", "creatives", "organization_page_statistics", "ad_performance")
    settings = {**sandbox.config(), "date_window_size": 14}
    command = singer.arguments(tmp_path, settings, singer.catalog(dict.fromkeys(streams)))
    planned = re.compile(r"ad_performance +[━╸╺]+ +(\d+)/(\d+) windows")

    def is_middle(text: str) -> bool:
        found = planned.search(text)
        return bool(found and int(found[1]) * 5 >= int(found[2]) * 4)

    shown = run_on_terminal(command, is_middle)
    output = shown.output
    assert output.status == 0, shown.raw
    assert {message["type"] for message in output.messages} <= {"SCHEMA", "RECORD", "STATE"}
    assert output.summary["rows"] == sum(1 for _ in output.of_type("RECORD"))
    assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")  # the cursor is back
    assert "Beginning sync of 'campaigns'" in output.stderr  # the SDK's own lines stay
    lines = [line.rstrip() for line in shown.middle.display if line.strip()]
    *_, campaigns, creatives, pages, performance, quota = lines
    assert re.match(r"campaigns +━{24} +3/3 accounts +[\d,]+ rows +3 requests +\d+ s", campaigns)
    assert re.match(r"creatives +━{24} +3/3 accounts", creatives)
    assert re.match(r"organization_page_statistics +━{24} +2/2 pages", pages)
    assert re.match(r"ad_performance +━+╸?╺?━* +\d+/\d+ windows .* left$", performance)
    assert re.fullmatch(r"[\d.]+ of 45 million metric values in five minutes", quota)
    assert not any("━" in line for line in lines[:-5])
    if browser.CHROMIUM and browser.DRIVER and pictures.WANTED:
        page = tmp_path / "terminal.html"
        page.write_text(pictures.terminal_page(shown.middle))
        with browser.browser(tmp_path / "profile") as window:
            window.open(page.as_uri())
            pictures.write("progress.png", window.picture_of("pre"))


@pytest.mark.slow
def test_a_pipe_gets_no_bars(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where stderr is no terminal there is nothing but log lines and the summary."""
    command = singer.arguments(
        tmp_path, singer.config(sandbox), singer.catalog({"campaigns": None})
    )
    output = singer.run(command, TERM="xterm-256color")
    assert output.status == 0
    assert "\x1b" not in output.stderr
    assert "━" not in output.stderr
    assert output.summary["exit_status"] == 0


def test_log_handlers_are_given_back() -> None:
    """What the bars take over is put back when they vanish."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    assert handler not in list(progress_bars._stream_handlers())
    logger = logging.getLogger("tests.progress")
    logger.addHandler(handler)
    try:
        assert handler in list(progress_bars._stream_handlers())
        console = Console(file=io.StringIO(), force_terminal=True)
        with progress_bars.on(console, example):
            assert handler.stream is stream
    finally:
        logger.removeHandler(handler)

"""Shows how far a run has got: live bars on a terminal, elsewhere one line a minute in the log.

The bars are rich's, which draws above them whatever else is printed. They stand on stderr only,
and only where stdout does not share the terminal: there Singer messages would run through them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import typing as t

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tap_linkedin_ads.sync import progress

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_linkedin_ads.sync.progress import Snapshot, StreamProgress

LINE_SECONDS = 60.0
_FRAMES_A_SECOND = 4
_STDERR = 2
_BAR_WIDTH = 24
_MOST_BARS = 12
"""Streams to show at most: the newest ones."""


@contextlib.contextmanager
def shown(snapshot: Callable[[], Snapshot], log: Callable[[str], None]) -> Iterator[None]:
    """Show progress while the body runs, in the way that suits where stderr goes.

    Args:
        snapshot: Gives the run at this moment; called from another thread.
        log: Takes the lines where there is no terminal.
    """
    console = Console(stderr=True)
    bars = console.is_terminal and not console.is_dumb_terminal and not sys.stdout.isatty()
    with _bars(snapshot, console) if bars else _lines(snapshot, log, LINE_SECONDS):
        yield


@contextlib.contextmanager
def _lines(
    snapshot: Callable[[], Snapshot], log: Callable[[str], None], seconds: float
) -> Iterator[None]:
    """Log a line every so many seconds, also while the run waits for LinkedIn."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(seconds):
            log(progress.line(snapshot()))

    thread = threading.Thread(target=tick, daemon=True, name="progress")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def _bars(snapshot: Callable[[], Snapshot], console: Console) -> Iterator[None]:
    """Draw bars that vanish at the end; log lines go above them."""
    live = Live(
        console=console,
        get_renderable=lambda: table(snapshot()),
        refresh_per_second=_FRAMES_A_SECOND,
        redirect_stdout=False,
        transient=True,
    )
    # A handler may hold a stream from before stderr was wrapped; it writes to the same terminal.
    plain = (sys.stderr, sys.__stderr__)
    with live:
        handlers = [(h, h.stream) for h in _stream_handlers() if h.stream in plain]
        for handler, _ in handlers:
            handler.setStream(sys.stderr)
        try:
            yield
        finally:
            for handler, stream in handlers:
                handler.setStream(stream)


def give_back_terminal() -> None:
    """Show the cursor again, where a run ends in the middle of everything."""
    if os.isatty(_STDERR):
        os.write(_STDERR, b"\x1b[?25h")


def _stream_handlers() -> Iterator[logging.StreamHandler[t.Any]]:
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler):
                yield handler


def table(snapshot: Snapshot) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "right", "right", "right", "right"):
        grid.add_column(justify=t.cast("t.Any", justify), no_wrap=True)
    streams = snapshot.streams[-_MOST_BARS:]
    for stream in streams:
        grid.add_row(*_cells(stream, snapshot))
    earlier = len(snapshot.streams) - len(streams)
    foot = [f"{earlier} streams before these"] if earlier else []
    foot.append(progress.quota(snapshot))
    return Group(grid, Text("; ".join(foot), style="dim"))


def _cells(stream: StreamProgress, snapshot: Snapshot) -> tuple[RenderableType, ...]:
    share, left = stream.share, stream.seconds_left(snapshot.now)
    count = f"{stream.done:,}/{stream.planned:,} {stream.unit}" if stream.planned else ""
    if stream.ended_at is not None:
        time = Text(progress.duration(stream.ended_at - stream.began_at), style="dim")
    else:
        time = Text(f"{progress.duration(left)} left" if left is not None else "")
    return (
        Text(stream.stream, style="bold" if stream.ended_at is None else ""),
        ProgressBar(
            total=1.0,
            completed=share or 0.0,
            width=_BAR_WIDTH,
            complete_style="cyan",  # rich's own is a red, as if something were wrong
            pulse=share is None,
            animation_time=snapshot.now,
        ),
        Text(count),
        Text(f"{snapshot.rows.get(stream.stream, 0):,} rows"),
        Text(f"{snapshot.requests.get(stream.stream, 0):,} requests"),
        time,
    )

"""Live bars that show how far a run has got.

They are rich's, which draws above them whatever else is printed.
"""

from __future__ import annotations

import contextlib
import logging
import sys
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

_FRAMES_A_SECOND = 4
_BAR_WIDTH = 24
_MOST_BARS = 12
"""Streams to show at most: the newest ones."""


def drawn(
    snapshot: Callable[[], Snapshot],
) -> contextlib.AbstractContextManager[None] | None:
    """Return bars on stderr, None for a terminal that cannot move its cursor.

    Args:
        snapshot: Gives the run at this moment; called from another thread.
    """
    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        return None
    return on(console, snapshot)


@contextlib.contextmanager
def on(console: Console, snapshot: Callable[[], Snapshot]) -> Iterator[None]:
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

"""Live bars that show how far a run has got.

They are rich's, which draws above them whatever else is printed.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import typing as t

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tap_linkedin_ads.sync import progress

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_linkedin_ads.sync.progress import Snapshot, StreamProgress

_FRAMES_A_SECOND = 4
_BAR_WIDTH, _SHORTEST_BAR = 24, 8
_GAP = 2
_ROWS, _REQUESTS = 1, 2
"""Places of texts behind a stream's name."""
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


class _Streams:
    """The table of streams, with the columns that the terminal has room for."""

    def __init__(self, snapshot: Snapshot, streams: list[StreamProgress]) -> None:
        self._snapshot = snapshot
        self._rows = [_texts(stream, snapshot) for stream in streams]
        self._streams = streams

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = [max(map(len, column)) for column in zip(*self._rows, strict=True)]
        shown, bar = fitting(widths, options.max_width)
        del console  # the options say how much of it there is
        grid = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
        grid.add_column(overflow="fold")
        if bar:
            grid.add_column(width=bar)
        for _ in shown:
            grid.add_column(justify="right", no_wrap=True)
        for stream, (name, *texts) in zip(self._streams, self._rows, strict=True):
            cells: list[RenderableType] = [
                Text(name, style="bold" if stream.ended_at is None else "")
            ]
            if bar:
                cells.append(_bar(stream, bar, self._snapshot.now))
            cells += [Text(texts[column]) for column in shown]
            grid.add_row(*cells)
        yield grid


def fitting(widths: Sequence[int], room: int) -> tuple[list[int], int]:
    """Choose what a terminal has room for, so that no figure is cut.

    The bar gives way first, down to a stub; then requests, rows and the bar itself go. How many
    windows are read and how much time is left stay.

    Args:
        widths: Columns that names, counts, rows, requests and times take.
        room: Columns of the terminal.

    Returns:
        Which texts behind the name are shown, and how wide the bar is; 0 for none.
    """
    name, *texts = widths
    shown = list(range(len(texts)))
    for gone in (None, _REQUESTS, _ROWS):
        if gone is not None:
            shown.remove(gone)
        left = room - name - sum(_GAP + texts[column] for column in shown) - _GAP
        if left >= _SHORTEST_BAR:
            return shown, min(left, _BAR_WIDTH)
    return shown, 0


def table(snapshot: Snapshot) -> RenderableType:
    streams = snapshot.streams[-_MOST_BARS:]
    earlier = len(snapshot.streams) - len(streams)
    foot = [f"{earlier} streams before these"] if earlier else []
    foot.append(progress.quota(snapshot))
    rows = [_Streams(snapshot, streams)] if streams else []
    return Group(*rows, Text("; ".join(foot), style="dim"))


def _bar(stream: StreamProgress, width: int, now: float) -> ProgressBar:
    return ProgressBar(
        total=1.0,
        completed=stream.share or 0.0,
        width=width,
        complete_style="cyan",  # rich's own is a red, as if something were wrong
        pulse=stream.share is None,
        animation_time=now,
    )


def _texts(stream: StreamProgress, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the name, how much is read, rows, requests and time."""
    left = stream.seconds_left(snapshot.now)
    if stream.ended_at is not None:
        time = progress.duration(stream.ended_at - stream.began_at)
    else:
        time = f"{progress.duration(left)} left" if left is not None else ""
    return (
        stream.stream,
        f"{stream.done:,}/{stream.planned:,} {stream.unit}" if stream.planned else "",
        f"{snapshot.rows.get(stream.stream, 0):,} rows",
        f"{snapshot.requests.get(stream.stream, 0):,} requests",
        time,
    )

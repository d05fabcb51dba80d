"""Shows how far a run has got: live bars on a terminal, elsewhere one line a minute in the log.

The bars stand on stderr only, and only where stdout does not share the terminal: there Singer
messages would run through them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import typing as t

from tap_linkedin_ads.sync import progress

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_linkedin_ads.sync.progress import Snapshot

LINE_SECONDS = 60.0
_STDERR = 2


@contextlib.contextmanager
def shown(snapshot: Callable[[], Snapshot], log: Callable[[str], None]) -> Iterator[None]:
    """Show progress while the body runs, in the way that suits where stderr goes.

    Args:
        snapshot: Gives the run at this moment; called from another thread.
        log: Takes the lines where there is no terminal.
    """
    with _bars(snapshot) or _lines(snapshot, log, LINE_SECONDS):
        yield


def _bars(snapshot: Callable[[], Snapshot]) -> contextlib.AbstractContextManager[None] | None:
    """Return the bars, None where stderr is no terminal that can draw them."""
    if sys.stderr is None or not sys.stderr.isatty() or sys.stdout.isatty():
        return None
    # The bars' library takes 0.1 s to import: a scheduled run has no terminal and does not pay it.
    from tap_linkedin_ads.cli import progress_bars  # noqa: PLC0415

    return progress_bars.drawn(snapshot)


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


def give_back_terminal() -> None:
    """Show the cursor again, where a run ends in the middle of everything."""
    if os.isatty(_STDERR):
        os.write(_STDERR, b"\x1b[?25h")

"""Notices that whoever reads stdout is gone, also while there is nothing to write.

Without that, a tap whose loader was killed would live until its next record: an hour, where it
waits for a quota.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SECONDS = 1.0


@contextlib.contextmanager
def watched(gone: Callable[[], None]) -> Iterator[None]:
    """Call ``gone`` once, from another thread, when the reader goes away while the body runs."""
    try:
        stdout = sys.stdout.fileno() if sys.stdout else None
    except OSError:  # no file, in a test
        stdout = None
    if stdout is None or not hasattr(select, "poll"):
        yield
        return
    over = threading.Event()

    def watch() -> None:
        poll = select.poll()
        poll.register(stdout, 0)  # errors and hang-ups only; a file or a terminal has none
        while not over.wait(_SECONDS):
            if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
                gone()
                return

    thread = threading.Thread(target=watch, daemon=True, name="stdout")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def abandon() -> None:
    """Point stdout at nothing, so that the interpreter does not write to a closed pipe again."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

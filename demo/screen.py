"""What the demo prints while it works: steps, their notes and a sign of life."""

from __future__ import annotations

import contextlib
import sys
import time
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET_SECONDS = 10.0
_WIDTH = 100


class Screen:
    """Prints to a terminal or, without its tricks, to a file or pipe."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._started = time.monotonic()
        self._printed = self._started
        self._alive = False

    def line(self, text: str = "") -> None:
        """Print one line."""
        self._wipe()
        print(text, flush=True)
        self._printed = time.monotonic()

    def note(self, text: str) -> None:
        """Print one short line below the current step."""
        text = " ".join(text.split())
        self.line(f"    {text if len(text) <= _WIDTH else text[: _WIDTH - 3] + '...'}")

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step and, when it is done, how long it took."""
        self.line(f"==> {title}")
        started = time.monotonic()
        yield
        self.note(f"done in {time.monotonic() - started:.1f} s")

    def sign_of_life(self) -> None:
        """Show that time passes: on the spot in a terminal, a line every 10 s elsewhere."""
        now = time.monotonic()
        if self._terminal:
            print(f"\r    ... {now - self._started:.0f} s", end="", flush=True)
            self._alive = True
        elif now - self._printed > _QUIET_SECONDS:
            self.note(f"... {now - self._started:.0f} s")

    def elapsed(self) -> float:
        """Give the seconds since the start."""
        return time.monotonic() - self._started

    @staticmethod
    def can_show(text: str) -> bool:
        """Tell whether the encoding of the output has these characters."""
        try:
            text.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            return False
        return True

    def _wipe(self) -> None:
        if self._alive:
            print("\r" + " " * 20 + "\r", end="")
            self._alive = False

"""Starts the tap many times and imports it once: a process that forks the runs.

A run is a process of its own, with its own signals, files and end; only the seconds in which
Python imports are saved. Orders come as lines of JSON on stdin; answered are the run's process
id at once, and its exit status when it has ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t
from dataclasses import dataclass
from subprocess import PIPE, Popen

from tests import singer, tap_process

if t.TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self


@dataclass(frozen=True)
class Ended:
    """A run that was signalled, or ended before."""

    output: singer.Output
    signalled: bool


class Nursery:
    """The process that forks; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Keep the output of runs in a folder."""
        self._folder = folder

    def __enter__(self) -> Self:
        """Start the process."""
        self._process: Popen[bytes] = Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=singer.ROOT,
            env=singer.environment(),
            stdin=PIPE,
            stdout=PIPE,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        self._process.communicate(timeout=30)

    def run(self, arguments: list[str], *, number: int = 0, seconds: float = 0.0) -> Ended:
        """Run the tap, and signal it after some seconds.

        Args:
            arguments: The command line behind the program's name.
            number: The signal; 0 lets the run come to its end.
            seconds: When to send it.
        """
        out, err = self._folder / "stdout", self._folder / "stderr"
        out.write_bytes(b"")  # a run may end before it opens its files
        err.write_bytes(b"")
        order = {"arguments": arguments, "stdout": str(out), "stderr": str(err)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        pid = self._answer()
        signalled = False
        if number:
            time.sleep(seconds)
            try:
                os.kill(pid, number)  # a zombie until the nursery has waited for it
                signalled = True
            except ProcessLookupError:
                pass
        status = self._answer()
        return Ended(singer.Output(status, out.read_bytes(), err.read_text()), signalled)

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def main() -> None:
    """Fork a run for every order."""
    from tap_linkedin_ads.tap import TapLinkedInAds  # noqa: PLC0415  imported once, for all runs

    for line in sys.stdin.buffer:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            for name, flags, fd in (
                (os.devnull, os.O_RDONLY, 0),
                (order["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
                (order["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 2),
            ):
                os.dup2(os.open(name, flags, 0o600), fd)
            sys.argv = ["tap-linkedin-ads", *order["arguments"]]
            tap_process.set_clock()
            TapLinkedInAds.cli()
        print(pid, flush=True)  # noqa: T201  the answer
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()

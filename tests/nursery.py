"""Starts the tap many times and imports it once: a process that forks the runs.

A run is a process of its own, with its own signals, files and end; only the seconds in which
Python imports are saved. Orders come as lines of JSON on stdin; answered are the run's process
id at once, and its exit status when it has ended.
"""

from __future__ import annotations

import abc
import fcntl
import json
import os
import pty
import sys
import threading
import time
import tty
import typing as t
from dataclasses import dataclass
from subprocess import PIPE

from typing_extensions import override

from tests import singer, tap_process
from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

Signal = tuple[float, int]
"""When to send it, in seconds from the start or the signal before, and its number."""


class Stdout(abc.ABC):
    """What a run writes to."""

    path: str
    """What the run opens."""

    @abc.abstractmethod
    def close(self) -> bytes:
        """Return all that was written; the run has ended."""


class File(Stdout):
    """A regular file."""

    def __init__(self, folder: Path) -> None:
        """Create it: a run may end before it opens its files."""
        self._file = folder / "stdout"
        self._file.write_bytes(b"")
        self.path = str(self._file)

    @override
    def close(self) -> bytes:
        return self._file.read_bytes()


class _Read(Stdout):
    """Something with a reader that takes a little at a time, so that writes have to wait."""

    BYTES, PAUSE_SECONDS = 2048, 0.001

    def __init__(self, path: str, fd: int, *others: int) -> None:
        self.path = path
        self._fd, self._others = fd, others
        self._taken = bytearray()
        self._ended = False
        os.set_blocking(fd, False)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            ended = self._ended  # before the look: what is there then is the rest
            try:
                taken = os.read(self._fd, self.BYTES)
            except BlockingIOError:
                taken = b""
            if not taken and ended:
                return
            self._taken += taken
            time.sleep(self.PAUSE_SECONDS)

    @override
    def close(self) -> bytes:
        self._ended = True
        self._thread.join()
        for fd in (self._fd, *self._others):
            os.close(fd)
        return bytes(self._taken)


class Pipe(_Read):
    """A small pipe with a slow reader."""

    def __init__(self, folder: Path) -> None:
        """Create it, and begin to read."""
        path = folder / "fifo"
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)
        super().__init__(str(path), fd)


class Terminal(_Read):
    """A terminal that shows bytes as they come, and scrolls slowly."""

    def __init__(self, _: Path) -> None:
        """Create it, and begin to read."""
        ours, theirs = pty.openpty()
        tty.setraw(theirs)  # a line break stays one byte
        super().__init__(os.ttyname(theirs), ours, theirs)


@dataclass(frozen=True)
class Ended:
    """A run that has ended, and the signals that reached it."""

    output: singer.Output
    signals: tuple[int, ...]


class Nursery:
    """The process that forks; a context manager."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """Keep the output of runs in a folder.

        Args:
            folder: Where files and pipes are.
            **variables: The environment of all runs, beside the present one.
        """
        self._folder = folder
        self._environment = singer.environment(**variables)

    def __enter__(self) -> Self:
        """Start the process."""
        self._running = started(
            [sys.executable, "-m", "tests.nursery"],
            cwd=singer.ROOT,
            env=self._environment,
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # its forks end with it
        )
        self._process = self._running.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process, and a run that still goes on."""
        self._running.__exit__(kind, error, traceback)

    def run(
        self,
        arguments: list[str],
        *,
        stdout: type[File | Pipe | Terminal] = File,
        signals: Sequence[Signal] = (),
        environment: dict[str, str] | None = None,
    ) -> Ended:
        """Run the tap, send it signals, and wait for its end.

        Args:
            arguments: The command line behind the program's name.
            stdout: What it writes to.
            signals: What to send, in order.
            environment: All environment variables; None takes those of the nursery.
        """
        out, err = stdout(self._folder), self._folder / "stderr"
        err.write_bytes(b"")
        order = {
            "arguments": arguments,
            "stdout": out.path,
            "stderr": str(err),
            "environment": environment,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        pid = self._answer()
        sent: list[int] = []
        for seconds, number in signals:
            time.sleep(seconds)
            try:
                os.kill(pid, number)  # a zombie until the nursery has waited for it
            except ProcessLookupError:
                break
            sent.append(number)
        status = self._answer()
        return Ended(singer.Output(status, out.close(), err.read_text()), tuple(sent))

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
                (order["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY, 1),
                (order["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 2),
            ):
                os.dup2(os.open(name, flags, 0o600), fd)
            if order["environment"] is not None:
                os.environ.clear()
                os.environ.update(order["environment"])
            sys.argv = ["tap-linkedin-ads", *order["arguments"]]
            tap_process.set_clock()
            TapLinkedInAds.cli()
        print(pid, flush=True)  # noqa: T201  the answer
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()

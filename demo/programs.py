"""Programs in the background: started in a group of their own, read line by line, ended whole."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import typing as t
from dataclasses import dataclass, fields

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_STOP_SECONDS = 10.0
_SANDBOX_SECONDS = 60.0


@dataclass(frozen=True)
class Sandbox:
    """Where the sandbox listens, and what it lets in."""

    api_url: str
    oauth_url: str
    access_token: str
    client_id: str
    client_secret: str


class Program:
    """A running program whose output, errors included, arrives as lines."""

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Its own group, so that stop() ends the programs that it started, too.
            start_new_session=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def lines(self, patience: float) -> Iterator[str | None]:
        """Give the lines until the output ends, and None whenever it is silent that long."""
        while True:
            try:
                line = self._lines.get(timeout=patience)
            except queue.Empty:
                yield None
            else:
                if line is None:
                    return
                yield line

    def wait(self) -> int:
        """Give the exit status."""
        return self._process.wait()

    def stop(self) -> None:
        """End the program and everything that it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
        self._reader.join(_STOP_SECONDS)

    def _read(self) -> None:
        with t.cast("t.IO[str]", self._process.stdout) as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


@contextlib.contextmanager
def running(
    command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run a program and make sure that it is gone in the end."""
    program = Program(command, folder, os.environ if env is None else env)
    try:
        yield program
    finally:
        program.stop()


@contextlib.contextmanager
def sandbox(world: str, folder: Path) -> Iterator[Sandbox]:
    """Serve a local LinkedIn on a free port."""
    command = [sys.executable, "-m", "sandbox", "--world", world, "--port", "0"]
    with running(command, folder) as program:
        deadline = time.monotonic() + _SANDBOX_SECONDS
        output: list[str] = []
        for line in program.lines(patience=0.5):
            if line and line.startswith("{"):
                answer = json.loads(line)
                yield Sandbox(**{part.name: answer[part.name] for part in fields(Sandbox)})
                return
            if line:
                output.append(line)
            if time.monotonic() > deadline:
                break
        raise RuntimeError("The sandbox did not start:\n" + "\n".join(output[-20:]))

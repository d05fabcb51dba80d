"""Starts processes that never outlive the test that started them, and none in quick tests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


FORKED = "tests.nursery"
"""The audit event of a run that another process forks."""
_STARTS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen", FORKED}

refused = threading.Event()
"""Set while a test runs that is not marked slow."""


def watch() -> None:
    """From now on no process starts while they are refused."""
    sys.addaudithook(_look)


def _look(event: str, _: tuple[object, ...]) -> None:
    if event in _STARTS and refused.is_set():
        raise AssertionError("a test that starts a process is to be marked slow")


@contextlib.contextmanager
def started(
    command: Sequence[str | Path],
    **options: t.Any,  # noqa: ANN401
) -> Iterator[subprocess.Popen[t.Any]]:
    """Start a process, and kill it at the end if it still runs.

    ``subprocess.Popen`` as a context manager waits instead: a test that fails inside of it, before
    it has ended the process, would wait for ever.

    Args:
        command: The command line.
        **options: Those of ``subprocess.Popen``. With ``start_new_session`` whatever the process
            started is killed as well.
    """
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            if options.get("start_new_session"):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()

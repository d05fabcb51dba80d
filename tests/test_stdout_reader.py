"""The reader of stdout goes away: the tap hears of it also while it writes nothing."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import typing as t

import pytest

from tap_linkedin_ads.sync import stdout_reader

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at stdout often."""
    monkeypatch.setattr(stdout_reader, "_SECONDS", 0.01)


@contextlib.contextmanager
def piped() -> Iterator[io.FileIO]:
    """Let stdout be a pipe, and give the end that reads it."""
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb", 0) as reader,
        os.fdopen(writing, "w") as stdout,
        contextlib.redirect_stdout(stdout),
    ):
        yield reader


def test_a_reader_that_goes_away_is_noticed() -> None:
    """Once."""
    gone: list[None] = []
    heard = threading.Event()

    def go() -> None:
        gone.append(None)
        heard.set()

    with piped() as reader, stdout_reader.watched(go):
        assert not heard.wait(0.05)
        reader.close()
        assert heard.wait(10)
        heard.clear()
        assert not heard.wait(0.05)
    assert len(gone) == 1
    assert "stdout" not in {thread.name for thread in threading.enumerate()}


def test_a_reader_that_stays_is_left_alone() -> None:
    """What has been written does not disturb it."""
    gone: list[None] = []
    with piped() as reader:
        with stdout_reader.watched(lambda: gone.append(None)):
            sys.stdout.write("text\n")
            sys.stdout.flush()
            threading.Event().wait(0.05)
        assert reader.read(100) == b"text\n"
    assert gone == []


def test_a_stdout_that_is_no_file_has_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor has one that was closed before the tap started."""
    with contextlib.redirect_stdout(io.StringIO()), stdout_reader.watched(pytest.fail):
        pass
    with monkeypatch.context() as closed:
        closed.setattr(sys, "stdout", None)
        with stdout_reader.watched(pytest.fail):
            stdout_reader.abandon()


def test_an_abandoned_stdout_takes_everything() -> None:
    """A closed pipe would be an error when the interpreter ends."""
    with piped() as reader:
        reader.close()
        stdout_reader.abandon()
        sys.stdout.write("text\n")
        sys.stdout.flush()

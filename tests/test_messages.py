"""Singer messages: whole lines, exact numbers, and records before the state they stand behind."""

from __future__ import annotations

import contextlib
import io
import json
import typing as t
from decimal import Decimal

import pytest
from singer_sdk import singerlib

from tap_linkedin_ads.sync.messages import MessageWriter, StoppedBySignal


class Stdout(io.BytesIO):
    """A stdout that lets something happen in the middle of a write."""

    def __init__(self) -> None:
        super().__init__()
        self.during_write: t.Callable[[], None] | None = None

    @property
    def buffer(self) -> Stdout:
        """Return what bytes are written to."""
        return self

    def write(self, data: t.Any) -> int:  # noqa: ANN401
        """Write in two halves."""
        half = len(data) // 2
        super().write(data[:half])
        if self.during_write:
            self.during_write()
        super().write(data[half:])
        return len(data)

    @property
    def lines(self) -> list[t.Any]:
        """Return the messages; every line must be whole."""
        text = self.getvalue().decode()
        assert not text or text.endswith("\n")
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


@pytest.fixture
def stdout() -> Stdout:
    """Return a stdout to write to."""
    return Stdout()


def write(stdout: Stdout, writer: MessageWriter, message: singerlib.Message) -> None:
    """Write a message to a stdout."""
    with contextlib.redirect_stdout(t.cast("t.TextIO", stdout)):
        writer.write_message(message)


def record(number: int) -> singerlib.RecordMessage:
    """Return a record message."""
    return singerlib.RecordMessage(stream="s", record={"id": number})


def test_a_signal_during_a_write_waits_for_the_line(stdout: Stdout) -> None:
    """A message that is being written is finished first; then the tap stops."""
    writer = MessageWriter()
    stdout.during_write = lambda: writer.stop(15)
    with pytest.raises(StoppedBySignal) as stopped:
        write(stdout, writer, record(1))
    assert stopped.value.status == 143
    assert [line["record"] for line in stdout.lines] == [{"id": 1}]


def test_a_signal_between_messages_stops_at_once(stdout: Stdout) -> None:
    """Where nothing is being written, nothing is waited for."""
    writer = MessageWriter()
    write(stdout, writer, record(1))
    with pytest.raises(StoppedBySignal) as stopped:
        writer.stop(2)
    assert stopped.value.status == 130
    write(stdout, writer, singerlib.StateMessage(value={"bookmarks": {}}))
    assert [line["type"] for line in stdout.lines] == ["RECORD", "STATE"]


def test_records_that_wait_come_before_the_state(stdout: Stdout) -> None:
    """Encoded records may wait for each other, but not for the state that stands for them."""
    writer = MessageWriter()
    writer.write_line(writer.format_message(record(1)))
    write(stdout, writer, singerlib.StateMessage(value={"bookmarks": {}}))
    assert [line["type"] for line in stdout.lines] == ["RECORD", "STATE"]


def test_the_state_can_be_written_after_a_stop(stdout: Stdout) -> None:
    """The stop is raised once: what is said after it comes out."""
    writer = MessageWriter()
    stdout.during_write = lambda: writer.stop(15)
    with pytest.raises(StoppedBySignal):
        write(stdout, writer, record(1))
    stdout.during_write = None
    write(stdout, writer, singerlib.StateMessage(value={"bookmarks": {}}))
    assert [line["type"] for line in stdout.lines] == ["RECORD", "STATE"]


@pytest.mark.parametrize(
    "text", ["-2E-18", "0E-18", "99.99999999999996", "120.50", "1234567890123456789.012345678", "7"]
)
def test_decimals_are_numbers_with_every_digit(stdout: Stdout, text: str) -> None:
    """Money is a JSON number with the digits that LinkedIn sent, never a float or a string."""
    message = singerlib.RecordMessage(stream="s", record={"amount": Decimal(text)})
    write(stdout, MessageWriter(), message)
    (line,) = stdout.lines
    assert not isinstance(line["record"]["amount"], str)
    assert Decimal(line["record"]["amount"]).compare_total(Decimal(text)) == 0


def test_text_of_any_kind_is_one_line(stdout: Stdout) -> None:
    """Line breaks and rare characters inside a value do not break the line."""
    text = 'a\nb\r\u2028\u0085"\\ü北📈'
    write(stdout, MessageWriter(), singerlib.RecordMessage(stream="s", record={"name": text}))
    raw = stdout.getvalue()
    assert raw.count(b"\n") == 1
    assert json.loads(raw)["record"]["name"] == text

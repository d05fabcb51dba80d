"""Singer messages: whole lines, exact numbers, and records before the state they stand behind."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import sys
import threading
import time
import typing as t
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk import singerlib
from singer_sdk.helpers._flattening import FlatteningOptions
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform

from tap_linkedin_ads.sync.messages import (
    MessageWriter,
    StoppedBySignal,
    lines_for,
    whole_output,
    write_all,
)

if t.TYPE_CHECKING:
    from singer_sdk import Stream
    from singer_sdk.mapper import StreamMap


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
        """Take half of what is written, as a raw file may."""
        taken = super().write(data[: len(data) // 2 + 1])
        if self.during_write:
            self.during_write()
        return taken

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


def test_a_signal_in_the_middle_leaves_the_records_before_the_state(stdout: Stdout) -> None:
    """Records that wait, the message that is being written, and the last state: all whole."""
    writer = MessageWriter()
    writer.write_lines(writer.format_message(record(1)))
    stdout.during_write = lambda: writer.stop(15)
    with pytest.raises(StoppedBySignal):
        write(stdout, writer, record(2))
    stdout.during_write = None
    write(stdout, writer, singerlib.StateMessage(value={"bookmarks": {}}))
    assert [line["type"] for line in stdout.lines] == ["RECORD", "RECORD", "STATE"]


@given(
    data=st.binary(max_size=300),
    takes=st.lists(st.integers(min_value=1, max_value=50), min_size=1),
    is_buffered=st.booleans(),
)
def test_every_byte_is_written(data: bytes, takes: list[int], *, is_buffered: bool) -> None:
    """However little one write takes, all bytes arrive in order, behind what was printed."""
    raw = Grudging(takes)
    stream = io.BufferedWriter(raw) if is_buffered else raw
    if is_buffered:
        stream.write(b"printed")
    write_all(stream, data)
    assert bytes(raw.taken) == b"printed" * is_buffered + data


class Grudging(io.RawIOBase):
    """A raw file that takes a few bytes of a write."""

    def __init__(self, takes: list[int]) -> None:
        super().__init__()
        self.taken = bytearray()
        self._takes = itertools.cycle(takes)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: t.Any, /) -> int:  # noqa: ANN401
        """Take some bytes, and say how many."""
        part = bytes(data)[: next(self._takes)]
        self.taken += part
        return len(part)


@pytest.mark.parametrize("is_buffered", [True, False])
def test_a_pipe_that_is_non_blocking_is_waited_for(*, is_buffered: bool) -> None:
    """Another process may have set that on a file that both write to."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    data = b"0123456789" * 50_000
    with (
        os.fdopen(reading, "rb") as end,
        os.fdopen(writing, "wb", -1 if is_buffered else 0) as begin,
    ):
        thread = threading.Thread(target=lambda: (write_all(begin, data), begin.close()))
        thread.start()
        time.sleep(0.05)
        assert end.read() == data
        thread.join()


def test_a_reader_that_goes_away_ends_the_wait() -> None:
    """A non-blocking pipe that nobody reads any more is an error, and not waited for."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with os.fdopen(writing, "wb", 0) as begin:
        timer = threading.Timer(0.05, os.close, [reading])
        timer.start()
        with pytest.raises(BrokenPipeError):
            write_all(begin, b"x" * 1_000_000)


def test_what_is_printed_arrives_whole() -> None:
    """Also on a non-blocking pipe, in the encoding of stdout, which is as it was afterwards."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    found: list[bytes] = []
    with os.fdopen(reading, "rb") as end:
        reader = threading.Thread(target=lambda: found.append(end.read()))
        reader.start()
        with (
            os.fdopen(writing, "w", encoding="latin-1", errors="backslashreplace") as stdout,
            contextlib.redirect_stdout(stdout),
        ):
            stderr = sys.stderr
            with whole_output():
                assert sys.stdout.fileno() == writing
                assert not sys.stdout.isatty()
                sys.stdout.write("ü北\n" * 100_000)
            assert (sys.stdout, sys.stderr) == (stdout, stderr)
        reader.join()
    assert found == [b"\xfc\\u5317\n" * 100_000]


def test_a_stdout_that_is_no_file_is_left_alone() -> None:
    """Tests and programs that import the tap have such ones."""
    for stdout in (io.StringIO(), io.TextIOWrapper(io.BytesIO())):
        with contextlib.redirect_stdout(stdout), whole_output():
            assert sys.stdout is stdout


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
    writer.write_lines(writer.format_message(record(1)))
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


def maps(*kinds: type[StreamMap], alias: str = "s", **flattening: t.Any) -> Stream:  # noqa: ANN401
    """Return a stream with maps of some kinds."""
    options = FlatteningOptions(**flattening) if flattening else None
    made = [kind(alias, {"properties": {}}, None, options) for kind in kinds]
    return t.cast("Stream", SimpleNamespace(name="s", stream_maps=made, ABORT_AT_RECORD_COUNT=None))


def test_encoded_records_are_written_as_they_are(stdout: Stdout) -> None:
    """Where neither a map nor flattening has to see them; the message is the SDK's."""
    writer = MessageWriter()
    for stream in (
        maps(SameRecordTransform),
        maps(SameRecordTransform, enabled=False, max_level=3),
        maps(SameRecordTransform, enabled=True, max_level=0),
    ):
        lines = lines_for(stream, writer)
        assert lines is not None
        with contextlib.redirect_stdout(t.cast("t.TextIO", stdout)):
            lines.write([b'"id":1,"cost":0.10'])
            writer.flush()
    write(stdout, writer, record(1))
    *fast, seen = stdout.lines
    assert [line["record"] for line in fast] == [{"id": 1, "cost": Decimal("0.10")}] * 3
    assert {(*line, line["type"], line["stream"]) for line in fast} == {
        ("type", "stream", "record", "time_extracted", "RECORD", "s")
    }
    assert seen.keys() <= fast[0].keys()


@pytest.mark.parametrize(
    "stream",
    [
        maps(SameRecordTransform, enabled=True, max_level=3),
        maps(SameRecordTransform, alias="other"),
        maps(RemoveRecordTransform),
        maps(SameRecordTransform, SameRecordTransform),
    ],
    ids=["flattening", "alias", "map", "maps"],
)
def test_records_that_somebody_has_to_see_are_not_encoded(stream: Stream) -> None:
    """The SDK gets them as dictionaries; likewise where another writer stands in for the tap's."""
    assert lines_for(stream, MessageWriter()) is None
    assert lines_for(maps(SameRecordTransform), object()) is None

"""Writes Singer messages, each one whole, to any kind of stdout, whatever signal arrives."""

from __future__ import annotations

import contextlib
import io
import select
import sys
import time
import typing as t
from decimal import Decimal

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, serialize_jsonl
from singer_sdk.helpers._util import utc_now
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib.encoding.simple import StateMessage
from typing_extensions import override

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk import Stream
    from singer_sdk.helpers.types import Record
    from singer_sdk.singerlib.encoding.simple import Message

    Bytes = bytes | bytearray | memoryview[int]

_MOST_WAITING = 64 * 1024
"""Bytes of records that wait for the next write."""
_PAUSE_SECONDS = 0.01
"""Between two looks at a stdout that takes nothing, where the system cannot wait for it."""

_decoder = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class StoppedBySignal(SystemExit):
    """Ends the tap with 128 plus the signal's number."""

    def __init__(self, signum: int) -> None:
        self.status = 128 + signum
        self.signum = signum
        super().__init__(self.status)


class UnwritableError(Exception):
    """Messages cannot be written, for example because the disk is full."""


# Bytes


def write_all(stream: t.BinaryIO | io.FileIO, data: Bytes) -> None:
    """Write all bytes, however many writes it takes.

    One write to a pipe or a terminal may take a part only: when the process was stopped and
    continued or got a signal, or when the file is non-blocking. Raw files, which PYTHONUNBUFFERED
    makes of stdout, only say how much they took; None where they would have to wait.

    Raises:
        OSError: The stream takes no more.
    """
    raw = getattr(stream, "raw", stream)
    if raw is not stream:
        stream.flush()  # what somebody has printed comes first
    rest = memoryview(data)
    while rest:
        if written := raw.write(rest):
            rest = rest[written:]
        else:
            _wait_for(raw)


def _wait_for(raw: t.BinaryIO | io.FileIO) -> None:
    """Wait until a non-blocking file may take something, or has failed."""
    if not hasattr(select, "poll"):
        time.sleep(_PAUSE_SECONDS)
        return
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLOUT)
    poll.poll()


class _Whole(io.RawIOBase):
    """A raw file whose writes are whole."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw

    @override
    def writable(self) -> bool:
        return True

    @override
    def fileno(self) -> int:
        return self._raw.fileno()

    @override
    def isatty(self) -> bool:
        return self._raw.isatty()

    @override
    def write(self, data: t.Any, /) -> int:
        write_all(self._raw, data)
        return len(data)


@contextlib.contextmanager
def whole_output() -> Iterator[None]:
    """Let everything that is printed in the body arrive whole: catalogs, reports, lines of the log.

    Streams that are no files, as in tests, are left alone.
    """
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_whole, kept)
    try:
        yield
    finally:
        for stream, original in zip((sys.stdout, sys.stderr), kept, strict=True):
            if stream is not original:
                with contextlib.suppress(OSError):
                    stream.flush()
        sys.stdout, sys.stderr = kept


def _whole(stream: t.TextIO) -> t.TextIO:
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if not isinstance(raw, io.FileIO) or not isinstance(stream, io.TextIOWrapper):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Whole(raw)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=True,
    )


# Messages


class MessageWriter(MsgSpecWriter):
    """Puts off a stop while a message is being written: a target must never see half a line.

    Encoded records wait until there are some, and never longer than until the next message of
    another kind: a bookmark never leaves before the records it stands for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self._stop: StoppedBySignal | None = None
        self._waiting = bytearray()

    def stop(self, signum: int) -> None:
        """End the tap: now, or behind the message that is being written.

        Raises:
            StoppedBySignal: No message is being written.
        """
        if not self._is_writing:
            raise StoppedBySignal(signum)
        self._stop = StoppedBySignal(signum)

    @override
    def serialize_message(self, message: Message) -> bytearray:
        if isinstance(message, StateMessage):  # the SDK would copy every bookmark to write it
            return serialize_jsonl({"type": message.type, "value": message.value})
        return super().serialize_message(message)

    @override
    def write_message(self, message: Message) -> None:
        self._write(self.format_message(message))

    def write_lines(self, *lines: bytes) -> None:
        """Write records that are encoded already, soon; together they are whole messages."""
        for part in lines:
            self._waiting += part
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._write(b"")

    def _write(self, last: bytes | bytearray) -> None:
        self._is_writing = True
        try:
            waiting, self._waiting = self._waiting, bytearray()
            waiting += last
            if sys.stdout is None:
                raise UnwritableError("stdout was closed before the tap started")
            sys.stdout.flush()
            write_all(sys.stdout.buffer, waiting)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UnwritableError(
                f"stdout cannot be written: {error.strerror}; run the tap again when it can be, "
                "with the last state that arrived"
            ) from None
        finally:
            self._is_writing = False
        if self._stop is not None:
            stop, self._stop = self._stop, None
            raise stop


def decoded(text: bytes) -> Record:
    """Return a record, encoded without braces, as a dictionary with every digit."""
    record: Record = _decoder.decode(b"{" + text + b"}")
    return record


class RecordLines:
    """Writes records of one stream, encoded without braces, as Singer messages."""

    def __init__(self, stream: Stream, writer: MessageWriter) -> None:
        self._writer = writer
        self._begin = b'{"type":"RECORD","stream":' + _encoder.encode(stream.name) + b',"record":{'

    def write(self, texts: Sequence[bytes]) -> None:
        """Write records that become messages at the same instant."""
        end = b'},"time_extracted":' + _encoder.encode(utc_now()) + b"}\n"
        self._writer.write_lines(self._begin, (end + self._begin).join(texts), end)


def lines_for(stream: Stream, writer: object) -> RecordLines | None:
    """Return what writes a stream's encoded records, or None where the SDK must see each record.

    Stream maps and flattening work on dictionaries, and the SDK counts the records of a dry run;
    selection is no reason, since reports ask for and encode the selected columns only.
    """
    maps = stream.stream_maps
    plain = (
        stream.ABORT_AT_RECORD_COUNT is None
        and len(maps) == 1
        and type(maps[0]) is SameRecordTransform
        and maps[0].stream_alias == stream.name
        and not maps[0].flattening_enabled
    )
    return RecordLines(stream, writer) if plain and isinstance(writer, MessageWriter) else None

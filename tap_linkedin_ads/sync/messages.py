"""Writes Singer messages to stdout, each one whole, whatever signal arrives."""

from __future__ import annotations

import sys
import typing as t

from singer_sdk.contrib.msgspec import MsgSpecWriter
from typing_extensions import override

if t.TYPE_CHECKING:
    from singer_sdk.singerlib.encoding.simple import Message

_MOST_WAITING = 64 * 1024
"""Bytes of records that wait for the next write."""


class StoppedBySignal(SystemExit):
    """Ends the tap with 128 plus the signal's number."""

    def __init__(self, signum: int) -> None:
        self.status = 128 + signum
        self.signum = signum
        super().__init__(self.status)


class UnwritableError(Exception):
    """Messages cannot be written, for example because the disk is full."""


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
    def write_message(self, message: Message) -> None:
        self._write(self.format_message(message))

    def write_line(self, line: bytes) -> None:
        """Write a record that is encoded already, soon."""
        self._waiting += line
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._write(b"")

    def _write(self, last: bytes | bytearray) -> None:
        self._is_writing = True
        try:
            waiting, self._waiting = self._waiting, bytearray()
            waiting += last
            if sys.stdout is None:
                raise UnwritableError("stdout was closed before the tap started")
            sys.stdout.buffer.write(waiting)
            sys.stdout.flush()
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

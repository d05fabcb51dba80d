"""Writes Singer messages to stdout, each one whole, whatever signal arrives."""

from __future__ import annotations

import sys
import typing as t

from singer_sdk.contrib.msgspec import MsgSpecWriter
from typing_extensions import override

if t.TYPE_CHECKING:
    from singer_sdk.singerlib.encoding.simple import Message


class StoppedBySignal(SystemExit):
    """Ends the tap with 128 plus the signal's number."""

    def __init__(self, signum: int) -> None:
        self.status = 128 + signum
        self.signum = signum
        super().__init__(self.status)


class MessageWriter(MsgSpecWriter):
    """Puts off a stop while a message is being written: a target must never see half a line."""

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self._stop: StoppedBySignal | None = None

    def stop(self, signum: int) -> None:
        """End the tap: now, or behind the message that is being written.

        Raises:
            StoppedBySignal: No message is being written.
        """
        self._stop = StoppedBySignal(signum)
        if not self._is_writing:
            raise self._stop

    @override
    def write_message(self, message: Message) -> None:
        line = self.format_message(message)
        self._is_writing = True
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
        finally:
            self._is_writing = False
        if self._stop is not None:
            stop, self._stop = self._stop, None
            raise stop

"""Bounds the memory that answers take while they arrive and while they wait for their turn.

Fifteen thousand rows are ten megabytes, and as many answers arrive at once as there are workers.
What finds no room in memory goes to temporary files, which have no name and vanish with the tap.
"""

from __future__ import annotations

import io
import tempfile
import threading
import typing as t

from tap_linkedin_ads.api import responses

if t.TYPE_CHECKING:
    import msgspec

MOST_IN_MEMORY = 16 * 1024 * 1024
"""Bytes of answers in memory, those apart that are being read."""
_SMALL = 256 * 1024
"""Bytes up to which an answer is not worth a file."""


class Room:
    """Memory for answers, shared by all threads."""

    def __init__(self, size: int = MOST_IN_MEMORY) -> None:
        self._left = size
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """Take memory if there is as much left."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


class Arriving:
    """A body of which more is to come."""

    def __init__(self, room: Room) -> None:
        self.size = 0
        self._room = room
        self._taken = 0
        self._file: t.IO[bytes] = io.BytesIO()

    def add(self, chunk: bytes) -> None:
        size = self.size + len(chunk)
        if size > _SMALL and isinstance(self._file, io.BytesIO):
            if self._room.take(size - self._taken):
                self._taken = size
            else:
                self._move_out()
        try:
            _write(self._file, chunk)
        except OSError:  # the disk is full
            self._move_in()
            self._file.write(chunk)
        self.size = size

    def _move_in(self) -> None:
        self._file.seek(0)
        content = self._file.read(self.size)
        self._file.close()
        self._file = io.BytesIO()
        self._file.write(content)

    def _move_out(self) -> None:
        file = _written(t.cast("io.BytesIO", self._file).getbuffer())
        if file is not None:
            self._file = file
            self._free()

    def content(self) -> bytes:
        """Return the whole body, once."""
        with self._file as file:
            self._free()
            if isinstance(file, io.BytesIO):
                return file.getvalue()  # not a copy
            file.seek(0)
            return file.read()

    def _free(self) -> None:
        self._room.give_back(self._taken)
        self._taken = 0

    def __del__(self) -> None:
        """Leave the room, also where the rest never came."""
        self._free()
        self._file.close()


class WaitingAnswer:
    """An answer that is whole and waits until those before it have been taken in."""

    def __init__(self, content: bytes, room: Room) -> None:
        """Keep an answer.

        Args:
            content: The body.
            room: Where it may find memory.

        Raises:
            msgspec.DecodeError: The body is cut or no answer.
        """
        self._room = room
        self._taken = 0
        self._file: t.IO[bytes] | None = None
        elements = responses.finder(content).elements
        self.rows = len(elements)
        if len(content) > _SMALL:
            if room.take(len(content)):
                self._taken = len(content)
            else:
                self._file = _written(content)
        self._elements = elements if self._file is None else []

    @property
    def elements(self) -> list[msgspec.Raw]:
        """Return the rows; each look at an answer in a file reads it."""
        if self._file is None:
            return self._elements
        self._file.seek(0)
        return responses.finder(self._file.read()).elements

    def __del__(self) -> None:
        """Leave the room to others."""
        self._room.give_back(self._taken)
        if self._file is not None:
            self._file.close()


def moved_out(text: bytes) -> t.Callable[[int, int], bytes] | None:
    """Put text into a temporary file; return what reads a part of it, None where there is none."""
    file = _written(text)
    return None if file is None else _Shelf(file).read


class _Shelf:
    """A file that is closed when nobody will read it any more."""

    def __init__(self, file: t.IO[bytes]) -> None:
        self._file = file

    def read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)

    def __del__(self) -> None:
        self._file.close()


def _written(content: bytes | memoryview) -> t.IO[bytes] | None:
    """Return a temporary file with a body, None where there can be none: memory has to do."""
    try:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed by whoever reads it
    except OSError:  # no folder to write to
        return None
    try:
        _write(file, content)
    except OSError:  # the disk is full
        file.close()
        return None
    return file


def _write(file: t.IO[bytes], content: bytes | memoryview) -> None:
    """Write all, however little an unbuffered file takes at once."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]

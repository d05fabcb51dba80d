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
from tap_linkedin_ads.api.responses import RAW

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import msgspec

    from tap_linkedin_ads.api.responses import Part, Read, RowDecoder

T = t.TypeVar("T")

MOST_IN_MEMORY = 1024 * 1024
"""Bytes of answers in memory, small ones apart."""
_SMALL = 64 * 1024
"""Bytes up to which an answer is not worth a file."""
_VOLUME = 16 * 1024 * 1024
"""Bytes from which on text goes to another file: only so many can be open."""
_PIECES = 256
"""Pieces of text that are written together."""


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


class Body:
    """The body of an answer: in memory where there is room, or else in a file."""

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
        file = _temporary_file()
        if file is None:
            return
        try:
            _write(file, t.cast("io.BytesIO", self._file).getbuffer())
        except OSError:  # the disk is full
            file.close()
            return
        self._file = file
        self._free()

    def content(self) -> bytes:
        """Return the whole body."""
        if isinstance(self._file, io.BytesIO):
            return self._file.getvalue()  # not a copy
        return self.read(0, self.size)

    def read(self, start: int, length: int) -> bytes:
        """Return a part of the body."""
        self._file.seek(start)
        return self._file.read(length)

    def parts(self, decoder: RowDecoder[T]) -> Iterator[Part[T]]:
        """Read the rows of a body that is whole, some at a time; raises as ``responses.parts``."""
        return responses.parts(self.read, self.size, decoder)

    def _free(self) -> None:
        self._room.give_back(self._taken)
        self._taken = 0

    def close(self) -> None:
        """Leave the room; nothing can be read any more."""
        self._free()
        self._file.close()

    def __del__(self) -> None:
        """Leave the room, also where the rest never came."""
        self.close()


class WaitingAnswer:
    """An answer that is whole and waits until those before it have been taken in.

    Attributes:
        rows: How many it has.
        replaced: How many characters of their text were replaced.
    """

    def __init__(self, body: Body) -> None:
        """Look through an answer.

        Args:
            body: The body, all of which is there.

        Raises:
            msgspec.DecodeError: The body is cut or no answer.
        """
        self._body = body
        self.rows = self.replaced = 0
        for part in body.parts(RAW):
            self.rows += len(part.rows)
            self.replaced += part.replaced

    @property
    def elements(self) -> list[msgspec.Raw]:
        """Return all rows."""
        return [row for part in self._body.parts(RAW) for row in part.rows]


class Shelf:
    """Keeps text in memory where there is room, or else in temporary files.

    They vanish when nobody will read them any more. Safe to use from several threads.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._volume: _Volume | None = None
        self._lock = threading.Lock()

    def put(self, pieces: Sequence[bytes]) -> Read:
        """Put pieces of text away, one behind the other; return what reads a part of them."""
        if self._room.take(sum(map(len, pieces))):
            return _InMemory(b"".join(pieces), self._room).read
        with self._lock:
            read = self._put_into_file(pieces)
        return read or _InMemory(b"".join(pieces)).read

    def _put_into_file(self, pieces: Sequence[bytes]) -> Read | None:
        if self._volume is None or self._volume.size > _VOLUME:
            file = _temporary_file()
            self._volume = None if file is None else _Volume(file)
        volume = self._volume
        if volume is None:
            return None
        start = volume.size
        if not volume.add(pieces):
            self._volume = None
            return None
        return lambda at, length: volume.read(start + at, length)


class _InMemory:
    """A text, and the room that it takes."""

    def __init__(self, text: bytes, room: Room | None = None) -> None:
        self._text = text
        self._room = room

    def read(self, start: int, length: int) -> bytes:
        return self._text[start : start + length]

    def __del__(self) -> None:
        if self._room is not None:
            self._room.give_back(len(self._text))


class _Volume:
    """A file that grows, and is closed when it is forgotten."""

    def __init__(self, file: t.IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = 0

    def add(self, pieces: Sequence[bytes]) -> bool:
        """Add pieces of text; False where the disk is full."""
        with self._lock:
            self._file.seek(self.size)
            try:
                for at in range(0, len(pieces), _PIECES):
                    text = b"".join(pieces[at : at + _PIECES])
                    _write(self._file, text)
                    self.size += len(text)
            except OSError:
                return False
        return True

    def read(self, start: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(length)

    def __del__(self) -> None:
        self._file.close()


def _temporary_file() -> t.IO[bytes] | None:
    """Return a temporary file, None where there can be none: memory has to do."""
    try:
        return tempfile.TemporaryFile(buffering=0)  # closed by whoever reads it
    except OSError:  # no folder to write to
        return None


def _write(file: t.IO[bytes], content: bytes | memoryview) -> None:
    """Write all, however little an unbuffered file takes at once."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]

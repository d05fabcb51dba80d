"""Bounds the memory that answers take while they arrive and while they wait for their turn.

Fifteen thousand rows are ten megabytes, and as many answers arrive at once as there are workers.
What finds no room in memory goes to temporary files, which have no name and vanish with the tap.
"""

from __future__ import annotations

import io
import itertools
import tempfile
import threading
import typing as t
from collections.abc import Sequence

import msgspec
from typing_extensions import override

from tap_linkedin_ads.api import responses

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MOST_IN_MEMORY = 2 * 1024 * 1024
"""Bytes of answers in memory, those apart that are being read."""
_SMALL = 256 * 1024
"""Bytes up to which an answer is not worth a file."""
_PAGE = 500
"""Rows of an answer that are read from its file together."""
_PORTION = 4 * _PAGE
"""Rows of an answer that are handed out together."""
_VOLUME = 16 * 1024 * 1024
"""Bytes from which on text goes to another file: only so many can be open."""
_page = msgspec.json.Decoder(list[msgspec.Raw])


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
        elements = responses.finder(content).elements
        self.rows = len(elements)
        self.elements: Sequence[msgspec.Raw] = elements
        """The rows; those in a file are read whenever they are looked at."""
        if len(content) > _SMALL:
            if room.take(len(content)):
                self._taken = len(content)
            else:
                self.elements = _in_file(elements)

    def portions(self) -> Iterator[Sequence[msgspec.Raw]]:
        """Yield the rows, some at a time."""
        for at in range(0, self.rows, _PORTION):
            yield self.elements[at : at + _PORTION]

    def __del__(self) -> None:
        """Leave the room to others."""
        self._room.give_back(self._taken)


class _FiledRows(Sequence[msgspec.Raw]):
    """Rows in a file, of which only those are in memory that somebody looks at."""

    def __init__(self, file: t.IO[bytes], places: Sequence[int], rows: int) -> None:
        """Read rows from a file.

        Args:
            file: Pages of rows, each a JSON list.
            places: Where each page begins, and the last one ends.
            rows: How many there are.
        """
        self._file = file
        self._places = places
        self._rows = rows

    @override
    def __len__(self) -> int:
        return self._rows

    @t.overload
    def __getitem__(self, at: int) -> msgspec.Raw: ...
    @t.overload
    def __getitem__(self, at: slice) -> Sequence[msgspec.Raw]: ...
    @override
    def __getitem__(self, at: int | slice) -> msgspec.Raw | Sequence[msgspec.Raw]:
        wanted = range(self._rows)[at]
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        if not wanted:
            return []
        first, last = min(wanted) // _PAGE, max(wanted) // _PAGE
        rows = list(itertools.chain.from_iterable(map(self._page, range(first, last + 1))))
        return [rows[number - first * _PAGE] for number in wanted]

    def _page(self, number: int) -> list[msgspec.Raw]:
        start, end = self._places[number : number + 2]
        self._file.seek(start)
        return _page.decode(self._file.read(end - start))

    def __del__(self) -> None:
        self._file.close()


def _in_file(rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
    """Return rows that are in a file, or as they are where there can be none."""
    file, places = _temporary_file(), [0]
    if file is None:
        return rows
    for at in range(0, len(rows), _PAGE):
        page = b"[" + b",".join(rows[at : at + _PAGE]) + b"]"
        if not _could_write(file, page):
            return rows
        places.append(places[-1] + len(page))
    return _FiledRows(file, places, len(rows))


class Shelf:
    """Keeps text in temporary files, which vanish when nobody will read them any more."""

    def __init__(self) -> None:
        self._volume: _Volume | None = None

    def put(self, text: bytes) -> t.Callable[[int, int], bytes] | None:
        """Put text away; return what reads a part of it, None where it finds no place."""
        if self._volume is None or self._volume.size > _VOLUME:
            file = _temporary_file()
            self._volume = None if file is None else _Volume(file)
        volume = self._volume
        if volume is None:
            return None
        start = volume.size
        if not volume.add(text):
            self._volume = None
            return None
        return lambda at, length: volume.read(start + at, length)


class _Volume:
    """A file that grows, and is closed when it is forgotten."""

    def __init__(self, file: t.IO[bytes]) -> None:
        self._file = file
        self.size = 0

    def add(self, text: bytes) -> bool:
        """Add text; False where the disk is full."""
        self._file.seek(self.size)
        try:
            _write(self._file, text)
        except OSError:
            return False
        self.size += len(text)
        return True

    def read(self, start: int, length: int) -> bytes:
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


def _written(content: bytes | memoryview) -> t.IO[bytes] | None:
    """Return a temporary file with a body, None where there can be none."""
    file = _temporary_file()
    return file if file is not None and _could_write(file, content) else None


def _could_write(file: t.IO[bytes], content: bytes | memoryview) -> bool:
    """Write, or close the file where it takes no more."""
    try:
        _write(file, content)
    except OSError:  # the disk is full
        file.close()
        return False
    return True


def _write(file: t.IO[bytes], content: bytes | memoryview) -> None:
    """Write all, however little an unbuffered file takes at once."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]

"""Memory for answers: bounded, and what finds no room waits in a file."""

from __future__ import annotations

import ctypes
import errno
import io
import itertools
import tempfile
import typing as t
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.responses import RAW
from tap_linkedin_ads.api.room import Body, Room, Shelf, WaitingAnswer
from tap_linkedin_ads.cli.allocator import keep_little_free_memory

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 1024 * 1024


def body(rows: int) -> bytes:
    """Return an answer whose rows have a kilobyte each."""
    return b'{"elements":[' + b",".join([b'{"a":"%01000d"}' % row for row in range(rows)]) + b"]}"


def arrived(content: bytes, room: Room) -> Body:
    """Return a body that is there."""
    arriving = Body(room)
    for at in range(0, len(content), 60_000):
        arriving.add(content[at : at + 60_000])
    return arriving


def answer_of(content: bytes, room: Room) -> WaitingAnswer:
    """Return an answer that waits."""
    return WaitingAnswer(arrived(content, room))


def is_full(room: Room, size: int) -> bool:
    """Whether a room of this size is used, and leave it as it was; it never is larger."""
    if room.take(size):
        assert not room.take(1)
        room.give_back(size)
        return False
    return True


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[t.IO[bytes]]]:
    """Return the temporary files that are made."""
    made: list[t.IO[bytes]] = []
    make = tempfile.TemporaryFile

    def temporary_file(**options: t.Any) -> t.IO[bytes]:  # noqa: ANN401
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", temporary_file)
    yield made
    assert all(file.closed for file in made)


def test_room_is_bounded() -> None:
    """No more is taken than there is, and what is given back can be taken again."""
    room = Room(10)
    assert room.take(6)
    assert not room.take(5)
    assert room.take(4)
    room.give_back(6)
    assert room.take(6)


@given(
    chunks=st.lists(st.binary(max_size=20).map(lambda part: part * 10_000), max_size=8),
    size=st.sampled_from([0, 300_000, MEGABYTE]),
)
def test_a_body_is_what_arrived(chunks: list[bytes], size: int) -> None:
    """In memory or in a file, and moved out in the middle: every byte in order."""
    room = Room(size)
    arriving = Body(room)
    for chunk in chunks:
        arriving.add(chunk)
    assert arriving.size == sum(map(len, chunks))
    assert arriving.content() == b"".join(chunks)
    del arriving
    assert not is_full(room, size)


def test_a_body_that_never_ends_leaves_its_room() -> None:
    """A connection that breaks does not cost the room for the rest of the run."""
    room = Room(MEGABYTE)
    arriving = Body(room)
    arriving.add(bytes(MEGABYTE))
    assert is_full(room, MEGABYTE)
    del arriving
    assert not is_full(room, MEGABYTE)


@pytest.mark.parametrize("size", [0, MEGABYTE], ids=["file", "memory"])
def test_a_body_that_is_closed_leaves_its_room(size: int, files: list[t.IO[bytes]]) -> None:
    """At once, whoever still holds it."""
    room = Room(size)
    arriving = arrived(body(200), room)
    assert room.take(size) == (size == 0)
    arriving.close()
    assert not is_full(room, size)
    assert all(file.closed for file in files)


@pytest.mark.parametrize("size", [0, MEGABYTE], ids=["file", "memory"])
def test_a_body_is_read_in_parts(size: int) -> None:
    """From any place, and again; as a whole as well."""
    arriving, content = Body(Room(size)), body(200)
    arriving.add(content)
    for start, length in ((0, 5), (150_000, 70_000), (10, 0), (3, 7)):
        assert arriving.read(start, length) == content[start : start + length]
    assert arriving.content() == arriving.content() == content


def test_answers_without_room_wait_in_files(files: list[t.IO[bytes]]) -> None:
    """The first finds room, the second does not, and both give their rows, as often as wanted."""
    room, content = Room(len(body(1000))), body(1000)
    first, second = answer_of(content, room), answer_of(content, room)
    assert len(files) == 1
    assert first.rows == second.rows == 1000
    assert list(map(bytes, first.elements)) == list(map(bytes, second.elements))
    assert is_full(room, len(content))
    del first
    assert not is_full(room, len(content))


@pytest.mark.parametrize("size", [0, 10 * MEGABYTE], ids=["file", "memory"])
def test_rows_are_read_in_parts(size: int) -> None:
    """So that whoever takes them in holds some at a time; no answer is too small for that."""
    whole = arrived(body(4600), Room(size))
    sizes = [len(part.rows) for part in whole.parts(RAW)]
    assert max(sizes) < 131
    assert sum(sizes) == WaitingAnswer(whole).rows == 4600
    assert answer_of(b'{"elements":[]}', Room(size)).elements == []


def test_text_comes_back_from_the_shelf(files: list[t.IO[bytes]]) -> None:
    """Texts share a file until it is large; it goes with the last text that somebody may read."""
    shelf = Shelf(Room(0))
    texts = [bytes([number]) * 3 * MEGABYTE for number in range(8)]
    reads = [shelf.put([text]) for text in texts]
    assert len(files) == 2
    for read, text in zip(reads, texts, strict=True):
        assert read(0, len(text)) == text
        assert read(5, 2) == text[:2]
    del read, reads[:6]
    assert [file.closed for file in files] == [True, False]
    reads.clear()
    assert not files[1].closed  # there is room for more
    del shelf


def test_text_takes_room_on_the_shelf_until_nobody_will_read_it(files: list[t.IO[bytes]]) -> None:
    """What finds none goes to a file, and takes none."""
    room = Room(MEGABYTE)
    shelf, text = Shelf(room), body(700)
    first, second = shelf.put([text]), shelf.put([text])
    assert len(files) == 1
    assert first(3, 9) == second(3, 9) == text[3:12]
    assert not room.take(MEGABYTE - len(text) + 1)
    del first
    assert not is_full(room, MEGABYTE)
    del second, shelf


@pytest.mark.parametrize("size", [0, MEGABYTE], ids=["file", "memory"])
def test_pieces_lie_one_behind_the_other(size: int) -> None:
    """However many there are, and however small."""
    pieces = [b"%d," % number for number in range(3000)]
    text, shelf = b"".join(pieces), Shelf(Room(size))
    shelf.put([b"before"])
    read, after = shelf.put(pieces), shelf.put([b"after"])
    assert read(0, len(text)) == text
    assert after(0, 5) == b"after"


def test_threads_share_a_shelf() -> None:
    """One puts text away while others read."""
    shelf = Shelf(Room(0))

    def use(number: int) -> bool:
        texts = [bytes([number, at]) * 5000 for at in range(50)]
        reads = [shelf.put([text]) for text in texts]
        return all(
            read(0, 10_000) == text
            for _ in range(3)
            for read, text in zip(reads, texts, strict=True)
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(8)))


def test_small_answers_need_no_file(files: list[t.IO[bytes]]) -> None:
    """A file would cost more than it saves."""
    room = Room(0)
    assert answer_of(body(10), room).rows == 10
    assert not is_full(room, 0)
    assert not files


def test_without_a_folder_for_files_memory_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without any place to write to reads all the same."""

    def no_folder(**_: object) -> t.NoReturn:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "TemporaryFile", no_folder)
    content = body(1000)
    assert len(answer_of(content, Room(0)).elements) == 1000
    assert arrived(content, Room(0)).content() == content
    assert Shelf(Room(0)).put([content])(5, 7) == content[5:12]


def test_a_full_disk_loses_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A body goes on in memory where its file can take no more, and waits there."""

    class SmallDisk(io.FileIO):
        """A file that takes a megabyte."""

        def write(self, data: t.Any, /) -> int:  # noqa: ANN401
            left = MEGABYTE - self.tell()
            if left <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data[:left])

    numbers = itertools.count()

    def small_disk(**_: object) -> io.FileIO:
        return SmallDisk(tmp_path / f"file {next(numbers)}", "w+")

    monkeypatch.setattr(tempfile, "TemporaryFile", small_disk)
    content = body(3000)
    assert arrived(content, Room(0)).content() == content
    answer = answer_of(content, Room(0))
    assert len(answer.elements) == answer.rows == 3000
    shelf = Shelf(Room(0))
    texts = (b"little", content, b"more")
    reads = [shelf.put([text]) for text in texts]
    assert [read(0, len(text)) for read, text in zip(reads, texts, strict=True)] == list(texts)


@pytest.mark.parametrize("size", [0, MEGABYTE])
def test_a_cut_answer_is_none(size: int) -> None:
    """It is noticed when it arrives, not when its turn has come."""
    room = Room(size)
    with pytest.raises(msgspec.DecodeError):
        answer_of(body(1000)[:-2], room)
    assert not is_full(room, size)


@pytest.mark.parametrize("size", [0, MEGABYTE], ids=["file", "memory"])
def test_what_loaders_cannot_take_is_replaced_and_counted(size: int) -> None:
    """Once, however often rows are read."""
    row = b'{"a":"\\u0000","b":"%0100d"}' % 5
    answer = answer_of(b'{"elements":[' + b",".join([row] * 3000) + b"]}", Room(size))
    assert len(answer.elements) == len(answer.elements) == answer.replaced == 3000
    assert set(map(bytes, answer.elements)) == {row.replace(rb"\u0000", rb"\ufffd")}


def test_free_memory_is_there_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large blocks go back to the system, and threads share the rest: glibc's numbers."""
    told = mock.Mock()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: told)
    keep_little_free_memory()
    assert told.mallopt.mock_calls == [
        mock.call(-8, 1),
        mock.call(-1, 2 * MEGABYTE),
        mock.call(-3, MEGABYTE // 2),
    ]


def test_other_c_libraries_have_no_such_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tap runs on them all the same."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    keep_little_free_memory()

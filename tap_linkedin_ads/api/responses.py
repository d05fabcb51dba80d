"""LinkedIn's answers, decoded as far as a worker thread needs.

Rows stay raw (validated JSON text) until they are used: an answer waiting its turn costs its
bytes and little more, its rows can be counted, and a cut body is noticed at once. Decimals keep
every digit.
"""

from __future__ import annotations

import contextlib
import json
import re
import typing as t
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec

from tap_linkedin_ads.api.errors import TapError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = t.TypeVar("T")

UNREADABLE = (
    TapError,
    msgspec.DecodeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What code raises that is handed something of an unexpected shape."""
Wire = dict[str, t.Any]
"""One JSON object as LinkedIn sends it; floats are ``Decimal``."""
Read = t.Callable[[int, int], bytes]
"""Returns bytes of a body from a place on, as many as are asked for."""
_NULL = msgspec.Raw(b"null")
_ELEMENTS, _END = b'{"elements":[', b"]}"
"""What stands around the rows of an answer that has nothing else."""


class FinderAnswer(msgspec.Struct):
    """The answer to a finder. ``elements`` must be there: without it nothing is known.

    What stands beside the rows is decoded by ``beside_rows``, so that nothing in it costs them.
    """

    elements: list[msgspec.Raw]
    metadata: msgspec.Raw = _NULL
    paging: msgspec.Raw = _NULL


@dataclass(frozen=True, slots=True)
class RowDecoder(t.Generic[T]):
    """How the rows of an answer are decoded.

    Attributes:
        decode: Decodes an answer and returns its rows; raises ``msgspec.DecodeError`` where it is
            cut or no answer.
        mark: A row that no answer has, as JSON.
        is_mark: Whether a row is that one, decoded.
    """

    decode: t.Callable[[bytes], list[T]]
    mark: bytes
    is_mark: t.Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class Part(t.Generic[T]):
    """Rows of an answer that are read together.

    Attributes:
        rows: The rows, decoded.
        text: An answer that begins with them, in text that loaders can take.
        replaced: How many characters of it loaders could not take.
    """

    rows: list[T]
    text: bytes
    replaced: int = 0

    @property
    def raw_rows(self) -> list[msgspec.Raw]:
        return finder(self.text).elements[: len(self.rows)]


class BatchAnswer(msgspec.Struct):
    """The answer to a batch get: objects by key, and what went wrong by key."""

    results: dict[str, msgspec.Raw]
    errors: msgspec.Raw = _NULL


MOST_DIGITS = 1000
"""Digits, before and behind the point, up to which a number is one; Python converts integers of
4300 digits, PostgreSQL's ``numeric`` takes some more."""
_finder = msgspec.json.Decoder(FinderAnswer)
_batch = msgspec.json.Decoder(BatchAnswer)
_PART = 128 * 1024
"""Bytes of a body that are decoded in one go, more where a row is larger: many calls or memory."""
_BETWEEN_ROWS = re.compile(rb"\s*,\s*(?=\{)")
_MOST_LOOKS = 20
"""Places at which the end of a row is looked for before more of the body is read."""


def number(text: str) -> Decimal | str:
    """Return a JSON number with every digit; it stays text where loaders cannot hold it."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    return found if is_loadable(found) else text


def is_loadable(found: Decimal) -> bool:
    """Whether loaders can take a number: PostgreSQL and Python's own JSON have limits."""
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or not -MOST_DIGITS < exponent < MOST_DIGITS:
        return False
    return not found or found.adjusted() < MOST_DIGITS


_row = msgspec.json.Decoder(Wire, float_hook=number)
_ESCAPE = re.compile(
    rb"\\(?:u(?:(0000|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|)|[^u])"
)
"""An escape in JSON; what it captures stands for no character that loaders take."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def with_loadable_text(content: bytes) -> tuple[bytes, int]:
    """Return a body whose text loaders can take, and how many characters were replaced.

    U+0000 and halves of characters (lone surrogates), escaped or as they are, become U+FFFD, in
    keys as well. A body without any is returned as it is, and quickly.
    """
    replaced = 0
    # A single byte is found some thirty times as fast as two of which one is a frequent letter.
    if b"\\" in content and b"\\u" in content:

        def loadable(escape: re.Match[bytes]) -> bytes:
            nonlocal replaced
            replaced += escape[1] is not None
            return rb"\ufffd" if escape[1] else escape[0]

        content = _ESCAPE.sub(loadable, content)
    if b"\0" in content:
        replaced += content.count(b"\0")
        content = content.replace(b"\0", _REPLACEMENT.encode())
    if content.isascii():
        return content, replaced
    try:
        content.decode()
    except UnicodeDecodeError:
        try:
            text, count = _LONE_SURROGATE.subn(_REPLACEMENT, content.decode(errors="surrogatepass"))
        except UnicodeDecodeError:
            text = content.decode(errors="replace")
            count = text.count(_REPLACEMENT)
        return text.encode(), replaced + count
    return content, replaced


def finder(content: bytes) -> FinderAnswer:
    """Decode a finder's body; raises ``msgspec.DecodeError`` where it is cut or no answer."""
    return _finder.decode(content)


_CUT = b'"cut here"'
RAW = RowDecoder(lambda content: finder(content).elements, _CUT, lambda raw: bytes(raw) == _CUT)
"""Rows as they came."""


def answer_of(rows: Iterable[bytes | msgspec.Raw]) -> bytes:
    """Return an answer that holds some rows."""
    return b"".join((_ELEMENTS, b",".join(rows), _END))


def parts(read: Read, size: int, decoder: RowDecoder[T]) -> Iterator[Part[T]]:
    """Read a finder's body, without having all of it in memory.

    Args:
        read: Reads the body.
        size: Bytes of the whole body.
        decoder: How its rows are decoded.

    Yields:
        All rows, in the same order.

    Raises:
        msgspec.DecodeError: The body is cut or no answer.
    """
    start, length, head = 0, _PART, b""
    while start + length < size:
        found = _rows_before_cut(head, read(start, length), decoder)
        if found is None:
            length *= 2
            continue
        part, following = found
        yield part
        start, length, head = start + following, _PART, _ELEMENTS
    text, replaced = with_loadable_text(head + read(start, length))
    yield Part(decoder.decode(text), text, replaced)


def _rows_before_cut(
    head: bytes, text: bytes, decoder: RowDecoder[T]
) -> tuple[Part[T], int] | None:
    """Look for the rows that are whole in a text of which more is to come.

    What looks like the place between two rows may be inside of one, or behind them all. It is none
    of that where a row that is put there comes out as the last one.

    Returns:
        The rows, and the place at which the next one begins.
    """
    at, looks = len(text), 0
    while looks < _MOST_LOOKS and (at := text.rfind(b"}", 0, at)) >= 0:
        if comma := _BETWEEN_ROWS.match(text, at + 1):
            looks += 1
            before = memoryview(text)[: at + 1]
            answer, replaced = with_loadable_text(
                b"".join((head, before, b",", decoder.mark, _END))
            )
            with contextlib.suppress(msgspec.DecodeError):
                found = decoder.decode(answer)
                if found and decoder.is_mark(found.pop()):
                    return Part(found, answer, replaced), comma.end()
    return None


def single(content: bytes) -> FinderAnswer:
    """Decode a body that is one object, as an answer with one row."""
    row(content)
    return FinderAnswer([msgspec.Raw(content)])


def batch(content: bytes) -> BatchAnswer:
    return _batch.decode(content)


def row(raw: msgspec.Raw | bytes) -> Wire:
    """Decode one row of an answer, or a whole body that is one object."""
    try:
        return _row.decode(raw)
    except msgspec.ValidationError:
        wire = _with_long_integers(bytes(raw))
        if wire is None:
            raise
        return wire


def beside_rows(raw: msgspec.Raw) -> Wire:
    """Decode what stands beside an answer's rows; empty where it is no object."""
    try:
        return row(raw)
    except (msgspec.DecodeError, RecursionError):
        return {}


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= MOST_DIGITS else text


def _with_long_integers(raw: bytes) -> Wire | None:
    """Decode an object one of whose integers has thousands of digits; None where it is none."""
    try:
        wire = json.loads(raw, parse_float=number, parse_int=_integer)
    except ValueError:
        return None
    return wire if isinstance(wire, dict) else None

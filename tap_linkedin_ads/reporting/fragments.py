"""One field group's metrics of one row, as a piece of the record's JSON text.

Rows are joined as text: a field group is decoded into a typed structure and encoded again by
msgspec, so that no Python code runs for a single figure. Rows of a page stay together, column by
column, for the same reason. Numbers that LinkedIn sends as strings become JSON numbers with every
digit; what it left out becomes 0 or null.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import typing as t
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
from msgspec.structs import astuple

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.responses import MOST_DIGITS, RowDecoder
from tap_linkedin_ads.records.values import LARGEST_INTEGER, SMALLEST_INTEGER, UnreadableValue
from tap_linkedin_ads.reporting.rows import UnreadableRowError, key_fields, values

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_linkedin_ads.api.responses import Part
    from tap_linkedin_ads.reporting.metrics import Metric


T = t.TypeVar("T")


class _Answer(msgspec.Struct, t.Generic[T]):
    elements: list[T]


class _Day(msgspec.Struct, gc=False):
    year: int
    month: int
    day: int


class _DateRange(msgspec.Struct, gc=False):
    start: _Day


_KEYS: list[tuple[str, t.Any]] = [("dateRange", msgspec.Raw), ("pivotValues", msgspec.Raw)]
_encoder = msgspec.json.Encoder(decimal_format="number")
_date_ranges = msgspec.json.Decoder(_DateRange, strict=False)
_pivot_values = msgspec.json.Decoder(tuple[str, ...])


_NO_RANGE = b'"cut here"'
_MARK = b'{"dateRange":' + _NO_RANGE + b',"pivotValues":[]}'


def _is_mark(row: t.Any) -> bool:  # noqa: ANN401  a decoded row, or a raw one
    if isinstance(row, msgspec.Raw):
        return bytes(row) == _MARK
    return bytes(row.dateRange) == _NO_RANGE


Key = tuple[str, ...]
"""What a row is about: its pivot values."""


@dataclass(slots=True)
class Fragments:
    """Rows of one field group, column by column.

    Attributes:
        days: The first day of each row.
        keys: Its pivot values.
        texts: Its figures, as a JSON object.
        unreadable: The values that are null because no column can hold them, by the row's place.
    """

    days: list[dt.date] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    unreadable: dict[int, list[UnreadableValue]] = field(default_factory=dict)

    def where(self, taken: Sequence[bool]) -> Fragments:
        """Return the rows that are taken, of as many as there are."""
        places = itertools.compress(itertools.count(), taken)
        return Fragments(
            list(itertools.compress(self.days, taken)),
            list(itertools.compress(self.keys, taken)),
            list(itertools.compress(self.texts, taken)),
            {
                place: self.unreadable[before]
                for place, before in enumerate(places)
                if before in self.unreadable
            },
        )


_LARGE_EXPONENT = re.compile(rb"E[+-]?\d{3}")
"""Of a figure that is looked at by itself. Zeros such as 0E-18 are usual, and loaders take them."""
_LONGEST_FIGURES = 2 * MOST_DIGITS
"""Bytes of a row's figures above which they are looked at one by one: one may be too long."""
_Whole = t.Annotated[int, msgspec.Meta(ge=SMALLEST_INTEGER, le=LARGEST_INTEGER)]


class FragmentReader:
    """Reads the rows of one field group."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = tuple(metrics)
        figures = [(m.column, _type(m), 0 if m.additive else None) for m in metrics]
        names = {m.column: m.name for m in metrics}
        row = msgspec.defstruct("Row", [*_KEYS, *figures], rename=names, gc=False)
        self._decoder = msgspec.json.Decoder(_Answer[row], strict=False)  # type: ignore[valid-type]
        self._figures = msgspec.defstruct("Figures", figures, gc=False)
        self.row_decoder: RowDecoder[t.Any] = RowDecoder(self._decode, _MARK, _is_mark)
        """How the rows of an answer are decoded for ``read``."""
        self.blank = self._text()[1:-1]
        """The figures of a row that LinkedIn left out, without braces."""

    def _decode(self, text: bytes) -> list[t.Any]:
        """Decode the rows of an answer; they stay raw where one of them is not as documented."""
        try:
            return self._decoder.decode(text).elements
        except (msgspec.ValidationError, ValueError, ArithmeticError):
            return responses.RAW.decode(text)

    def read(self, part: Part[t.Any], without_key: Callable[[str], None]) -> Fragments:
        """Read rows.

        Args:
            part: The rows, decoded.
            without_key: Hears of each row that lacks its key fields, and why it does.

        Returns:
            The others, in the same order.
        """
        together = self._read_together(part.rows)
        return self._read_alone(part.raw_rows, without_key) if together is None else together

    def _read_alone(
        self, rows: Sequence[msgspec.Raw], without_key: Callable[[str], None]
    ) -> Fragments:
        found = Fragments()
        for row in rows:
            try:
                decoded = self._decode(responses.answer_of([row]))
                alone = self._read_together(decoded) or self._read_what_is_odd(row)
            except (UnreadableRowError, msgspec.DecodeError, RecursionError) as error:
                without_key(str(error))
                continue
            for unreadable in alone.unreadable.values():
                found.unreadable[len(found.days)] = unreadable
            found.days += alone.days
            found.keys += alone.keys
            found.texts += alone.texts
        return found

    def _read_together(self, rows: Sequence[t.Any]) -> Fragments | None:
        """Read rows, or give None where one of them is not as documented."""
        if rows and isinstance(rows[0], msgspec.Raw):
            return None
        fields = list(map(astuple, rows))
        try:
            days = list(map(_days.__getitem__, map(bytes, [row[0] for row in fields])))
            keys = list(map(_keys.__getitem__, map(bytes, [row[1] for row in fields])))
        except (msgspec.ValidationError, ValueError, ArithmeticError):
            return None
        lines = _encoder.encode_lines([self._figures(*row[2:]) for row in fields])
        # Columns have no capitals: NaN and Infinity. A byte is found faster than a pattern.
        if b"N" in lines or b"I" in lines or (b"E" in lines and _LARGE_EXPONENT.search(lines)):
            return None
        texts = lines.split(b"\n")
        texts.pop()
        if len(lines) > _LONGEST_FIGURES and max(map(len, texts)) > _LONGEST_FIGURES:
            return None
        return Fragments(days, keys, texts)

    def _text(self, *figures: object) -> bytes:
        return _encoder.encode(self._figures(*figures))

    def _read_what_is_odd(self, raw: msgspec.Raw) -> Fragments:
        """Read a row value by value: explicit nulls, unusual types, and what is no number."""
        row, unreadable = responses.row(raw), list[UnreadableValue]()
        day, key = key_fields(row)
        found = values(row, self._metrics, unreadable)
        figures = (found.get(m.column, 0 if m.additive else None) for m in self._metrics)
        return Fragments(
            [day], [key], [self._text(*figures)], {0: unreadable} if unreadable else {}
        )


def _type(metric: Metric) -> t.Any:  # noqa: ANN401
    """Return the type of a metric; an additive one is never null."""
    kind: t.Any = _Whole if metric.kind == "long" else Decimal
    return kind if metric.additive else kind | None


def _day(date_range: bytes) -> dt.date:
    start = _date_ranges.decode(date_range).start
    return dt.date(start.year, start.month, start.day)


class _Decoded(dict[bytes, T]):
    """Texts that rows of all days and field groups share, each decoded once.

    With bytes for a key that takes half as long as ``functools.lru_cache`` does.
    """

    def __init__(self, decode: Callable[[bytes], T], most: int) -> None:
        """Keep so many texts at most."""
        self._decode = decode
        self._most = most

    def __missing__(self, text: bytes) -> T:
        found = self._decode(text)
        if len(self) >= self._most:  # several threads may add at once
            self.clear()
        self[text] = found
        return found


_days = _Decoded(_day, most=4096)
_keys = _Decoded(_pivot_values.decode, most=16_384)

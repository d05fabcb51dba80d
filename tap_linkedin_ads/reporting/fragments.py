"""One field group's metrics of one row, as a piece of the record's JSON text.

Rows are joined as text: a field group is decoded into a typed structure and encoded again by
msgspec, so that no Python code runs for a single figure. Numbers that LinkedIn sends as strings
become JSON numbers with every digit; what it left out becomes 0 or null.
"""

from __future__ import annotations

import datetime as dt
import functools
import typing as t
from decimal import Decimal

import msgspec
from msgspec.structs import astuple

from tap_linkedin_ads.reporting.rows import UnreadableRowError, key_fields, values

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_linkedin_ads.reporting.metrics import Metric


class _Day(msgspec.Struct, gc=False):
    year: int
    month: int
    day: int


class _DateRange(msgspec.Struct, gc=False):
    start: _Day


_KEYS: list[tuple[str, t.Any]] = [("dateRange", msgspec.Raw), ("pivotValues", msgspec.Raw)]
_PORTION = 500
"""Rows that are decoded and encoded in one go: calls for many, memory for few."""
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal)
_date_ranges = msgspec.json.Decoder(_DateRange, strict=False)
_pivot_values = msgspec.json.Decoder(tuple[str, ...])


Fragment = tuple[dt.date, tuple[str, ...], bytes]
"""A row's first day, its pivot values, and its figures as JSON text without braces."""


class FragmentReader:
    """Reads the rows of one field group."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = tuple(metrics)
        figures = [(m.column, _type(m), 0 if m.additive else None) for m in metrics]
        names = {m.column: m.name for m in metrics}
        row = msgspec.defstruct("Row", [*_KEYS, *figures], rename=names, gc=False)
        self._decode = msgspec.json.Decoder(list[row], strict=False).decode  # type: ignore[valid-type]
        self._figures = msgspec.defstruct("Figures", figures, gc=False)
        self.blank = self._text()
        """The fragment of a row that LinkedIn left out."""

    def read(self, rows: Sequence[msgspec.Raw]) -> Iterator[Fragment]:
        """Read rows.

        Args:
            rows: Rows as they came.

        Yields:
            The fragment of each, in the same order.

        Raises:
            UnreadableRowError: A row lacks its key fields, or a metric is no number.
        """
        for at in range(0, len(rows), _PORTION):
            portion = rows[at : at + _PORTION]
            together = self._read_portion(portion)
            if together is not None:
                yield from together
                continue
            for row in portion:
                yield from self._read_portion([row]) or [self._read_what_is_odd(row)]

    def _read_portion(self, rows: Sequence[msgspec.Raw]) -> list[Fragment] | None:
        """Read rows together, or give None where one of them is not as documented."""
        try:
            fields = [astuple(row) for row in self._decode(b"[" + b",".join(rows) + b"]")]
            days = [_day(bytes(row[0])) for row in fields]
            keys = [_key(bytes(row[1])) for row in fields]
        except (msgspec.ValidationError, ValueError):
            return None
        lines = _encoder.encode_lines([self._figures(*row[2:]) for row in fields])
        if b"N" in lines or b"I" in lines:  # columns have no capitals: NaN or Infinity
            return None
        texts = lines[1:-2].split(b"}\n{")  # figures are numbers and null: no brace among them
        return list(zip(days, keys, texts, strict=True))

    def _text(self, *figures: object) -> bytes:
        return _encoder.encode(self._figures(*figures))[1:-1]

    def _read_what_is_odd(self, raw: msgspec.Raw) -> Fragment:
        """Read a row value by value: explicit nulls, unusual types, and what is no number."""
        row = _decoder.decode(raw)
        day, key = key_fields(row)
        found = values(row, self._metrics)
        figures = (found.get(m.column, 0 if m.additive else None) for m in self._metrics)
        return day, key, self._text(*figures)


def _type(metric: Metric) -> t.Any:  # noqa: ANN401
    """Return the type of a metric; an additive one is never null."""
    kind: t.Any = int if metric.kind == "long" else Decimal
    return kind if metric.additive else kind | None


@functools.lru_cache(maxsize=4096)
def _day(date_range: bytes) -> dt.date:
    start = _date_ranges.decode(date_range).start
    return dt.date(start.year, start.month, start.day)


@functools.lru_cache(maxsize=16_384)
def _key(pivot_values: bytes) -> tuple[str, ...]:
    """Decode pivot values once: their rows of all days and field groups share the result."""
    return _pivot_values.decode(pivot_values)


__all__ = ["FragmentReader", "UnreadableRowError"]

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
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.metrics import Metric


class _Day(msgspec.Struct, gc=False):
    year: int
    month: int
    day: int


class _DateRange(msgspec.Struct, gc=False):
    start: _Day


_KEYS: list[tuple[str, t.Any]] = [("dateRange", _DateRange), ("pivotValues", list[str])]
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decoder = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal)


class FragmentReader:
    """Reads the rows of one field group."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = tuple(metrics)
        figures = [(m.column, _type(m), 0 if m.additive else None) for m in metrics]
        names = {m.column: m.name for m in metrics}
        row = msgspec.defstruct("Row", [*_KEYS, *figures], rename=names, gc=False)
        self._decode = msgspec.json.Decoder(row, strict=False).decode
        self._figures = msgspec.defstruct("Figures", figures, gc=False)
        self.blank = self._text()
        """The fragment of a row that LinkedIn left out."""

    def read(self, raw: msgspec.Raw) -> tuple[dt.date, tuple[str, ...], bytes]:
        """Read one row.

        Args:
            raw: The row as it came.

        Returns:
            Its first day, its pivot values, and its fragment without braces.

        Raises:
            UnreadableRowError: The row lacks its key fields, or a metric is no number.
        """
        try:
            fields = astuple(self._decode(raw))
            start = fields[0].start
            day = _date(start.year, start.month, start.day)
        except (msgspec.ValidationError, ValueError):
            return self._read_what_is_odd(raw)
        text = self._text(*fields[2:])
        if b"N" in text or b"I" in text:  # columns have no capitals: NaN or Infinity
            return self._read_what_is_odd(raw)
        return day, tuple(fields[1]), text

    def _text(self, *figures: object) -> bytes:
        return _encode(self._figures(*figures))[1:-1]

    def _read_what_is_odd(self, raw: msgspec.Raw) -> tuple[dt.date, tuple[str, ...], bytes]:
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
def _date(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, day)


__all__ = ["FragmentReader", "UnreadableRowError"]

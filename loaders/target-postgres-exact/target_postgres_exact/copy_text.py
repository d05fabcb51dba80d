r"""Values in the text format of PostgreSQL's COPY.

One row is one line, its columns are separated by tabs, `\N` is null, and a backslash escapes what
would otherwise end a column or a row
(https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS). PostgreSQL reads each
text with the column's own input function, so a number keeps every digit.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from decimal import Decimal
from operator import itemgetter

import simplejson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from target_postgres.connector import NOTYPE, HexByteString

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.types import TypeEngine

    Encoder = Callable[[t.Any], str]

NULL = r"\N"

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class RowEncoder:
    """Writes records as rows of COPY's text.

    Attributes:
        columns: The columns in the order of the text; numbers come first, because a row's numbers
            are written in one go.
    """

    def __init__(self, types: Mapping[str, TypeEngine[t.Any]], *, sanitize: bool) -> None:
        """Learn the columns.

        Args:
            types: What the schema makes of each column.
            sanitize: Whether to store U+FFFD for what PostgreSQL cannot store (U+0000 and lone
                surrogates), as `sanitize_null_text_characters` says.
        """
        groups: dict[Encoder, list[str]] = {_integer: [], _number: []}
        rest: list[str] = []
        for name, column_type in types.items():
            groups.get(_writer(column_type), rest).append(name)
        self._numbers = [
            (itemgetter(*names, names[0]), plain, len(names))
            for names, plain in ((groups[_integer], _INTEGERS), (groups[_number], _NUMBERS))
            if names
        ]
        self.columns = [*groups[_integer], *groups[_number], *rest]
        encoders = {
            name: _column_encoder(column_type, sanitize=sanitize)
            for name, column_type in types.items()
        }
        self._all = [(name, encoders[name]) for name in self.columns]
        self._rest = [(name, encoders[name]) for name in rest]

    def __call__(self, record: Mapping[str, t.Any]) -> str:
        """Write a record; columns that it lacks are null.

        Raises:
            ValueError: A value is none of its column.
        """
        cells = []
        for get, plain, count in self._numbers:
            try:
                values = get(record)[:count]
            except KeyError:
                break
            if not plain.issuperset(map(type, values)):
                break
            cells.append("\t".join(map(str, values)).replace("None", NULL))
        else:
            cells += [encode(record.get(name)) for name, encode in self._rest]
            return "\t".join(cells)
        return "\t".join([encode(record.get(name)) for name, encode in self._all])


def _column_encoder(column_type: TypeEngine[t.Any], *, sanitize: bool) -> Encoder:
    write = _writer(column_type)
    # The plain loader stores JSON's null where there is no object.
    null = "null" if isinstance(column_type, postgresql.JSONB) else NULL

    def encode(value: t.Any) -> str:  # noqa: ANN401 - any value of JSON
        if value is None:
            return null
        text = write(_without_unstorable(value) if sanitize else value)
        return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text

    return encode


def _writer(column_type: TypeEngine[t.Any]) -> Encoder:
    for kind, write in _WRITERS.items():
        if isinstance(column_type, kind):
            return write
    if isinstance(column_type, postgresql.ARRAY):
        return _array_writer(_writer(column_type.item_type))
    return _text


def _text(value: t.Any) -> str:  # noqa: ANN401 - any value of JSON
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return (
        simplejson.dumps(value, use_decimal=True) if isinstance(value, (dict, list)) else str(value)
    )


def _json(value: t.Any) -> str:  # noqa: ANN401 - any value of JSON
    return str(simplejson.dumps(value, use_decimal=True, separators=(",", ":")))


def _boolean(value: t.Any) -> str:  # noqa: ANN401 - what a schema without validation lets through
    if value not in (0, 1):
        raise ValueError(f"not a boolean: {value!r}")
    return "t" if value else "f"


def _integer(value: t.Any) -> str:  # noqa: ANN401 - what a schema without validation lets through
    whole = isinstance(value, Decimal) and value == value.to_integral_value()
    return str(int(value) if whole else value)


def _number(value: t.Any) -> str:  # noqa: ANN401 - what a schema without validation lets through
    return str(value)


def _instant(value: dt.datetime | str) -> str:
    """Write an instant as its wall time in UTC: the column has no time zone."""
    if isinstance(value, str):
        return value
    if value.tzinfo is not None:
        value = value.astimezone(dt.timezone.utc).replace(tzinfo=None)
    return value.isoformat(" ")


def _bytes(value: str) -> str:
    digits = value[2:] if value.startswith((r"\x", "0x")) else value
    return rf"\x{'0' * (len(digits) % 2)}{digits}"


def _array_writer(write: Encoder) -> Encoder:
    def element(value: t.Any) -> str:  # noqa: ANN401 - any value of JSON
        if value is None:
            return "NULL"
        if isinstance(value, list) and write is not _json:
            return array(value)
        text = write(value).replace("\\", r"\\").replace('"', r"\"")
        return f'"{text}"'

    def array(values: list[t.Any]) -> str:
        return f"{{{','.join(map(element, values))}}}"

    return array


# The first kind that fits; arrays are their items'.
_WRITERS: dict[type[TypeEngine[t.Any]], Encoder] = {
    HexByteString: _bytes,
    NOTYPE: _text,
    postgresql.JSONB: _json,
    sa.Text: _text,
    sa.Boolean: _boolean,
    sa.Integer: _integer,
    sa.Numeric: _number,
    sa.DateTime: _instant,
}


# What needs neither a check nor an escape.
_INTEGERS = frozenset({int, type(None)})
_NUMBERS = frozenset({int, Decimal, type(None)})


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def _without_unstorable(value: t.Any) -> t.Any:  # noqa: ANN401 - any value of JSON
    if isinstance(value, str):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {_without_unstorable(key): _without_unstorable(item) for key, item in value.items()}
    return value

"""What a column's kind makes of a value, and which values it cannot hold.

Loaders decide what can be held: PostgreSQL's ``bigint``, ``numeric``, ``timestamp`` and ``jsonb``
are the measure.

LinkedIn's rules: LI-34, LI-48.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t
from collections.abc import Callable, Mapping
from decimal import Decimal

from tap_linkedin_ads.api.epoch import instant
from tap_linkedin_ads.api.errors import TapError
from tap_linkedin_ads.api.responses import is_loadable

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
"""What a ``bigint`` holds."""
_DIGITS_OF_INTEGERS = 19
_DEEPEST = 100
"""Objects and lists inside each other that JSON columns hold."""
_LONGEST_SHOWN = 80
"""Characters of a value that are shown: enough to recognise it."""
TEXT = {"type": ["string", "null"]}
"""The schema of a text column."""
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class UnreadableValueError(TapError):
    """LinkedIn sent a value that its column cannot hold."""


class UnreadableValue(t.NamedTuple):
    """A value that its column cannot hold; the column is null.

    Attributes:
        column: The column.
        value: What LinkedIn sent, cut short.
        kind: What the column holds: a format or a JSON type.
    """

    column: str
    value: str
    kind: str

    @classmethod
    def of(cls, column: str, value: object, schema: Mapping[str, t.Any]) -> UnreadableValue:
        """Describe a value that does not fit its column's schema."""
        return cls(column, shown(value), kind_of(schema))


def shown(value: object) -> str:
    """Return a value as text for a message, cut short."""
    try:
        text = value if isinstance(value, str) else _text(value)
    except (RecursionError, ValueError):
        text = f"{type(value).__name__} that is too large to be shown"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def conform(value: t.Any, schema: Mapping[str, t.Any]) -> t.Any:  # noqa: ANN401
    """Return a value the type that its column declares, without losing a digit.

    LinkedIn's numbers were seen as strings and the reverse; both are read.

    Raises:
        UnreadableValueError: The column cannot hold the value.
    """
    kind = kind_of(schema)
    convert = _CONVERTERS.get(kind)
    if value is None or convert is None:
        return value
    try:
        if kind == "array" and "items" in schema:
            return [_item(item, schema["items"]) for item in _array(value)]
        if kind == "string" and schema.get("type") == "string":
            convert = _key_text
        return convert(value)
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise UnreadableValueError(f"LinkedIn sent {shown(value)!r}, which is no {kind}") from None


class Misplaced(t.NamedTuple):
    """What stands where a value, or the object around it, was expected in another shape."""

    value: object


def found_at(wire: object, path: str) -> t.Any:  # noqa: ANN401
    """Return what lies at a path of names joined by dots.

    Returns:
        The value, None where nothing lies there; ``Misplaced`` where something else than an object
        stands on the way.
    """
    for name in path.split("."):
        if wire is None or isinstance(wire, Misplaced):
            return wire
        if not isinstance(wire, Mapping):
            return Misplaced(wire)
        wire = wire.get(name)
    return wire


def fitting(
    column: str,
    value: t.Any,  # noqa: ANN401
    schema: Mapping[str, t.Any],
    unreadable: list[UnreadableValue],
) -> t.Any:  # noqa: ANN401
    """Return a value as its column holds it; None, and a note, where the column cannot."""
    sent = value
    try:
        if not isinstance(value, Misplaced):
            return conform(value, schema)
        sent = value.value
    except UnreadableValueError:
        pass
    unreadable.append(UnreadableValue.of(column, sent, schema))
    return None


def fitting_or_none(value: object, schema: Mapping[str, t.Any]) -> t.Any:  # noqa: ANN401
    """Return a value as such a column holds it, None where it cannot."""
    return fitting("", value, schema, [])


def kind_of(schema: Mapping[str, t.Any]) -> str:
    """Return what a column holds: its format, or its type that is not null."""
    if "format" in schema:
        return str(schema["format"])
    types = schema.get("type", ())
    return next((k for k in ([types] if isinstance(types, str) else types) if k != "null"), "")


def decimal(value: object) -> Decimal:
    """Return a number with every digit as sent.

    Raises:
        ValueError: It is none, or has more digits than loaders can take.
    """
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError(value)
    elif not isinstance(value, Decimal) and type(value) is not int:
        raise ValueError(value)
    number = Decimal(value)
    if not is_loadable(number):
        raise ValueError(value)
    return number


def exact_integer(value: object) -> int:
    """Return an integer.

    Raises:
        ValueError: It is none, has a fraction, or is larger than a ``bigint``.
    """
    whole = value
    if type(whole) is not int:
        exact = decimal(value)
        if exact.adjusted() > _DIGITS_OF_INTEGERS or exact != exact.to_integral_value():
            raise ValueError(value)
        whole = int(exact)
    if not SMALLEST_INTEGER <= whole <= LARGEST_INTEGER:
        raise ValueError(value)
    return whole


def _instant(value: object) -> str:
    """Read an instant in milliseconds, or keep one that is text already."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return value
    return instant(exact_integer(value))


def _date(value: object) -> str:
    return dt.date.fromisoformat(_string(value)).isoformat()


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in {"true", "false", "1", "0"}:
        raise ValueError
    return text in {"true", "1"}


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if _is_scalar(value):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False)


def _key_text(value: object) -> str:
    """Return a part of a key; objects and lists are none."""
    if not _is_scalar(value):
        raise TypeError
    return str(value)


def _array(value: object) -> list[t.Any]:
    if not isinstance(value, list):
        raise TypeError
    _check_depth(value, _DEEPEST)
    return value


def _object(value: object) -> Mapping[str, t.Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    _check_depth(value, _DEEPEST)
    return value


def _item(value: t.Any, schema: Mapping[str, t.Any]) -> t.Any:  # noqa: ANN401
    """Return an item of a list; null where the schema has none is no item."""
    if value is None and "null" not in schema.get("type", ()):
        raise ValueError
    return conform(value, schema)


def _check_depth(value: object, left: int) -> None:
    if not left:
        raise RecursionError
    if isinstance(value, Mapping):
        for item in value.values():
            _check_depth(item, left - 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, left - 1)


_CONVERTERS: dict[str, Callable[[t.Any], t.Any]] = {
    "date-time": _instant,
    "date": _date,
    "integer": exact_integer,
    "number": decimal,
    "boolean": _boolean,
    "string": _text,
    "array": _array,
    "object": _object,
}

"""From LinkedIn's objects to records: names, references, money, instants.

One set of rules for every entity; the schema decides which columns exist and of which type they
are. Nothing here knows a stream.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.epoch import instant
from tap_linkedin_ads.api.errors import TapError

_WORD_EDGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])")
_AUDIT = {"created": "created", "lastModified": "last_modified"}
_INSTANTS = {
    "createdAt": "created_time",
    "created": "created_time",
    "lastModifiedAt": "last_modified_time",
    "lastModified": "last_modified_time",
}
_FLATTENED = frozenset({"runSchedule", "locale", "creationLocale", "review"})
_LANDING_PAGES = {"textAd": "text_ad_landing_page", "spotlight": "spotlight_landing_page"}

Record = dict[str, t.Any]


class UnreadableValueError(TapError):
    """LinkedIn sent a value that its column cannot hold."""


def snake_case(name: str) -> str:
    """Return a column name: ``costInUsd`` gives ``cost_in_usd``."""
    return _WORD_EDGE.sub("_", name).lower()


def flatten(wire: Mapping[str, t.Any]) -> Iterator[tuple[str, t.Any]]:
    """Give the columns that an ads entity may fill, named by the rules of the interface.

    Args:
        wire: The entity as LinkedIn sends it.

    Yields:
        Column and value: references as ``_urn`` and ``_id``, money as ``_amount`` and
        ``_currency_code``, audit stamps as ``created_time`` and the like. Values are as sent.
    """
    for name, value in wire.items():
        column = snake_case(name)
        if isinstance(value, Mapping):
            yield from _object_columns(name, column, value)
        elif name in _INSTANTS:
            yield _INSTANTS[name], value
        elif name == "id":
            yield from _own_id(value)
        elif isinstance(value, str) and value.startswith("urn:"):
            yield f"{column}_urn", value
            yield f"{column}_id", urn.number(value)
        else:
            yield column, value


def _object_columns(
    name: str, column: str, value: Mapping[str, t.Any]
) -> Iterator[tuple[str, t.Any]]:
    """Give the columns of a nested object: small fixed ones are flattened, others stay JSON."""
    if name == "changeAuditStamps":
        for stamp, prefix in _AUDIT.items():
            yield from _audit_stamp(prefix, value.get(stamp))
    elif name in _AUDIT:
        yield from _audit_stamp(_AUDIT[name], value)
    elif name == "version":
        yield "version_tag", value.get("versionTag")
    elif "currencyCode" in value:
        yield f"{column}_amount", value.get("amount")
        yield f"{column}_currency_code", value.get("currencyCode")
    elif name in _FLATTENED:
        for part, item in value.items():
            yield f"{column}_{snake_case(part)}", item
    else:
        yield column, value
        if name == "content":
            yield from _content(value)


def _audit_stamp(prefix: str, stamp: object) -> Iterator[tuple[str, t.Any]]:
    if isinstance(stamp, Mapping):
        yield f"{prefix}_time", stamp.get("time")
        yield f"{prefix}_by_urn", stamp.get("actor")


def _own_id(value: object) -> Iterator[tuple[str, t.Any]]:
    if isinstance(value, str) and value.startswith("urn:"):
        yield "urn", value
        value = urn.number(value)
    yield "id", value


def _content(content: Mapping[str, t.Any]) -> Iterator[tuple[str, t.Any]]:
    reference = content.get("reference")
    if isinstance(reference, str):
        yield "content_reference_urn", reference
        yield "content_reference_id", urn.number(reference)
    for kind, column in _LANDING_PAGES.items():
        if isinstance(content.get(kind), Mapping):
            yield column, content[kind].get("landingPage")


def conform(value: t.Any, schema: Mapping[str, t.Any]) -> t.Any:  # noqa: ANN401
    """Give a value the type that its column declares, without losing a digit.

    LinkedIn's numbers were seen as strings and the reverse; both are read.

    Raises:
        UnreadableValueError: The value cannot be of that type.
    """
    kind = _kind(schema)
    convert = _CONVERTERS.get(kind)
    if value is None or convert is None:
        return value
    try:
        return convert(value)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        raise UnreadableValueError(
            f"LinkedIn sent {str(value)[:80]!r}, which is no {kind}"
        ) from None


def _kind(schema: Mapping[str, t.Any]) -> str:
    """Return what a column holds: its format, or its type that is not null."""
    if "format" in schema:
        return str(schema["format"])
    types = schema.get("type", ())
    return next((k for k in ([types] if isinstance(types, str) else types) if k != "null"), "")


def _instant(value: t.Any) -> str:  # noqa: ANN401
    """Read an instant in milliseconds, or keep one that is text already."""
    return value if isinstance(value, str) and not _is_digits(value) else instant(int(value))


def _is_digits(text: str) -> bool:
    return text.lstrip("-").isdigit()


def decimal(value: str | int | Decimal) -> Decimal:
    """Return a finite decimal with every digit as sent."""
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidOperation
    return number


def exact_integer(value: str | int | Decimal) -> int:
    """Return an integer; refuse what has a fraction."""
    if isinstance(value, int):
        return int(value)
    number = decimal(value)
    if number != number.to_integral_value():
        raise ValueError(value)
    return int(number)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in {"true", "false", "1", "0"}:
        raise ValueError(value)
    return text in {"true", "1"}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False)


_CONVERTERS: dict[str, Callable[[t.Any], t.Any]] = {
    "date-time": _instant,
    "integer": exact_integer,
    "number": decimal,
    "boolean": _boolean,
    "string": _text,
}


def entity(wire: Mapping[str, t.Any], columns: Mapping[str, Mapping[str, t.Any]]) -> Record:
    """Build the record of an ads entity.

    Args:
        wire: The entity as LinkedIn sends it.
        columns: The columns wanted, each with its JSON schema.

    Returns:
        A record that holds every wanted column; null where LinkedIn sent nothing.

    Raises:
        UnreadableValueError: A value does not fit its column; the message names the column.
    """
    record: Record = dict.fromkeys(columns)
    for column, value in flatten(wire):
        schema = columns.get(column)
        if schema is None:
            continue
        try:
            record[column] = conform(value, schema)
        except UnreadableValueError as error:
            raise UnreadableValueError(f"column {column}: {error}") from None
    return record

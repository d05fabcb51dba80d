"""From LinkedIn's objects to records: names, references, money, instants.

One set of rules for every entity; the schema decides which columns exist and of which type they
are. Nothing here knows a stream.

LinkedIn's rules: LI-34, LI-35.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records.values import (
    Misplaced,
    UnreadableValue,
    UnreadableValueError,
    fitting,
    found_at,
    kind_of,
)

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


def snake_case(name: str) -> str:
    """Return a column name: ``costInUsd`` gives ``cost_in_usd``."""
    return _WORD_EDGE.sub("_", name).lower()


__all__ = [
    "Record",
    "UnreadableValue",
    "UnreadableValueError",
    "entity",
    "fitting",
    "flatten",
    "reference",
    "snake_case",
]

Columns = Mapping[str, Mapping[str, t.Any]]
"""Columns by name, each with its JSON schema."""


def flatten(wire: Mapping[str, t.Any], columns: Columns) -> Iterator[tuple[str, t.Any]]:
    """Yield the columns that an ads entity fills, named by the rules of the interface.

    What a field is depends on the columns alone, never on the look of its value: ``name`` is text
    even where it begins like a URN.

    Args:
        wire: The entity as LinkedIn sends it.
        columns: The columns of the stream.

    Yields:
        Column and value: references as ``_urn`` and ``_id``, money as ``_amount`` and
        ``_currency_code``, audit stamps as ``created_time`` and the like. Values are as sent.
    """
    for name, value in wire.items():
        if value is not None:
            yield from _field(name, value, columns)


def _field(name: str, value: object, columns: Columns) -> Iterator[tuple[str, t.Any]]:
    column = snake_case(name)
    if name == "id":
        yield from _own_id(value, columns)
    elif column in columns:
        yield column, value
        if name == "content":
            yield from _content(value)
    elif name in _OBJECTS:
        yield from _OBJECTS[name](value)
    elif name in _INSTANTS:
        yield from _stamp_or_instant(name, value)
    elif f"{column}_amount" in columns:
        yield f"{column}_amount", found_at(value, "amount")
        yield f"{column}_currency_code", found_at(value, "currencyCode")
    elif f"{column}_urn" in columns:
        yield from _reference(column, value)
    elif name in _FLATTENED:
        yield from _parts(column, value, columns)


def _change_audit_stamps(value: object) -> Iterator[tuple[str, t.Any]]:
    for stamp, prefix in _AUDIT.items():
        yield from _audit_stamp(prefix, found_at(value, stamp))


def _version(value: object) -> Iterator[tuple[str, t.Any]]:
    yield "version_tag", found_at(value, "versionTag")


_OBJECTS = {"changeAuditStamps": _change_audit_stamps, "version": _version}


def _stamp_or_instant(name: str, value: object) -> Iterator[tuple[str, t.Any]]:
    """Yield an instant; some resources send a stamp with an actor under the same name."""
    if name in _AUDIT and isinstance(value, Mapping):
        yield from _audit_stamp(_AUDIT[name], value)
    else:
        yield _INSTANTS[name], value


def _parts(column: str, value: object, columns: Columns) -> Iterator[tuple[str, t.Any]]:
    """Yield the columns of a small object whose parts have columns of their own."""
    if isinstance(value, Mapping):
        for part, item in value.items():
            yield f"{column}_{snake_case(part)}", item
    else:
        for own in columns:
            if own.startswith(f"{column}_"):
                yield own, Misplaced(value)


def _audit_stamp(prefix: str, stamp: object) -> Iterator[tuple[str, t.Any]]:
    yield f"{prefix}_time", found_at(stamp, "time")
    yield f"{prefix}_by_urn", _urn(found_at(stamp, "actor"))


def _reference(column: str, value: object) -> Iterator[tuple[str, t.Any]]:
    """Yield the columns of a reference: the URN, and its number where it has one."""
    yield f"{column}_urn", _urn(value)
    yield f"{column}_id", urn.number(str(value)) if _is_plain(value) else None


def _urn(value: object) -> object:
    if value is None or isinstance(value, Misplaced) or _is_plain(value):
        return value
    return Misplaced(value)


def _is_plain(value: object) -> bool:
    """Whether a value can stand for a URN: LinkedIn was seen to send bare numbers."""
    return isinstance(value, str) or type(value) is int


def _own_id(value: object, columns: Columns) -> Iterator[tuple[str, t.Any]]:
    """Yield an entity's own id; creatives send a URN for it."""
    if "urn" in columns:
        yield "urn", _urn(value)
    if isinstance(value, str) and kind_of(columns.get("id", {})) == "integer":
        number = urn.number(value)
        value = value if number is None else number
    yield "id", value


def _content(content: object) -> Iterator[tuple[str, t.Any]]:
    if not isinstance(content, Mapping):
        return
    if (reference := content.get("reference")) is not None:
        yield from _reference("content_reference", reference)
    for kind, column in _LANDING_PAGES.items():
        if (ad := content.get(kind)) is not None:
            yield column, found_at(ad, "landingPage")


def entity(
    wire: Mapping[str, t.Any],
    columns: Columns,
    unreadable: list[UnreadableValue],
) -> Record:
    """Build the record of an ads entity.

    Args:
        wire: The entity as LinkedIn sends it.
        columns: The columns wanted, each with its JSON schema.
        unreadable: Takes the values that do not fit their columns.

    Returns:
        A record that holds every wanted column; null where LinkedIn sent nothing, or something
        that the column cannot hold.
    """
    record: Record = dict.fromkeys(columns)
    for column, value in flatten(wire, columns):
        if column in columns:
            record[column] = fitting(column, value, columns[column], unreadable)
    return record


def reference(
    column: str, value: object, columns: Columns, unreadable: list[UnreadableValue]
) -> Record:
    """Return the columns of one reference, ``<column>_urn`` and ``<column>_id``."""
    return {
        name: fitting(name, part, columns[name], unreadable)
        for name, part in _reference(column, value)
    }

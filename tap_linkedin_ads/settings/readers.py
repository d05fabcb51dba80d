"""Kinds of settings: how a value is read, what is expected, and its JSON schema."""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from tap_linkedin_ads.api import urn

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tap_linkedin_ads.reporting.reports import Report

SECRETS = frozenset({"access_token", "client_id", "client_secret", "refresh_token"})
_SECRET = re.compile(r"[!-~]+")
_QUOTES = "\"'`"
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VERSION = re.compile(r"20\d{2}(0[1-9]|1[0-2])")
_URL = re.compile(r"https?://[^/\s?#]+[^\s?#]*")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LONGEST_TIMEOUT = 1e6

T = t.TypeVar("T")
Schema = dict[str, t.Any]


@dataclass(frozen=True, slots=True)
class Kind(t.Generic[T]):
    """What a setting may hold.

    Attributes:
        read: Converts a value that is set; raises ValueError, TypeError or OverflowError for one
            that is not allowed.
        expected: Ends the message about a wrong value.
        json_schema: Its JSON schema, which may allow more.
        support: What ``check --support`` shows: the value, how many there are, or that it is set.
        is_secret: Neither messages nor ``repr`` show the value.
    """

    read: Callable[[t.Any], T]
    expected: str
    json_schema: Schema
    support: t.Literal["value", "count", "set"] = "value"
    is_secret: bool = False


def integer(low: int, high: int | None = None, *, of: str = "") -> Kind[int]:
    """Return the kind of integers within limits, both included.

    Args:
        low: The lowest.
        high: The highest, None for no limit.
        of: The unit, in the plural.
    """

    def read(value: object) -> int:
        if isinstance(value, (bool, float)):
            raise TypeError(value)
        number = int(str(value))
        if number < low or (high is not None and number > high):
            raise ValueError(value)
        return number

    limits = {"minimum": low} | ({} if high is None else {"maximum": high})
    unit = f" of {of}" if of else ""
    until = "" if high is None else f" to {high}"
    return Kind(read, f"a number{unit} from {low}{until}", _schema("integer") | limits)


def one_of(*words: str) -> Kind[str]:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError(value)
        return str(value)

    return Kind(read, " or ".join(words), _schema("string") | {"enum": list(words)})


def ids(*entity_types: str) -> Kind[tuple[int, ...]]:
    """Return the kind of lists of ids or of URNs of these types."""
    prefixes = tuple(f"urn:li:{entity_type}:" for entity_type in entity_types)

    def read(item: object) -> int:
        if isinstance(item, (bool, float)):
            raise TypeError(item)
        given = str(item)
        number = urn.number(given)
        if not number or (not given.isdigit() and not given.startswith(prefixes)):
            raise ValueError(given)
        return number

    return Kind(
        lambda value: _items(value, read),
        f"ids or URNs ({prefixes[0]}1): an array or one comma-separated string",
        _schema("array", "string", "integer") | {"items": {"type": ["string", "integer"]}},
        support="count",
    )


def unordered(kind: Kind[tuple[T, ...]]) -> Kind[frozenset[T]]:
    """Return the kind of the same lists, read as sets."""

    def read(value: object) -> frozenset[T]:
        return frozenset(kind.read(value))

    return Kind(read, kind.expected, kind.json_schema, kind.support)


def one_id(entity_type: str) -> Kind[int]:
    several = ids(entity_type)

    def read(value: object) -> int:
        (found,) = several.read(value)
        return found

    expected = f"one id or URN (urn:li:{entity_type}:1)"
    return Kind(read, expected, _schema("string", "integer"), support="count")


def url(example: str, *, without: str = "") -> Kind[str]:
    """Return the kind of URLs; a slash at the end of one is dropped.

    Args:
        example: A URL of the kind.
        without: What must not end it, because the tap appends it.
    """

    def read(value: object) -> str:
        if not isinstance(value, str) or not _URL.fullmatch(value):
            raise ValueError(value)
        found = value.rstrip("/")
        if without and found.endswith(without):
            raise ValueError(value)
        return found

    end = f", without {without} at the end" if without else ""
    return Kind(read, f"a URL such as {example}{end}", _schema("string"), support="set")


def list_of(item: Kind[T], expected: str) -> Kind[tuple[T, ...]]:
    """Return the kind of arrays with an entry, which may be one comma-separated string."""

    def read(value: object) -> tuple[T, ...]:
        found = _items(value, item.read)
        if not found:
            raise ValueError(value)
        return found

    items = {**item.json_schema, "type": item.json_schema["type"][0]}
    return Kind(read, expected, _schema("array", "string") | {"items": items, "minItems": 1})


def _items(value: object, read: Callable[[t.Any], T]) -> tuple[T, ...]:
    """Read an array, a JSON array, a comma-separated string or one item; drop repeated ones."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = json.loads(value)
    items = value if isinstance(value, list) else str(value).split(",")
    found = [read(item.strip() if isinstance(item, str) else item) for item in items]
    return tuple(dict.fromkeys(found))


def _schema(*types: str) -> Schema:
    return {"type": [*types, "null"]}


def _day(value: object) -> dt.date:
    """Read a date or date-time as a UTC day."""
    if isinstance(value, str) and _PLAIN_DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    import pendulum  # noqa: PLC0415  0.1 s, for spellings that few runs meet

    parsed = pendulum.parse(value, exact=True) if isinstance(value, str) else None
    if isinstance(parsed, pendulum.DateTime):
        return parsed.in_timezone("UTC").date()
    if isinstance(parsed, pendulum.Date):
        return dt.date(parsed.year, parsed.month, parsed.day)
    raise ValueError(value)


def _boolean(value: object) -> bool:
    """Read a boolean, also from its usual spellings in environment variables."""
    if isinstance(value, bool):
        return value
    try:
        return _TRUTH[str(value).lower()]
    except KeyError:
        raise ValueError(value) from None


def _month(value: object) -> str:
    if isinstance(value, (bool, float)) or not _VERSION.fullmatch(str(value)):
        raise ValueError(value)
    return str(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not 0 < (number := float(str(value))) < _LONGEST_TIMEOUT:
        raise ValueError(value)
    return number


def _text(value: object) -> str:
    if not isinstance(value, str) or "\n" in value or "\r" in value:
        raise TypeError(value)
    return value


def _secret(value: object) -> str:
    if not isinstance(value, str) or not _SECRET.fullmatch(value):
        raise TypeError(value)
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        raise ValueError(value)  # copied along from a shell, or from JSON
    return value


def _object(value: object) -> Mapping[str, t.Any]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return value


def _reports(value: object) -> tuple[Report, ...]:
    """Leave them for ``custom_reports``, which has a line for each thing that is wrong."""
    del value
    return ()


DAY = Kind(_day, "a date (2026-01-31) or date-time", _schema("string"))
BOOLEAN = Kind(_boolean, "true or false", _schema("boolean"))
MONTH = Kind(_month, "a month as YYYYMM, such as 202609", _schema("string", "integer"))
SECONDS = Kind(_seconds, "seconds above 0", _schema("integer", "number") | {"exclusiveMinimum": 0})
TEXT = Kind(_text, "a text of one line", _schema("string"), support="set")
SECRET = Kind(
    _secret,
    "a text of ASCII characters without blanks or quotation marks around it",
    _schema("string") | {"secret": True, "writeOnly": True},
    support="set",
    is_secret=True,
)
CREDENTIALS = Kind(
    _object,
    "an object (JSON)",
    _schema("object")
    | {"properties": dict.fromkeys(sorted(SECRETS - {"access_token"}), SECRET.json_schema)},
    support="set",
    is_secret=True,
)
CUSTOM_REPORTS = Kind(
    _reports,
    "an array of objects with name, pivots and metrics",
    _schema("array", "string") | {"items": {"type": "object"}},
    support="set",
)
LOOKBACK = integer(0, 3650, of="days")
ACCOUNTS, PAGES = ids("sponsoredAccount"), ids("organization", "organizationBrand")

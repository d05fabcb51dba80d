"""Reads single settings: ids, days, booleans, numbers, words. Notes what is wrong."""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t

import pendulum

from tap_linkedin_ads.api import urn

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRETS = frozenset({"access_token", "client_id", "client_secret", "refresh_token"})
_VERSION = re.compile(r"20\d{2}(0[1-9]|1[0-2])")
_URL = re.compile(r"https?://[^/\s?#]+[^\s?#]*")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LONGEST_TIMEOUT = 1e6

T = t.TypeVar("T")


class SettingsReader:
    """Reads settings one by one and collects what is wrong with them."""

    def __init__(self, config: Mapping[str, t.Any]) -> None:
        self._config = config
        self.errors: list[str] = []

    def error(self, name: str, value: object, allowed: str) -> None:
        """Note one wrong setting; secrets are not repeated."""
        shown = "(hidden)" if name in SECRETS else json.dumps(value, default=str)[:80]
        self.errors.append(f"{name}: {shown} is not allowed; expected {allowed}")

    def get(self, name: str, convert: Callable[[t.Any], T], allowed: str, default: T) -> T:
        """Convert a setting; ``convert`` raises ValueError or TypeError for what is wrong."""
        value = self._config.get(name)
        if value is None or value == "":
            return default
        try:
            return convert(value)
        except (ValueError, TypeError, OverflowError):
            self.error(name, value, allowed)
            return default


def ids_of(*entity_types: str) -> Callable[[t.Any], tuple[int, ...]]:
    """Return a reader of ids or of URNs of these types.

    It reads an array, a comma-separated string, a JSON array or one number.
    """
    prefixes = tuple(f"urn:li:{entity_type}:" for entity_type in entity_types)

    def read(value: object) -> tuple[int, ...]:
        if isinstance(value, str) and value.strip().startswith("["):
            value = json.loads(value)
        items = value if isinstance(value, list) else str(value).split(",")
        found: dict[int, None] = {}
        for item in items:
            if isinstance(item, (bool, float)):
                raise TypeError(item)
            given = str(item).strip()
            number = urn.number(given)
            if not number or (not given.isdigit() and not given.startswith(prefixes)):
                raise ValueError(given)
            found[number] = None
        return tuple(found)

    return read


def one_id_of(entity_type: str) -> Callable[[t.Any], tuple[int, ...]]:
    """Return a reader of one id or URN."""
    read_all = ids_of(entity_type)

    def read(value: object) -> tuple[int, ...]:
        found = read_all(value)
        if len(found) != 1:
            raise ValueError(value)
        return found

    return read


def parse_day(value: object) -> dt.date:
    """Read a date or date-time as a UTC day."""
    parsed = pendulum.parse(value, exact=True) if isinstance(value, str) else None
    if isinstance(parsed, pendulum.DateTime):
        return parsed.in_timezone("UTC").date()
    if isinstance(parsed, pendulum.Date):
        return dt.date(parsed.year, parsed.month, parsed.day)
    raise ValueError(value)


def parse_bool(value: object) -> bool:
    """Read a boolean, also from its usual spellings in environment variables."""
    if isinstance(value, bool):
        return value
    try:
        return _TRUTH[str(value).lower()]
    except KeyError:
        raise ValueError(value) from None


def integer_between(low: int, high: int | None = None) -> Callable[[t.Any], int]:
    """Return a reader of integers within limits."""

    def read(value: object) -> int:
        if isinstance(value, (bool, float)):
            raise TypeError(value)
        number = int(str(value))
        if number < low or (high is not None and number > high):
            raise ValueError(value)
        return number

    return read


def one_of(*allowed: str) -> Callable[[t.Any], str]:
    """Return a reader of one of several words."""

    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(value)
        return str(value)

    return read


def month(value: object) -> str:
    """Read a month as YYYYMM."""
    if isinstance(value, (bool, float)) or not _VERSION.fullmatch(str(value)):
        raise ValueError(value)
    return str(value)


def url(value: object) -> str:
    """Read a URL; a slash at its end is dropped."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise ValueError(value)
    return value.rstrip("/")


def seconds(value: object) -> float:
    """Read a time-out."""
    if isinstance(value, bool) or not 0 < (number := float(str(value))) < _LONGEST_TIMEOUT:
        raise ValueError(value)
    return number


def text(value: object) -> str:
    """Read a text of one line."""
    if not isinstance(value, str) or "\n" in value or "\r" in value:
        raise TypeError(value)
    return value


def list_of(read: Callable[[t.Any], T]) -> Callable[[t.Any], tuple[T, ...]]:
    """Return a reader of an array, a JSON array or a comma-separated string; not of none."""

    def read_all(value: object) -> tuple[T, ...]:
        if isinstance(value, str) and value.strip().startswith("["):
            value = json.loads(value)
        items = value if isinstance(value, list) else str(value).split(",")
        found = [read(item.strip() if isinstance(item, str) else item) for item in items]
        if not found:
            raise ValueError(value)
        return tuple(dict.fromkeys(found))

    return read_all

"""Takes out of answers what is nobody else's business, and keeps their shape. Pure.

The same id, text or token becomes the same stand-in everywhere, in requests as in answers, so
that a recorded conversation still fits together.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote

_ENUM = re.compile(r"[A-Z][A-Z0-9_]*|[a-z]{2}(_[A-Z]{2})?")
_URN = re.compile(r"urn:[a-z]+:(\w+):(.+)", re.DOTALL)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?(E[+-]?\d+)?")
_NUMBER = re.compile(r"\d{5,}")
_URN_IN_TEXT = re.compile(r"urn:[a-z]+:\w+:[\w-]+")
_PLAIN_NAMES = frozenset(
    ("year", "month", "day", "start", "count", "total", "status", "serviceErrorCode", "time")
)
"""Numbers under these names are structure."""
_SAID = frozenset(("message", "description", "code", "fieldPath", "errorDetailType", "rel", "type"))
"""Texts under these names are LinkedIn's own; long numbers and URNs in them are taken out."""
_TOKENS = frozenset(("nextPageToken", "pageToken"))
_SMALL, _EPOCH_MS = 10, range(10**12, 4 * 10**12)
_FIRST_STAND_IN = 900_000_001


class Scrubber:
    """Remembers what stands for what."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def value(self, value: t.Any, name: str = "") -> t.Any:  # noqa: ANN401
        """Return a JSON value without what is private."""
        if isinstance(value, dict):
            return {self._key(key): self.value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, name) for item in value]
        if isinstance(value, str):
            return self._text(value, name)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, float):
            return round(value)
        return value if name in _PLAIN_NAMES else self._integer(value)

    def address(self, text: str) -> str:
        """Return a path or a query with the stand-ins of the answers."""
        for token, stand_in in self._texts.items():
            text = text.replace(quote(token, safe=""), stand_in)
        return _NUMBER.sub(lambda found: self._id(found.group()), text)

    def _key(self, key: str) -> str:
        """Return a member's name; batches have ids there."""
        return self._id(key) if key.isdigit() else self._urns(key)

    def _integer(self, value: int) -> int:
        if abs(value) < _SMALL or value in _EPOCH_MS:
            return value
        return int(self._id(str(value)))

    def _id(self, digits: str) -> str:
        """Return the stand-in of a number; instants, small numbers and stand-ins stay."""
        if len(digits) == 13 and int(digits) in _EPOCH_MS or int(digits) < _SMALL:  # noqa: PLR2004, RUF021
            return digits
        if digits in self._numbers.values():
            return digits
        stand_in = str(_FIRST_STAND_IN + len(self._numbers))
        return self._numbers.setdefault(digits, stand_in)

    def _text(self, text: str, name: str) -> str:
        if name in _TOKENS:
            return self._texts.setdefault(text, f"token{len(self._texts) + 1}")
        if text.startswith(("http://", "https://")):
            return "https://example.com/"
        if _URN.fullmatch(text):
            return self._urns(text)
        if name in _SAID:
            return _NUMBER.sub("N", _URN_IN_TEXT.sub("URN", text))
        if _DECIMAL.fullmatch(text):
            return re.sub("[2-9]", "1", text)
        is_word = _ENUM.fullmatch(text) and not name.lower().endswith("name")
        return text if is_word else "text"

    def _urns(self, text: str) -> str:
        """Return a URN (or a key made of them) with stand-ins for its numbers and people."""
        people = re.sub(r"(urn:li:person:)[\w-]+", r"\1stand-in", text)
        return re.sub(r"\d+", lambda found: self._id(found.group()), people)

"""A parser of the Rest.li 2.0 query syntax: ``List(a,b)``, ``(k:v,k2:v2)`` and scalars.

Rest.li 2.0 encoding: parentheses, commas and colons are structure when they are literal, and part
of a value when they are percent-encoded. A reserved character inside a value that is not encoded
is refused, because every such character has a second reading somewhere on the way.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from sandbox.api import rules

Node: TypeAlias = "str | list[Node] | dict[str, Node]"

#: Characters that may stand for themselves inside a value.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_.~-]|%[0-9A-Fa-f]{2})*")
_KEY = re.compile(r"[A-Za-z0-9_.$-]+")


class EncodingError(ValueError):
    """A value that does not follow the Rest.li 2.0 encoding."""


def decode(text: str) -> str:
    """Percent-decode one scalar.

    Args:
        text: The scalar as it stood in the query.

    Returns:
        The value.

    Raises:
        EncodingError: A reserved character is literal, or the bytes are not UTF-8.
    """
    if _PLAIN.fullmatch(text) is None:
        raise EncodingError(f"reserved character in {text!r}")
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError("not UTF-8") from error


def parse(text: str) -> Node:
    """Parse one parameter value.

    Args:
        text: The raw text behind the equals sign.

    Returns:
        A string, a list or a dict.

    Raises:
        EncodingError: The text is not Rest.li 2.0.
    """
    node, end = _value(text, 0)
    if end != len(text):
        raise EncodingError(f"unexpected {text[end]!r}")
    return node


def _value(text: str, at: int) -> tuple[Node, int]:
    if text.startswith("List(", at):
        return _list(text, at + 5)
    if text.startswith("(", at):
        return _record(text, at + 1)
    match = _PLAIN.match(text, at)
    end = match.end() if match else at
    return decode(text[at:end]), end


def _list(text: str, at: int) -> tuple[Node, int]:
    items: list[Node] = []
    if text.startswith(")", at):
        return items, at + 1
    while True:
        item, at = _value(text, at)
        if item == "":
            raise EncodingError("empty list item")
        items.append(item)
        if text.startswith(")", at):
            return items, at + 1
        if not text.startswith(",", at):
            raise EncodingError("list is not closed")
        at += 1


def _record(text: str, at: int) -> tuple[Node, int]:
    record: dict[str, Node] = {}
    if text.startswith(")", at):
        return record, at + 1
    while True:
        key = _KEY.match(text, at)
        if key is None or not text.startswith(":", key.end()):
            raise EncodingError("record key expected")
        if key.group() in record:
            raise EncodingError("record key repeated")
        record[key.group()], at = _value(text, key.end() + 1)
        if text.startswith(")", at):
            return record, at + 1
        if not text.startswith(",", at):
            raise EncodingError("record is not closed")
        at += 1


def looks_structured(value: str) -> bool:
    """Tell whether a decoded scalar is structure that somebody percent-encoded."""
    return value.startswith(("List(", "("))


def split_query(query: str) -> dict[str, str]:
    """Split a raw query string into raw name/value pairs.

    Args:
        query: The query string, or the body of a tunnelled request.

    Returns:
        Raw values by parameter name.

    Raises:
        rules.Refusal: A pair has no equals sign or a name is repeated.
    """
    raw: dict[str, str] = {}
    if not query:
        return raw
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        name = unquote_to_bytes(name).decode("utf-8", "replace")
        if not name or not equals:
            raise rules.legacy("query_syntax", 400, "Invalid query parameters passed to request")
        if name in raw:
            raise rules.input_error("param_repeated", "ILLEGAL_ARGUMENT", name)
        raw[name] = value
    return raw


Projection: TypeAlias = "dict[str, Projection | None]"


def parse_fields(text: str, *, repeated: bool = False) -> Projection:
    """Parse a field projection such as ``id,name,version:(versionTag)``.

    Args:
        text: The raw value of ``fields``.
        repeated: Whether a name may stand there twice.

    Returns:
        Nested mapping of names; None stands for "everything below".

    Raises:
        EncodingError: The text is not a projection.
    """
    projection, end = _fields(text, 0, repeated=repeated)
    if end != len(text):
        raise EncodingError(f"unexpected {text[end]!r}")
    return projection


def _fields(text: str, at: int, *, repeated: bool) -> tuple[Projection, int]:
    names: Projection = {}
    while True:
        # Encoded commas are no separators here either: they end up inside a name.
        match = re.compile(r"[^,:()]+").match(text, at)
        if match is None:
            raise EncodingError("field name expected")
        name, at = match.group(), match.end()
        if name in names and not repeated:
            raise EncodingError(f"field {name} repeated")
        names[name] = None
        if text.startswith(":(", at):
            names[name], at = _fields(text, at + 2, repeated=repeated)
            if not text.startswith(")", at):
                raise EncodingError("projection is not closed")
            at += 1
        if not text.startswith(",", at):
            return names, at
        at += 1

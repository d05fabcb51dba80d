"""Rest.li 2.0 text: lists, records and query strings.

Rules LI-2, LI-3: the structure characters ``( ) : ,`` stay literal,
every leaf value is percent-encoded with nothing safe but the unreserved characters.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

Value = t.Union[str, int, bool, dt.date, "Projection", Sequence["Value"], Mapping[str, "Value"]]
"""What a parameter may hold; a string is always a leaf, never ready-made structure."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The value of a ``fields`` parameter: names joined by literal commas, without ``List()``."""

    names: tuple[str, ...]


def encode(value: Value) -> str:  # noqa: PLR0911  one line a type
    """Encode one value.

    Args:
        value: A string, integer, boolean, date, projection, sequence or mapping, nested freely.

    Returns:
        Its Rest.li 2.0 text, for example ``List(urn%3Ali%3AsponsoredAccount%3A1)``. A date
        becomes the record ``(year:2026,month:5,day:28)``; an empty string becomes ``''``.
    """
    if isinstance(value, str):
        return quote(value, safe="") or "''"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Projection):
        return ",".join(quote(name, safe=":()") for name in value.names)
    if isinstance(value, dt.date):
        return encode({"year": value.year, "month": value.month, "day": value.day})
    if isinstance(value, Mapping):
        return "(" + ",".join(f"{encode(key)}:{encode(item)}" for key, item in value.items()) + ")"
    return "List(" + ",".join(encode(item) for item in value) + ")"


def query(parameters: Mapping[str, Value]) -> str:
    """Encode a query string.

    Args:
        parameters: Names and values, in the order in which they shall appear.

    Returns:
        ``name=value`` pairs joined by ``&``, ready for a URL or for a tunnelled body.
    """
    return "&".join(f"{name}={encode(value)}" for name, value in parameters.items())

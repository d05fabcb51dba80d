"""LinkedIn's answers, decoded as far as a worker thread needs.

Rows stay raw (validated JSON text) until they are used: an answer waiting its turn costs its
bytes and little more, its rows can be counted, and a cut body is noticed at once. Decimals keep
every digit.
"""

from __future__ import annotations

import typing as t
from decimal import Decimal

import msgspec

Wire = dict[str, t.Any]
"""One JSON object as LinkedIn sends it; floats are ``Decimal``."""


class FinderAnswer(msgspec.Struct):
    """The answer to a finder. ``elements`` must be there: without it nothing is known."""

    elements: list[msgspec.Raw]
    metadata: t.Any = None
    paging: t.Any = None


class BatchAnswer(msgspec.Struct):
    """The answer to a batch get: objects by key, and what went wrong by key."""

    results: dict[str, msgspec.Raw]
    errors: dict[str, t.Any] = msgspec.field(default_factory=dict)


_finder = msgspec.json.Decoder(FinderAnswer)
_batch = msgspec.json.Decoder(BatchAnswer)
_row = msgspec.json.Decoder(Wire, float_hook=Decimal)


def finder(content: bytes) -> FinderAnswer:
    """Decode a finder's body; raises ``msgspec.DecodeError`` where it is cut or no answer."""
    return _finder.decode(content)


def batch(content: bytes) -> BatchAnswer:
    """Decode a batch get's body."""
    return _batch.decode(content)


def row(raw: msgspec.Raw | bytes) -> Wire:
    """Decode one row of an answer, or a whole body that is one object."""
    return _row.decode(raw)

"""Columns that hold a row's pivot values.

LinkedIn's rule: LI-56.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api import urn

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OPTION_INDEX = "CONVERSATION_NODE_OPTION_INDEX"
"""The pivot that adds two values to a row: the node and the button's index."""


def values_in_row(pivots: Sequence[str]) -> int:
    return len(pivots) + pivots.count(OPTION_INDEX)


def place_in_row(pivots: Sequence[str], pivot: str) -> int | None:
    """Return where a pivot's value stands among a row's, None where it is none of the pivots."""
    return values_in_row(pivots[: pivots.index(pivot)]) if pivot in pivots else None


@dataclass(frozen=True, slots=True)
class PivotColumns:
    """Where one pivot's value goes.

    Attributes:
        plain: Column of a value that is no URN.
        of_urn: Column of the URN.
        of_id: Column of the URN's number.
        of_name: Column of the resolved name.
        key: The column that belongs to the primary key.
    """

    plain: str = ""
    of_urn: str = ""
    of_id: str = ""
    of_name: str = ""
    key: str = ""

    @classmethod
    def declared(cls, properties: Mapping[str, Mapping[str, t.Any]]) -> tuple[PivotColumns, ...]:
        """Read a pivot's columns from ``schemas/pivots.json``: one entry for each of its values."""
        key = [column for column, schema in properties.items() if schema.get("x-key")]
        stems = [column.removesuffix("_urn") for column in properties if column.endswith("_urn")]
        if not stems:
            return tuple(cls(plain=column, key=column) for column in key)
        (stem,) = stems
        name = f"{stem}_name" if f"{stem}_name" in properties else ""
        return (cls("", f"{stem}_urn", f"{stem}_id", name, key[0]),)

    def fill(self, value: str) -> Iterator[tuple[str, str | int | None]]:
        """Yield the columns of a value, the resolved name left out.

        A URN without a number has none: where the number belongs to the key, the row has no key.
        """
        if self.plain:
            yield self.plain, value
        else:
            yield self.of_urn, value
            yield self.of_id, urn.number(value)

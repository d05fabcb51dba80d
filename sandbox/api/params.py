"""Parameter types of the endpoint table.

Each type reads one parsed Rest.li node and refuses what LinkedIn refuses: scalars where a list is
declared, lists where a scalar is declared, percent-encoded structure, foreign URNs, unknown enum
symbols.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.api import rules
from sandbox.api.restli import Node, looks_structured


class ParamType(Protocol):
    """What the endpoint table asks of a type."""

    def read(self, name: str, node: Node) -> Any:
        """Return the Python value of a node, or raise a ``Refusal``."""


def scalar(name: str, node: Node) -> str:
    """Return the text of a scalar; refuse structure, literal or percent-encoded."""
    if not isinstance(node, str):
        raise rules.scalar_expected(name)
    if looks_structured(node):
        raise rules.invalid(name)
    return node


@dataclass(frozen=True)
class Text:
    """Free text."""

    def read(self, name: str, node: Node) -> str:
        """Return the text."""
        value = scalar(name, node)
        if not value:
            raise rules.invalid(name)
        return value


@dataclass(frozen=True)
class Long:
    """A whole number without sign, padding or leading zeros."""

    rule: str = "param_invalid"

    def read(self, name: str, node: Node) -> int:
        """Return the number."""
        value = scalar(name, node)
        if re.fullmatch(r"0|[1-9][0-9]{0,18}", value, re.ASCII) is None:
            raise rules.invalid(name, self.rule)
        return int(value)


@dataclass(frozen=True)
class Bool:
    """``true`` or ``false``."""

    def read(self, name: str, node: Node) -> bool:
        """Return the truth value."""
        value = scalar(name, node)
        if value not in ("true", "false"):
            raise rules.invalid(name)
        return value == "true"


@dataclass(frozen=True)
class Enum:
    """One of LinkedIn's symbols; ``X`` and ``(value:X)`` are both accepted where ``wrapped``."""

    symbols: frozenset[str]
    wrapped: bool = False

    def read(self, name: str, node: Node) -> str:
        """Return the symbol."""
        if self.wrapped and isinstance(node, dict) and set(node) == {"value"}:
            node = node["value"]
        value = scalar(name, node)
        if value not in self.symbols:
            raise rules.bad_enum(name, value)
        return value


@dataclass(frozen=True)
class Urn:
    """A URN of one of several kinds, e.g. ``urn:li:sponsoredAccount:1``.

    Attributes:
        kinds: Accepted kinds, such as ``li:sponsoredAccount``.
        numeric: Whether the key behind the kind is a number.
    """

    kinds: tuple[str, ...]
    numeric: bool = True

    def matches(self, value: str) -> bool:
        """Tell whether a string is such a URN."""
        key = r"[1-9][0-9]{0,18}" if self.numeric else r".+"
        kinds = "|".join(map(re.escape, self.kinds))
        return re.fullmatch(rf"urn:(?:{kinds}):{key}", value, re.ASCII) is not None

    def read(self, name: str, node: Node) -> str:
        """Return the URN."""
        value = scalar(name, node)
        if not self.matches(value):
            raise rules.legacy(
                "urn_prefix",
                400,
                f"Parameter '{name}' value '{value}' is invalid. "
                "Invalid Urn format. Invalid prefix.",
            )
        return value


@dataclass(frozen=True)
class ListOf:
    """``List(...)`` of one type."""

    item: ParamType

    def read(self, name: str, node: Node) -> list[Any]:
        """Return the items."""
        if isinstance(node, str):
            raise rules.invalid(name) if looks_structured(node) else rules.list_expected(name)
        if isinstance(node, dict):
            raise rules.list_expected(name)
        return [self.item.read(name, item) for item in node]


@dataclass(frozen=True)
class Facet:
    """A facet of adAnalytics: ``List(urn,...)``, with LinkedIn's own text for bad URNs."""

    urn: Urn

    def read(self, name: str, node: Node) -> list[str]:
        """Return the URNs."""
        values: list[str] = ListOf(Text()).read(name, node)
        for value in values:
            if not self.urn.matches(value):
                raise rules.bad_facet(name, value)
        return values


@dataclass(frozen=True)
class OneUrn:
    """A single URN that LinkedIn's own sample wraps in a ``List()`` of one."""

    urn: Urn

    def read(self, name: str, node: Node) -> str:
        """Return the URN."""
        if isinstance(node, list):
            if len(node) != 1:
                raise rules.semantic(
                    "one_account", "MULTIPLE_ACCOUNTS_UNSUPPORTED", "Exactly one account expected"
                )
            node = node[0]
        return self.urn.read(name, node)


@dataclass(frozen=True)
class Record:
    """``(key:value,...)`` with declared keys."""

    keys: dict[str, ParamType] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()

    def read(self, name: str, node: Node) -> dict[str, Any]:
        """Return the values by key."""
        if not isinstance(node, dict):
            raise rules.invalid(name)
        if not self.needed <= set(node) or not set(node) <= set(self.keys):
            raise rules.invalid(name)
        return {key: self.keys[key].read(f"{name}/{key}", item) for key, item in node.items()}


@dataclass(frozen=True)
class Values:
    """A search key: ``(values:List(...))``."""

    item: ParamType

    def read(self, name: str, node: Node) -> list[Any]:
        """Return the values."""
        record = Record({"values": ListOf(self.item)}, frozenset(("values",))).read(name, node)
        values: list[Any] = record["values"]
        return values


@dataclass(frozen=True)
class SortBy:
    """``(field:F,order:O)``: both keys or no parameter at all."""

    symbols: frozenset[str]

    def read(self, name: str, node: Node) -> tuple[str, str]:
        """Return the field and the order."""
        if not isinstance(node, dict):
            raise rules.invalid(name)
        if set(node) != {"field", "order"}:
            raise rules.semantic("sort_by", "MISSING_FIELD", "sortBy needs both field and order")
        orders = Enum(frozenset(("ASCENDING", "DESCENDING")))
        return (
            Enum(self.symbols).read(f"{name}/field", node["field"]),
            orders.read(f"{name}/order", node["order"]),
        )


@dataclass(frozen=True)
class DateRange:
    """``(start:(year:2026,month:5,day:28),end:(...))``; the end may be absent."""

    def read(self, name: str, node: Node) -> tuple[dt.date, dt.date | None]:
        """Return the first and the last day."""
        number = Long()
        day = Record(
            {"year": number, "month": number, "day": number}, frozenset(("year", "month", "day"))
        )
        record = Record({"start": day, "end": day}, frozenset(("start",)))
        if not isinstance(node, dict):
            raise rules.invalid(name)
        # Refusals inside a date range name the parameter, as the captured bodies do.
        try:
            read = record.read(name, node)
        except rules.Refusal as refusal:
            raise rules.invalid(name) from refusal
        end = read.get("end")
        return self._day(read["start"]), self._day(end) if end else None

    @staticmethod
    def _day(parts: dict[str, int]) -> dt.date:
        try:
            return dt.date(parts["year"], parts["month"], parts["day"])
        except ValueError as error:
            raise rules.semantic(
                "date_invalid", "INVALID_VALUE_FOR_FIELD", f"dateRange can't be set to {parts}"
            ) from error

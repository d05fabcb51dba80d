"""Records whose schema says where LinkedIn keeps each value.

A column of the page side carries ``x-linkedin`` with ``path`` (names joined by dots), and where
the value comes from another resource also ``resource`` and ``key``, the path to that object's URN.
``key`` with ``entities`` limits a column to objects about URNs of these types, such as ``image``.
Neither knows a stream.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tap_linkedin_ads.records.values import Misplaced, UnreadableValue, fitting, found_at

if t.TYPE_CHECKING:
    from tap_linkedin_ads.records.entity import Record


@dataclass(frozen=True, slots=True)
class Column:
    """Where the value of a column comes from.

    Attributes:
        name: The column.
        path: Path inside the object; alternatives are separated by ``|``.
        resource: The resource that gives the object, empty where it is the stream's own.
        key: Path to the object's URN inside the stream's own object.
        schema: The column's JSON schema.
        entities: Types of URN at ``key`` for which the column has a value; empty for all.
    """

    name: str
    path: str
    resource: str
    key: str
    schema: Mapping[str, t.Any]
    entities: tuple[str, ...] = ()

    def value(self, wire: Mapping[str, t.Any] | None, unreadable: list[UnreadableValue]) -> t.Any:  # noqa: ANN401
        """Return the column's value from the object it lies in, None where that has none.

        Args:
            wire: The object.
            unreadable: Takes the value where the column cannot hold it.
        """
        found = None
        for path in self.path.split("|"):
            here = found_at(wire, path)
            if here is not None:
                found = here
                if not isinstance(found, Misplaced):
                    break
        return fitting(self.name, found, self.schema, unreadable)


def at(wire: t.Any, path: str) -> t.Any:  # noqa: ANN401
    """Return what lies at a path of names joined by dots, None where nothing does."""
    for name in path.split("."):
        wire = wire.get(name) if isinstance(wire, Mapping) else None
    return wire


def declared(schema: Mapping[str, t.Any], wanted: Iterable[str]) -> tuple[Column, ...]:
    """Return the wanted columns of a schema that say where their values come from."""
    columns = []
    for name, column in schema["properties"].items():
        source = column.get("x-linkedin")
        if source and name in wanted:
            resource, key = source.get("resource", ""), source.get("key", "")
            entities = tuple(source.get("entities", ()))
            columns.append(Column(name, source["path"], resource, key, column, entities))
    return tuple(columns)


def fill(
    record: Record,
    wire: Mapping[str, t.Any] | None,
    columns: Iterable[Column],
    unreadable: list[UnreadableValue],
) -> None:
    """Set columns of a record from the object that they lie in."""
    for column in columns:
        record[column.name] = column.value(wire, unreadable)


def parts(
    wire: object,
    paths: Mapping[str, str],
    columns: Mapping[str, Mapping[str, t.Any]],
    unreadable: list[UnreadableValue],
) -> Record:
    """Return some columns, each from its path inside an object."""
    return {
        column: fitting(column, found_at(wire, path), columns[column], unreadable)
        for column, path in paths.items()
    }

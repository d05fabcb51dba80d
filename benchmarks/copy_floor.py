"""The floor of a load: COPY of text into a temporary table, one INSERT ... ON CONFLICT.

    python copy_floor.py CONNECTION SCHEMA < MESSAGES

One stream; its table is made with the column types that target-postgres gives the figures of
ad_performance. Every digit is kept.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import psycopg
from psycopg import sql

_ROWS = 1_000
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def main(connection: str, schema: str) -> None:
    """Load standard input."""
    lines = iter(sys.stdin.buffer)
    declared = next(message for message in map(json.loads, lines) if message["type"] == "SCHEMA")
    properties = declared["schema"]["properties"]
    names = [sql.Identifier(name) for name in properties]
    columns = sql.SQL(", ").join(names)
    keys = sql.SQL(", ").join(map(sql.Identifier, declared["key_properties"]))
    table = sql.Identifier(schema, declared["stream"])
    with psycopg.connect(connection) as session, session.cursor() as cursor:
        cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        types = sql.SQL(", ").join(
            sql.SQL("{} {}").format(name, sql.SQL(_type(declared)))
            for name, declared in zip(names, properties.values(), strict=True)
        )
        cursor.execute(
            sql.SQL("create table if not exists {} ({}, primary key ({}))").format(
                table, types, keys
            )
        )
        cursor.execute(
            sql.SQL(
                "create temporary table waiting on commit drop as table {} with no data"
            ).format(table)
        )
        decode = msgspec.json.Decoder(float_hook=_Digits).decode
        portion: list[str] = []
        with cursor.copy(sql.SQL("copy waiting ({}) from stdin").format(columns)) as copy:
            for line in lines:
                message = decode(line)
                if message["type"] != "RECORD":
                    continue
                get = message["record"].get
                portion.append("\t".join([_text(get(name)) for name in properties]))
                if len(portion) == _ROWS:
                    copy.write("\n".join([*portion, ""]))
                    portion.clear()
            copy.write("\n".join([*portion, ""]))
        changes = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names)
        cursor.execute(
            sql.SQL(
                "insert into {} ({}) select {} from waiting on conflict ({}) do update set {}"
            ).format(table, columns, columns, keys, changes)
        )


class _Digits(str):
    """A number as LinkedIn spells it."""

    __slots__ = ()


def _type(declared: dict[str, Any]) -> str:
    if declared.get("format") == "date":
        return "date"
    if declared.get("format") == "date-time":
        return "timestamp"
    kinds = {"integer": "bigint", "number": "numeric", "boolean": "boolean"}
    return next((kinds[kind] for kind in declared["type"] if kind in kinds), "text")


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

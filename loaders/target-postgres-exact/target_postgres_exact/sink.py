"""The sink: rows wait as COPY's text, and a batch is one COPY and one upsert."""

from __future__ import annotations

import typing as t
from functools import cached_property

import sqlalchemy as sa
from psycopg import sql
from singer_sdk.helpers._typing import get_datelike_property_type
from sqlalchemy.dialects import postgresql
from target_postgres.sinks import PostgresSink
from typing_extensions import override

from target_postgres_exact.copy_text import RowEncoder

if t.TYPE_CHECKING:
    from singer_sdk.helpers.conform import DatetimeErrorTreatmentEnum

    Record = dict[str, t.Any]

ROWS_PER_WRITE = 1_000


class ExactSink(PostgresSink):
    """Writes a batch with one COPY of text and one INSERT ... ON CONFLICT.

    Everything else is the plain sink's: settings, schemas, tables, column types and their
    evolution, record metadata, versions.
    """

    @cached_property
    def _row(self) -> RowEncoder:
        types = {column.name: column.type for column in self.column_representation(self.schema)}
        return RowEncoder(types, sanitize=self.connector.sanitize_null_text_characters)

    @cached_property
    def _datelike(self) -> frozenset[str]:
        properties = self.schema["properties"].items()
        return frozenset(name for name, schema in properties if get_datelike_property_type(schema))

    @override
    def _parse_timestamps_in_record(
        self, record: Record, schema: Record, treatment: DatetimeErrorTreatmentEnum
    ) -> None:
        """Parse dates and times; other columns need no look at their schema in every record."""
        unknown = record.keys() - schema["properties"].keys()
        seen = unknown | {name for name in self._datelike if record.get(name) is not None}
        if seen:
            parsed = {name: record[name] for name in seen}
            super()._parse_timestamps_in_record(parsed, schema, treatment)
            record.update(parsed)

    @override
    def process_record(self, record: Record, context: dict[str, t.Any]) -> None:
        """Keep the row as COPY's text; of rows with the same key the last one counts."""
        rows: dict[t.Hashable, str] = context.setdefault("rows", {})
        key = tuple(record[name] for name in self.key_properties) or len(rows)
        rows[key] = self._row(record)

    @override
    def process_batch(self, context: dict[str, t.Any]) -> None:
        """Write the rows that wait, all or none of them."""
        with self.connector._connect() as connection, connection.begin():  # noqa: SLF001 - as the plain sink
            table = self.connector.prepare_table(
                full_table_name=self.full_table_name,
                schema=self.schema,
                primary_keys=self.key_properties,
                connection=connection,
            )
            rows = list(context.get("rows", {}).values())
            if self.append_only:
                self._copy(connection, table, rows)
                return
            columns = [sa.Column(name, table.columns[name].type) for name in self._row.columns]
            waiting = sa.Table(
                self.generate_temp_table_name(),
                sa.MetaData(),
                *columns,
                prefixes=["TEMPORARY"],
                postgresql_on_commit="DROP",
            )
            waiting.create(connection)
            self._copy(connection, waiting, rows)
            self._merge(connection, waiting, table)

    def _copy(self, connection: sa.Connection, table: sa.Table, rows: list[str]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(*filter(None, (table.schema, table.name))),
            sql.SQL(", ").join(sql.Identifier(name) for name in self._row.columns),
        )
        with connection.connection.cursor().copy(statement) as copy:  # psycopg's
            for start in range(0, len(rows), ROWS_PER_WRITE):
                copy.write("\n".join([*rows[start : start + ROWS_PER_WRITE], ""]))

    def _merge(self, connection: sa.Connection, waiting: sa.Table, table: sa.Table) -> None:
        keys = list(self.key_properties)
        if set(table.primary_key.columns.keys()) != set(keys):
            # A table that somebody else made, or of other keys: nothing to conflict on.
            self.upsert(waiting, table, self.schema, keys, connection)
            return
        insert = postgresql.insert(table).from_select(list(waiting.columns), sa.select(waiting))
        changes = {name: insert.excluded[name] for name in self._row.columns if name not in keys}
        connection.execute(
            insert.on_conflict_do_update(index_elements=keys, set_=changes)
            if changes
            else insert.on_conflict_do_nothing()
        )

"""The exact loader leaves the tables that the plain one leaves, digit by digit."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import typing as t

import psycopg.sql
import pytest
import simplejson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_postgres.target import TargetPostgres

from target_postgres_exact.target import TargetPostgresExact
from tests import processes, singer
from tests.postgres import listen

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox import Sandbox, World
    from tests.postgres import Loader

    Message = dict[str, t.Any]

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

# Written by the loader's clock.
OF_THE_RUN = {"_sdc_received_at", "_sdc_batched_at", "_sdc_sequence", "_sdc_sync_started_at"}

KINDS: dict[str, dict[str, t.Any]] = {
    "id": {"type": "integer"},
    "text": {"type": ["string", "null"]},
    "count": {"type": ["integer", "null"]},
    "small": {"type": ["integer", "null"], "maximum": 100, "minimum": 0},
    "money": {"type": ["number", "null"]},
    "is_on": {"type": ["boolean", "null"]},
    "day": {"type": ["string", "null"], "format": "date"},
    "instant": {"type": ["string", "null"], "format": "date-time"},
    "object": {"type": ["object", "null"]},
    "list": {"type": ["array", "null"]},
    "words": {"type": ["array", "null"], "items": {"type": "string"}},
    "objects": {"type": ["array", "null"], "items": {"type": "object"}},
    "anything": {},
}
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
decimals = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: abs(number.adjusted()) < 60
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | storable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(storable, inner, max_size=3),
    max_leaves=6,
)
records = st.fixed_dictionaries(
    {"id": st.integers(1, 20)},
    optional={
        "text": st.none() | storable,
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "small": st.none() | st.integers(0, 100),
        "money": st.none() | decimals | st.integers(-(10**40), 10**40),
        "is_on": st.none() | st.booleans(),
        "day": st.none() | st.dates().map(str),
        "instant": st.none() | st.datetimes(timezones=st.timezones()).map(lambda i: i.isoformat()),
        "object": st.none() | st.dictionaries(storable, values, max_size=3),
        "list": st.none() | st.lists(values, max_size=3),
        "words": st.none() | st.lists(storable, max_size=3),
        "objects": st.none() | st.lists(st.dictionaries(storable, values, max_size=2), max_size=2),
        "anything": st.none() | storable,
    },
)


def schema(properties: Message, keys: Iterable[str] = ("id",), stream: str = "things") -> Message:
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"properties": properties},
        "key_properties": list(keys),
    }


def record(fields: Message, stream: str = "things", **more: object) -> Message:
    return {"type": "RECORD", "stream": stream, "record": fields, **more}


def lines(messages: Iterable[Message]) -> list[str]:
    """Write messages as JSON that keeps every digit of a Decimal."""
    return [simplejson.dumps(message, use_decimal=True) for message in messages]


class Tables:
    """The tables of one schema: column types, and the rows as text."""

    def __init__(self, loader: Loader, name: str) -> None:
        with loader.server.connect() as connection:
            found = connection.execute(
                "select table_name, column_name, data_type, udt_name"
                " from information_schema.columns where table_schema = %s"
                " order by table_name, ordinal_position",
                [name],
            ).fetchall()
            self.columns: dict[str, list[tuple[str, ...]]] = {}
            for table, *column in found:
                self.columns.setdefault(table, []).append(tuple(column))
            self.rows = {
                table: self._rows(connection, name, table, columns)
                for table, columns in self.columns.items()
            }

    @staticmethod
    def _rows(
        connection: psycopg.Connection, schema: str, table: str, columns: list[tuple[str, ...]]
    ) -> list[tuple[t.Any, ...]]:
        kept = [column for column, *_ in columns if column not in OF_THE_RUN]
        query = psycopg.sql.SQL("select {} from {}").format(
            psycopg.sql.SQL(", ").join(
                psycopg.sql.SQL("{}::text").format(psycopg.sql.Identifier(column))
                for column in kept
            ),
            psycopg.sql.Identifier(schema, table),
        )
        return sorted(connection.execute(query).fetchall(), key=repr)


def both(
    loader: Loader, loads: Iterable[Iterable[str]], name: str, **settings: object
) -> tuple[Tables, Tables]:
    """Load the same with both, in this process, and give what each left."""
    schemas = f"{name}_plain", f"{name}_exact"
    for target, schema_name in zip((TargetPostgres, TargetPostgresExact), schemas, strict=True):
        config = json.loads(loader.config(schema_name, **settings).read_text())
        for messages in loads:
            listen(target(config=config), messages)
    plain, exact = (Tables(loader, schema_name) for schema_name in schemas)
    return plain, exact


def assert_same(plain: Tables, exact: Tables) -> None:
    assert plain.columns == exact.columns
    assert plain.rows.keys() == exact.rows.keys()
    for table, rows in plain.rows.items():
        assert exact.rows[table] == rows, table


def test_every_stream_is_the_same_with_both(sandbox: Sandbox, world: World, loader: Loader) -> None:
    """One run of everything; nested lists stay JSON; a second load of it changes nothing."""
    settings = {**singer.PERSONAL, "start_date": "2026-11-19"}
    names = singer.every_stream(**singer.PERSONAL)
    catalog = singer.catalog(names, **singer.PERSONAL)
    output = singer.sync(singer.config(sandbox, **settings), catalog=catalog)
    messages = output.stdout.decode().splitlines()
    plain, exact = both(loader, [messages], "all")
    assert output.status == 0
    assert {name: len(exact.rows[name]) for name in names} == {
        name: len(output.records(name)) for name in names
    }
    assert_same(plain, exact)
    found = loader.query("select id, url_match_rule_expression from all_exact.conversions")
    assert {key: expression for key, expression in found if expression} == {
        wire["id"]: wire["urlMatchRuleExpression"]
        for wire in world.table("conversions").values()
        if "urlMatchRuleExpression" in wire
    }
    config = json.loads(loader.config("all_exact").read_text())
    listen(TargetPostgresExact(config=config), messages)
    assert_same(plain, Tables(loader, "all_exact"))


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_record_is_the_same_with_both(loader: Loader, data: st.DataObject) -> None:
    """Of rows with the same key the last one counts, in one batch and over several."""
    batch = st.lists(records, min_size=5, max_size=30)
    loads = [
        lines([schema(KINDS), *map(record, batch)])
        for batch in data.draw(st.lists(batch, min_size=1, max_size=2))
    ]
    name = f"any_{time.monotonic_ns()}"
    assert_same(*both(loader, loads, name, batch_size_rows=7))


def test_what_only_the_exact_loader_can_store(loader: Loader) -> None:
    """NUL and lone surrogates at any depth, and lists of numbers of two kinds."""
    properties = {
        "id": {"type": "integer"},
        "text": {"type": "string"},
        "object": {"type": "object"},
        "numbers": {"type": "array", "items": {"type": "number"}},
    }
    row = record({"id": 1, "text": "a\0b\ud800", "object": {"a\0": [{"b": "\0\udfff"}]}})
    row["record"]["numbers"] = [1, 2.5, None]
    config = json.loads(loader.config("odd", sanitize_null_text_characters=True).read_text())
    listen(TargetPostgresExact(config=config), lines([schema(properties), row]))
    assert loader.query("select text, object::text, numbers::text from odd.things") == [
        ("a\ufffdb\ufffd", '{"a\ufffd": [{"b": "\ufffd\ufffd"}]}', "{1,2.5,NULL}")
    ]


def test_a_schema_that_changes_between_runs_is_the_same_with_both(loader: Loader) -> None:
    """A column comes, and one goes; what was there stays."""
    before = {"id": {"type": "integer"}, "gone": {"type": "string"}, "code": {"type": "string"}}
    after = {"id": {"type": "integer"}, "new": {"type": "number"}, "code": {"type": "string"}}
    loads = [
        lines(
            [schema(before), *(record({"id": i, "gone": "x", "code": f"c{i}"}) for i in range(4))]
        ),
        lines(
            [schema(after), *(record({"id": i, "new": i, "code": f"c{i}"}) for i in range(2, 6))]
        ),
    ]
    plain, found = both(loader, loads, "changed")
    assert len(found.rows["things"]) == 6
    assert_same(plain, found)


@pytest.mark.parametrize("hard_delete", [False, True])
def test_versions_are_the_same_with_both(loader: Loader, *, hard_delete: bool) -> None:
    """Rows of an older version are marked or deleted, rows of the new one stay."""

    def version(number: int, ids: Iterable[int]) -> list[str]:
        rows = [record({"id": i}, version=number) for i in ids]
        activate = {"type": "ACTIVATE_VERSION", "stream": "things", "version": number}
        return lines([schema({"id": {"type": "integer"}}), *rows, activate])

    name = f"version_{hard_delete}".lower()
    loads = [version(1, range(4)), version(2, range(2, 6))]
    plain, found = both(loader, loads, name, hard_delete=hard_delete)
    for tables in (plain, found):
        marked = [column for column, *_ in tables.columns["things"] if column not in OF_THE_RUN]
        position = marked.index("_sdc_deleted_at")
        gone = {row[0] for row in tables.rows["things"] if row[position] is not None}
        assert gone == (set() if hard_delete else {"0", "1"})
    assert [row[0] for row in plain.rows["things"]] == [row[0] for row in found.rows["things"]]


def test_rows_without_a_key_are_appended(loader: Loader) -> None:
    """Equal rows too."""
    again = lines([schema({"text": {"type": "string"}}, []), *[record({"text": "a"})] * 3])
    plain, found = both(loader, [again, again], "appended")
    assert len(found.rows["things"]) == 6
    assert_same(plain, found)


def test_a_table_of_somebody_else_needs_no_primary_key(loader: Loader) -> None:
    """There is no constraint to conflict on, and rows still meet by their keys."""
    for name in ("foreign_plain", "foreign_exact"):
        with loader.server.connect() as connection:
            connection.execute(psycopg.sql.SQL("create schema {}").format(_identifier(name)))
            table = psycopg.sql.Identifier(name, "things")
            connection.execute(psycopg.sql.SQL("create table {} (id bigint)").format(table))
    first = lines(
        [schema({"id": {"type": "integer"}, "text": {"type": "string"}}), record({"id": 1})]
    )
    again = lines(
        [
            schema({"id": {"type": "integer"}, "text": {"type": "string"}}),
            record({"id": 1, "text": "new"}),
            record({"id": 2}),
        ]
    )
    plain, found = both(loader, [first, again], "foreign")
    assert len(found.rows["things"]) == 2
    assert_same(plain, found)


def test_a_kill_in_the_middle_of_a_batch_leaves_whole_batches(exact: Loader) -> None:
    """Nothing of the batch that was under way is there, and the next run completes it."""
    rows = 30
    properties = {"id": {"type": "integer"}, "text": {"type": "string"}}
    messages = lines([schema(properties), *(record({"id": i, "text": "x"}) for i in range(50))])
    config = exact.config("killed", batch_size_rows=rows)
    with processes.started(
        [*exact.command, "--config", config],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=exact.environment,
    ) as process:
        assert process.stdin
        process.stdin.write("".join(f"{line}\n" for line in messages).encode())
        process.stdin.flush()
        _wait_for_rows(exact, rows)
        process.send_signal(signal.SIGKILL)
    assert exact.query("select count(*) from killed.things") == [(rows,)]
    exact.load(messages, "killed")
    assert exact.query("select count(*), count(distinct id) from killed.things") == [(50, 50)]


def _wait_for_rows(exact: Loader, count: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if exact.query("select to_regclass('killed.things')") != [(None,)] and exact.query(
            "select count(*) from killed.things"
        ) == [(count,)]:
            return
        time.sleep(0.05)
    pytest.fail("the first batch never came")


def _identifier(name: str) -> psycopg.sql.Identifier:
    return psycopg.sql.Identifier(name)

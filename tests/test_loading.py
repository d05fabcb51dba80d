"""Every kind of value that streams have arrives in PostgreSQL."""

from __future__ import annotations

import typing as t

import psycopg
import pytest

from tests import singer

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.postgres import Loader

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]


def test_every_stream_loads(sandbox: Sandbox, world: World, loader: Loader) -> None:
    """One run of everything: each table has the rows of its stream; nested lists stay JSON."""
    settings = {"include_lead_responses": True, "start_date": "2026-11-19"}
    streams = singer.catalog({}, include_lead_responses=True)["streams"]
    names = [stream["tap_stream_id"] for stream in streams]
    catalog = singer.catalog(dict.fromkeys(names), include_lead_responses=True)
    output = singer.sync(singer.config(sandbox, **settings), catalog=catalog)
    assert output.status == 0
    loader.load(output.stdout.decode().splitlines(), "everything")
    stored = {name: count(loader, name) for name in names}
    assert stored == {name: len(output.records(name)) for name in names}
    found = loader.query("select id, url_match_rule_expression from everything.conversions")
    assert {key: expression for key, expression in found if expression} == {
        wire["id"]: wire["urlMatchRuleExpression"]
        for wire in world.table("conversions").values()
        if "urlMatchRuleExpression" in wire
    }


def count(loader: Loader, stream: str) -> int:
    """Return the number of rows that were stored of a stream."""
    table = psycopg.sql.Identifier("everything", stream)
    with loader.server.connect() as connection:
        query = psycopg.sql.SQL("select count(*) from {}").format(table)
        ((rows,),) = connection.execute(query).fetchall()
    return int(rows)

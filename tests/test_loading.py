"""Rows that LinkedIn no longer has, in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import typing as t

import psycopg
import pytest

from sandbox.world import worlds
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.postgres import Loader

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]


@pytest.mark.parametrize("hard_delete", [False, True])
def test_what_is_gone_is_marked_or_deleted(
    serve: Serve, loader: Loader, *, hard_delete: bool
) -> None:
    """A draft, a segment and a post; but nothing behind a run that could not read an ad account."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world)
    schema = f"gone_{hard_delete}".lower()
    streams = ("campaigns", "ad_segments", "posts", "post_hashtags", "ad_performance")
    catalog = singer.catalog(dict.fromkeys(streams), full_table=["posts"])
    config = singer.config(sandbox, start_date="2026-11-19", lookback_window=0)
    state: singer.Json | None = None

    def run(day: int, **settings: object) -> singer.Output:
        nonlocal state
        clock = singer.QuickClock(TODAY + dt.timedelta(days=day))
        output = singer.sync(config | settings, catalog=catalog, state=state, clock=clock)
        state = output.state
        loader.load(output.stdout.decode().splitlines(), schema, hard_delete=hard_delete)
        return output

    assert run(0).status == 0  # rows without any version
    assert run(0, emit_activate_version_messages=True).status == 0
    before = {name: present(loader, schema, name) for name in streams}
    draft = list(world.table("adCampaigns"))[-1]
    segment = next(iter(world.table("adSegments")))
    post, _ = min(before["post_hashtags"])
    world.delete("adCampaigns", draft)
    world.delete("adSegments", segment)
    world.pages.delete_post(post)
    entities = {"adCampaigns", "adSegments"}
    account = str(world.accounts[0]["id"])
    sandbox.faults.add(
        "status",
        status=403,
        times=None,
        where=lambda e: e.resource in entities and account in e.path + str(e.params),
    )
    assert run(1, emit_activate_version_messages=True).status == 1
    assert {(draft,)} <= present(loader, schema, "campaigns")
    assert {(segment,)} <= present(loader, schema, "ad_segments")
    sandbox.faults.clear()
    assert run(2, emit_activate_version_messages=True).status == 0
    after = {name: present(loader, schema, name) for name in streams}
    assert before["campaigns"] - after["campaigns"] == {(draft,)}
    assert before["ad_segments"] - after["ad_segments"] == {(segment,)}
    assert before["posts"] - after["posts"] == {(post,)}
    assert not {row for row in after["post_hashtags"] if row[0] == post}
    assert after["ad_performance"] >= before["ad_performance"]
    rows = {name: len(present(loader, schema, name, everything=True)) for name in streams}
    is_marked = {name: rows[name] > len(after[name]) for name in streams}
    expected = dict.fromkeys(streams, not hard_delete) | {"ad_performance": False}
    assert is_marked == expected


def present(
    loader: Loader, schema: str, stream: str, *, everything: bool = False
) -> set[tuple[t.Any, ...]]:
    """Return the keys of the rows that are not marked as deleted."""
    key = singer.primary_keys()[stream]
    columns = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, key))
    table = psycopg.sql.Identifier(schema, stream)
    condition = psycopg.sql.SQL("true" if everything else "_sdc_deleted_at is null")
    query = psycopg.sql.SQL("select {} from {} where {}").format(columns, table, condition)
    with loader.server.connect() as connection:
        return set(connection.execute(query).fetchall())

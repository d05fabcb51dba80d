"""Sharding on a real Airflow: two shards at a time, one of them killed and tried again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import sqlite3
import typing as t

import pytest
import yaml
from psycopg import sql
from psycopg.errors import UndefinedTable

from linkedin_ads_shards import bookmarked, share_out
from sandbox.world import worlds
from tests import airflow, meltano_project, singer
from tests.airflow import wait_until

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.postgres import Postgres
    from sandbox import Sandbox

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

ALONE, SHARDED = "alone", "sharded"
OTHER, KILLED = "tap-linkedin-ads-shard0", "tap-linkedin-ads-shard1"
PATH = os.pathsep.join([str(meltano_project.PROGRAMS), os.environ.get("PATH", "")])
SELECT = (
    *(f"{stream}.*" for stream in ("ad_accounts", "campaigns", "creatives", "lead_forms")),
    *(f"{stream}.*" for stream in ("conversions", "conversion_associated_campaigns")),
    *(f"{stream}.*" for stream in ("posts", "post_hashtags", "report_coverage")),
    *(f"ad_performance.{metric}" for metric in ("impressions", "clicks", "cost_in_usd")),
    "organization_page_statistics.impression_count",
)
"""Streams of each kind; tests/test_sharding.py shares out all of them."""
Rows = dict[str, list[str]]


def project(folder: Path, sandbox: Sandbox, server: Postgres, schema: str) -> Path:
    """Write a project with the shards, the pages and the select list of meltano.yml."""
    declared = yaml.safe_load((meltano_project.ROOT / "meltano.yml").read_text())
    inherited = declared["plugins"]["extractors"][1:]
    config = {
        "start_date": (sandbox.world.today - dt.timedelta(days=120)).isoformat(),
        "date_window_size": 3,
        "metric_values_limit": 40_000_000,
    }
    folder.mkdir()
    meltano_project.write(folder, sandbox, server, schema, SELECT, config)
    written = yaml.safe_load((folder / "meltano.yml").read_text())
    written["plugins"]["extractors"] += inherited
    if schema == SHARDED:  # rows arrive while the run goes on
        written["plugins"]["loaders"][0]["config"]["batch_size_rows"] = 60
    (folder / "meltano.yml").write_text(yaml.safe_dump(written))
    return folder


def tables(server: Postgres, schema: str) -> Rows:
    """Return every row of every table, as sorted texts, without when it was read and loaded."""
    found: Rows = {}
    with server.connect() as connection:
        columns = connection.execute(
            "select table_name, array_agg(column_name::text order by column_name) "
            "from information_schema.columns where table_schema = %s and column_name <> 'read_at' "
            "and column_name not like '\\_sdc\\_%%' "
            "group by table_name",
            [schema],
        ).fetchall()
        for table, names in columns:
            query = sql.SQL("select row_to_json(r)::text from (select {} from {}) r").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(schema, table)
            )
            found[table] = sorted(row[0] for row in connection.execute(query).fetchall())
    return found


def process_of(folder: Path, plugin: str) -> int:
    """Return the process of a plugin's run."""
    return int((folder / ".meltano" / "run" / f"{plugin}.lock").read_text())


def states_of_runs(folder: Path, plugin: str) -> list[str]:
    """Return what Meltano has noted of a plugin's runs, oldest first."""
    with contextlib.closing(sqlite3.connect(folder / ".meltano" / "meltano.db")) as database:
        rows = database.execute(
            "select state from runs where job_name = ? order by id",
            [f"dev:{plugin}-to-target-postgres"],
        )
        return [row[0] for row in rows]


def being_loaded(server: Postgres) -> set[int]:
    """Return the ad accounts of which rows of the sharded run have arrived."""
    with server.connect() as connection, contextlib.suppress(UndefinedTable):
        rows = connection.execute("select distinct account_id from sharded.ad_performance")
        return {row[0] for row in rows}
    return set()


def test_two_shards_one_killed_and_tried_again(
    serve: Callable[..., Sandbox],
    server: Postgres,
    tmp_path: Path,
) -> None:
    """They overlap in time, share nothing but the database, and load what one run loads."""
    sandbox = serve(worlds.small(today=singer.TODAY))
    first, second, third = sorted(account["id"] for account in sandbox.world.accounts)
    alone = project(tmp_path / ALONE, sandbox, server, ALONE)
    sharded = project(tmp_path / SHARDED, sandbox, server, SHARDED)
    home = tmp_path / "airflow"
    home.mkdir()

    with airflow.running(
        home,
        LINKEDIN_ADS_PROJECT=str(sharded),
        MELTANO_SEND_ANONYMOUS_USAGE_STATS="false",
        PATH=PATH,
    ) as engine:
        meltano_project.run(alone)  # Airflow takes as long to start
        sandbox.reset_log()
        sandbox.faults.add("delay", path="/rest/adAnalytics", seconds=3, times=None)
        try:
            wait_until(
                lambda: {first, second} <= being_loaded(server) or engine.run_state == "failed",
                "rows of both shards",
            )
            killed, other = process_of(sharded, KILLED), process_of(sharded, OTHER)
            assert os.getpgid(killed) == killed  # Airflow gives each task a group of its own
            os.killpg(killed, signal.SIGKILL)
            os.kill(other, 0)  # the other shard lives
            assert states_of_runs(sharded, KILLED) == ["RUNNING"]
            sandbox.faults.clear()
            wait_until(lambda: engine.run_state in {"success", "failed"}, "the end of the run")
            assert engine.run_state == "success"
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(engine.logs()) from error
    tries = {(attempt.task, attempt.index, attempt.number): attempt for attempt in engine.tries()}
    loads = [("load", index, 1) for index in range(3)]  # pages and two shards
    assert tries.keys() == {("plan", -1, 1), ("tables", -1, 1), *loads, ("load", 2, 2)}
    beside, lost, again = tries["load", 1, 1], tries["load", 2, 1], tries["load", 2, 2]
    assert lost.state == "failed"
    assert max(lost.start, beside.start) < min(lost.end, beside.end) < again.start
    assert "--force" not in engine.log("load", 2, 1)
    assert "--force" in engine.log("load", 2, 2)

    expected = tables(server, ALONE)
    assert {"ad_performance", "posts", "lead_forms", "report_coverage"} <= expected.keys()
    found = tables(server, SHARDED)
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert found[table] == rows, table
    # Company pages were read once.
    # One shard reads pages: those that the member administers, then those with other roles.
    assert [entry.resource for entry in sandbox.log].count("organizationAcls") == 2

    # The shards keep their ad accounts when one goes, as Meltano's state has them.
    exported = meltano_project.meltano(sharded, "state", "export")
    states = [json.loads(exported)[f"dev:{name}-to-target-postgres"] for name in (OTHER, KILLED)]
    assert share_out([second, third], [bookmarked(state) for state in states]) == [
        [third],
        [second],
    ]

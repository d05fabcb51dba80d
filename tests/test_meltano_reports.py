"""Custom reports through a real `meltano run` into PostgreSQL."""

from __future__ import annotations

import datetime as dt
import typing as t

import psycopg
import pytest
from psycopg.rows import dict_row

from sandbox.world import worlds
from tests import meltano_project, report_truth, singer, truth

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.postgres import Postgres
    from sandbox import Sandbox, World

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

SCHEMA = "custom_reports"
METRICS = ["impressions", "clicks", "costInLocalCurrency", "costInUsd"]
COLUMNS = tuple(truth.snake(name) for name in METRICS)


def reports(world: World) -> list[dict[str, t.Any]]:
    """Return three reports: two pivots by day, one trait by month, three pivots of a campaign."""
    campaign = next(iter(world.deliveries.values())).campaign
    return [
        {
            "name": "placements",
            "pivots": ["CAMPAIGN", "PLACEMENT_NAME"],
            "metrics": METRICS,
        },
        {
            "name": "seniorities",
            "pivots": ["MEMBER_SENIORITY"],
            "metrics": METRICS,
            "time_granularity": "MONTHLY",
        },
        {
            "name": "devices_of_one",
            "pivots": ["CREATIVE", "IMPRESSION_DEVICE_TYPE", "SERVING_LOCATION"],
            "metrics": METRICS,
            "facets": {"campaigns": [campaign]},
        },
    ]


def rows(server: Postgres, report: dict[str, t.Any]) -> report_truth.Rows:
    """Return what the loader stored for a report, by ad account, day and pivot values."""
    with server.connect() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        table = psycopg.sql.Identifier(SCHEMA, report["name"])
        found = cursor.execute(psycopg.sql.SQL("select * from {}").format(table)).fetchall()
    columns = report_truth.value_columns(report["pivots"])
    return {
        (row["account_id"], row["metric_date"].isoformat(), *(row[c] for c in columns)): row
        for row in found
    }


def expected(world: World, report: dict[str, t.Any], start: dt.date) -> report_truth.Rows:
    """Return LinkedIn's rows of a report."""
    monthly, campaigns = "time_granularity" in report, report.get("facets", {}).get("campaigns")
    return report_truth.rows(
        world,
        report["pivots"],
        COLUMNS,
        start.replace(day=1) if monthly else start,
        world.today - dt.timedelta(days=1) if monthly else world.today,
        granularity="MONTHLY" if monthly else "DAILY",
        campaigns=campaigns,
    )


def test_three_reports_in_postgres(
    serve: Callable[..., Sandbox], server: Postgres, tmp_path: Path
) -> None:
    """Every row and every digit of each of them is there, and nothing else."""
    world = worlds.small(today=singer.TODAY)
    sandbox = serve(world)
    start = world.today - dt.timedelta(days=40)
    chosen = reports(world)
    config = {"start_date": start.isoformat(), "reports": chosen}
    select = [f"{report['name']}.*" for report in chosen]
    meltano_project.write(tmp_path, sandbox, server, SCHEMA, select, config)
    meltano_project.run(tmp_path)
    for report in chosen:
        found, linkedin = rows(server, report), expected(world, report, start)
        assert linkedin
        truth.assert_equal(found, linkedin)

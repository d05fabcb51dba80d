"""Custom reports through a real `meltano run` into PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.rows import dict_row

from sandbox import World, worlds
from tests import report_truth, truth

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from demo.postgres import Postgres
    from sandbox import Sandbox

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
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


def project(folder: Path, sandbox: Sandbox, server: Postgres, config: dict[str, t.Any]) -> None:
    """Write the repository's meltano.yml with plugins that are installed already."""
    declared = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (extractor,) = declared["plugins"]["extractors"]
    loader = next(p for p in declared["plugins"]["loaders"] if p["name"] == "target-postgres")
    declared["plugins"]["loaders"] = [loader]
    for plugin in (extractor, loader):
        del plugin["pip_url"]
        plugin["executable"] = str(PROGRAMS / plugin["executable"])
    extractor["config"] = {**sandbox.config(), **config}
    extractor["select"] = [f"{entry['name']}.*" for entry in config["reports"]]
    loader["config"] |= {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password or "unused",
        "database": server.database,
        "default_target_schema": SCHEMA,
    }
    del declared["jobs"], declared["schedules"]
    (folder / "meltano.yml").write_text(yaml.safe_dump(declared))


def meltano(folder: Path) -> None:
    """Run the pipeline once."""
    hidden = ("MELTANO_", "TAP_LINKEDIN_ADS_", "TARGET_POSTGRES_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(
        [PROGRAMS / "meltano", "run", "tap-linkedin-ads", "target-postgres"],
        cwd=folder,
        env={**kept, "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


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
    world = worlds.small()
    sandbox = serve(world)
    start = world.today - dt.timedelta(days=40)
    chosen = reports(world)
    config = {"start_date": start.isoformat(), "reports": chosen}
    project(tmp_path, sandbox, server, config)
    meltano(tmp_path)
    for report in chosen:
        found, linkedin = rows(server, report), expected(world, report, start)
        assert linkedin
        truth.assert_equal(found, linkedin)

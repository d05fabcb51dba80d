"""Airflow: all ad accounts and company pages of a member, in several Meltano runs at a time.

The runs share the database and nothing else. docs/sharding.md tells how to set it up.
"""

from __future__ import annotations

import datetime as dt
import os
import shlex
import sys
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

import linkedin_ads_meltano
from linkedin_ads_meltano import PAGES
from linkedin_ads_shards import setting

PROJECT = Path(os.environ.get("LINKEDIN_ADS_PROJECT") or Path(__file__).resolve().parents[1])
LOADER = os.environ.get("LINKEDIN_ADS_LOADER") or "target-postgres"

_PROGRAM = shlex.join([sys.executable, linkedin_ads_meltano.__file__])
# A try that was killed is still marked as running in Meltano's state.
_FORCE = "{{ '--force' if ti.try_number > 1 else '' }}"
_LOAD = f'exec {_PROGRAM} "$PLUGIN" {LOADER} {_FORCE}'
_NO_ACCOUNT = setting(PAGES, "exclude_account_ids")

with DAG(
    "linkedin_ads",
    description="LinkedIn Ads and company pages into a database, by shards of ad accounts",
    schedule="@daily",
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
    catchup=False,
    max_active_runs=1,  # two runs of one plugin get in each other's way
    default_args={"retries": 3, "cwd": str(PROJECT), "append_env": True},
    tags=["linkedin"],
):

    @task
    def plan() -> list[dict[str, str]]:
        """Share the ad accounts out; each stays in the shard that has its bookmarks."""
        return linkedin_ads_meltano.plan(PROJECT, LOADER)

    planned = plan()
    # Loaders that make the same schema or table at the same time fail. This run reads nothing, so
    # it makes them and keeps no bookmark.
    tables = BashOperator(
        task_id="tables",
        env={
            "PLUGIN": PAGES,
            _NO_ACCOUNT: f"{{{{ (ti.xcom_pull(task_ids='plan') | first)['{_NO_ACCOUNT}'] }}}}",
            setting(PAGES, "organization_ids"): "[]",
        },
        bash_command=f"{_LOAD} --state-id-suffix=tables",
    )
    load = BashOperator.partial(
        task_id="load",
        bash_command=_LOAD,
        map_index_template="{{ task.env['PLUGIN'] }}",
    ).expand(env=planned)
    planned >> tables >> load

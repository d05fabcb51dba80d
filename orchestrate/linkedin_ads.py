"""Airflow: all ad accounts and company pages of a member, in several Meltano runs at a time.

The runs share the database and nothing else. docs/sharding.md tells how to set it up.
"""

from __future__ import annotations

import datetime as dt
import os
import shlex
import sys
import typing as t
from pathlib import Path

import linkedin_ads_watch
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


def _summary(context: t.Any) -> tuple[str, linkedin_ads_watch.Summary | None]:  # noqa: ANN401
    """Return a task's plugin and what its tap has told at the end."""
    plugin = context["task"].env["PLUGIN"]
    return plugin, linkedin_ads_watch.kept(linkedin_ads_meltano.summary_file(plugin, PROJECT))


def tell_failure(context: t.Any) -> None:  # noqa: ANN401
    """Say that a task has failed for good, and why where its tap has told."""
    task_id = context["task"].task_id
    text = f"{task_id} of linkedin_ads failed; its log says why."
    if task_id != "plan":
        text = linkedin_ads_watch.failure(*_summary(context)) or text
    linkedin_ads_watch.tell(text)


def tell_silence(context: t.Any) -> None:  # noqa: ANN401
    """Say whose rows have stopped, though nothing failed."""
    linkedin_ads_watch.tell(linkedin_ads_watch.silence(*_summary(context)))


with DAG(
    "linkedin_ads",
    description="LinkedIn Ads and company pages into a database, by shards of ad accounts",
    schedule="@daily",
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
    catchup=False,
    max_active_runs=1,  # two runs of one plugin get in each other's way
    default_args={
        "retries": 3,
        "cwd": str(PROJECT),
        "append_env": True,
        "on_failure_callback": tell_failure,
    },
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
        on_success_callback=tell_silence,
    ).expand(env=planned)
    planned >> tables >> load

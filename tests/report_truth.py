"""What report streams must hold, from what the sandbox's world knows; see ``tests.truth``."""

from __future__ import annotations

import typing as t

from tests import truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from sandbox import Sandbox, World
    from sandbox.api.log import Entry
    from tests.singer import Output

Rows = dict[tuple[t.Any, ...], dict[str, t.Any]]

VALUE_COLUMNS = {
    "ACCOUNT": ("account_urn",),
    "CAMPAIGN_GROUP": ("campaign_group_urn",),
    "CAMPAIGN": ("campaign_urn",),
    "CREATIVE": ("creative_urn",),
    "CONVERSION": ("conversion_urn",),
    "SHARE": ("share_urn",),
    "COMPANY": ("company_urn",),
    "CONVERSATION_NODE_OPTION_INDEX": ("conversation_node", "conversation_node_option_index"),
    "MEMBER_INDUSTRY": ("member_industry_urn",),
    "MEMBER_SENIORITY": ("member_seniority_urn",),
    "MEMBER_JOB_TITLE": ("member_job_title_urn",),
    "MEMBER_JOB_FUNCTION": ("member_job_function_urn",),
    "MEMBER_COUNTRY_V2": ("member_country_urn",),
    "MEMBER_REGION_V2": ("member_region_urn",),
    "MEMBER_COUNTY": ("member_county_urn",),
    "MEMBER_COMPANY": ("member_company_urn",),
}
"""Columns with a pivot's values as LinkedIn sends them; other pivots have one by their name."""


def value_columns(pivots: Iterable[str]) -> tuple[str, ...]:
    """Return the columns in which the values of pivots stand, in the pivots' order."""
    return tuple(c for pivot in pivots for c in VALUE_COLUMNS.get(pivot, (pivot.lower(),)))


def metric_columns(output: Output, stream: str) -> tuple[str, ...]:
    """Return the metrics in the schema that a run wrote for a stream."""
    (schema,) = (m["schema"] for m in output.of_type("SCHEMA") if m["stream"] == stream)
    return tuple(column for column in truth.COLUMNS if column in schema["properties"])


def records(output: Output, stream: str, pivots: Sequence[str]) -> Rows:
    """Return a stream's records by ad account, first day and pivot values; none comes twice."""
    return by_key(output.records(stream), "account_id", "metric_date", *value_columns(pivots))


def rows(
    world: World,
    pivots: Sequence[str],
    columns: Iterable[str],
    start: dt.date,
    end: dt.date = TODAY,
    **more: t.Any,  # noqa: ANN401
) -> Rows:
    """Return LinkedIn's rows by ad account, first day and pivot values, ad account by ad account.

    Args:
        world: The sandbox's world.
        pivots: The report's pivots.
        columns: The metrics.
        start: First day.
        end: Last day.
        **more: ``granularity``, ``campaigns`` and ``accounts`` of ``World.truth``.
    """
    wanted = tuple(columns)
    names = tuple(truth.COLUMNS[column] for column in wanted)
    accounts = more.pop("accounts", None) or sorted(world.roles)
    found: Rows = {}
    for account in accounts:
        for day, _, values, figures in world.truth(pivots, start, end, names, [account], **more):
            key = (account, day.isoformat(), *values)
            assert key not in found
            found[key] = dict(zip(wanted, figures.values(), strict=True))
    return found


def requests(sandbox: Sandbox) -> list[Entry]:
    """Return the report requests that were served."""
    return [entry for entry in sandbox.log if entry.resource == "adAnalytics"]

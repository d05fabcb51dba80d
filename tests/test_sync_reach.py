"""Reach over weeks, months and the last days, which is no sum of days."""

from __future__ import annotations

import calendar
import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import worlds
from sandbox.world.world import urn_id
from tap_linkedin_ads.reporting import reach
from tap_linkedin_ads.reporting.windows import Window
from tests import singer
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Json, Output

STREAM = "ad_reach"
KEY = ("account_id", "level", "entity_id", "period", "metric_date")
DAY = dt.timedelta(days=1)
YESTERDAY = TODAY - DAY
START = dt.date(2026, 9, 9)
PIVOTS = {"account": "ACCOUNT", "campaign_group": "CAMPAIGN_GROUP", "campaign": "CAMPAIGN"}
NAMES = {
    "impressions": "impressions",
    "approximate_member_reach": "approximateMemberReach",
    "audience_penetration": "audiencePenetration",
}
TRAILING = {"last_7_days": 7, "last_28_days": 28, "last_90_days": 90}


def sync(
    sandbox: Sandbox,
    columns: t.Iterable[str] | None = None,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read reach."""
    config = singer.config(sandbox, **{"start_date": START.isoformat(), **settings})
    return singer.sync(config, catalog=singer.catalog({STREAM: columns}), state=state)


def periods(first: dt.date, last: dt.date = TODAY) -> list[tuple[str, dt.date, dt.date]]:
    """Return each period that a run reads: its name, first and last day."""
    found = [
        (period, min(last, YESTERDAY) - DAY * (days - 1), min(last, YESTERDAY))
        for period, days in TRAILING.items()
    ]
    monday = first - DAY * first.weekday()
    while monday <= last:
        found.append(("week", monday, monday + DAY * 6))
        monday += DAY * 7
    for month in range(first.month, last.month + 1):
        length = calendar.monthrange(first.year, month)[1]
        found.append(("month", dt.date(first.year, month, 1), dt.date(first.year, month, length)))
    return found


def names_of(world: World) -> dict[str, str | None]:
    """Return the names of accounts, groups and campaigns, by URN."""
    kinds = {
        "sponsoredAccount": world.accounts,
        "sponsoredCampaignGroup": world.campaign_groups,
        "sponsoredCampaign": world.campaigns,
    }
    return {
        f"urn:li:{kind}:{row['id']}": row.get("name")
        for kind, rows in kinds.items()
        for row in rows
    }


def expected(world: World, first: dt.date, last: dt.date = TODAY) -> dict[tuple[t.Any, ...], Json]:
    """Return the rows of all levels and periods, by key, with what LinkedIn knows."""
    names, found = names_of(world), []
    for level, pivot in PIVOTS.items():
        for period, start, end in periods(first, last):
            for _, _, (account, urn), row in world.truth(
                ("ACCOUNT", pivot) if pivot != "ACCOUNT" else ("ACCOUNT", "ACCOUNT"),
                start,
                min(end, TODAY),
                NAMES.values(),
                granularity="ALL",
            ):
                figures = {column: row[name] for column, name in NAMES.items()}
                members = int(row["approximateMemberReach"])
                frequency = (
                    None
                    if not members
                    else (Decimal(int(row["impressions"])) / members).quantize(
                        Decimal("0.000001"), "ROUND_HALF_UP"
                    )
                )
                found.append(
                    {
                        **figures,
                        "audience_penetration": Decimal(repr(row["audiencePenetration"])),
                        "account_id": urn_id(account),
                        "account_urn": account,
                        "level": level,
                        "entity_id": urn_id(urn),
                        "entity_urn": urn,
                        "entity_name": names[urn],
                        "period": period,
                        "metric_date": start.isoformat(),
                        "metric_end_date": end.isoformat(),
                        "frequency": frequency,
                        "read_at": "2026-11-22T12:00:00.000+00:00",
                    }
                )
    return by_key(found, *KEY)


def test_reach_of_every_level_and_period(sandbox: Sandbox, world: World) -> None:
    """Each row is LinkedIn's figure of the whole range, which days do not add up to."""
    output = sync(sandbox)
    assert (output.status, output.summary["incidents"]) == (0, []), output.stderr
    found = by_key(output.records(STREAM), *KEY)
    assert found == expected(world, START)
    assert {key[1] for key in found} == set(PIVOTS)
    assert {key[3] for key in found} == set(reach.PERIODS)
    reports = [entry for entry in sandbox.log if entry.resource == "adAnalytics"]
    assert len(reports) == len(PIVOTS) * len(periods(START))
    assert {entry.params["timeGranularity"] for entry in reports} == {"ALL"}
    assert set(output.bookmarks(STREAM).values()) == {TODAY.isoformat()}

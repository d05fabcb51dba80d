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
    clock: singer.QuickClock | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read reach."""
    config = singer.config(sandbox, **{"start_date": START.isoformat(), **settings})
    catalog = singer.catalog({STREAM: columns})
    return singer.sync(config, catalog=catalog, state=state, clock=clock)


def periods(
    first: dt.date, last: dt.date = TODAY, today: dt.date = TODAY
) -> list[tuple[str, dt.date, dt.date]]:
    """Return each period that a run reads: its name, first and last day."""
    over = min(last, today - DAY)
    found = [(period, over - DAY * (days - 1), over) for period, days in TRAILING.items()]
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


def expected(
    world: World, first: dt.date, last: dt.date = TODAY, today: dt.date = TODAY
) -> dict[tuple[t.Any, ...], Json]:
    """Return the rows of all levels and periods, by key, with what LinkedIn knows."""
    names, found = names_of(world), []
    for level, pivot in PIVOTS.items():
        for period, start, end in periods(first, last, today):
            for _, _, (account, urn), row in world.truth(
                ("ACCOUNT", pivot),
                start,
                min(end, today),
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
                        "read_at": f"{today}T12:00:00.000+00:00",
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


@pytest.mark.slow
def test_the_next_run_reads_running_periods_again(sandbox: Sandbox, world: World) -> None:
    """Weeks and months that the update window touches, and the last days as they are then."""
    first = sync(sandbox)
    tomorrow = world.next_day()
    sandbox.reset_log()
    second = sync(
        sandbox,
        state=first.state,
        lookback_window=3,
        end_date=tomorrow.isoformat(),
        clock=singer.QuickClock(tomorrow),
    )
    since = TODAY - DAY * 3
    found = by_key(second.records(STREAM), *KEY)
    assert found == expected(world, since, tomorrow, tomorrow)
    assert len(sandbox.log) < len(PIVOTS) * len(periods(START))
    assert set(second.bookmarks(STREAM).values()) == {tomorrow.isoformat()}
    running = {key for key in found if key[3:] == ("month", "2026-11-01")}
    assert running == {k for k in expected(world, START) if k[3:] == ("month", "2026-11-01")}


def test_an_end_in_the_past_ends_the_last_days_there(sandbox: Sandbox, world: World) -> None:
    """They end on the last day that is asked for."""
    end = dt.date(2026, 10, 20)
    output = sync(sandbox, start_date="2026-10-01", end_date=end.isoformat())
    found = by_key(output.records(STREAM), *KEY)
    assert found == expected(world, dt.date(2026, 10, 1), end)


@pytest.mark.slow
def test_accounts_share_the_requests(serve: Serve) -> None:
    """Thirty ad accounts take as many requests as one."""
    world = worlds.agency(today=TODAY, accounts=30)
    sandbox = serve(world)
    output = sync(sandbox, ("approximate_member_reach",), start_date="2026-11-18")
    found = by_key(output.records(STREAM), *KEY)
    assert found.keys() == expected(world, dt.date(2026, 11, 18)).keys()
    reports = [entry for entry in sandbox.log if entry.resource == "adAnalytics"]
    assert len(reports) == len(PIVOTS) * len(periods(dt.date(2026, 11, 18)))


@pytest.mark.parametrize(
    ("columns", "asked"),
    [
        (("frequency",), {"impressions", "approximateMemberReach"}),
        (("impressions",), {"impressions"}),
        (("audience_penetration", "frequency"), {*NAMES.values()}),
    ],
)
def test_only_what_is_selected_is_asked_for(
    sandbox: Sandbox, world: World, columns: tuple[str, ...], asked: set[str]
) -> None:
    """A frequency needs impressions and reach, which are no columns then; names need no look-up."""
    output = sync(sandbox, columns)
    found = by_key(output.records(STREAM), *KEY)
    assert found == {
        key: {column: row[column] for column in (*KEY, *columns)}
        for key, row in expected(world, START).items()
    }
    reports = [entry for entry in sandbox.log if entry.resource == "adAnalytics"]
    assert {*reports[0].params["fields"]} == {"dateRange", "pivotValues"} | asked
    assert {entry.resource for entry in sandbox.log} == {"adAccounts", "adAnalytics"}


def test_a_level_that_refuses_penetration_goes_without(sandbox: Sandbox, world: World) -> None:
    """The figure is null there and only there; everything else is as it is."""
    sandbox.faults.add(
        "status",
        status=400,
        body={"status": 400, "message": "audiencePenetration is not a field"},
        times=None,
        where=lambda e: (
            "audiencePenetration" in e.params.get("fields", ())
            and "CAMPAIGN_GROUP" in e.params["pivots"]
        ),
    )
    output = sync(sandbox)
    assert output.status == 0
    found, right = by_key(output.records(STREAM), *KEY), expected(world, START)
    for key, row in right.items():
        if key[1] == "campaign_group":
            row["audience_penetration"] = None
    assert found == right
    assert [d["refused"] for d in output.summary["differences"]] == [
        "audiencePenetration by ACCOUNT, CAMPAIGN_GROUP"
    ]


@pytest.mark.slow
def test_accounts_are_asked_for_alone_where_account_is_refused(
    sandbox: Sandbox, world: World
) -> None:
    """The rows of one ad account are its own then."""
    sandbox.faults.add(
        "status",
        status=400,
        body={"status": 400, "message": "pivots"},
        times=None,
        where=lambda e: "ACCOUNT" in e.params.get("pivots", ()) and len(e.params["pivots"]) > 1,
    )
    output = sync(sandbox)
    assert output.status == 0
    assert by_key(output.records(STREAM), *KEY) == expected(world, START)


@pytest.mark.slow
def test_an_account_that_fails_is_named_once(sandbox: Sandbox, world: World) -> None:
    """The others are read, and its bookmark stays."""
    account = min(world.roles)
    sandbox.faults.add(
        "status",
        status=403,
        times=None,
        where=lambda e: any(str(account) in urn for urn in e.params.get("accounts", ())),
    )
    output = sync(sandbox)
    assert [i["account_id"] for i in output.summary["incidents"]] == [account]
    found = by_key(output.records(STREAM), *KEY)
    assert found == {k: row for k, row in expected(world, START).items() if k[0] != account}
    assert output.bookmarks(STREAM).keys() == world.roles.keys() - {account}

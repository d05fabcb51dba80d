"""ad_performance row by row and value by value, and what is asked of LinkedIn for it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import typing as t

import pytest

from sandbox import Builder, Sandbox, World
from sandbox.world import worlds
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Entry
    from tests.singer import Output

START = dt.date(2026, 6, 20)
COSTS = ("impressions", "clicks", "cost_in_local_currency", "likes", "video_views")
"""Few metrics of several families, which make one field group."""


def performance(
    sandbox: Sandbox,
    columns: Iterable[str] | None = None,
    start: dt.date = START,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read ad_performance alone."""
    return singer.sync(
        singer.config(sandbox, start_date=start.isoformat(), **settings),
        catalog=singer.catalog({"ad_performance": columns}),
    )


def rows(output: Output) -> dict[tuple[t.Any, ...], dict[str, t.Any]]:
    """Return the records by key."""
    return by_key(output.records("ad_performance"), *truth.KEY)


def reports(sandbox: Sandbox) -> list[Entry]:
    """Return the report requests that were served."""
    return [entry for entry in sandbox.log if entry.resource == "adAnalytics"]


@pytest.mark.slow
def test_every_row_and_every_value(sandbox: Sandbox, world: World) -> None:
    """All metrics of all ads on all days are what LinkedIn has, to the last digit."""
    output = performance(sandbox)
    assert output.status == 0
    truth.assert_equal(rows(output), truth.ad_performance(world, START))
    assert len(reports(sandbox)) >= 7


def test_money_is_written_as_linkedin_sent_it(sandbox: Sandbox, world: World) -> None:
    """Tiny, negative and very exact amounts are in the output literally, as JSON numbers."""
    day = dt.date(2026, 11, 10)
    creative = min(world.deliveries)
    account = world.deliveries[creative].account
    for text in ("-2E-18", "99.99999999999996", "0E-18", "12345.123456789012345678"):
        world.restate(creative, day, {"costInLocalCurrency": text, "impressions": 5})
        output = performance(sandbox, COSTS, day, account_ids=[account])
        written = f'"cost_in_local_currency":{text}'.encode()
        assert written in output.stdout.replace(b" ", b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    ["omit_zeros", "decimals_as_numbers", "numbers_as_strings", "extra_fields", "next_link"],
)
def test_other_forms_of_an_answer_mean_the_same(sandbox: Sandbox, world: World, fault: str) -> None:
    """Zeros left out, numbers for strings and the reverse, new fields and links change nothing."""
    sandbox.faults.add(fault, path="/rest/adAnalytics", times=None)
    truth.assert_equal(rows(performance(sandbox)), truth.ad_performance(world, START))


def test_rows_of_different_field_groups_are_one_outer_join(sandbox: Sandbox, world: World) -> None:
    """A day with one group's metrics alone is a row: additive metrics are 0, others null."""
    day, creative = dt.date(2026, 11, 10), min(world.deliveries)
    where = world.deliveries[creative]
    figures: dict[str, t.Any] = {
        name: "0.0" if metric.kind == "decimal" else 0 for name, metric in truth.METRICS.items()
    }
    world.restate(creative, day, {**figures, "viralRegistrations": "3"})
    record = rows(performance(sandbox, None, day))[
        where.account, where.campaign, creative, day.isoformat()
    ]
    assert record["viral_registrations"] == 3
    assert record["impressions"] == 0
    assert record["cost_in_usd"] == 0
    assert record["approximate_member_reach"] is None
    assert record["average_video_watch_time"] is None


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(COSTS, id="one field group"),
        pytest.param(("likes",), id="one metric that is often zero"),
        pytest.param((), id="no metric: any activity"),
    ],
)
def test_rows_exist_for_the_selected_metrics(
    sandbox: Sandbox, world: World, columns: tuple[str, ...]
) -> None:
    """A row is there when one selected metric is not zero; with none selected, on any activity."""
    output = performance(sandbox, columns)
    truth.assert_equal(rows(output), truth.ad_performance(world, START, columns=columns))
    assert {frozenset(record) for record in rows(output).values()} == {
        frozenset((*truth.KEY, *columns))
    }


def test_only_selected_metrics_are_asked_for(sandbox: Sandbox) -> None:
    """Requests name the selected metrics and the key fields; nothing else is looked up."""
    performance(sandbox, ("impressions", "likes"))
    assert {tuple(entry.params["fields"]) for entry in reports(sandbox)} == {
        ("dateRange", "pivotValues", "impressions", "likes")
    }
    assert {entry.resource for entry in sandbox.log} == {"adAccounts", "adAnalytics"}


def test_requests_name_at_most_twenty_fields(sandbox: Sandbox) -> None:
    """Every metric is asked for, in as few groups as 20 names allow."""
    performance(sandbox)
    groups = {tuple(entry.params["fields"]) for entry in reports(sandbox)}
    asked = [name for group in groups for name in group[2:]]
    assert sorted(asked) == sorted(truth.METRICS)
    assert max(map(len, groups)) <= 20
    assert len(groups) == -(-len(asked) // 18)


@pytest.mark.parametrize(
    ("column", "resources"),
    [
        ("account_name", set()),
        ("currency_code", set()),
        ("creative_name", {"creatives"}),
        ("campaign_name", {"adCampaigns"}),
        ("campaign_group_id", {"adCampaigns"}),
        ("campaign_group_name", {"adCampaigns", "adCampaignGroups"}),
    ],
)
def test_names_are_looked_up_only_where_selected(
    sandbox: Sandbox, column: str, resources: set[str]
) -> None:
    """A name costs the requests that give it, once for each account with rows."""
    performance(sandbox, ("impressions", column))
    looked_up = [e for e in sandbox.log if e.resource not in {"adAccounts", "adAnalytics"}]
    assert {entry.resource for entry in looked_up} == resources
    assert len({entry.path for entry in looked_up}) == len(looked_up)


@pytest.mark.slow
def test_names_come_from_streams_that_are_read_anyway(sandbox: Sandbox) -> None:
    """With the entity streams selected, names take no further request."""
    streams = ("campaign_groups", "campaigns", "creatives")
    entities: dict[str, None] = dict.fromkeys(streams)
    singer.sync(singer.config(sandbox), catalog=singer.catalog(entities))
    alone = [entry.path for entry in sandbox.log if entry.resource != "adAnalytics"]
    sandbox.reset_log()
    singer.sync(
        singer.config(sandbox, start_date=START.isoformat()),
        catalog=singer.catalog({**entities, "ad_performance": None}),
    )
    together = [entry.path for entry in sandbox.log if entry.resource != "adAnalytics"]
    assert sorted(together) == sorted(alone)


def test_ids_urns_and_names(sandbox: Sandbox, world: World) -> None:
    """Each row carries ids, URNs and names of its creative, campaign, group and account."""
    accounts = {wire["id"]: wire for wire in world.accounts}
    groups = {wire["id"]: wire for wire in world.campaign_groups}
    campaigns = {wire["id"]: wire for wire in world.campaigns}
    creatives = {wire["id"]: wire for wire in world.creatives}
    for record in rows(performance(sandbox)).values():
        account, campaign = accounts[record["account_id"]], campaigns[record["campaign_id"]]
        group = int(campaign["campaignGroup"].rpartition(":")[2])
        creative = creatives[f"urn:li:sponsoredCreative:{record['creative_id']}"]
        expected = {
            "account_urn": f"urn:li:sponsoredAccount:{account['id']}",
            "account_name": account["name"],
            "currency_code": account["currency"],
            "campaign_group_id": group,
            "campaign_group_urn": campaign["campaignGroup"],
            "campaign_group_name": groups[group]["name"],
            "campaign_urn": f"urn:li:sponsoredCampaign:{campaign['id']}",
            "campaign_name": campaign["name"],
            "creative_urn": creative["id"],
            "creative_name": creative.get("name"),
        }
        assert expected.items() <= record.items()


def test_names_that_cannot_be_read_are_null(sandbox: Sandbox, world: World) -> None:
    """Facts do not depend on entities: where a look-up fails, names are null."""
    sandbox.faults.add(
        "status", path="/rest/adAccounts/", finder="criteria", times=None, status=404
    )
    output = performance(sandbox, ("impressions", "creative_name"))
    found = rows(output)
    assert found.keys() == truth.ad_performance(world, START, columns=["impressions"]).keys()
    assert {record["creative_name"] for record in found.values()} == {None}
    assert output.status == 0
    assert {incident["status"] for incident in output.summary["incidents"]} == {"warning"}


@pytest.mark.slow
@pytest.mark.parametrize("creatives", [14_999, 15_000, 15_001, 40_000])
def test_a_day_at_the_limit_is_complete(serve: Callable[..., Sandbox], creatives: int) -> None:
    """However many ads delivered on one day, each of them has its row."""
    world = worlds.dense(today=TODAY, creatives=creatives, campaigns=40)
    sandbox, start = serve(world), TODAY - dt.timedelta(days=20)
    output = performance(sandbox, COSTS, start)
    assert output.status == 0
    truth.assert_equal(rows(output), truth.ad_performance(world, start, columns=COSTS))
    taken = [entry for entry in reports(sandbox) if entry.rows < 15_000]
    assert sum(entry.rows for entry in taken if len(entry.params["pivots"]) > 1) == len(
        rows(output)
    )


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 4])
def test_accounts_that_had_to_be_asked_apart_are_all_complete(
    serve: Callable[..., Sandbox], workers: int
) -> None:
    """Accounts whose day is too large together all get their rows and their bookmarks."""
    world = worlds.dense(today=TODAY, creatives=9000, campaigns=9)
    build = Builder(world, days=30)
    other = build.account("Other", "EUR")
    campaign = build.campaign(build.group(other, "Default"), "Default")
    for _ in range(7000):
        build.creative(campaign, "share", first=worlds.busy_day(world), gaps=False, delivers=True)
    busy = worlds.busy_day(world)
    settings = {"start_date": busy.isoformat(), "end_date": busy.isoformat()}
    sandbox = serve(world)
    output = singer.sync(
        singer.config(sandbox, max_workers=workers) | settings,
        catalog=singer.catalog({"ad_performance": COSTS}),
    )
    assert output.status == 0
    truth.assert_equal(rows(output), truth.ad_performance(world, busy, busy, columns=COSTS))
    assert set(output.bookmarks("ad_performance").values()) == {busy.isoformat()}
    assert len(output.bookmarks("ad_performance")) == 2


@pytest.mark.slow
def test_a_campaign_too_large_for_one_day_fails_its_account_alone(
    serve: Callable[..., Sandbox],
) -> None:
    """Exit status 1 and a message; earlier days and other accounts are complete."""
    world = worlds.dense(today=TODAY, creatives=15_000, campaigns=1)
    build = Builder(world, days=30)
    small = build.account("Small", "EUR")
    campaign = build.campaign(build.group(small, "Default"), "Default")
    build.creative(campaign, "share", first=TODAY - dt.timedelta(days=20))
    busy, start = worlds.busy_day(world), TODAY - dt.timedelta(days=20)
    large = next(account["id"] for account in world.accounts if account["id"] != small)
    output = performance(serve(world), COSTS, start)
    assert output.status == 1
    expected = truth.ad_performance(world, start, columns=COSTS)
    whole = {key: row for key, row in expected.items() if key[0] == small or key[3] < str(busy)}
    found = rows(output)
    assert {key for key in found if key[0] == small} == {key for key in whole if key[0] == small}
    assert {key for key in found if key[0] == large} <= {key for key in whole if key[0] == large}
    assert output.bookmarks("ad_performance")[small] == TODAY.isoformat()
    assert output.bookmarks("ad_performance").get(large, "") < busy.isoformat()
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == large
    assert "15,000 rows" in incident["reason"]
    assert busy.isoformat() in incident["reason"]


def test_date_window_size_bounds_requests(sandbox: Sandbox, world: World) -> None:
    """No request asks for more days than the user allows."""
    output = performance(sandbox, COSTS, date_window_size=7)
    windows = [entry.params["dateRange"] for entry in reports(sandbox)]
    spans = {(_day(window["end"]) - _day(window["start"])).days + 1 for window in windows}
    assert max(spans) == 7
    truth.assert_equal(rows(output), truth.ad_performance(world, START, columns=COSTS))


def _day(parts: dict[str, str]) -> dt.date:
    return dt.date(int(parts["year"]), int(parts["month"]), int(parts["day"]))


def test_names_go_with_their_ad_accounts(sandbox: Sandbox, world: World) -> None:
    """Once an ad account is read, its names are dropped: memory does not grow with accounts."""
    first, *others = sorted(world.roles)
    partitions = [
        {
            "context": {"account_id": account},
            "replication_key": "metric_date",
            "replication_key_value": "2026-09-01" if account == first else "2026-11-01",
        }
        for account in (first, *others)
    ]
    with singer._signals_kept():
        tap = TapLinkedInAds(
            config=singer.config(sandbox, start_date="2026-08-01", max_workers=1),
            catalog=singer.catalog({"ad_performance": ["impressions", "campaign_name"]}),
            state={"bookmarks": {"ad_performance": {"partitions": partitions}}},
            clock=singer.QuickClock(),
        )
    stream, known = t.cast("t.Any", tap.streams["ad_performance"]), {}
    stream._lines = None  # one record at a time
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        for record in stream.get_records(None):
            account = record["account_id"]
            known[account] = {owner for _, owner in tap.directory.names._known}
    assert first in known.pop(first)
    assert known
    assert all(first not in owners for owners in known.values())

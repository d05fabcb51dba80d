"""Professional demographics: months and days, ad accounts and campaigns, names and requests."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.ads.names import name_of
from sandbox.world.metrics import METRICS, absent_metrics
from tap_linkedin_ads.streams.reports import ad_report
from tests import report_truth, singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Output

TRAITS = {
    "company_size": "MEMBER_COMPANY_SIZE",
    "industry": "MEMBER_INDUSTRY",
    "seniority": "MEMBER_SENIORITY",
    "job_title": "MEMBER_JOB_TITLE",
    "job_function": "MEMBER_JOB_FUNCTION",
    "country": "MEMBER_COUNTRY_V2",
    "region": "MEMBER_REGION_V2",
    "county": "MEMBER_COUNTY",
    "company": "MEMBER_COMPANY",
}
STREAMS = {f"ad_analytics_by_member_{trait}": pivot for trait, pivot in TRAITS.items()}
SENIORITY = "ad_analytics_by_member_seniority"
FEW = ("impressions", "clicks", "cost_in_usd")
START = dt.date(2026, 10, 15)
MONTH = dt.date(2026, 10, 1)
LAST_MONTH_END = dt.date(2026, 10, 31)
YESTERDAY = TODAY - dt.timedelta(days=1)
"""LinkedIn's demographics are a day late."""


def columns_of(trait: str) -> tuple[str, ...]:
    """Return columns to select: a few metrics, the value, its name and the dates."""
    stem = f"member_{trait}"
    shown = (f"{stem}_urn", f"{stem}_id", f"{stem}_name")
    return (*FEW, *shown, stem, "metric_end_date", "account_urn", "campaign_urn")


def read(
    sandbox: Sandbox,
    traits: t.Iterable[str] = ("seniority",),
    *,
    state: singer.Json | None = None,
    columns: tuple[str, ...] = (),
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read demographics of some traits."""
    selection = {f"ad_analytics_by_member_{x}": columns or columns_of(x) for x in traits}
    config = singer.config(sandbox, **{"start_date": START.isoformat(), **settings})
    output = singer.sync(config, catalog=singer.catalog({**selection}, **settings), state=state)
    assert output.status == 0, output.stderr[-1000:]
    return output


class Run(t.NamedTuple):
    """A run, and the sandbox that it read."""

    sandbox: Sandbox
    world: World
    output: Output


@pytest.fixture(scope="module")
def run(serve_module: Serve) -> Run:
    """Read all nine streams by month, once for all tests that look at them."""
    world = worlds.small(today=TODAY, days=70)
    sandbox = serve_module(world)
    return Run(sandbox, world, read(sandbox, TRAITS))


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.slow
def test_whole_months_are_linkedins(run: Run, stream: str) -> None:
    """From the first day of start_date's month on, every row and value; the key is unique."""
    pivot = STREAMS[stream]
    found = report_truth.records(run.output, stream, [pivot])
    truth.assert_equal(
        found,
        report_truth.rows(run.world, [pivot], FEW, MONTH, YESTERDAY, granularity="MONTHLY"),
    )
    (schema,) = (m for m in run.output.of_type("SCHEMA") if m["stream"] == stream)
    by_key(run.output.records(stream), *schema["key_properties"])
    ends = {(r["metric_date"], r["metric_end_date"]) for r in found.values()}
    assert ends == {("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30")}
    assert {r["time_granularity"] for r in found.values()} == {"MONTHLY"}
    assert {(r["campaign_id"], r["campaign_urn"]) for r in found.values()} == {(0, None)}


@pytest.mark.parametrize("trait", sorted(set(TRAITS) - {"company_size"}))
def test_values_are_named(run: Run, trait: str) -> None:
    """URNs come with their number and, where LinkedIn knows it, their name."""
    stem = f"member_{trait}"
    records = run.output.records(f"ad_analytics_by_{stem}")
    for record in records:
        urn = record[f"{stem}_urn"]
        assert record[f"{stem}_id"] == int(urn.rpartition(":")[2])
        assert record[f"{stem}_name"] == name_of(run.world, urn)
    assert any(record[f"{stem}_name"] for record in records)


def test_every_value_is_looked_up_once(run: Run) -> None:
    """In batches of fifty, each value once in the run; company sizes not at all."""
    asked = [e for e in run.sandbox.log if e.resource == "adTargetingEntities"]
    urns = [urn for entry in asked for urn in entry.params["urns"]]
    companies = [urn for urn in urns if urn.startswith("urn:li:organization:")]
    looked_up = [e for e in run.sandbox.log if e.resource == "organizationsLookup"]
    ids = [int(key) for entry in looked_up for key in entry.params["ids"]]
    assert len(urns) == len(set(urns))
    assert len(ids) == len(set(ids))
    values = {
        record[column]
        for trait in TRAITS
        for record in run.output.records(f"ad_analytics_by_member_{trait}")
        if (column := f"member_{trait}_urn") in record
    }
    assert values == {*urns, *(f"urn:li:organization:{number}" for number in ids)}
    assert {int(urn.rpartition(":")[2]) for urn in companies} <= set(ids)
    assert max(len(entry.params["urns"]) for entry in asked) <= 50
    sizes = [record["member_company_size"] for record in run.output.records(next(iter(STREAMS)))]
    assert all(size.startswith("SIZE_") for size in sizes)


def test_requests(run: Run) -> None:
    """One request for each ad account, three months and group of metrics, with one pivot."""
    asked = report_truth.requests(run.sandbox)
    assert len(asked) == 3 * len(STREAMS)
    assert {entry.finder for entry in asked} == {"analytics"}
    assert {len(entry.params["accounts"]) for entry in asked} == {1}
    assert {str(entry.params["dateRange"]["start"]["day"]) for entry in asked} == {"1"}
    assert {str(entry.params["dateRange"]["end"]["day"]) for entry in asked} == {"22"}


@pytest.mark.slow
def test_every_metric_that_exists(sandbox: Sandbox, world: World) -> None:
    """With all columns, a past month has every metric that demographics have, and no other."""
    pivot, end = STREAMS[SENIORITY], LAST_MONTH_END.isoformat()
    config = singer.config(sandbox, start_date=START.isoformat(), end_date=end)
    output = singer.sync(config, catalog=singer.catalog({SENIORITY: None}))
    columns = report_truth.metric_columns(output, SENIORITY)
    assert {truth.COLUMNS[c] for c in columns} == METRICS.keys() - absent_metrics((pivot,), 31)
    expected = report_truth.rows(
        world, [pivot], columns, MONTH, LAST_MONTH_END, granularity="MONTHLY"
    )
    truth.assert_equal(report_truth.records(output, SENIORITY, [pivot]), expected)
    assert output.bookmarks(SENIORITY) == dict.fromkeys(sorted(world.roles), end)


@pytest.mark.slow
def test_the_running_month_is_read_again(sandbox: Sandbox, world: World) -> None:
    """The next run reads the bookmark's month and the look-back's, and replaces their rows."""
    first = read(sandbox, start_date="2026-07-10")
    assert set(first.bookmarks(SENIORITY).values()) == {TODAY.isoformat()}
    sandbox.reset_log()
    world.today = TODAY + dt.timedelta(days=3)
    settings = {"end_date": "2026-11-25", "lookback_window": 30}
    clock = singer.QuickClock(world.today)
    config = singer.config(sandbox, start_date="2026-07-10", **settings)
    second = singer.sync(
        config,
        catalog=singer.catalog({SENIORITY: columns_of("seniority")}),
        state=first.state,
        clock=clock,
    )
    found = report_truth.records(second, SENIORITY, ["MEMBER_SENIORITY"])
    assert {key[1] for key in found} == {"2026-10-01", "2026-11-01"}
    end = world.today - dt.timedelta(days=1)
    expected = report_truth.rows(
        world, ["MEMBER_SENIORITY"], FEW, MONTH, end, granularity="MONTHLY"
    )
    truth.assert_equal(found, expected)
    known = report_truth.records(first, SENIORITY, ["MEMBER_SENIORITY"])
    assert {key for key in known if key[1] >= "2026-10"} <= found.keys()
    assert len(report_truth.requests(sandbox)) == 3


def test_days(sandbox: Sandbox, world: World) -> None:
    """By day, rows stand for their day, and windows are cut as for any report."""
    start = TODAY - dt.timedelta(days=9)
    output = read(sandbox, start_date=start.isoformat(), demographics_granularity="DAILY")
    found = report_truth.records(output, SENIORITY, ["MEMBER_SENIORITY"])
    truth.assert_equal(found, report_truth.rows(world, ["MEMBER_SENIORITY"], FEW, start, YESTERDAY))
    assert all(r["metric_date"] == r["metric_end_date"] for r in found.values())
    assert {r["time_granularity"] for r in found.values()} == {"DAILY"}


@pytest.mark.parametrize("granularity", ["MONTHLY", "DAILY"])
def test_by_campaign(sandbox: Sandbox, world: World, granularity: str) -> None:
    """At campaign level each campaign is asked for alone, and rows carry it."""
    start = MONTH if granularity == "MONTHLY" else TODAY - dt.timedelta(days=6)
    output = read(
        sandbox,
        start_date=start.isoformat(),
        demographics_level="campaign",
        demographics_granularity=granularity,
    )
    key = ("campaign_id", "account_id", "metric_date", "member_seniority_urn")
    found = by_key(output.records(SENIORITY), *key)
    expected = {
        (campaign["id"], *row): figures
        for campaign in world.campaigns
        for row, figures in report_truth.rows(
            world,
            ["MEMBER_SENIORITY"],
            FEW,
            start,
            YESTERDAY,
            granularity=granularity,
            campaigns=[campaign["id"]],
            accounts=[int(campaign["account"].rpartition(":")[2])],
        ).items()
    }
    truth.assert_equal(found, t.cast("t.Any", expected))
    for record in found.values():
        assert record["campaign_urn"] == f"urn:li:sponsoredCampaign:{record['campaign_id']}"
    naming = [e for e in report_truth.requests(sandbox) if e.params.get("pivot") == "CAMPAIGN"]
    others = [e for e in report_truth.requests(sandbox) if e.params.get("pivot") != "CAMPAIGN"]
    served = {delivery.campaign for delivery in world.deliveries.values()}
    assert len(naming) == len(world.roles)
    assert len(others) <= len(served)
    assert {len(e.params["campaigns"]) for e in others} == {1}


@pytest.mark.slow
def test_changed_granularity_or_level_starts_anew(sandbox: Sandbox) -> None:
    """Bookmarks of months are none of days, nor those of accounts any of campaigns."""
    first = read(sandbox)
    for changed in ({"demographics_granularity": "DAILY"}, {"demographics_level": "campaign"}):
        output = read(sandbox, state=first.state, **changed)
        assert min(r["metric_date"] for r in output.records(SENIORITY)) <= START.isoformat()


def test_two_years_are_kept(serve: Serve) -> None:
    """A month that began before LinkedIn's two years is not asked for, and a message says so."""
    world = worlds.small(today=TODAY, days=800)
    sandbox = serve(world)
    output = read(sandbox, start_date="2023-01-01", account_ids=[min(world.roles)])
    months = sorted({r["metric_date"] for r in output.records(SENIORITY)})
    assert months[0] == "2024-12-01"
    assert len(months) == 24
    asked = [entry.params["dateRange"] for entry in report_truth.requests(sandbox)]
    assert len(asked) == 8
    assert {str(r["start"]["day"]) for r in asked} == {"1"}


def test_too_large_a_window_is_cut_between_months(
    sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Months are asked for one by one before anything is given up; no month is cut in two."""
    account = min(world.roles)
    monkeypatch.setattr(ad_report, "ELEMENT_LIMIT", 100)
    sandbox.switches.max_elements = 100
    output = read(sandbox, ("industry",), start_date="2026-09-01", account_ids=[account])
    found = report_truth.records(output, "ad_analytics_by_member_industry", ["MEMBER_INDUSTRY"])
    expected = report_truth.rows(
        world,
        ["MEMBER_INDUSTRY"],
        FEW,
        dt.date(2026, 9, 1),
        YESTERDAY,
        granularity="MONTHLY",
        accounts=[account],
    )
    assert len(expected) >= 100
    truth.assert_equal(found, expected)
    ranges = [entry.params["dateRange"] for entry in report_truth.requests(sandbox)]
    assert len(ranges) == 1 + 3
    assert not any("campaigns" in entry.params for entry in report_truth.requests(sandbox))


def test_too_large_a_month_fails_its_account_alone(
    sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Campaigns asked apart would not add up to a month: exit 1, and the message says what can."""
    small, large = sorted(world.roles)[:2]
    monkeypatch.setattr(ad_report, "ELEMENT_LIMIT", 10)
    sandbox.switches.max_elements = 10
    config = singer.config(sandbox, start_date="2026-10-01", account_ids=[small, large])
    output = singer.sync(config, catalog=singer.catalog({SENIORITY: FEW}))
    assert output.status == 1
    assert {i["account_id"] for i in output.summary["incidents"]} == {small, large}
    assert all("demographics_level" in i["reason"] for i in output.summary["incidents"])
    assert output.records(SENIORITY) == []
    assert output.bookmarks(SENIORITY) == {}


@pytest.mark.refused("scope_missing")
def test_companies_are_named_without_the_page_scope(sandbox: Sandbox, world: World) -> None:
    """Where organizationsLookup is refused, the names come from ad targeting."""
    token = sandbox.oauth.issue(("r_ads", "r_ads_reporting"))
    output = read(sandbox, ("company",), access_token=token)
    records = output.records("ad_analytics_by_member_company")
    for record in records:
        assert record["member_company_name"] == name_of(world, record["member_company_urn"])
    assert any(record["member_company_name"] for record in records)


@pytest.mark.slow
def test_names_that_cannot_be_read_are_null(sandbox: Sandbox, world: World) -> None:
    """Facts do not depend on names: where look-ups fail, a warning says so once."""
    sandbox.faults.add("status", path="/rest/adTargetingEntities", times=None, status=404)
    output = read(sandbox, start_date="2026-07-01")
    found = report_truth.records(output, SENIORITY, ["MEMBER_SENIORITY"])
    first = dt.date(2026, 7, 1)
    expected = report_truth.rows(
        world, ["MEMBER_SENIORITY"], FEW, first, YESTERDAY, granularity="MONTHLY"
    )
    truth.assert_equal(found, expected)
    assert {record["member_seniority_name"] for record in found.values()} == {None}
    assert {incident["status"] for incident in output.summary["incidents"]} == {"warning"}
    assert len(output.summary["incidents"]) == 1


@pytest.mark.parametrize(("columns", "first", "further"), [(FEW, 5, 1), (None, 30, 6)])
def test_what_the_docs_say_they_cost(
    sandbox: Sandbox, world: World, columns: tuple[str, ...] | None, first: int, further: int
) -> None:
    """Requests of one stream and ad account: a first run over a year, and every further one."""
    page = (singer.ROOT / "docs" / "quotas.md").read_text()
    cell = "5 requests" if first == 5 else first
    assert f"| {cell} |" in next(x for x in page.splitlines() if x.startswith("| first run"))
    assert f"| {further} |" in next(x for x in page.splitlines() if x.startswith("| every fur"))
    stream = "ad_analytics_by_member_company_size"
    config = singer.config(sandbox, account_ids=[min(world.roles)])
    catalog = singer.catalog({stream: columns})
    output = singer.sync(config, catalog=catalog)
    assert len(report_truth.requests(sandbox)) == first
    sandbox.reset_log()
    singer.sync(config, catalog=catalog, state=output.state)
    assert len(report_truth.requests(sandbox)) == further

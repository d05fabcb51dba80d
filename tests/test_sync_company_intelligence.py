"""Companies that met an advertiser: windows, filters, names and LinkedIn's older limit."""

from __future__ import annotations

import typing as t
from decimal import Decimal

import pytest

from sandbox.answers.ads import intelligence
from sandbox.world.ads import companies
from tap_linkedin_ads.streams.ads import company_intelligence
from tests import singer
from tests.singer import TODAY, by_key
from tests.test_unreadable import about, changed

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from sandbox.api.log import Entry
    from tests.singer import Json, Output

STREAM = "company_intelligence"
KEY = (
    "account_id",
    "lookback_window",
    "campaign_id",
    "ad_segments",
    "company_page_url",
    "metric_date",
)
COUNTS = {
    "organicImpressions": "organic_impressions",
    "organicEngagements": "organic_engagements",
    "paidImpressions": "paid_impressions",
    "paidClicks": "paid_clicks",
    "paidEngagements": "paid_engagements",
    "paidLeads": "paid_leads",
    "paidQualifiedLeads": "paid_qualified_leads",
    "conversions": "conversions",
    "paidVideoViews": "paid_video_views",
}


def sync(
    sandbox: Sandbox,
    columns: t.Iterable[str] | None = None,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read companies."""
    version = {name: value for name, value in settings.items() if name == "api_version"}
    catalog = singer.catalog({STREAM: columns}, **version)
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def requests(sandbox: Sandbox) -> list[Entry]:
    """Return what was asked of LinkedIn's product."""
    return [entry for entry in sandbox.log if entry.resource == "accountIntelligence"]


def expected(
    world: World,
    window: str = "LAST_90_DAYS",
    segments: tuple[int, ...] = (),
    campaign: int | None = None,
) -> dict[tuple[t.Any, ...], Json]:
    """Return the records that a run must give, by key."""
    urns = [f"urn:li:adSegment:{number}" for number in segments]
    campaign_urn = f"urn:li:sponsoredCampaign:{campaign}" if campaign else None
    found: dict[tuple[t.Any, ...], Json] = {}
    for account in world.roles:
        for wire in companies.rows(world, account, window, urns, campaign_urn):
            cost = wire["costInLocalCurrencyPerPaidQualifiedLead"]
            record = {
                "account_id": account,
                "account_urn": f"urn:li:sponsoredAccount:{account}",
                "lookback_window": window,
                "campaign_id": campaign or 0,
                "campaign_urn": campaign_urn,
                "ad_segments": ",".join(urns),
                "metric_date": TODAY.isoformat(),
                "company_page_url": wire["companyPageUrl"],
                "company_name": wire["companyName"],
                "company_website": wire["companyWebsite"],
                "company_size": wire["companySize"],
                "industry_urn": wire["industry"],
                "industry_id": int(wire["industry"].rpartition(":")[2]),
                "country_code": wire["countryCode"],
                "engagement_level": wire["engagementLevel"],
                "cost_in_local_currency_per_paid_qualified_lead": Decimal(repr(cost)),
                **{column: wire[name] for name, column in COUNTS.items()},
            }
            found[tuple(record[column] for column in KEY)] = record
    return found


def test_every_company(sandbox: Sandbox, world: World) -> None:
    """Each company of each account with every column; the key is unique."""
    output = sync(sandbox)
    assert output.status == 0
    assert by_key(output.records(STREAM), *KEY) == expected(world)
    assert not any("skipCompanyDecoration" in entry.params for entry in requests(sandbox))


def test_windows(sandbox: Sandbox, world: World) -> None:
    """Any of the version's windows, each with rows of its own."""
    windows = ["LAST_7_DAYS", "LAST_180_DAYS", "LAST_365_DAYS"]
    output = sync(sandbox, company_intelligence_windows=windows)
    rows: dict[tuple[t.Any, ...], Json] = {}
    for window in windows:
        rows |= expected(world, window)
    assert by_key(output.records(STREAM), *KEY) == rows


def test_filters(sandbox: Sandbox, world: World) -> None:
    """One campaign and some segments narrow the figures, and the key says so."""
    campaign = min(row["id"] for row in world.campaigns)
    segments = tuple(sorted(int(key) for key in world.table("adSegments"))[:2])  # type: ignore[arg-type]
    output = sync(
        sandbox,
        company_intelligence_campaign_id=f"urn:li:sponsoredCampaign:{campaign}",
        company_intelligence_ad_segments=list(segments),
    )
    found = by_key(output.records(STREAM), *KEY)
    assert found == expected(world, segments=segments, campaign=campaign)
    assert found
    assert {record["organic_impressions"] for record in found.values()} == {0}


def test_names_that_are_not_selected_are_not_looked_up(sandbox: Sandbox, world: World) -> None:
    """LinkedIn is told to skip the names, which are slow to give."""
    output = sync(sandbox, ("paid_clicks",))
    assert output.status == 0
    assert len(output.records(STREAM)) == len(expected(world))
    assert all("company_name" not in record for record in output.records(STREAM))
    assert {entry.params["skipCompanyDecoration"] for entry in requests(sandbox)} == {"true"}


def test_the_next_run_reads_the_window_again(sandbox: Sandbox, world: World) -> None:
    """Whatever the bookmark says; on another day the rows are new ones: history grows."""
    first = sync(sandbox)
    assert first.bookmarks(STREAM) == dict.fromkeys(sorted(world.roles), TODAY.isoformat())
    assert sync(sandbox, state=first.state).records(STREAM) == first.records(STREAM)
    world.today = TODAY.replace(day=23)
    config = singer.config(sandbox, end_date="2026-11-23")
    catalog = singer.catalog({STREAM: ("paid_clicks",)})
    later = singer.sync(config, catalog=catalog, clock=singer.QuickClock(world.today))
    assert {record["metric_date"] for record in later.records(STREAM)} == {"2026-11-23"}


@pytest.mark.parametrize(
    ("version", "absent"),
    [
        ("202602", {"paid_qualified_leads", "conversions", "paid_video_views", "company_size"}),
        ("202603", {"paid_video_views", "company_size", "industry_urn", "industry_id"}),
        ("202605", {"company_size", "country_code"}),
        ("202606", set()),
    ],
)
def test_columns_by_version(sandbox: Sandbox, world: World, version: str, absent: set[str]) -> None:
    """A version's catalog has the columns that LinkedIn gives in it, and the run works."""
    output = sync(sandbox, api_version=version)
    assert output.status == 0
    records = by_key(output.records(STREAM), *KEY)
    full = expected(world)
    assert records.keys() == full.keys()
    for key, record in records.items():
        assert not absent & record.keys()
        assert record == {column: full[key][column] for column in record}
        assert len(record) == {"202602": 16, "202603": 18, "202605": 19, "202606": 24}[version] + 1


@pytest.mark.slow
def test_windows_of_older_versions(tmp_path: t.Any) -> None:  # noqa: ANN401
    """A window that the version does not have is refused at start-up."""
    settings = {"api_version": "202603", "company_intelligence_windows": ["LAST_180_DAYS"]}
    output = singer.run(singer.arguments(tmp_path, {"access_token": "unused", **settings}))
    assert output.status == 2
    assert "company_intelligence_windows" in output.stderr
    assert "with api_version 202603" in output.stderr


@pytest.fixture
def crowd(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """One account met more companies than older versions give, which is 1,000 here."""
    world.companies[min(world.roles)] = 1_700
    for module in (intelligence, company_intelligence):
        name = "ROW_LIMIT" if module is intelligence else "_ROW_LIMIT"
        assert getattr(module, name) == 100_000
        monkeypatch.setattr(module, name, 1_000)
    return world


def test_more_than_the_limit_of_older_versions(sandbox: Sandbox, crowd: World) -> None:
    """Newer versions have no limit: every company of every page is there."""
    output = sync(sandbox)
    assert output.status == 0
    assert by_key(output.records(STREAM), *KEY) == expected(crowd)
    assert max(int(entry.params["start"]) for entry in requests(sandbox)) > 1_000


@pytest.mark.refused("row_limit")
def test_what_an_older_version_withholds(sandbox: Sandbox, crowd: World) -> None:
    """What is allowed is delivered; exit status 1 says how much is missing and what helps."""
    output = sync(sandbox, ("paid_clicks",), api_version="202602")
    assert output.status == 1
    large = min(crowd.roles)
    of_large = [key for key in expected(crowd) if key[0] == large]
    delivered = [r for r in output.records(STREAM) if r["account_id"] == large]
    assert len(delivered) == 1_000 < len(of_large)
    assert len(output.records(STREAM)) - 1_000 == len(expected(crowd)) - len(of_large)
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == large
    assert f"LinkedIn gave 1,000 of {len(of_large):,} companies" in incident["reason"]
    assert "202603 or newer" in incident["reason"]
    assert large not in output.bookmarks(STREAM)


@pytest.mark.parametrize("skip_names", [False, True])
def test_companies_without_a_page_are_told_apart(sandbox: Sandbox, *, skip_names: bool) -> None:
    """Their website and name stand where others have the address of their page: each has a row."""

    def change(body: Json) -> None:
        for row in body["elements"][:2]:
            row["companyPageUrl"] = ""
        for row in body["elements"][2:3]:
            del row["companyPageUrl"]

    columns = ("company_website", "paid_clicks") if skip_names else None
    right = sync(sandbox, columns)
    with changed(sandbox, lambda e: e.resource == "accountIntelligence", change):
        output = sync(sandbox, columns)
    assert output.status == 0
    found = by_key(output.records(STREAM), *KEY)
    assert len(found) == len(right.records(STREAM))
    for record, whole in zip(output.records(STREAM), right.records(STREAM), strict=True):
        url = record["company_page_url"]
        if url != whole["company_page_url"]:
            name = "" if skip_names else f" {record['company_name']}"
            assert url == f"{record['company_website']}{name}"
        assert record == {**whole, "company_page_url": url}


def test_companies_that_cannot_be_told_apart(sandbox: Sandbox, world: World) -> None:
    """One is delivered, the others are set aside and named, and the bookmark stays."""
    account = min(world.roles)

    def change(body: Json) -> None:
        for row in body["elements"][:3]:
            row.update(companyPageUrl="", companyWebsite="", companyName="")

    where = about("accountIntelligence", account)
    with changed(sandbox, where, change):
        output = sync(sandbox)
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == (STREAM, account)
    assert "2 records" in incident["reason"]
    assert "cannot be told apart" in incident["reason"]
    assert len(by_key(output.records(STREAM), *KEY)) == len(expected(world)) - 2
    assert account not in output.bookmarks(STREAM)


@pytest.mark.refused("intelligence_product")
def test_without_the_product(sandbox: Sandbox, world: World) -> None:
    """One message, after one account, says that the app lacks LinkedIn's private product."""
    sandbox.switches.company_intelligence = False
    output = sync(sandbox, max_workers=1)
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] is None
    assert "private product" in incident["reason"]
    assert len(requests(sandbox)) <= 2 < len(world.roles)

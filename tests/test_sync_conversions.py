"""Conversion rules, their associations with campaigns, and conversion_performance."""

from __future__ import annotations

import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import worlds
from sandbox.world.ads import truth as assets
from sandbox.world.metrics import METRICS, absent_metrics
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.sync.entity_names import EntityNames
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import report_truth, singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Json, Output

SHARED = 20_990_001
START = dt.date(2026, 11, 1)
PERFORMANCE = ("CONVERSION", "CAMPAIGN", "CREATIVE")
STREAMS = (
    "conversions",
    "conversion_associated_campaigns",
    "campaign_conversions",
    "conversion_performance",
)


class Run(t.NamedTuple):
    """A run, and the sandbox that it read."""

    sandbox: Sandbox
    world: World
    output: Output


@pytest.fixture(scope="module")
def run(serve_module: Serve) -> Run:
    """Read everything about conversions once, for all tests that look at it."""
    world = worlds.small(today=TODAY)
    sandbox = serve_module(world)
    config = singer.config(sandbox, start_date=START.isoformat())
    output = singer.sync(config, catalog=singer.catalog(dict.fromkeys(STREAMS)))
    assert output.status == 0
    return Run(sandbox, world, output)


def sync(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read whole streams."""
    config = singer.config(sandbox, **settings)
    catalog = singer.catalog(
        dict.fromkeys(streams),
        **{name: value for name, value in settings.items() if name == "api_version"},
    )
    return singer.sync(config, catalog=catalog, state=state)


def instant(milliseconds: int | None) -> str | None:
    """Return LinkedIn's milliseconds as the tap writes instants."""
    if milliseconds is None:
        return None
    moment = dt.datetime.fromtimestamp(milliseconds // 1000, dt.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}+00:00"


def expected_rule(account: int, wire: Json) -> Json:
    """Return the record that an ad account must have of a rule."""
    value = wire.get("value", {})
    return {
        "id": wire["id"],
        "account_id": account,
        "account_urn": f"urn:li:sponsoredAccount:{account}",
        "owner_account_id": int(wire["account"].rpartition(":")[2]),
        "owner_account_urn": wire["account"],
        "name": wire["name"],
        "type": wire["type"],
        "enabled": wire["enabled"],
        "ownership_type": wire["ownershipType"],
        "conversion_method": wire["conversionMethod"],
        "attribution_type": wire["attributionType"],
        "post_click_attribution_window_size": wire["postClickAttributionWindowSize"],
        "view_through_attribution_window_size": wire["viewThroughAttributionWindowSize"],
        "value_type": wire["valueType"],
        "value_amount": Decimal(value["amount"]) if value else None,
        "value_currency_code": value.get("currencyCode"),
        "campaigns": wire["campaigns"],
        "associated_campaigns": wire["associatedCampaigns"],
        "url_match_rule_expression": wire.get("urlMatchRuleExpression"),
        "url_rules": wire["urlRules"],
        "image_pixel_tag": wire["imagePixelTag"],
        "created_time": instant(wire["created"]),
        "last_modified_time": instant(wire["lastModified"]),
        "last_callback_at": instant(wire.get("lastCallbackAt")),
        "latest_first_party_callback_at": instant(wire.get("latestFirstPartyCallbackAt")),
    }


def test_rules(run: Run) -> None:
    """Every rule that an account owns or shares, with every column, once for each account."""
    found = by_key(run.output.records("conversions"), "account_id", "id")
    assert found == {
        (account, wire["id"]): expected_rule(account, wire)
        for account in run.world.roles
        for wire in assets.conversions(run.world, account)
    }


def test_a_shared_rule_belongs_to_another_account(run: Run) -> None:
    """It comes once for each account, and names its owner each time."""
    both = [r for r in run.output.records("conversions") if r["id"] == SHARED]
    assert {r["ownership_type"] for r in both} == {"OWNED", "SHARED"}
    assert len({r["account_id"] for r in both}) == 2
    assert len({r["owner_account_id"] for r in both}) == 1
    kinds = [
        e.params["conversionOwnershipTypes"] for e in run.sandbox.log if e.resource == "conversions"
    ]
    assert kinds
    assert all(kind == ["OWNED", "SHARED"] for kind in kinds)


def test_associations(run: Run) -> None:
    """One row for each campaign of each rule, as each account sees the rule."""
    stream = "conversion_associated_campaigns"
    found = by_key(run.output.records(stream), "account_id", "conversion_id", "campaign_id")
    assert found == {
        (account, wire["id"], campaign): {
            "account_id": account,
            "account_urn": f"urn:li:sponsoredAccount:{account}",
            "conversion_id": wire["id"],
            "conversion_urn": association["conversion"],
            "campaign_id": campaign,
            "campaign_urn": association["campaign"],
            "associated_at": instant(association["associatedAt"]),
        }
        for account in run.world.roles
        for wire in assets.conversions(run.world, account)
        for association in wire["associatedCampaigns"]
        for campaign in (int(association["campaign"].rpartition(":")[2]),)
    }


def test_campaign_conversions(run: Run) -> None:
    """The same association campaign by campaign, whoever owns the rule."""
    stream = "campaign_conversions"
    found = by_key(run.output.records(stream), "campaign_id", "conversion_id")
    assert found == {
        (campaign, conversion): {
            "account_id": account,
            "account_urn": f"urn:li:sponsoredAccount:{account}",
            "campaign_id": campaign,
            "campaign_urn": wire["campaign"],
            "conversion_id": conversion,
            "conversion_urn": wire["conversion"],
            "associated_at": instant(wire["associatedAt"]),
        }
        for account in run.world.roles
        for wire in assets.campaign_conversions(run.world, account)
        for campaign in (int(wire["campaign"].rpartition(":")[2]),)
        for conversion in (int(wire["conversion"].rpartition(":")[2]),)
    }
    assert any(conversion == SHARED for _, conversion in found)


def test_campaign_conversions_name_every_resource_that_they_read() -> None:
    """`check` holds the token's scopes against all of them."""
    with singer._signals_kept():
        tap = TapLinkedInAds(config={"access_token": "unused"})
    stream = tap.streams["campaign_conversions"]
    assert isinstance(stream, LinkedInStream)
    assert stream.resources == ("adAccounts", "adCampaigns", "campaignConversions")


def test_performance(run: Run) -> None:
    """Every row and value by rule, campaign and creative, with the metrics that exist for them."""
    stream = "conversion_performance"
    columns = report_truth.metric_columns(run.output, stream)
    assert {truth.COLUMNS[c] for c in columns} == METRICS.keys() - absent_metrics(PERFORMANCE, 1)
    found = report_truth.records(run.output, stream, PERFORMANCE)
    truth.assert_equal(found, report_truth.rows(run.world, PERFORMANCE, columns, START))
    key = ("account_id", "conversion_id", "campaign_id", "creative_id", "metric_date")
    by_key(run.output.records(stream), *key)
    requests = [e for e in report_truth.requests(run.sandbox) if "CONVERSION" in e.params["pivots"]]
    assert {entry.finder for entry in requests} == {"statistics"}
    assert {len(entry.params["accounts"]) for entry in requests} == {1}


def test_performance_names_everything(run: Run) -> None:
    """Each row has ids, URNs and names of rule, creative, campaign, group and account."""
    world = run.world
    accounts = {wire["id"]: wire for wire in world.accounts}
    groups = {f"urn:li:sponsoredCampaignGroup:{w['id']}": w for w in world.campaign_groups}
    campaigns = {wire["id"]: wire for wire in world.campaigns}
    creatives = {wire["id"]: wire for wire in world.creatives}
    rules = {a: {w["id"]: w for w in assets.conversions(world, a)} for a in world.roles}
    for record in run.output.records("conversion_performance"):
        account, campaign = accounts[record["account_id"]], campaigns[record["campaign_id"]]
        group = campaign["campaignGroup"]
        conversion = record["conversion_id"]
        expected = {
            "account_urn": f"urn:li:sponsoredAccount:{account['id']}",
            "account_name": account["name"],
            "currency_code": account["currency"],
            "campaign_group_id": groups[group]["id"],
            "campaign_group_urn": group,
            "campaign_group_name": groups[group]["name"],
            "campaign_urn": f"urn:li:sponsoredCampaign:{campaign['id']}",
            "campaign_name": campaign["name"],
            "creative_urn": f"urn:li:sponsoredCreative:{record['creative_id']}",
            "creative_name": creatives[record["creative_urn"]].get("name"),
            "conversion_urn": f"urn:lla:llaPartnerConversion:{conversion}",
            "conversion_name": rules[account["id"]][conversion]["name"],
        }
        assert expected.items() <= record.items()


@pytest.mark.parametrize(
    ("stream", "columns"),
    [
        (
            "conversions",
            (
                "last_callback_at account_id account_urn attribution_type image_pixel_tag id name "
                "created_time last_modified_time enabled value_currency_code value_amount type "
                "post_click_attribution_window_size view_through_attribution_window_size"
            ),
        ),
        (
            "conversion_associated_campaigns",
            "conversion_id associated_at conversion_urn campaign_urn",
        ),
        (
            "conversion_performance",
            (
                "metric_date account_id campaign_urn campaign_id campaign_name conversion_urn "
                "conversion_id creative_urn creative_id creative_name"
            ),
        ),
    ],
)
def test_columns_of_the_connectors_tables(run: Run, stream: str, columns: str) -> None:
    """Columns that users of the commercial connector rely on exist and are described."""
    (schema,) = (m["schema"] for m in run.output.of_type("SCHEMA") if m["stream"] == stream)
    for column in columns.split():
        assert schema["properties"][column]["description"]


def test_the_next_run_leaves_out_settled_rules(sandbox: Sandbox, world: World) -> None:
    """Disabled rules that were last seen long ago are left out; children come all the same."""
    first = sync(sandbox, "conversions", "conversion_associated_campaigns", lookback_window=0)
    newest = {
        account: max(wire["lastModified"] for wire in assets.conversions(world, account))
        for account in world.roles
    }
    assert first.bookmarks("conversions") == {a: instant(ms) for a, ms in newest.items()}
    disabled = [r for r in first.records("conversions") if not r["enabled"]]
    assert disabled
    world.change("conversions", min(r["id"] for r in disabled), lastModified=world.now - 1)
    settings = {"state": first.state, "lookback_window": 0}
    second = sync(sandbox, "conversions", "conversion_associated_campaigns", **settings)
    returned = {(r["account_id"], r["id"]) for r in second.records("conversions")}
    for record in first.records("conversions"):
        key = (record["account_id"], record["id"])
        changed = (
            record["last_modified_time"],
            record["last_callback_at"] or "",
            *(instant(a["associatedAt"]) or "" for a in record["associated_campaigns"]),
        )
        bookmark = first.bookmarks("conversions")[record["account_id"]]
        touched = record["id"] == min(r["id"] for r in disabled)
        assert (key in returned) == (record["enabled"] or touched or max(changed) >= bookmark)
    stream = "conversion_associated_campaigns"
    assert second.records(stream) == first.records(stream)
    third = sync(sandbox, stream, state=second.state)
    assert third.streams == [stream]
    assert third.records(stream) == first.records(stream)


@pytest.mark.parametrize("happening", ["lastCallbackAt", "associatedAt"])
@pytest.mark.slow
def test_what_happens_to_a_disabled_rule_brings_it_back(
    sandbox: Sandbox, world: World, happening: str
) -> None:
    """A call-back or a new association counts as a change, though lastModified stays."""
    first = sync(sandbox, "conversions", lookback_window=0)
    quiet = sync(sandbox, "conversions", state=first.state, lookback_window=0)
    settled = {r["id"] for r in first.records("conversions")} - {
        r["id"] for r in quiet.records("conversions")
    }
    rule = min(settled)
    wire = world.table("conversions")[rule]
    changes: Json = {"lastModified": wire["lastModified"], "lastCallbackAt": world.now - 5}
    if happening == "associatedAt":
        (campaign, *_) = wire["associatedCampaigns"]
        changes = {
            "lastModified": wire["lastModified"],
            "associatedCampaigns": [{**campaign, "associatedAt": world.now - 5}],
        }
    world.change("conversions", rule, **changes)
    again = sync(sandbox, "conversions", state=quiet.state, lookback_window=0)
    assert rule in {r["id"] for r in again.records("conversions")}


def test_full_table_gives_every_rule(sandbox: Sandbox) -> None:
    """A catalog that says FULL_TABLE gets everything, and keeps no bookmark."""
    first = sync(sandbox, "conversions", lookback_window=0)
    catalog = singer.catalog({"conversions": None}, full_table=["conversions"])
    config = singer.config(sandbox, lookback_window=0)
    second = singer.sync(config, catalog=catalog, state=first.state)
    assert second.records("conversions") == first.records("conversions")


def test_versions_before_ownership(sandbox: Sandbox, world: World) -> None:
    """Before 202605 LinkedIn gives owned rules only; the column is left out."""
    output = sync(sandbox, "conversions", api_version="202604")
    assert output.status == 0
    owned = {
        (account, wire["id"])
        for account in world.roles
        for wire in assets.conversions(world, account, ["OWNED"])
    }
    found = by_key(output.records("conversions"), "account_id", "id")
    assert found.keys() == owned
    assert all("ownership_type" not in record for record in found.values())


def test_performance_of_the_next_run(sandbox: Sandbox, world: World) -> None:
    """It reads the look-back again, from each account's own bookmark."""
    columns = ("external_website_conversions", "conversion_urn", "campaign_urn", "creative_urn")
    catalog = singer.catalog({"conversion_performance": columns})
    config = singer.config(sandbox, start_date="2026-10-01", lookback_window=4)
    first = singer.sync(config, catalog=catalog)
    assert set(first.bookmarks("conversion_performance").values()) == {TODAY.isoformat()}
    second = singer.sync(config, catalog=catalog, state=first.state)
    truth.assert_equal(
        report_truth.records(second, "conversion_performance", PERFORMANCE),
        report_truth.rows(world, PERFORMANCE, columns[:1], TODAY - dt.timedelta(days=4)),
    )


def test_campaigns_are_forgotten_when_nothing_else_wants_them() -> None:
    """Reading campaign_conversions keeps the campaigns of few accounts at a time."""
    names = EntityNames(t.cast("t.Any", None), {})
    for readers, kept in ((1, ()), (2, (5,))):
        for _ in range(readers):
            names.expect(["campaigns"])
        names.learn("campaigns", 7, {"id": 5, "name": "Five"})
        names.completed("campaigns", 7)
        assert tuple(names.of_account("campaigns", 7)) == (5,)
        names.forget(["campaigns"], [7])
        assert tuple(names.of_account("campaigns", 7)) == kept
        for _ in range(readers):
            names.release(["campaigns"])


def test_many_campaigns_are_asked_for_together(serve: Serve) -> None:
    """A hundred campaigns share a request, and pages of associations are all read."""
    world = worlds.reference(today=TODAY, days=3, campaigns=130, creatives=130)
    account = min(world.roles)
    campaigns = [row["id"] for row in world.campaigns]
    for rule in world.conversions[account]:
        wire = world.table("conversions")[rule]
        association = wire["associatedCampaigns"][0]
        wire["associatedCampaigns"] = [
            {**association, "campaign": f"urn:li:sponsoredCampaign:{campaign}"}
            for campaign in campaigns
        ]
    sandbox = serve(world)
    output = sync(sandbox, "campaign_conversions")
    found = by_key(output.records("campaign_conversions"), "campaign_id", "conversion_id")
    assert len(found) == len(campaigns) * len(world.conversions[account])
    asked = [e for e in sandbox.log if e.resource == "campaignConversions"]
    assert sorted({len(entry.params["campaigns"]) for entry in asked}) == [30, 100]

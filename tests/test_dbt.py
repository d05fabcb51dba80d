"""What comes after a load: the models in dbt/, and the tables that fivetran/dbt_linkedin reads."""

from __future__ import annotations

import decimal
import typing as t
from decimal import Decimal

import pytest
import yaml

from sandbox.world import worlds
from sandbox.world.metrics import METRICS, absent_metrics
from tests import dbt_project, fivetran, report_truth, singer, truth
from tests.warehouse import SCHEMA, load

if t.TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Postgres
    from tests.conftest import Serve
    from tests.warehouse import Row, Warehouse

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

MARTS = "linkedin_ads_marts"
SPEND = "linkedin_ads__daily_spend_by_campaign"
CONVERSIONS = "linkedin_ads__daily_conversions_by_rule"
POSTS = "linkedin_ads__posts_with_engagement"
RULES = ("CONVERSION", "CAMPAIGN", "CREATIVE")
HASHTAGS = {
    "Twice #same and #same and #same": "same",
    "Names O(pen) [Inc]  # alone": None,
    "Plain #tag and #Größe, but #nottag and mail contact@page.example | 100% *bold*": "Größe tag",
}
EXACT = decimal.Context(prec=60)

Sums = dict[tuple[t.Any, ...], dict[str, Decimal]]


def summed(rows: t.Iterable[tuple[tuple[t.Any, ...], dict[str, t.Any]]]) -> Sums:
    """Add up figures by key, to the last digit."""
    found: Sums = {}
    for key, figures in rows:
        sums = found.setdefault(key, dict.fromkeys(figures, Decimal(0)))
        for name, figure in figures.items():
            sums[name] = EXACT.add(sums[name], Decimal(str(figure)))
    return found


def figures(rows: list[Row], key: t.Sequence[str], columns: t.Mapping[str, str]) -> Sums:
    """Return a mart's figures by key; none comes twice."""
    found = {
        tuple(row[part] for part in key): {c: Decimal(row[name]) for c, name in columns.items()}
        for row in rows
    }
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def warehouse(
    serve_module: Serve, server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """Load the small world once, as docs/dbt.md says for both kinds of models."""
    world = worlds.small(today=singer.TODAY)
    return load(world, serve_module(world), server, tmp_path_factory.mktemp("meltano"))


@pytest.fixture(scope="module")
def built(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, t.Any]]:
    """Build the models as docs/dbt.md says."""
    return dbt_project.build(warehouse.server, tmp_path_factory.mktemp("dbt"), MARTS)


def test_build_is_clean(built: dict[str, dict[str, t.Any]]) -> None:
    """Every model is made and every test of the project passes; dbt counts no user."""
    assert {SPEND, CONVERSIONS, POSTS} <= built.keys()
    assert {result["status"] for result in built.values()} == {"success", "pass"}
    assert not (dbt_project.PROJECT / ".user.yml").exists()


@pytest.mark.usefixtures("built")
def test_every_column_is_described(warehouse: Warehouse) -> None:
    """The properties files describe the columns that there are, in their order."""
    described = {
        model["name"]: [column["name"] for column in model["columns"] if column["description"]]
        for path in dbt_project.PROJECT.glob("models/*/*.yml")
        for model in yaml.safe_load(path.read_text()).get("models", [])
        if model["description"]
    }
    assert described == {name: list(found) for name, found in warehouse.columns(MARTS).items()}


@pytest.mark.usefixtures("built")
def test_spend_is_linkedins(warehouse: Warehouse) -> None:
    """Each campaign and day has the sum of its creatives, digit by digit, and no other is there."""
    columns = (
        "cost_in_local_currency",
        "cost_in_usd",
        "impressions",
        "clicks",
        "conversion_value_in_local_currency",
        "external_website_conversions",
    )
    world = warehouse.world
    rows = truth.ad_performance(world, warehouse.start, world.today)
    expected = summed(
        ((account, campaign, day), {column: row[column] for column in columns})
        for (account, campaign, _, day), row in rows.items()
    )
    found = warehouse.table(MARTS, SPEND)
    for row in found:
        row["day"] = row["metric_date"].isoformat()
    same = dict(zip(columns, columns, strict=True))
    assert figures(found, ("account_id", "campaign_id", "day"), same) == expected
    assert sum(row["cost_in_local_currency"] for row in found) > 0


@pytest.mark.usefixtures("built")
def test_spend_has_names_and_currency(warehouse: Warehouse) -> None:
    """Archived campaigns have their names as well, and two currencies stay apart."""
    world = warehouse.world
    campaigns = {row["id"]: row for row in world.campaigns}
    groups = {row["id"]: row for row in world.campaign_groups}
    accounts = {row["id"]: row for row in world.accounts}
    found = warehouse.table(MARTS, SPEND)
    for row in found:
        campaign, account = campaigns[row["campaign_id"]], accounts[row["account_id"]]
        group = groups[row["campaign_group_id"]]
        assert campaign["campaignGroup"].endswith(f":{group['id']}")
        assert row["campaign_name"] == campaign["name"]
        assert row["campaign_status"] == campaign["status"]
        assert row["campaign_group_name"] == group["name"]
        assert (row["account_name"], row["currency_code"]) == (account["name"], account["currency"])
    assert {"EUR", "USD"} <= {row["currency_code"] for row in found}
    assert "ARCHIVED" in {row["campaign_status"] for row in found}


@pytest.mark.usefixtures("built")
def test_conversions_are_linkedins(warehouse: Warehouse) -> None:
    """Each rule and day has the sum of its campaigns, with its name and type."""
    columns = {
        "external_website_conversions": "conversions",
        "external_website_post_click_conversions": "post_click_conversions",
        "external_website_post_view_conversions": "post_view_conversions",
        "conversion_value_in_local_currency": "conversion_value_in_local_currency",
    }
    world = warehouse.world
    there = [truth.snake(name) for name in METRICS.keys() - absent_metrics(RULES, 1)]
    rows = report_truth.rows(world, RULES, there, warehouse.start, world.today)
    expected = summed(
        ((account, int(rule.rpartition(":")[2]), day), {c: row[c] for c in columns})
        for (account, day, rule, _, _), row in rows.items()
    )
    found = warehouse.table(MARTS, CONVERSIONS)
    for row in found:
        row["day"] = row["metric_date"].isoformat()
    assert figures(found, ("account_id", "conversion_id", "day"), columns) == expected
    for row in found:
        rule = world.table("conversions")[row["conversion_id"]]
        assert (row["conversion_name"], row["conversion_type"]) == (rule["name"], rule["type"])


@pytest.mark.usefixtures("built")
def test_posts_have_their_engagement(warehouse: Warehouse) -> None:
    """Each post that was loaded has LinkedIn's statistics, and the rate is LinkedIn's."""
    posts = warehouse.world.pages.truth
    loaded = {row["post_urn"]: row for row in warehouse.table(SCHEMA, "posts")}
    found = {row["post_urn"]: row for row in warehouse.table(MARTS, POSTS)}
    assert found.keys() == loaded.keys()
    for urn, row in found.items():
        known = posts.post_statistics(urn)
        counts = ("click", "like", "comment", "share", "impression")
        names = ("clicks", "likes", "comments", "shares", "impressions")
        assert [row[name] for name in names] == [known[f"{name}Count"] for name in counts]
        if known["impressionCount"]:
            assert float(row["engagement_rate"]) == pytest.approx(float(known["engagement"]))
        else:
            assert row["engagement_rate"] is None
        assert row["post_text"] == loaded[urn]["commentary_text"]
    tagged = {row["post_text"]: row["hashtags"] for row in found.values()}
    assert {text: tagged[text] for text in HASHTAGS} == HASHTAGS
    for row in found.values():
        assert row["hashtag_count"] == len((row["hashtags"] or "").split())


WORN = """
create schema worn;
create table worn.ad_accounts as table linkedin_ads.ad_accounts;
create table worn.campaign_groups as table linkedin_ads.campaign_groups;
create table worn.campaigns as table linkedin_ads.campaigns;
create table worn.ad_performance as table linkedin_ads.ad_performance;
create table worn.posts as select *, current_date as metric_date from linkedin_ads.posts;
insert into worn.posts select * from worn.posts;
update worn.posts set metric_date = metric_date - 1, lifetime_click_count = -1
where ctid in (select max(ctid) from worn.posts group by post_urn);
create table worn.post_hashtags as table linkedin_ads.post_hashtags;
insert into worn.post_hashtags (post_urn, hashtag, post_last_modified_at)
select post_urn, 'taken_out', last_modified_at - interval '1 day' from linkedin_ads.posts;
update worn.campaigns set name = 'renamed' where id = 360450000;
delete from worn.campaigns where id = 360450002;
delete from worn.ad_accounts where id = 512340002;
update worn.ad_performance set currency_code = null where account_id = 512340001;
"""


def test_gaps_lose_no_figures(
    built: dict[str, dict[str, t.Any]], warehouse: Warehouse, tmp_path: Path
) -> None:
    """A campaign or account without its row keeps its figures and names, and is told of.

    A renamed campaign has one name, an older day of a post's history and a hashtag of its older
    text do not count, and models of what is not loaded are left out.
    """
    warehouse.execute(WORN)
    results = dbt_project.build(
        warehouse.server,
        tmp_path,
        "worn_marts",
        linkedin_ads_schema="worn",
        linkedin_ads_using_conversions=False,
    )
    warned = [name for name, result in results.items() if result["status"] == "warn"]
    gaps = ("account_id", "campaign_id")
    assert sorted(name.split("__")[1] for name in warned) == [f"ad_performance_{g}" for g in gaps]
    assert not any("conversion" in name for name in results)
    assert any("conversion" in name for name in built)
    before, after = (
        {
            (row["account_id"], row["campaign_id"], row["metric_date"]): row
            for row in warehouse.table(schema, SPEND)
        }
        for schema in (MARTS, "worn_marts")
    )
    assert after.keys() == before.keys()
    for key, row in after.items():
        gone = key[1] == 360450002
        renamed = {"campaign_name": "renamed"} if key[1] == 360450000 else {}
        lost = dict.fromkeys(("campaign_status", "campaign_type", "objective_type") * gone)
        assert row == before[key] | lost | renamed
    assert {key[1] for key in after} >= {360450000, 360450002}
    assert warehouse.table("worn_marts", POSTS) == warehouse.table(MARTS, POSTS)


@pytest.mark.parametrize("table", fivetran.READ)
def test_fivetran_finds_its_columns(warehouse: Warehouse, table: str) -> None:
    """Every column that the package reads is there with a fitting type, but for those named."""
    schema, name = fivetran.place(table)
    loaded = warehouse.columns(schema)[name]
    missing = {(table, column) for column in fivetran.READ[table] if column not in loaded}
    assert missing == {pair for pair in fivetran.FILLED if pair[0] == table}
    wrong = {
        column: loaded[column]
        for column, fitting in fivetran.READ[table].items()
        if column in loaded and loaded[column] not in fitting
    }
    assert not wrong
    assert warehouse.table(schema, name)


@pytest.mark.parametrize("table", ["ad_analytics_by_campaign", "ad_analytics_by_creative"])
def test_fivetrans_days_are_the_days_of_the_figures(warehouse: Warehouse, table: str) -> None:
    """The stream maps add the day under the package's name and take nothing away."""
    for row in warehouse.table(*fivetran.place(table)):
        assert row["day"] == row["metric_date"]


@pytest.mark.parametrize("kind", ["country", "region"])
def test_fivetrans_months_and_places(warehouse: Warehouse, kind: str) -> None:
    """Months are texts such as 2026-11, of one campaign, and a place has its name in geo."""
    names = {row["id"]: row["value"] for row in warehouse.table(*fivetran.place("geo"))}
    assert len(names) == len(warehouse.table(*fivetran.place("geo")))
    rows = warehouse.table(*fivetran.place(f"monthly_ad_analytics_by_member_{kind}"))
    assert names.keys() & {row[f"member_{kind}"] for row in rows}
    for row in rows:
        assert row["month"] == f"{row['metric_date']:%Y-%m}"
        assert row["time_granularity"] == "MONTHLY"
        assert row["campaign_id"] > 0
        assert row[f"member_{kind}"] == row[f"member_{kind}_id"]
        assert names.get(row[f"member_{kind}"]) == row[f"member_{kind}_name"]  # null: unknown


@pytest.mark.parametrize("table", ["account_history", "campaign_history"])
def test_version_tags_are_numbers(warehouse: Warehouse, table: str) -> None:
    """The package casts them."""
    tags = {row["version_tag"] for row in warehouse.table(*fivetran.place(table))}
    assert tags
    assert all(tag is None or tag.isdecimal() for tag in tags)


def test_our_tables_stay_as_they_are(warehouse: Warehouse) -> None:
    """Only geo is new: no table of the tap has another name."""
    assert "geo" in warehouse.columns(SCHEMA)
    identifiers = {fivetran.place(table)[1] for table in fivetran.READ} - {"geo"}
    assert identifiers <= warehouse.columns(SCHEMA).keys()

"""What comes after a load: the models in dbt/, the tables that Fivetran's packages read, queries.

The dashboard on the models is shown here as well, because they are built once for all of it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
import typing as t
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
import yaml
from psycopg.rows import dict_row

from dashboard import queries
from dashboard.queries import Marts
from sandbox import Builder
from sandbox.world import worlds
from sandbox.world.ads import build, messages
from sandbox.world.ads import truth as assets
from sandbox.world.metrics import METRICS, absent_metrics
from tests import (
    browser,
    dashboard,
    dbt_project,
    fivetran,
    report_truth,
    singer,
    test_page_facets,
    truth,
)
from tests.test_sync_ad_posts import expected_texts
from tests.test_sync_posts import medium
from tests.warehouse import DAYS, SCHEMA, load

if t.TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Postgres
    from sandbox import World
    from tests.conftest import Serve
    from tests.warehouse import Row, Warehouse

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

MARTS = "linkedin_ads_marts"
SPEND = "linkedin_ads__daily_spend_by_campaign"
CONVERSIONS = "linkedin_ads__daily_conversions_by_rule"
POSTS = "linkedin_ads__posts_with_engagement"
CREATIVES = "linkedin_ads__creatives"
PARAMETERS = "linkedin_ads__landing_page_parameters"
GROWTH = "linkedin_ads__page_growth_by_facet"
REACTIONS = "linkedin_ads__posts_with_reactions"
PACING = "linkedin_ads__budget_pacing"
FOLLOWERS = "linkedin_ads__followers_by_day"
RECEIPTS = "linkedin_ads__report_receipts"
ON_DEMAND = (
    "ad_posts",
    "message_ads",
    "tracking_parameters",
    "follower_facets",
    "reactions",
    "followers",
    "report_coverage",
)
LANDING_PAGE = (
    "https://example.com/?q?utm_campaign=Fr%C3%BChling+%26%20Co&utm_term=100%&&utm_id=&flag"
    "&latin=%fcber&nul=a%00&utm_content=%F0%9F%93%88%25#a?utm_source=none"
)
READ_FROM_IT = [
    ("q?utm_campaign", "Frühling & Co"),
    ("utm_term", "100%"),
    ("utm_id", ""),
    ("flag", None),
    ("latin", "%fcber"),
    ("nul", "a%00"),
    ("utm_content", "📈%"),
]
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
    """Load the small world once, as docs/dbt.md says for all kinds of models."""
    world = worlds.small(today=singer.TODAY)
    campaign = world.campaigns[0]["id"]
    text = {"headline": "Odd", "description": "Address", "landingPage": LANDING_PAGE}
    Builder(world).creative(campaign, content={"textAd": text}, delivers=False)
    build.add_tracking(
        world,
        f"urn:li:sponsoredCampaign:{campaign}",
        dynamicValueParameters={
            "utm_campaign": "CAMPAIGN_NAME",
            "group": "CAMPAIGN_GROUP_NAME",
            "ad": "CREATIVE_ID",
        },
        customValueParameters={"utm_source": "linkedin"},
    )
    return load(world, serve_module(world), server, tmp_path_factory.mktemp("meltano"))


@pytest.fixture(scope="module")
def built(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, t.Any]]:
    """Build the models as docs/dbt.md says."""
    loaded = {f"linkedin_ads_using_{name}": True for name in ON_DEMAND}
    return dbt_project.build(warehouse.server, tmp_path_factory.mktemp("dbt"), MARTS, **loaded)


def test_build_is_clean(built: dict[str, dict[str, t.Any]]) -> None:
    """Every model is made and every test of the project passes; dbt counts no user."""
    assert {path.stem for path in dbt_project.PROJECT.glob("models/*/*.sql")} <= built.keys()
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


def shown(world: World, creative: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return what an ad that holds or sponsors something to read shows, from LinkedIn's objects."""
    (kind, inside), *_ = creative["content"].items()
    if kind in {"textAd", "spotlight"}:
        return {
            "headline": inside["headline"],
            "ad_text": inside["description"],
            "landing_page": inside["landingPage"],
            "picture_url": None,
        }
    if kind != "reference":
        return {}
    posts = assets.posts_of_ads(world)
    if inside in posts:
        wire = posts[inside][1]
        texts = expected_texts(wire)
        return {
            "headline": texts["headline"],
            "landing_page": texts["landing_page"],
            "picture_url": picture(world, (wire or {}).get("content", {})),
        }
    message = world.table(messages.MESSAGES).get(inside)
    if message is None:
        return {}
    regular = message["subContent"].get("regular", {})
    return {
        "headline": message["subject"],
        "ad_text": dict(messages.BODIES).get(message["htmlBody"]),
        "landing_page": regular.get("callToActionLandingPageUrl"),
        "picture_urn": regular.get("rightRailAdPicture"),
    }


def picture(world: World, content: dict[str, t.Any]) -> str | None:
    """Return the address of a post's picture, or of the first one, or of its video's thumbnail."""
    single = content.get("media", {}).get("id", "")
    if single.startswith("urn:li:document:"):
        return None
    cards = content.get("carousel", {}).get("cards", [{}])
    urns = [
        single,
        content.get("article", {}).get("thumbnail"),
        cards[0].get("media", {}).get("id"),
        content.get("multiImage", {}).get("images", [{}])[0].get("id"),
    ]
    urn = next(filter(None, urns), None)
    if urn is None:
        return None
    found = medium(world, urn)
    address: str | None = found.get(
        "thumbnail" if single.startswith("urn:li:video:") else "downloadUrl"
    )
    return address


@pytest.mark.usefixtures("built")
def test_creatives_show_what_they_cost(warehouse: Warehouse) -> None:
    """Each creative has its texts, picture and landing page, and the sum of its days."""
    world = warehouse.world
    columns = ("cost_in_local_currency", "cost_in_usd", "impressions", "clicks", "one_click_leads")
    expected = summed(
        ((creative,), {column: row[column] for column in columns})
        for (_, _, creative, _), row in truth.ad_performance(
            world, warehouse.start, world.today
        ).items()
    )
    found = {row["creative_id"]: row for row in warehouse.table(MARTS, CREATIVES)}
    assert found.keys() == {int(row["id"].rpartition(":")[2]) for row in world.creatives}
    nothing = dict.fromkeys(columns, Decimal(0))
    kinds = set()
    for creative in world.creatives:
        row = found[int(creative["id"].rpartition(":")[2])]
        figures = {column: Decimal(row[column]) for column in columns}
        assert figures == expected.get((row["creative_id"],), nothing)
        assert (row["first_day"] is None) == ((row["creative_id"],) not in expected)
        texts = shown(world, creative)
        assert {name: row[name] for name in texts} == texts, creative["id"]
        kinds |= {row["content_type"]} if texts else set()
    assert kinds == {"text_ad", "spotlight", "post", "message"}
    pictures = " ".join(filter(None, (row["picture_url"] for row in found.values())))
    assert "/image/" in pictures
    assert "/video/" in pictures


@pytest.mark.usefixtures("built")
def test_creatives_say_the_text_of_their_posts(warehouse: Warehouse) -> None:
    """Text and button are those of the post, without LinkedIn's markup."""
    posts = {row["post_urn"]: row for row in warehouse.table(SCHEMA, "ad_posts")}
    found = [row for row in warehouse.table(MARTS, CREATIVES) if row["content_type"] == "post"]
    assert {row["content_reference_urn"] for row in found} == posts.keys()
    labels = {
        int(row["id"].rpartition(":")[2]): row["leadgenCallToAction"]["label"]
        for row in warehouse.world.creatives
        if row.get("leadgenCallToAction")
    }
    for row in found:
        post = posts[row["content_reference_urn"]]
        assert row["ad_text"] == post["commentary_text"]
        of_post = post["content_call_to_action_label"]
        assert row["call_to_action"] == labels.get(row["creative_id"], of_post)


@pytest.mark.usefixtures("built")
def test_parameters_of_landing_pages(warehouse: Warehouse) -> None:
    """Names and values are decoded, in order; what is no text stays as it is."""
    pages = {row["creative_id"]: row["landing_page"] for row in warehouse.table(MARTS, CREATIVES)}
    found: dict[int, list[tuple[str, str | None]]] = {}
    rows = [r for r in warehouse.table(MARTS, PARAMETERS) if r["origin"] == "landing_page"]
    for row in sorted(rows, key=lambda row: (row["creative_id"], row["place"])):
        pair = row["parameter"], row["parameter_value"]
        found.setdefault(row["creative_id"], []).append(pair)
        assert row["is_utm"] == row["parameter"].startswith("utm_")
    expected = {
        creative: READ_FROM_IT if page == LANDING_PAGE else parse_qsl(urlsplit(page).query)
        for creative, page in pages.items()
        if page and urlsplit(page).query
    }
    assert found == expected
    assert READ_FROM_IT in found.values()


@pytest.mark.usefixtures("built")
def test_parameters_that_linkedin_adds(warehouse: Warehouse) -> None:
    """Those of the campaign and of the ad account are there, filled in as LinkedIn does."""
    world = warehouse.world
    campaigns = {row["id"]: row for row in world.campaigns}
    groups = {f"urn:li:sponsoredCampaignGroup:{row['id']}": row for row in world.campaign_groups}
    accounts = {f"urn:li:sponsoredAccount:{row['id']}": row for row in world.accounts}
    names = {row["creative_id"]: row["creative_name"] for row in warehouse.table(MARTS, CREATIVES)}
    expected = {}
    for creative in world.creatives:
        number = int(creative["id"].rpartition(":")[2])
        campaign = campaigns[int(creative["campaign"].rpartition(":")[2])]
        account, group = accounts[campaign["account"]], groups[campaign["campaignGroup"]]
        values = {
            "ACCOUNT_ID": str(account["id"]),
            "ACCOUNT_NAME": account["name"],
            "CAMPAIGN_GROUP_ID": str(group["id"]),
            "CAMPAIGN_GROUP_NAME": group["name"],
            "CAMPAIGN_ID": str(campaign["id"]),
            "CAMPAIGN_NAME": campaign["name"],
            "CREATIVE_ID": str(number),
            "CREATIVE_NAME": names[number],
        }
        for origin, owner in (("campaign", creative["campaign"]), ("account", creative["account"])):
            of_owner = assets.tracking_parameters(world, owner)
            for parameter, filled in of_owner.get("dynamicValueParameters", {}).items():
                expected[number, origin, "dynamic", parameter] = values[filled]
            for parameter, value in of_owner.get("customValueParameters", {}).items():
                expected[number, origin, "custom", parameter] = value
    rows = [r for r in warehouse.table(MARTS, PARAMETERS) if r["origin"] != "landing_page"]
    key = ("creative_id", "origin", "kind", "parameter")
    found = {tuple(row[part] for part in key): row["parameter_value"] for row in rows}
    assert len(found) == len(rows)
    assert found == expected
    assert {origin for _, origin, _, _ in found} == {"account", "campaign"}


@pytest.mark.usefixtures("built")
def test_page_growth_begins_with_the_first_snapshot(warehouse: Warehouse) -> None:
    """Followers are LinkedIn's, shares add up to one, and nothing is gained on the first day."""
    expected = test_page_facets.wanted(warehouse.world, test_page_facets.FOLLOWERS)
    rows = warehouse.table(MARTS, GROWTH)
    found = {
        (r["organization_id"], r["facet"], r["facet_value"], r["metric_date"].isoformat()): r
        for r in rows
    }
    assert len(found) == len(rows)
    assert found.keys() == expected.keys()
    shares: dict[tuple[int, str], Decimal] = {}
    for key, row in found.items():
        truly = expected[key]
        assert row["facet_value_name"] == truly.get("value_name")
        followers = (row["organic_followers"], row["paid_followers"], row["followers"])
        counts = ("organic_count", "paid_count", "total_count")
        assert followers == tuple(truly[name] for name in counts)
        assert {row["previous_day"], row["organic_gain"], row["paid_gain"], row["gain"]} == {None}
        shares[key[:2]] = shares.get(key[:2], Decimal(0)) + row["share_of_facet"]
    assert all(float(share) == pytest.approx(1) for share in shares.values())


@pytest.mark.usefixtures("built")
def test_posts_have_their_reactions(warehouse: Warehouse) -> None:
    """Each post has LinkedIn's reactions by kind and its comments."""
    posts = warehouse.world.pages.truth
    posts_of_pages = warehouse.world.pages.posts
    read = {row["post_urn"] for row in warehouse.table(SCHEMA, "post_social_metadata")}
    texts = {row["post_urn"]: row["commentary_text"] for row in warehouse.table(SCHEMA, "posts")}
    found = {row["post_urn"]: row for row in warehouse.table(MARTS, REACTIONS)}
    assert found.keys() == read
    assert read & texts.keys() < read
    seen: set[str] = set()
    for urn, row in found.items():
        reactions = posts.reactions(urn)
        kinds = {kind: row[f"{kind.lower()}_count"] for kind in reactions}
        assert kinds == reactions
        assert row["reaction_count"] == sum(reactions.values())
        assert row["other_reaction_count"] == 0
        assert row["post_text"] == texts.get(urn)
        page = posts_of_pages[urn]["author"].rpartition(":")[2]
        assert str(row["organization_id"]) == page
        comments = posts.comments(urn)
        assert row["comment_count"] == len(comments)
        assert row["top_level_comment_count"] == sum("parentComment" not in c for c in comments)
        seen |= reactions.keys()
    assert len(seen) == 6


@pytest.mark.usefixtures("built")
def test_pacing_is_cost_by_budget(warehouse: Warehouse) -> None:
    """Both sides are of days that are loaded, over and in the schedule, up to yesterday."""
    world = warehouse.world
    yesterday = world.today - dt.timedelta(days=1)
    costs = summed(
        ((campaign,), {"all": row["cost_in_local_currency"], "week": Decimal(0)})
        if day <= (yesterday - dt.timedelta(days=7)).isoformat()
        else ((campaign,), dict.fromkeys(("all", "week"), row["cost_in_local_currency"]))
        for (_, campaign, _, day), row in truth.ad_performance(
            world, warehouse.start, yesterday
        ).items()
    )
    found = {row["campaign_id"]: row for row in warehouse.table(MARTS, PACING)}
    assert found.keys() == {campaign["id"] for campaign in world.campaigns}
    kinds = set()
    for campaign in world.campaigns:
        row, schedule = found[campaign["id"]], campaign["runSchedule"]
        start, end = (utc_day(schedule.get(name)) for name in ("start", "end"))
        last = min(yesterday, end - dt.timedelta(days=1)) if end else yesterday
        days = max((last - max(start or last, warehouse.start)).days + 1, 0)
        daily, total = (
            Decimal(campaign[name]["amount"]) if name in campaign else None
            for name in ("dailyBudget", "totalBudget")
        )
        allowed = daily * days if daily else None
        if total and start and end:
            allowed = total * days / (end - start).days
        cost = costs.get((campaign["id"],), {"all": Decimal(0), "week": Decimal(0)})
        assert row["paced_days"] == days
        assert row["as_of"] == yesterday
        assert (row["cost_in_local_currency"], row["cost_of_last_7_days"]) == tuple(cost.values())
        if allowed:
            assert float(row["budget_to_date"]) == pytest.approx(float(allowed))
            assert float(row["pacing"]) == pytest.approx(float(cost["all"] / allowed))
        if daily:
            of_a_day = float(cost["week"] / 7 / daily)
            assert float(row["daily_pacing"]) == pytest.approx(of_a_day)
        kinds.add(row["budget_kind"])
    assert kinds >= {"daily", "total"}


def utc_day(milliseconds: int | None) -> dt.date | None:
    """Return the UTC day of an instant."""
    if milliseconds is None:
        return None
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.timezone.utc).date()


@pytest.mark.usefixtures("built")
def test_followers_begin_with_the_first_snapshot(warehouse: Warehouse) -> None:
    """Each page has the total of the day of reading, and nothing is gained yet."""
    loaded = {
        row["organization_id"]: row for row in warehouse.table(SCHEMA, "organization_followers")
    }
    found = {row["organization_id"]: row for row in warehouse.table(MARTS, FOLLOWERS)}
    assert found.keys() == loaded.keys()
    for page, row in found.items():
        assert row["followers"] == loaded[page]["first_degree_size"] > 0
        assert (row["metric_date"], row["gain_since_previous_day"]) == (warehouse.world.today, None)


@pytest.mark.usefixtures("built")
def test_receipts_say_whether_reports_are_whole(warehouse: Warehouse) -> None:
    """Every day of every report has one, and those that can be compared match."""
    rows = warehouse.table(MARTS, RECEIPTS)
    assert len(rows) == len(warehouse.table(SCHEMA, "report_coverage"))
    assert {row["outcome"] for row in rows} == {"matches", "not compared"}
    of_reports = [row for row in rows if row["stream_name"] == "ad_performance"]
    days = {(row["account_id"], row["metric_date"]) for row in of_reports}
    assert len(days) == len(of_reports) == len(warehouse.world.accounts) * (DAYS + 1)
    spend = sum(row["cost_in_local_currency"] for row in warehouse.table(MARTS, SPEND))
    assert sum(row["account_cost_in_local_currency"] for row in of_reports) == spend


WORN = """
create schema worn;
create table worn.ad_accounts as table linkedin_ads.ad_accounts;
create table worn.campaign_groups as table linkedin_ads.campaign_groups;
create table worn.campaigns as table linkedin_ads.campaigns;
create table worn.creatives as table linkedin_ads.creatives;
delete from worn.creatives where id in (
    select creative_id from linkedin_ads.ad_performance group by creative_id
    having sum(clicks) > 0 order by creative_id limit 1);
create table worn.ad_performance as table linkedin_ads.ad_performance;
create table worn.posts as select *, current_date as metric_date from linkedin_ads.posts;
insert into worn.posts select * from worn.posts;
update worn.posts set metric_date = metric_date - 1, lifetime_click_count = -1
where ctid in (select max(ctid) from worn.posts group by post_urn);
create table worn.post_hashtags as table linkedin_ads.post_hashtags;
insert into worn.post_hashtags (post_urn, hashtag, post_last_modified_at)
select post_urn, 'taken_out', last_modified_at - interval '1 day' from linkedin_ads.posts;
create table worn.organization_follower_facets as
table linkedin_ads.organization_follower_facets;
insert into worn.organization_follower_facets (
    organization_id, facet, value, metric_date, organic_count, paid_count, total_count)
select organization_id, facet, value, metric_date - 7, organic_count - 3, paid_count + 1,
    total_count - 2
from worn.organization_follower_facets where facet <> 'seniority';
create table worn.post_social_metadata as table linkedin_ads.post_social_metadata;
insert into worn.post_social_metadata (post_urn, organization_id, metric_date, reaction_count)
select post_urn, organization_id, metric_date - 1, -1 from worn.post_social_metadata;
create table worn.post_reactions as table linkedin_ads.post_reactions;
insert into worn.post_reactions (post_urn, reaction, metric_date, count)
select post_urn, 'LIKE', metric_date - 1, 1000 from worn.post_social_metadata;
insert into worn.post_reactions (post_urn, reaction, metric_date, count)
select post_urn, 'CURIOUS', max(metric_date), 2 from worn.post_social_metadata group by post_urn;
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
    text do not count, and models of what is not loaded are left out. Creatives without posts and
    messages have what r_ads gives, and snapshots of two days make a gain.
    """
    warehouse.execute(WORN)
    results = dbt_project.build(
        warehouse.server,
        tmp_path,
        "worn_marts",
        linkedin_ads_schema="worn",
        linkedin_ads_using_conversions=False,
        linkedin_ads_using_follower_facets=True,
        linkedin_ads_using_reactions=True,
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
    check_worn_creatives(warehouse)
    check_worn_snapshots(warehouse)


def check_worn_creatives(warehouse: Warehouse) -> None:
    """A creative without its row keeps its figures; one with it what its own table says."""
    before, after = (
        {row["creative_id"]: row for row in warehouse.table(schema, CREATIVES)}
        for schema in (MARTS, "worn_marts")
    )
    known = {row["id"]: row for row in warehouse.table("worn", "creatives")}
    assert after.keys() == before.keys()
    (gone,) = after.keys() - known.keys()
    same = ("cost_in_local_currency", "cost_in_usd", "clicks", "campaign_id", "account_id")
    for creative, row in after.items():
        assert {name: row[name] for name in same} == {n: before[creative][n] for n in same}
        texts = ("headline", "call_to_action", "landing_page")
        loaded = known.get(creative, dict.fromkeys(texts))
        assert {name: row[name] for name in texts} == {name: loaded[name] for name in texts}
    assert after[gone]["clicks"] > 0
    origins = {row["origin"] for row in warehouse.table("worn_marts", PARAMETERS)}
    assert origins == {"landing_page"}


def check_worn_snapshots(warehouse: Warehouse) -> None:
    """Gains are those since the snapshot before, and reactions those of the newest day."""
    rows = [row for row in warehouse.table("worn_marts", GROWTH) if row["previous_day"]]
    assert {(row["organic_gain"], row["paid_gain"], row["gain"]) for row in rows} == {(3, -1, 2)}
    assert {(row["metric_date"] - row["previous_day"]).days for row in rows} == {7}
    assert len(rows) == sum(r["facet"] != "seniority" for r in warehouse.table(MARTS, GROWTH))
    before, after = (
        {row["post_urn"]: row for row in warehouse.table(schema, REACTIONS)}
        for schema in (MARTS, "worn_marts")
    )
    added = {"other_reaction_count": 2}
    assert after == {urn: row | added for urn, row in before.items()}


@pytest.mark.parametrize(
    ("package", "table"),
    [(package, table) for package, read in fivetran.PACKAGES.items() for table in read],
)
def test_fivetran_finds_its_columns(warehouse: Warehouse, package: str, table: str) -> None:
    """Every column that the packages read is there with a fitting type, but for those named."""
    schema, name = fivetran.place(table, package)
    loaded, read = warehouse.columns(schema)[name], fivetran.PACKAGES[package][table]
    missing = {(table, column) for column in read if column not in loaded}
    assert missing == {pair for pair in fivetran.FILLED if pair[0] == table}
    wrong = {
        column: loaded[column]
        for column, fitting in read.items()
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


def test_fivetrans_addresses_of_ads(warehouse: Warehouse) -> None:
    """A creative's click_uri is where a click on it leads."""
    rows = warehouse.table(*fivetran.place("creative_history"))
    assert all(row["click_uri"] == row["landing_page"] for row in rows)
    assert {row["content_type"] for row in rows if row["click_uri"]} >= {"text_ad", "post"}


def test_fivetrans_posts_are_shares_and_ugc_posts(warehouse: Warehouse) -> None:
    """Each post is one or the other, with its page, content and figures behind the keys."""
    posts = {row["post_urn"]: row for row in warehouse.table(SCHEMA, "posts")}
    figures = {
        row["_fivetran_id"]: row
        for row in warehouse.table(*fivetran.place("share_statistic", "linkedin_pages"))
    }
    ugc = warehouse.table(*fivetran.place("ugc_post_history", "linkedin_pages"))
    shares = warehouse.table(*fivetran.place("share_history", "linkedin_pages"))
    found = {row["id"]: row for row in ugc} | {f"urn:li:share:{row['id']}": row for row in shares}
    assert found.keys() == posts.keys() == figures.keys()
    assert all(row["share_statistic_id"] == row["id"] == row["post_id"] for row in ugc)
    assert all(row["share_id"] == str(row["id"]) for row in shares)
    for urn, row in found.items():
        post, number = posts[urn], urn.rpartition(":")[2]
        if "share_statistics_id" in row:
            assert row["share_statistics_id"] == urn
        else:
            assert row["ugc_post_id"] == number
        assert row["created_time"] == post["created_at"]
        assert row["organization_id"] == post["organization_id"]
        assert (row["type"], row["article_title"]) == (
            post["content_type"],
            post["content_article_title"],
        )
        assert figures[urn]["impression_count"] == post["lifetime_impression_count"]


@pytest.mark.parametrize("table", ["account_history", "campaign_history"])
def test_version_tags_are_numbers(warehouse: Warehouse, table: str) -> None:
    """The package casts them."""
    tags = {row["version_tag"] for row in warehouse.table(*fivetran.place(table))}
    assert tags
    assert all(tag is None or tag.isdecimal() for tag in tags)


def test_our_tables_stay_as_they_are(warehouse: Warehouse) -> None:
    """Only tables that the stream maps name are new: no table of the tap has another name."""
    new = {"geo", "ugc_posts", "shares", "share_statistic"}
    loaded = warehouse.columns(SCHEMA).keys()
    assert new <= loaded
    places = [fivetran.place(tb, package) for package, r in fivetran.PACKAGES.items() for tb in r]
    assert {schema for schema, _ in places} == {SCHEMA}
    assert {name for _, name in places} - new <= singer.primary_keys().keys()
    assert loaded - new <= singer.primary_keys().keys()


# Sample queries


SAMPLES = re.findall(
    r"^## \d+\. (.+?)\n.*?^```sql\n(.+?)^```$",
    (singer.ROOT / "docs" / "queries.md").read_text(),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize(("question", "sql"), SAMPLES, ids=[question for question, _ in SAMPLES])
def test_sample_queries_answer(warehouse: Warehouse, question: str, sql: str) -> None:
    """Each runs as it is written, and gives rows with a value in every column."""
    with warehouse.server.connect() as connection:
        # What the page says, not what somebody typed.
        rows = connection.cursor(row_factory=dict_row).execute(sql.encode()).fetchall()
    assert rows, question
    empty = [name for name in rows[0] if all(row[name] is None for row in rows)]
    assert not empty


def test_sample_queries_are_numbered() -> None:
    """There are twelve, and none is passed over."""
    page = (singer.ROOT / "docs" / "queries.md").read_text()
    numbers = re.findall(r"^## (\d+)\. ", page, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 13)]
    assert len(SAMPLES) == page.count("```sql") == 12


def test_the_first_sample_query_adds_up(warehouse: Warehouse) -> None:
    """Months of clients have LinkedIn's spend."""
    with warehouse.server.connect() as connection:
        rows = connection.cursor(row_factory=dict_row).execute(SAMPLES[0][1].encode()).fetchall()
    expected = summed(
        ((account, day[:7]), {"spend": row["cost_in_local_currency"]})
        for (account, _, _, day), row in truth.ad_performance(
            warehouse.world, warehouse.start, warehouse.world.today
        ).items()
    )
    spend = sorted(round(sums["spend"], 2) for sums in expected.values())
    assert sorted(row["spend"] for row in rows) == spend


# The dashboard


@pytest.fixture(scope="module")
def marts(built: dict[str, dict[str, t.Any]], warehouse: Warehouse) -> Marts:
    """Give the models to the dashboard's queries."""
    assert built
    return queries.marts(dashboard.environment(warehouse.server, MARTS))


def added(rows: t.Iterable[Row], column: str) -> Decimal:
    """Add a column up."""
    return sum((Decimal(row[column] or 0) for row in rows), Decimal(0))


def test_dashboard_spend_adds_up_to_the_mart(warehouse: Warehouse, marts: Marts) -> None:
    """All months and clients together, and one client by itself."""
    columns = {
        "cost_in_usd": "cost_in_usd",
        "impressions": "impressions",
        "clicks": "clicks",
        "leads": "one_click_leads",
        "conversions": "external_website_conversions",
    }
    of_mart = warehouse.table(MARTS, SPEND)
    accounts = {row["account_id"] for row in marts.rows(queries.ACCOUNTS)}
    assert accounts == {row["account_id"] for row in of_mart}
    for account in (None, *accounts):
        rows = marts.rows(queries.SPEND, account=account)
        of_account = [row for row in of_mart if account in {None, row["account_id"]}]
        for column, name in columns.items():
            assert added(rows, column) == added(of_account, name)
        months = [(row["month"], row["account_id"]) for row in rows]
        assert len(months) == len(set(months))
        assert {month for month, _ in months} == {
            row["metric_date"].replace(day=1) for row in of_account
        }


def test_dashboard_paces_active_campaigns(warehouse: Warehouse, marts: Marts) -> None:
    """Those with a budget, the furthest off plan first, with the budget that is paced."""
    rows = marts.rows(queries.PACING)
    of_mart = [
        row
        for row in warehouse.table(MARTS, PACING)
        if row["campaign_status"] == "ACTIVE" and row["budget_to_date"]
    ]
    assert len(rows) == len(of_mart) > 0
    assert added(rows, "cost") == added(of_mart, "cost_in_local_currency")
    off = [abs(row["pacing"] - 1) for row in rows]
    assert off == sorted(off, reverse=True)
    assert all(row["budget"] > 0 for row in rows)


@pytest.mark.parametrize("by", ["results", "clicks"])
def test_dashboard_judges_creatives(warehouse: Warehouse, marts: Marts, by: str) -> None:
    """Best and worst are the ends of one order; those that cost little are in neither."""
    costs = sorted(row["cost_in_usd"] for row in warehouse.table(MARTS, CREATIVES))
    least = costs[len(costs) // 3]
    best = marts.rows(queries.BEST, by=by, least_spend=least)
    worst = marts.rows(queries.WORST, by=by, least_spend=least)
    judged = []
    for row in warehouse.table(MARTS, CREATIVES):
        results = row["one_click_leads"] + row["external_website_conversions"]
        figures = {
            "results": row["cost_in_usd"] / results if results else Decimal("Infinity"),
            "clicks": -row["clicks"] / Decimal(row["impressions"] or 1),
        }
        if row["cost_in_usd"] >= least:
            judged.append((figures[by], -row["cost_in_usd"], row["creative_id"]))
    found = [row["creative_id"] for row in best]
    assert found == [creative for _, _, creative in sorted(judged)[:10]]
    first = min(10, len(judged))
    bad = {creative for figure, _, creative in judged if figure == max(judged)[0]}
    assert len(worst) == first
    assert worst[0]["creative_id"] in bad
    assert all(row["cost_in_usd"] >= least for row in [*best, *worst])


def test_dashboard_counts_conversions_by_rule(warehouse: Warehouse, marts: Marts) -> None:
    """As many as the mart has, a row for each rule of an ad account."""
    rows, of_mart = marts.rows(queries.RULES), warehouse.table(MARTS, CONVERSIONS)
    for name in ("conversions", "post_click_conversions", "post_view_conversions"):
        assert added(rows, name) == added(of_mart, name) > 0
    assert len(rows) == len({(row["account_id"], row["conversion_id"]) for row in of_mart})


def test_dashboard_shows_pages(warehouse: Warehouse, marts: Marts) -> None:
    """Every page with its followers, and the posts that most people saw."""
    of_mart = warehouse.table(MARTS, FOLLOWERS)
    assert added(marts.rows(queries.FOLLOWERS), "followers") == added(of_mart, "followers") > 0
    posts = warehouse.table(MARTS, POSTS)
    shown = [row["impressions"] for row in marts.rows(queries.POSTS)]
    assert shown == sorted((row["impressions"] for row in posts), reverse=True)[:20]
    (sums,) = marts.rows(queries.POST_TOTALS)
    assert sums["posts"] == len(posts)
    assert sums["impressions"] == added(posts, "impressions")


def test_dashboard_shows_receipts(warehouse: Warehouse, marts: Marts) -> None:
    """Days that match, that differ and that are missing are told apart."""
    assert added(marts.rows(queries.RECEIPTS), "days") == len(warehouse.table(MARTS, RECEIPTS))
    assert marts.rows(queries.DIFFERENCES) == []
    warehouse.execute(GAPS)
    gaps = Marts(marts.server, "gaps")
    rows = gaps.rows(queries.RECEIPTS, account=512340001)
    (row,) = (row for row in rows if row["stream_name"] == "ad_performance")
    assert (row["days"], row["days_without"]) == (DAYS, 1)
    assert (row["matching"], row["differing"]) == (DAYS - 1, 1)
    (difference,) = gaps.rows(queries.DIFFERENCES)
    assert difference["clicks"] == difference["account_clicks"] - 1


GAPS = """
create schema gaps;
create table gaps.linkedin_ads__report_receipts as
table linkedin_ads_marts.linkedin_ads__report_receipts;
delete from gaps.linkedin_ads__report_receipts
where account_id = 512340001 and stream_name = 'ad_performance'
    and metric_date = (select max(metric_date) - 3 from gaps.linkedin_ads__report_receipts);
update gaps.linkedin_ads__report_receipts set outcome = 'differs', clicks = account_clicks - 1
where account_id = 512340001 and stream_name = 'ad_performance'
    and metric_date = (select max(metric_date) - 5 from gaps.linkedin_ads__report_receipts);
"""


def test_dashboard_only_reads(marts: Marts) -> None:
    """Whatever the user may do."""
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        marts.rows("create table linkedin_ads__mine (id bigint)")


@pytest.mark.skipif(
    not (browser.CHROMIUM and browser.DRIVER), reason="Chromium or chromedriver is not installed"
)
def test_dashboard_in_chromium(warehouse: Warehouse, marts: Marts, tmp_path: Path) -> None:
    """Every page shows the totals of the models, and none fails."""
    spend, posts = warehouse.table(MARTS, SPEND), warehouse.table(MARTS, POSTS)
    cost, leads = added(spend, "cost_in_usd"), added(spend, "one_click_leads")
    receipts = warehouse.table(MARTS, RECEIPTS)
    best = marts.rows(queries.BEST, by="results", least_spend=50)
    pages = {
        "": ("Spend", "Spend by month, USD", f"{cost:,.2f}", f"{added(spend, 'impressions'):,}"),
        "pacing": ("Pacing", *(f"{row['cost']:,.2f}" for row in marts.rows(queries.PACING))),
        "creatives": ("Creatives", *(str(row["creative_id"]) for row in best)),
        "conversions": ("Conversions", "Leads by month", f"{leads:,}", f"{cost / leads:,.2f}"),
        "pages": ("Followers and posts", f"{len(posts):,}", f"{added(posts, 'impressions'):,}"),
        "receipts": ("Receipts", f"{len(receipts):,}", "ad_performance"),
    }
    log = tmp_path / "log"
    with (
        dashboard.running(warehouse.server, MARTS, log) as address,
        browser.browser(tmp_path / "profile") as window,
    ):
        for name, words in pages.items():
            window.open(f"{address}{name}")
            window.wait_for_text(words[0] + "\n")
            for word in words:
                window.wait_for_text(word)
    assert log.read_text() == ""


def test_dashboard_says_what_is_missing(warehouse: Warehouse, marts: Marts) -> None:
    """Without variables, server or tables there is one line that says what to do."""
    ready = dashboard.environment(warehouse.server, MARTS)
    assert marts.schema == MARTS
    for changes, said in (
        ({"DBT_SCHEMA": "no_such_schema"}, "The schema no_such_schema has no tables of dbt"),
        ({"TARGET_POSTGRES_PORT": "1"}, "PostgreSQL does not answer"),
    ):
        with pytest.raises(queries.NotReadyError, match=said):
            queries.marts(ready | changes)
    with pytest.raises(queries.NotReadyError, match="Set TARGET_POSTGRES_USER, TARGET_POSTGRES"):
        queries.marts({})

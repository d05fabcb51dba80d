"""The views in views/ have the tables of other connectors, filled from the tables of this tap."""

from __future__ import annotations

import collections
import datetime as dt
import functools
import re
import typing as t

import psycopg
import pytest
import yaml
from psycopg.rows import dict_row

from sandbox.world import worlds
from tests import fivetran, singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.postgres import Postgres
    from tests.conftest import Serve

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

VIEWS = singer.ROOT / "views"
FILES = ("airbyte", "fivetran", "fivetran-pages", "meltanolabs", "singer-io")
DEVICES = {
    "name": "impression_devices_by_campaign",
    "pivots": ["CAMPAIGN", "IMPRESSION_DEVICE_TYPE"],
    "metrics": "*",
}
SETTINGS: singer.Json = {
    "demographics_level": "campaign",
    "include_lead_responses": True,
    "reports": [DEVICES],
}
OPTIONAL = {
    "campaign_contact": "LinkedIn gives it for few roles",
    "reference_person_id": "the accounts' references are organizations",
    "associated_entity_person_id": "likewise",
    "targeting": "LinkedIn sends targeting_criteria instead",
    "content_reference_share_id": "the videos' posts are ugcPosts",
    "video_ads.content_landing_page": "the videos lead to LinkedIn's own page",
    "container_entity": "no post is in a group",
    "lifecycle_state_info_content_status": "LinkedIn gives it to authors",
    "lifecycle_state_info_review_status": "likewise",
    "response_context_parent": "no ad is a reshare",
    "response_context_root": "likewise",
    **{
        f"{figure}{how}": "no event in these days"
        for figure in ("average_event_watch_time", "cost_per_event_view")
        for how in ("", *(f"_over_{span}" for span in ("15_seconds", "30_seconds", "2_minutes")))
    },
}
"""Columns that may be empty, for the sandbox's small world has nothing to fill them with."""
MOST_ROWS = 20
"""So many rows of a member's trait or a device are loaded: thousands would show nothing more."""

Row = dict[str, t.Any]


class Views:
    """A server with the tables of one run and the views of every file on them."""

    def __init__(self, server: Postgres) -> None:
        self._connection = server.connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql.encode())

    def rows(self, schema: str, name: str) -> list[Row]:
        """Give all rows of a table or view."""
        query = psycopg.sql.SQL("select * from {}").format(psycopg.sql.Identifier(schema, name))
        return self._connection.cursor(row_factory=dict_row).execute(query).fetchall()

    def types(self, schema: str) -> dict[str, dict[str, str]]:
        """Give the columns of each view of a schema, with their types."""
        query = (
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = %s"
        )
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in self._connection.execute(query, [schema]):
            found.setdefault(table, {})[column] = kind
        return found


def _text(file: str) -> str:
    return (VIEWS / f"{file}.sql").read_text()


def _schema(file: str) -> str:
    """Return the schema that a file makes."""
    (schema,) = re.findall(r"^create schema if not exists (\w+);$", _text(file), re.MULTILINE)
    return str(schema)


def _statements(file: str) -> list[str]:
    return [text for text in _text(file).split(";\n") if text.strip()]


def _streams(file: str) -> list[str]:
    """Return the streams that a file asks to be loaded."""
    asked = re.compile(r"^-- Load these streams, with every column: ([^.]+)\.", re.MULTILINE)
    (listed,) = asked.findall(_text(file))
    return [name.strip("- ") for name in listed.replace("\n--", "").split(",")]


@functools.cache
def old_tables() -> dict[str, dict[str, list[str]]]:
    """Return the columns of each table of each connector whose schemas are public."""
    loaded = yaml.safe_load((singer.ROOT / "tests" / "old_tables.yml").read_text())
    found: dict[str, dict[str, list[str]]] = {}
    for connector, tables in loaded.items():
        metrics = tables.pop("METRICS")
        found[connector] = {
            name: columns.replace("METRICS", metrics).split() for name, columns in tables.items()
        }
    return found


@pytest.fixture(scope="module")
def views(
    serve_module: Serve, server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Views]:
    """Load what the files ask for, of two ad accounts and their pages, and make the views."""
    from tests.postgres import Loader  # noqa: PLC0415  the plug-in is not to be imported before

    world = worlds.small(today=TODAY)
    wanted = dict.fromkeys(name for file in FILES for name in _streams(file))
    settings = singer.config(
        serve_module(world),
        account_ids=[account["id"] for account in world.accounts[:2]],
        start_date=(TODAY - dt.timedelta(days=3)).isoformat(),
        **SETTINGS,
    )
    catalog = singer.catalog(wanted, full_table=["posts"], **SETTINGS)
    output = singer.sync(settings, catalog=catalog)
    assert output.status == 0, output.stderr[-2000:]
    loader = Loader(server, tmp_path_factory.mktemp("loader"))
    loader.load(_shortened(output), "linkedin_ads")
    found = Views(server)
    for file in FILES:
        for statement in _statements(file):
            found.execute(statement)
    yield found
    found.execute("drop schema linkedin_ads cascade")
    found.close()


def _shortened(output: singer.Output) -> Iterator[str]:
    """Give the messages without most rows of streams that have very many."""
    seen = collections.Counter[str]()
    for line, message in zip(output.stdout.decode().splitlines(), output.messages, strict=True):
        stream = message.get("stream", "")
        many = "by_member" in stream or stream == DEVICES["name"]
        if many and message["type"] == "RECORD":
            seen[stream] += 1
        if seen[stream] <= MOST_ROWS:
            yield line


def test_there_are_views_for_every_connector() -> None:
    """Each file of views/ is checked here, and the page on moving names it."""
    assert sorted(path.stem for path in VIEWS.glob("*.sql")) == list(FILES)
    page = (singer.ROOT / "docs" / "migrating.md").read_text()
    for file in FILES:
        assert f"(../views/{file}.sql)" in page


@pytest.mark.parametrize("connector", old_tables())
def test_every_old_column_is_there(views: Views, connector: str) -> None:
    """The views are the old tables, column by column, and no more."""
    found = views.types(_schema(connector))
    assert {name: sorted(columns) for name, columns in found.items()} == {
        name: sorted(columns) for name, columns in old_tables()[connector].items()
    }


@pytest.mark.parametrize(
    ("file", "read"), [("fivetran", fivetran.READ), ("fivetran-pages", fivetran.OF_PAGES)]
)
def test_what_fivetrans_packages_read_is_there(
    views: Views, file: str, read: dict[str, dict[str, set[str]]]
) -> None:
    """Under Fivetran's own names of tables, with types that the packages' casts can take."""
    found = views.types(_schema(file))
    for table, columns in read.items():
        assert columns.keys() <= found[table].keys(), table
        for column, kinds in columns.items():
            assert found[table][column] in kinds, f"{table}.{column}"


@pytest.mark.parametrize("file", FILES)
def test_columns_have_values(views: Views, file: str) -> None:
    """A column is filled somewhere, or the file says above it why nothing can fill it."""
    schema = _schema(file)
    content: dict[str, set[str]] = {}
    for table in views.types(schema):
        rows = views.rows(schema, table)
        assert rows, table
        given_up = set(re.findall(r'null::\w+ as "?(\w+)"?', _view(file, table)))
        filled = {name for row in rows for name, value in row.items() if value is not None}
        assert not given_up & filled
        empty = rows[0].keys() - filled - given_up - OPTIONAL.keys()
        empty -= {column for column in empty if f"{table}.{column}" in OPTIONAL}
        if table in {"post_content", "share_content"}:  # each kind of content is in one of them
            content[table] = empty
        else:
            assert not empty, table
    assert not set.intersection(*content.values()) if content else True


@pytest.mark.parametrize("file", FILES)
def test_a_column_without_values_says_why(file: str) -> None:
    """The first of the nulls of a view has a comment above it."""
    for table in re.findall(r"^create or replace view \w+\.(\w+) as$", _text(file), re.MULTILINE):
        lines = _view(file, table).splitlines()
        nulls = [number for number, line in enumerate(lines) if "null::" in line]
        if nulls:
            assert lines[nulls[0] - 1].strip().startswith("-- "), table


def _view(file: str, table: str) -> str:
    """Return the statement that makes a view."""
    (text,) = (s for s in _statements(file) if f".{table} as\n" in s)
    return text


@pytest.mark.parametrize(
    ("file", "view", "table", "key"),
    [
        ("singer-io", "creatives", "creatives", ("id", "urn")),
        ("singer-io", "ad_analytics_by_creative", "ad_analytics_by_creative", None),
        ("meltanolabs", "campaigns", "campaigns", ("id", "id")),
        ("airbyte", "ad_campaign_analytics", "ad_analytics_by_campaign", None),
        ("airbyte", "ad_member_industry_analytics", "ad_analytics_by_member_industry", None),
        ("fivetran", "campaign_history", "campaigns", ("id", "id")),
        ("fivetran-pages", "share_statistic", "posts", ("_fivetran_id", "post_urn")),
    ],
)
def test_no_row_is_lost_or_made(
    views: Views, file: str, view: str, table: str, key: tuple[str, str] | None
) -> None:
    """A view has the rows of its table."""
    old, new = views.rows(_schema(file), view), views.rows("linkedin_ads", table)
    assert len(old) == len(new)
    if key:
        assert {row[key[0]] for row in old} == {row[key[1]] for row in new}


def test_days_and_figures_are_the_same(views: Views) -> None:
    """Each connector's day and money lead to the row of this tap's table."""
    table = {
        (row["campaign_id"], row["metric_date"]): row
        for row in views.rows("linkedin_ads", "ad_analytics_by_campaign")
    }
    day = dt.timedelta(days=1)
    for row in views.rows("linkedin_ads_singer_io", "ad_analytics_by_campaign"):
        new = table[row["campaign_id"], row["start_at"].date()]
        assert row["end_at"] - row["start_at"] == day
        assert row["pivot_values"] == [row["campaign"]] == [new["campaign_urn"]]
        assert row["cost_in_usd"] == new["cost_in_usd"]
        start = row["date_range"]["start"]
        assert dt.date(start["year"], start["month"], start["day"]) == new["metric_date"]
    for row in views.rows("linkedin_ads_meltanolabs", "ad_analytics_by_campaign"):
        found = dt.datetime.fromisoformat(row["day"])
        assert found.utcoffset() == dt.timedelta(0)
        new = table[int(row["campaign_id"]), found.date()]
        assert row["costInLocalCurrency"] == str(new["cost_in_local_currency"])
    for row in views.rows("linkedin_ads_airbyte", "ad_campaign_analytics"):
        new = table[int(row["sponsoredCampaign"]), row["end_date"]]
        assert row["string_of_pivot_values"] == new["campaign_urn"]
        assert row["totalEngagements"] == new["total_engagements"]


def test_objects_are_put_together_again(views: Views) -> None:
    """Budgets, schedules, targeting and instants, as the old connectors nested them."""
    table = {row["id"]: row for row in views.rows("linkedin_ads", "campaigns")}
    singer_io = {row["id"]: row for row in views.rows("linkedin_ads_singer_io", "campaigns")}
    airbyte = {row["id"]: row for row in views.rows("linkedin_ads_airbyte", "campaigns")}
    assert table.keys() == singer_io.keys() == airbyte.keys()
    for number, new in table.items():
        old = singer_io[number]
        if new["daily_budget_amount"] is not None:
            assert old["daily_budget"] == {
                "amount": str(new["daily_budget_amount"]),
                "currency_code": new["daily_budget_currency_code"],
            }
        modified = old["change_audit_stamps"]["last_modified"]["time"]
        assert dt.datetime.fromisoformat(modified.rstrip("Z")) == new["last_modified_time"]
        since_1970 = new["run_schedule_start"] - dt.datetime(1970, 1, 1)  # noqa: DTZ001  UTC
        started = airbyte[number]["runSchedule"]["start"]
        assert dt.timedelta(milliseconds=started) == since_1970


def test_targeting_keeps_every_facet(views: Views) -> None:
    """As lists of type and values, which singer-io's tap and Airbyte's source make of it."""
    targeted = 0
    for new in views.rows("linkedin_ads", "campaigns"):
        if new["targeting_criteria"] is None:
            continue
        clauses = new["targeting_criteria"]["include"]["and"]
        facets = [facet for clause in clauses for facet in clause["or"].items()]
        excluded = new["targeting_criteria"].get("exclude", {}).get("or", {}).items()
        for schema, column in (
            ("linkedin_ads_singer_io", "targeting_criteria"),
            ("linkedin_ads_airbyte", "targetingCriteria"),
        ):
            (old,) = (r[column] for r in views.rows(schema, "campaigns") if r["id"] == new["id"])
            assert [(one["type"], one["values"]) for one in old["include"]["and"]] == facets
            assert {one["type"]: one["values"] for one in old["exclude"]["or"]} == dict(excluded)
        targeted += 1
    assert targeted


def test_names_can_be_folded_to_lower_case(views: Views) -> None:
    """Without its quotation marks Airbyte's file makes the same views, as its head says."""
    for statement in _statements("airbyte"):
        views.execute(statement.replace('"', "").replace("linkedin_ads_airbyte", "folded"))
    assert {name: sorted(columns) for name, columns in views.types("folded").items()} == {
        name: sorted(map(str.lower, columns))
        for name, columns in views.types("linkedin_ads_airbyte").items()
    }
    views.execute("drop schema folded cascade")


def test_a_table_that_is_not_loaded_costs_its_own_view(views: Views) -> None:
    """The other statements of a file go through, as psql runs them."""
    views.execute("create schema part")
    views.execute("create table part.campaigns as select * from linkedin_ads.campaigns")
    failed = 0
    for statement in _statements("fivetran"):
        moved = statement.replace("linkedin_ads_fivetran", "part_views")
        try:
            views.execute(moved.replace(" linkedin_ads.", " part."))
        except psycopg.errors.UndefinedTable:
            failed += 1
    assert views.types("part_views").keys() == {"campaign_history"}
    assert failed == len(_statements("fivetran")) - 2
    views.execute("drop schema part cascade")
    views.execute("drop schema part_views")

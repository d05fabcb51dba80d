"""Every column is filled somewhere in the sandbox's world, or says here why it is not."""

from __future__ import annotations

import functools
import itertools
import json
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.pages import build
from tap_linkedin_ads.records import schema
from tests import data_model, singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.singer import Json, Output

Column = tuple[str, str]
"""A schema file, and a column that it declares."""

_NO_ACTOR = "search rows carry the time of a stamp, and not who it was"
EMPTY: dict[Column, str] = {
    ("ad_accounts", "created_by_urn"): _NO_ACTOR,
    ("ad_accounts", "last_modified_by_urn"): _NO_ACTOR,
    ("campaign_groups", "created_by_urn"): _NO_ACTOR,
    ("campaign_groups", "last_modified_by_urn"): _NO_ACTOR,
    ("campaigns", "created_by_urn"): _NO_ACTOR,
    ("campaigns", "last_modified_by_urn"): _NO_ACTOR,
    ("campaigns", "targeting"): "LinkedIn has replaced it by targetingCriteria",
    ("ad_account_users", "campaign_contact"): "only versions before the oldest of today send it",
    ("ad_account_users", "version_tag"): "the finder that the tap uses does not send it",
    (
        "organization_followers",
        "organic_follower_gain",
    ): "LinkedIn gives it late: see test_page_facets",
    ("organization_followers", "paid_follower_gain"): "likewise",
    ("post_multi_images", "image_title"): "LinkedIn's page names id and altText only",
}
"""Columns that no row of the sandbox fills, with the reason."""

SETTINGS: Json = {**singer.PERSONAL, "demographics_level": "campaign"}
YEAR_AGO = "2025-11-22"


@functools.cache
def declared_in(stream: str, column: str) -> str:
    """Return the name of the schema file that declares a column of a stream."""
    shared = ("metrics", "ad_analytics_demographics", "ad_analytics")
    extended = schema.read(stream).get("x-extends", "") if stream in schema.stream_names() else ""
    files = [name for name in (stream, extended, *shared) if name in schema.stream_names()]
    declaring = (name for name in files if column in as_written(name)["properties"])
    return next(declaring, "pivots")


def as_written(name: str) -> Json:
    """Return a schema file without what it extends."""
    text = (singer.ROOT / "schemas" / f"{name}.json").read_text()
    return t.cast("Json", json.loads(text))


def columns(output: Output) -> dict[Column, str]:
    """Return the columns of a run's schema messages, each with its own stream, else the first."""
    found: dict[Column, str] = {}
    for message in output.of_type("SCHEMA"):
        for column in message["schema"]["properties"]:
            declared = declared_in(message["stream"], column), column
            if declared not in found or message["stream"] == declared[0]:
                found[declared] = message["stream"]
    return found


def filled(output: Output) -> set[Column]:
    """Return the columns that have a value in some record of a run."""
    return {
        (declared_in(message["stream"], column), column)
        for message in output.of_type("RECORD")
        for column, value in message["record"].items()
        if value not in (None, [], {})
    }


@pytest.fixture(scope="module")
def runs(serve_module: Serve) -> tuple[Output, Output]:
    """Read every stream of some weeks, then of a year those with columns that are left."""
    world = worlds.small(today=TODAY)
    sandbox = serve_module(world, careers_clicks=True)
    pages = [build.FIRST_PAGE, build.SECOND_PAGE, build.SHOWCASE]
    of_campaign = {"company_intelligence_campaign_id": world.campaigns[0]["id"]}
    settings = {**SETTINGS, **of_campaign, "organization_ids": pages}
    catalog = singer.catalog(singer.every_stream(**SETTINGS), **SETTINGS)
    recent = singer.config(sandbox, start_date="2026-11-01", **settings)
    output = singer.sync(recent, catalog=catalog)
    # Some ads and posts are older.
    declared = columns(output)
    left = {declared[column] for column in declared.keys() - filled(output) - EMPTY.keys()}
    older = singer.catalog(dict.fromkeys(left), **SETTINGS)
    of_a_year = singer.sync({**recent, "start_date": YEAR_AGO}, catalog=older)
    assert (output.status, of_a_year.status) == (0, 0), output.stderr + of_a_year.stderr
    return output, of_a_year


@pytest.mark.slow
def test_every_column_is_filled(runs: tuple[Output, Output]) -> None:
    """A misspelt column, which would be null for ever, is found by its file and name."""
    output, of_a_year = runs
    declared, found = columns(output), filled(output) | filled(of_a_year)
    assert set(output.streams) == singer.every_stream(**SETTINGS).keys()
    empty = sorted(declared.keys() - found - EMPTY.keys())
    assert not empty, "\n".join(
        f"schemas/{file}.json: {column} is null in every record. Is it spelt as the naming rules"
        " say? If LinkedIn sends it, let the small world of sandbox/ have it; if not, say why in"
        " EMPTY of tests/test_columns.py."
        for file, column in empty
    )
    outdated = sorted((EMPTY.keys() & found) | (EMPTY.keys() - declared.keys()))
    assert not outdated, f"EMPTY of tests/test_columns.py: remove {outdated}"


@pytest.mark.slow
def test_every_join_finds_rows(runs: tuple[Output, Output]) -> None:
    """As docs/data-model.md draws them: one on wrong columns would find none."""
    records: dict[str, list[Json]] = {}
    for message in itertools.chain(*(output.of_type("RECORD") for output in runs)):
        records.setdefault(message["stream"], []).append(message["record"])

    def values(table: str, side: tuple[str, ...]) -> set[tuple[str, ...]]:
        found = (tuple(record[column] for column in side) for record in records[table])
        return {tuple(map(str, row)) for row in found if None not in row}

    missing = [
        join
        for join in data_model.joins()
        if not values(join.table, join.columns) & values(join.other, join.other_columns)
    ]
    assert not missing

"""Every column is filled somewhere in the sandbox's world, or says here why it is not."""

from __future__ import annotations

import typing as t

import pytest

from sandbox.world import worlds
from tap_linkedin_ads.records import schema
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Iterator

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
    ("post_multi_images", "image_title"): "LinkedIn's page names id and altText only",
}
"""Columns that no row of the sandbox fills, with the reason."""

SETTINGS: Json = {"include_lead_responses": True, "demographics_level": "campaign"}
YEAR_AGO = "2025-11-22"


def declared_in(stream: str, column: str) -> str:
    """Return the name of the schema file that declares a column of a stream."""
    shared = ("metrics", "ad_analytics_demographics", "ad_analytics")
    files = [name for name in (stream, *shared) if name in schema.stream_names()]
    declaring = (name for name in files if column in schema.read(name)["properties"])
    return next(declaring, "pivots")


def columns(output: Output, *, only_filled: bool) -> Iterator[Column]:
    """Give the columns of a run's schema messages, or those with a value in some record."""
    for stream in output.streams:
        records = output.records(stream)
        (message,) = (m for m in output.of_type("SCHEMA") if m["stream"] == stream)
        for column in message["schema"]["properties"]:
            empty = (None, [], {})
            if not only_filled or any(row.get(column) not in empty for row in records):
                yield declared_in(stream, column), column


@pytest.mark.slow
def test_every_column_is_filled(serve: Serve) -> None:
    """A misspelt column, which would be null for ever, is found by its file and name."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world, careers_clicks=True)
    of_campaign = {"company_intelligence_campaign_id": world.campaigns[0]["id"]}
    catalog = singer.catalog(singer.every_stream(**SETTINGS), **SETTINGS)
    short = singer.config(sandbox, start_date="2026-11-01", **SETTINGS, **of_campaign)
    output = singer.sync(short, catalog=catalog)
    # Some ads, and posts with videos, are older.
    older = singer.catalog({"ad_performance": None, "posts": None})
    of_a_year = singer.sync(singer.config(sandbox, start_date=YEAR_AGO), catalog=older)
    assert (output.status, of_a_year.status) == (0, 0), output.stderr + of_a_year.stderr
    declared = set(columns(output, only_filled=False))
    found = {*columns(output, only_filled=True), *columns(of_a_year, only_filled=True)}
    assert set(output.streams) == singer.every_stream(**SETTINGS).keys()
    empty = sorted(declared - found - EMPTY.keys())
    assert not empty, "\n".join(
        f"schemas/{file}.json: {column} is null in every record. Is it spelt as the naming rules"
        " say? If LinkedIn sends it, let the small world of sandbox/ have it; if not, say why in"
        " EMPTY of tests/test_columns.py."
        for file, column in empty
    )
    outdated = sorted(EMPTY.keys() & found) + sorted(EMPTY.keys() - declared)
    assert not outdated, f"EMPTY of tests/test_columns.py: remove {outdated}"

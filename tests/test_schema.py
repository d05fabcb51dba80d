"""What the tap publishes of the files in schemas/."""

from __future__ import annotations

import re

import pytest

from tap_linkedin_ads.records import schema
from tests.singer import ROOT

FILES = sorted(path.stem for path in (ROOT / "schemas").glob("*.json"))


@pytest.fixture(autouse=True)
def _read_afresh() -> None:
    """Read the files in each of these tests."""
    schema.read.cache_clear()
    schema.stream_names.cache_clear()


def test_every_file_is_a_schema() -> None:
    """Names without their ending, in order."""
    assert list(schema.stream_names()) == FILES
    assert all(schema.read(name)["properties"] for name in FILES if name != "pivots")


def test_annotations_are_the_taps_own() -> None:
    """``x-`` annotations and ``$schema`` are left out at any depth, all else is as declared."""
    declared = {
        "$schema": "a",
        "x-pivots": True,
        "title": "t",
        "properties": {
            "size": {"type": ["integer", "null"], "x-always": True},
            "x": {"x-linkedin": {"path": "a"}, "items": {"x-y": 1, "type": "string"}},
        },
    }
    as_it_was = repr(declared)
    assert schema.published(declared) == {
        "title": "t",
        "properties": {
            "size": {"type": ["integer", "null"]},
            "x": {"items": {"type": "string"}},
        },
    }
    assert repr(declared) == as_it_was


@pytest.mark.parametrize(
    ("version", "is_there"), [(None, True), ("202604", False), ("202605", True), ("202611", True)]
)
def test_a_version_of_the_api_has_columns_from_a_month_on(
    version: str | None, *, is_there: bool
) -> None:
    """``x-since`` is the first month; every other column is there always."""
    full = schema.stream_schema("conversions")
    found = schema.stream_schema("conversions", version)
    expected = {
        name: declared
        for name, declared in full["properties"].items()
        if is_there or name != "ownership_type"
    }
    assert found == {**full, "properties": expected}
    assert found["title"] == "conversions"
    assert not re.search(r'"x-|\$schema', repr(found))


def test_columns_that_linkedin_always_sends() -> None:
    """Those marked so, in their order; a custom report has no file."""
    marked = [
        column
        for column, declared in schema.read("campaigns")["properties"].items()
        if declared.get("x-always")
    ]
    assert schema.always_sent("campaigns") == marked
    assert "name" in marked
    assert "daily_budget_amount" not in marked
    assert schema.always_sent("by_placement") == []
    assert schema.always_sent("pivots") == []


@pytest.mark.parametrize(
    ("version", "metric", "column"),
    [("202604", True, True), ("202605", False, False), ("202601", True, True)],
)
def test_what_a_version_does_not_have_yet(version: str, *, metric: bool, column: bool) -> None:
    """Metrics by LinkedIn's names, then columns with their stream."""
    found = schema.newer_than(version)
    assert ("appointmentsScheduled" in found) == metric
    assert ("conversions.ownership_type" in found) == column
    assert ("company_intelligence.company_size" in found) == (version < "202606")
    assert found == sorted(found, key=lambda name: "." in name)
    assert schema.newer_than("999912") == []


def test_only_what_has_a_first_version_is_newer() -> None:
    """What says no month has been there always."""
    assert "impressions" not in schema.newer_than("000000")
    assert "campaigns.name" not in schema.newer_than("000000")
    assert "eventViews" in schema.newer_than("000000")
    assert "conversions.ownership_type" in schema.newer_than("000000")


def test_a_report_has_its_own_columns_its_pivots_and_its_metrics() -> None:
    """In this order; the pivots' only where the file asks for them."""
    found = schema.report_schema(
        "ad_analytics",
        pivots=("ACCOUNT", "CAMPAIGN"),
        metric_columns=("clicks", "impressions"),
        title="mine",
        description="One campaign.",
    )
    own, pivots = schema.read("ad_analytics"), schema.read("pivots")
    assert list(found["properties"]) == [
        *own["properties"],
        *(c for c in pivots["ACCOUNT"]["properties"] if c not in own["properties"]),
        *pivots["CAMPAIGN"]["properties"],
        "clicks",
        "impressions",
    ]
    assert found["title"] == "mine"
    assert found["description"] == f"One campaign. {own['description']}"
    assert found["type"] == "object"
    assert found["properties"]["clicks"]["type"] == ["integer", "null"]
    assert '"x-' not in repr(found).replace("'", '"')


def test_a_report_without_pivots_in_its_file_gets_none() -> None:
    """Its own columns name what a row is about already, and its own words describe it."""
    own = schema.read("ad_performance")
    found = schema.report_schema(
        "ad_performance", pivots=("CONVERSION",), metric_columns=(), title="t", description=""
    )
    assert list(found["properties"]) == list(own["properties"])
    assert found["description"] == own["description"]

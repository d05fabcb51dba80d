"""The table of reports: one row and one schema make a stream, and nothing else knows it."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

import pytest

from sandbox.world.metrics import METRICS, absent_metrics
from tap_linkedin_ads import tap
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.reports import REPORTS, Report
from tests import report_truth, singer, truth

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World

START = dt.date(2026, 11, 10)


def discover() -> dict[str, t.Any]:
    """Return the catalog's streams by name, from a tap of its own."""
    streams = tap.TapLinkedInAds(config={"access_token": "unused"}).catalog_dict["streams"]
    return {stream["tap_stream_id"]: stream for stream in streams}


@functools.cache
def offered() -> dict[str, t.Any]:
    """Return the catalog's streams with the table as it is; do not change them."""
    return discover()


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_a_row_taken_out_takes_out_its_stream_alone(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its row the stream is gone; the others are as before, those of other cases too."""
    before = offered()
    monkeypatch.setattr(tap, "REPORTS", tuple(row for row in REPORTS if row is not report))
    without = discover()
    assert before.keys() - without.keys() == {report.name}
    assert without == {name: before[name] for name in without}


def test_a_new_row_is_a_whole_stream(
    sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One invented row is discovered, read, named, bookmarked and correct."""
    pivots = ("ACCOUNT", "CAMPAIGN", "SERVING_LOCATION")
    row = Report("ad_analytics_by_campaign_and_place", pivots, "One campaign in one place.")
    monkeypatch.setattr(tap, "REPORTS", (*REPORTS, row))
    found = discover()[row.name]
    keys = ["account_id", "campaign_id", "serving_location", "metric_date"]
    assert list(found["key_properties"]) == keys
    assert found["schema"]["description"].startswith("One campaign in one place.")
    there = {truth.COLUMNS[c] for c in found["schema"]["properties"] if c in truth.COLUMNS}
    assert there == METRICS.keys() - absent_metrics(pivots, 1)
    singer._discovered.cache_clear()
    columns = ("impressions", "clicks")
    catalog = singer.catalog({row.name: (*columns, *report_truth.value_columns(pivots))})
    config = singer.config(sandbox, start_date=START.isoformat())
    output = singer.sync(config, catalog=catalog)
    singer._discovered.cache_clear()
    records = report_truth.records(output, row.name, pivots)
    truth.assert_equal(records, report_truth.rows(world, pivots, columns, START))
    assert set(output.bookmarks(row.name)) == set(world.roles)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_every_row_has_its_columns_declared(report: Report) -> None:
    """Each pivot and each schema that a row names exists, and every column has a description."""
    assert report.schema in schema.stream_names()
    assert set(report.pivots) <= schema.read("pivots").keys()
    properties = offered()[report.name]["schema"]["properties"]
    assert all(declared["description"] for declared in properties.values())
    assert set(report_truth.value_columns(report.pivots)) <= properties.keys()
    there = {truth.COLUMNS[c] for c in properties if c in truth.COLUMNS}
    assert there == METRICS.keys() - absent_metrics(report.pivots, 1)


@pytest.mark.parametrize("version", ["202601", "202605", "202609"])
def test_metrics_of_the_version(version: str, caplog: pytest.LogCaptureFixture) -> None:
    """What the version lacks is in no stream's catalog, and one line says so, or none."""
    caplog.set_level("INFO")
    config = {"access_token": "unused", "api_version": version}
    streams = tap.TapLinkedInAds(config=config).catalog_dict["streams"]
    newer = {name for name, metric in METRICS.items() if metric.since > int(version)}
    for stream in streams:
        columns = stream["schema"]["properties"].keys()
        assert not newer & {truth.COLUMNS[c] for c in columns & truth.COLUMNS.keys()}
    lines = [r.getMessage() for r in caplog.records if "leaves them out" in r.getMessage()]
    assert len(lines) == (version < "202606")
    assert all(name in line for line in lines for name in newer)
    assert newer == ({"appointmentsScheduled"} if version == "202601" else set())

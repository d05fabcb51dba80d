"""What keeps a stream from being the whole of what LinkedIn has."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from tap_linkedin_ads.sync import activation, earlier_runs
from tap_linkedin_ads.sync.run_report import (
    ALL_PAGE_STREAMS,
    ALL_STREAMS,
    OddRecords,
    RunReport,
    Severity,
)
from tests.linkedin_mock import mocked

if t.TYPE_CHECKING:
    from tests.singer import Json

FILTER = {"__filter__": "id > 5"}
ADS, PAGES = ["account_id"], ["organization_id"]


@pytest.mark.parametrize(
    ("owners", "settings", "maps", "why"),
    [
        (ADS, {}, {}, ""),
        (ADS, {"account_ids": [1]}, {}, "account_ids"),
        (ADS, {"account_ids": []}, {}, "account_ids"),
        (ADS, {"exclude_account_ids": [1]}, {}, "exclude_account_ids"),
        (ADS, {"organization_ids": [1]}, {}, ""),
        (PAGES, {"organization_ids": [1]}, {}, "organization_ids"),
        (PAGES, {"organization_ids": []}, {}, "organization_ids"),
        (PAGES, {}, {}, ""),
        (PAGES, {"account_ids": [1], "exclude_account_ids": [1]}, {}, ""),
        ([*ADS, *PAGES], {"organization_ids": [1]}, {}, "organization_ids"),
        (ADS, {}, {"mine": FILTER}, "a __filter__ in stream_maps"),
        (ADS, {}, {"other": {}, "m*": FILTER}, "a __filter__ in stream_maps"),
        (ADS, {}, {"copy": {**FILTER, "__source__": "mine"}}, "a __filter__ in stream_maps"),
        (ADS, {}, {"mine": {**FILTER, "__source__": "other"}}, ""),
        (ADS, {}, {"MINE": FILTER}, ""),
        (ADS, {}, {"mine": {"x": "y"}}, ""),
        (ADS, {}, {"mine": None, "m*": "__NULL__"}, ""),
        (ADS, {}, {"mine": None, "m*": FILTER}, "a __filter__ in stream_maps"),
    ],
    ids=str,
)
def test_a_setting_may_leave_rows_out(
    owners: list[str], settings: Json, maps: Json, why: str
) -> None:
    """Only one about the stream's own owners, or a filter on it."""
    with mocked(**settings) as linkedin:
        assert activation.limit("mine", owners, linkedin.run.settings, maps) == why


def report(stream: str, *, odd: str | None = None) -> RunReport:
    """Return a run that noted something about a stream, or about a column of it."""
    found = RunReport()
    if odd is None:
        found.note(stream, 7, "why", Severity.WARNING)
    else:
        found.note_odd(OddRecords(stream, 7, Severity.WARNING, {}, odd, "x"))
    return found


@pytest.mark.parametrize(
    ("owners", "noted", "is_missing"),
    [
        (ADS, report("mine"), True),
        (ADS, report("parent"), True),
        (ADS, report("other"), False),
        (ADS, report(ALL_STREAMS), True),
        (ADS, report(ALL_PAGE_STREAMS), False),
        (PAGES, report(ALL_PAGE_STREAMS), True),
        (PAGES, report(ALL_STREAMS), False),
        (ADS, report("mine", odd=""), True),
        (ADS, report("mine", odd="name"), False),
        (ADS, report("other", odd=""), False),
        (ADS, RunReport(), False),
    ],
    ids=[
        "own",
        "parent",
        "other",
        "all",
        "pages",
        "own pages",
        "ads",
        "record",
        "value",
        "no",
        "-",
    ],
)
def test_a_run_may_miss_rows(owners: list[str], noted: RunReport, *, is_missing: bool) -> None:
    """Of the stream, of one that it depends on, or of all streams of its owners."""
    before = dataclasses.asdict(noted)
    assert activation.missing(["mine", "parent"], owners, noted) == is_missing
    assert dataclasses.asdict(noted) == before


@pytest.mark.parametrize("state", [{}, {"bookmarks": None}, {"bookmarks": {"a": {}}}])
def test_no_run_has_read_any_owner(state: Json) -> None:
    """Where the state is empty."""
    assert set(earlier_runs.last_days(state, "account_id")) == set()


def test_owners_of_any_stream_are_known() -> None:
    """With and without a bookmark; pages are no ad accounts."""
    state = {
        "bookmarks": {
            "a": {"partitions": [{"context": {"account_id": 7}}, {"context": {"account_id": 8}}]},
            "b": {"partitions": [{"context": {"account_id": "9"}, "replication_key_value": "x"}]},
            "c": {"partitions": [{"context": {"organization_id": 5}}]},
        }
    }
    assert set(earlier_runs.last_days(state, "account_id")) == {7, 8, 9}
    assert set(earlier_runs.last_days(state, "organization_id")) == {5}

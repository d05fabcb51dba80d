"""A column that LinkedIn always sends and that stays null in a whole run is named."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import worlds
from tap_linkedin_ads.records import always_sent, schema
from tap_linkedin_ads.records.always_sent import LEAST_OBJECTS, AlwaysSent
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve
    from tests.singer import Json, Output

COLUMNS = ("name", "enabled")
VALUES = st.sampled_from([None, "", "a", 0, False])
ANNOTATED = {name: found for name in schema.stream_names() if (found := schema.always_sent(name))}
WARNING = "never filled"


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, VALUES)), max_size=8))
def test_never_filled_is_what_no_record_fills(records: list[Json]) -> None:
    """A value fills a column, an empty one too; null and a missing column do not."""
    count = AlwaysSent("things", COLUMNS)
    for record in [*records, *[{}] * LEAST_OBJECTS]:
        count.count(record)
    empty = [c for c in COLUMNS if all(record.get(c) is None for record in records)]
    number = len(records) + LEAST_OBJECTS
    assert [found.refused for found in count.never_filled()] == [
        f"things.{column} was never filled in {number} objects" for column in empty
    ]


@pytest.mark.parametrize(("objects", "found"), [(LEAST_OBJECTS - 1, 0), (LEAST_OBJECTS, 1)])
def test_never_filled_needs_a_hundred_objects(objects: int, found: int) -> None:
    """With fewer objects nothing is said."""
    count = AlwaysSent("things", ["name"])
    for _ in range(objects):
        count.count({"name": None})
    assert len(count.never_filled()) == found


def test_never_filled_leaves_out_unreadable_columns() -> None:
    """A column whose values cannot be held is noted as that, not as renamed."""
    count = AlwaysSent("things", COLUMNS)
    for _ in range(LEAST_OBJECTS):
        count.count({})
    found = count.never_filled({"name"})
    assert [difference.refused for difference in found] == [
        f"things.enabled was never filled in {LEAST_OBJECTS} objects"
    ]


# The whole tap


def read_campaigns(
    serve: Serve,
    number: int,
    *,
    to: str = "",
    without: tuple[str, ...] = (),
) -> Output:
    """Read campaigns, of which LinkedIn sends ``name`` under another name."""
    sandbox = serve(worlds.reference(today=TODAY, days=2, campaigns=number, creatives=1))
    if to:
        sandbox.faults.add(
            "rename",
            path="/rest/adAccounts/",
            where=lambda entry: entry.resource == "adCampaigns",
            times=None,
            key="name",
            to=to,
        )
    chosen = singer.catalog({"campaigns": None})
    for stream in chosen["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"][-1:] and entry["breadcrumb"][-1] in without:
                entry["metadata"]["selected"] = False
    output = singer.sync(singer.config(sandbox), catalog=chosen)
    assert output.status == 0, output.stderr
    assert len(output.records("campaigns")) == number
    return output


def test_renamed_column_is_named_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, one difference, a line below the table; the exit status stays 0."""
    output = read_campaigns(serve, 120, to="title")
    refused = "campaigns.name was never filled in 120 objects"
    assert output.summary["differences"] == [
        {
            "resource": "campaigns",
            "refused": refused,
            "instead": "null",
            "reason": "LinkedIn may have renamed it; please report it.",
        }
    ]
    text = f"{refused}: LinkedIn may have renamed it; please report it."
    assert output.stderr.splitlines().count(text) == 1
    assert [r.levelname for r in caplog.records if r.getMessage() == text] == ["WARNING"]
    assert output.summary["streams"][0]["status"] == "complete"


@pytest.mark.parametrize(
    ("number", "to", "without"),
    [(120, "", ()), (LEAST_OBJECTS - 1, "title", ()), (120, "title", ("name",))],
    ids=["nothing renamed", "few objects", "column not selected"],
)
def test_nothing_is_said(serve: Serve, number: int, to: str, without: tuple[str, ...]) -> None:
    """Of columns that are filled, of few objects, and of columns that nobody wants."""
    output = read_campaigns(serve, number, to=to, without=without)
    assert output.summary["differences"] == []
    assert WARNING not in output.stderr


def read_annotated(sandbox: Sandbox) -> Output:
    """Read all streams that have a column that is always sent."""
    settings: Json = {**singer.PERSONAL}
    chosen = singer.catalog(dict.fromkeys(ANNOTATED), **settings)
    return singer.sync(singer.config(sandbox, **settings), catalog=chosen)


@pytest.mark.slow
def test_every_stream_names_what_no_record_fills(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where LinkedIn leaves out all that it can, each stream names its empty columns."""
    monkeypatch.setattr(always_sent, "LEAST_OBJECTS", 1)
    sandbox = serve(worlds.small(today=TODAY))
    sandbox.faults.add("drop_optional", times=None)
    output = read_annotated(sandbox)
    expected = {
        f"{name}.{column} was never filled in {len(records)} objects"
        for name, columns in ANNOTATED.items()
        if (records := output.records(name))
        for column in columns
        if all(record[column] is None for record in records)
    }
    assert {found["refused"] for found in output.summary["differences"]} == expected
    assert len({refused.partition(".")[0] for refused in expected}) >= 10


@pytest.mark.slow
def test_annotated_columns_are_filled_in_every_record(serve: Serve) -> None:
    """A column that the sandbox's LinkedIn leaves out anywhere is not one that is always sent."""
    output = read_annotated(serve(worlds.small(today=TODAY)))
    assert output.status == 0, output.stderr
    empty = {
        (name, column)
        for name, columns in ANNOTATED.items()
        for record in output.records(name)
        for column in columns
        if record[column] is None
    }
    assert {name for name in ANNOTATED if output.records(name)} == ANNOTATED.keys()
    assert not empty

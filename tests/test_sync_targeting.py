"""Whom campaigns target, as rows with names."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world.ads import truth as assets
from tap_linkedin_ads.streams.ads.targeting_criteria import Odd, Target, targets
from tests import singer
from tests.singer import by_key
from tests.test_sync_conversions import instant

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Json, Output

STREAM = "campaign_targeting"
KEY = ("campaign_id", "clause", "clause_number", "facet_urn", "value_urn")
NAMES = ("facet_name", "value_name")


def sync(sandbox: Sandbox, *streams: str, state: Json | None = None, **settings: t.Any) -> Output:  # noqa: ANN401
    """Read targeting, and other streams."""
    catalog = singer.catalog(dict.fromkeys([*streams, STREAM]))
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def expected(world: World) -> dict[tuple[t.Any, ...], tuple[str, str | None]]:
    """Return what LinkedIn knows of all readable ad accounts."""
    return {k: v for account in world.roles for k, v in assets.targeting(world, account).items()}


def rows(output: Output) -> dict[tuple[t.Any, ...], tuple[t.Any, ...]]:
    """Return the names in the records by key."""
    found = by_key(output.records(STREAM), *KEY)
    return {key: tuple(record[name] for name in NAMES) for key, record in found.items()}


def test_every_value_is_a_row_with_names(sandbox: Sandbox, world: World) -> None:
    """Of every clause, facet and value; with and without the campaigns themselves."""
    output = sync(sandbox)
    assert output.status == 0
    assert rows(output) == expected(world)
    assert len(output.records(STREAM)) == len(expected(world)), "one row each"
    assert output.streams == [STREAM]
    together = sync(sandbox, "campaigns")
    assert by_key(together.records(STREAM), *KEY) == by_key(output.records(STREAM), *KEY)
    campaigns = {row["id"]: row for row in world.campaigns}
    for record in output.records(STREAM):
        campaign = campaigns[record["campaign_id"]]
        stamp = campaign["changeAuditStamps"]["lastModified"]["time"]
        assert record["last_modified_time"] == instant(stamp)
        assert record["account_urn"] == campaign["account"]
        assert record["campaign_urn"] == f"urn:li:sponsoredCampaign:{campaign['id']}"


def test_no_request_more_for_campaigns_and_names_once_a_run(sandbox: Sandbox, world: World) -> None:
    """Campaigns are read once; names in fifties, segments of the accounts that target some."""
    values = [[key[4] for key in assets.targeting(world, account)] for account in world.roles]
    sync(sandbox, "campaigns")
    asked = [entry.resource for entry in sandbox.log if entry.path.startswith("/rest")]
    assert {r: asked.count(r) for r in sorted(set(asked))} == {
        "adAccounts": 1,
        "adCampaigns": 3,
        "adSegments": sum("adSegment" in "".join(of_account) for of_account in values),
        "adTargetingEntities": 1,
        "organizationsLookup": 1,
    }


def test_without_names_nothing_is_looked_up(sandbox: Sandbox, world: World) -> None:
    """Where the column is not selected."""
    columns = [*KEY, "facet_name"]
    catalog = singer.catalog({STREAM: columns})
    output = singer.sync(singer.config(sandbox), catalog=catalog)
    assert by_key(output.records(STREAM), *KEY).keys() == expected(world).keys()
    assert {e.resource for e in sandbox.log if e.path.startswith("/rest")} == {
        "adAccounts",
        "adCampaigns",
    }


def test_a_campaign_that_did_not_change_is_given_again(sandbox: Sandbox, world: World) -> None:
    """Every run gives all rows, whatever the bookmark of campaigns says."""
    first = sync(sandbox, "campaigns")
    second = sync(sandbox, "campaigns", state=first.state)
    assert len(second.records("campaigns")) < len(first.records("campaigns"))
    assert rows(second) == expected(world)


def test_a_value_that_is_removed_goes_with_the_version(sandbox: Sandbox, world: World) -> None:
    """All rows of a run carry its version, and the loader drops the others."""
    output = sync(sandbox, emit_activate_version_messages=True)
    (activated,) = output.of_type("ACTIVATE_VERSION")
    versions = {m["version"] for m in output.of_type("RECORD")}
    assert versions == {activated["version"]}
    before = rows(output)
    campaign = next(iter(before))[0]
    world.change("adCampaigns", campaign, targetingCriteria={"include": {"and": []}})
    after = rows(sync(sandbox, emit_activate_version_messages=True, state=output.state))
    assert before.keys() - after.keys() == {key for key in before if key[0] == campaign}
    assert after == expected(world)


@pytest.mark.parametrize("resource", ["adTargetingEntities", "adSegments"])
def test_names_that_cannot_be_read_are_null(sandbox: Sandbox, world: World, resource: str) -> None:
    """Every row is there, and the summary says what is missing."""
    sandbox.faults.add("status", status=403, where=lambda e: e.resource == resource, times=None)
    output = sync(sandbox)
    assert output.status == 0, output.stderr
    assert rows(output).keys() == expected(world).keys()
    assert rows(output) != expected(world)
    assert {i["stream"] for i in output.summary["incidents"]} == {STREAM}


def test_what_cannot_be_read_costs_itself(sandbox: Sandbox, world: World) -> None:
    """One odd value of one campaign is named; all others are rows."""
    campaign = world.campaigns[0]["id"]
    facet = "urn:li:adTargetingFacet:titles"
    odd = {"include": {"and": [{"or": {facet: ["urn:li:title:9", {"not": "a value"}]}}]}}
    world.change("adCampaigns", campaign, targetingCriteria=odd)
    output = sync(sandbox)
    assert output.status == 1
    found = rows(output)
    assert found.keys() == {
        *expected_without(world, campaign),
        (campaign, "include", 1, facet, "urn:li:title:9"),
    }
    (incident,) = output.summary["incidents"]
    assert "not" in incident["reason"]
    assert incident["stream"] == STREAM


def expected_without(world: World, campaign: int) -> set[tuple[t.Any, ...]]:
    """Return the keys of all other campaigns, whose criteria can be read."""
    world.change("adCampaigns", campaign, targetingCriteria={})
    return set(expected(world))


# The pure flattening

names = st.text("abc:", min_size=1, max_size=4)
facets = st.dictionaries(names, st.lists(names, max_size=4), max_size=3)


@given(st.none() | st.lists(facets, max_size=4), st.none() | facets)
def test_flattening_keeps_every_value_once(
    include: list[dict[str, list[str]]] | None, exclude: dict[str, list[str]] | None
) -> None:
    """What was nested is what the rows say, numbered from 1, and nothing twice."""
    criteria: Json = {}
    wanted: set[tuple[str, int, str, str]] = set()
    if include is not None:
        criteria["include"] = {"and": [{"or": clause} for clause in include]}
        for number, clause in enumerate(include):
            wanted |= {("include", number + 1, f, v) for f, found in clause.items() for v in found}
    if exclude is not None:
        criteria["exclude"] = {"or": exclude}
        wanted |= {("exclude", 1, f, v) for f, found in exclude.items() for v in found}
    rows = list(targets(criteria))
    assert set(rows) == wanted
    assert len(rows) == len(wanted)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | names,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["include", "exclude", "and", "or", "f"]), inner)
    ),
    max_leaves=12,
)


def leaves(value: object) -> list[object]:
    """Return what is neither null nor an empty object or list, in order."""
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [] if value is None else [value]


@given(anything)
def test_nothing_is_lost_in_silence(criteria: object) -> None:
    """Each value of whatever shape is in a row, or in what could not be read."""
    found = list(targets(criteria))
    said = [str(row.value_urn) for row in found if isinstance(row, Target)]
    odd = [str(leaf) for row in found if isinstance(row, Odd) for leaf in leaves(row.value)]
    assert {str(leaf) for leaf in leaves(criteria)} == {*said, *odd}

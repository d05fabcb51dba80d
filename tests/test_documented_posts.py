"""Posts as LinkedIn documents them: no key of theirs is lost.

``documented_posts.json`` has a post of every kind and state, each with every key that LinkedIn
documents for it; what is left out there is the same for all posts.
"""

# ruff: noqa: ANN401 - JSON may hold anything

from __future__ import annotations

import collections
import json
import re
import typing as t
from pathlib import Path

import pytest

from sandbox.world import worlds
from sandbox.world.pages.build import FIRST_PAGE
from tap_linkedin_ads.records import schema
from tests.singer import TODAY
from tests.test_sync_posts import CHILDREN, LONG_AGO, instant, posts_by_urn, readable, sync

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import World
    from tests import singer
    from tests.conftest import Serve

Json = dict[str, t.Any]
Keys = tuple[str | int, ...]
Columns = dict[Keys, list[str]]

DOCUMENTED: dict[str, Json] = json.loads(
    Path(__file__).with_name("documented_posts.json").read_text(encoding="utf-8")
)
RENAMED: Columns = {("id",): ["post_urn"], ("author",): ["organization_urn"]}
"""Keys whose column says what the tap asked for, not what it was sent."""
RAW = ("content", "distribution")
"""Columns that repeat others, as LinkedIn sends them."""


@pytest.fixture(scope="module")
def synced(serve_module: Serve) -> tuple[World, singer.Output]:
    """Sync the documented posts beside every kind that the sandbox has."""
    world = worlds.small(today=TODAY)
    for sample in DOCUMENTED.values():
        changes = {key: value for key, value in sample.items() if key != "content"}
        world.pages.add_post(FIRST_PAGE, sample.get("content"), **changes)
    return world, sync(serve_module(world), start_date=LONG_AGO)


def leaves(value: t.Any, path: Keys = ()) -> Iterator[tuple[Keys, t.Any]]:
    """Yield every value in a wire object that holds no other, with the keys that lead there."""
    items: list[tuple[t.Any, t.Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    if not items:
        yield path, value
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def keys(posts: t.Iterable[Json]) -> set[Keys]:
    """Return the paths of all values of some posts, without places in lists."""
    return {
        tuple(key for key in path if isinstance(key, str))
        for post in posts
        for path, _ in leaves(post)
    }


def columns(stream: str) -> Columns:
    """Return the columns of a stream that hold a part of LinkedIn's own object, by its path."""
    found: Columns = collections.defaultdict(list)
    for name, declared in schema.read(stream)["properties"].items():
        source = declared.get("x-linkedin")
        if source and not source.get("resource"):
            for path in source["path"].split("|"):
                found[tuple(path.split("."))].append(name)
    return found


def held(row: Json, path: Keys, of: Columns, without: t.Container[str] = ()) -> list[t.Any]:
    """Return what columns of a record say about a path: their own value, or a part of it."""
    found = []
    for end in range(1, len(path) + 1):
        for column in of.get(path[:end], ()):
            if column not in without:
                value = row[column]
                for key in path[end:]:
                    inside = isinstance(value, dict) and key in value
                    inside = inside or (isinstance(value, list) and isinstance(key, int))
                    value = value[key] if inside else None
                found.append(value)
    return found


def rows_inside(output: singer.Output) -> dict[str, dict[tuple[str, int], Json]]:
    """Return the rows of the children that are numbered, by post and position."""
    return {
        stream: {
            (row["post_urn"], row["position"]): row
            for row in output.records(stream)
            if "position" in row
        }
        for stream in CHILDREN
    }


LISTS: dict[Keys, str] = {
    ("content", "poll", "options"): "post_poll_options",
    ("content", "carousel", "cards"): "post_carousel_cards",
    ("content", "multiImage", "images"): "post_multi_images",
}


def test_every_value_of_every_post_arrives(synced: tuple[World, singer.Output]) -> None:
    """Whatever LinkedIn sends of a post stands in a column, or inside a column with JSON."""
    world, output = synced
    assert output.status == 0
    assert output.summary["unreadable_values"] == []
    rows, of = posts_by_urn(output), {**columns("posts"), **RENAMED}
    instants = {"createdAt", "publishedAt", "lastModifiedAt"}
    for wire in readable(world):
        for path, value in leaves(wire):
            sent = instant(value) if path[-1] in instants else value
            assert sent in held(rows[wire["id"]], path, of), (path, value)


def test_every_documented_key_has_a_column(synced: tuple[World, singer.Output]) -> None:
    """Nobody needs to read raw content for what LinkedIn documents: columns have it, too."""
    world, output = synced
    documented = list(world.pages.posts)[-len(DOCUMENTED) :]
    rows, of, inside = posts_by_urn(output), {**columns("posts"), **RENAMED}, rows_inside(output)
    lacking = set()
    for wire in (world.pages.posts[urn] for urn in documented):
        for path, value in leaves(wire.get("content", {})):
            whole = ("content", *path)
            found = held(rows[wire["id"]], whole, of, RAW)
            if stream := LISTS.get(whole[:3]):
                row = inside[stream][wire["id"], int(whole[3]) + 1]
                found += held(row, whole[4:], columns(stream))
            if path and value not in found:
                lacking.add(whole)
    assert not lacking


def test_sandbox_has_every_documented_key() -> None:
    """The sandbox's own posts have each key that the documented ones have."""
    world = worlds.small(today=TODAY)
    known = keys(world.pages.truth.posts(view="AUTHOR"))
    assert keys(DOCUMENTED.values()) - known <= {("content", "celebration", "recipient")}


def test_names_of_audiences_are_looked_up_once(serve: Serve, world: World) -> None:
    """All URNs of a page of posts go into one request, and no URN into two."""
    sandbox = serve(world)
    geos = [f"urn:li:geo:{number}" for number in range(200, 260)]
    for place in range(0, 60, 20):
        targets = [{"geoLocations": geos[place : place + 40]}]
        world.pages.add_post(FIRST_PAGE, distribution={"targetEntities": targets})
    output = sync(sandbox, "posts", start_date=LONG_AGO)
    asked = [e for e in sandbox.log if e.resource == "adTargetingEntities"]
    urns = [urn for entry in asked for urn in entry.params["urns"]]
    assert len(urns) == len(set(urns))
    assert set(geos) <= set(urns)
    assert len(asked) <= 1 + 1 + len(urns) // 50  # two pages with posts
    assert output.status == 0


def test_names_of_audiences_are_asked_for_only_where_shown(serve: Serve, world: World) -> None:
    """Without the column with the names, nothing is looked up."""
    sandbox = serve(world)
    selection = {"posts": ["target_entities"], "post_hashtags": None}
    output = sync(sandbox, selection=selection, start_date=LONG_AGO)
    assert any(row["target_entities"] for row in output.records("posts"))
    assert not [e for e in sandbox.log if e.resource == "adTargetingEntities"]


def test_refused_names_cost_names_only(serve: Serve, world: World) -> None:
    """Where the member may not resolve URNs, posts come with their audience and a warning."""
    sandbox = serve(world)
    body = {"status": 403, "code": "ACCESS_DENIED", "message": "Not enough permissions"}
    sandbox.faults.add(
        "status", path="/rest/adTargetingEntities", status=403, body=body, times=None
    )
    output = sync(sandbox, "posts", start_date=LONG_AGO)
    assert output.status == 0
    assert posts_by_urn(output).keys() == {wire["id"] for wire in readable(world)}
    targeted = [row for row in output.records("posts") if row["target_entities"]]
    assert targeted
    assert all(row["target_entity_names"] is None for row in targeted)
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert re.match("names of audiences are missing: ", incident["reason"])

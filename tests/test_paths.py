"""Columns that say in their schema where LinkedIn keeps their values."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.paths import Column
from tap_linkedin_ads.records.values import Misplaced, found_at

if t.TYPE_CHECKING:
    from tap_linkedin_ads.records.values import UnreadableValue
    from tests.singer import Json

INTEGER = {"type": ["integer", "null"]}
TEXT = {"type": ["string", "null"]}
NAMES = st.sampled_from("abc")
OBJECTS: st.SearchStrategy[object] = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=2)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)


def column(path: str, schema: Json = INTEGER) -> Column:
    """Return a column of the stream's own object."""
    return Column("size", path, "", "", schema)


@pytest.mark.parametrize(
    ("wire", "path", "value"),
    [
        ({"a": 1}, "a", 1),
        ({"a": {"b": {"c": 0}}}, "a.b.c", 0),
        ({"a": {"b": 1}}, "a", {"b": 1}),
        ({"a": {"b": 1}}, "a.c", None),
        ({"a": None}, "a.b", None),
        ({"a": 5}, "a.b", None),
        (None, "a", None),
        ([1], "a", None),
    ],
)
def test_a_path_leads_into_an_object(wire: object, path: str, value: object) -> None:
    """Names joined by dots, each inside the one before; nothing lies beside the way."""
    assert paths.at(wire, path) == value


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ({"a": {"b": {"c": 0}}}, 0),
        ({"a": {"b": None}}, None),
        ({"a": {}}, None),
        (None, None),
        ({"a": 5}, Misplaced(5)),
        ({"a": {"b": [1]}}, Misplaced([1])),
        ("text", Misplaced("text")),
        (Misplaced(7), Misplaced(7)),
    ],
)
def test_what_stands_in_the_way_of_a_path_is_told(wire: object, value: object) -> None:
    """Nothing is null; something that is no object is handed on as misplaced."""
    assert found_at(wire, "a.b.c") == value


@given(OBJECTS, PATHS)
def test_both_ways_of_following_a_path_agree(wire: object, path: str) -> None:
    """What is misplaced for the one is null for the other; everything else is the same."""
    found = found_at(wire, path)
    assert paths.at(wire, path) == (None if isinstance(found, Misplaced) else found)


@given(OBJECTS, PATHS, PATHS)
def test_a_path_is_followed_step_by_step(wire: object, first: str, then: str) -> None:
    """A path of two parts leads where its parts lead one after the other."""
    assert paths.at(wire, f"{first}.{then}") == paths.at(paths.at(wire, first), then)


@pytest.mark.parametrize(
    ("wire", "value", "misplaced"),
    [
        ({"new": {"n": 2}, "old": 1}, 2, []),
        ({"old": 1}, 1, []),
        ({"new": {"n": 0}, "old": 1}, 0, []),
        ({"new": 7, "old": 1}, 1, []),
        ({"new": 7}, None, ["7"]),
        ({"new": {"n": "many"}, "old": 1}, None, ["many"]),
        ({}, None, []),
        (None, None, []),
    ],
)
def test_the_first_of_several_paths_that_has_a_value_counts(
    wire: Json | None, value: object, misplaced: list[str]
) -> None:
    """What is misplaced on one path counts only where no other path has a value."""
    unreadable: list[UnreadableValue] = []
    assert column("new.n|old").value(wire, unreadable) == value
    assert [(found.column, found.value, found.kind) for found in unreadable] == [
        ("size", shown, "integer") for shown in misplaced
    ]


def test_a_schema_declares_where_values_come_from() -> None:
    """Only columns that are wanted and have a source; each with all that it says."""
    properties = {
        "plain": {"type": "string"},
        "own": {**INTEGER, "x-linkedin": {"path": "a.b"}},
        "unwanted": {**INTEGER, "x-linkedin": {"path": "a.c"}},
        "other": {
            **TEXT,
            "x-linkedin": {"path": "t", "resource": "images", "key": "k", "entities": ["image"]},
        },
    }
    found = paths.declared({"properties": properties}, {"plain", "own", "other"})
    assert found == (
        Column("own", "a.b", "", "", properties["own"], ()),
        Column("other", "t", "images", "k", properties["other"], ("image",)),
    )


def test_columns_are_filled_from_their_object() -> None:
    """Each column gets its value or null; other columns stay; what does not fit is noted."""
    record: Json = {"id": 1, "size": 4, "name": None}
    unreadable: list[UnreadableValue] = []
    columns = (column("n"), Column("name", "t", "", "", TEXT), Column("rest", "r", "", "", INTEGER))
    paths.fill(record, {"n": "x", "t": "word", "id": 9}, columns, unreadable)
    assert record == {"id": 1, "size": None, "name": "word", "rest": None}
    assert [found.column for found in unreadable] == ["size"]


def test_parts_of_an_object_take_the_types_of_their_columns() -> None:
    """Each from its own path, by its own schema."""
    unreadable: list[UnreadableValue] = []
    columns = {"n": INTEGER, "name": TEXT, "bad": INTEGER, "unused": INTEGER}
    wire = {"a": {"n": "5"}, "name": 3, "b": "x"}
    found = paths.parts(wire, {"n": "a.n", "name": "name", "bad": "b"}, columns, unreadable)
    assert found == {"n": 5, "name": "3", "bad": None}
    assert [(value.column, value.value) for value in unreadable] == [("bad", "x")]

"""One bookmark for each ad account, in the SDK's layout; it only moves forward."""

from __future__ import annotations

import copy
import datetime as dt
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.sync.bookmarks import Bookmarks, is_one_by_one

KEY = "metric_date"


def on(state: dict[str, t.Any], key: str | None = KEY) -> Bookmarks:
    """Return the bookmarks of a stream's state."""
    return Bookmarks(state, context_key="account_id", replication_key=key)


def entry(account: object, value: object, key: str = KEY) -> dict[str, t.Any]:
    """Return a partition as the SDK writes it."""
    return {
        "context": {"account_id": account},
        "replication_key": key,
        "replication_key_value": value,
    }


def test_move_writes_the_sdks_layout() -> None:
    """State holds one partition an account: integer context, replication key and value."""
    state: dict[str, t.Any] = {}
    bookmarks = on(state)
    assert bookmarks.move(7, "2026-11-01")
    assert bookmarks.move(8, "2026-11-02")
    assert bookmarks.move(7, "2026-11-03")
    assert state == {"partitions": [entry(7, "2026-11-03"), entry(8, "2026-11-02")]}


@pytest.mark.parametrize("value", ["2026-11-01", "2026-10-31", "2025-12-31"])
def test_move_never_goes_back(value: str) -> None:
    """An equal or earlier value leaves the bookmark where it is."""
    state = {"partitions": [entry(7, "2026-11-01")]}
    assert not on(state).move(7, value)
    assert state == {"partitions": [entry(7, "2026-11-01")]}


@given(st.lists(st.tuples(st.integers(1, 4), st.dates().map(str)), max_size=30))
def test_bookmark_is_the_latest_value(moves: list[tuple[int, str]]) -> None:
    """In any order of moves each account ends at its latest value, with a single entry."""
    state: dict[str, t.Any] = {}
    bookmarks = on(state)
    for account, value in moves:
        bookmarks.move(account, value)
    latest = {account: max(v for a, v in moves if a == account) for account, _ in moves}
    found = {
        p["context"]["account_id"]: p["replication_key_value"] for p in state.get("partitions", [])
    }
    assert found == latest
    assert len(state.get("partitions", [])) == len(latest)
    assert set(bookmarks) == set(latest)


def test_account_ids_of_another_make_are_read() -> None:
    """A state that names the account in a string is understood, and written as an integer."""
    state = {"partitions": [entry("7", "2026-11-01")]}
    assert on(state).get(7) == "2026-11-01"
    assert state["partitions"][0]["context"] == {"account_id": 7}


@pytest.mark.parametrize(
    "partition",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"context": None}, id="null context"),
        pytest.param({"context": {"organization_id": 7}}, id="another context"),
        pytest.param(entry("everything", "2026-11-01"), id="no number"),
        pytest.param(entry(7, None), id="no value"),
        pytest.param(entry(7, "2026-11-01", "last_modified_time"), id="another key"),
    ],
)
def test_foreign_entries_are_no_bookmarks(partition: dict[str, t.Any]) -> None:
    """What is no bookmark of this stream's replication key starts the account anew."""
    state = {"partitions": [copy.deepcopy(partition)]}
    bookmarks = on(state)
    assert bookmarks.get(7) is None
    assert bookmarks.move(7, "2020-01-01")
    assert on(state).get(7) == "2020-01-01"


@pytest.mark.parametrize(
    ("known", "value", "moves"),
    [
        pytest.param("2026-11-22", "2026-11-22T10:00:00.000+00:00", True, id="date, then instant"),
        pytest.param("2026-11-22T10:00:00Z", "2026-11-22", False, id="instant, then its date"),
        pytest.param("2026-11-22T10:00:00Z", "2026-11-23", True, id="instant, then a later date"),
        pytest.param(
            "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000+00:00", False, id="another precision"
        ),
        pytest.param(
            "2026-11-22T23:00:00+09:00", "2026-11-22T15:00:00.000+00:00", True, id="another zone"
        ),
    ],
)
def test_bookmarks_are_compared_as_instants(known: str, value: str, *, moves: bool) -> None:
    """Dates and date-times of any precision and zone are put in their order in time."""
    state = {"partitions": [entry(7, known)]}
    assert on(state).move(7, value) is moves
    assert on(state).get(7) == (value if moves else known)


def test_bookmark_in_the_future_is_the_present_day() -> None:
    """It is named, and what it stands for is today; the present day itself is no future."""
    state = {
        "partitions": [
            entry(7, "2031-05-05"),
            entry(8, "2026-11-23T00:00:00.000+00:00"),
            entry(9, "2026-11-22T23:59:59.999+00:00"),
            entry(10, "1066-10-14"),
        ]
    }
    today = dt.date(2026, 11, 22)
    bookmarks = Bookmarks(state, context_key="account_id", replication_key=KEY, today=today)
    assert bookmarks.in_future() == {7: "2031-05-05", 8: "2026-11-23T00:00:00.000+00:00"}
    days = [bookmarks.day(owner) for owner in (7, 8, 9, 10, 11)]
    assert days == [today, today, today, dt.date(1970, 1, 1), None]
    assert bookmarks.instant(7) == dt.datetime(2026, 11, 22, tzinfo=dt.timezone.utc)


def test_full_table_keeps_no_bookmarks() -> None:
    """Without a replication key nothing is read from the state and nothing is written."""
    state = {"partitions": [entry(7, "2026-11-01")]}
    bookmarks = on(state, None)
    assert bookmarks.get(7) is None
    assert not bookmarks.move(7, "2026-11-02")
    assert state == {"partitions": [entry(7, "2026-11-01")]}


def test_progress_of_a_pass_is_kept_until_it_is_finished() -> None:
    """With or without a bookmark; the entry itself stays."""
    state: dict[str, t.Any] = {"partitions": [entry(7, "2026-11-01")]}
    bookmarks = on(state)
    assert (bookmarks.progress(7), bookmarks.progress(8)) == (None, None)
    bookmarks.keep_progress(7, {"through": 5})
    bookmarks.keep_progress(8, {"through": 6})
    bookmarks.keep_progress(9, None)
    assert on(state).progress(7) == {"through": 5}
    assert on(state).progress(8) == {"through": 6}
    assert on(state).get(7) == "2026-11-01"
    bookmarks.keep_progress(8, None)
    bookmarks.keep_progress(8, None)
    assert bookmarks.progress(8) is None
    assert state["partitions"] == [
        {**entry(7, "2026-11-01"), "progress_markers": {"through": 5}},
        {"context": {"account_id": 8}},
    ]


def test_progress_needs_a_replication_key() -> None:
    """A full table begins anew."""
    state: dict[str, t.Any] = {"partitions": [{**entry(7, "x"), "progress_markers": {"a": 1}}]}
    bookmarks = on(state, None)
    assert bookmarks.progress(7) is None
    bookmarks.keep_progress(8, {"a": 1})
    bookmarks.keep_progress(7, None)
    assert state == {"partitions": [{**entry(7, "x"), "progress_markers": {"a": 1}}]}
    broken = {"partitions": [{**entry(7, "x"), "progress_markers": "a"}]}
    assert on(broken).progress(7) is None


def test_something_may_be_kept_beside_a_bookmark() -> None:
    """By name; what is read is a copy, and a full table keeps nothing."""
    state: dict[str, t.Any] = {"partitions": [entry(7, "2026-11-01")]}
    bookmarks = on(state)
    assert bookmarks.kept(7, "seen") == {}
    bookmarks.keep(7, "seen", {"a": 1})
    bookmarks.keep(8, "seen", {"b": 2})
    assert state["partitions"] == [
        {**entry(7, "2026-11-01"), "seen": {"a": 1}},
        {"context": {"account_id": 8}, "seen": {"b": 2}},
    ]
    found = on(state).kept(7, "seen")
    assert found == {"a": 1}
    found.clear()
    assert on(state).kept(7, "seen") == {"a": 1}
    assert on(state).kept(8, "seen") == {"b": 2}
    assert on(state).kept(7, "other") == on(state).kept(9, "seen") == {}
    assert on(state, None).kept(7, "seen") == {}
    on(state, None).keep(9, "seen", {"c": 3})
    assert len(state["partitions"]) == 2
    broken: dict[str, t.Any] = {"partitions": [{**entry(7, "x"), "seen": "a"}]}
    assert on(broken).kept(7, "seen") == {}


def test_an_owner_is_remembered_without_a_bookmark() -> None:
    """Once."""
    state: dict[str, t.Any] = {}
    bookmarks = on(state)
    bookmarks.remember(7)
    bookmarks.remember(7)
    assert state == {"partitions": [{"context": {"account_id": 7}}]}
    assert (list(bookmarks), bookmarks.get(7)) == ([7], None)


def marked(*markers: object) -> dict[str, t.Any]:
    """Return the state of two streams, the second of which has partitions with such markers."""
    partitions = [{"progress_markers": marker} for marker in markers]
    return {"bookmarks": {"a": {}, "b": {"partitions": partitions}}}


@pytest.mark.parametrize(
    ("state", "is_so"),
    [
        (marked({"one_by_one": True}), True),
        (marked(None, "x", {}, {"one_by_one": True}), True),
        (marked({"one_by_one": False}), False),
        (marked({"other": True}), False),
        (marked(), False),
        (
            {"bookmarks": {"a": {"partitions": [None, "x"]}, "b": None, "c": {"partitions": 7}}},
            False,
        ),
        ({"bookmarks": []}, False),
        ({"bookmarks": None}, False),
        ({}, False),
        (None, False),
        ([], False),
    ],
    ids=str,
)
def test_an_unfinished_pass_may_know_that_there_are_no_batches(
    state: object, *, is_so: bool
) -> None:
    """Whatever else the state file holds."""
    assert is_one_by_one(state) is is_so

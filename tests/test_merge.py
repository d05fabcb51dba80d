"""Answers for field groups are joined by key, as an outer join, whatever comes first."""

from __future__ import annotations

import datetime as dt
import sys
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.room import Room, Shelf
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.sheets import Sheet
from tap_linkedin_ads.reporting.windows import Window

if t.TYPE_CHECKING:
    from tap_linkedin_ads.reporting.fragments import Key

DAY = dt.date(2026, 11, 1)
DAYS = Window(DAY, DAY + dt.timedelta(days=3))
LONG_AFTER = dt.date(2027, 1, 1)
ACCOUNTS = (1, 2, 3)
METRICS = ("impressions", "clicks", "likes", "comments")
"""The only metric of each field group here."""
BLANKS = [f'"{name}":0'.encode() for name in METRICS]
Cell = tuple[int, dt.date, int]
"""Ad account, day and creative: what tells rows apart."""
CELLS = st.tuples(
    st.sampled_from(ACCOUNTS), st.dates(DAYS.start, DAYS.end), st.sampled_from((50, 51, 6))
)
VALUES = st.one_of(st.integers(0, 99), st.integers(10**1400, 10**1401))
"""Some are as long as no figure is, for the rows of an ad account are not read in one go then."""
GROUPS = st.lists(st.dictionaries(CELLS, VALUES, max_size=12), min_size=1, max_size=len(METRICS))


def key(cell: Cell) -> Key:
    """Return the pivot values of a row."""
    account, _, creative = cell
    return (
        f"urn:li:sponsoredAccount:{account}",
        "urn:li:sponsoredCampaign:4",
        f"urn:li:sponsoredCreative:{creative}",
    )


def in_memory(pieces: t.Sequence[bytes]) -> t.Callable[[int, int], bytes]:
    """Stand for a file."""
    text = b"".join(pieces)
    return lambda start, length: text[start : start + length]


def fragment(group_number: int, value: int) -> bytes:
    """Return the piece of the record's text."""
    return f'"{METRICS[group_number]}":{value}'.encode()


def joined(values: dict[int, int]) -> list[bytes]:
    """Return the pieces of all field groups, of which only some have a value."""
    return [
        fragment(number, values[number]) if number in values else blank
        for number, blank in enumerate(BLANKS)
    ]


def sheet(
    group_number: int,
    rows: dict[Cell, int],
    put: t.Callable[[list[bytes]], t.Callable[[int, int], bytes]] = in_memory,
) -> Sheet:
    """Return rows of a field group that came together."""
    own: dict[tuple[int, dt.date], dict[Key, bytes]] = {}
    for cell, value in rows.items():
        text = b"{" + fragment(group_number, value) + b"}"
        own.setdefault(cell[:2], {})[key(cell)] = text
    return Sheet(group_number, own, put)


def answered(merge: Merge, group_number: int, rows: dict[Cell, int]) -> None:
    """Take in the answer to a request for a field group."""
    if rows:
        merge.add([sheet(group_number, rows)])


def test_rows_of_one_group_alone_come_out_too() -> None:
    """A row that only one field group has is kept, and so is one that only the other has."""
    merge = Merge(BLANKS)
    answered(merge, 0, {(1, DAY, 50): 5, (1, DAY, 51): 7})
    answered(merge, 2, {(1, DAY, 6): 1, (1, DAY, 50): 2})
    assert list(merge.take(1, DAY)) == [
        (DAY, key((1, DAY, 50)), joined({0: 5, 2: 2})),
        (DAY, key((1, DAY, 51)), joined({0: 7})),
        (DAY, key((1, DAY, 6)), joined({2: 1})),
    ]
    assert not any(merge.has_rows(account, LONG_AFTER) for account in ACCOUNTS)


def test_rows_wait_for_their_day() -> None:
    """Only days that are complete come out, each of them once."""
    merge = Merge(BLANKS)
    next_day = DAY + dt.timedelta(days=1)
    answered(merge, 1, {(1, next_day, 50): 2, (1, DAY, 50): 1, (2, DAY, 50): 3})
    assert not merge.has_rows(1, DAY - dt.timedelta(days=1))
    assert merge.has_rows(1, DAY)
    assert [day for day, _, _ in merge.take(1, DAY)] == [DAY]
    assert not merge.has_rows(1, DAY)
    assert list(merge.take(1, DAY)) == []
    assert [day for day, _, _ in merge.take(1, next_day)] == [next_day]
    assert not merge.has_rows(1, LONG_AFTER)
    assert merge.has_rows(2, DAY)


@given(GROUPS, st.data(), st.sampled_from([0, 60, 10_000]))
def test_join_is_the_same_in_any_order(
    groups: list[dict[Cell, int]], data: st.DataObject, at_once_at_most: int
) -> None:
    """However rows share answers, and these arrive: it is the join of all at once.

    And however many of an ad account's days are released together.
    """
    cells = [
        (group_number, cell, value)
        for group_number, group in enumerate(groups)
        for cell, value in group.items()
    ]
    at_once: dict[t.Any, list[bytes]] = {}
    for group_number, cell, value in cells:
        joined_row = at_once.setdefault((cell[0], cell[1], key(cell)), BLANKS.copy())
        joined_row[group_number] = fragment(group_number, value)
    merge = Merge(BLANKS, at_once_at_most)
    shuffled = data.draw(st.permutations(cells))
    together = data.draw(st.integers(1, 5))
    for at in range(0, len(shuffled), together):
        for group_number in range(len(groups)):
            part = {c: value for of, c, value in shuffled[at : at + together] if of == group_number}
            answered(merge, group_number, part)
    released: dict[t.Any, list[bytes]] = {}
    for through in data.draw(st.permutations([*DAYS, LONG_AFTER])):
        for account in ACCOUNTS:
            has_rows, taken = merge.has_rows(account, through), merge.take(account, through)
            keys, days = list(taken.keys()), taken.days()
            rows = {(account, day, pivots): values for day, pivots, values in taken}
            assert not released.keys() & rows
            assert has_rows is bool(rows)
            assert sorted(keys) == sorted({pivots for _, _, pivots in rows})
            assert days == sorted({day for _, day, _ in rows})
            released |= rows
    assert released == at_once
    assert not any(merge.has_rows(account, LONG_AFTER) for account in ACCOUNTS)


@pytest.mark.parametrize("size", [0, 10_000], ids=["file", "memory"])
def test_rows_wait_where_there_is_room(size: int) -> None:
    """What they are takes room in memory until they are gone through, or lies in a file."""
    room, merge = Room(size), Merge(BLANKS)
    merge.add([sheet(0, {(1, DAY, 50): 5}, Shelf(room).put)])
    assert not room.take(size or 1)
    assert [values for *_, values in merge.take(1, DAY)] == [joined({0: 5})]
    assert room.take(size)


@given(GROUPS, st.sampled_from([0, 10_000]))
def test_rows_are_released_in_order(groups: list[dict[Cell, int]], at_once_at_most: int) -> None:
    """The same rows always come in the same order: by day, then by key."""
    merge = Merge(BLANKS, at_once_at_most)
    for group_number, group in enumerate(groups):
        answered(merge, group_number, group)
    for account in ACCOUNTS:
        keys = [(day, pivots) for day, pivots, _ in merge.take(account, LONG_AFTER)]
        assert keys == sorted(keys)


@pytest.mark.parametrize("at_once_at_most", [0, 10_000])
def test_the_newest_text_counts(at_once_at_most: int) -> None:
    """A row that comes twice in answers to one field group is one row, as it came last."""
    merge = Merge(BLANKS, at_once_at_most)
    for value in (5, 6):
        answered(merge, 0, {(1, DAY, 50): value})
    assert list(merge.take(1, DAY)) == [(DAY, key((1, DAY, 50)), joined({0: 6}))]


def test_days_and_keys_are_those_of_the_rows() -> None:
    """Days in order; those of other ad accounts and of rows that go on waiting not."""
    merge = Merge(BLANKS)
    days = [DAY + dt.timedelta(days=number) for number in range(3)]
    answered(merge, 1, {(1, days[1], 51): 2, (1, days[2], 6): 1, (2, DAY, 50): 3})
    answered(merge, 0, {(1, days[0], 50): 1})
    taken = merge.take(1, days[1])
    assert taken.days() == days[:2]
    assert set(taken.keys()) == {key((1, DAY, 50)), key((1, DAY, 51))}
    assert merge.take(3, LONG_AFTER).days() == []
    assert list(merge.take(3, LONG_AFTER)) == []


@pytest.mark.parametrize("at_once_at_most", [0, 10_000_000])
@pytest.mark.parametrize("length", [0, 1400])
def test_many_rows_of_an_ad_account_come_out_as_they_went_in(
    at_once_at_most: int, length: int
) -> None:
    """Also where what tells them apart is more than is read at first, and where days are left."""
    merge = Merge(BLANKS, at_once_at_most)
    days = list(DAYS)[:3]
    rows = {
        (1, day, creative): creative + 10**length
        for day in days
        for creative in range(1000, 1000 + 400 * (1 + day.day % 2))
    }
    answered(merge, 1, {(2, DAY, 50): 3} | rows)
    for taken in (days[:1], days[1:]):
        assert list(merge.take(1, taken[-1])) == [
            (cell[1], key(cell), joined({1: value}))
            for cell, value in rows.items()
            if cell[1] in taken
        ]


def test_rows_that_wait_keep_no_keys() -> None:
    """However many there are, and however few are the same: their keys wait with their texts."""
    merge = Merge(BLANKS)
    values = [f"urn:li:sponsoredCampaign:{number}" for number in range(1000, 6000)]
    before = list(map(sys.getrefcount, values))
    merge.add([Sheet(0, {(1, DAY): {(value,): b"{}" for value in values}}, in_memory)])
    assert list(map(sys.getrefcount, values)) == before
    assert [pivots for _, pivots, _ in merge.take(1, DAY)] == [(value,) for value in values]

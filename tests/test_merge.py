"""Answers for field groups are joined by key, as an outer join, whatever comes first."""

from __future__ import annotations

import datetime as dt
import typing as t

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.intake import take_in
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.metrics import catalogue
from tap_linkedin_ads.reporting.reports import REPORTS
from tap_linkedin_ads.reporting.tracks import Piece
from tap_linkedin_ads.reporting.windows import Window

DAY = dt.date(2026, 11, 1)
LONG_AFTER = dt.date(2027, 1, 1)
ROWS = st.tuples(
    st.integers(1, 3),
    st.dates(DAY, DAY + dt.timedelta(days=3)),
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy")),
)
GROUPS = st.lists(st.dictionaries(ROWS, st.integers(), max_size=12), min_size=1, max_size=4)


def add(merge: Merge, account: int, day: dt.date, key: t.Any, values: t.Any) -> None:  # noqa: ANN401
    """Join values to a row, as the intake of an answer does."""
    merge.rows(account, day).setdefault(key, {}).update(values)


def test_rows_of_one_group_alone_come_out_too() -> None:
    """A row that only one field group has is kept, and so is one that only the other has."""
    merge = Merge()
    add(merge, 1, DAY, ("a",), {"impressions": 5})
    add(merge, 1, DAY, ("b",), {"impressions": 7})
    add(merge, 1, DAY, ("c",), {"likes": 1})
    add(merge, 1, DAY, ("a",), {"likes": 2})
    assert list(merge.release(1, DAY)) == [
        (DAY, ("a",), {"impressions": 5, "likes": 2}),
        (DAY, ("b",), {"impressions": 7}),
        (DAY, ("c",), {"likes": 1}),
    ]
    assert not merge.holds(1, DAY)


def test_rows_wait_for_their_day() -> None:
    """Only days that are complete are given, each of them once."""
    merge = Merge()
    next_day = DAY + dt.timedelta(days=1)
    add(merge, 1, next_day, ("a",), {"clicks": 2})
    add(merge, 1, DAY, ("a",), {"clicks": 1})
    add(merge, 2, DAY, ("a",), {"clicks": 3})
    assert merge.holds(1, DAY)
    assert [day for day, _, _ in merge.release(1, DAY)] == [DAY]
    assert not merge.holds(1, DAY)
    assert list(merge.release(1, DAY)) == []
    assert [day for day, _, _ in merge.release(1, next_day)] == [next_day]
    assert merge.holds(2, DAY)


@given(GROUPS, st.data())
def test_join_is_the_same_in_any_order(groups: list[dict[t.Any, int]], data: st.DataObject) -> None:
    """However the answers' rows arrive, the outcome is the join of everything at once."""
    cells = [
        (key, {f"m{i}": value}) for i, group in enumerate(groups) for key, value in group.items()
    ]
    at_once: dict[t.Any, dict[str, int]] = {}
    for key, values in cells:
        at_once.setdefault(key, {}).update(values)
    merge = Merge()
    for (account, day, pivots), values in data.draw(st.permutations(cells)):
        add(merge, account, day, pivots, dict(values))
    joined = {
        (account, day, pivots): values
        for account in (1, 2, 3)
        for day, pivots, values in merge.release(account, LONG_AFTER)
    }
    assert joined == at_once
    assert not any(merge.holds(account, LONG_AFTER) for account in (1, 2, 3))


@given(GROUPS)
def test_rows_are_released_in_order(groups: list[dict[t.Any, int]]) -> None:
    """The same rows always come in the same order: by day, then by key."""
    merge = Merge()
    for group in groups:
        for account, day, pivots in group:
            add(merge, account, day, pivots, {})
    for account in (1, 2, 3):
        keys = [(day, pivots) for day, pivots, _ in merge.release(account, LONG_AFTER)]
        assert keys == sorted(keys)


# From answers into the merge


def row(account: int, day: dt.date, creative: int) -> msgspec.Raw:
    """Return a row of a creative as LinkedIn sends it."""
    date = {"year": day.year, "month": day.month, "day": day.day}
    urns = [
        f"urn:li:sponsoredAccount:{account}",
        "urn:li:sponsoredCampaign:4",
        f"urn:li:sponsoredCreative:{creative}",
    ]
    body = {
        "dateRange": {"start": date, "end": date},
        "pivotValues": urns,
        "impressions": creative,
    }
    return msgspec.Raw(msgspec.json.encode(body))


@pytest.mark.parametrize("is_cut", [False, True])
def test_rows_that_nobody_asked_for_are_not_merged(*, is_cut: bool) -> None:
    """Rows of other days or ad accounts are counted as rows, and are nobody's rows otherwise."""
    report = next(report for report in REPORTS if report.name == "ad_performance")
    reader = FragmentReader(
        tuple(m for m in catalogue(schema.read("metrics")["properties"]) if m.name == "impressions")
    )
    own = [row(1, DAY, 5), row(2, DAY, 6), row(2, DAY, 6)]
    day = dt.timedelta(days=1)
    others = [row(3, DAY, 7), row(1, DAY - day, 8), row(1, DAY + 2 * day, 9)]
    merge = Merge()
    piece = Piece(0, Window(DAY, DAY + day), (1, 2))
    tally = take_in(
        [*own, *others],
        report=report,
        piece=piece,
        reader=reader,
        merge=None if is_cut else merge,
    )
    assert tally.rows == 6
    assert tally.by_account == {1: 1, 2: 2}
    assert tally.by_day == {DAY: 3}
    assert tally.by_cell == {(1, DAY): 1, (2, DAY): 1 if is_cut else 2}
    given = [merge.release(account, LONG_AFTER) for account in (1, 2, 3)]
    assert sum(1 for rows in given for _ in rows) == (0 if is_cut else 2)

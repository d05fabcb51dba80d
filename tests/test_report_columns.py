"""Where a row's pivot values go, what its key is, and how a report is laid out after refusals."""

from __future__ import annotations

import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.layout import Layout, Refusals
from tap_linkedin_ads.reporting.metrics import catalogue
from tap_linkedin_ads.reporting.pivots import (
    OPTION_INDEX,
    PivotColumns,
    place_in_row,
    values_in_row,
)
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.rows import UnreadableRowError, key_fields, values

if t.TYPE_CHECKING:
    from tap_linkedin_ads.records.values import UnreadableValue
    from tests.singer import Json

METRICS = catalogue(schema.read("metrics")["properties"])
VERSION = "202609"
KEYED = {"type": "integer", "x-key": True}


def chosen(*columns: str) -> list[t.Any]:
    """Return metrics by their columns."""
    found = {metric.column: metric for metric in METRICS}
    return [found[column] for column in columns]


# Pivots


@pytest.mark.parametrize(
    ("pivots", "pivot", "number", "place"),
    [
        (("ACCOUNT", "CAMPAIGN"), "CAMPAIGN", 2, 1),
        (("ACCOUNT", "CAMPAIGN"), "ACCOUNT", 2, 0),
        (("ACCOUNT", "CAMPAIGN"), "CREATIVE", 2, None),
        ((OPTION_INDEX, "CAMPAIGN"), "CAMPAIGN", 3, 2),
        ((OPTION_INDEX,), OPTION_INDEX, 2, 0),
        ((), "CAMPAIGN", 0, None),
    ],
)
def test_a_pivot_has_its_place_among_a_rows_values(
    pivots: tuple[str, ...], pivot: str, number: int, place: int | None
) -> None:
    """In the order of the request; a button of a conversation counts twice."""
    assert values_in_row(pivots) == number
    assert place_in_row(pivots, pivot) == place


@pytest.mark.parametrize(
    ("properties", "columns"),
    [
        (
            {"campaign_id": KEYED, "campaign_urn": {}, "campaign_name": {}},
            (PivotColumns("", "campaign_urn", "campaign_id", "campaign_name", "campaign_id"),),
        ),
        (
            {"title_urn": {"x-key": True}, "title_id": {}},
            (PivotColumns("", "title_urn", "title_id", "", "title_urn"),),
        ),
        (
            {"node": {"x-key": True}, "option": {"x-key": True}, "other": {}},
            (PivotColumns(plain="node", key="node"), PivotColumns(plain="option", key="option")),
        ),
    ],
    ids=["number is the key", "URN is the key", "no URN"],
)
def test_a_schema_says_where_a_pivots_value_goes(
    properties: Json, columns: tuple[PivotColumns, ...]
) -> None:
    """A URN has up to three columns, anything else one for each of its values."""
    assert PivotColumns.declared(properties) == columns


def test_a_value_fills_its_columns() -> None:
    """A URN without a number has none."""
    of_urn = PivotColumns("", "u", "i", "n", "i")
    assert list(of_urn.fill("urn:li:title:5")) == [("u", "urn:li:title:5"), ("i", 5)]
    assert list(of_urn.fill("urn:li:country:us")) == [("u", "urn:li:country:us"), ("i", None)]
    assert list(PivotColumns(plain="p", key="p").fill("urn:li:title:5")) == [
        ("p", "urn:li:title:5")
    ]


# Rows


def row(**more: t.Any) -> Json:  # noqa: ANN401
    """Return a row of one day."""
    start = {"year": 2026, "month": 11, "day": 5}
    return {"dateRange": {"start": start}, "pivotValues": ["urn:li:title:5", 7], **more}


def test_a_row_is_told_by_its_day_and_its_pivot_values() -> None:
    """Numbers among them are text."""
    assert key_fields(row()) == (dt.date(2026, 11, 5), ("urn:li:title:5", "7"))


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"dateRange": None}, "a row without proper "),
        ({"dateRange": {}}, "a row without proper 'start': {"),
        ({"dateRange": {"start": {"year": 2026, "month": 11}}}, "a row without proper 'day': {"),
        ({"dateRange": {"start": {"year": 2026, "month": 11, "day": "x"}}}, "proper x: {"),
        ({"dateRange": {"start": {"year": 2026, "month": 13, "day": 1}}}, "a row without proper "),
        ({"dateRange": {"start": {"year": 10**9, "month": 1, "day": 1}}}, "a row without proper "),
        ({"pivotValues": None}, "a row with the pivot values null"),
        ({"pivotValues": "x"}, "a row with the pivot values x"),
        ({"pivotValues": ["x", None]}, 'a row with the pivot values ["x", null]'),
        ({"pivotValues": [True]}, "a row with the pivot values [true]"),
    ],
    ids=str,
)
def test_a_row_without_key_is_unreadable(odd: Json, why: str) -> None:
    """What is wrong, and the row or what it has for a key."""
    with pytest.raises(UnreadableRowError) as raised:
        key_fields(row(**odd))
    assert why in str(raised.value)


def test_a_row_without_pivot_values_is_unreadable() -> None:
    """They are missing altogether."""
    with pytest.raises(UnreadableRowError, match="the pivot values null"):
        key_fields({"dateRange": row()["dateRange"]})


def test_figures_are_read_by_their_columns() -> None:
    """Those that a row has; one that is no number is null and noted."""
    unreadable: list[UnreadableValue] = []
    wire = row(clicks="5", costInUsd=Decimal("1.50"), shares="x", likes=None)
    metrics = chosen("clicks", "cost_in_usd", "shares", "likes", "impressions")
    found = values(wire, metrics, unreadable)
    assert found == {"clicks": 5, "cost_in_usd": Decimal("1.50"), "shares": None}
    assert [(value.column, value.value) for value in unreadable] == [("shares", "x")]


# Layout


REPORT = Report("mine", ("ACCOUNT", "CAMPAIGN"))


def lay_out(
    refusals: Refusals, report: Report = REPORT, *, names_campaigns: bool = False
) -> Layout:
    """Lay out a report with a few metrics."""
    metrics = chosen("clicks", "shares", "approximate_member_reach", "impressions")
    return Layout.after(refusals, report, metrics, VERSION, names_campaigns=names_campaigns)


def asked(layout: Layout) -> set[str]:
    """Return the columns that are asked for."""
    return {metric.column for group in layout.groups for metric in group.metrics}


def refused(layout: Layout) -> list[str]:
    """Return the columns that are null."""
    return [metric.column for metric in layout.refused]


def test_without_refusals_everything_is_asked() -> None:
    """The report as it is, as many metrics a request as LinkedIn documents."""
    layout = lay_out(Refusals())
    assert layout.report is REPORT
    assert asked(layout) == {"clicks", "shares", "approximate_member_reach", "impressions"}
    assert refused(layout) == []


def test_refused_metrics_are_left_out() -> None:
    """Those that the same finder refuses beside the same pivots, in any order."""
    refusals = Refusals()
    refusals.add_names("statistics", ("CAMPAIGN", "ACCOUNT"), ["shares"])
    refusals.add_names("statistics", ("ACCOUNT", "CAMPAIGN"), ["clicks"])
    refusals.add_names("analytics", ("ACCOUNT", "CAMPAIGN"), ["impressions"])
    refusals.add_names("statistics", ("CREATIVE",), ["impressions"])
    layout = lay_out(refusals)
    assert asked(layout) == {"approximate_member_reach", "impressions"}
    assert refused(layout) == ["clicks", "shares"]
    assert refusals.names("statistics", ("ACCOUNT", "CAMPAIGN")) == {"clicks", "shares"}
    assert refusals.names("statistics", ("ACCOUNT",)) == frozenset()
    assert refusals.everywhere == {"clicks", "shares", "impressions"}


@pytest.mark.parametrize("names_campaigns", [False, True])
def test_lists_of_campaigns_are_asked_by_the_same_metrics(*, names_campaigns: bool) -> None:
    """Both requests must be accepted."""
    refusals = Refusals()
    refusals.add_names("statistics", ("CAMPAIGN",), ["shares"])
    layout = lay_out(refusals, names_campaigns=names_campaigns)
    assert refused(layout) == (["shares"] if names_campaigns else [])


def test_fewer_metrics_a_request_need_more_requests() -> None:
    """As many as LinkedIn accepts."""
    layout = lay_out(Refusals(most_metrics=1))
    assert [len(group.metrics) for group in layout.groups] == [1, 1, 1, 1]


def test_account_may_have_to_stand_apart() -> None:
    """The report then asks for each ad account alone, by its other pivots."""
    refusals = Refusals(account_stands_alone=True)
    refusals.add_names("statistics", ("CAMPAIGN",), ["clicks"])
    layout = lay_out(refusals)
    assert layout.report.asked_pivots == ("CAMPAIGN",)
    assert refused(layout) == ["clicks"]
    alone = Report("alone", ("ACCOUNT",))
    assert lay_out(refusals, alone).report.asked_pivots == ("ACCOUNT",)


def test_metrics_that_do_not_exist_for_the_pivots_are_null() -> None:
    """Reach is not counted by country."""
    layout = lay_out(Refusals(), Report("theirs", ("MEMBER_COUNTRY_V2",)))
    assert refused(layout) == ["approximate_member_reach"]

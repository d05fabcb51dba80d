"""The metrics of adAnalytics, and how they share requests of at most 20 names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import METRICS
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS, Metric, catalogue, field_groups
from tests.truth import COLUMNS

ALL = catalogue(schema.read("metrics")["properties"])
PIVOTS = ("ACCOUNT", "CAMPAIGN", "CREATIVE")


def test_every_metric_of_linkedin_is_declared() -> None:
    """The schema has each metric of LinkedIn's table once, by the naming rule."""
    assert {metric.column: metric.name for metric in ALL} == COLUMNS


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_metrics_are_declared_as_linkedin_describes_them(metric: Metric) -> None:
    """Type, first version and additivity agree with LinkedIn's table."""
    known = METRICS[metric.name]
    is_mean = metric.name.startswith("average")  # rule LI-48: a decimal, whatever is documented
    assert metric.kind == ("double" if is_mean else known.kind)
    assert int(metric.since or 0) == known.since
    assert metric.additive == known.additive
    declared = schema.read("metrics")["properties"][metric.column]["type"]
    assert declared == ["integer" if metric.kind == "long" else "number", "null"]


@given(st.lists(st.sampled_from(ALL), unique=True))
def test_every_selected_metric_is_asked_for_exactly_once(selected: list[Metric]) -> None:
    """Any selection is divided completely, into as few requests as possible, 20 names at most."""
    groups = field_groups(selected)
    asked = [metric for group in groups for metric in group.metrics]
    assert sorted(m.name for m in asked) == sorted(m.name for m in selected)
    assert len(groups) == max(1, -(-len(selected) // 18))
    for group in groups:
        assert group.fields[:2] == KEY_FIELDS
        assert len(group.fields) <= 20
        assert len(set(group.fields)) == len(group.fields)


@given(st.lists(st.sampled_from(ALL), unique=True))
def test_dense_groups_come_first(selected: list[Metric]) -> None:
    """The first group shows how many rows there are: it holds what nearly every ad has."""
    flags = [group.dense for group in field_groups(selected)]
    assert flags == sorted(flags, reverse=True)


@given(st.lists(st.sampled_from(sorted({m.family for m in ALL})), unique=True, max_size=4))
def test_small_families_stay_together(families: list[str]) -> None:
    """Metrics that are zero together are asked together, where a request has room for them."""
    selected = [metric for metric in ALL if metric.family in families]
    if len(selected) > 18:
        return
    assert len(field_groups(selected)) == 1


def test_all_metrics_keep_nearly_all_families_whole() -> None:
    """With everything selected at most one family a request is torn apart."""
    selected = [m for m in ALL if m.exists_for(PIVOTS, "202609")]
    groups = field_groups(selected)
    torn = {
        metric.family
        for metric in selected
        if sum(any(m.family == metric.family for m in group.metrics) for group in groups) > 1
    }
    assert len(groups) == -(-len(selected) // 18)
    assert len(torn) < len(groups)


def test_field_groups_tell_which_of_them_many_ads_have() -> None:
    """Those with video, lead, conversion or viral metrics, unless nearly every ad has a part."""
    groups = field_groups([m for m in ALL if m.exists_for(PIVOTS, "202609")])
    found = [{m.family for m in group.metrics} for group in groups if group.often]
    assert found == [{"viral", "card"}, {"document", "conversions"}, {"leads", "video"}]
    (mixed,) = field_groups([m for m in ALL if m.name in {"impressions", "videoViews"}])
    assert (mixed.dense, mixed.often) == (True, False)


def test_no_metric_asks_for_any_activity() -> None:
    """Without a metric the key fields alone are asked: rows exist on any activity."""
    (group,) = field_groups(())
    assert group.fields == KEY_FIELDS
    assert group.dense


@pytest.mark.parametrize(
    ("column", "pivots", "version", "exists"),
    [
        ("impressions", PIVOTS, "202601", True),
        ("appointments_scheduled", PIVOTS, "202605", True),
        ("appointments_scheduled", PIVOTS, "202604", False),
        ("event_views", PIVOTS, "202512", False),
        ("audience_penetration", PIVOTS, "202609", True),
        ("audience_penetration", ("CREATIVE",), "202609", False),
        ("approximate_member_reach", ("MEMBER_COUNTRY_V2",), "202609", False),
        ("card_clicks", ("MEMBER_SENIORITY",), "202609", False),
        ("job_applications", ("ACCOUNT", "IMPRESSION_DEVICE_TYPE"), "202609", False),
        ("external_website_conversions", ("IMPRESSION_DEVICE_TYPE",), "202609", True),
    ],
)
def test_metrics_exist_for_pivots_and_versions(
    column: str,
    pivots: tuple[str, ...],
    version: str,
    exists: bool,  # noqa: FBT001
) -> None:
    """What LinkedIn leaves out for a breakdown, or did not have yet, is not offered."""
    metric = next(metric for metric in ALL if metric.column == column)
    assert metric.exists_for(pivots, version) == exists


def test_a_metric_is_what_its_schema_says() -> None:
    """All of it, and what it may leave out."""
    notes = {"name": "n", "kind": "long", "family": "f", "additive": False}
    more = {**notes, "since": "202605", "not_for": ["A"], "needs_pivot": ["B", "C"]}
    assert catalogue({"c": {"x-linkedin": notes}, "d": {"x-linkedin": more}}) == (
        Metric(
            "n",
            "c",
            "long",
            "f",
            additive=False,
            since="",
            not_for=frozenset(),
            needs_pivot=frozenset(),
        ),
        Metric(
            name="n",
            column="d",
            kind="long",
            family="f",
            additive=False,
            since="202605",
            not_for=frozenset({"A"}),
            needs_pivot=frozenset({"B", "C"}),
        ),
    )


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_request_may_have_fewer_metrics(size: int) -> None:
    """All are asked for, in as few requests as that allows."""
    groups = field_groups(ALL[:11], size=size)
    assert sorted(m.name for group in groups for m in group.metrics) == sorted(
        m.name for m in ALL[:11]
    )
    assert len(groups) == -(-11 // size)
    assert max(len(group.metrics) for group in groups) == size


def made(**families: int) -> list[Metric]:
    """Return so many metrics of each family."""
    return [
        Metric(f"{family}{n}", f"{family}{n}", "long", family, additive=True)
        for family, number in families.items()
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("metrics", "groups"),
    [
        (made(c=1, b=2, a=3), [("a0", "a1", "a2"), ("b0", "b1", "c0")]),
        (made(a=2, b=2, c=1, d=1), [("a0", "a1", "c0"), ("b0", "b1", "d0")]),
        (made(a=2, b=2, c=2), [("a0", "a1", "c1"), ("b0", "b1", "c0")]),
        (made(a=4), [("a0", "a1", "a2"), ("a3",)]),
    ],
    ids=["one fits exactly", "two fit exactly", "one is torn", "one is too large"],
)
def test_families_are_packed(metrics: list[Metric], groups: list[tuple[str, ...]]) -> None:
    """The largest first, whole where a request has room for them."""
    assert sorted(group.names for group in field_groups(metrics, size=3)) == groups

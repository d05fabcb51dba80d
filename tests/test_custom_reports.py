"""Custom reports: what is refused at start-up, and what any allowed one gives."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest

from sandbox import METRICS, World
from sandbox.world import pivots
from sandbox.world.metrics import absent_metrics
from tap_linkedin_ads.settings import custom_reports
from tests import report_truth, singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.singer import Json, Output

START = dt.date(2026, 11, 2)
FEW = ["impressions", "clicks", "costInUsd"]


def report(**changes: t.Any) -> Json:  # noqa: ANN401
    """Return a report that is allowed, with changes."""
    return {"name": "mine", "pivots": ["CAMPAIGN"], "metrics": ["clicks"], **changes}


def read(*entries: object, start: dt.date | None = None, version: str = "202609") -> list[str]:
    """Return what is wrong with reports."""
    _, errors = custom_reports.read(list(entries), api_version=version, start=start, end=TODAY)
    return errors


def sync(
    sandbox: Sandbox,
    *reports: Json,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read custom reports with every column."""
    config = singer.config(
        sandbox, reports=list(reports), **{"start_date": START.isoformat(), **settings}
    )
    names = [entry["name"] for entry in reports]
    catalog = singer.catalog(dict.fromkeys(names), reports=list(reports))
    output = singer.sync(config, catalog=catalog, state=state)
    assert output.status == 0, output.stderr[-1000:]
    return output


# What LinkedIn would refuse

REFUSED = [
    ({"pivots": ["MEMBER_INDUSTRY", "CAMPAIGN"]}, "MEMBER_INDUSTRY must stand alone"),
    ({"pivots": ["CREATIVE", "CAMPAIGN", "SHARE", "COMPANY"]}, "at most 3, not 4"),
    ({"pivots": ["CAMPAIGN", "CAMPAIGN"]}, "one is named twice"),
    ({"pivots": []}, "pivots: expected"),
    ({"pivots": ["CAMPAING"]}, "did you mean CAMPAIGN?"),
    ({"pivots": [["CAMPAIGN"]]}, "is no pivot"),
    ({"pivots": ["LEAD_GEN_FORM"]}, "'LEAD_GEN_FORM' is no pivot"),
    ({"metrics": ["impresions"]}, "did you mean impressions?"),
    ({"metrics": []}, "metrics: expected"),
    ({"metrics": [7]}, "7 is no metric"),
    (
        {"pivots": ["MEMBER_COUNTY"], "metrics": ["approximateMemberReach"]},
        "no approximateMemberReach for the pivots MEMBER_COUNTY",
    ),
    (
        {"pivots": ["CREATIVE", "SHARE", "COMPANY"], "metrics": ["audiencePenetration"]},
        "no audiencePenetration for the pivots CREATIVE, SHARE, COMPANY",
    ),
    (
        {"pivots": ["IMPRESSION_DEVICE_TYPE"], "metrics": ["talentLeads"]},
        "no talentLeads for the pivots",
    ),
    ({"time_granularity": "HOURLY"}, "'HOURLY'; allowed are DAILY, MONTHLY, YEARLY, ALL"),
    ({"time_granularity": "MONTHLY"}, "MONTHLY needs a range of at least 28 days"),
    ({"time_granularity": "YEARLY"}, "YEARLY needs a range of at least 365 days"),
    ({"facets": {"campagns": [1]}}, "did you mean campaigns?"),
    ({"facets": {"campaigns": ["one"]}}, "facets.campaigns: expected ids or URNs"),
    ({"facets": {"campaign_type": "VIDEO"}}, "facets.campaign_type"),
    ({"facets": []}, None),
    ({"facets": [1]}, "facets: expected an object"),
    (
        {"pivots": ["MEMBER_COUNTY"], "facets": {"objective_type": "VIDEO_VIEW"}},
        "objective_type: not beside a MEMBER_* pivot",
    ),
    ({"name": "Mine!"}, "name: expected lower-case letters"),
    ({"name": None}, "without a name"),
    ({"name": "campaigns"}, "another stream is called campaigns"),
    ({"lookback_window": -1}, "lookback_window"),
    ({"granularity": "DAILY"}, "granularity: there is no such key"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_what_linkedin_would_refuse(changes: Json, said: str | None) -> None:
    """Each is told with the report's name and the reason; nothing else is."""
    errors = read(report(**changes), start=dt.date(2026, 11, 1))
    if said is None:
        assert errors == []
        return
    (error,) = errors
    assert said in error
    assert error.startswith("reports, entry 1 (")


@pytest.mark.parametrize("value", ["{}", "not JSON", {"name": "x"}, 7, [7]])
def test_reports_are_an_array_of_objects(value: object) -> None:
    """Anything else is told, not guessed at."""
    (_, (error,)) = custom_reports.read(value, api_version="202609", start=None, end=TODAY)
    assert "object" in error


def test_a_metric_of_a_newer_version() -> None:
    """It is refused with the version that brought it."""
    entry = report(metrics=["appointmentsScheduled"])
    assert read(entry) == []
    (error,) = read(entry, version="202604")
    assert "exists since API version 202605" in error


def test_two_reports_of_one_name() -> None:
    """Names are unique, and every report that is wrong is told at once."""
    errors = read(report(), report(), report(name="other", pivots=["X"]))
    assert len(errors) == 2
    assert "another stream is called mine" in errors[0]


@pytest.mark.slow
@pytest.mark.parametrize("discover", [True, False])
def test_wrong_reports_end_with_status_2(
    sandbox: Sandbox, tmp_path: Path, *, discover: bool
) -> None:
    """One line for each, no traceback, no request; the same with --discover."""
    wrong = [
        report(name=f"r{i}", **changes) for i, (changes, said) in enumerate(REFUSED[:14]) if said
    ]
    config = singer.config(sandbox, start_date="2026-11-01", reports=wrong)
    command = singer.arguments(tmp_path, config)
    output = singer.run([*command, "--discover"] if discover else command)
    assert output.status == 2
    assert output.stdout == b""
    assert "Traceback" not in output.stderr
    for i, (_, said) in enumerate(REFUSED[:14]):
        assert any(f"(r{i})" in line and str(said) in line for line in output.stderr.splitlines())
    assert len(sandbox.log) == 0


def test_reports_as_an_environment_variable() -> None:
    """JSON in a text works as an array does."""
    text = '[{"name": "mine", "pivots": "CAMPAIGN, PLACEMENT_NAME", "metrics": "clicks,likes"}]'
    (found,), errors = custom_reports.read(text, api_version="202609", start=None, end=TODAY)
    assert errors == []
    assert found.pivots == ("ACCOUNT", "CAMPAIGN", "PLACEMENT_NAME")
    assert found.metrics == ("clicks", "likes")


# What an allowed one gives

ONE_PIVOT = sorted((pivots.STATISTICS_PIVOTS | pivots.MEMBER_PIVOTS) - {"ACCOUNT"})


@pytest.mark.slow
def test_every_pivot(sandbox: Sandbox, world: World) -> None:
    """Each of LinkedIn's pivots gives its rows, with the key that the interface promises."""
    start, end = dt.date(2026, 7, 10), dt.date(2026, 7, 24)
    metrics = [*FEW, "externalWebsiteConversions", "opens", "totalEngagements"]
    reports = [report(name=f"by_{p.lower()}", pivots=[p], metrics=metrics) for p in ONE_PIVOT]
    output = sync(sandbox, *reports, start_date=str(start), end_date=str(end))
    columns = tuple(truth.snake(name) for name in metrics)
    seen: set[str] = set()
    for pivot, entry in zip(ONE_PIVOT, reports, strict=True):
        expected = report_truth.rows(world, [pivot], columns, start, end)
        truth.assert_equal(report_truth.records(output, entry["name"], [pivot]), expected)
        (schema,) = (m for m in output.of_type("SCHEMA") if m["stream"] == entry["name"])
        keys = schema["key_properties"]
        assert (keys[0], keys[-2:]) == ("account_id", ["time_granularity", "metric_date"])
        by_key(output.records(entry["name"]), *keys)
        seen |= {pivot} if expected else set()
    assert seen == set(ONE_PIVOT)


def test_requests(sandbox: Sandbox) -> None:
    """ACCOUNT joins where a pivot is free, so that accounts share a request; else one each."""
    sync(
        sandbox,
        report(name="shared", pivots=["PLACEMENT_NAME", "CAMPAIGN"]),
        report(name="alone", pivots=["PLACEMENT_NAME", "CAMPAIGN", "SERVING_LOCATION"]),
        report(name="members", pivots=["MEMBER_COUNTY"]),
    )
    asked = [
        (
            entry.finder,
            entry.params.get("pivots") or entry.params["pivot"],
            len(entry.params["accounts"]),
        )
        for entry in report_truth.requests(sandbox)
    ]
    assert asked == [
        ("statistics", ["ACCOUNT", "PLACEMENT_NAME", "CAMPAIGN"], 3),
        *[("statistics", ["PLACEMENT_NAME", "CAMPAIGN", "SERVING_LOCATION"], 1)] * 3,
        *[("analytics", "MEMBER_COUNTY", 1)] * 3,
    ]


def test_the_account_may_stand_anywhere(sandbox: Sandbox, world: World) -> None:
    """Also behind the pivot that has two values: rows find their ad account."""
    order = ["CONVERSATION_NODE_OPTION_INDEX", "ACCOUNT", "CAMPAIGN"]
    output = sync(sandbox, report(pivots=order, metrics=["opens", "sends"]))
    found = report_truth.records(output, "mine", order)
    truth.assert_equal(found, report_truth.rows(world, order, ("opens", "sends"), START))
    assert found


@pytest.mark.slow
def test_all_metrics(sandbox: Sandbox, world: World) -> None:
    """A star offers every metric that exists for the pivots."""
    chosen = ["CAMPAIGN_GROUP", "OBJECTIVE_TYPE"]
    output = sync(sandbox, report(pivots=chosen, metrics="*"))
    columns = report_truth.metric_columns(output, "mine")
    asked = ("ACCOUNT", *chosen)
    assert {truth.COLUMNS[c] for c in columns} == METRICS.keys() - absent_metrics(asked, 1)
    found = report_truth.records(output, "mine", asked)
    truth.assert_equal(found, report_truth.rows(world, asked, columns, START))


@pytest.mark.parametrize(
    ("granularity", "start", "days"),
    [
        ("MONTHLY", "2026-08-20", {"2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"}),
        ("YEARLY", "2025-11-01", {"2026-01-01"}),
        ("ALL", "2026-11-02", {"2026-11-02"}),
    ],
)
def test_granularities(
    sandbox: Sandbox, world: World, granularity: str, start: str, days: set[str]
) -> None:
    """Months and years are whole and keep a bookmark; ALL is one row, a full table."""
    entry = report(pivots=["CAMPAIGN"], metrics=FEW, time_granularity=granularity)
    output = sync(sandbox, entry, start_date=start)
    found = report_truth.records(output, "mine", ["CAMPAIGN"])
    assert {key[1] for key in found} == days
    first = dt.date.fromisoformat(start)
    if granularity != "ALL":
        first = first.replace(day=1, month=1 if granularity == "YEARLY" else first.month)
    columns = tuple(truth.snake(name) for name in FEW)
    expected = report_truth.rows(world, ["CAMPAIGN"], columns, first, granularity=granularity)
    truth.assert_equal(found, expected)
    assert {r["time_granularity"] for r in found.values()} == {granularity}
    ends = {r["metric_end_date"] for r in found.values()}
    assert max(ends) == {"MONTHLY": "2026-11-30", "YEARLY": "2026-12-31"}.get(
        granularity, TODAY.isoformat()
    )
    marks = output.bookmarks("mine")
    assert marks == ({} if granularity == "ALL" else dict.fromkeys(world.roles, str(TODAY)))
    again = sync(sandbox, entry, start_date=start, state=output.state)
    months = {"MONTHLY": {"2026-10-01", "2026-11-01"}}.get(granularity, days)
    assert {r["metric_date"] for r in again.records("mine")} == months


def test_facets(sandbox: Sandbox, world: World) -> None:
    """Each narrows the rows as LinkedIn does: all of them together, any value of each."""
    campaign = next(iter(world.deliveries.values())).campaign
    inside = [d for d in world.deliveries.values() if d.campaign == campaign]
    shares = [
        d.pivot_values["SHARE"] for d in world.deliveries.values() if "SHARE" in d.pivot_values
    ]
    entries = {
        "campaigns": ({"campaigns": [campaign]}, lambda d: d.campaign == campaign),
        "groups": (
            {"campaign_groups": f"urn:li:sponsoredCampaignGroup:{inside[0].group}"},
            lambda d: d.group == inside[0].group,
        ),
        "creatives": (
            {"creatives": [inside[0].creative], "campaigns": [campaign]},
            lambda d: d.creative == inside[0].creative,
        ),
        "shares": ({"shares": shares[:2]}, lambda d: d.pivot_values.get("SHARE") in shares[:2]),
        "companies": (
            {"companies": [9087651]},
            lambda d: d.pivot_values.get("COMPANY") == "urn:li:organization:9087651",
        ),
        "kind": ({"campaign_type": "TEXT_AD"}, lambda d: d.campaign_type == "TEXT_AD"),
        "objective": (
            {"objective_type": "VIDEO_VIEW"},
            lambda d: d.pivot_values.get("OBJECTIVE_TYPE") == "VIDEO_VIEW",
        ),
    }
    reports = [
        report(name=f"narrow_{name}", pivots=["CREATIVE"], metrics=["impressions"], facets=facets)
        for name, (facets, _) in entries.items()
    ]
    output = sync(sandbox, *reports)
    rows = report_truth.rows(world, ["CREATIVE"], ("impressions",), START)
    for name, (_, chosen) in entries.items():
        urns = {d.pivot_values["CREATIVE"] for d in world.deliveries.values() if chosen(d)}
        expected = {key: row for key, row in rows.items() if key[2] in urns}
        assert expected, name
        found = report_truth.records(output, f"narrow_{name}", ["CREATIVE"])
        truth.assert_equal(found, expected)


@pytest.mark.slow
def test_each_has_its_own_bookmark_and_lookback(sandbox: Sandbox, world: World) -> None:
    """One report's look-back is its own; a new report beside it is read from start_date."""
    short = report(name="short", metrics=["impressions"], lookback_window=2)
    usual = report(name="usual", metrics=["impressions"])
    first = sync(sandbox, short, usual, lookback_window=6)
    late = report(name="late", metrics=["impressions"])
    second = sync(sandbox, short, usual, late, lookback_window=6, state=first.state)
    for name, days in (("short", 2), ("usual", 6), ("late", (TODAY - START).days)):
        since = TODAY - dt.timedelta(days=days)
        expected = report_truth.rows(world, ["CAMPAIGN"], ("impressions",), since)
        truth.assert_equal(report_truth.records(second, name, ["CAMPAIGN"]), expected)
        assert second.bookmarks(name) == dict.fromkeys(sorted(world.roles), TODAY.isoformat())


def test_changed_pivots_start_anew(sandbox: Sandbox) -> None:
    """Bookmarks of other rows are none of these."""
    first = sync(sandbox, report(metrics=["impressions"]))
    changed = report(metrics=["impressions"], pivots=["CAMPAIGN", "PLACEMENT_NAME"])
    second = sync(sandbox, changed, state=first.state, lookback_window=1)
    assert min(r["metric_date"] for r in second.records("mine")) == START.isoformat()


def test_wider_facets_start_anew(sandbox: Sandbox, world: World) -> None:
    """Rows that a facet left out are read from start_date when it goes; a new one loses none."""
    narrow = {"campaigns": [world.campaigns[0]["id"]]}
    plain = report(metrics=["impressions"])
    first = sync(sandbox, report(metrics=["impressions"], facets=narrow))
    same = sync(
        sandbox,
        report(metrics=["impressions"], facets=narrow),
        state=first.state,
        lookback_window=1,
    )
    assert min(r["metric_date"] for r in same.records("mine")) > START.isoformat()
    wide = sync(sandbox, plain, state=same.state, lookback_window=1)
    expected = report_truth.rows(world, ["CAMPAIGN"], ("impressions",), START)
    truth.assert_equal(report_truth.records(wide, "mine", ["CAMPAIGN"]), expected)
    assert "facets" not in wide.state["bookmarks"]["mine"]
    narrower = sync(
        sandbox,
        report(metrics=["impressions"], facets=narrow),
        state=wide.state,
        lookback_window=1,
    )
    assert min(r["metric_date"] for r in narrower.records("mine")) > START.isoformat()


@pytest.mark.slow
def test_discovery_sends_no_request(sandbox: Sandbox, tmp_path: Path) -> None:
    """All streams, custom reports and leads included, are listed without asking LinkedIn."""
    reports = [report(name="mine"), report(name="trait", pivots=["MEMBER_COUNTY"])]
    config = singer.config(sandbox, reports=reports, **singer.PERSONAL)
    output = singer.run([*singer.arguments(tmp_path, config), "--discover"])
    assert output.status == 0, output.stderr[-1000:]
    found = {stream["tap_stream_id"] for stream in json.loads(output.stdout)["streams"]}
    assert found == {*singer.every_stream(**singer.PERSONAL), "mine", "trait"}
    assert len(sandbox.log) == 0

"""One bad ad account among many: found, set aside and told, while the others are read."""

from __future__ import annotations

import datetime as dt
import json
import math
import typing as t

import pytest

from sandbox.world import worlds
from tap_linkedin_ads.reporting.evidence import MOST_REPEATS
from tests import singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox.api.log import Entry
    from tests.conftest import Serve
    from tests.singer import Output

START = TODAY - dt.timedelta(days=13)
COLUMNS = ("impressions", "cost_in_usd", "likes", "video_views")
STREAM = "ad_performance"
ACCOUNTS = 24
REFUSALS = {
    "403": {"status": 403, "body": {"status": 403, "code": "NO_PERMISSION_ON_ENTITY"}},
    "404": {"status": 404, "body": {"status": 404, "code": "NOT_FOUND", "message": "Not Found"}},
    "400": {"status": 400, "body": {"status": 400, "message": "Array parameter 'accounts' value"}},
    "500": {"status": 500, "body": {"status": 500, "code": "INTERNAL_ERROR"}},
}
TRIES = {"500": 8}
"""How often a request is sent before it counts as failed."""


def names(entry: Entry, account: int) -> bool:
    """Tell whether a report request names an ad account."""
    return entry.resource == "adAnalytics" and str(account) in json.dumps(entry.params["accounts"])


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("places", [(0,), (11,), (3, 4), (0, 12, 23)], ids=str)
def test_bad_accounts_are_found_by_halving(
    serve: Serve, refusal: str, places: tuple[int, ...]
) -> None:
    """All rows of the others, an incident for each bad one, and about log2 requests to find it."""
    world = worlds.agency(today=TODAY, days=30, accounts=ACCOUNTS)
    sandbox = serve(world)
    bad = [world.accounts[place]["id"] for place in places]
    for account in bad:
        sandbox.faults.add(
            "status",
            path="/rest/adAnalytics",
            where=lambda entry, account=account: names(entry, account),  # type: ignore[misc]
            times=None,
            **REFUSALS[refusal],
        )
    output = read(sandbox.config())
    assert output.status == 1
    good = [a["id"] for a in world.accounts if a["id"] not in bad]
    expected = truth.ad_performance(world, START, columns=COLUMNS, accounts=good)
    found = by_key(output.records(STREAM), *truth.KEY)
    truth.assert_equal({k: r for k, r in found.items() if k[0] not in bad}, expected)
    incidents = output.summary["incidents"]
    assert sorted(incident["account_id"] for incident in incidents) == bad
    assert {incident["stream"] for incident in incidents} == {STREAM}
    assert set(output.bookmarks(STREAM)) == set(good)
    group_numbers = len(
        {tuple(e.params["fields"]) for e in sandbox.log if e.resource == "adAnalytics"}
    )
    asked = len([e for e in sandbox.log if e.resource == "adAnalytics"])
    steps = 1 + len(bad) * 2 * (1 + math.ceil(math.log2(ACCOUNTS)))
    assert asked <= group_numbers * steps * TRIES.get(refusal, 1)
    sandbox.faults.clear()
    again = read(sandbox.config(), state=output.state)
    assert again.status == 0
    found |= by_key(again.records(STREAM), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, START, columns=COLUMNS))


@pytest.mark.parametrize(
    "fault", [("status", {"status": 503}), ("reset", {}), ("html", {})], ids=lambda f: f[0]
)
def test_a_general_failure_is_not_looked_for_in_every_account(
    serve: Serve, fault: tuple[str, t.Any]
) -> None:
    """Where nothing is answered, a few halves tell so; the next stream asks little more."""
    sandbox = serve(worlds.agency(today=TODAY, days=30, accounts=ACCOUNTS))
    sandbox.faults.add(fault[0], path="/rest/adAnalytics", times=None, **fault[1])
    config = {**sandbox.config(), "start_date": START.isoformat(), "end_date": TODAY.isoformat()}
    selection = {STREAM: COLUMNS, "ad_analytics_by_campaign": COLUMNS}
    catalog = singer.catalog(selection)
    clock = singer.QuickClock()
    output = singer.sync(config, catalog=catalog, clock=clock)
    assert output.status == 1
    assert {i["stream"] for i in output.summary["incidents"] if not i["account_id"]} == {*selection}
    assert all("run the tap again" in i["reason"] for i in output.summary["incidents"])
    asked = [e for e in sandbox.log if e.resource == "adAnalytics"]
    assert len(asked) <= 8 * (10 + 4 + 4)
    assert not output.bookmarks(STREAM)
    sandbox.faults.clear()
    again = singer.sync(config, catalog=catalog, state=output.state)
    assert again.status == 0
    found = by_key(again.records(STREAM), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(sandbox.world, START, columns=COLUMNS))


def test_an_answer_that_cannot_be_read_is_one_accounts(serve: Serve) -> None:
    """An answer without rows to read, among many ad accounts, leaves out the one it comes with."""
    sandbox = serve(worlds.agency(today=TODAY, days=30, accounts=ACCOUNTS))
    bad = sandbox.world.accounts[7]["id"]
    handle = sandbox._gateway.handle

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer = handle(incoming)
        if names(incoming.entry, bad):
            answer.body = b'{"elements": 7}'
        return answer

    sandbox._gateway.handle = odd  # type: ignore[method-assign]
    output = read(sandbox.config())
    del sandbox._gateway.handle
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == (STREAM, bad)
    assert "elements" in incident["reason"], incident["reason"]
    found = by_key(output.records(STREAM), *truth.KEY)
    good = [a["id"] for a in sandbox.world.accounts if a["id"] != bad]
    expected = truth.ad_performance(sandbox.world, START, columns=COLUMNS, accounts=good)
    truth.assert_equal({k: r for k, r in found.items() if k[0] != bad}, expected)
    again = read(sandbox.config(), state=output.state)
    assert again.status == 0
    found |= by_key(again.records(STREAM), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(sandbox.world, START, columns=COLUMNS))


def read(config: dict[str, str], state: singer.Json | None = None) -> Output:
    """Read ad_performance of all ad accounts."""
    settings = {**config, "start_date": START.isoformat(), "end_date": TODAY.isoformat()}
    settings = {**settings, "lookback_window": 0}
    return singer.sync(settings, catalog=singer.catalog({STREAM: COLUMNS}), state=state)


def test_a_daily_quota_stops_its_resource_and_keeps_what_was_read(serve: Serve) -> None:
    """Rows before the quota are written and bookmarked, and the next day goes on behind them."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world)
    sandbox.faults.add("throttle", path="/rest/adAnalytics", nth=4, times=None, unit="DAY")
    config = {
        **singer.config(sandbox, start_date="2026-09-01", date_window_size=10),
        "lookback_window": 0,
        "max_workers": 2,
    }
    catalog = singer.catalog({STREAM: COLUMNS, "campaigns": None, "report_coverage": None})
    output = singer.sync(config, catalog=catalog)
    assert output.status == 3
    assert len(output.records("campaigns")) == len(world.campaigns)
    assert output.records(STREAM)
    reached = min(output.bookmarks(STREAM).values())
    assert "2026-09-01" < reached < TODAY.isoformat()
    sandbox.faults.clear()
    again = singer.sync(config, catalog=catalog, state=output.state)
    assert again.status == 0
    assert min(r["metric_date"] for r in again.records(STREAM)) >= reached
    found = by_key(output.records(STREAM), *truth.KEY) | by_key(again.records(STREAM), *truth.KEY)
    expected = truth.ad_performance(world, dt.date(2026, 9, 1), columns=COLUMNS)
    truth.assert_equal(found, expected)


def test_an_outage_is_no_bad_account(serve: Serve) -> None:
    """Where every request fails, the resource is left alone soon, and the run says why."""
    world = worlds.agency(today=TODAY, days=30, accounts=ACCOUNTS)
    sandbox = serve(world)
    sandbox.faults.add("status", path="/rest/adAnalytics", times=None, status=503, body="")
    catalog = singer.catalog({STREAM: COLUMNS, "ad_analytics_by_campaign": ["clicks"]})
    output = singer.sync(singer.config(sandbox, max_workers=2), catalog=catalog)
    assert output.status == 1
    stopped = [i for i in output.summary["incidents"] if i["account_id"] is None]
    assert [i["stream"] for i in stopped] == [STREAM, "ad_analytics_by_campaign"]
    assert all("requests in a row stayed without" in i["reason"] for i in stopped)
    assert not output.bookmarks(STREAM)
    asked = [e for e in sandbox.log if e.resource == "adAnalytics"]
    assert len(asked) <= 8 * (10 + 2 + 1)


def test_the_data_volume_throttle_is_waited_for_once(serve: Serve) -> None:
    """Four requests that meet the throttle together wait for one window, then all are read."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world, latency_ms=15)
    sandbox.faults.add("throttle_data", path="/rest/adAnalytics", times=4)
    clock = singer.QuickClock()
    config = singer.config(sandbox, start_date="2026-09-01", date_window_size=10)
    output = singer.sync(config, catalog=singer.catalog({STREAM: COLUMNS}), clock=clock)
    assert output.status == 0
    found = by_key(output.records(STREAM), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, dt.date(2026, 9, 1), columns=COLUMNS))
    assert 300 < (clock.now() - singer.QuickClock().now()).total_seconds() < 1500


@pytest.mark.slow
@pytest.mark.parametrize("lies", [1, None], ids=["once", "for ever"])
def test_answers_that_contradict_a_cut_one_are_not_believed(serve: Serve, lies: int | None) -> None:
    """Days that had rows in a cut answer and none later: asked again, then set aside loudly."""
    world = worlds.reference(today=TODAY, days=20)
    sandbox = serve(world)
    start = TODAY - dt.timedelta(days=19)
    fault = sandbox.faults.add(
        "status",
        path="/rest/adAnalytics",
        where=lambda entry: str(TODAY.day) in json.dumps(entry.params["dateRange"], default=str),
        nth=2,
        times=lies,
        status=200,
        body={"elements": [], "paging": {"start": 0, "count": 10, "links": []}},
    )
    config = singer.config(sandbox, start_date=start.isoformat())
    catalog = singer.catalog({STREAM: ("impressions",)})
    output = singer.sync(config, catalog=catalog)
    assert fault.played == (lies or 1 + MOST_REPEATS)
    found = by_key(output.records(STREAM), *truth.KEY)
    expected = truth.ad_performance(world, start, columns=("impressions",))
    account = world.accounts[0]["id"]
    if lies:
        assert output.status == 0
        truth.assert_equal(found, expected)
        return
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == account
    assert "contradict each other" in incident["reason"]
    assert output.bookmarks(STREAM).get(account, "") < TODAY.isoformat()
    sandbox.faults.clear()
    again = singer.sync(config, catalog=catalog, state=output.state)
    assert again.status == 0
    found |= by_key(again.records(STREAM), *truth.KEY)
    truth.assert_equal(found, expected)

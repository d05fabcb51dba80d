"""Receipts: what was read of each report, ad account and day, beside LinkedIn's own figures."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import worlds
from tests import singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox, World
    from sandbox.api.log import Entry
    from tests.singer import Json, Output

START = TODAY - dt.timedelta(days=20)
KEY = ("stream", "account_id", "metric_date")
CHECKED = ("impressions", "clicks", "cost_in_local_currency")
SELECTION: dict[str, t.Any] = {
    "ad_performance": CHECKED,
    "ad_analytics_by_campaign": CHECKED,
    "ad_analytics_by_impression_device_type": CHECKED,
    "conversion_performance": ("external_website_conversions",),
    "report_coverage": None,
}


def read(sandbox: Sandbox, **settings: t.Any) -> Output:  # noqa: ANN401
    """Read reports and their receipts."""
    config = singer.config(sandbox, start_date=START.isoformat(), **settings)
    return singer.sync(config, catalog=singer.catalog(SELECTION))


def receipts(output: Output) -> dict[tuple[t.Any, ...], Json]:
    """Return the receipts by key."""
    return by_key(output.records("report_coverage"), *KEY)


def test_every_report_account_and_day_has_a_receipt(sandbox: Sandbox, world: World) -> None:
    """Also days without rows, and ad accounts without any."""
    found = receipts(read(sandbox))
    days = [(START + dt.timedelta(days=n)).isoformat() for n in range(21)]
    assert found.keys() == {
        (stream, account["id"], day)
        for stream in SELECTION
        if stream != "report_coverage"
        for account in world.accounts
        for day in days
    }


def test_receipts_count_the_rows(sandbox: Sandbox) -> None:
    """The rows of a receipt are the records of its stream, ad account and day."""
    output = read(sandbox)
    counted: collections.Counter[tuple[t.Any, ...]] = collections.Counter(
        (stream, record["account_id"], record["metric_date"])
        for stream in SELECTION
        if stream != "report_coverage"
        for record in output.records(stream)
    )
    found = receipts(output)
    assert {key: entry["rows"] for key, entry in found.items() if entry["rows"]} == counted
    assert any(entry["rows"] == 0 for entry in found.values())


def test_figures_match_linkedins_own(sandbox: Sandbox, world: World) -> None:
    """Every day adds up: to the world's truth, and to what LinkedIn says of whole accounts."""
    output = read(sandbox)
    names = tuple(truth.COLUMNS[column] for column in CHECKED)
    own: dict[tuple[t.Any, ...], tuple[t.Any, ...]] = {}
    for day, _, (account,), figures in world.truth(("ACCOUNT",), START, TODAY, names, None):
        values = (Decimal(str(value)) for value in figures.values())
        own[int(account.rpartition(":")[2]), day.isoformat()] = tuple(values)
    for (stream, account, day), entry in receipts(output).items():
        expected = own.get((account, day), (0, 0, 0))
        assert tuple(entry[f"account_{column}"] for column in CHECKED) == expected
        if stream in {"ad_performance", "ad_analytics_by_campaign"}:
            assert entry["matches"] is True
            sums = [Decimal(entry[column]) for column in CHECKED]
            assert sums[:2] == list(expected[:2])
            assert abs(sums[2] - expected[2]) <= Decimal("0.01")


def test_what_does_not_make_up_the_account_is_not_compared(sandbox: Sandbox) -> None:
    """A report without the checked figures, or split by another pivot, says nothing of a match."""
    output = read(sandbox)
    for (stream, _, _), entry in receipts(output).items():
        if stream == "conversion_performance":
            assert entry["matches"] is None
            assert entry["impressions"] is None


@pytest.mark.parametrize("column", CHECKED)
def test_rows_that_were_lost_show(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    """Where an answer lost rows without a word, the day does not match."""
    handle = sandbox._gateway.handle

    def lossy(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer = handle(incoming)
        entry: Entry = incoming.entry
        if entry.resource == "adAnalytics" and "CREATIVE" in entry.params.get("pivots", ()):
            answer.body = without_last_row(answer.body)
        return answer

    monkeypatch.setattr(sandbox._gateway, "handle", lossy)
    output = read(sandbox)
    assert output.status == 0
    found = receipts(output)
    wrong = [key for key, entry in found.items() if entry["matches"] is False]
    assert {stream for stream, _, _ in wrong} == {"ad_performance"}
    for key in wrong:
        entry = found[key]
        assert any(entry[c] != entry[f"account_{c}"] for c in CHECKED)
    assert any(found[key][column] < found[key][f"account_{column}"] for key in wrong)


def without_last_row(body: bytes) -> bytes:
    """Return an answer without its last row."""
    import json  # noqa: PLC0415

    answer = json.loads(body)
    answer["elements"] = answer["elements"][:-1]
    return json.dumps(answer).encode()


def test_receipts_cost_few_requests(sandbox: Sandbox) -> None:
    """All ad accounts and days fit into very few requests more."""
    output = read(sandbox)
    requests = {s["stream"]: s["requests"] for s in output.summary["streams"]}
    assert requests["report_coverage"] == 1


def test_receipts_are_only_kept_where_they_are_selected(sandbox: Sandbox) -> None:
    """Nobody pays for them otherwise."""
    config = singer.config(sandbox, start_date=START.isoformat())
    catalog = singer.catalog({"ad_performance": CHECKED})
    output = singer.sync(config, catalog=catalog)
    assert len({e.params["pivots"][0] for e in sandbox.log if e.resource == "adAnalytics"}) == 1
    assert output.records("report_coverage") == []


def test_an_account_that_was_set_aside_has_no_receipt_behind_its_bookmark(
    sandbox: Sandbox, world: World
) -> None:
    """A receipt says that a day was read: none for what was refused."""
    bad = world.accounts[0]["id"]
    sandbox.faults.add(
        "status",
        where=lambda e: "CREATIVE" in str(e.params.get("pivots")) and str(bad) in str(e.params),
        path="/rest/adAnalytics",
        times=None,
        status=403,
        body={"status": 403, "code": "NO_PERMISSION_ON_ENTITY", "message": "Viewer may not"},
    )
    output = read(sandbox)
    assert output.status == 1
    found = receipts(output)
    assert not [key for key in found if key[:2] == ("ad_performance", bad)]
    assert [key for key in found if key[:2] == ("ad_analytics_by_campaign", bad)]


@pytest.mark.parametrize("status", [403, 500])
def test_one_account_without_figures_is_found_among_many(
    serve: Callable[..., Sandbox], status: int
) -> None:
    """The others are compared; the one is named, and nothing is claimed of it."""
    sandbox = serve(worlds.agency(today=TODAY, days=10, accounts=20))
    bad = sandbox.world.accounts[13]["id"]
    sandbox.faults.add(
        "status",
        where=lambda e: e.params.get("pivots") == ["ACCOUNT"] and str(bad) in str(e.params),
        path="/rest/adAnalytics",
        times=None,
        status=status,
        body={"status": status, "code": "NO_PERMISSION_ON_ENTITY", "message": "Viewer may not"},
    )
    config = {**sandbox.config(), "start_date": "2026-11-20", "end_date": TODAY.isoformat()}
    selection = {"ad_analytics_by_campaign": CHECKED, "report_coverage": None}
    output = singer.sync(config, catalog=singer.catalog(selection))
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == ("report_coverage", bad)
    matches = {key[1]: entry["matches"] for key, entry in receipts(output).items()}
    assert matches.pop(bad) is None
    assert set(matches.values()) == {True}
    assert len(matches) == 19


def test_without_linkedins_figures_nothing_is_claimed(sandbox: Sandbox) -> None:
    """Where LinkedIn does not answer the comparison, matches is null and the run is partial."""
    sandbox.faults.add(
        "status",
        where=lambda e: e.params.get("pivots") == ["ACCOUNT"],
        path="/rest/adAnalytics",
        times=None,
        status=500,
        body="",
    )
    output = read(sandbox)
    assert output.status == 1
    assert {entry["matches"] for entry in receipts(output).values()} == {None}

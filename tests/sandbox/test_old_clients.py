from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, TODAY, day_text, range_text

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.sandbox.conftest import Caller, Reply

START = TODAY - dt.timedelta(days=6)
OLD_RANGE = (
    f"dateRange.start.year={START.year}&dateRange.start.month={START.month}"
    f"&dateRange.start.day={START.day}&dateRange.end.year={TODAY.year}"
    f"&dateRange.end.month={TODAY.month}&dateRange.end.day={TODAY.day}"
)
FIELDS = "dateRange,pivotValues,impressions,costInUsd"
OLD = (
    f"q=analytics&pivot=CREATIVE&timeGranularity=DAILY&{OLD_RANGE}"
    f"&accounts[0]=urn:li:sponsoredAccount:{ACCOUNT}&fields={FIELDS}"
)
NEW = (
    f"pivot=CREATIVE&timeGranularity=DAILY&dateRange={range_text(START, TODAY)}"
    f"&accounts=List({ACCOUNT_URN})&fields={FIELDS}"
)


@pytest.fixture(autouse=True)
def _switched_on(sandbox: Sandbox) -> None:
    sandbox.switches.protocol_1 = True
    sandbox.switches.old_versions = True
    sandbox.switches.criteria = "all"


def _tunnelled(caller: Caller, path: str, query: str, version: str = "202511") -> Reply:
    headers: dict[str, str | None] = {
        "X-Restli-Protocol-Version": None,
        "LinkedIn-Version": version,
        "X-HTTP-Method-Override": "GET",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return caller.send("POST", path, headers, query)


def test_old_forms_are_read_like_new_ones(caller: Caller) -> None:
    """Dotted and bracketed parameters ask for the same rows as protocol 2.0."""
    old = _tunnelled(caller, "/rest/adAnalytics", OLD)
    assert old.elements
    assert old.body == caller.report(NEW, "analytics").body


def test_old_forms_reach_every_finder(caller: Caller) -> None:
    """Searches below an account need no protocol header."""
    old = _tunnelled(caller, f"/rest/adAccounts/{ACCOUNT}/adCampaigns", "pageSize=100&q=search")
    new = caller.get(f"/rest/adAccounts/{ACCOUNT}/adCampaigns?q=search")
    assert old.elements == new.elements
    assert old.elements


def test_protocol_2_stays_strict(caller: Caller) -> None:
    """With the 2.0.0 header the old forms are refused as ever."""
    reply = caller.report(OLD.removeprefix("q=analytics&"), "analytics")
    assert reply.status == 400
    assert caller.rule() == "param_not_allowed"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("&campaigns[1]=urn:li:sponsoredCampaign:1", "param_invalid"),
        ("&campaigns[0].x=1&campaigns[1]=1", "scalar_expected"),
        ("&campaigns[0]=1", "facet_urn"),
        ("&accounts=1", "param_invalid"),
        ("&dateRange=1", "param_invalid"),
        ("&sort(by)=1", "param_not_allowed"),
        ("&nothing[0]=1", "param_not_allowed"),
        ("&campaigns[0]=%FF", "param_invalid"),
        ("&campaigns[0]=1&campaigns.x=1", "param_invalid"),
    ],
)
def test_broken_old_forms_are_refused(caller: Caller, change: str, rule: str) -> None:
    """A hole in a list, a name of two kinds and unknown names are refused."""
    reply = _tunnelled(caller, "/rest/adAnalytics", OLD + change)
    assert reply.status == 400
    assert caller.rule() == rule


@pytest.mark.parametrize("version", ["202401", "202502", "202511", "202609"])
def test_switched_off_versions_are_served(caller: Caller, version: str) -> None:
    """Versions from 202401 on are accepted, even where LinkedIn has withdrawn them."""
    assert caller.get("/rest/adAccounts?q=search", LinkedIn_Version=version).status == 200


@pytest.mark.parametrize("version", ["202312", "202412", "202400", "202612", "210001"])
def test_versions_that_never_were_are_refused(caller: Caller, version: str) -> None:
    """There is no version in December, before 202401 or in the future."""
    assert caller.get("/rest/adAccounts?q=search", LinkedIn_Version=version).status == 426


def test_metrics_stay_bound_to_their_version(caller: Caller) -> None:
    """An old version does not know a metric that came later."""
    query = OLD + ",averageDwellTime,videoWatchTime"
    assert _tunnelled(caller, "/rest/adAnalytics", query, "202511").status == 400
    assert _tunnelled(caller, "/rest/adAnalytics", query, "202601").status == 200


def test_a_field_may_be_named_twice(caller: Caller, sandbox: Sandbox) -> None:
    """A name that stands in fields twice is refused, unless that is switched on."""
    query = NEW.replace("fields=", "fields=costInUsd,")
    assert caller.report(query, "analytics").status == 400
    assert caller.rule() == "fields_name"
    sandbox.switches.repeated_fields = True
    assert sorted(map(str, caller.report(query, "analytics").elements)) == sorted(
        str({name: row[name] for name in ("dateRange", "pivotValues", "costInUsd", "impressions")})
        for row in caller.report(NEW, "analytics").elements
    )


def test_remembered_answers_are_the_same_and_are_charged(caller: Caller, sandbox: Sandbox) -> None:
    """An answer from memory has the same rows, log entry and cost, and ends with a change."""
    sandbox.switches.remember_answers = True
    first, second = caller.report(NEW, "analytics"), caller.report(NEW, "analytics")
    assert first.text == second.text
    entries = sandbox.log[0], sandbox.log[1]
    assert entries[0].rows == entries[1].rows > 0
    assert entries[0].metric_values == entries[1].metric_values > 0
    sandbox.switches.data_limit = entries[0].metric_values * 2
    assert caller.report(NEW, "analytics").status == 429
    sandbox.switches.data_limit = 45_000_000
    sandbox.world.restate_day(TODAY)
    assert caller.report(NEW, "analytics").text != first.text


def test_an_open_range_is_not_mixed_up(caller: Caller, sandbox: Sandbox) -> None:
    """Answers from memory belong to a day: a range without an end grows with it."""
    sandbox.switches.remember_answers = True
    query = NEW.replace(f",end:{day_text(TODAY)}", "")
    rows = len(caller.report(query, "analytics").elements)
    sandbox.world.next_day()
    assert len(caller.report(query, "analytics").elements) > rows

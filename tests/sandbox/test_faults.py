# ruff: noqa: ANN401 - JSON and options may hold anything

from __future__ import annotations

import http.client
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from sandbox import KINDS, Sandbox
from tests.sandbox.conftest import ACCOUNT_URN, Caller, Reply

ACCOUNTS = "/rest/adAccounts?q=search"
REPORT = (
    "/rest/adAnalytics?q=statistics&pivots=List(CREATIVE)&timeGranularity=DAILY"
    "&dateRange=(start:(year:2026,month:11,day:1))"
    f"&accounts=List({ACCOUNT_URN})&fields=impressions,likes,costInUsd,dateRange,pivotValues"
)
CONTROL_FLOW = {"reset", "reset_inside", "delay", "hang"}


def play(caller: Caller, kind: str, target: str = REPORT, **options: Any) -> Reply:
    """Play a fault on one correct request."""
    caller.sandbox.faults.add(kind, **options)
    reply = caller.get(target)
    assert caller.sandbox.log[-1].fault == kind
    assert caller.rule() is None
    return reply


@pytest.mark.parametrize(
    ("kind", "options", "status", "says"),
    [
        ("status", {"status": 500}, 500, ""),
        ("status", {"status": 500, "body": {"status": 500}}, 500, '{"status": 500}'),
        ("status", {"status": 502, "body": "<h1>", "content_type": "text/html"}, 502, "<h1>"),
        ("html", {}, 200, "<html>"),
        ("expired_token", {}, 401, "65602"),
        ("revoked_token", {}, 401, "65601"),
        ("invalid_token", {}, 401, "65600"),
        ("throttle", {}, 429, "throttle APPLICATION DAY limit"),
        ("throttle", {"unit": "MINUTE", "level": "MEMBER"}, 429, "throttle MEMBER MINUTE limit"),
        ("throttle_data", {}, 429, "45 million metric values"),
        ("dead_page_token", {}, 400, "pageToken"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_answer_is_replaced(
    caller: Caller, kind: str, options: dict[str, Any], status: int, says: str
) -> None:
    """The fault answers once, then the real answer comes."""
    reply = play(caller, kind, **options)
    assert reply.status == status
    assert says in reply.text
    assert "Retry-After" not in reply.headers
    assert caller.get(REPORT).status == 200


def test_retry_after(caller: Caller) -> None:
    """Throttles carry Retry-After on demand only."""
    assert play(caller, "throttle", retry_after=7).headers["Retry-After"] == "7"


def test_truncated_json(caller: Caller) -> None:
    """The body ends early although the status is 200."""
    reply = play(caller, "truncate")
    assert reply.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", ConnectionResetError),
        ("reset_inside", (ConnectionResetError, http.client.IncompleteRead)),
    ],
)
def test_connection_breaks(caller: Caller, kind: str, error: type[Exception]) -> None:
    """The connection breaks and can be opened again."""
    caller.sandbox.faults.add(kind)
    with pytest.raises(error):
        caller.get(REPORT)
    caller.connection.close()
    assert caller.get(REPORT).status == 200


def test_hang_ends_without_an_answer(caller: Caller) -> None:
    """Silence ends with a closed connection."""
    caller.sandbox.faults.add("hang", seconds=0.05)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.get(REPORT)
    caller.connection.close()


def test_delay(caller: Caller) -> None:
    """The answer takes its time."""
    assert play(caller, "delay", seconds=0.05).status == 200
    assert caller.sandbox.log[-1].elapsed >= 0.05


def test_rows_are_spoiled(caller: Caller) -> None:
    """Rows change in the way the fault names and in no other."""
    right = caller.get(REPORT).elements
    zeros = play(caller, "omit_zeros").elements
    assert zeros == [
        {
            name: value
            for name, value in row.items()
            if name in ("dateRange", "pivotValues") or Decimal(str(value))
        }
        for row in right
    ]
    assert zeros != right
    numbers = json.loads(play(caller, "decimals_as_numbers").text, parse_float=Decimal)
    assert [row["costInUsd"] for row in numbers["elements"]] == [
        Decimal(row["costInUsd"]) for row in right
    ]
    strings = play(caller, "numbers_as_strings").elements
    assert [row["impressions"] for row in strings] == [str(row["impressions"]) for row in right]
    assert strings[0]["dateRange"] == right[0]["dateRange"]
    extra = play(caller, "extra_fields").elements
    assert all("undocumentedField" in row for row in extra)
    assert set(play(caller, "drop_optional").elements[0]) == {"dateRange", "pivotValues"}
    assert "elements" not in play(caller, "drop_elements").body
    assert play(caller, "next_link").body["paging"]["links"][0]["rel"] == "next"


def test_unknown_enum_values(caller: Caller) -> None:
    """Statuses may have unknown values."""
    assert play(caller, "extra_enum", ACCOUNTS).elements[0]["status"] == "BRAND_NEW_VALUE"


def following(caller: Caller, reply: Reply) -> list[int]:
    """Return the ids of the next page."""
    token = quote(reply.body["metadata"]["nextPageToken"], safe="")
    return [row["id"] for row in caller.get(f"{ACCOUNTS}&pageSize=2&pageToken={token}").elements]


def test_empty_page_with_a_token(caller: Caller) -> None:
    """An empty page leads to the page it hid."""
    right = [row["id"] for row in caller.get(f"{ACCOUNTS}&pageSize=2").elements]
    empty = play(caller, "empty_page", f"{ACCOUNTS}&pageSize=2")
    assert empty.elements == []
    assert following(caller, empty) == right


def test_duplicated_row(caller: Caller) -> None:
    """The last row of a page comes again."""
    first = play(caller, "duplicate_row", f"{ACCOUNTS}&pageSize=2")
    ids = [row["id"] for row in first.elements]
    assert following(caller, first)[0] == ids[-1]


def test_matching(caller: Caller, sandbox: Sandbox) -> None:
    """Faults match path, finder, parameters, predicate and number."""

    def statuses(targets: list[str]) -> list[int]:
        return [caller.get(target).status for target in targets]

    sandbox.faults.add("status", status=503, path="/rest/adAnalytics", nth=2, times=2)
    assert statuses([REPORT, ACCOUNTS, REPORT, REPORT, REPORT]) == [200, 200, 503, 503, 200]
    sandbox.faults.clear()
    sandbox.faults.add("status", status=503, finder="search", times=None)
    assert statuses([REPORT, ACCOUNTS, ACCOUNTS]) == [200, 503, 503]
    sandbox.faults.clear()
    sandbox.faults.add("status", status=503, params={"fields": "likes"})
    assert statuses([ACCOUNTS, REPORT, REPORT]) == [200, 503, 200]
    fault = sandbox.faults.add(
        "status", status=503, where=lambda e: e.params.get("pageSize") == "2"
    )
    assert statuses([ACCOUNTS, f"{ACCOUNTS}&pageSize=2"]) == [200, 503]
    assert (fault.seen, fault.played) == (1, 1)


def test_faults_do_not_hide_mistakes(caller: Caller, sandbox: Sandbox) -> None:
    """A refused request is no match."""
    fault = sandbox.faults.add("status", status=503)
    assert caller.get(f"{ACCOUNTS}&nonsense=1").status == 400
    assert fault.seen == 0


def test_oauth_faults(caller: Caller, sandbox: Sandbox) -> None:
    """The authorization server may fail, too."""
    sandbox.faults.add("status", status=500, path="/oauth/v2/accessToken")
    body = (
        f"grant_type=refresh_token&client_id={sandbox.client_id}"
        f"&client_secret={sandbox.client_secret}&refresh_token={sandbox.refresh_token}"
    )
    headers: dict[str, str | None] = {"Content-Type": "application/x-www-form-urlencoded"}
    assert caller.send("POST", "/oauth/v2/accessToken", headers, body).status == 500
    assert caller.send("POST", "/oauth/v2/accessToken", headers, body).status == 200


def test_kinds_are_checked(sandbox: Sandbox) -> None:
    """An unknown kind is an error of the test."""
    with pytest.raises(KeyError):
        sandbox.faults.add("gremlins")
    assert set(KINDS) >= CONTROL_FLOW

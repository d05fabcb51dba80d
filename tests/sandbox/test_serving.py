# ruff: noqa: ANN401, S310 - JSON may hold anything; all URLs are on loopback

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from typing import Any

import pytest

from sandbox import Sandbox, World
from sandbox.api import restli, rules, versions
from sandbox.control import Control
from sandbox.world import worlds
from tests.processes import started
from tests.sandbox.conftest import ACCOUNT_URN, TODAY, Caller

ACCOUNTS = "/rest/adAccounts?q=search"


def test_connections_are_kept_alive(caller: Caller) -> None:
    """One connection serves several requests, errors included."""
    caller.get(ACCOUNTS)
    first = caller.connection.sock
    caller.get("/rest/nothing")
    caller.get(ACCOUNTS)
    assert caller.connection.sock is first


def test_tunnelled_requests_are_served_like_others(caller: Caller, sandbox: Sandbox) -> None:
    """A query that is too long for a URL travels in a body."""
    campaigns = ",".join(f"urn%3Ali%3AsponsoredCampaign%3A{360450000 + n}" for n in range(200))
    query = (
        "q=statistics&pivots=List(CAMPAIGN)&timeGranularity=ALL&fields=impressions,pivotValues"
        f"&dateRange=(start:(year:2026,month:11,day:1))&campaigns=List({campaigns})"
    )
    assert caller.get(f"/rest/adAnalytics?{query}").status == 414
    tunnel: dict[str, str | None] = {
        "X-HTTP-Method-Override": "GET",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    reply = caller.send("POST", "/rest/adAnalytics", tunnel, query)
    assert reply.status == 200
    short = query.replace(campaigns, campaigns[:200].rpartition(",")[0])
    assert {e["pivotValues"][0] for e in caller.get(f"/rest/adAnalytics?{short}").elements} <= {
        e["pivotValues"][0] for e in reply.elements
    }
    entry = sandbox.log[1]
    assert (entry.method, entry.tunnelled, entry.finder) == ("POST", True, "statistics")
    assert len(entry.params["campaigns"]) == 200
    reply = caller.send("POST", "/rest/adAnalytics", tunnel, query + "&x=1")
    assert "QUERY_PARAM_NOT_ALLOWED" in reply.text


def test_log_entries(caller: Caller, sandbox: Sandbox) -> None:
    """An entry tells what was asked and what came of it."""
    caller.get(f"{ACCOUNTS}&pageSize=2")
    caller.get(f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}&x=1")
    first, second = sandbox.log
    assert (first.number, first.path, first.resource, first.finder, first.status, first.rows) == (
        1,
        "/rest/adAccounts",
        "adAccounts",
        "search",
        200,
        2,
    )
    assert first.params == {"pageSize": "2"}
    assert first.rule is None
    assert first.elapsed > 0
    assert "authorization" not in first.headers
    assert (second.rule, second.status) == ("param_not_allowed", 400)
    assert sandbox.refusals == [second]
    json.dumps(second.as_json())
    sandbox.reset_log()
    assert len(sandbox.log) == 0


def test_latency_is_of_requests_and_rows(caller: Caller, sandbox: Sandbox) -> None:
    """Each answer takes its own time and that of its rows."""
    sandbox.switches.latency_ms = 60
    sandbox.switches.per_row_ms = 10
    assert len(caller.get(ACCOUNTS).elements) == 3
    assert sandbox.log[0].elapsed >= 0.09


def test_requests_wait_side_by_side(world: World) -> None:
    """None waits for the answer of another; all of them are woken up when the sandbox stops."""
    with Sandbox(world, latency_ms=3_600_000) as sandbox:
        callers = [Caller(sandbox) for _ in range(4)]

        def wait(caller: Caller) -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):  # the sandbox is gone
                caller.get(ACCOUNTS)

        threads = [threading.Thread(target=wait, args=[caller]) for caller in callers]
        for thread in threads:
            thread.start()
        while len(sandbox.log) < 4:
            time.sleep(0.001)
        assert sandbox.log.peak == 4
    for thread, caller in zip(threads, callers, strict=True):
        thread.join()
        caller.connection.close()


def test_stopping_wakes_hanging_answers(world: World) -> None:
    """Stopping does not wait for a hanging answer."""
    sandbox = Sandbox(world).start()
    sandbox.faults.add("hang", seconds=60)

    def wait() -> None:
        caller = Caller(sandbox)
        with pytest.raises(OSError, match=r"closed|reset"):
            caller.get(ACCOUNTS)
        caller.connection.close()

    thread = threading.Thread(target=wait)
    thread.start()
    while not len(sandbox.log):
        time.sleep(0.01)
    sandbox.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_other_methods_get_an_answer(caller: Caller) -> None:
    """Any method is answered."""
    for method in ("PUT", "PATCH", "OPTIONS"):
        assert caller.send(method, "/rest/adAccounts", {"Content-Length": "0"}).status == 405


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a%3Ab", "a:b"),
        ("List()", []),
        ("List(a,List(b,c))", ["a", ["b", "c"]]),
        ("(k:v,k2:(x:List(1)))", {"k": "v", "k2": {"x": ["1"]}}),
        ("()", {}),
        ("List((a:1),(a:2))", [{"a": "1"}, {"a": "2"}]),
        ("%28a%3A1%29", "(a:1)"),
        ("", ""),
    ],
)
def test_restli_values(text: str, node: restli.Node) -> None:
    """Literal structure is structure, encoded structure is text."""
    assert restli.parse(text) == node


@pytest.mark.parametrize(
    "text",
    [
        "a:b",
        "List(a",
        "List(a,)",
        "List(,)",
        "List(a b)",
        "(a)",
        "(a:1",
        "(a:1,a:2)",
        "(a:1)x",
        "a+b",
        "a=b",
        "é",
        "%zz",
        "%ff",
        "a/b",
        "'a'",
        "List(a)List(b)",
    ],
)
def test_restli_syntax_errors(text: str) -> None:
    """Reserved characters and broken structure are errors."""
    with pytest.raises(restli.EncodingError):
        restli.parse(text)


def test_projections() -> None:
    """Projections nest and do not repeat names."""
    assert restli.parse_fields("a,b:(c,d:(e)),f") == {
        "a": None,
        "b": {"c": None, "d": {"e": None}},
        "f": None,
    }
    for text in ("", "a,", "a,a", "a:(b", "a:()", "a)"):
        with pytest.raises(restli.EncodingError):
            restli.parse_fields(text)


def test_refusals_are_registered() -> None:
    """A refusal needs a rule."""
    with pytest.raises(KeyError):
        rules.legacy("nonsense", 400, "no")


def fetch(url: str, body: Any = None) -> Any:
    """Call the control endpoint."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(url, data, timeout=10) as response:
        return json.load(response)


def test_control_endpoint(sandbox: Sandbox, caller: Caller) -> None:
    """Other processes read the log and the truth, and set faults and switches."""
    with Control(sandbox) as control:
        fetch(control.url + "/faults", {"kind": "status", "status": 503, "path": "/rest"})
        assert caller.get(ACCOUNTS).status == 503
        assert fetch(control.url + "/log")["entries"][0]["fault"] == "status"
        fetch(control.url + "/reset", {})
        assert fetch(control.url + "/log") == {"peak": 0, "entries": []}
        rows = fetch(control.url + "/truth?pivots=ACCOUNT&start=2026-11-20&metrics=clicks")["rows"]
        assert rows[0][:3] == ["2026-11-20", "2026-11-20", ["urn:li:sponsoredAccount:512340001"]]
        fetch(control.url + "/switches", {"criteria": "all"})
        assert sandbox.switches.criteria == "all"
        fetch(control.url + "/world", {"change": "revoke_access", "account": 512340001})
        assert len(caller.get(ACCOUNTS).elements) == 2
        assert fetch(control.url + "/config")["api_url"] == sandbox.url
        with pytest.raises(urllib.error.HTTPError) as error:
            fetch(control.url + "/world", {"change": "explode"})
        error.value.close()


@pytest.mark.slow
def test_command_line() -> None:
    """The process prints its configuration and ends on SIGTERM."""
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--world",
        "agency",
        "--accounts",
        "4",
        "--today",
        str(TODAY),
        "--access-token",
        "known",
    ]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        config = json.loads(process.stdout.readline())
        assert set(config) == {
            "api_url",
            "oauth_url",
            "access_token",
            "client_id",
            "client_secret",
            "refresh_token",
            "control_url",
            "api_versions",
        }
        assert config["api_versions"] == list(map(str, versions.active(TODAY)))
        request = urllib.request.Request(
            config["api_url"] + ACCOUNTS,
            headers={"Authorization": "Bearer known", "LinkedIn-Version": "202609"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert len(json.load(response)["elements"]) == 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize("name", sorted(worlds.WORLDS))
def test_worlds_are_deterministic(name: str) -> None:
    """A world built twice is the same."""
    sizes = {"reference": {"creatives": 5, "campaigns": 2}, "dense": {"creatives": 9}}
    one, two = (worlds.WORLDS[name](today=TODAY, **sizes.get(name, {"days": 60})) for _ in range(2))
    assert one.accounts == two.accounts
    assert one.creatives == two.creatives


def test_nagle_is_off(sandbox: Sandbox, caller: Caller) -> None:
    """Small answers leave at once."""
    caller.get(ACCOUNTS)
    connection = next(iter(sandbox._server._open))
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

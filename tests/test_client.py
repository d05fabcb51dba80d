"""Requests on the wire: headers, tunnelling, retries and throttles, over real sockets."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading
import typing as t

import pytest

from sandbox.world import worlds
from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.reply import LARGEST_ANSWER
from tap_linkedin_ads.api.request import Request
from tests.callers import ACCOUNTS, Caller, at_once
from tests.scripted import Scripted, page
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    """Return a client with an access token."""
    return Caller(sandbox.config())


def report(accounts: int) -> Request:
    """Return a report request on so many ad accounts."""
    urns = [f"urn:li:sponsoredAccount:{512340001 + i}" for i in range(accounts)]
    return Request(
        "adAnalytics",
        "/adAnalytics",
        {
            "q": "statistics",
            "pivots": ["ACCOUNT"],
            "timeGranularity": "DAILY",
            "dateRange": {"start": dt.date(2026, 11, 1), "end": dt.date(2026, 11, 2)},
            "accounts": urns,
        },
    )


def test_headers(sandbox: Sandbox, caller: Caller) -> None:
    """Every request names the API version, the protocol and the tap."""
    caller.fetch()
    headers = sandbox.log[0].headers
    assert headers["linkedin-version"] == "202609"
    assert headers["x-restli-protocol-version"] == "2.0.0"
    assert headers["user-agent"] == "tap-linkedin-ads/1.2.3"
    assert headers["accept"] == "application/json"
    assert caller.client.requests_sent == {"ad_accounts": 1}


@pytest.mark.parametrize(("exempt", "proxied"), [("", 2), ("linkedin.invalid", 0)])
def test_proxies_are_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, exempt: str, proxied: int
) -> None:
    """They get every request, save to a host that is exempt from them."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", exempt)
    with Scripted(lambda _: page([])) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        caller = Caller({"access_token": "made-up", "api_url": "http://linkedin.invalid"})
        for _ in range(2):
            with contextlib.suppress(RequestFailedError):  # the exempt host does not exist
                caller.client.fetch(Request("adAccounts", "/adAccounts"), responses.finder)
    assert [path for path, _ in proxy.seen] == ["http://linkedin.invalid/rest/adAccounts"] * proxied


@pytest.mark.parametrize(("accounts", "tunnelled"), [(1, False), (50, False), (500, True)])
def test_long_queries_are_tunnelled(
    sandbox: Sandbox,
    caller: Caller,
    accounts: int,
    tunnelled: bool,  # noqa: FBT001
) -> None:
    """A query above 4,000 bytes goes into the body of a POST, which means the same."""
    caller.fetch(report(accounts))
    (entry,) = sandbox.log
    assert entry.tunnelled == tunnelled
    assert (len(entry.query) > 4000) == tunnelled
    assert len(entry.params["accounts"]) == accounts


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("status", {"status": 500, "body": {"status": 500, "code": "INTERNAL_ERROR"}}),
        ("status", {"status": 502, "body": "<html>Bad Gateway</html>"}),
        ("status", {"status": 503, "body": ""}),
        ("status", {"status": 504, "body": ""}),
        ("status", {"status": 408, "body": ""}),
        ("html", {}),
        ("reset", {}),
        ("reset_inside", {}),
        ("truncate", {}),
        ("drop_elements", {}),
        ("throttle", {"unit": "MINUTE"}),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.get("status", "")),
)
def test_what_may_pass_is_asked_again(
    sandbox: Sandbox, caller: Caller, fault: str, options: dict[str, t.Any]
) -> None:
    """Server errors, resets, cut bodies and minute throttles are waited out."""
    sandbox.faults.add(fault, times=2, **options)
    assert len(caller.fetch().elements) == 3
    assert len(sandbox.log) == 3
    assert len(caller.logged) == 2


def test_a_timeout_is_asked_again(sandbox: Sandbox) -> None:
    """An answer that does not come within request_timeout counts as none."""
    sandbox.faults.add("hang", seconds=5)
    caller = Caller({**sandbox.config(), "request_timeout": 0.3})
    assert len(caller.fetch().elements) == 3
    assert len(sandbox.log) == 2


def test_nobody_at_home_is_an_error_after_some_tries() -> None:
    """Without a server the request fails in the end, with growing waits in between."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        caller = Caller({"access_token": "made-up", "api_url": f"http://127.0.0.1:{port}"})
        error = caller.fails()
    assert "ConnectionError" in str(error)
    assert 3 <= len(caller.clock.sleeps) <= 10
    assert max(caller.clock.sleeps) <= 64


def test_waits_grow_and_vary(sandbox: Sandbox, caller: Caller) -> None:
    """Retries back off with jitter up to a limit, and then give up."""
    sandbox.faults.add("status", times=None, status=500, body="")
    assert caller.fails().failure.remedy is Remedy.BACK_OFF
    waits = caller.clock.sleeps
    assert len(sandbox.log) == len(waits) + 1
    assert all(wait <= 2**number for number, wait in enumerate(waits))
    assert len(set(waits)) == len(waits)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 414])
def test_what_cannot_get_better_is_not_asked_again(
    sandbox: Sandbox, caller: Caller, status: int
) -> None:
    """A refusal is final: one request, no wait."""
    sandbox.faults.add("status", times=None, status=status, body={"status": status})
    assert caller.fails().failure.status == status
    assert len(sandbox.log) == 1
    assert caller.clock.sleeps == []


def test_retry_after_is_honoured(sandbox: Sandbox, caller: Caller) -> None:
    """Where LinkedIn says how long to wait, that long is waited."""
    sandbox.faults.add("throttle", unit="MINUTE", retry_after=35)
    caller.fetch()
    assert 34 < sum(caller.clock.sleeps) < 37
    sandbox.faults.add("status", status=503, body="", retry_after=7)
    before = sum(caller.clock.sleeps)
    caller.fetch()
    assert 6.9 < sum(caller.clock.sleeps) - before < 8


def test_a_throttle_is_waited_out_together(sandbox: Sandbox, caller: Caller) -> None:
    """One throttle makes all threads wait once, not one after the other."""
    sandbox.faults.add("throttle", unit="MINUTE", retry_after=35, times=4)
    sandbox.switches.latency_ms = 20
    assert at_once(4, caller.fetch) == []
    assert len([line for line in caller.logged if "35.0 s" in line]) == 1
    assert len(sandbox.log) == 8


def test_the_metric_value_throttle_waits_for_its_window(sandbox: Sandbox, caller: Caller) -> None:
    """45 million values in five minutes: the tap waits until the window has passed."""
    sandbox.faults.add("throttle_data", path="/rest/adAnalytics")
    caller.fetch(report(1))
    assert 300 < sum(caller.clock.sleeps) < 400


def test_a_day_throttle_closes_its_resource_alone(sandbox: Sandbox, caller: Caller) -> None:
    """After a daily quota no further request goes to that resource; others are served."""
    sandbox.faults.add("throttle", path="/rest/adAnalytics", times=None, unit="DAY")
    for _ in range(3):
        assert caller.fails(report(1)).failure.remedy is Remedy.STOP_RESOURCE
    assert len(sandbox.log) == 1
    assert len(caller.fetch().elements) == 3
    assert caller.clock.sleeps == []


def test_redirects_are_not_followed(sandbox: Sandbox, caller: Caller, serve: t.Any) -> None:  # noqa: ANN401
    """The token goes to LinkedIn's host and nowhere else."""
    elsewhere = serve(worlds.small(today=TODAY))
    headers = {"Location": f"{elsewhere.url}/rest/adAccounts?q=search"}
    sandbox.faults.add("status", status=302, body="", headers=headers)
    assert caller.fails().failure.status == 302
    assert len(elsewhere.log) == 0


def test_the_token_is_in_no_url_log_or_error(sandbox: Sandbox, caller: Caller) -> None:
    """The token travels in its header only."""
    token = sandbox.access_token
    sandbox.faults.add("reset", times=2)
    sandbox.faults.add("status", nth=3, times=None, status=400, body={"message": "Bad"})
    error = caller.fails()
    assert not [entry for entry in sandbox.log if token in entry.path + entry.query]
    assert not [entry for entry in sandbox.log if token in str(entry.headers)]
    assert token not in "".join(caller.logged) + str(error) + repr(error.failure)
    assert token not in repr(caller.run.settings) + repr(caller.run)


def test_a_refusal_is_an_answer(sandbox: Sandbox, caller: Caller) -> None:
    """Many requests without an answer close a resource, unless something was answered between."""
    remedies = []
    for status in [500] * 13 + [404] + [500] * 14:
        sandbox.faults.clear()
        sandbox.faults.add("status", status=status, body={"status": status}, times=None)
        remedies.append(caller.fails().failure.remedy)
    assert remedies.count(Remedy.SET_ASIDE) == 1
    assert remedies[-2:] == [Remedy.BACK_OFF, Remedy.OUTAGE]
    before = len(sandbox.log)
    assert caller.fails().failure.remedy is Remedy.OUTAGE
    assert len(sandbox.log) == before


def test_a_throttle_is_waited_out_behind_silence(sandbox: Sandbox, caller: Caller) -> None:
    """A throttled resource answers: it gets its eight tries."""
    sandbox.faults.add("status", path="/rest/adAccounts", status=500, times=8)
    caller.fails()
    sandbox.faults.clear()
    sandbox.faults.add("throttle", path="/rest/adAccounts", times=5, unit="MINUTE")
    assert caller.fetch().elements


def test_silence_costs_less_and_less(sandbox: Sandbox, caller: Caller) -> None:
    """A resource that gives no proper answer is tried less often, until it does."""
    sandbox.faults.add("status", path="/rest/adAccounts", status=500, times=None)
    sent = []
    for _ in range(4):
        before = len(sandbox.log)
        caller.fails()
        sent.append(len(sandbox.log) - before)
    assert sent == [8, 3, 3, 3]
    sandbox.faults.clear()
    caller.fetch()
    sandbox.faults.add("status", path="/rest/adAccounts", status=500, times=None)
    before = len(sandbox.log)
    caller.fails()
    assert len(sandbox.log) - before == 8


def test_a_part_of_a_failed_request_gets_few_tries(sandbox: Sandbox, caller: Caller) -> None:
    """Looking for one bad account does not wait eight times at every step."""
    sandbox.faults.add("status", path="/rest/adAccounts", status=500, times=3)
    with pytest.raises(RequestFailedError):
        caller.client.fetch(ACCOUNTS, responses.finder, is_part=True)
    assert len(sandbox.log) == 3


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    """It is refused where it outgrows every answer: memory has a bound."""
    sent = 0
    chunk = b" " * (1 << 20)

    def serve(listener: socket.socket) -> None:
        nonlocal sent
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                sent += len(chunk)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=[listener])
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        error = Caller({"access_token": "made-up", "api_url": url}).fails()
        server.join(timeout=30)
    assert not server.is_alive()
    assert "more than 256 megabytes and is not read" in error.failure.message
    assert LARGEST_ANSWER * 0.9 < sent < LARGEST_ANSWER * 1.2


@pytest.mark.slow
def test_a_body_that_trickles_is_given_up() -> None:
    """Each pause is shorter than request_timeout, but there is no end of them."""
    stopped = threading.Event()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while not stopped.is_set():
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    while not stopped.wait(0.02):
                        connection.sendall(b"1\r\n \r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=[listener], daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = {"access_token": "made-up", "api_url": url, "request_timeout": 0.05}
        caller = Caller(config)
        with pytest.raises(RequestFailedError, match="Timeout"):
            caller.client.fetch(ACCOUNTS, responses.finder, is_part=True)
        stopped.set()
        socket.create_connection(listener.getsockname()).close()
        server.join(timeout=5)

"""The client with its quota, its throttle, its tokens and its adaptations; no socket is open."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import replace

import pytest
import requests
import requests_mock

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.batch_get import Lookups
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.room import WaitingAnswer
from tests.callers import ACCOUNTS, Caller, at_once

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_linkedin_ads.api.room import Body

API = "https://linkedin.invalid"
REPORT = Request("adAnalytics", "/adAnalytics", {"q": "statistics"})
MINUTE = {"status": 429, "message": "Resource level throttle MEMBER MINUTE limit reached"}
REVOKED = {"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}
CREDENTIALS = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}


def rows(number: int) -> dict[str, t.Any]:
    """Return a page of so many rows."""
    return {"elements": [{"id": n} for n in range(number)]}


@pytest.fixture
def linkedin() -> Iterator[requests_mock.Mocker]:
    """Return a LinkedIn that answers as a test says."""
    with requests_mock.Mocker() as mocker:
        yield mocker


def caller(**settings: t.Any) -> Caller:  # noqa: ANN401
    """Return a client of it."""
    token = {} if settings else {"access_token": "made-up"}
    return Caller({"api_url": API, "oauth_url": f"{API}/oauth/v2", **token, **settings})


# The quota of metric values


def test_quota_counts_the_rows_that_came(linkedin: requests_mock.Mocker) -> None:
    """What was reserved for a full answer is free again behind a small one."""
    linkedin.get(f"{API}/rest/adAnalytics", json=rows(7))
    asked = caller()
    asked.client.fetch_report(REPORT, WaitingAnswer, names=20, expected_rows=15_000)
    assert asked.run.quota.taken == 7 * 20


def test_quota_counts_nothing_for_a_refusal(linkedin: requests_mock.Mocker) -> None:
    """A request that was not answered took no metric values."""
    linkedin.get(f"{API}/rest/adAnalytics", status_code=403, json={"status": 403})
    asked = caller()
    with pytest.raises(RequestFailedError):
        asked.client.fetch_report(REPORT, WaitingAnswer, names=20, expected_rows=15_000)
    assert asked.run.quota.taken == 0


def test_an_instant_to_try_again_counts_from_the_answers_own_date(
    linkedin: requests_mock.Mocker,
) -> None:
    """Whatever the clock of the machine says."""
    at = "Mon, 29 Nov 2032 10:{}:00 GMT".format
    gone = {"status_code": 503, "headers": {"Date": at("00"), "Retry-After": at("05")}}
    linkedin.get(f"{API}/rest/adAccounts", [gone, {"json": rows(1)}])
    asked = caller()
    asked.fetch()
    assert asked.clock.sleeps == [300.0]


# The memory that reading takes


@pytest.mark.parametrize(
    ("size", "together"), [(256 * 1024, True), (256 * 1024 + 1, False)], ids=["small", "large"]
)
def test_large_answers_are_read_one_at_a_time(
    linkedin: requests_mock.Mocker,
    size: int,
    together: bool,  # noqa: FBT001
) -> None:
    """Reading one takes memory; smaller ones are read beside each other."""
    linkedin.get(f"{API}/rest/adAnalytics", content=b'{"elements":[]}'.ljust(size))
    client, met, meeting = caller().client, [], threading.Barrier(2)

    def read(body: Body) -> WaitingAnswer:
        try:
            meeting.wait(30 if together else 0.2)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        return WaitingAnswer(body)

    at_once(2, lambda: client.fetch_report(REPORT, read, names=1, expected_rows=1))
    assert met == [together, together]


# Characters that loaders cannot take


@pytest.mark.parametrize("is_report", [False, True], ids=["finder", "report"])
def test_what_is_replaced_is_counted_by_stream(
    linkedin: requests_mock.Mocker,
    is_report: bool,  # noqa: FBT001
) -> None:
    """Over all answers; a stream without any is not counted."""
    texts = [{"json": {"elements": [{"text": "\0" * number}]}} for number in (2, 0, 3)]
    linkedin.get(f"{API}/rest/adAccounts", texts)
    asked = caller()

    def ask(stream: str) -> None:
        request = replace(ACCOUNTS, stream=stream)
        if is_report:
            asked.client.fetch_report(request, WaitingAnswer, names=1, expected_rows=1)
        else:
            asked.fetch(request)

    for stream in ("campaigns", "posts", "campaigns"):
        ask(stream)
    assert asked.client.characters_replaced == {"campaigns": 5}
    assert "posts" not in asked.client.characters_replaced


# The throttle


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_throttle_is_left_by_a_request_that_dies(
    linkedin: requests_mock.Mocker, error: type[BaseException]
) -> None:
    """The request that goes first after a pause may die in any way: the others still follow."""
    answers = [{"status_code": 429, "json": MINUTE}, {"json": rows(1)}]
    linkedin.get(f"{API}/rest/adAccounts", answers)
    asked = caller()

    def die(_: bytes) -> t.NoReturn:
        raise error

    def go_first() -> None:
        with pytest.raises(error):
            asked.client.fetch(ACCOUNTS, die)

    first = threading.Thread(target=go_first)
    first.start()
    first.join(10)
    found: list[responses.FinderAnswer] = []
    second = threading.Thread(target=lambda: found.append(asked.fetch()), daemon=True)
    second.start()
    second.join(5)
    assert len(found) == 1, "it waits for a request that is dead"


# Tokens


@pytest.mark.parametrize(("age", "fetched"), [(59.0, 1), (61.0, 2)])
def test_token_is_new_for_a_minute(
    linkedin: requests_mock.Mocker, age: float, fetched: int
) -> None:
    """A token that is called revoked is waited for while it is new, and replaced when it is not."""
    endpoint = linkedin.post(f"{API}/oauth/v2/accessToken", json={"access_token": "made-up"})
    linkedin.get(f"{API}/rest/adAccounts", json=rows(1))
    asked = caller(**CREDENTIALS)
    asked.clock.monotonic = lambda: asked.clock._slept  # type: ignore[method-assign]
    asked.fetch()
    asked.clock.sleep(age)
    answers = [{"status_code": 401, "json": REVOKED}, {"json": rows(1)}]
    linkedin.get(f"{API}/rest/adAccounts", answers)
    assert len(asked.fetch().elements) == 1
    assert endpoint.call_count == fetched


# Error envelopes with status 200


@pytest.mark.parametrize(
    ("body", "remedy", "tries"),
    [
        ({"status": 403, "serviceErrorCode": 100, "message": "No."}, Remedy.SET_ASIDE, 1),
        ({"status": 400, "message": "No."}, Remedy.FIX_REQUEST, 1),
        ({"status": 401, "serviceErrorCode": 65600, "message": "No."}, Remedy.STOP, 1),
        ({"status": 426, "code": "NONEXISTENT_VERSION", "message": "No."}, Remedy.STOP, 12),
        ({"status": "500", "message": "No."}, Remedy.BACK_OFF, 8),
        ({"status": 429, "message": "No. APPLICATION DAY limit"}, Remedy.STOP_RESOURCE, 1),
    ],
    ids=lambda value: str(value.get("status")) if isinstance(value, dict) else "",
)
def test_error_envelope_with_status_200_is_what_it_says(
    linkedin: requests_mock.Mocker,
    body: dict[str, t.Any],
    remedy: Remedy,
    tries: int,
) -> None:
    """LinkedIn's text is shown, and the status inside decides what to do."""
    linkedin.get(f"{API}/rest/adAccounts", json=body)
    with pytest.raises(RequestFailedError, match=r"No\.") as raised:
        caller().fetch()
    assert raised.value.failure.remedy is remedy
    assert raised.value.failure.status == int(body["status"])
    assert linkedin.call_count == tries


def test_single_object_may_be_an_error_envelope(linkedin: requests_mock.Mocker) -> None:
    """A medium that is refused inside a 200 is a refusal of this medium."""
    body = {"status": 404, "message": "Not Found"}
    linkedin.get(f"{API}/rest/images/1", json=body)
    found = Lookups(caller().client).get("images", 1, "posts")
    assert isinstance(found, Failure)
    assert found.status == 404


@pytest.mark.parametrize(
    ("body", "words", "tries"),
    [
        ({"error": "invalid_grant", "error_description": "Gone."}, "HTTP 400, invalid_grant", 1),
        ({"status": 401, "message": "Gone."}, "HTTP 401, Gone.", 1),
        ({"status": 503, "message": "Later."}, "HTTP 503, Later.", 5),
        ({}, "HTTP 200", 5),
    ],
    ids=["oauth", "envelope", "server", "empty"],
)
def test_token_endpoint_may_refuse_with_status_200(
    linkedin: requests_mock.Mocker, body: dict[str, t.Any], words: str, tries: int
) -> None:
    """A refusal of the refresh token stops the run at once, with what LinkedIn said."""
    linkedin.post(f"{API}/oauth/v2/accessToken", json=body)
    with pytest.raises(RequestFailedError, match=words):
        caller(**CREDENTIALS).fetch()
    assert linkedin.call_count == tries


# Requests that stay without an answer


def silent(linkedin: requests_mock.Mocker, **options: t.Any) -> tuple[int, Failure]:  # noqa: ANN401
    """Ask a LinkedIn that does not answer; return how often it was asked, and the failure."""
    linkedin.get(f"{API}/rest/adAnalytics", status_code=504, text="")
    before = linkedin.call_count
    with pytest.raises(RequestFailedError) as raised:
        caller().client.fetch_report(REPORT, WaitingAnswer, names=1, expected_rows=1, **options)
    return linkedin.call_count - before, raised.value.failure


def test_a_part_of_a_failed_request_is_tried_less(linkedin: requests_mock.Mocker) -> None:
    """The whole was tried often enough."""
    (whole, failure), (part, _) = silent(linkedin), silent(linkedin, is_part=True)
    assert (whole, part) == (8, 3)
    assert failure.remedy is Remedy.BACK_OFF


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ({"exc": requests.ConnectionError}, (0, "no complete answer (ConnectionError)")),
        ({"status_code": 502, "text": "<html>"}, (502, "HTTP 502")),
    ],
    ids=["none", "error page"],
)
def test_what_stays_without_a_proper_answer_says_what_came(
    linkedin: requests_mock.Mocker, answer: dict[str, t.Any], failure: tuple[int, str]
) -> None:
    """The status is 0 where nothing came."""
    linkedin.get(f"{API}/rest/adAnalytics", **answer)
    with pytest.raises(RequestFailedError) as raised:
        caller().client.fetch(REPORT, responses.finder, is_part=True)
    found = raised.value.failure
    assert (found.remedy, found.status, found.message) == (Remedy.BACK_OFF, *failure)


def test_an_outage_is_told(linkedin: requests_mock.Mocker) -> None:
    """How many requests stayed without an answer, and what the last one got."""
    linkedin.get(f"{API}/rest/adAccounts", status_code=504, text="")
    asked, failures = caller(), []
    while not failures or failures[-1].remedy is Remedy.BACK_OFF:
        failures.append(asked.fails().failure)
        assert len(failures) < 100, "the outage is not noticed"
    assert failures[-1].remedy is Remedy.OUTAGE
    assert failures[-1].message == (
        f"{len(failures)} requests in a row stayed without a proper answer: {failures[0].message}"
    )


def test_a_token_that_is_not_accepted_is_explained(linkedin: requests_mock.Mocker) -> None:
    """With the settings that help."""
    linkedin.get(f"{API}/rest/adAccounts", status_code=401, json={"message": "No."})
    assert caller().fails().failure.message == (
        "No.: LinkedIn does not accept the access token; set a valid access_token, or client_id, "
        "client_secret and refresh_token so that the tap can fetch one"
    )


# Versions


def test_passwords_of_the_machine_are_not_sent(
    linkedin: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A netrc may name the host; the token is what LinkedIn gets."""
    (tmp_path / "netrc").write_text("machine linkedin.invalid login me password hush")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    linkedin.get(f"{API}/rest/adAccounts", json=rows(1))
    linkedin.post(f"{API}/oauth/v2/accessToken", json={"access_token": "made-up"})
    caller(**CREDENTIALS).fetch()
    bought, read = linkedin.request_history
    assert "Authorization" not in bought.headers
    assert read.headers["Authorization"] == "Bearer made-up"


def test_a_version_that_is_switched_off_is_a_difference(linkedin: requests_mock.Mocker) -> None:
    """Of every resource; the run goes on with another one."""
    gone = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Off."}
    asked = caller()
    before = asked.client.version.current
    off = {"LinkedIn-Version": before}
    linkedin.get(f"{API}/rest/adAccounts", json=rows(1))
    linkedin.get(f"{API}/rest/adAccounts", request_headers=off, status_code=426, json=gone)
    assert len(asked.fetch().elements) == 1
    current = asked.client.version.current
    assert current != before
    (found,) = asked.client.adaptations.differences
    assert (found.resource, found.refused, found.instead, found.reason) == (
        "every resource",
        f"LinkedIn-Version={before}",
        f"LinkedIn-Version={current}",
        "Off.",
    )


def test_whether_a_version_is_served_is_asked_three_times_at_most(
    linkedin: requests_mock.Mocker,
) -> None:
    """A second apart: nobody waits long for a question about the future."""
    linkedin.get(f"{API}/rest/adAccounts", status_code=504, text="")
    asked = caller()
    assert not asked.client.answers("202601", "ad_accounts")
    assert asked.clock.sleeps == [1.0] * linkedin.call_count == [1.0] * 3


# What LinkedIn refuses without a word

SEARCH = Request("adCampaigns", "/c", {"q": "search", "search": {"a": 1}, "pageSize": 1000})


@pytest.mark.parametrize("stays", [True, False])
def test_refusal_without_a_word_is_learnt_where_it_stays(
    linkedin: requests_mock.Mocker, *, stays: bool
) -> None:
    """A guess that is answered says nothing where the first request is answered now as well."""
    refused = {"status_code": 400, "json": {"status": 400}}
    answered = {"json": rows(3)}
    linkedin.get(f"{API}/rest/c", [refused, answered, refused if stays else answered, answered])
    asked = caller()
    sent, answer = asked.client.fetch_adapted(SEARCH, responses.finder)
    assert len(answer.elements) == 3
    assert (sent == SEARCH) is not stays
    assert len(asked.client.adaptations.differences) == stays
    assert linkedin.call_count == 3
    asked.client.fetch(SEARCH, responses.finder)
    assert ("search" in linkedin.last_request.qs) is not stays


def test_a_first_request_that_stays_silent_is_tried_few_times(
    linkedin: requests_mock.Mocker,
) -> None:
    """There is an answer already: whether the refusal stays is all that is to be found out."""
    answers = [{"status_code": 400, "json": {"status": 400}}, {"json": rows(3)}]
    linkedin.get(f"{API}/rest/c", [*answers, {"status_code": 504, "text": ""}])
    asked = caller()
    sent, answer = asked.client.fetch_adapted(SEARCH, responses.finder)
    assert sent != SEARCH
    assert len(answer.elements) == 3
    assert not asked.client.adaptations.differences
    assert linkedin.call_count == 2 + 3

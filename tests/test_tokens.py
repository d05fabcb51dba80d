"""Access tokens and what buys them."""

from __future__ import annotations

import typing as t

import pytest
import requests

from tap_linkedin_ads.api import transport
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tests.linkedin_mock import API, Mocked, mocked

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_linkedin_ads.api.tokens import Tokens

ENDPOINT = f"{API}/oauth/v2/accessToken"
SETTINGS: dict[str, t.Any] = {
    "access_token": None,
    "client_id": "me",
    "client_secret": "hush",
    "refresh_token": "again",
    "oauth_url": f"{API}/oauth/v2/",
}


@pytest.fixture
def linkedin() -> Iterator[Mocked]:
    """Return a run that has to fetch its tokens."""
    with mocked(**SETTINGS) as run:
        yield run


def tokens(linkedin: Mocked) -> Tokens:
    """Return the run's tokens."""
    return linkedin.run.tokens


def gives(linkedin: Mocked, *answers: dict[str, t.Any]) -> None:
    """Let the token endpoint answer so, one answer after the other."""
    linkedin.linkedin.post(ENDPOINT, list(answers))


def test_a_token_is_fetched_when_it_is_first_needed(linkedin: Mocked) -> None:
    """With the refresh token and the app's credentials, in the body."""
    gives(linkedin, {"json": {"access_token": "one", "refresh_token_expires_in": 5000}})
    assert tokens(linkedin).can_refresh
    assert tokens(linkedin).refresh_token_expires_in is None
    assert [tokens(linkedin).current().value for _ in range(2)] == ["one", "one"]
    assert tokens(linkedin).refresh_token_expires_in == 5000
    (request,) = linkedin.linkedin.request_history
    assert request.text == (
        "grant_type=refresh_token&refresh_token=again&client_id=me&client_secret=hush"
    )
    assert request.timeout == linkedin.run.settings.request_timeout


def test_a_configured_token_is_used_first() -> None:
    """Without credentials there is no other."""
    with mocked() as linkedin:
        assert tokens(linkedin).current().value == "made-up"
        assert not tokens(linkedin).can_refresh
        with pytest.raises(ValueError, match="no refresh credentials are set"):
            tokens(linkedin).refresh(tokens(linkedin).current())
        assert linkedin.linkedin.call_count == 0


def test_a_stale_token_is_replaced_once(linkedin: Mocked) -> None:
    """Whoever finds the same token stale gets the same new one."""
    gives(linkedin, *({"json": {"access_token": f"t{n}"}} for n in range(3)))
    first = tokens(linkedin).current()
    second = tokens(linkedin).refresh(first)
    assert (first.value, second.value) == ("t0", "t1")
    assert tokens(linkedin).refresh(first) is second
    assert tokens(linkedin).current() is second
    assert tokens(linkedin).refresh(second).value == "t2"
    assert linkedin.linkedin.call_count == 3


@pytest.mark.parametrize("life", [None, "soon", -1, 10**12, [5]])
def test_a_life_that_is_none_is_not_known(linkedin: Mocked, life: object) -> None:
    """The token is good all the same."""
    gives(linkedin, {"json": {"access_token": "one", "refresh_token_expires_in": life}})
    assert tokens(linkedin).current().value == "one"
    assert tokens(linkedin).refresh_token_expires_in is None


@pytest.mark.parametrize("life", [0, 1.5, 31_536_000])
def test_the_life_of_a_refresh_token_is_kept(linkedin: Mocked, life: float) -> None:
    """In seconds."""
    gives(linkedin, {"json": {"access_token": "one", "refresh_token_expires_in": life}})
    tokens(linkedin).current()
    assert tokens(linkedin).refresh_token_expires_in == life


@pytest.mark.parametrize(
    ("answer", "status", "said", "tries"),
    [
        ({"status_code": 400, "json": {"error": "e", "error_description": "d"}}, 400, ", e: d", 1),
        ({"status_code": 400, "json": {"error": "e"}}, 400, ", e", 1),
        ({"status_code": 401, "json": {"message": "m"}}, 401, ", m", 1),
        ({"status_code": 499, "text": "<html>"}, 499, "", 1),
        ({"status_code": 429, "json": {}}, 429, "", 5),
        ({"status_code": 500, "text": "x"}, 500, "", 5),
        ({"status_code": 503, "json": [1]}, 503, "", 5),
        ({"status_code": 200, "json": {"error": "e"}}, 400, ", e", 1),
        ({"status_code": 200, "json": {"access_token": 7}}, 200, "", 5),
        ({"status_code": 200, "text": "x"}, 200, "", 5),
    ],
    ids=str,
)
def test_what_the_token_endpoint_says_is_told(
    linkedin: Mocked, answer: dict[str, t.Any], status: int, said: str, tries: int
) -> None:
    """A refusal is final; what may be an outage is tried five times, at growing intervals."""
    gives(linkedin, answer)
    with pytest.raises(RequestFailedError) as raised:
        tokens(linkedin).current()
    failure = raised.value.failure
    assert (failure.remedy, failure.status) == (Remedy.STOP, status)
    assert failure.message == (
        f"a new access token was refused (HTTP {status}{said}); check client_id, client_secret "
        "and refresh_token, and have the member consent again if the refresh token has expired or "
        "was revoked"
    )
    assert raised.value.resource == "OAuth"
    assert linkedin.linkedin.call_count == tries
    assert linkedin.run.clock.sleeps == [1.0, 2.0, 4.0, 8.0][: tries - 1]  # type: ignore[attr-defined]


def test_a_token_endpoint_that_is_out_of_reach_is_tried_again(linkedin: Mocked) -> None:
    """Its address and what was sent are not shown: they may hold secrets."""
    gives(linkedin, {"exc": requests.ConnectTimeout("hush")}, {"json": {"access_token": "one"}})
    assert tokens(linkedin).current().value == "one"
    gives(linkedin, {"exc": requests.ConnectTimeout("hush")})
    with pytest.raises(RequestFailedError) as raised:
        tokens(linkedin).refresh(tokens(linkedin).current())
    failure = raised.value.failure
    assert failure.message == "ConnectTimeout at the token endpoint"
    assert (failure.remedy, failure.status) == (Remedy.STOP, 0)


def test_a_token_endpoint_that_nobody_vouches_for_is_not_tried_again(linkedin: Mocked) -> None:
    """What buys tokens goes nowhere but to LinkedIn."""
    error = requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED")
    gives(linkedin, {"exc": error})
    with pytest.raises(RequestFailedError) as raised:
        tokens(linkedin).current()
    assert raised.value.failure == transport.failure_of(error)
    assert linkedin.linkedin.call_count == 1


def test_a_form_goes_to_nobody_else(linkedin: Mocked) -> None:
    """A redirect is an answer, and nothing is added."""
    gives(linkedin, {"status_code": 302, "headers": {"Location": "https://elsewhere.invalid"}})
    assert transport.post(ENDPOINT, {"a": "b"}, 7).status_code == 302
    (request,) = linkedin.linkedin.request_history
    assert (request.text, request.timeout) == ("a=b", 7)
    assert "Authorization" not in request.headers

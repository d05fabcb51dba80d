"""Access tokens: fetched and refreshed in memory, once for all threads."""

from __future__ import annotations

import typing as t

import pytest

from tap_linkedin_ads.api.errors import Remedy
from tests.callers import Caller, at_once

if t.TYPE_CHECKING:
    from sandbox import Sandbox


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    """Return a client with an access token."""
    return Caller(sandbox.config())


@pytest.fixture
def refreshing(sandbox: Sandbox) -> Caller:
    """Return a client with what buys access tokens."""
    credentials = sandbox.credentials()
    del credentials["access_token"]
    return Caller(credentials)


@pytest.mark.refused("token_expired")
def test_an_expired_token_is_refreshed_once(sandbox: Sandbox, refreshing: Caller) -> None:
    """Sixteen threads that find the token expired share one refresh."""
    refreshing.fetch()
    refreshing.clock.sleep(3600)
    for token in list(sandbox.oauth._tokens):
        sandbox.oauth.expire(token)
    sandbox.switches.latency_ms = 20
    sandbox.reset_log()
    assert at_once(16, refreshing.fetch) == []
    assert len([entry for entry in sandbox.log if entry.resource == "oauth"]) == 1


def test_the_first_token_is_fetched_once(sandbox: Sandbox, refreshing: Caller) -> None:
    """Threads that start together share the first exchange too."""
    assert at_once(16, refreshing.fetch) == []
    assert len([entry for entry in sandbox.log if entry.resource == "oauth"]) == 1


@pytest.mark.refused("token_revoked")
def test_a_new_token_that_is_revoked_at_first_is_waited_for(
    sandbox: Sandbox, refreshing: Caller
) -> None:
    """LinkedIn answers 'revoked' for seconds after minting a token: it works a little later."""
    sandbox.switches.new_token_revoked_uses = 3
    assert len(refreshing.fetch().elements) == 3
    assert len([entry for entry in sandbox.log if entry.resource == "oauth"]) == 1
    assert refreshing.clock.sleeps


@pytest.mark.refused("token_expired")
def test_an_expired_token_that_cannot_be_refreshed_stops_the_run(
    sandbox: Sandbox, caller: Caller
) -> None:
    """Without refresh credentials the message says which settings are needed."""
    sandbox.oauth.expire(sandbox.access_token)
    error = caller.fails()
    assert error.failure.remedy is Remedy.STOP
    assert "refresh_token" in str(error)
    assert len(sandbox.log) == 1


@pytest.mark.refused("token_revoked")
def test_a_token_revoked_by_the_member_stops_the_run_soon(sandbox: Sandbox, caller: Caller) -> None:
    """An old token that is revoked does not come back: few tries, then a clear message."""
    sandbox.oauth.revoke(sandbox.access_token)
    error = caller.fails()
    assert error.failure.remedy is Remedy.STOP
    assert len(sandbox.log) <= 3


@pytest.mark.refused("oauth_refresh")
def test_a_refresh_token_that_is_refused_stops_the_run(
    sandbox: Sandbox, refreshing: Caller
) -> None:
    """The message says what to check, and repeats no secret."""
    sandbox.oauth.revoke_refresh(sandbox.refresh_token)
    error = refreshing.fails()
    assert error.failure.remedy is Remedy.STOP
    assert "consent" in str(error)
    assert sandbox.refresh_token not in str(error)
    assert sandbox.client_secret not in str(error)
    assert len(sandbox.log) == 1


@pytest.mark.parametrize("fault", ["truncate", "reset", "status"])
def test_the_token_endpoint_is_asked_again(
    sandbox: Sandbox, refreshing: Caller, fault: str
) -> None:
    """What may pass at the token endpoint is waited out as well."""
    options: dict[str, t.Any] = {"status": 503, "body": ""} if fault == "status" else {}
    sandbox.faults.add(fault, path="/oauth/v2/accessToken", times=2, **options)
    assert len(refreshing.fetch().elements) == 3
    assert len([entry for entry in sandbox.log if entry.resource == "oauth"]) == 3

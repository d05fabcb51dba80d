from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.sandbox.conftest import Caller, Reply

BACK = "http://localhost:8765/callback"


def post(caller: Caller, name: str, **form: str) -> Reply:
    """Post a form with the client id and secret."""
    sandbox = caller.sandbox
    form = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, **form}
    headers: dict[str, str | None] = {"Content-Type": "application/x-www-form-urlencoded"}
    return caller.send("POST", f"/oauth/v2/{name}", headers, urlencode(form))


def authorize(caller: Caller, scope: str = "r_ads r_ads_reporting") -> Reply:
    """Open the authorization page."""
    query = urlencode(
        {
            "response_type": "code",
            "client_id": caller.sandbox.client_id,
            "redirect_uri": BACK,
            "state": "st&te",
            "scope": scope,
        }
    )
    return caller.get(f"/oauth/v2/authorization?{query}")


def answer(location: str) -> dict[str, str]:
    """Return what the redirect hands back."""
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def consent(caller: Caller) -> str:
    """Allow access and return the code."""
    page = authorize(caller)
    assert page.status == 200
    link = re.search(r'id="allow" href="([^"]+)"', page.text)
    assert link is not None
    given = answer(html.unescape(link[1]))
    assert given["state"] == "st&te"
    return given["code"]


def works(caller: Caller, token: str) -> int:
    """Return the status that a token gets."""
    return caller.get("/rest/adAccounts?q=search", Authorization=f"Bearer {token}").status


def test_authorization_code_grant(caller: Caller, sandbox: Sandbox) -> None:
    """A code buys tokens once."""
    code = consent(caller)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    body = post(caller, "accessToken", **form).body
    assert body["scope"] == "r_ads,r_ads_reporting"
    assert body["expires_in"] == 5_184_000
    assert 31_535_990 <= body["refresh_token_expires_in"] <= 31_536_000
    assert len(body["access_token"]) > 400
    assert works(caller, body["access_token"]) == 200
    # A code works once.
    assert post(caller, "accessToken", **form).status == 401
    assert sandbox.log[-1].rule == "oauth_code"


def test_codes_are_bound_to_redirect_and_age(caller: Caller, sandbox: Sandbox) -> None:
    """A code is worthless elsewhere and after 30 minutes."""
    form = {"grant_type": "authorization_code", "redirect_uri": BACK + "/other"}
    assert post(caller, "accessToken", code=consent(caller), **form).body["error"] == (
        "invalid_redirect_uri"
    )
    code = consent(caller)
    sandbox.world.clock.advance(1_801)
    form["redirect_uri"] = BACK
    assert post(caller, "accessToken", code=code, **form).status == 401


@pytest.mark.parametrize(
    ("consent_mode", "error"),
    [("cancel_login", "user_cancelled_login"), ("cancel_authorize", "user_cancelled_authorize")],
)
def test_member_may_cancel(caller: Caller, sandbox: Sandbox, consent_mode: str, error: str) -> None:
    """A member's refusal comes back as an error."""
    sandbox.switches.consent = consent_mode
    reply = authorize(caller)
    assert reply.status == 302
    assert answer(reply.headers["Location"])["error"] == error


def test_redirect_without_page_and_unknown_scope(caller: Caller, sandbox: Sandbox) -> None:
    """One scope that is not provisioned rejects the request."""
    sandbox.switches.consent = "redirect"
    assert "code" in answer(authorize(caller).headers["Location"])
    reply = authorize(caller, "r_ads w_everything")
    assert answer(reply.headers["Location"])["error"] == "unauthorized_scope_error"


def refresh(caller: Caller) -> dict[str, Any]:
    """Refresh the access token."""
    reply = post(
        caller,
        "accessToken",
        grant_type="refresh_token",
        refresh_token=caller.sandbox.refresh_token,
    )
    assert reply.status == 200
    body: dict[str, Any] = reply.body
    return body


def test_refresh_keeps_the_refresh_token_and_its_life(caller: Caller, sandbox: Sandbox) -> None:
    """Refreshing never prolongs the refresh token."""
    sandbox.world.clock.advance(86_400 * 60)
    assert works(caller, sandbox.access_token) == 401
    body = refresh(caller)
    assert body["refresh_token"] == sandbox.refresh_token
    assert body["refresh_token_expires_in"] <= 31_536_000 - 86_400 * 60
    assert body["expires_in"] == 5_184_000
    assert works(caller, body["access_token"]) == 200
    sandbox.world.clock.advance(86_400 * 306)
    reply = post(
        caller, "accessToken", grant_type="refresh_token", refresh_token=sandbox.refresh_token
    )
    assert reply.status == 400
    assert "invalid, expired or revoked" in reply.body["error_description"]


def test_new_tokens_may_need_a_moment(caller: Caller, sandbox: Sandbox) -> None:
    """A fresh token may answer as revoked for some uses or seconds."""
    sandbox.switches.new_token_revoked_uses = 2
    token = refresh(caller)["access_token"]
    assert [works(caller, token) for _ in range(3)] == [401, 401, 200]
    assert [entry.rule for entry in sandbox.log][-3:] == ["token_revoked", "token_revoked", None]
    sandbox.switches.new_token_revoked_uses = 0
    sandbox.switches.new_token_revoked_seconds = 30
    token = refresh(caller)["access_token"]
    assert works(caller, token) == 401
    sandbox.world.clock.advance(31)
    assert works(caller, token) == 200


def test_unapproved_applications_get_no_refresh_token(caller: Caller, sandbox: Sandbox) -> None:
    """Only approved applications get refresh tokens."""
    sandbox.switches.refresh_tokens = False
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    body = post(caller, "accessToken", code=consent(caller), **form).body
    assert set(body) == {"access_token", "expires_in", "scope", "token_type"}


def test_introspection(caller: Caller, sandbox: Sandbox) -> None:
    """Introspection tells active, revoked, expired and foreign tokens apart."""

    def look(token: str) -> dict[str, Any]:
        """Introspect a token."""
        body: dict[str, Any] = post(caller, "introspectToken", token=token).body
        return body

    body = look(sandbox.access_token)
    assert body["active"] is True
    assert body["status"] == "active"
    assert body["expires_at"] - body["created_at"] == 5_184_000
    sandbox.oauth.revoke(sandbox.access_token)
    assert look(sandbox.access_token)["status"] == "revoked"
    expired = sandbox.oauth.issue(expires_in=-5)
    assert look(expired)["status"] == "expired"
    assert look("foreign") == {"active": False}


def test_revoked_refresh_token(caller: Caller, sandbox: Sandbox) -> None:
    """A revoked refresh token buys nothing."""
    sandbox.oauth.revoke_refresh(sandbox.refresh_token)
    reply = post(
        caller, "accessToken", grant_type="refresh_token", refresh_token=sandbox.refresh_token
    )
    assert reply.status == 400

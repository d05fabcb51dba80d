"""OAuth 2.0: authorization page, accessToken, introspectToken, and the state of tokens.

Three-legged only, as LinkedIn's Marketing APIs are: a code lives 30 minutes and works once, an
access token lives 60 days, a refresh token keeps its own 365 days however often it is used.
"""

from __future__ import annotations

import html
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox import rules
from sandbox.request import Answer, Switches

ACCESS_SECONDS = 5_184_000
REFRESH_SECONDS = 31_536_000
CODE_SECONDS = 1_800
DEFAULT_SCOPES = ("r_ads", "r_ads_reporting", "rw_ads")


@dataclass
class Token:
    """An access token.

    Attributes:
        text: The token itself.
        scopes: What it may read.
        created: Epoch seconds.
        expires: Epoch seconds.
        revoked: Whether the member withdrew it.
        revoked_uses: How many more times it answers as revoked, although it is fresh.
        revoked_until: Until when (epoch seconds) it answers as revoked, although it is fresh.
        restricted: Whether the member is restricted.
    """

    text: str
    scopes: tuple[str, ...]
    created: float
    expires: float
    revoked: bool = False
    revoked_uses: int = 0
    revoked_until: float = 0.0
    restricted: bool = False


@dataclass
class _Grant:
    scopes: tuple[str, ...]
    redirect_uri: str
    expires: float


class OAuth:
    """The authorization server, and the judge of every Authorization header.

    Attributes:
        client_id: Id of the only application.
        client_secret: Its secret.
        scopes: Scopes provisioned for it.
    """

    def __init__(self, switches: Switches, scopes: tuple[str, ...] = DEFAULT_SCOPES) -> None:
        """Register one application and issue one pair of tokens."""
        self.client_id = "86" + secrets.token_hex(6)
        self.client_secret = "WPL_AP1." + secrets.token_hex(8)
        self.scopes = scopes
        self._switches = switches
        self._lock = threading.RLock()
        self._offset = 0.0
        self._tokens: dict[str, Token] = {}
        self._codes: dict[str, _Grant] = {}
        self._refresh: dict[str, tuple[tuple[str, ...], float]] = {}
        self.refresh_token = self.issue_refresh(scopes)

    # -- tokens -------------------------------------------------------------------------------

    def now(self) -> float:
        """Return the time in epoch seconds, as this server sees it."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Let time pass for tokens and codes."""
        self._offset += seconds

    def issue(
        self,
        scopes: tuple[str, ...] | None = None,
        expires_in: float = ACCESS_SECONDS,
        text: str | None = None,
    ) -> str:
        """Issue an access token that works at once, about as long as LinkedIn's."""
        text = text or "AQ" + secrets.token_urlsafe(340)
        now = self.now()
        with self._lock:
            self._tokens[text] = Token(
                text, self.scopes if scopes is None else scopes, now, now + expires_in
            )
        return text

    def issue_refresh(self, scopes: tuple[str, ...], expires_in: float = REFRESH_SECONDS) -> str:
        """Issue a refresh token."""
        text = "AQ" + secrets.token_urlsafe(340)
        with self._lock:
            self._refresh[text] = (scopes, self.now() + expires_in)
        return text

    def token(self, text: str) -> Token:
        """Return the state of an access token, to be changed in tests."""
        return self._tokens[text]

    def expire(self, text: str) -> None:
        """Let an access token expire."""
        self._tokens[text].expires = self.now() - 1

    def revoke(self, text: str) -> None:
        """Revoke an access token."""
        self._tokens[text].revoked = True

    def revoke_refresh(self, text: str) -> None:
        """Revoke a refresh token."""
        self._refresh.pop(text, None)

    def check(self, header: str | None) -> Token:
        """Return the token of an Authorization header, or refuse with 401."""
        scheme, _, text = (header or "").strip().partition(" ")
        if not header or (scheme.lower() == "bearer" and not text.strip()):
            raise rules.legacy(
                "token_empty", 401, "Empty oauth2_access_token", serviceErrorCode=401
            )
        with self._lock:
            token = self._tokens.get(text.strip()) if scheme.lower() == "bearer" else None
            if token is None:
                raise invalid_token()
            if token.restricted:
                raise rules.legacy(
                    "member_restricted", 401, "Member is restricted",
                    serviceErrorCode=65608, code="RESTRICTED_MEMBER",
                )
            if token.expires <= self.now():
                raise expired_token()
            if token.revoked or token.revoked_uses or token.revoked_until > self.now():
                token.revoked_uses = max(0, token.revoked_uses - 1)
                raise revoked_token()
            return token

    # -- endpoints ----------------------------------------------------------------------------

    def serve(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Serve a request below ``/oauth/v2/``."""
        url = urlsplit(target)
        name = url.path.removeprefix("/oauth/v2/")
        if name == "authorization":
            if method != "GET":
                raise _error("oauth_method", 405, "invalid_request", "GET expected")
            return self._authorize(dict(parse_qsl(url.query)))
        if name not in ("accessToken", "introspectToken"):
            raise rules.not_found("unknown_resource")
        if method != "POST":
            raise _error("oauth_method", 405, "invalid_request", "POST expected")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise _error("oauth_content_type", 400, "invalid_request", "form body expected")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        with self._lock:
            answer = self._exchange(form) if name == "accessToken" else self._introspect(form)
        return Answer(200, json.dumps(answer).encode())

    def _authorize(self, query: dict[str, str]) -> Answer:
        for name in ("response_type", "client_id", "redirect_uri", "scope"):
            _need(query, name)
        if query["client_id"] != self.client_id:
            raise _error("oauth_client", 401, "invalid_client", "Client authentication failed")
        redirect = query["redirect_uri"]
        if not self._registered(redirect):
            raise _error(
                "oauth_redirect", 400, "invalid_redirect_uri",
                "The redirect_uri does not match the registered value",
            )
        if query["response_type"] != "code":
            raise _error(
                "oauth_parameter", 400, "unsupported_response_type", "response_type must be code"
            )
        scopes = tuple(query["scope"].split())
        answer: dict[str, str] = {}
        if not set(scopes) <= set(self.scopes):
            answer = {
                "error": "unauthorized_scope_error",
                "error_description": "Scope is not authorized for your application",
            }
        elif self._switches.consent.startswith("cancel"):
            answer = {
                "error": "user_cancelled_" + self._switches.consent.removeprefix("cancel_"),
                "error_description": "The user cancelled LinkedIn login",
            }
        else:
            code = "AQ" + secrets.token_urlsafe(60)
            with self._lock:
                self._codes[code] = _Grant(scopes, redirect, self.now() + CODE_SECONDS)
            answer = {"code": code}
        if "state" in query:
            answer["state"] = query["state"]
        separator = "&" if "?" in redirect else "?"
        location = redirect + separator + urlencode(answer)
        if answer.get("error") == "unauthorized_scope_error":
            raise rules.Refusal("oauth_scope", 302, answer, {"Location": location})
        if self._switches.consent != "page":
            return Answer(302, b"", "text/html", {"Location": location})
        link = html.escape(location, quote=True)
        page = (
            "<!doctype html><title>Sign in</title>"
            f'<meta http-equiv="refresh" content="0;url={link}">'
            f'<p>The sandbox allows access. <a id="allow" href="{link}">Continue</a></p>'
        )
        return Answer(200, page.encode(), "text/html; charset=utf-8")

    def _registered(self, redirect: str) -> bool:
        if self._switches.redirect_uris:
            return redirect in self._switches.redirect_uris
        return urlsplit(redirect).hostname in ("localhost", "127.0.0.1", "::1")

    def _client(self, form: dict[str, str]) -> None:
        for name in ("client_id", "client_secret"):
            _need(form, name)
        if form["client_id"] != self.client_id or form["client_secret"] != self.client_secret:
            raise _error("oauth_client", 401, "invalid_client", "Client authentication failed")

    def _exchange(self, form: dict[str, str]) -> dict[str, object]:
        grant_type = _need(form, "grant_type")
        if grant_type == "authorization_code":
            for name in ("code", "redirect_uri"):
                _need(form, name)
            self._client(form)
            grant = self._codes.pop(form["code"], None)
            if grant is None or grant.expires <= self.now():
                raise _error(
                    "oauth_code", 401, "invalid_request",
                    "Unable to retrieve access token: authorization code not found",
                )
            if grant.redirect_uri != form["redirect_uri"]:
                raise _error(
                    "oauth_redirect", 400, "invalid_redirect_uri",
                    "The redirect_uri does not match the one of the authorization request",
                )
            scopes, refresh = grant.scopes, self.issue_refresh(grant.scopes)
        elif grant_type == "refresh_token":
            _need(form, "refresh_token")
            self._client(form)
            refresh = form["refresh_token"]
            scopes, expires = self._refresh.get(refresh, ((), 0.0))
            if expires <= self.now() or not self._switches.refresh_tokens:
                raise _error(
                    "oauth_refresh", 400, "invalid_request",
                    "The provided authorization grant or refresh token is invalid, expired or "
                    "revoked",
                )
        else:
            raise _error(
                "oauth_grant_type", 400, "unsupported_grant_type", "grant_type is not supported"
            )
        token = self._tokens[self.issue(scopes)]
        token.revoked_uses = self._switches.new_token_revoked_uses
        token.revoked_until = self.now() + self._switches.new_token_revoked_seconds
        answer: dict[str, object] = {"access_token": token.text, "expires_in": ACCESS_SECONDS}
        if self._switches.refresh_tokens:
            answer["refresh_token"] = refresh
            answer["refresh_token_expires_in"] = int(self._refresh[refresh][1] - self.now())
        return {**answer, "scope": ",".join(scopes), "token_type": "Bearer"}

    def _introspect(self, form: dict[str, str]) -> dict[str, object]:
        _need(form, "token")
        self._client(form)
        token = self._tokens.get(form["token"])
        if token is None:
            return {"active": False}
        status = (
            "revoked" if token.revoked else "expired" if token.expires <= self.now() else "active"
        )
        return {
            "active": status == "active",
            "client_id": self.client_id,
            "authorized_at": int(token.created),
            "created_at": int(token.created),
            "status": status,
            "expires_at": int(token.expires),
            "scope": ",".join(token.scopes),
            "auth_type": "3L",
        }


def invalid_token() -> rules.Refusal:
    """Refuse a token that LinkedIn never issued."""
    return rules.legacy(
        "token_invalid", 401, "Invalid access token",
        serviceErrorCode=65600, code="INVALID_ACCESS_TOKEN",
    )


def revoked_token() -> rules.Refusal:
    """Refuse a revoked token."""
    return rules.legacy(
        "token_revoked", 401, "The token used in the request has been revoked by the user",
        serviceErrorCode=65601, code="REVOKED_ACCESS_TOKEN",
    )


def expired_token() -> rules.Refusal:
    """Refuse an expired token."""
    return rules.legacy(
        "token_expired", 401, "The token used in the request has expired",
        serviceErrorCode=65602, code="EXPIRED_ACCESS_TOKEN",
    )


def _error(rule: str, status: int, code: str, description: str) -> rules.Refusal:
    return rules.Refusal(rule, status, {"error": code, "error_description": description})


def _need(form: dict[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise _error(
            "oauth_parameter", 400, "invalid_request",
            f'A required parameter "{name}" is missing',
        )
    return value

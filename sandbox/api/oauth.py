"""OAuth 2.0: authorization page, accessToken, introspectToken, and the state of tokens.

Three-legged only, as LinkedIn's Marketing APIs are: a code lives 30 minutes and works once, an
access token lives 60 days, a refresh token keeps its own 365 days however often it is used.
"""

from __future__ import annotations

import html
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.api import rules
from sandbox.api.request import Answer, Incoming, Switches
from sandbox.api.tokens import ACCESS_SECONDS, Tokens

if TYPE_CHECKING:
    from sandbox.world.clock import Clock

CODE_SECONDS = 1_800
DEFAULT_SCOPES = (
    "r_ads",
    "r_ads_reporting",
    "rw_ads",
    "r_organization_admin",
    "r_organization_social",
    "r_marketing_leadgen_automation",
    "rw_dmp_segments",
)


@dataclass
class _Grant:
    scopes: tuple[str, ...]
    redirect_uri: str
    expires: float


class OAuth(Tokens):
    """The authorization server of one application.

    Attributes:
        client_id: Id of the only application.
        client_secret: Its secret.
        scopes: Scopes provisioned for it.
    """

    def __init__(
        self, clock: Clock, switches: Switches, scopes: tuple[str, ...] = DEFAULT_SCOPES
    ) -> None:
        """Register one application and issue one pair of tokens."""
        super().__init__(clock, scopes)
        self.client_id = "86" + secrets.token_hex(6)
        self.client_secret = "WPL_AP1." + secrets.token_hex(8)
        self.scopes = scopes
        self._switches = switches
        self._codes: dict[str, _Grant] = {}
        self.refresh_token = self.issue_refresh(scopes)

    # -- endpoints ----------------------------------------------------------------------------

    def serve(self, incoming: Incoming) -> Answer:
        """Serve a request below ``/oauth/v2/``."""
        method, headers, body = incoming.entry.method, incoming.headers, incoming.body
        url = urlsplit(incoming.target)
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
        with self.lock:
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
                "oauth_redirect",
                400,
                "invalid_redirect_uri",
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
            with self.lock:
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
                    "oauth_code",
                    401,
                    "invalid_request",
                    "Unable to retrieve access token: authorization code not found",
                )
            if grant.redirect_uri != form["redirect_uri"]:
                raise _error(
                    "oauth_redirect",
                    400,
                    "invalid_redirect_uri",
                    "The redirect_uri does not match the one of the authorization request",
                )
            scopes, refresh = grant.scopes, self.issue_refresh(grant.scopes)
        elif grant_type == "refresh_token":
            _need(form, "refresh_token")
            self._client(form)
            refresh = form["refresh_token"]
            scopes, life = self.refresh_life(refresh)
            if not life or not self._switches.refresh_tokens:
                raise _error(
                    "oauth_refresh",
                    400,
                    "invalid_request",
                    "The provided authorization grant or refresh token is invalid, expired or "
                    "revoked",
                )
        else:
            raise _error(
                "oauth_grant_type", 400, "unsupported_grant_type", "grant_type is not supported"
            )
        token = self.token(self.issue(scopes))
        token.revoked_uses = self._switches.new_token_revoked_uses
        token.revoked_until = self.now() + self._switches.new_token_revoked_seconds
        answer: dict[str, object] = {"access_token": token.text, "expires_in": ACCESS_SECONDS}
        if self._switches.refresh_tokens:
            answer["refresh_token"] = refresh
            answer["refresh_token_expires_in"] = int(self.refresh_life(refresh)[1])
        return {**answer, "scope": ",".join(scopes), "token_type": "Bearer"}

    def _introspect(self, form: dict[str, str]) -> dict[str, object]:
        _need(form, "token")
        self._client(form)
        token = self.find(form["token"])
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


def _error(rule: str, status: int, code: str, description: str) -> rules.Refusal:
    return rules.Refusal(rule, status, {"error": code, "error_description": description})


def _need(form: dict[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise _error(
            "oauth_parameter",
            400,
            "invalid_request",
            f'A required parameter "{name}" is missing',
        )
    return value

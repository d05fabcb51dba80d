"""The OAuth consent of one member: what to ask LinkedIn for, what came back, what it bought.

Nothing here opens a socket or reads a clock: the server hands in what the browser sent, and
``post`` sends the one request that buys tokens. Source: LinkedIn, "Authorization Code Flow".
"""

from __future__ import annotations

import hmac
import secrets
import typing as t
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tap_linkedin_ads.api.errors import HTTP_OK, TapError
from tap_linkedin_ads.api.resources import PRODUCTS

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRODUCTS = "; ".join(f"{p.name}: {', '.join(p.scopes)}" for p in PRODUCTS)
_FLAGS = ", ".join(f"--{product.option}" for product in PRODUCTS if product.option)
_REFUSALS = {
    "user_cancelled_login": "the sign-in page was closed: nobody signed in to LinkedIn",
    "user_cancelled_authorize": "the member did not allow access",
    "access_denied": "the member did not allow access",
    "unauthorized_scope_error": (
        "your LinkedIn app may not ask for all of these scopes ({scopes}), and one that is not "
        "granted makes LinkedIn refuse them all; on the app's Products tab request what is "
        f"missing ({_PRODUCTS}), or log in without {_FLAGS}"
    ),
    "unauthorized_client": "LinkedIn does not let this app ask for consent",
    "server_error": "LinkedIn had an error of its own; try again",
}


class LoginError(TapError):
    """Why there are no tokens, in words for the member at the terminal and in the browser."""


@dataclass(frozen=True, slots=True)
class LinkedInApp:
    """The LinkedIn application that asks for consent."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint answered.

    Attributes:
        status: HTTP status.
        body: The JSON object, empty where the body was none.
    """

    status: int
    body: Mapping[str, t.Any]


Post = t.Callable[[str, t.Mapping[str, str]], TokenAnswer]
"""Sends a form to a URL; raises LoginError where no answer came."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the member allowed.

    Attributes:
        app: The application it was allowed to.
        access_token: A token that works now.
        refresh_token: What buys further tokens, None where LinkedIn gives the app none.
        expires_in: Seconds that the access token lives.
        refresh_expires_in: Seconds that the refresh token lives, None where there is none.
        scopes: The scopes that LinkedIn granted.
    """

    app: LinkedInApp
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    refresh_expires_in: int | None
    scopes: tuple[str, ...]

    @property
    def settings(self) -> dict[str, str]:
        """Return the tap's settings that hold this grant, best first."""
        token = (
            {"refresh_token": self.refresh_token}
            if self.refresh_token
            else {"access_token": self.access_token}
        )
        return {
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            **token,
        }


class Consent:
    """One attempt to get a member's consent. Its code is used once, whatever comes of it."""

    def __init__(  # noqa: PLR0913  one keyword a fact
        self,
        app: LinkedInApp,
        scopes: Sequence[str],
        *,
        redirect_uri: str,
        oauth_url: str,
        post: Post,
        state: str | None = None,
    ) -> None:
        """Prepare the attempt; nothing is sent yet.

        Args:
            app: The application.
            scopes: Scopes to ask for.
            redirect_uri: Where LinkedIn sends the browser back to, as registered for the app.
            oauth_url: LinkedIn's OAuth endpoints.
            post: Sends the request for tokens.
            state: Ties the answer to this attempt; random unless a test hands one in.
        """
        self._app = app
        self._scopes = tuple(scopes)
        self._redirect_uri = redirect_uri
        self._oauth_url = oauth_url.rstrip("/")
        self._post = post
        self._state = state or secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": self._redirect_uri,
            "state": self._state,
            "scope": " ".join(self._scopes),
        }
        return f"{self._oauth_url}/authorization?{urlencode(query, quote_via=quote)}"

    def is_answer(self, query: Mapping[str, Sequence[str]]) -> bool:
        """Whether a call-back belongs to this attempt, in constant time.

        Args:
            query: The call-back's parameters, each with all of its values.
        """
        values = query.get("state", ())
        given = values[0] if len(values) == 1 else ""
        return hmac.compare_digest(given.encode(), self._state.encode())

    def redeem(self, query: Mapping[str, Sequence[str]]) -> Grant:
        """Buy tokens with the code of a call-back that belongs to this attempt.

        Raises:
            LoginError: The member or LinkedIn refused.
        """
        if error := _only(query, "error"):
            raise LoginError(self._refusal(error, _only(query, "error_description")))
        code = _only(query, "code")
        if not code:
            raise LoginError("LinkedIn sent neither a code nor an error back")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
        }
        answer = self._post(f"{self._oauth_url}/accessToken", form)
        return self._grant(answer)

    def _grant(self, answer: TokenAnswer) -> Grant:
        body = answer.body
        token = body.get("access_token")
        if answer.status != HTTP_OK or not isinstance(token, str) or not token:
            raise LoginError(self._no_tokens(answer))
        refresh = body.get("refresh_token")
        scopes = str(body.get("scope") or ",".join(self._scopes)).replace(",", " ").split()
        return Grant(
            app=self._app,
            access_token=token,
            refresh_token=refresh if isinstance(refresh, str) and refresh else None,
            expires_in=_seconds(body.get("expires_in")) or 0,
            refresh_expires_in=_seconds(body.get("refresh_token_expires_in")),
            scopes=tuple(scopes),
        )

    def _refusal(self, error: str, description: str) -> str:
        known = _REFUSALS.get(error, "LinkedIn refused").format(scopes=", ".join(self._scopes))
        said = ": ".join(filter(None, (error, description)))
        return f"{known}. LinkedIn said: {said[:300]}"

    def _no_tokens(self, answer: TokenAnswer) -> str:
        error = str(answer.body.get("error", ""))
        said = ": ".join(filter(None, (error, str(answer.body.get("error_description", "")))))
        advice = {
            "invalid_client": "check client_id and client_secret",
            "invalid_redirect_uri": (
                f"register {self._redirect_uri} for the app, to the letter: on its Auth tab, "
                "under Authorized redirect URLs"
            ),
        }.get(error, "start the login again: a code works once and for 30 minutes")
        return (
            f"LinkedIn gave no tokens (HTTP {answer.status}{', ' + said[:300] if said else ''}); "
            f"{advice}"
        )


def _only(query: Mapping[str, Sequence[str]], name: str) -> str:
    """Return a parameter's value; one that is there twice counts as absent."""
    values = query.get(name, ())
    return " ".join(values[0].split()) if len(values) == 1 else ""


def _seconds(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None

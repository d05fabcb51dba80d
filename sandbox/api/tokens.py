"""Access and refresh tokens, and what LinkedIn says about bad ones."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.api import rules

if TYPE_CHECKING:
    from sandbox.world.clock import Clock

ACCESS_SECONDS = 5_184_000
REFRESH_SECONDS = 31_536_000


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


class Tokens:
    """All tokens of one application; the judge of every Authorization header."""

    def __init__(self, clock: Clock, scopes: tuple[str, ...]) -> None:
        """Start without tokens.

        Args:
            clock: The sandbox's time.
            scopes: Scopes of tokens that are issued without any of their own.
        """
        self.lock = threading.RLock()
        self._scopes = scopes
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, tuple[tuple[str, ...], float]] = {}

    def now(self) -> float:
        """Return the time in epoch seconds, as this server sees it."""
        return self._clock.now()

    def issue(
        self,
        scopes: tuple[str, ...] | None = None,
        expires_in: float = ACCESS_SECONDS,
        text: str | None = None,
    ) -> str:
        """Issue an access token that works at once, about as long as LinkedIn's."""
        text = text or "AQ" + secrets.token_urlsafe(340)
        now = self.now()
        with self.lock:
            self._tokens[text] = Token(
                text, self._scopes if scopes is None else scopes, now, now + expires_in
            )
        return text

    def issue_refresh(self, scopes: tuple[str, ...], expires_in: float = REFRESH_SECONDS) -> str:
        """Issue a refresh token."""
        text = "AQ" + secrets.token_urlsafe(340)
        with self.lock:
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

    def find(self, text: str) -> Token | None:
        """Return the state of an access token, None if it was issued by somebody else."""
        return self._tokens.get(text)

    def refresh_life(self, text: str) -> tuple[tuple[str, ...], float]:
        """Return scopes and remaining seconds of a refresh token; none if it is unknown."""
        scopes, expires = self._refresh.get(text, ((), 0.0))
        return scopes, max(0.0, expires - self.now())

    def check(self, header: str | None) -> Token:
        """Return the token of an Authorization header, or refuse with 401."""
        scheme, _, text = (header or "").strip().partition(" ")
        if not header or (scheme.lower() == "bearer" and not text.strip()):
            raise rules.legacy(
                "token_empty", 401, "Empty oauth2_access_token", serviceErrorCode=401
            )
        with self.lock:
            token = self._tokens.get(text.strip()) if scheme.lower() == "bearer" else None
            if token is None:
                raise invalid_token()
            if token.restricted:
                raise rules.legacy(
                    "member_restricted",
                    401,
                    "Member is restricted",
                    serviceErrorCode=65608,
                    code="RESTRICTED_MEMBER",
                )
            if token.expires <= self.now():
                raise expired_token()
            if token.revoked or token.revoked_uses or token.revoked_until > self.now():
                token.revoked_uses = max(0, token.revoked_uses - 1)
                raise revoked_token()
            return token


def invalid_token() -> rules.Refusal:
    """Refuse a token that LinkedIn never issued."""
    return rules.legacy(
        "token_invalid",
        401,
        "Invalid access token",
        serviceErrorCode=65600,
        code="INVALID_ACCESS_TOKEN",
    )


def revoked_token() -> rules.Refusal:
    """Refuse a revoked token."""
    return rules.legacy(
        "token_revoked",
        401,
        "The token used in the request has been revoked by the user",
        serviceErrorCode=65601,
        code="REVOKED_ACCESS_TOKEN",
    )


def expired_token() -> rules.Refusal:
    """Refuse an expired token."""
    return rules.legacy(
        "token_expired",
        401,
        "The token used in the request has expired",
        serviceErrorCode=65602,
        code="EXPIRED_ACCESS_TOKEN",
    )

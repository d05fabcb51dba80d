"""Asks about the token, and which API versions LinkedIn answers."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from tap_linkedin_ads.api import versions
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli.check.checkup import STREAM, Token
from tap_linkedin_ads.sync import notices

if t.TYPE_CHECKING:
    from tap_linkedin_ads.sync.run import Run


def token(run: Run) -> Token:
    """Return what LinkedIn, or the token endpoint, tells of the token."""
    settings = run.settings
    has_refresh = settings.credentials is not None
    try:
        value = run.tokens.current().value
    except RequestFailedError as error:
        return Token(has_refresh=has_refresh, trouble=error.failure.message)
    left = run.tokens.refresh_token_expires_in
    refresh_until = None if left is None else run.clock.now() + dt.timedelta(seconds=left)
    told: dict[str, t.Any] = {}
    if settings.introspection:
        told = notices.introspected(
            settings.oauth_url, settings.introspection, value, settings.request_timeout
        )
    trouble = ""
    if told.get("status") in {"expired", "revoked"}:
        trouble = f"the access token is {told['status']}: have the member consent again"
    scopes = told.get("scope")
    return Token(
        valid_until=notices.expiry_of(told),
        refresh_until=refresh_until,
        has_refresh=has_refresh,
        scopes=frozenset(scopes.replace(",", " ").split()) if isinstance(scopes, str) else None,
        trouble=trouble,
    )


def answered_versions(run: Run) -> tuple[str, ...]:
    """Return the API versions that LinkedIn answers today, the newest first."""
    asked = {
        version: run.workers.submit(functools.partial(run.client.answers, version, STREAM))
        for version in versions.recent(run.today)
        if versions.sunset_of(version) > run.today
    }
    return tuple(version for version, answer in asked.items() if answer.result())

"""What a user should hear before it hurts: versions and tokens that are about to end.

LinkedIn's rules: LI-24, LI-25.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import typing as t
from urllib.parse import urlsplit

import requests

from tap_linkedin_ads.api import transport, versions
from tap_linkedin_ads.api.errors import HTTP_OK
from tap_linkedin_ads.settings.table import API_URL

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION_NOTICE_DAYS, TOKEN_NOTICE_DAYS = 60, 30


def version_warnings(api_version: str, today: dt.date, *, is_pinned: bool) -> Iterator[str]:
    """Yield a warning for a version that ends soon, has ended or is not known.

    Args:
        api_version: YYYYMM.
        today: The current UTC day.
        is_pinned: The user set it, so the tap never leaves it.
    """
    sunset = versions.sunset_of(api_version)
    if not is_pinned:
        if today < sunset <= today + dt.timedelta(days=VERSION_NOTICE_DAYS):
            yield (
                f"LinkedIn switches off API version {api_version}, the default, on {sunset}: from "
                "then on the tap uses the newest version that LinkedIn answers. Upgrade the tap."
            )
        return
    if sunset <= today:
        yield (
            f"LinkedIn switched off API version {api_version} on or about {sunset}: set "
            "api_version to a newer month if requests are refused (HTTP 426)."
        )
    elif sunset - today <= dt.timedelta(days=VERSION_NOTICE_DAYS):
        yield (
            f"LinkedIn switches off API version {api_version} on {sunset}: set api_version to a "
            "newer month before then."
        )
    if not versions.is_known(api_version) and sunset > today:
        yield (
            f"API version {api_version} is not known to this release of the tap; LinkedIn "
            "decides whether it exists."
        )


def token_warnings(kind: str, expires_at: dt.datetime | None, now: dt.datetime) -> Iterator[str]:
    """Yield a warning for a token that expires within 30 days.

    Args:
        kind: ``access token`` or ``refresh token``.
        expires_at: When it expires, None where that is not known.
        now: The current instant.
    """
    if expires_at is not None and expires_at - now <= dt.timedelta(days=TOKEN_NOTICE_DAYS):
        yield (
            f"The {kind} expires on {expires_at:%Y-%m-%d %H:%M} UTC: have the member consent "
            "again before then."
        )


def api_url_warnings(api_url: str) -> Iterator[str]:
    """Yield a warning where requests, and with them the token, go somewhere else than LinkedIn."""
    host = urlsplit(api_url).hostname or ""
    if api_url != API_URL and not _is_loopback(host):
        yield f"api_url is {api_url}: the access token is sent to that host, not to LinkedIn."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def introspected(
    oauth_url: str, client: tuple[str, str], token: str, timeout: float
) -> dict[str, t.Any]:
    """Ask LinkedIn what it knows of an access token.

    Args:
        oauth_url: LinkedIn's OAuth endpoints.
        client: Client id and secret of the app that the token belongs to.
        token: The access token.
        timeout: Seconds to wait.

    Returns:
        LinkedIn's answer, empty where there is none; a foreign token gives ``active: false``.
    """
    form = {"client_id": client[0], "client_secret": client[1], "token": token}
    try:
        response = transport.post(f"{oauth_url}/introspectToken", form, timeout)
        body = response.json() if response.status_code == HTTP_OK else None
    except (requests.RequestException, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def expiry_of(answer: Mapping[str, t.Any]) -> dt.datetime | None:
    """Return the instant in UTC at which an introspected token expires; None if not told."""
    seconds = answer.get("expires_at")
    try:
        return dt.datetime.fromtimestamp(int(seconds), dt.timezone.utc) if seconds else None
    except (ValueError, TypeError, OverflowError):
        return None

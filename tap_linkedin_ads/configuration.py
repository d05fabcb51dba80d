"""From what a user set to values the tap works with; all that is wrong is told at once."""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pendulum

from tap_linkedin_ads import urn
from tap_linkedin_ads.auth import RefreshCredentials
from tap_linkedin_ads.settings import API_URL, DEFAULT_API_VERSION, OAUTH_URL

_VERSION = re.compile(r"20\d{2}(0[1-9]|1[0-2])")
_URL = re.compile(r"https?://[^/\s?#]+[^\s?#]*")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
SECRETS = frozenset({"access_token", "client_id", "client_secret", "refresh_token"})
_MOST_WORKERS, _LONGEST_WINDOW, _LONGEST_TIMEOUT = 64, 92, 1e6

T = t.TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A run's settings, checked and converted.

    Days are UTC and inclusive. ``account_ids`` and ``organization_ids`` are None where the user
    listed nothing, which means: all that the token can read.
    """

    access_token: str | None = field(repr=False)
    credentials: RefreshCredentials | None
    introspection: tuple[str, str] | None = field(repr=False)
    start_date: dt.date
    start_date_is_set: bool
    end_date: dt.date
    account_ids: tuple[int, ...] | None
    exclude_account_ids: frozenset[int]
    organization_ids: tuple[int, ...] | None
    lookback_window: int
    date_window_size: int
    api_version: str
    max_workers: int
    metric_values_limit: int
    fail_on_account_error: bool
    request_timeout: float
    user_agent: str
    api_url: str
    oauth_url: str


class _Reader:
    """Reads settings one by one and collects what is wrong with them."""

    def __init__(self, config: Mapping[str, t.Any]) -> None:
        self._config = config
        self.errors: list[str] = []

    def error(self, name: str, value: object, allowed: str) -> None:
        """Note one wrong setting; secrets are not repeated."""
        shown = "(hidden)" if name in SECRETS else json.dumps(value, default=str)[:80]
        self.errors.append(f"{name}: {shown} is not allowed; expected {allowed}")

    def get(self, name: str, convert: Callable[[t.Any], T], allowed: str, default: T) -> T:
        """Convert a setting; ``convert`` raises ValueError or TypeError for what is wrong."""
        value = self._config.get(name)
        if value is None or value == "":
            return default
        try:
            return convert(value)
        except (ValueError, TypeError, OverflowError):
            self.error(name, value, allowed)
            return default


def parse_ids(value: object) -> tuple[int, ...]:
    """Read ids or URNs from an array, a comma-separated string, a JSON array or one number."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = json.loads(value)
    items = value if isinstance(value, list) else str(value).split(",")
    found: dict[int, None] = {}
    for item in items:
        if isinstance(item, (bool, float)):
            raise TypeError(item)
        text = str(item).strip()
        number = urn.number(text)
        if not number or (not text.isdigit() and not text.startswith("urn:li:")):
            raise ValueError(text)
        found[number] = None
    return tuple(found)


def parse_day(value: object) -> dt.date:
    """Read a date or date-time as a UTC day."""
    parsed = pendulum.parse(value, exact=True) if isinstance(value, str) else None
    if isinstance(parsed, pendulum.DateTime):
        return parsed.in_timezone("UTC").date()
    if isinstance(parsed, pendulum.Date):
        return dt.date(parsed.year, parsed.month, parsed.day)
    raise ValueError(value)


def parse_bool(value: object) -> bool:
    """Read a boolean, also from its usual spellings in environment variables."""
    if isinstance(value, bool):
        return value
    try:
        return _TRUTH[str(value).lower()]
    except KeyError:
        raise ValueError(value) from None


def integer_between(low: int, high: int | None = None) -> Callable[[t.Any], int]:
    """Return a reader of integers within limits."""

    def read(value: object) -> int:
        if isinstance(value, (bool, float)):
            raise TypeError(value)
        number = int(str(value))
        if number < low or (high is not None and number > high):
            raise ValueError(value)
        return number

    return read


def one_of(*allowed: str) -> Callable[[t.Any], str]:
    """Return a reader of one of several words."""

    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(value)
        return str(value)

    return read


def _version(value: object) -> str:
    if isinstance(value, (bool, float)) or not _VERSION.fullmatch(str(value)):
        raise ValueError(value)
    return str(value)


def _url(value: object) -> str:
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise ValueError(value)
    return value.rstrip("/")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not 0 < (seconds := float(str(value))) < _LONGEST_TIMEOUT:
        raise ValueError(value)
    return seconds


def _text(value: object) -> str:
    if not isinstance(value, str) or "\n" in value or "\r" in value:
        raise TypeError(value)
    return value


def read(
    config: Mapping[str, t.Any], *, known: frozenset[str], today: dt.date, version: str
) -> tuple[Configuration, list[str]]:
    """Convert a user's settings.

    Args:
        config: Settings as the user gave them.
        known: Every setting's name, the SDK's own included.
        today: The current day, UTC.
        version: The tap's version, for the User-Agent header.

    Returns:
        The configuration and one line for each setting that is wrong; the configuration is of
        use only where there is none.
    """
    reader = _Reader(config)
    reader.errors += _unknown(config, known)
    nothing: tuple[int, ...] | None = None
    credentials = _credentials(config, reader)
    dates = "a date (2026-01-31) or date-time"
    ids = "ids or URNs: an array or one comma-separated string"
    start = reader.get("start_date", parse_day, dates, None)
    end = reader.get("end_date", parse_day, dates, None)
    if start and start > (end or today):
        limit = f"end_date ({end})" if end else f"today ({today}, UTC)"
        reader.error("start_date", str(start), f"a day no later than {limit}")
    accounts = reader.get("account_ids", parse_ids, ids, nothing)
    alias = reader.get("accounts", parse_ids, ids, nothing)
    if accounts and alias and set(accounts) != set(alias):
        reader.error("accounts", list(alias), "the same as account_ids, or only one of the two")
    excluded = reader.get("exclude_account_ids", parse_ids, ids, nothing)
    configuration = Configuration(
        access_token=credentials[0],
        credentials=credentials[1],
        introspection=credentials[2],
        start_date=start or pendulum.instance(today).subtract(months=12),
        start_date_is_set=start is not None,
        end_date=min(end or today, today),
        account_ids=accounts or alias,
        exclude_account_ids=frozenset(excluded or ()),
        organization_ids=reader.get("organization_ids", parse_ids, ids, nothing),
        lookback_window=reader.get(
            "lookback_window", integer_between(0, 3650), "a number of days from 0", 30
        ),
        date_window_size=reader.get(
            "date_window_size",
            integer_between(1, _LONGEST_WINDOW),
            "a number of days from 1 to 92",
            _LONGEST_WINDOW,
        ),
        api_version=reader.get(
            "api_version", _version, "a month as YYYYMM, such as 202609", DEFAULT_API_VERSION
        ),
        max_workers=reader.get(
            "max_workers", integer_between(1, _MOST_WORKERS), "a number from 1 to 64", 4
        ),
        metric_values_limit=reader.get(
            "metric_values_limit", integer_between(1), "a positive number", 45_000_000
        ),
        fail_on_account_error=reader.get(
            "on_account_error", one_of("fail", "warn"), "fail or warn", "fail"
        )
        == "fail",
        request_timeout=reader.get("request_timeout", _seconds, "seconds above 0", 300.0),
        user_agent=reader.get("user_agent", _text, "a text", f"tap-linkedin-ads/{version}"),
        api_url=reader.get("api_url", _url, "a URL such as https://api.linkedin.com", API_URL),
        oauth_url=reader.get("oauth_url", _url, f"a URL such as {OAUTH_URL}", OAUTH_URL),
    )
    return configuration, reader.errors


def _unknown(config: Mapping[str, t.Any], known: frozenset[str]) -> list[str]:
    import difflib  # noqa: PLC0415  only needed where something is wrong

    errors = []
    for name in sorted(config):
        if name in known or name.startswith("oauth_credentials."):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "the README lists all settings"
        errors.append(f"{name}: there is no such setting; {hint}")
    return errors


def _credentials(
    config: Mapping[str, t.Any], reader: _Reader
) -> tuple[str | None, RefreshCredentials | None, tuple[str, str] | None]:
    """Read either kind of credential: a token, or what buys one."""
    nested = config.get("oauth_credentials")
    nested = nested if isinstance(nested, Mapping) else {}
    found: dict[str, str | None] = {}
    for name in sorted(SECRETS):
        value = config.get(name) or nested.get(name) or config.get(f"oauth_credentials.{name}")
        if value is not None and not isinstance(value, str):
            reader.error(name, value, "a text")
            value = None
        if isinstance(value, str) and value != value.strip():
            reader.error(name, value, "a text without blanks around it")
        found[name] = value or None
    token, refresh = found["access_token"], found["refresh_token"]
    client_id, client_secret = found["client_id"], found["client_secret"]
    way_out = "set access_token, or client_id, client_secret and refresh_token"
    if token and refresh:
        reader.errors.append(
            f"access_token and refresh_token: both kinds of credentials are set; {way_out}"
        )
    elif not token and not refresh:
        reader.errors.append(f"access_token: no credentials are set; {way_out}")
    elif refresh and not (client_id and client_secret):
        missing = [n for n in ("client_id", "client_secret") if not found[n]]
        reader.errors.append(f"{' and '.join(missing)}: missing beside refresh_token; {way_out}")
    introspection = (client_id, client_secret) if client_id and client_secret else None
    credentials = (
        RefreshCredentials(client_id, client_secret, refresh)
        if refresh and client_id and client_secret
        else None
    )
    return token, credentials, introspection

"""From what a user set to values the tap works with; all that is wrong is told at once."""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

import pendulum

from tap_linkedin_ads.api.tokens import RefreshCredentials
from tap_linkedin_ads.reporting.lookback import Lookback
from tap_linkedin_ads.settings import custom_reports
from tap_linkedin_ads.settings.readers import (
    SECRETS,
    SettingsReader,
    ids_of,
    integer_between,
    list_of,
    month,
    one_id_of,
    one_of,
    parse_bool,
    parse_day,
    seconds,
    text,
    url,
)
from tap_linkedin_ads.settings.table import API_URL, DEFAULT_API_VERSION, OAUTH_URL

if t.TYPE_CHECKING:
    import datetime as dt

    from tap_linkedin_ads.reporting.reports import Report

_SECRET = re.compile(r"[!-~]+")
_MOST_WORKERS, _LONGEST_WINDOW = 64, 92
_REVENUE_DAYS = (30, 366)
_INTELLIGENCE_WINDOWS = {
    "LAST_7_DAYS": "",
    "LAST_30_DAYS": "",
    "LAST_60_DAYS": "",
    "LAST_90_DAYS": "",
    "LAST_180_DAYS": "202604",
    "LAST_365_DAYS": "202606",
}
"""The windows of accountIntelligence, and the API version that brought each."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A run's settings, checked and converted.

    Days are UTC and inclusive. ``account_ids`` and ``organization_ids`` are None where the user
    set nothing, which means: all that the token can read. Empty, they mean: none.
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
    fail_on_unreadable_value: bool
    page_statistics_period: str
    keep_posts_history: bool
    demographics_granularity: str
    demographics_level: str
    attributed_revenue_days: tuple[int, ...]
    company_intelligence_windows: tuple[str, ...]
    company_intelligence_campaign_id: int | None
    company_intelligence_ad_segments: tuple[int, ...]
    include_lead_responses: bool
    reports: tuple[Report, ...]
    request_timeout: float
    user_agent: str
    api_url: str
    oauth_url: str

    def lookback(self, days: int | None = None, *, late_days: int = 0) -> Lookback:
        """Return where a stream starts to read.

        Args:
            days: Days before the bookmark that are read again; None takes the setting.
            late_days: See ``Lookback``.
        """
        days = self.lookback_window if days is None else days
        return Lookback(self.start_date, self.start_date_is_set, days, late_days)


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
    reader = SettingsReader(config)
    reader.errors += _unknown(config, known)
    nothing: tuple[int, ...] | None = None
    credentials = _credentials(config, reader)
    dates = "a date (2026-01-31) or date-time"
    ids = "ids or URNs ({}): an array or one comma-separated string"
    of_accounts = ids_of("sponsoredAccount"), ids.format("urn:li:sponsoredAccount:1")
    of_pages = (
        ids_of("organization", "organizationBrand"),
        ids.format("urn:li:organization:1"),
    )
    start = reader.get("start_date", parse_day, dates, None)
    end = reader.get("end_date", parse_day, dates, None)
    if start and start > (end or today):
        limit = f"end_date ({end})" if end else f"today ({today}, UTC)"
        reader.error("start_date", str(start), f"a day no later than {limit}")
    accounts = reader.get("account_ids", *of_accounts, nothing)
    alias = reader.get("accounts", *of_accounts, nothing)
    if accounts is not None and alias is not None and set(accounts) != set(alias):
        reader.error("accounts", list(alias), "the same as account_ids, or only one of the two")
    excluded = reader.get("exclude_account_ids", *of_accounts, nothing)
    api_version = reader.get(
        "api_version", month, "a month as YYYYMM, such as 202609", DEFAULT_API_VERSION
    )
    windows = [name for name, since in _INTELLIGENCE_WINDOWS.items() if since <= api_version]
    campaign = reader.get(
        "company_intelligence_campaign_id",
        one_id_of("sponsoredCampaign"),
        "one id or URN (urn:li:sponsoredCampaign:1)",
        nothing,
    )
    segments = reader.get(
        "company_intelligence_ad_segments",
        ids_of("adSegment"),
        ids.format("urn:li:adSegment:1"),
        nothing,
    )
    reports, wrong_reports = custom_reports.read(
        config.get("reports"), api_version=api_version, start=start, end=min(end or today, today)
    )
    reader.errors += wrong_reports
    configuration = Configuration(
        access_token=credentials[0],
        credentials=credentials[1],
        introspection=credentials[2],
        start_date=start or pendulum.instance(today).subtract(months=12),
        start_date_is_set=start is not None,
        end_date=min(end or today, today),
        account_ids=alias if accounts is None else accounts,
        exclude_account_ids=frozenset(excluded or ()),
        organization_ids=reader.get("organization_ids", *of_pages, nothing),
        lookback_window=reader.get(
            "lookback_window", integer_between(0, 3650), "a number of days from 0", 30
        ),
        date_window_size=reader.get(
            "date_window_size",
            integer_between(1, _LONGEST_WINDOW),
            "a number of days from 1 to 92",
            _LONGEST_WINDOW,
        ),
        api_version=api_version,
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
        fail_on_unreadable_value=reader.get(
            "on_unreadable_value", one_of("warn", "fail"), "warn or fail", "warn"
        )
        == "fail",
        page_statistics_period=reader.get(
            "page_statistics_period", one_of("DAY", "MONTH"), "DAY or MONTH", "DAY"
        ),
        keep_posts_history=reader.get(
            "keep_posts_history", parse_bool, "true or false", default=False
        ),
        demographics_granularity=reader.get(
            "demographics_granularity", one_of("MONTHLY", "DAILY"), "MONTHLY or DAILY", "MONTHLY"
        ),
        demographics_level=reader.get(
            "demographics_level", one_of("account", "campaign"), "account or campaign", "account"
        ),
        attributed_revenue_days=reader.get(
            "attributed_revenue_days",
            list_of(integer_between(*_REVENUE_DAYS)),
            "numbers of days from 30 to 366",
            (90, 365),
        ),
        company_intelligence_windows=reader.get(
            "company_intelligence_windows",
            list_of(one_of(*windows)),
            f"one or more of {', '.join(windows)} (with api_version {api_version})",
            ("LAST_90_DAYS",),
        ),
        company_intelligence_campaign_id=campaign[0] if campaign else None,
        company_intelligence_ad_segments=segments or (),
        include_lead_responses=reader.get(
            "include_lead_responses", parse_bool, "true or false", default=False
        ),
        reports=reports,
        request_timeout=reader.get("request_timeout", seconds, "seconds above 0", 300.0),
        user_agent=reader.get("user_agent", text, "a text", f"tap-linkedin-ads/{version}"),
        api_url=reader.get("api_url", url, "a URL such as https://api.linkedin.com", API_URL),
        oauth_url=reader.get("oauth_url", url, f"a URL such as {OAUTH_URL}", OAUTH_URL),
    )
    return configuration, reader.errors


def _unknown(config: Mapping[str, t.Any], known: frozenset[str]) -> list[str]:
    errors = []
    for name in sorted(config):
        if name in known or name.startswith("oauth_credentials."):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "the README lists all settings"
        errors.append(f"{name}: there is no such setting; {hint}")
    return errors


def _nested_credentials(config: Mapping[str, t.Any], reader: SettingsReader) -> Mapping[str, t.Any]:
    """Read the names of another tap: one object."""
    name, given = "oauth_credentials", config.get("oauth_credentials") or {}
    if not isinstance(given, Mapping):
        reader.errors.append(f"{name}: (hidden) is not allowed; expected an object (JSON)")
        given = {}
    dotted = [key.partition(".")[2] for key in config if key.startswith(f"{name}.")]
    reader.errors += [
        f"{name}.{key}: there is no such setting; expected {', '.join(sorted(SECRETS))}"
        for key in sorted({*map(str, given), *dotted} - SECRETS)
    ]
    return given


def _credentials(
    config: Mapping[str, t.Any], reader: SettingsReader
) -> tuple[str | None, RefreshCredentials | None, tuple[str, str] | None]:
    """Read either kind of credential: a token, or what buys one."""
    nested = _nested_credentials(config, reader)
    found: dict[str, str | None] = {}
    for name in sorted(SECRETS):
        value = config.get(name) or nested.get(name) or config.get(f"oauth_credentials.{name}")
        if value is not None and not isinstance(value, str):
            reader.error(name, value, "a text")
            value = None
        if isinstance(value, str) and value and not _SECRET.fullmatch(value):
            reader.error(name, value, "a text of ASCII characters without blanks")
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

"""The tap's settings, one row each: kind, default and description.

``configuration`` reads them. The JSON schema is made from the rows; meltano.yml, the definition for
Meltano, docs/settings.md and docs/troubleshooting.md are held to them by tests.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api.tokens import RefreshCredentials
from tap_linkedin_ads.reporting.lookback import Lookback
from tap_linkedin_ads.settings.readers import (
    ACCOUNTS,
    BOOLEAN,
    CREDENTIALS,
    CUSTOM_REPORTS,
    DAY,
    LOOKBACK,
    MONTH,
    PAGES,
    SECONDS,
    SECRET,
    TEXT,
    Kind,
    ids,
    integer,
    list_of,
    one_id,
    one_of,
    unordered,
    url,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from tap_linkedin_ads.reporting.reports import Report

DEFAULT_API_VERSION = "202609"
API_URL = "https://api.linkedin.com"
OAUTH_URL = "https://www.linkedin.com/oauth/v2"
LONGEST_WINDOW = 92
_INTELLIGENCE_WINDOWS = {
    "LAST_7_DAYS": "",
    "LAST_30_DAYS": "",
    "LAST_60_DAYS": "",
    "LAST_90_DAYS": "",
    "LAST_180_DAYS": "202604",
    "LAST_365_DAYS": "202606",
}
"""The windows of accountIntelligence, and the API version that brought each."""
FILLED_IN: t.Final[t.Any] = None
"""The default of a setting that ``configuration.read`` fills in where it is not set."""

T = t.TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: what it may hold, what it means, and what it is where it is not set."""

    kind: Kind[t.Any]
    description: str
    default: t.Any

    @property
    def json_schema(self) -> dict[str, t.Any]:
        """Return its JSON schema; a default of nothing is left out."""
        schema = {**self.kind.json_schema, "description": self.description}
        if self.default not in (None, (), frozenset()):
            many = isinstance(self.default, tuple)
            schema["default"] = list(self.default) if many else self.default
        return schema


@t.overload
def _row(kind: Kind[T], description: str) -> T | None: ...
@t.overload
def _row(kind: Kind[T], description: str, default: T) -> T: ...
def _row(kind: Kind[t.Any], description: str, default: t.Any = None) -> t.Any:
    row = Setting(kind, description, default)
    return dataclasses.field(default=default, repr=not kind.is_secret, metadata={"row": row})


def intelligence_windows(api_version: str) -> Kind[tuple[str, ...]]:
    """Return the kind of look-back windows that an API version has."""
    words = [name for name, since in _INTELLIGENCE_WINDOWS.items() if since <= api_version]
    expected = f"one or more of {', '.join(words)} (with api_version {api_version})"
    return list_of(one_of(*words), expected)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A run's settings, checked and converted.

    Days are UTC and inclusive. ``account_ids`` and ``organization_ids`` are None where the user
    set nothing, which means: all that the token can read. Empty, they mean: none.
    """

    access_token: str | None = _row(
        SECRET,
        "A member's access token. Set this, or client_id, client_secret and refresh_token. With "
        "client_id and client_secret beside it, its expiry can be told.",
    )
    client_id: str | None = _row(SECRET, "Client id of your LinkedIn app.")
    client_secret: str | None = _row(SECRET, "Client secret of your LinkedIn app.")
    refresh_token: str | None = _row(
        SECRET, "Buys access tokens, in memory only: the config file is never written."
    )
    oauth_credentials: Mapping[str, t.Any] | None = _row(
        CREDENTIALS, "The same three credentials under the names of another LinkedIn Ads tap."
    )
    start_date: dt.date = _row(  # noqa: RUF009  it is a field
        DAY,
        "First day of metrics, page statistics, leads and posts where there is no bookmark: a date "
        "or date-time, UTC. Default: 12 months ago. It never filters ads entities.",
        FILLED_IN,
    )
    end_date: dt.date = _row(  # noqa: RUF009  it is a field
        DAY, "Last day, inclusive: a date or date-time, UTC. Default: today.", FILLED_IN
    )
    account_ids: tuple[int, ...] | None = _row(
        ACCOUNTS,
        "Ad accounts to read, as ids or URNs: an array or one comma-separated string. Default: "
        "every ad account the token can read; [] reads none. Alias: accounts.",
    )
    accounts: tuple[int, ...] | None = _row(ACCOUNTS, "Alias of account_ids.")
    exclude_account_ids: frozenset[int] = _row(
        unordered(ACCOUNTS), "Ad accounts to leave out, as ids or URNs.", frozenset()
    )
    organization_ids: tuple[int, ...] | None = _row(
        PAGES,
        "Company pages to read, as ids or URNs. Default: every page on which the member has a role "
        "that suffices, showcase pages left out; [] reads none.",
    )
    lookback_window: int = _row(
        LOOKBACK,
        "Days before the bookmark that are read again, because LinkedIn restates figures. Page "
        "statistics use at least 7.",
        30,
    )
    date_window_size: int = _row(
        integer(1, LONGEST_WINDOW, of="days"),
        "Upper bound in days for one report request, never above 92. Default: chosen by the tap "
        "from the rows that come back.",
        FILLED_IN,
    )
    api_version: str = _row(
        MONTH,
        "Version of LinkedIn's API, YYYYMM, which is never left then. Default: "
        f"{DEFAULT_API_VERSION}, and after its end the newest version that LinkedIn answers.",
        FILLED_IN,
    )
    max_workers: int = _row(integer(1, 64), "Requests in flight at most.", 4)
    page_statistics_period: str = _row(
        one_of("DAY", "MONTH"), "Bucket of organization_page_statistics: DAY or MONTH.", "DAY"
    )
    keep_posts_history: bool = _row(
        BOOLEAN,
        "One row a day for every post published in the last 365 days, whether modified or not.",
        default=False,
    )
    demographics_granularity: str = _row(
        one_of("MONTHLY", "DAILY"),
        "Time granularity of the professional-demographics streams.",
        "MONTHLY",
    )
    demographics_level: str = _row(
        one_of("account", "campaign"),
        "What the demographics streams are read for: account or campaign (one request for every "
        "campaign).",
        "account",
    )
    attributed_revenue_days: tuple[int, ...] = _row(
        list_of(integer(30, 366), "numbers of days from 30 to 366"),
        "Ranges in days (30 to 366) of attributed_revenue; each ends today.",
        (90, 365),
    )
    company_intelligence_windows: tuple[str, ...] = _row(
        intelligence_windows(DEFAULT_API_VERSION),
        "Look-back windows of company_intelligence: LAST_7_DAYS, LAST_30_DAYS, LAST_60_DAYS, "
        "LAST_90_DAYS, and with newer API versions LAST_180_DAYS, LAST_365_DAYS.",
        ("LAST_90_DAYS",),
    )
    company_intelligence_campaign_id: int | None = _row(
        one_id("sponsoredCampaign"), "Restrict company_intelligence to one campaign."
    )
    company_intelligence_ad_segments: tuple[int, ...] = _row(
        ids("adSegment"), "Restrict company_intelligence to these ad segments.", ()
    )
    include_lead_responses: bool = _row(
        BOOLEAN,
        "Offer the streams with leads' answers, which are personal data.",
        default=False,
    )
    include_post_comments: bool = _row(
        BOOLEAN,
        "Offer the stream with what members say under posts, which is personal data.",
        default=False,
    )
    reports: tuple[Report, ...] = _row(
        CUSTOM_REPORTS,
        "Custom reports, one stream each: objects with name, pivots (1-3), time_granularity "
        "(DAILY), metrics (LinkedIn's spelling, * for all), facets and lookback_window.",
        (),
    )
    metric_values_limit: int = _row(
        integer(1),
        "Metric values this run may take in any five minutes. Runs under one app share LinkedIn's "
        "limit.",
        45_000_000,
    )
    on_account_error: str = _row(
        one_of("fail", "warn"),
        "Whether a listed ad account that failed makes the exit status 1: fail or warn.",
        "fail",
    )
    on_unreadable_value: str = _row(
        one_of("warn", "fail"),
        "Whether a value that its column cannot hold makes the exit status 1: warn or fail. Such a "
        "value is null and named in the summary either way.",
        "warn",
    )
    on_lost_account: str = _row(
        one_of("warn", "fail"),
        "Whether an ad account or page that earlier runs read, that is not listed and that is out "
        "of reach now makes the exit status 1: warn or fail. It is named either way.",
        "warn",
    )
    request_timeout: float = _row(SECONDS, "Seconds to wait for an answer.", 300)
    user_agent: str = _row(
        TEXT, "User-Agent header. Default: tap-linkedin-ads/<version>.", FILLED_IN
    )
    api_url: str = _row(
        url(API_URL, without="/rest"),
        "Host part of LinkedIn's API, for proxies, tests and the sandbox.",
        API_URL,
    )
    oauth_url: str = _row(
        url(OAUTH_URL), "LinkedIn's OAuth endpoints, for proxies, tests and the sandbox.", OAUTH_URL
    )
    start_date_is_set: bool = False
    api_version_is_set: bool = False

    @property
    def fail_on_account_error(self) -> bool:
        """Whether an ad account or page that failed makes the exit status 1."""
        return self.on_account_error == "fail"

    @property
    def fail_on_unreadable_value(self) -> bool:
        """Whether a value that its column cannot hold makes the exit status 1."""
        return self.on_unreadable_value == "fail"

    @property
    def fail_on_lost_account(self) -> bool:
        """Whether an ad account or page that is out of reach now makes the exit status 1."""
        return self.on_lost_account == "fail"

    def lookback(self, days: int | None = None, *, late_days: int = 0) -> Lookback:
        """Return where a stream starts to read.

        Args:
            days: Days before the bookmark that are read again; None takes the setting.
            late_days: See ``Lookback``.
        """
        days = self.lookback_window if days is None else days
        return Lookback(self.start_date, self.start_date_is_set, days, late_days)

    @property
    def credentials(self) -> RefreshCredentials | None:
        if self.refresh_token and self.client_id and self.client_secret:
            return RefreshCredentials(self.client_id, self.client_secret, self.refresh_token)
        return None

    @property
    def introspection(self) -> tuple[str, str] | None:
        """Return client id and secret: with them LinkedIn says when a token ends."""
        if self.client_id and self.client_secret:
            return self.client_id, self.client_secret
        return None


SETTINGS: dict[str, Setting] = {
    field.name: field.metadata["row"]
    for field in dataclasses.fields(Configuration)
    if field.metadata
}
JSON_SCHEMA: dict[str, t.Any] = {
    "type": "object",
    "properties": {name: setting.json_schema for name, setting in SETTINGS.items()},
    "$schema": "https://json-schema.org/draft/2020-12/schema",
}
ACTIVATE_VERSION: t.Final[dict[str, t.Any]] = {
    "properties": {
        "emit_activate_version_messages": {
            "type": ["boolean", "null"],
            "default": False,
            "title": "Emit ACTIVATE_VERSION Messages",
            "description": (
                "Send ACTIVATE_VERSION behind each stream that a run has read whole, so that the "
                "loader marks or deletes rows that LinkedIn no longer has."
            ),
        }
    }
}
"""The SDK's setting for what its taps for databases do at the beginning of a stream."""

"""The tap's settings as users see them: names, types, defaults and descriptions.

``configuration.py`` turns what a user set into values the tap works with.
"""

from __future__ import annotations

import typing as t

from singer_sdk import typing as th

DEFAULT_API_VERSION = "202609"
API_URL = "https://api.linkedin.com"
OAUTH_URL = "https://www.linkedin.com/oauth/v2"

_ids = th.CustomType(
    {
        "type": ["array", "string", "integer", "null"],
        "items": {"type": ["string", "integer"]},
    }
)
_date = th.CustomType({"type": ["string", "null"]})
_integers = th.CustomType({"type": ["array", "string", "null"], "items": {"type": "integer"}})

SETTINGS = th.PropertiesList(
    th.Property(
        "access_token",
        th.StringType(nullable=True),
        secret=True,
        description="A member's access token. Set this, or client_id, client_secret and "
        "refresh_token. With client_id and client_secret beside it, its expiry can be told.",
    ),
    th.Property(
        "client_id",
        th.StringType(nullable=True),
        secret=True,
        description="Client id of your LinkedIn app.",
    ),
    th.Property(
        "client_secret",
        th.StringType(nullable=True),
        secret=True,
        description="Client secret of your LinkedIn app.",
    ),
    th.Property(
        "refresh_token",
        th.StringType(nullable=True),
        secret=True,
        description="Buys access tokens, in memory only: the config file is never written.",
    ),
    th.Property(
        "oauth_credentials",
        th.ObjectType(
            th.Property("client_id", th.StringType(nullable=True), secret=True),
            th.Property("client_secret", th.StringType(nullable=True), secret=True),
            th.Property("refresh_token", th.StringType(nullable=True), secret=True),
            nullable=True,
        ),
        description="The same three credentials under the names of another LinkedIn Ads tap.",
    ),
    th.Property(
        "start_date",
        _date,
        description="First day of metrics, page statistics, leads and posts where there is no "
        "bookmark: a date or date-time, UTC. Default: 12 months ago. It never filters ads "
        "entities.",
    ),
    th.Property(
        "end_date",
        _date,
        description="Last day, inclusive: a date or date-time, UTC. Default: today.",
    ),
    th.Property(
        "account_ids",
        _ids,
        description="Ad accounts to read, as ids or URNs: an array or one comma-separated "
        "string. Default: every ad account the token can read; [] reads none. Alias: accounts.",
    ),
    th.Property("accounts", _ids, description="Alias of account_ids."),
    th.Property(
        "exclude_account_ids",
        _ids,
        description="Ad accounts to leave out, as ids or URNs.",
    ),
    th.Property(
        "organization_ids",
        _ids,
        description="Company pages to read, as ids or URNs. Default: every page on which the "
        "member has a role that suffices, showcase pages left out; [] reads none.",
    ),
    th.Property(
        "lookback_window",
        th.IntegerType(nullable=True, minimum=0),
        default=30,
        description="Days before the bookmark that are read again, because LinkedIn restates "
        "figures. Page statistics use at least 7.",
    ),
    th.Property(
        "date_window_size",
        th.IntegerType(nullable=True, minimum=1, maximum=92),
        description="Upper bound in days for one report request, never above 92. Default: chosen "
        "by the tap from the rows that come back.",
    ),
    th.Property(
        "api_version",
        th.CustomType({"type": ["string", "integer", "null"]}),
        default=DEFAULT_API_VERSION,
        description="Version of LinkedIn's API, YYYYMM. LinkedIn switches a version off about a "
        "year after its month.",
    ),
    th.Property(
        "max_workers",
        th.IntegerType(nullable=True, minimum=1, maximum=64),
        default=4,
        description="Requests in flight at most.",
    ),
    th.Property(
        "page_statistics_period",
        th.StringType(nullable=True, allowed_values=["DAY", "MONTH"]),
        default="DAY",
        description="Bucket of organization_page_statistics: DAY or MONTH.",
    ),
    th.Property(
        "keep_posts_history",
        th.BooleanType(nullable=True),
        default=False,
        description="One row a day for every post published in the last 365 days, whether "
        "modified or not.",
    ),
    th.Property(
        "demographics_granularity",
        th.StringType(nullable=True, allowed_values=["MONTHLY", "DAILY"]),
        default="MONTHLY",
        description="Time granularity of the professional-demographics streams.",
    ),
    th.Property(
        "demographics_level",
        th.StringType(nullable=True, allowed_values=["account", "campaign"]),
        default="account",
        description="What the demographics streams are read for: account or campaign (one "
        "request for every campaign).",
    ),
    th.Property(
        "attributed_revenue_days",
        _integers,
        default=[90, 365],
        description="Ranges in days (30 to 366) of attributed_revenue; each ends today.",
    ),
    th.Property(
        "company_intelligence_windows",
        th.CustomType({"type": ["array", "string", "null"], "items": {"type": "string"}}),
        default=["LAST_90_DAYS"],
        description="Look-back windows of company_intelligence: LAST_7_DAYS, LAST_30_DAYS, "
        "LAST_60_DAYS, LAST_90_DAYS, and with newer API versions LAST_180_DAYS, LAST_365_DAYS.",
    ),
    th.Property(
        "company_intelligence_campaign_id",
        th.CustomType({"type": ["string", "integer", "null"]}),
        description="Restrict company_intelligence to one campaign.",
    ),
    th.Property(
        "company_intelligence_ad_segments",
        _ids,
        description="Restrict company_intelligence to these ad segments.",
    ),
    th.Property(
        "include_lead_responses",
        th.BooleanType(nullable=True),
        default=False,
        description="Offer the streams with leads' answers, which are personal data.",
    ),
    th.Property(
        "reports",
        th.CustomType({"type": ["array", "string", "null"], "items": {"type": "object"}}),
        description="Custom reports, one stream each: objects with name, pivots (1-3), "
        "time_granularity (DAILY), metrics (LinkedIn's spelling, * for all), facets and "
        "lookback_window.",
    ),
    th.Property(
        "metric_values_limit",
        th.IntegerType(nullable=True, minimum=1),
        default=45_000_000,
        description="Metric values this run may take in any five minutes. Runs under one app "
        "share LinkedIn's limit.",
    ),
    th.Property(
        "on_account_error",
        th.StringType(nullable=True, allowed_values=["fail", "warn"]),
        default="fail",
        description="Whether a listed ad account that failed makes the exit status 1: fail or "
        "warn.",
    ),
    th.Property(
        "on_unreadable_value",
        th.StringType(nullable=True, allowed_values=["warn", "fail"]),
        default="warn",
        description="Whether a value that its column cannot hold makes the exit status 1: warn "
        "or fail. Such a value is null and named in the summary either way.",
    ),
    th.Property(
        "request_timeout",
        th.CustomType({"type": ["integer", "number", "null"], "exclusiveMinimum": 0}),
        default=300,
        description="Seconds to wait for an answer.",
    ),
    th.Property(
        "user_agent",
        th.StringType(nullable=True),
        description="User-Agent header. Default: tap-linkedin-ads/<version>.",
    ),
    th.Property(
        "api_url",
        th.StringType(nullable=True),
        default=API_URL,
        description="Host part of LinkedIn's API, for proxies, tests and the sandbox.",
    ),
    th.Property(
        "oauth_url",
        th.StringType(nullable=True),
        default=OAUTH_URL,
        description="LinkedIn's OAuth endpoints, for proxies, tests and the sandbox.",
    ),
).to_dict()

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

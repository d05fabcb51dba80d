"""What the pages ask of the models in dbt/.

Queries about ads take the ad account to look at, null for all of them. Amounts of several ad
accounts are added up in US dollars only.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import LiteralString

Row = dict[str, t.Any]

_VARIABLES = {
    "user": "TARGET_POSTGRES_USER",
    "password": "TARGET_POSTGRES_PASSWORD",
    "dbname": "TARGET_POSTGRES_DATABASE",
}

ACCOUNTS = """
select distinct on (account_id) account_id, account_name
from linkedin_ads__daily_spend_by_campaign
order by account_id, metric_date desc
"""

SPEND = """
select
    date_trunc('month', metric_date)::date as month,
    account_id,
    account_name,
    currency_code,
    sum(cost_in_local_currency) as cost,
    sum(cost_in_usd) as cost_in_usd,
    sum(impressions)::bigint as impressions,
    sum(clicks)::bigint as clicks,
    sum(external_website_conversions)::bigint as conversions,
    sum(one_click_leads)::bigint as leads
from linkedin_ads__daily_spend_by_campaign
where (%(account)s::bigint is null or account_id = %(account)s)
group by month, account_id, account_name, currency_code
order by month desc, cost_in_usd desc, account_id
"""
"""Spend and what it brought, by client and month."""

PACING = """
select
    account_name,
    campaign_name,
    campaign_status,
    currency_code,
    budget_kind,
    coalesce(case budget_kind when 'total' then total_budget_amount end, daily_budget_amount)
        as budget,
    paced_days,
    budget_to_date,
    cost_in_local_currency as cost,
    pacing,
    daily_pacing,
    as_of
from linkedin_ads__budget_pacing
where (%(account)s::bigint is null or account_id = %(account)s)
    and campaign_status = 'ACTIVE'
    and budget_to_date > 0
order by abs(pacing - 1) desc, campaign_id
"""
"""Active campaigns with a budget, those furthest off plan first."""

_CREATIVES = """
with judged as (
    select
        creative_id,
        coalesce(headline, ad_text, creative_name, content_type) as shows,
        account_name,
        campaign_name,
        cost_in_usd,
        impressions,
        clicks,
        one_click_leads + external_website_conversions as results,
        cost_in_usd / nullif(one_click_leads + external_website_conversions, 0) as cost_per_result,
        clicks::numeric / nullif(impressions, 0) as click_through_rate
    from linkedin_ads__creatives
    where (%(account)s::bigint is null or account_id = %(account)s)
        and cost_in_usd >= %(least_spend)s
)
select * from judged
order by
    case when %(by)s = 'clicks' then - click_through_rate else cost_per_result end
"""

BEST = _CREATIVES + "asc nulls last, cost_in_usd desc, creative_id limit 10"
"""Creatives with some spend: the cheapest leads and conversions, or the most clicks."""

WORST = _CREATIVES + "desc nulls first, cost_in_usd desc, creative_id limit 10"
"""Likewise the dearest, above all those that brought none."""

RULES = """
select
    account_name,
    conversion_name,
    conversion_type,
    currency_code,
    sum(conversions)::bigint as conversions,
    sum(post_click_conversions)::bigint as post_click_conversions,
    sum(post_view_conversions)::bigint as post_view_conversions,
    sum(conversion_value_in_local_currency) as conversion_value
from linkedin_ads__daily_conversions_by_rule
where (%(account)s::bigint is null or account_id = %(account)s)
group by account_id, account_name, conversion_id, conversion_name, conversion_type, currency_code
order by conversions desc, conversion_id, account_id
"""
"""Conversions by rule, with their value."""

FOLLOWERS = """
select
    organization_id,
    organization_name,
    metric_date,
    followers,
    gain_since_previous_day
from linkedin_ads__followers_by_day
order by organization_id, metric_date
"""
"""Followers of each page on every day of reading."""

POSTS = """
select
    organization_id,
    published_at,
    content_type,
    post_text,
    impressions,
    clicks,
    likes,
    comments,
    shares,
    engagement_rate
from linkedin_ads__posts_with_engagement
order by impressions desc nulls last, post_urn
limit 20
"""
"""The posts that most people saw."""

POST_TOTALS = """
select
    count(*) as posts,
    sum(impressions)::bigint as impressions,
    sum(engagements)::bigint as engagements
from linkedin_ads__posts_with_engagement
"""

RECEIPTS = """
select
    stream_name,
    account_name,
    min(metric_date) as first_day,
    max(metric_date) as last_day,
    count(*) as days,
    max(metric_date) - min(metric_date) + 1 - count(*) as days_without,
    sum(row_count)::bigint as row_count,
    count(*) filter (where outcome = 'matches') as matching,
    count(*) filter (where outcome = 'differs') as differing,
    count(*) filter (where outcome = 'not compared') as not_compared,
    max(read_at) as read_at
from linkedin_ads__report_receipts
where (%(account)s::bigint is null or account_id = %(account)s)
group by stream_name, account_id, account_name
order by differing desc, days_without desc, stream_name, account_id
"""
"""What was read of each report and ad account, and whether it adds up to LinkedIn's figures."""

DIFFERENCES = """
select
    metric_date,
    account_name,
    stream_name,
    impressions,
    account_impressions,
    clicks,
    account_clicks,
    cost_in_local_currency,
    account_cost_in_local_currency
from linkedin_ads__report_receipts
where (%(account)s::bigint is null or account_id = %(account)s)
    and outcome = 'differs'
order by metric_date desc, stream_name, account_id
limit 50
"""
"""The newest days that do not add up."""


@dataclass(frozen=True)
class Marts:
    """The tables that dbt made, read only.

    Attributes:
        server: How to connect, as a libpq connection string.
        schema: Where the tables are.
    """

    server: str
    schema: str = "linkedin_ads_marts"

    def rows(self, sql: LiteralString, **values: object) -> list[Row]:
        """Give the rows of a query.

        Raises:
            psycopg.Error: The server cannot be reached, or has no such table.
        """
        with psycopg.connect(self.server, connect_timeout=10, autocommit=True) as connection:
            connection.execute("set default_transaction_read_only to on")
            connection.execute(
                "select set_config('search_path', quote_ident(%s), false)", [self.schema]
            )
            values = {"account": None, **values}
            return connection.cursor(row_factory=dict_row).execute(sql, values).fetchall()


class NotReadyError(Exception):
    """There is nothing to show yet; the message says what to do."""


def marts(environment: Mapping[str, str]) -> Marts:
    """Return the tables that the variables of Meltano's loader and of dbt name.

    Raises:
        NotReadyError: A variable, the server or the tables are missing.
    """
    missing = [name for name in _VARIABLES.values() if name not in environment]
    if missing:
        raise NotReadyError(f"Set {', '.join(missing)}: docs/dashboard.md.")
    connection = {part: environment[name] for part, name in _VARIABLES.items()}
    connection["host"] = environment.get("TARGET_POSTGRES_HOST", "localhost")
    connection["port"] = environment.get("TARGET_POSTGRES_PORT", "5432")
    found = Marts(make_conninfo("", **connection), environment.get("DBT_SCHEMA", Marts.schema))
    try:
        found.rows(ACCOUNTS)
    except psycopg.errors.UndefinedTable as error:
        message = f"The schema {found.schema} has no tables of dbt: docs/dbt.md."
        raise NotReadyError(message) from error
    except psycopg.OperationalError as error:
        raise NotReadyError(f"PostgreSQL does not answer: {error}") from error
    return found

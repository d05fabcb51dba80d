"""What fivetran/dbt_linkedin 1.3.0 reads, and where the vars block of docs/dbt.md lets it look."""

from __future__ import annotations

from tests.warehouse import documented

INTEGER, NUMBER = {"bigint", "integer"}, {"numeric", "bigint", "integer"}
TEXT, INSTANT, BOOLEAN = {"text", "character varying"}, {"timestamp without time zone"}, {"boolean"}
DAY = {"date", *INSTANT}

FIGURES = {
    "clicks": INTEGER,
    "impressions": INTEGER,
    "cost_in_usd": NUMBER,
    "cost_in_local_currency": NUMBER,
    "conversion_value_in_local_currency": NUMBER,
    "external_website_conversions": INTEGER,
    "one_click_leads": INTEGER,
}
MADE = {"created_time": INSTANT, "last_modified_time": INSTANT}
READ: dict[str, dict[str, set[str]]] = {
    "account_history": {
        "id": INTEGER,
        "name": TEXT,
        "currency": TEXT,
        "status": TEXT,
        "type": TEXT,
        "version_tag": TEXT,
        "notified_on_campaign_optimization": BOOLEAN,
        "notified_on_creative_approval": BOOLEAN,
        "notified_on_creative_rejection": BOOLEAN,
        "notified_on_end_of_campaign": BOOLEAN,
        **MADE,
    },
    "campaign_group_history": {
        "id": INTEGER,
        "name": TEXT,
        "account_id": INTEGER,
        "backfilled": BOOLEAN,
        "status": TEXT,
        "run_schedule_start": INSTANT,
        "run_schedule_end": INSTANT,
        **MADE,
    },
    "campaign_history": {
        "id": INTEGER,
        "name": TEXT,
        "account_id": INTEGER,
        "campaign_group_id": INTEGER,
        "type": TEXT,
        "status": TEXT,
        "format": TEXT,
        "objective_type": TEXT,
        "optimization_target_type": TEXT,
        "cost_type": TEXT,
        "creative_selection": TEXT,
        "audience_expansion_enabled": BOOLEAN,
        "offsite_delivery_enabled": BOOLEAN,
        "daily_budget_amount": NUMBER,
        "daily_budget_currency_code": TEXT,
        "unit_cost_amount": NUMBER,
        "unit_cost_currency_code": TEXT,
        "locale_country": TEXT,
        "locale_language": TEXT,
        "run_schedule_start": INSTANT,
        "run_schedule_end": INSTANT,
        "version_tag": TEXT,
        **MADE,
    },
    "creative_history": {
        "id": INTEGER,
        "campaign_id": INTEGER,
        "intended_status": TEXT,
        "click_uri": TEXT,
        "text_ad_landing_page": TEXT,
        "spotlight_landing_page": TEXT,
        **MADE,
    },
    "ad_analytics_by_campaign": {"campaign_id": INTEGER, "day": DAY, **FIGURES},
    "ad_analytics_by_creative": {"creative_id": INTEGER, "day": DAY, **FIGURES},
    "monthly_ad_analytics_by_member_country": {
        "campaign_id": INTEGER,
        "month": TEXT,
        "member_country": INTEGER,
        **FIGURES,
    },
    "monthly_ad_analytics_by_member_region": {
        "campaign_id": INTEGER,
        "month": TEXT,
        "member_region": INTEGER,
        **FIGURES,
    },
    "geo": {"id": INTEGER, "value": TEXT},
}
"""Tables and columns that the package reads, with the types that its casts and joins can take."""

FILLED = {
    ("creative_history", "click_uri"),
    ("monthly_ad_analytics_by_member_country", "conversion_value_in_local_currency"),
    ("monthly_ad_analytics_by_member_region", "conversion_value_in_local_currency"),
}
"""Columns that LinkedIn does not have; the package fills a missing column with nulls."""


def place(table: str) -> tuple[str, str]:
    """Return schema and name of a table by the package's rules for its vars."""
    variables = dict(documented("_identifier")["vars"])
    schema = variables.pop("linkedin_ads_schema", "linkedin_ads")
    assert set(variables) <= {f"linkedin_ads_{name}_identifier" for name in READ}
    return schema, variables.get(f"linkedin_ads_{table}_identifier", table)

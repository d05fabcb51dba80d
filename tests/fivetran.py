"""What Fivetran's packages read, and where the vars blocks of docs/dbt.md let them look.

The packages are fivetran/dbt_linkedin 1.3.0 and fivetran/dbt_linkedin_pages 1.2.0.
"""

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

POST = {
    "author": TEXT,
    "commentary": TEXT,
    "created_time": INSTANT,
    "first_published_at": INSTANT,
    "last_modified_time": INSTANT,
    "lifecycle_state": TEXT,
    "visibility": TEXT,
    "_fivetran_synced": INSTANT,
}
CONTENT = {
    "article_description": TEXT,
    "article_source": TEXT,
    "article_thumbnail": TEXT,
    "article_thumbnail_alt_text": TEXT,
    "article_title": TEXT,
    "carousel_id": TEXT,
    "media_alt_text": TEXT,
    "media_id": TEXT,
    "media_title": TEXT,
    "multi_image_alt_text": TEXT,
    "poll_question": TEXT,
    "poll_settings_duration": TEXT,
    "poll_settings_is_voter_visible_to_author": BOOLEAN,
    "poll_settings_vote_selection_type": TEXT,
    "poll_unique_voters_count": INTEGER,
    "type": TEXT,
    "_fivetran_id": TEXT,
    "_fivetran_synced": INSTANT,
}
OF_PAGES: dict[str, dict[str, set[str]]] = {
    "organization": {"id": INTEGER, "localized_name": TEXT},
    "organization_ugc_post": {
        "organization_id": INTEGER,
        "ugc_post_id": TEXT,
        "_fivetran_synced": INSTANT,
    },
    "organization_share": {
        "organization_id": INTEGER,
        "share_id": TEXT | INTEGER,
        "_fivetran_synced": INSTANT,
    },
    "ugc_post_history": {"id": TEXT, **POST},
    "share_history": {
        "id": TEXT | INTEGER,
        "created_actor": TEXT,
        "last_modified_actor": TEXT,
        **POST,
    },
    "post_content": {"post_id": TEXT, **CONTENT},
    "share_content": {"share_id": TEXT | INTEGER, **CONTENT},
    "ugc_post_share_statistic": {
        "ugc_post_id": TEXT | INTEGER,
        "share_statistic_id": TEXT,
        "_fivetran_synced": INSTANT,
    },
    "share_share_statistic": {
        "share_id": TEXT | INTEGER,
        "share_statistics_id": TEXT,
        "_fivetran_synced": INSTANT,
    },
    "share_statistic": {
        "_fivetran_id": TEXT,
        "_organization_entity_urn": TEXT,
        "_share_entity_urn": TEXT,
        "click_count": INTEGER,
        "comment_count": INTEGER,
        "engagement": NUMBER,
        "impression_count": INTEGER,
        "like_count": INTEGER,
        "share_count": INTEGER,
        "_fivetran_synced": INSTANT,
    },
}
"""Likewise, of the package for pages."""

PACKAGES = {"linkedin_ads": READ, "linkedin_pages": OF_PAGES}

FILLED = {
    ("monthly_ad_analytics_by_member_country", "conversion_value_in_local_currency"),
    ("monthly_ad_analytics_by_member_region", "conversion_value_in_local_currency"),
    ("share_history", "created_actor"),
    ("share_history", "last_modified_actor"),
    ("post_content", "_fivetran_id"),
    ("share_content", "_fivetran_id"),
    *((table, "_fivetran_synced") for table in OF_PAGES if table != "organization"),
}
"""Columns that LinkedIn does not have; the package fills a missing column with nulls."""


def place(table: str, package: str = "linkedin_ads") -> tuple[str, str]:
    """Return schema and name of a table by a package's rules for its vars."""
    variables = dict(documented(f"{package}_schema")["vars"])
    schema = variables.pop(f"{package}_schema")
    assert set(variables) <= {f"{package}_{name}_identifier" for name in PACKAGES[package]}
    return schema, variables.get(f"{package}_{table}_identifier", table)

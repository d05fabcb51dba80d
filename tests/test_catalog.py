"""What discovery offers: streams, keys, selection and columns, without a single request."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.reports import CUSTOM, REPORTS
from tap_linkedin_ads.streams import PERSONAL_STREAMS
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer
from tests.truth import COLUMNS

if t.TYPE_CHECKING:
    from tests.singer import Json

CONNECTOR_COLUMNS = {
    "ad_accounts": """id status reference_urn notified_on_creative_rejection currency
        last_modified_time created_time name notified_on_end_of_campaign version_tag
        notified_on_campaign_optimization serving_statuses notified_on_creative_approval type""",
    "campaigns": """id name account_id associated_entity_urn associated_entity_id
        campaign_group_urn campaign_group_id audience_expansion_enabled created_time
        last_modified_time cost_type creative_selection format locale_country locale_language
        objective_type offsite_delivery_enabled optimization_target_type pacing_strategy
        run_schedule_end run_schedule_start serving_statuses status story_delivery_enabled test
        total_budget_amount total_budget_currency_code daily_budget_amount
        daily_budget_currency_code type unit_cost_amount unit_cost_currency_code version_tag""",
    "campaign_groups": """id account_urn account_id backfilled created_time last_modified_time
        name run_schedule_start run_schedule_end serving_statuses status test""",
    "creatives": """id name account_id account_urn campaign_urn campaign_id created_time
        last_modified_time content_reference_urn review_status is_serving intended_status
        is_test""",
    "ad_performance": """metric_date account_id creative_urn creative_id creative_name
        campaign_urn campaign_id campaign_name campaign_group_urn campaign_group_id
        campaign_group_name conversion_value_in_local_currency reactions likes opens
        external_website_post_click_conversions lead_generation_mail_contact_info_shares
        external_website_post_view_conversions other_engagements follows one_click_leads sends
        impressions comments shares clicks external_website_conversions total_engagements
        cost_in_local_currency one_click_lead_form_opens action_clicks ad_unit_clicks
        approximate_member_reach card_clicks card_impressions comment_likes company_page_clicks
        cost_in_usd document_completions document_first_quartile_completions
        document_midpoint_completions document_third_quartile_completions download_clicks
        full_screen_plays headline_clicks headline_impressions landing_page_clicks
        lead_generation_mail_interested_clicks subscription_clicks text_url_clicks
        valid_work_email_leads video_completions video_first_quartile_completions
        video_midpoint_completions video_starts video_third_quartile_completions video_views
        viral_card_clicks viral_card_impressions viral_clicks viral_comment_likes viral_comments
        viral_company_page_clicks viral_document_completions
        viral_document_first_quartile_completions viral_document_midpoint_completions
        viral_document_third_quartile_completions viral_download_clicks viral_follows
        viral_full_screen_plays viral_impressions viral_landing_page_clicks viral_likes
        viral_one_click_lead_form_opens viral_one_click_leads viral_other_engagements
        viral_reactions viral_shares viral_subscription_clicks viral_total_engagements
        viral_video_completions viral_video_first_quartile_completions
        viral_video_midpoint_completions viral_video_starts
        viral_video_third_quartile_completions viral_video_views""",
}
"""Every column of the connector tables that the tap was made after, by the naming rules."""

CLOSED = "http://127.0.0.1:9"
"""Where nobody listens."""


def discover(**settings: t.Any) -> dict[str, Json]:  # noqa: ANN401
    """Return the catalog's streams by name."""
    tap = TapLinkedInAds(
        config={"access_token": "unused", "api_url": CLOSED, "oauth_url": CLOSED, **settings}
    )
    return {stream["tap_stream_id"]: stream for stream in tap.catalog_dict["streams"]}


@pytest.fixture(scope="module")
def streams() -> dict[str, Json]:
    """Return what discovery offers by default."""
    return discover()


def metadata(stream: Json) -> dict[tuple[str, ...], Json]:
    """Return a stream's metadata by breadcrumb."""
    return {tuple(entry["breadcrumb"]): entry["metadata"] for entry in stream["metadata"]}


def test_replication_and_selection(streams: dict[str, Json]) -> None:
    """What has a replication key is incremental; what is selected by default is selected."""
    for name, stream in streams.items():
        method = "INCREMENTAL" if stream.get("replication_key") else "FULL_TABLE"
        assert stream["replication_method"] == method, name
        own = metadata(stream)[()]
        assert bool(own.get("selected")) == own.get("selected-by-default"), name


@pytest.mark.parametrize("name", CONNECTOR_COLUMNS)
def test_every_column_of_the_connector_tables_exists(streams: dict[str, Json], name: str) -> None:
    """What users of the connector have, they find under the name that the rules give."""
    assert set(CONNECTOR_COLUMNS[name].split()) <= streams[name]["schema"]["properties"].keys()


def test_ad_performance_offers_every_metric(streams: dict[str, Json]) -> None:
    """Every metric that exists for these pivots is a column."""
    assert COLUMNS.keys() <= streams["ad_performance"]["schema"]["properties"].keys()


def test_every_stream_and_column_is_described(streams: dict[str, Json]) -> None:
    """Each stream says what a row is, each column what it holds; no annotation is left over."""
    for name, stream in streams.items():
        assert stream["schema"].get("description"), name
        for column, declared in stream["schema"]["properties"].items():
            assert declared.get("description"), f"{name}.{column}"
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column), f"{name}.{column}"
        assert '"x-' not in json.dumps(stream["schema"])


def test_every_schema_has_its_stream() -> None:
    """A schema file that no stream and no family of reports reads is a stream left unregistered."""
    streams = discover(**singer.PERSONAL)
    shared = {"metrics", "pivots", *(report.schema for report in REPORTS), CUSTOM}
    for name in sorted(set(schema.stream_names()) - shared):
        assert name in streams, (
            f"schemas/{name}.json belongs to no stream: name it in ENTITY_STREAMS of"
            " tap_linkedin_ads/streams/__init__.py"
        )


def test_every_ads_stream_names_its_account(streams: dict[str, Json]) -> None:
    """Every record carries account_id, or on the page side organization_id and its URN."""
    for name, stream in streams.items():
        columns = stream["schema"]["properties"].keys()
        assert "account_id" in columns or {"organization_id", "organization_urn"} & columns, name


def test_keys_are_columns_that_are_never_null(streams: dict[str, Json]) -> None:
    """A key column exists, is selected always and has no null in its type."""
    for name, stream in streams.items():
        for key in stream["key_properties"]:
            kind = stream["schema"]["properties"][key]["type"]
            assert "null" not in ([kind] if isinstance(kind, str) else kind), f"{name}.{key}"
            assert metadata(stream)["properties", key]["inclusion"] == "automatic"


@pytest.mark.parametrize("setting", PERSONAL_STREAMS)
def test_personal_data_is_offered_only_on_request(setting: str) -> None:
    """What members wrote is in the catalog only when the setting for it says so."""
    personal = {stream.name for stream in PERSONAL_STREAMS[setting]}
    assert not personal & discover().keys()
    assert discover(**{setting: True}).keys() - discover().keys() == personal


def test_an_older_version_offers_what_it_has() -> None:
    """A metric that LinkedIn introduced later than api_version is no column."""
    older = discover(api_version="202604")["ad_performance"]["schema"]["properties"]
    assert "appointments_scheduled" not in older
    assert "event_views" in older


def test_custom_reports_are_streams() -> None:
    """Each entry of reports is a stream, selected by default."""
    report = {"name": "by_placement", "pivots": ["PLACEMENT_NAME"], "metrics": ["impressions"]}
    stream = discover(reports=[report])["by_placement"]
    assert metadata(stream)[()]["selected"]
    assert stream["replication_key"] == "metric_date"
    assert stream["key_properties"][0] == "account_id"
    assert "impressions" in stream["schema"]["properties"]
    assert "clicks" not in stream["schema"]["properties"]


@pytest.mark.slow
def test_about_tells_settings_without_secrets() -> None:
    """--about lists the settings and capabilities; BATCH is not among them."""
    output = singer.run([*singer.COMMAND, "--about", "--format=json"])
    assert output.status == 0, output.stderr
    about = json.loads(output.stdout)
    assert "batch" not in about["capabilities"]
    assert about["settings"]["properties"]["access_token"]["secret"]

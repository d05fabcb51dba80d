-- The tables of Fivetran's LinkedIn Ad Analytics, as views on this tap's tables in PostgreSQL.
--
-- Load these streams, with every column: ad_accounts, campaign_groups, campaigns, creatives,
-- ad_analytics_by_campaign, ad_analytics_by_creative, ad_analytics_by_member_country,
-- ad_analytics_by_member_region, conversions, ad_posts.
--
--     psql --file views/fivetran.sql
--
-- A view whose table is not loaded gives an error, and the others are made all the same. Tables
-- are looked for in the schema linkedin_ads, the loader's default_target_schema; the views go into
-- linkedin_ads_fivetran. docs/migrating.md says which rows differ from the old ones.
--
-- One row an entity, as it is now; there, each change is a row. The monthly tables want
-- demographics_level campaign. The package dbt_linkedin reads them with linkedin_ads_schema set to
-- linkedin_ads_fivetran, without the stream maps of docs/dbt.md.
--
-- _fivetran_synced is the loader's _sdc_batched_at, which is there unless add_record_metadata is
-- switched off.

create schema if not exists linkedin_ads_fivetran;

create or replace view linkedin_ads_fivetran.account_history as
select
    id, name, currency, status, type, version_tag, reference_urn as reference,
    notified_on_campaign_optimization, notified_on_creative_approval,
    notified_on_creative_rejection, notified_on_end_of_campaign, notified_on_new_features_enabled,
    total_budget_amount, total_budget_currency_code, total_budget_ends_at, test, created_time,
    last_modified_time, _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_accounts;

create or replace view linkedin_ads_fivetran.campaign_group_history as
select
    id, name, account_id, status, backfilled, run_schedule_start, run_schedule_end,
    total_budget_amount, total_budget_currency_code, test, created_time, last_modified_time,
    _sdc_batched_at as _fivetran_synced
from linkedin_ads.campaign_groups;

create or replace view linkedin_ads_fivetran.campaign_history as
select
    id, name, account_id, campaign_group_id, associated_entity_urn as associated_entity, status,
    type, format, objective_type, optimization_target_type, cost_type, creative_selection,
    pacing_strategy, audience_expansion_enabled, offsite_delivery_enabled, story_delivery_enabled,
    test, daily_budget_amount, daily_budget_currency_code, total_budget_amount,
    total_budget_currency_code, unit_cost_amount, unit_cost_currency_code, locale_country,
    locale_language, run_schedule_start, run_schedule_end, version_tag, created_time,
    last_modified_time, _sdc_batched_at as _fivetran_synced
from linkedin_ads.campaigns;

create or replace view linkedin_ads_fivetran.creative_history as
select
    id, campaign_id, intended_status, landing_page as click_uri, text_ad_landing_page,
    spotlight_landing_page,
    case when content_type = 'text_ad' then headline end as text_ad_headline,
    case when content_type = 'spotlight' then headline end as spotlight_headline,
    case when content_type = 'follow' then headline end as follower_headline,
    case when content_type = 'jobs' then headline end as jobs_headline,
    created_time as created_at, created_time, last_modified_time as last_modified_at,
    last_modified_time, _sdc_batched_at as _fivetran_synced
from linkedin_ads.creatives;

create or replace view linkedin_ads_fivetran.ad_analytics_by_campaign as
select
    campaign_id, metric_date as day, impressions, clicks, cost_in_local_currency, cost_in_usd,
    landing_page_clicks, company_page_clicks, total_engagements, other_engagements, reactions,
    likes, comments, comment_likes, shares, follows, subscription_clicks,
    external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, conversion_value_in_local_currency,
    viral_external_website_conversions, viral_external_website_post_click_conversions,
    viral_external_website_post_view_conversions, approximate_member_reach, audience_penetration,
    average_dwell_time, one_click_leads, one_click_lead_form_opens, qualified_leads,
    cost_per_qualified_lead, valid_work_email_leads, talent_leads, appointments_scheduled,
    viral_one_click_leads, viral_one_click_lead_form_opens, video_views, video_starts,
    video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, video_watch_time,
    average_video_watch_time, viral_impressions, viral_clicks, viral_landing_page_clicks,
    viral_company_page_clicks, viral_total_engagements, viral_other_engagements, viral_reactions,
    viral_likes, viral_comments, viral_comment_likes, viral_shares, viral_follows,
    viral_subscription_clicks, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    card_impressions, card_clicks, viral_card_impressions, viral_card_clicks, sends, opens,
    action_clicks, ad_unit_clicks, text_url_clicks, headline_impressions, headline_clicks,
    lead_generation_mail_contact_info_shares, lead_generation_mail_interested_clicks,
    job_applications, post_click_job_applications, post_view_job_applications, job_apply_clicks,
    post_click_job_apply_clicks, post_view_job_apply_clicks, registrations,
    post_click_registrations, post_view_registrations, viral_job_applications,
    viral_post_click_job_applications, viral_post_view_job_applications, viral_job_apply_clicks,
    viral_post_click_job_apply_clicks, viral_post_view_job_apply_clicks, viral_registrations,
    viral_post_click_registrations, viral_post_view_registrations, event_views,
    event_views_over_15_seconds, event_views_over_30_seconds, event_views_over_2_minutes,
    event_watch_time, average_event_watch_time, average_event_watch_time_over_15_seconds,
    average_event_watch_time_over_30_seconds, average_event_watch_time_over_2_minutes,
    cost_per_event_view, cost_per_event_view_over_15_seconds, cost_per_event_view_over_30_seconds,
    cost_per_event_view_over_2_minutes, _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_analytics_by_campaign;

create or replace view linkedin_ads_fivetran.ad_analytics_by_creative as
select
    creative_id, metric_date as day, impressions, clicks, cost_in_local_currency, cost_in_usd,
    landing_page_clicks, company_page_clicks, total_engagements, other_engagements, reactions,
    likes, comments, comment_likes, shares, follows, subscription_clicks,
    external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, conversion_value_in_local_currency,
    viral_external_website_conversions, viral_external_website_post_click_conversions,
    viral_external_website_post_view_conversions, approximate_member_reach, audience_penetration,
    average_dwell_time, one_click_leads, one_click_lead_form_opens, qualified_leads,
    cost_per_qualified_lead, valid_work_email_leads, talent_leads, appointments_scheduled,
    viral_one_click_leads, viral_one_click_lead_form_opens, video_views, video_starts,
    video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, video_watch_time,
    average_video_watch_time, viral_impressions, viral_clicks, viral_landing_page_clicks,
    viral_company_page_clicks, viral_total_engagements, viral_other_engagements, viral_reactions,
    viral_likes, viral_comments, viral_comment_likes, viral_shares, viral_follows,
    viral_subscription_clicks, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    card_impressions, card_clicks, viral_card_impressions, viral_card_clicks, sends, opens,
    action_clicks, ad_unit_clicks, text_url_clicks, headline_impressions, headline_clicks,
    lead_generation_mail_contact_info_shares, lead_generation_mail_interested_clicks,
    job_applications, post_click_job_applications, post_view_job_applications, job_apply_clicks,
    post_click_job_apply_clicks, post_view_job_apply_clicks, registrations,
    post_click_registrations, post_view_registrations, viral_job_applications,
    viral_post_click_job_applications, viral_post_view_job_applications, viral_job_apply_clicks,
    viral_post_click_job_apply_clicks, viral_post_view_job_apply_clicks, viral_registrations,
    viral_post_click_registrations, viral_post_view_registrations, event_views,
    event_views_over_15_seconds, event_views_over_30_seconds, event_views_over_2_minutes,
    event_watch_time, average_event_watch_time, average_event_watch_time_over_15_seconds,
    average_event_watch_time_over_30_seconds, average_event_watch_time_over_2_minutes,
    cost_per_event_view, cost_per_event_view_over_15_seconds, cost_per_event_view_over_30_seconds,
    cost_per_event_view_over_2_minutes, _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_analytics_by_creative;

create or replace view linkedin_ads_fivetran.monthly_ad_analytics_by_member_country as
select
    campaign_id,
    to_char(metric_date, 'YYYY-MM') as month,
    member_country_id as member_country, impressions, clicks, cost_in_local_currency, cost_in_usd,
    landing_page_clicks, company_page_clicks, total_engagements, other_engagements, reactions,
    likes, comments, comment_likes, shares, follows, subscription_clicks,
    external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, viral_external_website_conversions,
    viral_external_website_post_click_conversions, viral_external_website_post_view_conversions,
    average_dwell_time, one_click_leads, one_click_lead_form_opens, qualified_leads,
    cost_per_qualified_lead, valid_work_email_leads, talent_leads, appointments_scheduled,
    viral_one_click_leads, viral_one_click_lead_form_opens, video_views, video_starts,
    video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, video_watch_time,
    average_video_watch_time, viral_impressions, viral_clicks, viral_landing_page_clicks,
    viral_company_page_clicks, viral_total_engagements, viral_other_engagements, viral_reactions,
    viral_likes, viral_comments, viral_comment_likes, viral_shares, viral_follows,
    viral_subscription_clicks, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    sends, opens, action_clicks, ad_unit_clicks, text_url_clicks, headline_impressions,
    headline_clicks, lead_generation_mail_contact_info_shares,
    lead_generation_mail_interested_clicks, event_views, event_views_over_15_seconds,
    event_views_over_30_seconds, event_views_over_2_minutes, event_watch_time,
    average_event_watch_time, average_event_watch_time_over_15_seconds,
    average_event_watch_time_over_30_seconds, average_event_watch_time_over_2_minutes,
    cost_per_event_view, cost_per_event_view_over_15_seconds, cost_per_event_view_over_30_seconds,
    cost_per_event_view_over_2_minutes,
    -- LinkedIn does not give values of conversions by members' traits.
    null::numeric as conversion_value_in_local_currency,
    _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_analytics_by_member_country
where time_granularity = 'MONTHLY' and campaign_id <> 0;

create or replace view linkedin_ads_fivetran.monthly_ad_analytics_by_member_region as
select
    campaign_id,
    to_char(metric_date, 'YYYY-MM') as month,
    member_region_id as member_region, impressions, clicks, cost_in_local_currency, cost_in_usd,
    landing_page_clicks, company_page_clicks, total_engagements, other_engagements, reactions,
    likes, comments, comment_likes, shares, follows, subscription_clicks,
    external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, viral_external_website_conversions,
    viral_external_website_post_click_conversions, viral_external_website_post_view_conversions,
    average_dwell_time, one_click_leads, one_click_lead_form_opens, qualified_leads,
    cost_per_qualified_lead, valid_work_email_leads, talent_leads, appointments_scheduled,
    viral_one_click_leads, viral_one_click_lead_form_opens, video_views, video_starts,
    video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, video_watch_time,
    average_video_watch_time, viral_impressions, viral_clicks, viral_landing_page_clicks,
    viral_company_page_clicks, viral_total_engagements, viral_other_engagements, viral_reactions,
    viral_likes, viral_comments, viral_comment_likes, viral_shares, viral_follows,
    viral_subscription_clicks, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    sends, opens, action_clicks, ad_unit_clicks, text_url_clicks, headline_impressions,
    headline_clicks, lead_generation_mail_contact_info_shares,
    lead_generation_mail_interested_clicks, event_views, event_views_over_15_seconds,
    event_views_over_30_seconds, event_views_over_2_minutes, event_watch_time,
    average_event_watch_time, average_event_watch_time_over_15_seconds,
    average_event_watch_time_over_30_seconds, average_event_watch_time_over_2_minutes,
    cost_per_event_view, cost_per_event_view_over_15_seconds, cost_per_event_view_over_30_seconds,
    cost_per_event_view_over_2_minutes,
    -- LinkedIn does not give values of conversions by members' traits.
    null::numeric as conversion_value_in_local_currency,
    _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_analytics_by_member_region
where time_granularity = 'MONTHLY' and campaign_id <> 0;

create or replace view linkedin_ads_fivetran.conversion_history as
select
    id, account_id, name, type, enabled, attribution_type, conversion_method, image_pixel_tag,
    post_click_attribution_window_size, view_through_attribution_window_size, value_amount,
    value_currency_code, created_time as created, last_modified_time as last_modified,
    last_callback_at, latest_first_party_callback_at, _sdc_batched_at as _fivetran_synced
from linkedin_ads.conversions;

create or replace view linkedin_ads_fivetran.post_history as
select
    post_urn as id, author_urn as author, commentary, container as container_entity,
    content_call_to_action_label, content_landing_page,
    to_jsonb(third_party_distribution_channels) as distribution_external_distribution_channels,
    feed_distribution as distribution_feed_distribution, published_at as first_published_at,
    is_reshare_disabled_by_author, lifecycle_state, lifecycle_state_info_content_status,
    is_edited_by_author as lifecycle_state_info_is_edited_by_author,
    lifecycle_state_info_review_status, reshare_context_parent as response_context_parent,
    reshare_context_root as response_context_root, content_type as type, visibility,
    ad_context_is_dsc, ad_context_dsc_ad_account, ad_context_dsc_ad_type, ad_context_dsc_status,
    ad_context_dsc_name, created_at as created_time, last_modified_at as last_modified_time,
    _sdc_batched_at as _fivetran_synced
from linkedin_ads.ad_posts;

-- Names of countries and regions.
create or replace view linkedin_ads_fivetran.geo as
select member_country_id as id, max(member_country_name) as value
from linkedin_ads.ad_analytics_by_member_country
where member_country_id is not null
group by member_country_id
union
select member_region_id, max(member_region_name)
from linkedin_ads.ad_analytics_by_member_region
where member_region_id is not null
group by member_region_id;

-- The tables of singer-io's tap-linkedin-ads 2.8.0, which Stitch runs, too, as views on this tap's
-- tables in PostgreSQL.
--
-- Load these streams, with every column: ad_accounts, ad_account_users, campaign_groups,
-- campaigns, creatives, ad_posts, ad_analytics_by_campaign, ad_analytics_by_creative.
--
--     psql --file views/singer-io.sql
--
-- A view whose table is not loaded gives an error, and the others are made all the same. Tables
-- are looked for in the schema linkedin_ads, the loader's default_target_schema; the views go into
-- linkedin_ads_singer_io. docs/migrating.md says which rows differ from the old ones.

create schema if not exists linkedin_ads_singer_io;

create or replace view linkedin_ads_singer_io.accounts as
select
    id, name, currency, type, status, test,
    to_jsonb(serving_statuses) as serving_statuses,
    reference_urn as reference,
    case
        when reference_urn like 'urn:li:organization:%' then reference_id
    end as reference_organization_id,
    substring(reference_urn from '^urn:li:person:(.+)$') as reference_person_id,
    notified_on_campaign_optimization, notified_on_creative_approval,
    notified_on_creative_rejection, notified_on_end_of_campaign, notified_on_new_features_enabled,
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currency_code', total_budget_currency_code
    ) end as total_budget,
    total_budget_ends_at,
    jsonb_build_object('version_tag', version_tag) as version,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', to_char(created_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        'last_modified', jsonb_build_object(
            'time', to_char(last_modified_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    ) as change_audit_stamps
from linkedin_ads.ad_accounts;

create or replace view linkedin_ads_singer_io.account_users as
select
    account_urn as account, account_id, user_urn as user,
    substring(user_urn from '^urn:li:person:(.+)$') as user_person_id,
    role, campaign_contact, created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', to_char(created_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        'last_modified', jsonb_build_object(
            'time', to_char(last_modified_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    ) as change_audit_stamps
from linkedin_ads.ad_account_users;

create or replace view linkedin_ads_singer_io.campaign_groups as
select
    id, name, account_urn as account, account_id, status,
    to_jsonb(serving_statuses) as serving_statuses,
    to_jsonb(allowed_campaign_types) as allowed_campaign_types,
    backfilled, test,
    jsonb_build_object(
        'start', to_char(run_schedule_start, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'end', to_char(run_schedule_end, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) as run_schedule,
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currency_code', total_budget_currency_code
    ) end as total_budget,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', to_char(created_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        'last_modified', jsonb_build_object(
            'time', to_char(last_modified_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    ) as change_audit_stamps
from linkedin_ads.campaign_groups;

create or replace view linkedin_ads_singer_io.campaigns as
select
    id, name, account_urn as account, account_id, campaign_group_urn as campaign_group,
    campaign_group_id, associated_entity_urn as associated_entity,
    case
        when associated_entity_urn like 'urn:li:organization:%' then associated_entity_id
    end as associated_entity_organization_id,
    substring(associated_entity_urn from '^urn:li:person:(.+)$') as associated_entity_person_id,
    status,
    to_jsonb(serving_statuses) as serving_statuses,
    type, format, objective_type, cost_type, optimization_target_type, creative_selection,
    pacing_strategy, audience_expansion_enabled, offsite_delivery_enabled, story_delivery_enabled,
    connected_television_only, political_intent, test,
    case when unit_cost_amount is not null then jsonb_build_object(
        'amount', unit_cost_amount::text, 'currency_code', unit_cost_currency_code
    ) end as unit_cost,
    case when daily_budget_amount is not null then jsonb_build_object(
        'amount', daily_budget_amount::text, 'currency_code', daily_budget_currency_code
    ) end as daily_budget,
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currency_code', total_budget_currency_code
    ) end as total_budget,
    jsonb_build_object('country', locale_country, 'language', locale_language) as locale,
    jsonb_build_object(
        'start', to_char(run_schedule_start, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'end', to_char(run_schedule_end, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) as run_schedule,
    -- Lists of type and values as there, with every facet; facets keep LinkedIn's spelling.
    case when targeting_criteria ? 'include' then jsonb_build_object(
        'include', jsonb_build_object('and', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'type', facet.key, 'values', facet.value
            )), '[]')
            from jsonb_array_elements(targeting_criteria -> 'include' -> 'and') as clause,
                jsonb_each(clause -> 'or') as facet
        )),
        'exclude', jsonb_build_object('or', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'type', facet.key, 'values', facet.value
            )), '[]')
            from jsonb_each(targeting_criteria -> 'exclude' -> 'or') as facet
        ))
    ) end as targeting_criteria,
    -- As LinkedIn nests it; LinkedIn sends targeting_criteria in its place.
    nullif(targeting, 'null') as targeting,
    case when offsite_preferences ? 'iabCategories' then jsonb_build_object(
        'iab_categories', offsite_preferences -> 'iabCategories',
        'publisher_restriction_files', offsite_preferences -> 'publisherRestrictionFiles'
    ) end as offsite_preferences,
    version_tag,
    jsonb_build_object('version_tag', version_tag) as version,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', to_char(created_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        'last_modified', jsonb_build_object(
            'time', to_char(last_modified_time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    ) as change_audit_stamps
from linkedin_ads.campaigns;

create or replace view linkedin_ads_singer_io.creatives as
select
    urn as id, name, account_urn as account, account_id, campaign_urn as campaign, campaign_id,
    intended_status, is_serving, is_test,
    to_jsonb(serving_hold_reasons) as serving_hold_reasons,
    jsonb_build_object('status', review_status) as review,
    jsonb_build_object(
        'reference', content_reference_urn,
        'text_ad', case when content ? 'textAd' then jsonb_build_object(
            'headline', content -> 'textAd' -> 'headline',
            'description', content -> 'textAd' -> 'description',
            'landing_page', content -> 'textAd' -> 'landingPage'
        ) end
    ) as content,
    created_time as created_at, created_by_urn as created_by,
    last_modified_time as last_modified_at, last_modified_by_urn as last_modified_by
from linkedin_ads.creatives;

-- The posts of videos behind creatives.
create or replace view linkedin_ads_singer_io.video_ads as
select
    post_urn as id, post_urn as content_reference,
    case when post_urn like 'urn:li:ugcPost:%' then post_id end as content_reference_ucg_post_id,
    case when post_urn like 'urn:li:share:%' then post_id end as content_reference_share_id,
    'urn:li:sponsoredAccount:' || account_id as account,
    account_id, dsc_name as name, dsc_type as type, author_urn as author, author_urn as owner,
    organization_id as owner_organization_id, lifecycle_state, visibility, commentary,
    content_call_to_action_label, content_landing_page, is_reshare_disabled_by_author,
    published_at, created_at, last_modified_at, created_at as created_time,
    last_modified_at as last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        'last_modified', jsonb_build_object(
            'time', to_char(last_modified_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    ) as change_audit_stamps,
    jsonb_build_object('media', jsonb_build_object(
        'title', content_media_title, 'id', content_media_id
    )) as content,
    jsonb_build_object(
        'feed_distribution', feed_distribution,
        'third_party_distribution_channels', to_jsonb(third_party_distribution_channels)
    ) as distribution,
    jsonb_build_object('is_edited_by_author', is_edited_by_author) as lifecycle_state_info,
    jsonb_build_object(
        'is_dsc', ad_context_is_dsc, 'dsc_ad_account', ad_context_dsc_ad_account,
        'dsc_ad_type', ad_context_dsc_ad_type, 'dsc_status', ad_context_dsc_status,
        'dsc_name', ad_context_dsc_name
    ) as ad_context
from linkedin_ads.ad_posts
where content_type = 'media_video';

create or replace view linkedin_ads_singer_io.ad_analytics_by_campaign as
select
    campaign_id, campaign_urn as campaign,
    'CAMPAIGN' as pivot,
    campaign_urn as pivot_value,
    jsonb_build_array(campaign_urn) as pivot_values,
    metric_date::timestamp as start_at,
    metric_date::timestamp + interval '1 day' as end_at,
    jsonb_build_object(
        'start', jsonb_build_object(
            'year', extract(year from metric_date)::int,
            'month', extract(month from metric_date)::int,
            'day', extract(day from metric_date)::int
        ),
        'end', jsonb_build_object(
            'year', extract(year from metric_date)::int,
            'month', extract(month from metric_date)::int,
            'day', extract(day from metric_date)::int
        )
    ) as date_range,
    approximate_member_reach as approximate_unique_impressions, impressions, clicks,
    cost_in_local_currency, cost_in_usd, landing_page_clicks, company_page_clicks,
    total_engagements, other_engagements, reactions, likes, comments, comment_likes, shares,
    follows, external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, conversion_value_in_local_currency,
    viral_external_website_conversions, viral_external_website_post_click_conversions,
    viral_external_website_post_view_conversions, one_click_leads, one_click_lead_form_opens,
    talent_leads, viral_one_click_leads, viral_one_click_lead_form_opens, video_views,
    video_starts, video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, viral_impressions,
    viral_clicks, viral_landing_page_clicks, viral_company_page_clicks, viral_total_engagements,
    viral_other_engagements, viral_reactions, viral_likes, viral_comments, viral_comment_likes,
    viral_shares, viral_follows, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    card_impressions, card_clicks, viral_card_impressions, viral_card_clicks, sends, opens,
    action_clicks, ad_unit_clicks, text_url_clicks, lead_generation_mail_contact_info_shares,
    lead_generation_mail_interested_clicks, job_applications, post_click_job_applications,
    post_view_job_applications, job_apply_clicks, post_click_job_apply_clicks,
    post_view_job_apply_clicks, registrations, post_click_registrations, post_view_registrations,
    viral_job_applications, viral_post_click_job_applications, viral_post_view_job_applications,
    viral_job_apply_clicks, viral_post_click_job_apply_clicks, viral_post_view_job_apply_clicks,
    viral_registrations, viral_post_click_registrations, viral_post_view_registrations,
    -- LinkedIn does not list these three any more; ad_reach has reach of weeks, months and the
    -- last days.
    null::jsonb as average_daily_reach_metrics,
    null::jsonb as average_previous_seven_day_reach_metrics,
    null::jsonb as average_previous_thirty_day_reach_metrics
from linkedin_ads.ad_analytics_by_campaign;

create or replace view linkedin_ads_singer_io.ad_analytics_by_creative as
select
    creative_id, creative_urn as creative,
    'CREATIVE' as pivot,
    creative_urn as pivot_value,
    jsonb_build_array(creative_urn) as pivot_values,
    metric_date::timestamp as start_at,
    metric_date::timestamp + interval '1 day' as end_at,
    jsonb_build_object(
        'start', jsonb_build_object(
            'year', extract(year from metric_date)::int,
            'month', extract(month from metric_date)::int,
            'day', extract(day from metric_date)::int
        ),
        'end', jsonb_build_object(
            'year', extract(year from metric_date)::int,
            'month', extract(month from metric_date)::int,
            'day', extract(day from metric_date)::int
        )
    ) as date_range,
    approximate_member_reach as approximate_unique_impressions, impressions, clicks,
    cost_in_local_currency, cost_in_usd, landing_page_clicks, company_page_clicks,
    total_engagements, other_engagements, reactions, likes, comments, comment_likes, shares,
    follows, external_website_conversions, external_website_post_click_conversions,
    external_website_post_view_conversions, conversion_value_in_local_currency,
    viral_external_website_conversions, viral_external_website_post_click_conversions,
    viral_external_website_post_view_conversions, one_click_leads, one_click_lead_form_opens,
    talent_leads, viral_one_click_leads, viral_one_click_lead_form_opens, video_views,
    video_starts, video_first_quartile_completions, video_midpoint_completions,
    video_third_quartile_completions, video_completions, full_screen_plays, viral_impressions,
    viral_clicks, viral_landing_page_clicks, viral_company_page_clicks, viral_total_engagements,
    viral_other_engagements, viral_reactions, viral_likes, viral_comments, viral_comment_likes,
    viral_shares, viral_follows, viral_video_views, viral_video_starts,
    viral_video_first_quartile_completions, viral_video_midpoint_completions,
    viral_video_third_quartile_completions, viral_video_completions, viral_full_screen_plays,
    document_first_quartile_completions, document_midpoint_completions,
    document_third_quartile_completions, document_completions, download_clicks,
    viral_document_first_quartile_completions, viral_document_midpoint_completions,
    viral_document_third_quartile_completions, viral_document_completions, viral_download_clicks,
    card_impressions, card_clicks, viral_card_impressions, viral_card_clicks, sends, opens,
    action_clicks, ad_unit_clicks, text_url_clicks, lead_generation_mail_contact_info_shares,
    lead_generation_mail_interested_clicks, job_applications, post_click_job_applications,
    post_view_job_applications, job_apply_clicks, post_click_job_apply_clicks,
    post_view_job_apply_clicks, registrations, post_click_registrations, post_view_registrations,
    viral_job_applications, viral_post_click_job_applications, viral_post_view_job_applications,
    viral_job_apply_clicks, viral_post_click_job_apply_clicks, viral_post_view_job_apply_clicks,
    viral_registrations, viral_post_click_registrations, viral_post_view_registrations,
    -- LinkedIn does not list these three any more; ad_reach has reach of weeks, months and the
    -- last days.
    null::jsonb as average_daily_reach_metrics,
    null::jsonb as average_previous_seven_day_reach_metrics,
    null::jsonb as average_previous_thirty_day_reach_metrics
from linkedin_ads.ad_analytics_by_creative;

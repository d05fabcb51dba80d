-- The tables of MeltanoLabs' tap-linkedin-ads 0.1.0, as target-postgres makes them, as views on
-- this tap's tables in PostgreSQL.
--
-- Load these streams, with every column: ad_accounts, ad_account_users, campaign_groups,
-- campaigns, creatives, ad_posts, ad_analytics_by_campaign, ad_analytics_by_creative.
--
--     psql --file views/meltanolabs.sql
--
-- A view whose table is not loaded gives an error, and the others are made all the same. Tables
-- are looked for in the schema linkedin_ads, the loader's default_target_schema; the views go into
-- linkedin_ads_meltanolabs. docs/migrating.md says which rows differ from the old ones.
--
-- Names with capitals want quotation marks, as there.

create schema if not exists linkedin_ads_meltanolabs;

create or replace view linkedin_ads_meltanolabs.accounts as
select
    id, name, currency, type, status, test,
    to_jsonb(serving_statuses) as "servingStatuses",
    reference_urn as reference,
    case
        when reference_urn like 'urn:li:organization:%' then reference_id
    end as reference_organization_id,
    substring(reference_urn from '^urn:li:person:(.+)$') as reference_person_id,
    notified_on_campaign_optimization as "notifiedOnCampaignOptimization",
    notified_on_creative_approval as "notifiedOnCreativeApproval",
    notified_on_creative_rejection as "notifiedOnCreativeRejection",
    notified_on_end_of_campaign as "notifiedOnEndOfCampaign",
    notified_on_new_features_enabled as "notifiedOnNewFeaturesEnabled",
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currency_code', total_budget_currency_code
    ) end as total_budget,
    to_char(total_budget_ends_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as total_budget_ends_at,
    jsonb_build_object('versionTag', version_tag) as version,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', (extract(epoch from created_time) * 1000)::bigint
        ),
        'lastModified', jsonb_build_object(
            'time', (extract(epoch from last_modified_time) * 1000)::bigint
        )
    ) as "changeAuditStamps"
from linkedin_ads.ad_accounts;

create or replace view linkedin_ads_meltanolabs.account_users as
select
    account_urn as account, account_id, user_urn as user,
    substring(user_urn from '^urn:li:person:(.+)$') as user_person_id,
    role, campaign_contact, created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', (extract(epoch from created_time) * 1000)::bigint
        ),
        'lastModified', jsonb_build_object(
            'time', (extract(epoch from last_modified_time) * 1000)::bigint
        )
    ) as "changeAuditStamps"
from linkedin_ads.ad_account_users;

create or replace view linkedin_ads_meltanolabs.campaign_groups as
select
    id, name, account_urn as account, account_id, status,
    to_jsonb(serving_statuses) as "servingStatuses",
    to_jsonb(allowed_campaign_types) as allowed_campaign_types,
    backfilled, test,
    jsonb_build_object(
        'start', (extract(epoch from run_schedule_start) * 1000)::bigint,
        'end', (extract(epoch from run_schedule_end) * 1000)::bigint
    ) as "runSchedule",
    run_schedule_start,
    to_char(run_schedule_end, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as run_schedule_end,
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currency_code', total_budget_currency_code
    ) end as total_budget,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', (extract(epoch from created_time) * 1000)::bigint
        ),
        'lastModified', jsonb_build_object(
            'time', (extract(epoch from last_modified_time) * 1000)::bigint
        )
    ) as "changeAuditStamps"
from linkedin_ads.campaign_groups;

create or replace view linkedin_ads_meltanolabs.campaigns as
select
    id, name, account_urn as account, account_id, campaign_group_urn as "campaignGroup",
    campaign_group_id, associated_entity_urn as "associatedEntity",
    case
        when associated_entity_urn like 'urn:li:organization:%' then associated_entity_id
    end as associated_entity_organization_id,
    substring(associated_entity_urn from '^urn:li:person:(.+)$') as associated_entity_person_id,
    status,
    to_jsonb(serving_statuses) as "servingStatuses",
    type, format, objective_type as "objectiveType", cost_type as "costType",
    optimization_target_type as "optimizationTargetType",
    creative_selection as "creativeSelection", pacing_strategy as "pacingStrategy",
    audience_expansion_enabled as "audienceExpansionEnabled",
    offsite_delivery_enabled as "offsiteDeliveryEnabled",
    story_delivery_enabled as "storyDeliveryEnabled", test,
    case when unit_cost_amount is not null then jsonb_build_object(
        'amount', unit_cost_amount::text, 'currencyCode', unit_cost_currency_code
    ) end as "unitCost",
    case when daily_budget_amount is not null then jsonb_build_object(
        'amount', daily_budget_amount::text, 'currencyCode', daily_budget_currency_code
    ) end as "dailyBudget",
    case when total_budget_amount is not null then jsonb_build_object(
        'amount', total_budget_amount::text, 'currencyCode', total_budget_currency_code
    ) end as "totalBudget",
    jsonb_build_object('country', locale_country, 'language', locale_language) as locale,
    jsonb_build_object(
        'start', (extract(epoch from run_schedule_start) * 1000)::bigint,
        'end', (extract(epoch from run_schedule_end) * 1000)::bigint
    ) as "runSchedule",
    run_schedule_start,
    to_char(run_schedule_end, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as run_schedule_end,
    -- As LinkedIn nests it; its facets were lost there.
    nullif(targeting_criteria, 'null') as "targetingCriteria",
    nullif(targeting, 'null') as targeting,
    nullif(offsite_preferences, 'null') as "offsitePreferences",
    version_tag,
    jsonb_build_object('versionTag', version_tag) as version,
    created_time, last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', (extract(epoch from created_time) * 1000)::bigint
        ),
        'lastModified', jsonb_build_object(
            'time', (extract(epoch from last_modified_time) * 1000)::bigint
        )
    ) as "changeAuditStamps"
from linkedin_ads.campaigns;

create or replace view linkedin_ads_meltanolabs.creatives as
select
    urn as id, account_urn as account, account_id, campaign_urn as campaign,
    campaign_id::text as campaign_id,
    -- Every kind of ad; there only spotlight ads had one.
    nullif(content, 'null') as content,
    intended_status as "intendedStatus", is_serving as "isServing", is_test as "isTest",
    to_jsonb(serving_hold_reasons) as "servingHoldReasons",
    (extract(epoch from created_time) * 1000)::bigint as "createdAt",
    created_by_urn as "createdBy",
    (extract(epoch from last_modified_time) * 1000)::bigint as "lastModifiedAt",
    last_modified_by_urn as "lastModifiedBy"
from linkedin_ads.creatives;

-- The posts of videos behind creatives; LinkedIn has retired the source that they came from there.
create or replace view linkedin_ads_meltanolabs.video_ads as
select
    post_urn as content_reference,
    case when post_urn like 'urn:li:ugcPost:%' then post_id end as content_reference_ucg_post_id,
    case when post_urn like 'urn:li:share:%' then post_id end as content_reference_share_id,
    'urn:li:sponsoredAccount:' || account_id as account,
    account_id, dsc_name as name, dsc_type as type, created_at as created_time,
    last_modified_at as last_modified_time,
    jsonb_build_object(
        'created', jsonb_build_object(
            'time', (extract(epoch from created_at) * 1000)::bigint
        ),
        'lastModified', jsonb_build_object(
            'time', (extract(epoch from last_modified_at) * 1000)::bigint
        )
    ) as "changeAuditStamps"
from linkedin_ads.ad_posts
where content_type = 'media_video';

create or replace view linkedin_ads_meltanolabs.ad_analytics_by_campaign as
select
    campaign_id::text as campaign_id,
    to_char(metric_date, 'YYYY-MM-DD"T"00:00:00+00:00') as day,
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
    ) as "dateRange",
    approximate_member_reach as "approximateUniqueImpressions",
    viral_one_click_leads as "viralOneclickLeads", impressions, clicks,
    cost_in_local_currency::text as "costInLocalCurrency",
    cost_in_usd::text as "costInUsd",
    landing_page_clicks as "landingPageClicks", company_page_clicks as "companyPageClicks",
    total_engagements as "totalEngagements", other_engagements as "otherEngagements", reactions,
    likes, comments, comment_likes as "commentLikes", shares, follows,
    external_website_conversions as "externalWebsiteConversions",
    external_website_post_click_conversions as "externalWebsitePostClickConversions",
    external_website_post_view_conversions as "externalWebsitePostViewConversions",
    conversion_value_in_local_currency::text as "conversionValueInLocalCurrency",
    viral_external_website_conversions as "viralExternalWebsiteConversions",
    viral_external_website_post_click_conversions as "viralExternalWebsitePostClickConversions",
    viral_external_website_post_view_conversions as "viralExternalWebsitePostViewConversions",
    one_click_leads as "oneClickLeads", one_click_lead_form_opens as "oneClickLeadFormOpens",
    talent_leads as "talentLeads",
    viral_one_click_lead_form_opens as "viralOneClickLeadFormOpens", video_views as "videoViews",
    video_starts as "videoStarts",
    video_first_quartile_completions as "videoFirstQuartileCompletions",
    video_midpoint_completions as "videoMidpointCompletions",
    video_third_quartile_completions as "videoThirdQuartileCompletions",
    video_completions as "videoCompletions", full_screen_plays as "fullScreenPlays",
    viral_impressions as "viralImpressions", viral_clicks as "viralClicks",
    viral_landing_page_clicks as "viralLandingPageClicks",
    viral_company_page_clicks as "viralCompanyPageClicks",
    viral_total_engagements as "viralTotalEngagements",
    viral_other_engagements as "viralOtherEngagements", viral_reactions as "viralReactions",
    viral_likes as "viralLikes", viral_comments as "viralComments",
    viral_comment_likes as "viralCommentLikes", viral_shares as "viralShares",
    viral_follows as "viralFollows", viral_video_views as "viralVideoViews",
    viral_video_starts as "viralVideoStarts",
    viral_video_first_quartile_completions as "viralVideoFirstQuartileCompletions",
    viral_video_midpoint_completions as "viralVideoMidpointCompletions",
    viral_video_third_quartile_completions as "viralVideoThirdQuartileCompletions",
    viral_video_completions as "viralVideoCompletions",
    viral_full_screen_plays as "viralFullScreenPlays",
    document_first_quartile_completions as "documentFirstQuartileCompletions",
    document_midpoint_completions as "documentMidpointCompletions",
    document_third_quartile_completions as "documentThirdQuartileCompletions",
    document_completions as "documentCompletions", download_clicks as "downloadClicks",
    viral_document_first_quartile_completions as "viralDocumentFirstQuartileCompletions",
    viral_document_midpoint_completions as "viralDocumentMidpointCompletions",
    viral_document_third_quartile_completions as "viralDocumentThirdQuartileCompletions",
    viral_document_completions as "viralDocumentCompletions",
    viral_download_clicks as "viralDownloadClicks", card_impressions as "cardImpressions",
    card_clicks as "cardClicks", viral_card_impressions as "viralCardImpressions",
    viral_card_clicks as "viralCardClicks", sends, opens, action_clicks as "actionClicks",
    ad_unit_clicks as "adUnitClicks", text_url_clicks as "textUrlClicks",
    lead_generation_mail_contact_info_shares as "leadGenerationMailContactInfoShares",
    lead_generation_mail_interested_clicks as "leadGenerationMailInterestedClicks",
    job_applications::text as "jobApplications",
    post_view_job_applications::text as "postViewJobApplications",
    job_apply_clicks::text as "jobApplyClicks",
    registrations::text as registrations,
    post_view_registrations::text as "postViewRegistrations",
    viral_job_applications::text as "viralJobApplications",
    viral_job_apply_clicks::text as "viralJobApplyClicks",
    viral_registrations::text as "viralRegistrations"
from linkedin_ads.ad_analytics_by_campaign;

create or replace view linkedin_ads_meltanolabs.ad_analytics_by_creative as
select
    creative_id::text as creative_id,
    to_char(metric_date, 'YYYY-MM-DD"T"00:00:00+00:00') as day,
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
    ) as "dateRange",
    approximate_member_reach as "approximateUniqueImpressions",
    viral_one_click_leads as "viralOneclickLeads", impressions, clicks,
    cost_in_local_currency::text as "costInLocalCurrency",
    cost_in_usd::text as "costInUsd",
    landing_page_clicks as "landingPageClicks", company_page_clicks as "companyPageClicks",
    total_engagements as "totalEngagements", other_engagements as "otherEngagements", reactions,
    likes, comments, comment_likes as "commentLikes", shares, follows,
    external_website_conversions as "externalWebsiteConversions",
    external_website_post_click_conversions as "externalWebsitePostClickConversions",
    external_website_post_view_conversions as "externalWebsitePostViewConversions",
    conversion_value_in_local_currency::text as "conversionValueInLocalCurrency",
    viral_external_website_conversions as "viralExternalWebsiteConversions",
    viral_external_website_post_click_conversions as "viralExternalWebsitePostClickConversions",
    viral_external_website_post_view_conversions as "viralExternalWebsitePostViewConversions",
    one_click_leads as "oneClickLeads", one_click_lead_form_opens as "oneClickLeadFormOpens",
    talent_leads as "talentLeads",
    viral_one_click_lead_form_opens as "viralOneClickLeadFormOpens", video_views as "videoViews",
    video_starts as "videoStarts",
    video_first_quartile_completions as "videoFirstQuartileCompletions",
    video_midpoint_completions as "videoMidpointCompletions",
    video_third_quartile_completions as "videoThirdQuartileCompletions",
    video_completions as "videoCompletions", full_screen_plays as "fullScreenPlays",
    viral_impressions as "viralImpressions", viral_clicks as "viralClicks",
    viral_landing_page_clicks as "viralLandingPageClicks",
    viral_company_page_clicks as "viralCompanyPageClicks",
    viral_total_engagements as "viralTotalEngagements",
    viral_other_engagements as "viralOtherEngagements", viral_reactions as "viralReactions",
    viral_likes as "viralLikes", viral_comments as "viralComments",
    viral_comment_likes as "viralCommentLikes", viral_shares as "viralShares",
    viral_follows as "viralFollows", viral_video_views as "viralVideoViews",
    viral_video_starts as "viralVideoStarts",
    viral_video_first_quartile_completions as "viralVideoFirstQuartileCompletions",
    viral_video_midpoint_completions as "viralVideoMidpointCompletions",
    viral_video_third_quartile_completions as "viralVideoThirdQuartileCompletions",
    viral_video_completions as "viralVideoCompletions",
    viral_full_screen_plays as "viralFullScreenPlays",
    document_first_quartile_completions as "documentFirstQuartileCompletions",
    document_midpoint_completions as "documentMidpointCompletions",
    document_third_quartile_completions as "documentThirdQuartileCompletions",
    document_completions as "documentCompletions", download_clicks as "downloadClicks",
    viral_document_first_quartile_completions as "viralDocumentFirstQuartileCompletions",
    viral_document_midpoint_completions as "viralDocumentMidpointCompletions",
    viral_document_third_quartile_completions as "viralDocumentThirdQuartileCompletions",
    viral_document_completions as "viralDocumentCompletions",
    viral_download_clicks as "viralDownloadClicks", card_impressions as "cardImpressions",
    card_clicks as "cardClicks", viral_card_impressions as "viralCardImpressions",
    viral_card_clicks as "viralCardClicks", sends, opens, action_clicks as "actionClicks",
    ad_unit_clicks as "adUnitClicks", text_url_clicks as "textUrlClicks",
    lead_generation_mail_contact_info_shares as "leadGenerationMailContactInfoShares",
    lead_generation_mail_interested_clicks as "leadGenerationMailInterestedClicks",
    job_applications::text as "jobApplications",
    post_view_job_applications::text as "postViewJobApplications",
    job_apply_clicks::text as "jobApplyClicks",
    registrations::text as registrations,
    post_view_registrations::text as "postViewRegistrations",
    viral_job_applications::text as "viralJobApplications",
    viral_job_apply_clicks::text as "viralJobApplyClicks",
    viral_registrations as "viralRegistrations"
from linkedin_ads.ad_analytics_by_creative;

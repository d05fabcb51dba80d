{%- set using_posts = var('linkedin_ads_using_ad_posts') -%}
{%- set using_messages = var('linkedin_ads_using_message_ads') -%}

with facts as (

    select * from {{ ref('stg_linkedin_ads__ad_performance') }}

),

figures as (

    select
        creative_id,
        min(metric_date) as first_day,
        max(metric_date) as last_day,
        sum(cost_in_local_currency) as cost_in_local_currency,
        sum(cost_in_usd) as cost_in_usd,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(landing_page_clicks)::bigint as landing_page_clicks,
        sum(external_website_conversions)::bigint as external_website_conversions,
        sum(one_click_leads)::bigint as one_click_leads
    from facts
    group by creative_id

),

known as (

    -- What the newest figures call the creative, for one that its own table does not hold.
    select distinct on (creative_id)
        creative_id,
        account_id,
        account_name,
        campaign_id,
        campaign_name,
        creative_name,
        currency_code
    from facts
    order by creative_id, metric_date desc

),

owned as (

    select
        creative_id,
        coalesce(creatives.account_id, known.account_id) as account_id,
        coalesce(creatives.campaign_id, known.campaign_id) as campaign_id,
        coalesce(creatives.creative_name, known.creative_name) as creative_name,
        known.account_name,
        known.campaign_name,
        known.currency_code,
        creatives.intended_status,
        creatives.review_status,
        creatives.is_serving,
        creatives.content_type,
        creatives.content_reference_urn,
        creatives.headline,
        creatives.ad_text,
        creatives.call_to_action,
        creatives.landing_page,
        creatives.image_urn
    from {{ ref('stg_linkedin_ads__creatives') }} as creatives
    full join known using (creative_id)

)

select
    owned.account_id,
    coalesce(accounts.account_name, owned.account_name) as account_name,
    owned.campaign_id,
    coalesce(campaigns.campaign_name, owned.campaign_name) as campaign_name,
    owned.creative_id,
    owned.creative_name,
    owned.intended_status,
    owned.review_status,
    owned.is_serving,
    owned.content_type,
    owned.content_reference_urn,
    coalesce(
        {{ 'posts.headline,' if using_posts }}
        {{ 'messages.subject,' if using_messages }}
        owned.headline
    ) as headline,
    coalesce(
        {{ 'posts.post_text,' if using_posts }}
        {{ 'messages.body_text,' if using_messages }}
        owned.ad_text
    ) as ad_text,
    coalesce(
        owned.call_to_action
        {{ ', posts.call_to_action' if using_posts }}
        {{ ', messages.call_to_action' if using_messages }}
    ) as call_to_action,
    coalesce(
        {{ 'posts.landing_page,' if using_posts }}
        {{ 'messages.landing_page,' if using_messages }}
        owned.landing_page
    ) as landing_page,
    coalesce(
        {{ 'posts.picture_urn,' if using_posts }}
        {{ 'messages.image_urn,' if using_messages }}
        owned.image_urn
    ) as picture_urn,
    {{ 'posts.picture_url' if using_posts else 'null::text' }} as picture_url,
    figures.first_day,
    figures.last_day,
    coalesce(accounts.currency_code, owned.currency_code) as currency_code,
    coalesce(figures.cost_in_local_currency, 0) as cost_in_local_currency,
    coalesce(figures.cost_in_usd, 0) as cost_in_usd,
    coalesce(figures.impressions, 0) as impressions,
    coalesce(figures.clicks, 0) as clicks,
    coalesce(figures.landing_page_clicks, 0) as landing_page_clicks,
    coalesce(figures.external_website_conversions, 0) as external_website_conversions,
    coalesce(figures.one_click_leads, 0) as one_click_leads
from owned
left join figures using (creative_id)
left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts
    on accounts.account_id = owned.account_id
left join {{ ref('stg_linkedin_ads__campaigns') }} as campaigns
    on campaigns.campaign_id = owned.campaign_id
{%- if using_posts %}
left join {{ ref('stg_linkedin_ads__ad_posts') }} as posts
    on posts.post_urn = owned.content_reference_urn
{%- endif %}
{%- if using_messages %}
left join {{ ref('stg_linkedin_ads__message_ads') }} as messages
    on messages.message_urn = owned.content_reference_urn
{%- endif %}

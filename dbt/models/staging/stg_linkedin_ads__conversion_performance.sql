{{ config(enabled=var('linkedin_ads_using_conversions')) }}

select
    metric_date,
    account_id,
    account_name,
    conversion_id,
    conversion_name,
    campaign_id,
    creative_id,
    currency_code,
    external_website_conversions,
    external_website_post_click_conversions,
    external_website_post_view_conversions,
    conversion_value_in_local_currency,
    read_at
from {{ source('linkedin_ads', 'conversion_performance') }}

{{ config(enabled=var('linkedin_ads_using_conversions')) }}

select
    account_id,
    id as conversion_id,
    name as conversion_name,
    type as conversion_type,
    enabled as is_enabled,
    attribution_type,
    post_click_attribution_window_size,
    view_through_attribution_window_size,
    value_type,
    value_amount,
    value_currency_code,
    created_time as created_at,
    last_modified_time as last_modified_at
from {{ source('linkedin_ads', 'conversions') }}

{{ config(enabled=var('linkedin_ads_using_followers')) }}

select
    metric_date,
    organization_id,
    organization_name,
    followers,
    organic_gain,
    paid_gain,
    lag(metric_date) over by_page as previous_day,
    followers - lag(followers) over by_page as gain_since_previous_day
from {{ ref('stg_linkedin_ads__organization_followers') }}
window by_page as (partition by organization_id order by metric_date)

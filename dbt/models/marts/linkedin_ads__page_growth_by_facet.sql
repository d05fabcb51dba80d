{{ config(enabled=var('linkedin_ads_using_follower_facets')) }}

with snapshots as (

    select
        *,
        lag(metric_date) over by_value as previous_day,
        organic_followers - lag(organic_followers) over by_value as organic_gain,
        paid_followers - lag(paid_followers) over by_value as paid_gain,
        followers - lag(followers) over by_value as gain,
        sum(followers) over (partition by organization_id, facet, metric_date) as of_facet
    from {{ ref('stg_linkedin_ads__organization_follower_facets') }}
    window by_value as (partition by organization_id, facet, facet_value order by metric_date)

)

select
    metric_date,
    organization_id,
    organization_name,
    facet,
    facet_value,
    facet_value_name,
    organic_followers,
    paid_followers,
    followers,
    followers / nullif(of_facet, 0) as share_of_facet,
    previous_day,
    organic_gain,
    paid_gain,
    gain
from snapshots

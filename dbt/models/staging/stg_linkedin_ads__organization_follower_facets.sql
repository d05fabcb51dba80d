{{ config(enabled=var('linkedin_ads_using_follower_facets')) }}

select
    metric_date,
    organization_id,
    organization_name,
    facet,
    value as facet_value,
    value_name as facet_value_name,
    organic_count as organic_followers,
    paid_count as paid_followers,
    total_count as followers
from {{ source('linkedin_ads', 'organization_follower_facets') }}

{{ config(enabled=var('linkedin_ads_using_followers')) }}

select
    organization_id,
    organization_name,
    metric_date,
    first_degree_size as followers,
    organic_follower_gain as organic_gain,
    paid_follower_gain as paid_gain
from {{ source('linkedin_ads', 'organization_followers') }}

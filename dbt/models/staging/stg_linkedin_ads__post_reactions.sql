{{ config(enabled=var('linkedin_ads_using_reactions')) }}

select
    metric_date,
    post_urn,
    reaction,
    count as reaction_count
from {{ source('linkedin_ads', 'post_reactions') }}

{{ config(enabled=var('linkedin_ads_using_reactions')) }}

select
    metric_date,
    post_urn,
    organization_id,
    reaction_count,
    comment_count,
    top_level_comment_count,
    comments_state
from {{ source('linkedin_ads', 'post_social_metadata') }}

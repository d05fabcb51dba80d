{{ config(enabled=var('linkedin_ads_using_posts')) }}

select
    post_urn,
    hashtag,
    post_last_modified_at
from {{ source('linkedin_ads', 'post_hashtags') }}

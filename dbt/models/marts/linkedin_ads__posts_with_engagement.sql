{{ config(enabled=var('linkedin_ads_using_posts')) }}

with hashtags as (

    select
        post_urn,
        post_last_modified_at,
        count(*)::bigint as hashtag_count,
        string_agg(hashtag, ' ' order by hashtag) as hashtags
    from {{ ref('stg_linkedin_ads__post_hashtags') }}
    group by post_urn, post_last_modified_at

),

posts as (

    select
        *,
        clicks + likes + comments + shares as engagements
    from {{ ref('stg_linkedin_ads__posts') }}

)

select
    posts.post_urn,
    posts.organization_id,
    posts.content_type,
    posts.post_text,
    posts.lifecycle_state,
    posts.visibility,
    posts.created_at,
    posts.published_at,
    posts.last_modified_at,
    posts.is_direct_sponsored_content,
    posts.reposted_post_urn,
    posts.impressions,
    posts.unique_impressions,
    posts.clicks,
    posts.likes,
    posts.comments,
    posts.shares,
    posts.engagements,
    posts.engagements::numeric / nullif(posts.impressions, 0) as engagement_rate,
    coalesce(hashtags.hashtag_count, 0) as hashtag_count,
    hashtags.hashtags
from posts
-- Hashtags of an older version of the text stay in their table and do not count.
left join hashtags
    on hashtags.post_urn = posts.post_urn
    and hashtags.post_last_modified_at = posts.last_modified_at

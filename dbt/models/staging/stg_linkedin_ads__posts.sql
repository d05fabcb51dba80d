{{ config(enabled=var('linkedin_ads_using_posts')) }}

{#- With the tap's keep_posts_history there is a row a day; the last one is the post as it is. -#}
{%- set columns = adapter.get_columns_in_relation(source('linkedin_ads', 'posts')) %}
{%- set has_history = 'metric_date' in columns | map(attribute='name') | list %}

select distinct on (post_urn)
    post_urn,
    organization_id,
    lifecycle_state,
    visibility,
    content_type,
    commentary_text as post_text,
    created_at,
    published_at,
    last_modified_at,
    coalesce(ad_context_is_dsc, false) as is_direct_sponsored_content,
    reshare_context_parent as reposted_post_urn,
    lifetime_impression_count as impressions,
    lifetime_unique_impressions_count as unique_impressions,
    lifetime_click_count as clicks,
    lifetime_like_count as likes,
    lifetime_comment_count as comments,
    lifetime_share_count as shares
from {{ source('linkedin_ads', 'posts') }}
order by post_urn{{ ', metric_date desc nulls last' if has_history }}

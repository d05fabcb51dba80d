{{ config(enabled=var('linkedin_ads_using_ad_posts')) }}

{#- A carousel shows its first card, several images the first one. Rows of an older version of the
    post stay in their tables and do not count. -#}
select
    posts.post_urn,
    posts.account_id,
    posts.organization_id,
    posts.status as post_status,
    posts.content_type as post_content_type,
    posts.commentary_text as post_text,
    coalesce(
        posts.content_media_title,
        posts.content_media_document_title,
        posts.content_article_title,
        cards.media_title
    ) as headline,
    posts.content_call_to_action_label as call_to_action,
    coalesce(
        posts.content_landing_page, posts.content_article_source, cards.landing_page
    ) as landing_page,
    coalesce(
        posts.content_media_id,
        posts.content_media_document_id,
        posts.content_article_thumbnail,
        cards.media_id,
        images.image_id
    ) as picture_urn,
    coalesce(
        posts.content_media_image_download_url,
        posts.content_media_video_thumbnail,
        posts.content_article_thumbnail_download_url,
        cards.media_download_url,
        images.image_download_url
    ) as picture_url
from {{ source('linkedin_ads', 'ad_posts') }} as posts
left join {{ source('linkedin_ads', 'ad_post_carousel_cards') }} as cards
    on cards.post_urn = posts.post_urn
    and cards.position = 1
    and cards.post_last_modified_at = posts.last_modified_at
left join {{ source('linkedin_ads', 'ad_post_multi_images') }} as images
    on images.post_urn = posts.post_urn
    and images.position = 1
    and images.post_last_modified_at = posts.last_modified_at

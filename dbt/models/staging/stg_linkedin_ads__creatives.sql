select
    id as creative_id,
    account_id,
    campaign_id,
    creative_name,
    intended_status,
    review_status,
    is_serving,
    content_type,
    content_reference_urn,
    headline,
    coalesce(commentary, description) as ad_text,
    call_to_action,
    landing_page,
    image_urn,
    created_time as created_at,
    last_modified_time as last_modified_at
from {{ source('linkedin_ads', 'creatives') }}

{{ config(enabled=var('linkedin_ads_using_message_ads')) }}

select
    urn as message_urn,
    subject,
    body_text,
    call_to_action,
    landing_page,
    image_urn
from {{ source('linkedin_ads', 'message_ads') }}

{{ config(enabled=var('linkedin_ads_using_tracking_parameters')) }}

select
    account_id,
    campaign_id,
    owner_urn,
    parameter,
    kind,
    value as parameter_value
from {{ source('linkedin_ads', 'ad_tracking_parameters') }}

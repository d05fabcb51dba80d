with creatives as (

    select
        creatives.*,
        campaigns.campaign_group_id,
        groups.campaign_group_name
    from {{ ref('linkedin_ads__creatives') }} as creatives
    left join {{ ref('stg_linkedin_ads__campaigns') }} as campaigns using (campaign_id)
    left join {{ ref('stg_linkedin_ads__campaign_groups') }} as groups using (campaign_group_id)

),

pairs as (

    select
        creatives.creative_id,
        pair.place,
        split_part(pair.content, '=', 1) as encoded_name,
        -- A name without = has no value; one with = and nothing behind it has an empty one.
        substring(pair.content from '=(.*)$') as encoded_value
    from creatives
    cross join lateral regexp_split_to_table(
        substring(split_part(creatives.landing_page, '#', 1) from '\?(.*)$'), '&'
    ) with ordinality as pair (content, place)
    where pair.content <> ''

),

parameters as (

    select
        creative_id,
        'landing_page' as origin,
        null::text as kind,
        place,
        {{ text_of_percent_encoded('encoded_name') }} as parameter,
        {{ text_of_percent_encoded('encoded_value') }} as parameter_value,
        null::text as filled_with
    from pairs
{%- if var('linkedin_ads_using_tracking_parameters') %}

    union all

    select
        creatives.creative_id,
        case when settings.campaign_id is null then 'account' else 'campaign' end as origin,
        settings.kind,
        null::bigint as place,
        settings.parameter,
        case
            when settings.kind <> 'dynamic' then settings.parameter_value
            when settings.parameter_value = 'ACCOUNT_ID' then creatives.account_id::text
            when settings.parameter_value = 'ACCOUNT_NAME' then creatives.account_name
            when settings.parameter_value = 'CAMPAIGN_GROUP_ID'
                then creatives.campaign_group_id::text
            when settings.parameter_value = 'CAMPAIGN_GROUP_NAME'
                then creatives.campaign_group_name
            when settings.parameter_value = 'CAMPAIGN_ID' then creatives.campaign_id::text
            when settings.parameter_value = 'CAMPAIGN_NAME' then creatives.campaign_name
            when settings.parameter_value = 'CREATIVE_ID' then creatives.creative_id::text
            when settings.parameter_value = 'CREATIVE_NAME' then creatives.creative_name
        end as parameter_value,
        case when settings.kind = 'dynamic' then settings.parameter_value end as filled_with
    from creatives
    inner join {{ ref('stg_linkedin_ads__ad_tracking_parameters') }} as settings
        on settings.account_id = creatives.account_id
        and coalesce(settings.campaign_id, creatives.campaign_id) = creatives.campaign_id
{%- endif %}

)

select
    creatives.account_id,
    creatives.campaign_id,
    creatives.creative_id,
    parameters.origin,
    parameters.kind,
    parameters.place,
    parameters.parameter,
    parameters.parameter_value,
    parameters.filled_with,
    lower(parameters.parameter) like 'utm\_%' as is_utm,
    creatives.landing_page,
    creatives.currency_code,
    creatives.cost_in_local_currency,
    creatives.clicks
from parameters
inner join creatives using (creative_id)

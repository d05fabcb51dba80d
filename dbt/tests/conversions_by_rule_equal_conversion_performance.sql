{{ config(enabled=var('linkedin_ads_using_conversions')) }}

-- No conversion is lost or counted twice on the way from the loaded table to the mart.
with facts as (

    select
        account_id,
        metric_date,
        sum(external_website_conversions) as conversions,
        sum(conversion_value_in_local_currency) as conversion_value
    from {{ source('linkedin_ads', 'conversion_performance') }}
    group by account_id, metric_date

),

mart as (

    select
        account_id,
        metric_date,
        sum(conversions) as conversions,
        sum(conversion_value_in_local_currency) as conversion_value
    from {{ ref('linkedin_ads__daily_conversions_by_rule') }}
    group by account_id, metric_date

)

select *
from facts
full join mart using (account_id, metric_date)
where facts.conversions is distinct from mart.conversions
    or facts.conversion_value is distinct from mart.conversion_value

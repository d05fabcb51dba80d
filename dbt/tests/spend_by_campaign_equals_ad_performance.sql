-- No figure is lost or counted twice on the way from the loaded table to the mart.
with facts as (

    select
        account_id,
        metric_date,
        sum(cost_in_local_currency) as cost,
        sum(cost_in_usd) as cost_in_usd,
        sum(impressions) as impressions
    from {{ source('linkedin_ads', 'ad_performance') }}
    group by account_id, metric_date

),

mart as (

    select
        account_id,
        metric_date,
        sum(cost_in_local_currency) as cost,
        sum(cost_in_usd) as cost_in_usd,
        sum(impressions) as impressions
    from {{ ref('linkedin_ads__daily_spend_by_campaign') }}
    group by account_id, metric_date

)

select *
from facts
full join mart using (account_id, metric_date)
where facts.cost is distinct from mart.cost
    or facts.cost_in_usd is distinct from mart.cost_in_usd
    or facts.impressions is distinct from mart.impressions

{{ config(enabled=var('linkedin_ads_using_report_coverage')) }}

select
    receipts.metric_date,
    receipts.account_id,
    accounts.account_name,
    receipts.stream_name,
    receipts.read_at,
    receipts.row_count,
    case
        when receipts.matches then 'matches'
        when not receipts.matches then 'differs'
        else 'not compared'
    end as outcome,
    receipts.impressions,
    receipts.account_impressions,
    receipts.clicks,
    receipts.account_clicks,
    accounts.currency_code,
    receipts.cost_in_local_currency,
    receipts.account_cost_in_local_currency
from {{ ref('stg_linkedin_ads__report_coverage') }} as receipts
left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts using (account_id)

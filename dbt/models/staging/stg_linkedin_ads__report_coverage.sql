{{ config(enabled=var('linkedin_ads_using_report_coverage')) }}

select
    stream as stream_name,
    account_id,
    metric_date,
    read_at,
    rows as row_count,
    impressions,
    clicks,
    cost_in_local_currency,
    account_impressions,
    account_clicks,
    account_cost_in_local_currency,
    matches
from {{ source('linkedin_ads', 'report_coverage') }}

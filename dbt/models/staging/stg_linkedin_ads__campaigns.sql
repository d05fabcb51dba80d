select
    id as campaign_id,
    account_id,
    campaign_group_id,
    name as campaign_name,
    status as campaign_status,
    type as campaign_type,
    format as campaign_format,
    objective_type,
    cost_type,
    daily_budget_amount,
    daily_budget_currency_code,
    total_budget_amount,
    total_budget_currency_code,
    run_schedule_start,
    run_schedule_end,
    created_time as created_at,
    last_modified_time as last_modified_at
from {{ source('linkedin_ads', 'campaigns') }}

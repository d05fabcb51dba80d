select
    id as campaign_group_id,
    account_id,
    name as campaign_group_name,
    status as campaign_group_status,
    objective_type,
    run_schedule_start,
    run_schedule_end,
    created_time as created_at,
    last_modified_time as last_modified_at
from {{ source('linkedin_ads', 'campaign_groups') }}

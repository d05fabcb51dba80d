select
    id as account_id,
    name as account_name,
    currency as currency_code,
    status as account_status,
    type as account_type,
    test as is_test,
    created_time as created_at,
    last_modified_time as last_modified_at
from {{ source('linkedin_ads', 'ad_accounts') }}

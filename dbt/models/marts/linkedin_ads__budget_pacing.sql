with facts as (

    select * from {{ ref('linkedin_ads__daily_spend_by_campaign') }}

),

loaded as (

    -- The last day is still running when it is read, so that pacing ends on the day before.
    select
        min(metric_date) as first_day,
        max(metric_date) - 1 as last_day
    from facts

),

spend as (

    select
        facts.campaign_id,
        sum(facts.cost_in_local_currency) as cost_in_local_currency,
        coalesce(
            sum(facts.cost_in_local_currency)
                filter (where facts.metric_date > loaded.last_day - 7),
            0
        ) as cost_of_last_7_days
    from facts
    cross join loaded
    where facts.metric_date <= loaded.last_day
    group by facts.campaign_id

),

budgets as (

    select
        campaigns.*,
        loaded.last_day as as_of,
        -- A budget for the whole schedule is spread evenly over its days.
        case
            when campaigns.total_budget_amount > 0 and campaigns.run_schedule_end is not null
                then 'total'
            when campaigns.daily_budget_amount > 0 then 'daily'
        end as budget_kind,
        greatest(campaigns.run_schedule_start::date, loaded.first_day) as paced_from,
        -- A schedule without an end has no last day, which least() passes over.
        least(campaigns.run_schedule_end::date - 1, loaded.last_day) as paced_to,
        greatest(
            campaigns.run_schedule_end::date - campaigns.run_schedule_start::date, 1
        ) as days_of_schedule
    from {{ ref('stg_linkedin_ads__campaigns') }} as campaigns
    cross join loaded

),

counted as (

    select
        *,
        greatest(paced_to - paced_from + 1, 0) as paced_days
    from budgets

),

paced as (

    select
        *,
        case budget_kind
            when 'total' then total_budget_amount * paced_days / days_of_schedule
            when 'daily' then daily_budget_amount * paced_days
        end as budget_to_date
    from counted

)

select
    paced.account_id,
    accounts.account_name,
    paced.campaign_group_id,
    groups.campaign_group_name,
    paced.campaign_id,
    paced.campaign_name,
    paced.campaign_status,
    accounts.currency_code,
    paced.budget_kind,
    paced.daily_budget_amount,
    paced.total_budget_amount,
    paced.run_schedule_start,
    paced.run_schedule_end,
    paced.as_of,
    paced.paced_days,
    paced.budget_to_date,
    coalesce(spend.cost_in_local_currency, 0) as cost_in_local_currency,
    coalesce(spend.cost_in_local_currency, 0) / nullif(paced.budget_to_date, 0) as pacing,
    coalesce(spend.cost_of_last_7_days, 0) as cost_of_last_7_days,
    coalesce(spend.cost_of_last_7_days, 0) / 7 / nullif(paced.daily_budget_amount, 0)
        as daily_pacing
from paced
left join spend on spend.campaign_id = paced.campaign_id
left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts
    on accounts.account_id = paced.account_id
left join {{ ref('stg_linkedin_ads__campaign_groups') }} as groups
    on groups.campaign_group_id = paced.campaign_group_id

{{ config(enabled=var('linkedin_ads_using_conversions')) }}

with facts as (

    select
        performance.*,
        coalesce(performance.currency_code, accounts.currency_code) as currency
    from {{ ref('stg_linkedin_ads__conversion_performance') }} as performance
    left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts using (account_id)

),

days as (

    select
        metric_date,
        account_id,
        conversion_id,
        currency as currency_code,
        sum(external_website_conversions)::bigint as conversions,
        sum(external_website_post_click_conversions)::bigint as post_click_conversions,
        sum(external_website_post_view_conversions)::bigint as post_view_conversions,
        sum(conversion_value_in_local_currency) as conversion_value_in_local_currency
    from facts
    group by metric_date, account_id, conversion_id, currency

),

known as (

    -- What the newest figures call the rule, for one that its own table does not hold.
    select distinct on (account_id, conversion_id)
        account_id,
        conversion_id,
        account_name,
        conversion_name
    from facts
    order by account_id, conversion_id, conversion_name is null, metric_date desc

)

select
    days.metric_date,
    days.account_id,
    coalesce(accounts.account_name, known.account_name) as account_name,
    days.conversion_id,
    coalesce(rules.conversion_name, known.conversion_name) as conversion_name,
    rules.conversion_type,
    rules.is_enabled,
    rules.attribution_type,
    rules.post_click_attribution_window_size,
    rules.view_through_attribution_window_size,
    days.conversions,
    days.post_click_conversions,
    days.post_view_conversions,
    days.currency_code,
    days.conversion_value_in_local_currency
from days
left join known using (account_id, conversion_id)
left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts
    on accounts.account_id = days.account_id
-- A rule that several ad accounts share is listed once for each of them.
left join {{ ref('stg_linkedin_ads__conversions') }} as rules
    on rules.account_id = days.account_id
    and rules.conversion_id = days.conversion_id

with facts as (

    select
        performance.*,
        coalesce(performance.currency_code, accounts.currency_code) as currency
    from {{ ref('stg_linkedin_ads__ad_performance') }} as performance
    left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts using (account_id)

),

days as (

    -- The currency is in the grain, so that amounts of two currencies never meet in a sum.
    select
        metric_date,
        account_id,
        campaign_id,
        currency as currency_code,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(landing_page_clicks)::bigint as landing_page_clicks,
        sum(total_engagements)::bigint as total_engagements,
        sum(cost_in_local_currency) as cost_in_local_currency,
        sum(cost_in_usd) as cost_in_usd,
        sum(external_website_conversions)::bigint as external_website_conversions,
        sum(conversion_value_in_local_currency) as conversion_value_in_local_currency,
        sum(one_click_leads)::bigint as one_click_leads
    from facts
    group by metric_date, account_id, campaign_id, currency

),

known as (

    -- What the newest figures call the campaign, for one that its own table does not hold.
    select distinct on (account_id, campaign_id)
        account_id,
        campaign_id,
        account_name,
        campaign_group_id,
        campaign_group_name,
        campaign_name
    from facts
    order by account_id, campaign_id, campaign_name is null, metric_date desc, creative_id

)

select
    days.metric_date,
    days.account_id,
    coalesce(accounts.account_name, known.account_name) as account_name,
    coalesce(campaigns.campaign_group_id, known.campaign_group_id) as campaign_group_id,
    coalesce(groups.campaign_group_name, known.campaign_group_name) as campaign_group_name,
    groups.campaign_group_status,
    days.campaign_id,
    coalesce(campaigns.campaign_name, known.campaign_name) as campaign_name,
    campaigns.campaign_status,
    campaigns.campaign_type,
    campaigns.objective_type,
    days.currency_code,
    days.cost_in_local_currency,
    days.cost_in_usd,
    days.impressions,
    days.clicks,
    days.landing_page_clicks,
    days.total_engagements,
    days.external_website_conversions,
    days.conversion_value_in_local_currency,
    days.one_click_leads
from days
left join known using (account_id, campaign_id)
left join {{ ref('stg_linkedin_ads__ad_accounts') }} as accounts
    on accounts.account_id = days.account_id
left join {{ ref('stg_linkedin_ads__campaigns') }} as campaigns
    on campaigns.campaign_id = days.campaign_id
left join {{ ref('stg_linkedin_ads__campaign_groups') }} as groups
    on groups.campaign_group_id
        = coalesce(campaigns.campaign_group_id, known.campaign_group_id)

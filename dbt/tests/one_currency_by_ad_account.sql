-- LinkedIn fixes an ad account's currency when the account is made.
select account_id
from {{ ref('linkedin_ads__daily_spend_by_campaign') }}
group by account_id
having count(distinct currency_code) > 1

{%- set kinds = ['like', 'praise', 'empathy', 'interest', 'appreciation', 'entertainment'] -%}
{{ config(
    enabled=var('linkedin_ads_using_posts') and var('linkedin_ads_using_reactions')
) }}

with latest as (

    select distinct on (post_urn) *
    from {{ ref('stg_linkedin_ads__post_social_metadata') }}
    order by post_urn, metric_date desc

),

reactions as (

    select
        post_urn,
        metric_date,
{%- for kind in kinds %}
        sum(reaction_count) filter (where reaction = '{{ kind | upper }}') as {{ kind }},
{%- endfor %}
        sum(reaction_count) as of_every_kind
    from {{ ref('stg_linkedin_ads__post_reactions') }}
    group by post_urn, metric_date

)

select
    latest.post_urn,
    latest.organization_id,
    posts.content_type,
    posts.post_text,
    posts.published_at,
    latest.metric_date,
    latest.reaction_count,
{%- for kind in kinds %}
    coalesce(reactions.{{ kind }}, 0)::bigint as {{ kind }}_count,
{%- endfor %}
    (
        coalesce(reactions.of_every_kind, 0)
{%- for kind in kinds %}
        - coalesce(reactions.{{ kind }}, 0)
{%- endfor %}
    )::bigint as other_reaction_count,
    latest.comment_count,
    latest.top_level_comment_count,
    latest.comments_state
from latest
-- Posts that changed before the tap's start_date are counted and not in their own table.
left join {{ ref('stg_linkedin_ads__posts') }} as posts
    on posts.post_urn = latest.post_urn
-- A kind that nobody chooses any more has no row on the newest day, and older days do not count.
left join reactions
    on reactions.post_urn = latest.post_urn
    and reactions.metric_date = latest.metric_date

-- The tables of Fivetran's LinkedIn Company Pages that its package dbt_linkedin_pages reads, as
-- views on this tap's tables in PostgreSQL.
--
-- Load these streams, with every column: organizations, posts.
--
--     psql --file views/fivetran-pages.sql
--
-- A view whose table is not loaded gives an error, and the others are made all the same. Tables
-- are looked for in the schema linkedin_ads, the loader's default_target_schema; the views go into
-- linkedin_pages_fivetran. docs/migrating.md says which rows differ from the old ones.
--
-- One row a post, as it is now. The package reads them with linkedin_pages_schema set to
-- linkedin_pages_fivetran, without the stream maps of docs/dbt.md.
--
-- _fivetran_synced is the loader's _sdc_batched_at, which is there unless add_record_metadata is
-- switched off.

create schema if not exists linkedin_pages_fivetran;

create or replace view linkedin_pages_fivetran.organization as
select
    id, localized_name, vanity_name, _sdc_batched_at as _fivetran_synced
from linkedin_ads.organizations;

create or replace view linkedin_pages_fivetran.organization_ugc_post as
select
    organization_id, post_urn as ugc_post_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:ugcPost:%';

create or replace view linkedin_pages_fivetran.ugc_post_history as
select
    post_urn as id, organization_urn as author, commentary, lifecycle_state, visibility,
    created_at as created_time, published_at as first_published_at,
    last_modified_at as last_modified_time, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:ugcPost:%';

create or replace view linkedin_pages_fivetran.post_content as
select
    post_urn as post_id, content_article_description as article_description,
    content_article_source as article_source, content_article_thumbnail as article_thumbnail,
    content_article_thumbnail_alt_text as article_thumbnail_alt_text,
    content_article_title as article_title, content_carousel_id as carousel_id,
    content_media_alt_text as media_alt_text, content_media_id as media_id,
    content_media_title as media_title, content_multi_image_alt_text as multi_image_alt_text,
    content_poll_question as poll_question,
    content_poll_settings_duration as poll_settings_duration,
    content_poll_settings_is_vote_visible_to_author as poll_settings_is_voter_visible_to_author,
    content_poll_settings_vote_selection_type as poll_settings_vote_selection_type,
    content_poll_unique_voters_count as poll_unique_voters_count, content_type as type,
    post_urn as _fivetran_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:ugcPost:%';

create or replace view linkedin_pages_fivetran.ugc_post_share_statistic as
select
    post_urn as ugc_post_id, post_urn as share_statistic_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:ugcPost:%';

create or replace view linkedin_pages_fivetran.organization_share as
select
    organization_id, post_id as share_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:share:%';

create or replace view linkedin_pages_fivetran.share_history as
select
    post_id as id, organization_urn as author, commentary, lifecycle_state, visibility,
    created_at as created_time, published_at as first_published_at,
    last_modified_at as last_modified_time, _sdc_batched_at as _fivetran_synced,
    -- LinkedIn does not say who wrote a post of a page.
    null::text as created_actor,
    null::text as last_modified_actor
from linkedin_ads.posts
where post_urn like 'urn:li:share:%';

create or replace view linkedin_pages_fivetran.share_content as
select
    post_id as share_id, content_article_description as article_description,
    content_article_source as article_source, content_article_thumbnail as article_thumbnail,
    content_article_thumbnail_alt_text as article_thumbnail_alt_text,
    content_article_title as article_title, content_carousel_id as carousel_id,
    content_media_alt_text as media_alt_text, content_media_id as media_id,
    content_media_title as media_title, content_multi_image_alt_text as multi_image_alt_text,
    content_poll_question as poll_question,
    content_poll_settings_duration as poll_settings_duration,
    content_poll_settings_is_vote_visible_to_author as poll_settings_is_voter_visible_to_author,
    content_poll_settings_vote_selection_type as poll_settings_vote_selection_type,
    content_poll_unique_voters_count as poll_unique_voters_count, content_type as type,
    post_urn as _fivetran_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:share:%';

create or replace view linkedin_pages_fivetran.share_share_statistic as
select
    post_id as share_id, post_urn as share_statistics_id, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts
where post_urn like 'urn:li:share:%';

create or replace view linkedin_pages_fivetran.share_statistic as
select
    post_urn as _fivetran_id, organization_urn as _organization_entity_urn,
    post_urn as _share_entity_urn, lifetime_click_count as click_count,
    lifetime_comment_count as comment_count, lifetime_impression_count as impression_count,
    lifetime_like_count as like_count, lifetime_share_count as share_count,
    lifetime_engagement as engagement, _sdc_batched_at as _fivetran_synced
from linkedin_ads.posts;

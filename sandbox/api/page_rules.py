"""The rules of company pages, posts and media; see ``sandbox.api.rules``."""

from __future__ import annotations

#: Rule name -> what it demands.
PAGE_RULES: dict[str, str] = {
    "page_role": "the member is an approved administrator of the page (LI-62)",
    "posts_forbidden": "the member has a role on the page that reads posts (LI-62)",
    "media_forbidden": "the member may see the image, video or document (LI-69)",
    "organization_inactive": "the organization is active",
    "unknown_page_entity": "the post, medium or organization exists",
    "batch_key": "ids of organizations are numbers (LI-59)",
    "batch_empty": "ids holds at least one key",
    "edge_type": "networkSizes has the edge COMPANY_FOLLOWED_BY_MEMBER (LI-72)",
    "page_count": "count of community finders is 1 to 100 (LI-66)",
    "person_author": "posts of a person need member permissions",
    "posts_time_bound": "statistics of posts are not time-bound (LI-67)",
    "posts_count": "share statistics take 1 to 50 posts a list (LI-67)",
    "no_video": "videoAnalytics is about posts with a video (LI-85)",
    "video_age": "figures of videos are kept for six months (LI-85)",
    "time_intervals": "timeIntervals is (timeRange:(start,end),timeGranularityType) (LI-63)",
    "interval_future": "a time range ends at the latest now",
    "interval_width": "start and end are less than 14 months apart",
    "interval_short": "a time range holds at least one bucket",
    "interval_start": "statistics reach back twelve months (LI-64)",
    "development_batch": "the development tier has no BATCH_GET (LI-70)",
    "day_quota": "the development tier has 100 calls per member and day (LI-70)",
}

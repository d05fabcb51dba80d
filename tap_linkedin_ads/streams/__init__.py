"""The streams, one module a family."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.streams.ads.accounts import AdAccounts, AdAccountUsers
from tap_linkedin_ads.streams.ads.ad_posts import (
    AdPostCarouselCards,
    AdPostMultiImages,
    AdPosts,
)
from tap_linkedin_ads.streams.ads.campaigns import CampaignGroups, Campaigns, Creatives
from tap_linkedin_ads.streams.ads.company_intelligence import CompanyIntelligence
from tap_linkedin_ads.streams.ads.conversions import (
    CampaignConversions,
    ConversionAssociatedCampaigns,
    Conversions,
)
from tap_linkedin_ads.streams.ads.insight_tags import (
    InsightTagDomains,
    InsightTagPermissions,
    InsightTags,
)
from tap_linkedin_ads.streams.ads.leads import LeadFormResponseAnswers, LeadFormResponses, LeadForms
from tap_linkedin_ads.streams.ads.message_ads import (
    ConversationAdMessages,
    ConversationAdOptions,
    ConversationAds,
    MessageAds,
)
from tap_linkedin_ads.streams.ads.previews import AdPreviews
from tap_linkedin_ads.streams.ads.segments import AdSegments, DmpSegments
from tap_linkedin_ads.streams.ads.targeting import CampaignTargeting
from tap_linkedin_ads.streams.ads.tracking_parameters import AdTrackingParameters
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.pages.facets import (
    OrganizationFollowerFacets,
    OrganizationPageViewFacets,
)
from tap_linkedin_ads.streams.pages.followers import OrganizationFollowers
from tap_linkedin_ads.streams.pages.lifetime_statistics import OrganizationLifetimeStatistics
from tap_linkedin_ads.streams.pages.organizations import Organizations
from tap_linkedin_ads.streams.pages.page_statistics import OrganizationPageStatistics
from tap_linkedin_ads.streams.pages.post_children import (
    PostCarouselCards,
    PostHashtags,
    PostMentions,
    PostMultiImages,
    PostPollOptions,
)
from tap_linkedin_ads.streams.pages.post_comments import PostComments
from tap_linkedin_ads.streams.pages.post_social import PostReactions, PostSocialMetadata
from tap_linkedin_ads.streams.pages.post_videos import PostVideoStatistics
from tap_linkedin_ads.streams.pages.posts import Posts
from tap_linkedin_ads.streams.reports.attributed_revenue import AttributedRevenue
from tap_linkedin_ads.streams.reports.coverage import ReportCoverage

if t.TYPE_CHECKING:
    from collections.abc import Mapping

ENTITY_STREAMS: tuple[type[LinkedInStream], ...] = (
    AdAccounts,
    AdAccountUsers,
    CampaignGroups,
    Campaigns,
    CampaignTargeting,
    Creatives,
    AdPosts,
    AdPostCarouselCards,
    AdPostMultiImages,
    AdPreviews,
    AdTrackingParameters,
    MessageAds,
    ConversationAds,
    ConversationAdMessages,
    ConversationAdOptions,
    Conversions,
    ConversionAssociatedCampaigns,
    CampaignConversions,
    InsightTags,
    InsightTagPermissions,
    InsightTagDomains,
    AttributedRevenue,
    CompanyIntelligence,
    LeadForms,
    AdSegments,
    DmpSegments,
    Organizations,
    OrganizationFollowers,
    OrganizationFollowerFacets,
    OrganizationPageViewFacets,
    OrganizationLifetimeStatistics,
    OrganizationPageStatistics,
    Posts,
    PostHashtags,
    PostMentions,
    PostPollOptions,
    PostCarouselCards,
    PostMultiImages,
    PostSocialMetadata,
    PostReactions,
    PostVideoStatistics,
)
"""Every entity stream, in the order of syncing: what others show names of comes first."""

PERSONAL_STREAMS: Mapping[str, tuple[type[LinkedInStream], ...]] = {
    "include_lead_responses": (LeadFormResponses, LeadFormResponseAnswers),
    "include_post_comments": (PostComments,),
}
"""Streams of personal data by the setting with which they are offered."""

__all__ = ["ENTITY_STREAMS", "PERSONAL_STREAMS", "LinkedInStream", "ReportCoverage"]

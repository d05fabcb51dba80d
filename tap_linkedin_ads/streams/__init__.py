"""The streams, one module a family."""

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
from tap_linkedin_ads.streams.pages.posts import Posts
from tap_linkedin_ads.streams.reports.attributed_revenue import AttributedRevenue
from tap_linkedin_ads.streams.reports.coverage import ReportCoverage

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
)
"""Every entity stream, in the order of syncing: what others show names of comes first."""

LEAD_RESPONSE_STREAMS: tuple[type[LinkedInStream], ...] = (
    LeadFormResponses,
    LeadFormResponseAnswers,
)
"""Streams of personal data, offered only where the user asks for them."""

__all__ = ["ENTITY_STREAMS", "LEAD_RESPONSE_STREAMS", "LinkedInStream", "ReportCoverage"]

"""The streams, one module a family."""

from tap_linkedin_ads.streams.accounts import AdAccounts, AdAccountUsers
from tap_linkedin_ads.streams.campaigns import CampaignGroups, Campaigns, Creatives
from tap_linkedin_ads.streams.linkedin import LinkedInStream

ENTITY_STREAMS: tuple[type[LinkedInStream], ...] = (
    AdAccounts,
    AdAccountUsers,
    CampaignGroups,
    Campaigns,
    Creatives,
)
"""Every entity stream, in the order of syncing: what others show names of comes first."""

__all__ = ["ENTITY_STREAMS", "LinkedInStream"]

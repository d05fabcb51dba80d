"""Campaign groups, campaigns and creatives.

All statuses are named: LinkedIn does not document which ones a search without criteria gives,
and reports refer to archived and removed entities as well.

LinkedIn's rules: LI-29, LI-30, LI-33.
"""

from __future__ import annotations

from tap_linkedin_ads.api.finders import AccountFinder, Cursor
from tap_linkedin_ads.streams.ads.entities import AccountEntities

_GROUP_STATUSES = (
    "ACTIVE",
    "ARCHIVED",
    "CANCELED",
    "DRAFT",
    "PAUSED",
    "PENDING_DELETION",
    "REMOVED",
)


class CampaignGroups(AccountEntities):
    """Campaign groups of every status."""

    name = "campaign_groups"
    primary_keys = ("id",)
    replication_key = "last_modified_time"
    finder = AccountFinder(
        resource="adCampaignGroups",
        path="/adAccounts/{account}/adCampaignGroups",
        criteria={"q": "search", "search": {"status": {"values": _GROUP_STATUSES}}},
        paging=Cursor(1000),
    )


class Campaigns(AccountEntities):
    """Campaigns of every status."""

    name = "campaigns"
    primary_keys = ("id",)
    replication_key = "last_modified_time"
    finder = AccountFinder(
        resource="adCampaigns",
        path="/adAccounts/{account}/adCampaigns",
        criteria={
            "q": "search",
            "search": {"status": {"values": (*_GROUP_STATUSES, "COMPLETED")}},
        },
        paging=Cursor(1000),
    )


class Creatives(AccountEntities):
    """Creatives of every intended status."""

    name = "creatives"
    primary_keys = ("id",)
    replication_key = "last_modified_time"
    status_column = "intended_status"
    finder = AccountFinder(
        resource="creatives",
        path="/adAccounts/{account}/creatives",
        criteria={"q": "criteria", "intendedStatuses": _GROUP_STATUSES},
        paging=Cursor(100),
        restli_method="FINDER",
    )

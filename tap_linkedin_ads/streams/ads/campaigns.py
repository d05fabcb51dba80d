"""Campaign groups, campaigns and creatives.

All statuses are named: LinkedIn does not document which ones a search without criteria gives,
and reports refer to archived and removed entities as well.

LinkedIn's rules: LI-29, LI-30, LI-33.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.finders import AccountFinder, Cursor
from tap_linkedin_ads.records.values import fitting
from tap_linkedin_ads.streams.ads import creative_content
from tap_linkedin_ads.streams.ads.entities import AccountEntities
from tap_linkedin_ads.streams.ads.posts_behind_ads import PostsBehindAds, ShowsPosts

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import responses
    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.streams.ads.ad_posts import AdPosts
    from tap_linkedin_ads.streams.owners import Owner
    from tap_linkedin_ads.sync.bookmarks import Bookmarks

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
    """Creatives of every intended status.

    Where a selected stream shows their posts, these are read on the way, and a creative waits for
    its post, whose texts it shows.
    """

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

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        record = super().to_record(wire, owner, unreadable)
        declared = self.effective_schema["properties"]
        for column, value in creative_content.columns(wire).items():
            if column in declared:
                record[column] = fitting(column, value, declared[column], unreadable)
        return record

    @functools.cached_property
    def _posts(self) -> PostsBehindAds | None:
        """Return what reads the posts of creatives, None where nothing selected shows them."""
        selected = [child for child in self.selected_children if isinstance(child, ShowsPosts)]
        if not selected:
            return None
        posts = next(child for child in self.child_streams if child.name == "ad_posts")
        return PostsBehindAds(t.cast("AdPosts", posts), selected, self.incomplete)

    @override
    def feed_children(self, owner: int, source: responses.Wire) -> None:
        if self._posts:
            self._posts.want(owner, source)
        super().feed_children(owner, source)

    @override
    def read(self) -> Iterator[Record]:
        creatives = super().read()
        yield from self._posts.among(creatives) if self._posts else creatives

    @override
    def move_bookmark(self, owner_id: int, value: str, bookmarks: Bookmarks | None = None) -> bool:
        """Move a bookmark forward, behind the creatives that wait for their posts."""
        move = functools.partial(super().move_bookmark, owner_id, value, bookmarks)
        if self._posts is None:
            return move()

        def act() -> None:
            if move():
                self.write_state()

        self._posts.then(act)
        return False

"""Ad accounts and the members who have a role on them.

LinkedIn's rules: LI-27, LI-28.
"""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.finders import AccountFinder, Index
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.ads.entities import AccountEntities
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record


class AdAccounts(LinkedInStream):
    """Ad accounts that the token can read (or that account_ids lists); always all of them."""

    name = "ad_accounts"
    primary_keys = ("id",)
    replication_key = "last_modified_time"

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @override
    def read(self) -> Iterator[Record]:
        for account, wire in self.directory.ad_accounts.by_id.items():
            unreadable: list[entity.UnreadableValue] = []
            record = entity.entity(wire, self.effective_schema["properties"], unreadable)
            record["account_id"] = account
            if "account_urn" in record:
                record["account_urn"] = f"urn:li:sponsoredAccount:{account}"
            if not self.accept(account, record, unreadable):
                continue
            yield record
            if modified := record.get("last_modified_time"):
                self.move_bookmark(account, modified)
        self.write_state()


class AdAccountUsers(AccountEntities):
    """A member's role on an ad account."""

    name = "ad_account_users"
    selected_by_default = False
    primary_keys = ("account_id", "user_urn")
    finder = AccountFinder(
        resource="adAccountUsers",
        path="/adAccountUsers",
        criteria={"q": "accounts"},
        account_parameter="accounts",
        takes_list=True,
        paging=Index(100),
    )

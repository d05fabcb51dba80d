"""Entities that are read ad account by ad account.

LinkedIn's rules: LI-31, LI-32.
"""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.finders import AccountFinder
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

FINAL_STATUSES = frozenset({"ARCHIVED", "CANCELED", "COMPLETED", "REMOVED"})
"""In these an entity changes only together with its last modification."""


class AccountEntities(OwnerStream):
    """A stream with one finder, asked once for each ad account.

    LinkedIn has no modified-since filter, so everything is read every run. With incremental
    replication a record is left out only when it was modified before the bookmark less the
    look-back window and its status is final: serving states and reviews change without a
    modification. With versions none is left out, for a loader would take it for gone.
    """

    finder: t.ClassVar[AccountFinder]
    status_column: t.ClassVar[str] = "status"

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        yield OwnerPages(owner, self.finder.pages(self.run.client, owner.owner_id, self.name))

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        self.directory.names.learn(self.name, owner.owner_id, wire)
        return entity.entity(wire, self.effective_schema["properties"], unreadable)

    @override
    def completed(self, owner: Owner) -> None:
        self.directory.names.completed(self.name, owner.owner_id)

    @override
    def is_wanted(self, owner: Owner, record: Record) -> bool:
        """Whether no earlier run has read this record in its final form."""
        modified = self.changed_at(record)
        if self.has_version or not modified or not self.is_final(record):
            return True
        bookmark = self.bookmarks.instant(owner.owner_id)
        if bookmark is None:
            return True
        return epoch.parse(modified) >= self.run.settings.lookback().first_instant(bookmark)

    def is_final(self, record: Record) -> bool:
        """Whether a record changes only together with its last modification."""
        return record.get(self.status_column) in FINAL_STATUSES

    def changed_at(self, record: Record) -> str | None:
        """Return the instant of a record's last change."""
        return record.get("last_modified_time")

"""Entities that are read ad account by ad account."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.workers import Walk, side_by_side
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.linkedin_stream import UNREADABLE, LinkedInStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.finders import AccountFinder
    from tap_linkedin_ads.records.entity import UnreadableValue

FINAL_STATUSES = frozenset({"ARCHIVED", "CANCELED", "COMPLETED", "REMOVED"})
"""In these an entity changes only together with its last modification."""


class AccountPages:
    """The pages of one ad account, as a walk, and what was seen on them."""

    def __init__(self, pages: Walk, account: int) -> None:
        self.account = account
        self.first = pages.first
        self.following = pages.following
        self.newest = ""
        self.is_unreadable = False
        self._seen: set[tuple[t.Any, ...]] = set()

    def is_new(self, key: tuple[t.Any, ...]) -> bool:
        """Tell whether a key comes up for the first time: pages overlap when rows are added."""
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


class AccountEntities(LinkedInStream):
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
    def read(self) -> Iterator[Record]:
        self.shared.ad_accounts.warn_of_lost(self.bookmarks)
        read: set[int] = set()
        for step in side_by_side(self.walks(), self.run.workers):
            account = step.walk.account
            if step.is_last:
                read.add(account)
                left = len(self.shared.ad_accounts.ids) - len(read)
                self.run.progress.tell(self.name, "accounts", len(read), left)
            try:
                if not step.walk.is_unreadable:
                    yield from self._records(step.walk, step.answer())
            except RequestFailedError as error:
                self.owner_failed(account, error)
                continue
            except UNREADABLE as error:
                step.walk.is_unreadable = True
                self.cannot_read(account, error)
            if step.is_last and not step.walk.is_unreadable:
                self.shared.names.completed(self.name, account)
                if step.walk.newest and self.move_bookmark(account, step.walk.newest):
                    self.write_state()

    def walks(self) -> Iterator[AccountPages]:
        """Give what to read: one walk for each ad account, as a rule."""
        for account in self.shared.ad_accounts.ids:
            yield AccountPages(self.finder.pages(self.run.client, account, self.name), account)

    def _records(self, walk: AccountPages, page: responses.FinderAnswer) -> Iterator[Record]:
        """Give the records of one page that are new or may still change."""
        for raw in page.elements:
            unreadable: list[UnreadableValue] = []
            try:
                wire = responses.row(raw)
                self.shared.names.learn(self.name, walk.account, wire)
                record = self.to_record(wire, walk.account, unreadable)
            except UNREADABLE as error:
                self.set_aside(walk.account, error)
                continue
            if not self.accept(walk.account, record, unreadable):
                continue
            walk.newest = max(walk.newest, record.get("last_modified_time") or "")
            if not walk.is_new(tuple(record[column] for column in self.primary_keys)):
                continue
            self.feed_children(walk.account, wire)
            if not self._is_settled(record, walk.account):
                yield record

    def to_record(
        self, wire: responses.Wire, account: int, unreadable: list[UnreadableValue]
    ) -> Record:
        """Shape one entity; the ad account that was asked fills in what LinkedIn leaves out."""
        record = entity.entity(wire, self.effective_schema["properties"], unreadable)
        record["account_id"] = account
        if "account_urn" in record:
            record["account_urn"] = urn.make("sponsoredAccount", account)
        return record

    def is_final(self, record: Record) -> bool:
        """Tell whether a record changes only together with its last modification."""
        return record.get(self.status_column) in FINAL_STATUSES

    def changed_at(self, record: Record) -> str | None:
        """Return the instant of a record's last change."""
        return record.get("last_modified_time")

    def _is_settled(self, record: Record, account: int) -> bool:
        """Tell whether an earlier run has read this record in its final form."""
        modified = self.changed_at(record)
        if self.has_version or not modified or not self.is_final(record):
            return False
        bookmark = self.bookmarks.instant(account)
        if bookmark is None:
            return False
        return epoch.parse(modified) < self.run.settings.lookback().first_instant(bookmark)

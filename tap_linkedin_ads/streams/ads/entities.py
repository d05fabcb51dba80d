"""Entities that are read ad account by ad account.

LinkedIn's rules: LI-31, LI-32.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.errors import Failure, RequestFailedError
    from tap_linkedin_ads.api.finders import AccountFinder
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner
    from tap_linkedin_ads.sync.entity_names import Entity

FINAL_STATUSES = frozenset({"ARCHIVED", "CANCELED", "COMPLETED", "REMOVED"})
"""In these an entity changes only together with its last modification."""
_ACCOUNTS_TOGETHER = 50


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


class OfEntities(OwnerStream):
    """A stream that is asked for campaigns, or creatives, of which it has to know first.

    They come from what this run has read already, or are read for some ad accounts at a time.
    """

    asks_about: t.ClassVar[type[AccountEntities]]

    @functools.cached_property
    def _refused(self) -> dict[tuple[int, Failure], list[RequestFailedError]]:
        """Return the refusals of an ad account's entities, those that are alike together."""
        return {}

    @property
    @override
    def entity_streams(self) -> tuple[str, ...]:
        return (self.asks_about.name,)  # type: ignore[misc]

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        """Yield the request for the entities, without which nothing can be asked."""
        yield self.asks_about.finder.pages(self.run.client, owner.owner_id, self.name).one_row()

    @override
    def read(self) -> Iterator[Record]:
        yield from super().read()
        for (account, _), alike in self._refused.items():
            if more := len(alike) - 1:
                super().owner_failed(account, alike[-1], f"{more} more of these requests")

    @override
    def owner_failed(self, owner: int, error: RequestFailedError, missing: str = "") -> None:
        """Note that an entity was refused; those that are refused alike are counted."""
        alike = self._refused.setdefault((owner, error.failure), [])
        if not missing or not alike:
            super().owner_failed(owner, error, missing)
        alike.append(error)

    def together(self, owner: Owner) -> tuple[int, ...]:
        """Return the ad accounts to prepare for with this one, none where that was done before."""
        accounts = self.directory.ad_accounts.ids
        position = accounts.index(owner.owner_id)
        if position % _ACCOUNTS_TOGETHER:
            return ()
        return accounts[position : position + _ACCOUNTS_TOGETHER]

    def entities_of(self, owner: Owner) -> Mapping[int, Entity]:
        """Return the entities of an ad account by id; ad accounts are to be asked for in order."""
        names, (stream,) = self.directory.names, self.entity_streams
        together = self.together(owner)
        earlier = [account for account in together if names.knows(stream, account)]
        names.look_up(self.entity_streams, together, self.name)
        for account in together:
            if why := names.incomplete.get((stream, account)):
                self.incomplete.add(account)
                if account in earlier:
                    reason = f"{stream} could not be read before in this run: {why}"
                    self.run.report.note(self.name, account, reason, Severity.FAILED)
        found = names.of_account(stream, owner.owner_id)
        names.forget(self.entity_streams, [owner.owner_id])
        if owner.owner_id == self.directory.ad_accounts.ids[-1]:
            names.release(self.entity_streams)
        return found

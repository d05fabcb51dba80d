"""The one read loop of streams that are read owner by owner: ad accounts or company pages."""

from __future__ import annotations

import abc
import collections
import typing as t
from dataclasses import dataclass, field

from typing_extensions import override

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.owners import Owner

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import msgspec
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.lists import ListPages
    from tap_linkedin_ads.api.pagination import CursorPages, IndexPages, OnePage
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.sync.bookmarks import Bookmarks


@dataclass(eq=False, slots=True)
class OwnerPages:
    """Pages that are read for one owner.

    Attributes:
        owner: Whose rows they hold.
        pages: The requests.
        columns: Columns that the request decides, because LinkedIn does not send them back.
        about: What is missing where they cannot be read, where that is a part of the owner's rows.
    """

    owner: Owner
    pages: CursorPages | IndexPages | OnePage | ListPages[str]
    columns: Mapping[str, t.Any] = field(default_factory=dict)
    about: str = ""

    def first(self) -> t.Callable[[], t.Any]:
        return self.pages.first()

    def following(self, answer: t.Any) -> t.Callable[[], t.Any] | None:  # noqa: ANN401
        return self.pages.following(answer)


@dataclass(slots=True)
class _Reading:
    """How far one owner has been read.

    Attributes:
        unread: Page sequences whose last page has not been read.
        newest: Largest value of the replication key.
        seen: Keys of the rows, with a hash of each as LinkedIn sent it.
    """

    unread: int
    newest: str = ""
    seen: dict[tuple[t.Any, ...], int] = field(default_factory=dict)


class OwnerStream(LinkedInStream, metaclass=abc.ABCMeta):
    """A stream whose rows are asked for owner by owner.

    A stream declares what to ask for (``requests``), how a row becomes a record (``to_record``)
    and how far an owner is complete then (``complete_through``). Everything else is here: a row
    that cannot be read costs itself, an answer or a request its owner, a failure that concerns
    everybody the stream. The bookmark moves once all requests of an owner were read and nothing
    of it was left out.
    """

    @property
    def owner_ids(self) -> tuple[int, ...]:
        """Return the ad accounts to read."""
        return self.directory.ad_accounts.ids

    def owners(self) -> Iterator[Owner]:
        """Yield whom to read, in order."""
        for owner_id in self.owner_ids:
            yield Owner(self.owner_key, owner_id)

    @abc.abstractmethod
    def requests(self, owner: Owner) -> Iterable[OwnerPages]:
        """Return what to ask for one owner."""

    @abc.abstractmethod
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        """Shape one row; the columns of its owner and of the request are filled in afterwards."""

    def complete_through(self, owner: Owner, newest: str) -> str:  # noqa: ARG002
        """Return the bookmark of an owner that was read completely; empty for none.

        Args:
            owner: The owner.
            newest: Largest value of the replication key among its rows.
        """
        return newest

    def is_wanted(self, owner: Owner, record: Record) -> bool:  # noqa: ARG002
        """Whether a record is delivered; its children are, in any case."""
        return True

    def source_of_children(self, record: Record, wire: responses.Wire) -> t.Any:  # noqa: ANN401, ARG002
        """Return what child streams read their records from."""
        return wire

    def collided(self, owner: Owner, record: Record) -> None:
        """Handle a row whose key another row of the owner had: the first one counts.

        Pages overlap when rows are added, and a row may change between two pages.
        """

    def bookmarks_for(self, owner: Owner) -> Bookmarks:  # noqa: ARG002
        """Return the bookmarks among which the owner's is."""
        return self.bookmarks

    def completed(self, owner: Owner) -> None:
        """Handle that all rows of an owner were read."""

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        for sequence in self.requests(owner):
            yield sequence.pages.one_row()

    @override
    def read(self) -> Iterator[Record]:
        readings: dict[Owner, _Reading] = {}
        owners = collections.deque(self.owners())
        total = len(owners)
        for page in in_parallel(self._sequences(owners, readings), self.run.workers):
            owner = page.sequence.owner
            reading = readings[owner]
            with self.costs_only(owner.owner_id, page.sequence.about):
                yield from self._records(page.sequence, page.answer().elements, reading)
            reading.unread -= page.is_last
            if reading.unread:
                continue
            del readings[owner]
            left = len(owners) + len(readings)
            self.run.progress.update(self.name, owner.unit, total - left, left)
            if owner.owner_id in self.incomplete:
                continue
            self.completed(owner)
            through = self.complete_through(owner, reading.newest)
            if through and self.move_bookmark(owner.owner_id, through, self.bookmarks_for(owner)):
                self.write_state()

    def _sequences(
        self, owners: collections.deque[Owner], readings: dict[Owner, _Reading]
    ) -> Iterator[OwnerPages]:
        """Yield all page sequences; an owner whose own cannot be made costs itself."""
        while owners:
            owner = owners.popleft()
            sequences: list[OwnerPages] = []
            with self.costs_only(owner.owner_id):
                sequences = list(self.requests(owner))
            if sequences:
                readings[owner] = _Reading(len(sequences))
            yield from sequences

    def _records(
        self, sequence: OwnerPages, elements: Iterable[msgspec.Raw], reading: _Reading
    ) -> Iterator[Record]:
        owner = sequence.owner
        for raw in elements:
            unreadable: list[UnreadableValue] = []
            try:
                wire = responses.row(raw)
                record = self.to_record(wire, owner, unreadable)
            except UNREADABLE as error:
                self.set_aside(owner.owner_id, error)
                continue
            known = {owner.urn_column: owner.urn, **sequence.columns}
            record.update((name, value) for name, value in known.items() if name in record)
            record[owner.key] = owner.owner_id
            if not self.accept(owner.owner_id, record, unreadable):
                continue
            reading.newest = max(reading.newest, record.get(self.replication_key or "") or "")
            key, as_sent = tuple(record[c] for c in self.primary_keys), hash(bytes(raw))
            if key in reading.seen:
                if reading.seen[key] != as_sent:
                    self.collided(owner, record)
                continue
            reading.seen[key] = as_sent
            self.feed_children(owner.owner_id, self.source_of_children(record, wire))
            if self.is_wanted(owner, record):
                yield record

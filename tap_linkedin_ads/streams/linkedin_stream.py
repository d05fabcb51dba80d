"""What every stream of this tap has in common, on top of the SDK's ``Stream``."""

from __future__ import annotations

import abc
import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.resources import LISTS_OWNERS
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.records.always_sent import AlwaysSent
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.streams.versioned_stream import VersionedStream
from tap_linkedin_ads.sync.messages import MessageWriter

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.sync.bookmarks import Bookmarks


class LinkedInStream(VersionedStream):
    """A stream of LinkedIn's, read for all of its owners in one pass."""

    @abc.abstractmethod
    def read(self) -> Iterator[Record]:
        """Yield the stream's records, and move bookmarks behind what is complete."""

    def first_requests(self, owner: Owner) -> Iterable[Request]:  # noqa: ARG002
        """Return the requests that a run begins with for one owner, for one row where that can be.

        They send nothing themselves, and read nothing of the owner.
        """
        return ()

    @functools.cached_property
    def resources(self) -> tuple[str, ...]:
        """Return LinkedIn's resources that this stream reads, the list of its owners first."""
        asked = (request.resource for request in self.first_requests(Owner(self.owner_key, 0)))
        return tuple(dict.fromkeys((LISTS_OWNERS[self.owner_key], *asked)))

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Return the records; what one stream cannot read is noted and does not stop the others."""
        run_report = self.run.report
        if self.selected:
            run_report.begin(self.name)
        self.run.progress.begin(self.name)
        version = self.new_version()
        self.begin_version(version)
        for child in self.selected_children:
            child.begin_version(version)
            child.begin(self.name)
        try:
            for record in self.read():
                if self.selected:
                    run_report.rows[self.name, record.get(self.owner_key)] += 1
                    self.always_sent.count(record)
                yield record
        except RequestFailedError as error:
            if error.failure.remedy is Remedy.STOP:
                raise
            self._fail(None, error.failure, error.resource)
            self._finish()
        except UNREADABLE as error:
            self.cannot_read(None, error)
            self._finish()
        else:
            self._finish()
            self.activate(self.selected_children)
        finally:
            self.run.progress.end(self.name)
            if isinstance(self._tap.message_writer, MessageWriter):
                self._tap.message_writer.flush()

    def _finish(self) -> None:
        """Note that this stream and its children were read, but for what was noted."""
        for child in self.selected_children:
            child.end()
        for stream in (self, *self.selected_children):
            self.run.report.finish(stream.name)
            if stream.selected:
                stream.note_never_filled()

    def note_never_filled(self) -> None:
        """Note columns that LinkedIn seems to have renamed; unreadable values are noted already."""
        unreadable = {column for stream, _, column in self.run.report.odd if stream == self.name}
        for found in self.always_sent.never_filled(unreadable):
            self.logger.warning("%s", found.text)
            self.run.client.adaptations.note(found)

    @functools.cached_property
    def always_sent(self) -> AlwaysSent:
        """Return the count of the selected columns that LinkedIn always sends."""
        always = schema.always_sent(self.name)
        return AlwaysSent(self.name, [column for column in always if column in self.columns])

    @functools.cached_property
    def selected_children(self) -> tuple[ChildRecords, ...]:
        """Return the child streams that are selected, whether this stream is or not."""
        return tuple(
            child
            for child in self.child_streams
            if isinstance(child, ChildRecords) and child.selected
        )

    def feed_children(self, owner: int, source: t.Any) -> None:  # noqa: ANN401
        """Let the selected child streams write what they find in one object of this stream."""
        for child in self.selected_children:
            child.write(owner, source)
            self.incomplete |= child.incomplete

    def move_bookmark(self, owner_id: int, value: str, bookmarks: Bookmarks | None = None) -> bool:
        """Move a bookmark forward, unless nothing is written that it could stand for.

        Where something of an owner was left out, its bookmark stays as well.
        """
        if owner_id in self.incomplete or not (self.selected or self.selected_children):
            return False
        # An instant of modification in the future would leave out what is modified until then.
        if value[:10] > (self.run.today + dt.timedelta(days=1)).isoformat():
            value = self.run.read_at
        return (self.bookmarks if bookmarks is None else bookmarks).move(owner_id, value)


class ChildRecords(LinkedInStream, metaclass=abc.ABCMeta):
    """A stream whose records lie inside the objects of its parent stream.

    It is read while its parent is: no request, schema message or bookmark for every parent.
    """

    @abc.abstractmethod
    def records_of(
        self,
        owner: int,
        source: t.Any,  # noqa: ANN401
        unreadable: list[UnreadableValue],
    ) -> Iterator[Record]:
        """Yield the records inside one object of the parent stream.

        Args:
            owner: The ad account's or organization's id.
            source: What the parent stream hands over, as a rule the object on the wire.
            unreadable: Takes the values of each record that do not fit their columns.
        """

    def begin(self, parent: str) -> None:
        """Announce the stream, before its parent's first record."""
        self.run.report.begin(self.name, inside=parent)
        self._write_schema_message()

    def write(self, owner: int, source: t.Any) -> None:  # noqa: ANN401
        """Write the records inside one object of the parent stream."""
        unreadable: list[UnreadableValue] = []
        try:
            for record in self.records_of(owner, source, unreadable):
                if self.accept(owner, record, unreadable):
                    self.run.report.rows[self.name, record.get(self.owner_key)] += 1
                    self.always_sent.count(record)
                    self._write_record_message(record)
                unreadable.clear()
        except UNREADABLE as error:
            self.set_aside(owner, error)

    def end(self) -> None:
        """Write what still waits, behind its parent's last record."""

    @property
    def parent(self) -> LinkedInStream:
        every = self._tap.streams.values()
        return next(s for s in every if isinstance(s, LinkedInStream) and self in s.child_streams)

    @property
    @override
    def owner_keys(self) -> tuple[str, ...]:
        return self.parent.owner_keys

    @override
    def first_requests(self, owner: Owner) -> Iterable[Request]:
        return self.parent.first_requests(owner)

    @override
    def read(self) -> Iterator[Record]:
        """Yield nothing: the parent stream feeds this one."""
        return iter(())

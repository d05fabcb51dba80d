"""What every stream of this tap has in common, on top of the SDK's ``Stream``."""

from __future__ import annotations

import abc
import contextlib
import datetime as dt
import functools
import typing as t

from singer_sdk import Stream
from singer_sdk.exceptions import StreamMapConfigError
from singer_sdk.helpers.conform import TypeConformanceLevel
from typing_extensions import override

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError, TapError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.sync import activation
from tap_linkedin_ads.sync.bookmarks import Bookmarks
from tap_linkedin_ads.sync.messages import MessageWriter
from tap_linkedin_ads.sync.run_report import Gravity, OddRecords

if t.TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import RecordMessage

    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.sync.directory import Shared
    from tap_linkedin_ads.sync.run import Run

OF_EVERYBODY = frozenset({Remedy.STOP, Remedy.STOP_RESOURCE, Remedy.OUTAGE})
"""What to do about failures that concern all ad accounts or pages."""
_LONGEST_ABSENCE = 31 * 86_400
_STATE_SHARE = 20
"""Time between two state messages, in times of what one takes."""


def unreadable(why: str) -> Failure:
    """Return the failure of an ad account or page of which an answer cannot be read."""
    message = (
        f"what LinkedIn sent cannot be read: {why[:500]}. What follows is left out and the "
        "bookmark stays: run the tap again, and report it with this message if that stays"
    )
    return Failure(Remedy.SET_ASIDE, 0, message)


class LinkedInTap(t.Protocol):
    """What streams ask of the tap."""

    @property
    def run(self) -> Run:
        """Return the present run."""

    @property
    def api_version(self) -> str:
        """Return the API version as YYYYMM."""

    @property
    def shared(self) -> Shared:
        """Return what the streams of the present run share."""


class LinkedInStream(Stream, metaclass=abc.ABCMeta):
    """A stream that keeps one bookmark for each ad account or organization.

    Requests are shared between owners, so the SDK's partitions (one pass each) and its
    bookkeeping by record are switched off: subclasses move bookmarks when something is complete.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    """Records are built from the schema and conform already."""

    owner_key: t.ClassVar[str] = "account_id"
    """Context key of the bookmarks."""

    page_roles: t.ClassVar[frozenset[str]] = frozenset()
    """Roles of which a member needs any one on a page; empty where no page is read."""

    def __init__(
        self,
        tap: Tap,
        *,
        name: str | None = None,
        published: schema.Schema | None = None,
    ) -> None:
        """Take the schema by the stream's name, unless one is handed in."""
        self._linkedin = t.cast("LinkedInTap", tap)
        own = published or schema.stream_schema(name or self.name, self.api_version)
        super().__init__(tap, schema=own, name=name)
        self._next_state_at = float("-inf")
        self.incomplete: set[int] = set()
        """Owners of whom something is missing: their bookmarks stay in this run."""

    @property
    def run(self) -> Run:
        """Return the present run."""
        return self._linkedin.run

    @property
    def api_version(self) -> str:
        """Return the API version as YYYYMM."""
        return self._linkedin.api_version

    @property
    def shared(self) -> Shared:
        """Return what the streams of the present run share."""
        return self._linkedin.shared

    @property
    def entity_streams(self) -> tuple[str, ...]:
        """Return the entity streams whose names or ids this stream asks for."""
        return ()

    @abc.abstractmethod
    def read(self) -> Iterator[Record]:
        """Give the stream's records, and move bookmarks behind what is complete."""

    @property
    def is_incremental(self) -> bool:
        """Tell whether bookmarks are kept; a catalog may ask for the full table."""
        return self.replication_method == "INCREMENTAL"

    @functools.cached_property
    def bookmarks(self) -> Bookmarks:
        """Return the bookmarks; with full-table replication none are kept."""
        return self.bookmarks_of(self.owner_key)

    def bookmarks_of(self, owner_key: str) -> Bookmarks:
        """Return the bookmarks of one kind of owner, and warn of those in the future."""
        found = Bookmarks(
            self.stream_state,
            context_key=owner_key,
            replication_key=self.replication_key if self.is_incremental else None,
            today=self.run.today,
        )
        if ahead := found.in_future():
            first = min(ahead)
            self.logger.warning(
                "%s: the bookmark of %s %d is %s, which lies in the future%s. It is read as if it "
                "were today; set it back in the state, or days may be left out later.",
                self.name,
                owner_key,
                first,
                ahead[first],
                f", and so do those of {len(ahead) - 1} more" if len(ahead) > 1 else "",
            )
        return found

    @functools.cached_property
    def columns(self) -> dict[str, t.Any]:
        """Return the selected columns, each with its schema, in the schema's order."""
        properties = self.effective_schema["properties"]
        return {name: properties[name] for name in properties if self.mask[("properties", name)]}

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Give the records; what one stream cannot read is noted and does not stop the others."""
        ledger = self.run.ledger
        if self.selected:
            ledger.begin(self.name)
        self.run.progress.begin(self.name)
        version = self._new_version()
        self.begin_version(version)
        for child in self.selected_children:
            child.begin_version(version)
            child.begin(self.name)
        try:
            for record in self.read():
                if self.selected:
                    ledger.rows[self.name, record.get(self.owner_key)] += 1
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
            self._activate()
        finally:
            self.run.progress.end(self.name)
            if isinstance(self._tap.message_writer, MessageWriter):
                self._tap.message_writer.flush()

    def _finish(self) -> None:
        """Note that this stream and its children were read, but for what was noted."""
        for stream in (self, *self.selected_children):
            self.run.ledger.finish(stream.name)

    # What is gone at LinkedIn

    @property
    def is_read_whole(self) -> bool:
        """Tell whether a run gives all there is, so that records that it does not give are gone.

        With a version, a stream leaves nothing out that it has given before.
        """
        return False

    @property
    def owner_keys(self) -> tuple[str, ...]:
        """Return the context keys of all kinds of owners."""
        return (self.owner_key,)

    @property
    def has_version(self) -> bool:
        """Tell whether a loader may have to know which records this run has given."""
        return self._stream_version is not None

    def begin_version(self, version: int | None) -> None:
        """Give the records of this run a version; None where they are not all there are."""
        self._stream_version = version

    def _new_version(self) -> int | None:
        """Return the second in which the stream begins, where older versions may be outdated.

        Whose records it will give is remembered: one who is out of reach later is not gone.
        """
        if not self.config.get("emit_activate_version_messages") or not self.is_read_whole:
            return None
        if why := activation.limit(
            self.name, self.owner_keys, self.run.settings, self.config.get("stream_maps") or {}
        ):
            self._keep(f"{why} limits the run")
            return None
        for key in self.owner_keys:
            bookmarks = self.bookmarks
            if key != self.owner_key:
                bookmarks = Bookmarks(self.stream_state, context_key=key, replication_key=None)
            for owner in self._reach(key).readable:
                bookmarks.remember(owner)
        return int(self.run.clock.now().timestamp())

    def _reach(self, owner_key: str) -> activation.Reach:
        """Return the owners that can be read now, none where that failed, which is noted."""
        accounts, pages = self.shared.ad_accounts, self.shared.organizations
        try:
            if owner_key == "account_id":
                return activation.Reach(accounts.ids, accounts.ids)
            return activation.Reach(pages.by_id, pages.readable_with(self.page_roles))
        except (*UNREADABLE, RequestFailedError):
            return activation.Reach((), ())

    def _activate(self) -> None:
        """Let a loader drop what this run did not give, where it has read everything."""
        if self._stream_version is None:
            return
        reach = {key: self._reach(key) for key in self.owner_keys}
        own, state = {"bookmarks": {self.name: self.stream_state}}, self.tap_state
        lost: set[int] = set()
        for key, found in reach.items():
            lost |= activation.known_owners(state, key) - set(found.found)
            lost |= activation.known_owners(own, key) - set(found.readable)
        if lost:
            ids = ", ".join(map(str, sorted(lost)[:5]))
            self._keep(f"{len(lost)} ad accounts or pages are out of reach ({ids})")
        elif self.incomplete or not any(found.readable for found in reach.values()):
            self._keep("not all was read")
        else:
            for stream in (self, *self.selected_children):
                stream.send_version((self.name, *self.entity_streams), self.owner_keys)

    def send_version(self, depends_on: Collection[str], owner_keys: Collection[str]) -> None:
        """Let a loader drop what this stream did not give, unless something is noted.

        Args:
            depends_on: The streams without which this one is not whole.
            owner_keys: Context keys of its owners.
        """
        if self._stream_version is None or not self.selected:
            return
        if activation.missing((self.name, *depends_on), owner_keys, self.run.ledger):
            self._keep("not all was read")
        else:
            self._write_activate_version_message(self._stream_version)

    def _keep(self, why: str) -> None:
        self.logger.info("%s: rows that LinkedIn no longer gives stay: %s.", self.name, why)

    def cannot_read(self, owner: int | None, error: Exception) -> None:
        """Note that LinkedIn sent something that this stream cannot hold.

        Args:
            owner: The ad account or page that is left out, None where the stream stops.
            error: One of ``UNREADABLE``.
        """
        if owner is not None:
            self.incomplete.add(owner)
        self._fail(owner, unreadable(self._reason(error)), "LinkedIn's answer")

    def accept(
        self, owner: int, record: Record, unreadable: Sequence[UnreadableValue] = ()
    ) -> bool:
        """Tell whether a record can be delivered, and note what is wrong with it.

        Args:
            owner: The ad account or page that was asked for.
            record: The record; columns that cannot hold what LinkedIn sent are null.
            unreadable: What LinkedIn sent there.

        Returns:
            False where a part of the key is null: such records could not be told apart. The
            record is set aside alone, and its owner's bookmark stays.
        """
        key = {column: record.get(column) for column in self.primary_keys}
        missing = [column for column, value in key.items() if value is None]
        if missing:
            sent = {u.column: u.value for u in unreadable}
            whats = [f"{c} {sent[c]!r}" if c in sent else f"no {c}" for c in missing]
            self.set_aside(owner, f"LinkedIn sent {' and '.join(whats)}", key)
            return False
        fails = self.run.settings.fail_on_unreadable_value
        gravity = Gravity.FAILED if fails else Gravity.WARNING
        for found in unreadable:
            self._note_odd(OddRecords(self.name, owner, gravity, key, *found))
        return True

    def set_aside(
        self, owner: int | None, why: str | Exception, key: Mapping[str, t.Any] | None = None
    ) -> None:
        """Note that one record is left out; the bookmark of its owner stays.

        Args:
            owner: The ad account or page, None where nobody knows.
            why: What is wrong with it; or one of ``UNREADABLE``.
            key: Its key columns, as far as they are known.
        """
        if owner is not None:
            self.incomplete.add(owner)
        known = {column: value for column, value in (key or {}).items() if value is not None}
        odd = OddRecords(self.name, owner, Gravity.FAILED, known, "", self._reason(why))
        self._note_odd(odd)

    def _note_odd(self, found: OddRecords) -> None:
        if self.run.ledger.note_odd(found):
            whose = "" if found.subject is None else f"{self.owner_key} {found.subject}: "
            self.logger.warning("%s: %s%s", self.name, whose, found.incident.reason)

    def _reason(self, why: str | Exception) -> str:
        """Return what is wrong, for a message."""
        if isinstance(why, str | TapError):
            return str(why)[:500]
        # An answer of a shape that nobody documents, or a mistake of this tap's.
        self.logger.debug("Where it went wrong:", exc_info=why)
        return f"{type(why).__name__}: {why}"[:500]

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

    def start_anew_unless(self, variant: str, facets: Mapping[str, t.Any] | None = None) -> None:
        """Forget the bookmarks when they were made under another granularity, level or period.

        Args:
            variant: What the bookmarks stand for, noted in the stream's state.
            facets: What restricts the rows, likewise. Rows that were read without any, or by a
                version that did not note them, hold those that a restriction leaves.
        """
        state, known = self.stream_state, dict(facets or {})
        if state.get("variant", variant) != variant or state.get("facets", known) != known:
            self.logger.warning(
                "Granularity, level, period, pivots or facets were changed: starting anew."
            )
            state.pop("partitions", None)
            self.__dict__.pop("bookmarks", None)
        state["variant"] = variant
        state.pop("facets", None)
        if known:
            state["facets"] = known

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

    @contextlib.contextmanager
    def costs_only(self, owner_id: int) -> Iterator[None]:
        """Let whatever fails inside cost this ad account or page and no other.

        Raises:
            RequestFailedError: The failure concerns all of them.
        """
        try:
            yield
        except RequestFailedError as error:
            self.owner_failed(owner_id, error)
        except UNREADABLE as error:
            self.cannot_read(owner_id, error)

    def owner_failed(self, owner: int, error: RequestFailedError) -> None:
        """Note that one ad account or organization could not be read, and go on.

        Raises:
            RequestFailedError: The failure concerns all of them.
        """
        failure = error.failure
        if failure.remedy in OF_EVERYBODY or failure.scope_missing:
            raise error
        self.incomplete.add(owner)
        self._fail(owner, failure, error.resource)

    def _fail(self, owner: int | None, failure: Failure, resource: str) -> None:
        reason = explain(failure, resource)
        if failure.remedy is Remedy.STOP_RESOURCE:
            reason += f" {self._when_to_come_back(failure)}"
        self.logger.error(
            "%s: %s%s", self.name, "" if owner is None else f"{self.owner_key} {owner}: ", reason
        )
        self.run.ledger.note(self.name, owner, reason, self.gravity_of(owner, failure))

    def _when_to_come_back(self, failure: Failure) -> str:
        now = self.run.clock.now()
        if failure.retry_after:
            at = now + dt.timedelta(seconds=min(failure.retry_after, _LONGEST_ABSENCE))
            return f"LinkedIn asks to run the tap again after {at:%Y-%m-%d %H:%M} UTC."
        at = now + dt.timedelta(days=1)
        return f"It is renewed at midnight UTC: run the tap again after {at:%Y-%m-%d} 00:00 UTC."

    def gravity_of(self, owner: int | None, failure: Failure) -> Gravity:
        """Return how a failure bears on the exit status."""
        if failure.remedy is Remedy.STOP_RESOURCE:
            return Gravity.QUOTA
        if owner is not None and not self.run.settings.fail_on_account_error:
            return Gravity.WARNING
        return Gravity.FAILED

    def write_state(self) -> None:
        """Write the bookmarks, unless that would take more than a twentieth of the time.

        The state holds every ad account of every stream: with thousands of them a message costs
        as much as thousands of records.
        """
        clock = self.run.clock
        self.state_manager.is_flushed = False
        began = clock.monotonic()
        if began < self._next_state_at:
            return
        self._write_state_message()
        ended = clock.monotonic()
        self._next_state_at = ended + _STATE_SHARE * (ended - began)

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Give a record's messages; a stream map that fails on it is for the user to mend."""
        try:
            yield from super()._generate_record_messages(record)
        except UNREADABLE as error:
            raise StreamMapConfigError(f"{self.name}: {type(error).__name__}: {error}") from None

    # The SDK's own bookkeeping, switched off

    @property
    @override
    def emit_activate_version_messages(self) -> bool:
        """Return False: the SDK would send them before the first record."""
        return False

    @property
    @override
    def partitions(self) -> list[dict[str, t.Any]] | None:
        """Return None: one pass serves all owners."""
        return None

    @override
    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the bookmark alone: what is complete moves it, not a record."""

    @override
    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Write nothing: each owner has a bookmark of its own."""

    @override
    def generate_child_contexts(
        self, record: Record, context: Context | None
    ) -> Iterable[Context | None]:
        """Give none: children are fed by ``feed_children``, also from records that are left out."""
        return ()

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return None: bookmarks never pass the end of what was read."""


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
        """Give the records inside one object of the parent stream.

        Args:
            owner: The ad account's or organization's id.
            source: What the parent stream hands over, as a rule the object on the wire.
            unreadable: Takes the values of each record that do not fit their columns.
        """

    def begin(self, parent: str) -> None:
        """Announce the stream, before its parent's first record."""
        self.run.ledger.begin(self.name, inside=parent)
        self._write_schema_message()

    def write(self, owner: int, source: t.Any) -> None:  # noqa: ANN401
        """Write the records inside one object of the parent stream."""
        unreadable: list[UnreadableValue] = []
        try:
            for record in self.records_of(owner, source, unreadable):
                if self.accept(owner, record, unreadable):
                    self.run.ledger.rows[self.name, record.get(self.owner_key)] += 1
                    self._write_record_message(record)
                unreadable.clear()
        except UNREADABLE as error:
            self.set_aside(owner, error)

    @override
    def read(self) -> Iterator[Record]:
        """Give nothing: the parent stream feeds this one."""
        return iter(())

"""The SDK's ``Stream`` with one bookmark for each ad account or page, instead of one in all."""

from __future__ import annotations

import abc
import functools
import logging
import typing as t

from singer_sdk import Stream
from singer_sdk.exceptions import StreamMapConfigError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import SelectionMask
from typing_extensions import override

from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.sync import log_levels
from tap_linkedin_ads.sync.bookmarks import Bookmarks

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import RecordMessage

    from tap_linkedin_ads.sync.directory import Directory
    from tap_linkedin_ads.sync.run import Run

_STATE_SHARE = 20
"""Time between two state messages, in times of what one takes."""


class LinkedInTap(t.Protocol):
    """What streams ask of the tap."""

    @property
    def run(self) -> Run:
        """Return the present run."""

    @property
    def api_version(self) -> str:
        """Return the API version as YYYYMM."""

    @property
    def directory(self) -> Directory:
        """Return what the streams of the present run share."""


class SdkStream(Stream, metaclass=abc.ABCMeta):
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

    @override
    def log(
        self,
        message: str,
        *args: t.Any,
        level: int = logging.INFO,
        **kwargs: t.Any,
    ) -> None:
        super().log(message, *args, level=log_levels.level_of(message, level), **kwargs)

    @property
    def run(self) -> Run:
        return self._linkedin.run

    @property
    def api_version(self) -> str:
        return self._linkedin.api_version

    @property
    def directory(self) -> Directory:
        return self._linkedin.directory

    @property
    def owner_keys(self) -> tuple[str, ...]:
        """Return the context keys of all kinds of owners."""
        return (self.owner_key,)

    @property
    def entity_streams(self) -> tuple[str, ...]:
        """Return the entity streams whose names or ids this stream asks for."""
        return ()

    @property
    @override
    def mask(self) -> SelectionMask:
        """Return what is selected; the columns of a stream that is not need no look."""
        if self._mask is None and not self._is_asked_for():
            self._mask = SelectionMask({(): False})
        return super().mask

    def _is_asked_for(self) -> bool:
        catalog = self._tap_input_catalog
        if catalog is not None and catalog.get_stream(self.tap_stream_id) is None:
            return False
        root = self.metadata.get(())
        return root is None or root.selected is not False

    @functools.cached_property
    def columns(self) -> dict[str, t.Any]:
        """Return the selected columns, each with its schema, in the schema's order."""
        properties = self.effective_schema["properties"]
        return {name: properties[name] for name in properties if self.mask[("properties", name)]}

    # Bookmarks

    @property
    def is_incremental(self) -> bool:
        """Whether bookmarks are kept; a catalog may ask for the full table."""
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
        """Return a record's messages; a stream map that fails on it is for the user to mend."""
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
        """Return none: ``feed_children`` feeds children, also from records that are left out."""
        return ()

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return None: bookmarks never pass the end of what was read."""

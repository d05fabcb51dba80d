"""Posts of company pages."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.settings.readers import BOOLEAN
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.pages import post_content
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.streams.pages.post_details import PostDetails
from tap_linkedin_ads.streams.pages.post_media import PostMedia
from tap_linkedin_ads.streams.pages.post_pages import PostPages
from tap_linkedin_ads.streams.pages.post_passes import passes
from tap_linkedin_ads.streams.pages.post_statistics import STATISTICS_DAYS, PostStatistics
from tap_linkedin_ads.sync.page_roles import POST_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.client import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.records.paths import Column
    from tap_linkedin_ads.streams.owners import Owner
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.streams.pages.post_passes import Pass

_POSTS_A_STATE = 100
_FOREVER = 2**63


class PostChild(ChildRecords):
    """A stream whose rows lie inside posts."""

    owner_key = "organization_id"
    page_roles = POST_ROLES

    def media_of(self, post: Post) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Give the media that the rows need, as resource and URN."""
        return iter(())


class _Limits(t.NamedTuple):
    """Which posts of a page a run gives, in milliseconds.

    Attributes:
        since: Modified at or behind this instant,
        until: and before this one;
        published_since: or published at or behind this one, whenever modified.
    """

    since: int
    until: int
    published_since: int

    @property
    def oldest(self) -> int:
        """Return the instant of modification before which no post is wanted."""
        return min(self.since, self.published_since)

    def hold(self, post: Post) -> bool:
        """Tell whether a post is to be given; one of which nobody knows when always is."""
        if post.own_modified is None:
            return True
        if self.since <= post.modified < self.until:
            return True
        return (post.published or 0) >= self.published_since


class Posts(PageStream):
    """Posts of each page, newest modification first, with content and lifetime statistics.

    The bookmark moves when a page was read to its end. Until then the state holds progress
    markers, and the next run goes on where this one stopped.
    """

    name = "posts"
    replication_key = "last_modified_at"
    page_roles = POST_ROLES

    def __init__(self, tap: Tap) -> None:
        """Give one row a day a key of its own where history is kept."""
        keeps_history = BOOLEAN.read(tap.config.get("keep_posts_history") or False)
        published = schema.stream_schema(self.name)
        if not keeps_history:
            columns = published["properties"]
            published = {**published, "properties": {**columns}}
            del published["properties"]["metric_date"]
        super().__init__(tap, published=published)
        self.primary_keys = ("post_urn", "metric_date") if keeps_history else ("post_urn",)
        self._keeps_history = keeps_history

    @functools.cached_property
    def _declared(self) -> tuple[Column, ...]:
        return self.declared() if self.selected else ()

    @functools.cached_property
    def _media_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self._declared if column.key)

    @functools.cached_property
    def _post_children(self) -> tuple[PostChild, ...]:
        return tuple(c for c in self.selected_children if isinstance(c, PostChild))

    # The run

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield self._pages(owner.owner_id).one_row()

    @property
    @override
    def is_read_whole(self) -> bool:
        """Tell whether all posts are read; rows of earlier days would be taken for gone."""
        return not self.is_incremental and not self._keeps_history

    @override
    def read(self) -> Iterator[Record]:
        in_order = sorted(self.pages, key=self._turn)
        for done, organization in enumerate(in_order):
            self.run.progress.tell(self.name, "pages", done, len(in_order) - done)
            with self.costs_only(organization):
                yield from self._read_page(organization)
            self.write_state()

    def _turn(self, organization: int) -> tuple[bool, str, int]:
        """Put what an earlier run began first, then what was never read, or longest ago."""
        is_new_pass = self.bookmarks.progress(organization) is None
        return is_new_pass, self.bookmarks.get(organization) or "", organization

    def _read_page(self, organization: int) -> Iterator[Record]:
        """Read the posts of one page, from where an earlier run stopped."""
        markers = self.bookmarks.progress(organization)
        today = self.run.today.isoformat() if self._keeps_history else None
        for one in passes(markers, today):
            yield from self._read_pass(organization, one)

    def _read_pass(self, organization: int, one: Pass) -> Iterator[Record]:
        """Give the posts of one pass, and move the bookmark at its end."""
        lookups, reached, limits = self.shared.lookups, one.reached(), self._limits(organization)
        oldest = max(limits.oldest, one.oldest)
        posts = self._pages(organization).read(one.start, oldest)
        wanted = ([p for p in page if limits.hold(p) and one.holds(p)] for page in posts)
        is_rest = bool(one.newest)
        for given, post in enumerate(self._details(organization).complete(wanted), start=1):
            own = post.own_modified
            if own is not None and own < limits.until and not is_rest:
                one.newest = max(one.newest, epoch.instant(own))
            self.feed_children(organization, post)
            if self.selected and (record := self._record(post)):
                yield record
            reached.pass_by(post)
            progress = one.markers(reached)
            if lookups.lacks_batches:
                progress["one_by_one"] = True
            self.bookmarks.keep_progress(organization, progress)
            if given % _POSTS_A_STATE == 0:
                self.write_state()
        self.bookmarks.keep_progress(organization, None)
        if one.newest:
            self.move_bookmark(organization, one.newest)

    def _pages(self, organization: int) -> PostPages:
        set_aside = functools.partial(self.set_aside, organization)
        return PostPages(self.run.client, organization, self.name, set_aside)

    def _limits(self, organization: int) -> _Limits:
        settings, until, published_since = self.run.settings, _FOREVER, _FOREVER
        if self._keeps_history:
            published_since = epoch.midnight_ms(self.run.today - dt.timedelta(days=STATISTICS_DAYS))
        if not self.is_incremental:
            return _Limits(0, until, published_since)
        since = settings.lookback().first_instant(self.bookmarks.instant(organization))
        until = epoch.midnight_ms(settings.end_date + dt.timedelta(days=1))
        return _Limits(epoch.milliseconds(since), until, published_since)

    def _details(self, organization: int) -> PostDetails:
        wants_statistics = any(c.resource == post_content.STATISTICS for c in self._declared)
        set_aside = functools.partial(self.set_aside, organization)
        statistics = PostStatistics(self.run, organization, self.name, set_aside)
        return PostDetails(
            self.shared.lookups,
            PostMedia(self.run, self.shared.lookups, self.name),
            statistics if wants_statistics else None,
            self._media_of,
        )

    def _media_of(self, post: Post) -> Iterator[tuple[str, str]]:
        """Give the media that selected columns of this stream and its children show."""
        yield from post_content.referenced_media(post.wire, self._media_columns)
        for child in self._post_children:
            yield from child.media_of(post)

    # Records

    def _record(self, post: Post) -> Record | None:
        """Shape one post; None where it is set aside."""
        unreadable: list[UnreadableValue] = []
        calculated = {
            **post_content.identity(post),
            "metric_date": self.run.today.isoformat(),
            "content_type": post_content.content_type(post.wire),
        }
        record = self.blank()
        if "commentary_text" in record:
            calculated["commentary_text"] = post_content.readable(post.wire)
        record.update((name, value) for name, value in calculated.items() if name in record)
        try:
            record.update(post_content.post_columns(post, self._declared, unreadable))
        except UNREADABLE as error:
            self.set_aside(post.organization, error, record)
            return None
        return record if self.accept(post.organization, record, unreadable) else None

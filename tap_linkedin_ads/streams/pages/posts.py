"""Posts of company pages."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.settings.readers import BOOLEAN
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.pages import post_content
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.streams.pages.post_details import PageReading, PostDetails
from tap_linkedin_ads.streams.pages.post_listing import listed
from tap_linkedin_ads.streams.pages.post_media import PostMedia
from tap_linkedin_ads.streams.pages.post_pages import PostPages
from tap_linkedin_ads.streams.pages.post_passes import passes
from tap_linkedin_ads.streams.pages.post_shape import PostShape
from tap_linkedin_ads.streams.pages.post_statistics import STATISTICS_DAYS, PostStatistics
from tap_linkedin_ads.sync.page_roles import POST_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.streams.pages.post_details import Outcome, Part
    from tap_linkedin_ads.streams.pages.post_passes import Pass
    from tap_linkedin_ads.sync.post_lists import PostList

_POSTS_A_STATE = 100
_FOREVER = 2**63


class PostChild(ChildRecords):
    """A stream whose rows lie inside posts."""

    owner_key = "organization_id"
    page_roles = POST_ROLES

    def media_of(self, post: Post) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the media that the rows need, as resource and URN."""
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
        """Whether a post is to be given; one of which nobody knows when always is."""
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
        """Return one row a day a key of its own where history is kept."""
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
    def _shape(self) -> PostShape:
        children = (c for c in self.selected_children if isinstance(c, PostChild))
        return PostShape(self, [child.media_of for child in children])

    # The run

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield PostPages(self.run.client, owner.owner_id, self.name).one_row()

    @property
    @override
    def is_read_whole(self) -> bool:
        """Whether all posts are read; rows of earlier days would be taken for gone."""
        return not self.is_incremental and not self._keeps_history

    @override
    def read(self) -> Iterator[Record]:
        lookups, workers = self.directory.lookups, self.run.workers
        media = PostMedia(self.run, lookups, self.name)
        shape = self._shape
        details = PostDetails(lookups, media, shape.media_of, shape.look_up_names)
        in_order = sorted(self.pages, key=self._turn)
        done: set[int] = set()
        stopped: RequestFailedError | None = None
        self.run.progress.update(self.name, "pages", 0, len(in_order))
        outcomes = details.complete(map(self._reading, in_order), workers)
        for number, outcome in enumerate(outcomes, start=1):
            organization = outcome.page.organization
            try:
                with self.costs_only(organization):
                    yield from self._records(outcome)
            except RequestFailedError as error:
                if error.failure.remedy is Remedy.STOP:
                    raise
                stopped = stopped or error
                details.stop()
            if not outcome.post:
                done.add(organization)
                self.run.progress.update(self.name, "pages", len(done), len(in_order) - len(done))
            if not outcome.post or number % _POSTS_A_STATE == 0:
                self.write_state()
        if stopped:
            raise stopped

    def _turn(self, organization: int) -> tuple[bool, str, int]:
        """Put what an earlier run began first, then what was never read, or longest ago."""
        is_new_pass = self.bookmarks.progress(organization) is None
        return is_new_pass, self.bookmarks.get(organization) or "", organization

    def _reading(self, organization: int) -> PageReading:
        """Prepare to read the posts of one page, from where an earlier run stopped."""
        statistics = None
        if any(c.resource == post_content.STATISTICS for c in self._shape.columns):
            set_aside = functools.partial(self.set_aside, organization)
            statistics = PostStatistics(self.run, organization, self.name, set_aside)
        today = self.run.today.isoformat() if self._keeps_history else None
        all_passes = list(passes(self.bookmarks.progress(organization), today))
        lists = PostPages(self.run.client, organization, self.name)
        parts = self._parts(lists, all_passes, self._limits(organization), self._list(organization))
        return PageReading(organization, parts, lists.odd, statistics)

    def _list(self, organization: int) -> PostList | None:
        """Return where other streams of the run find which posts a page has."""
        directory = self.directory
        return directory.post_lists[organization] if directory.keeps_post_lists else None

    @staticmethod
    def _parts(
        lists: PostPages, all_passes: list[Pass], limits: _Limits, found: PostList | None
    ) -> Iterator[Part]:
        """Ask for the posts of one page, in the threads of the workers."""
        for one in all_passes:
            oldest = max(limits.oldest, one.oldest)
            if found is None or one.start:
                parts = lists.read(one.start, oldest)
            else:
                parts = listed(lists, found, oldest)
            for posts in parts:
                yield one, [post for post in posts if limits.hold(post) and one.holds(post)]
            yield one, None

    def _records(self, outcome: Outcome) -> Iterator[Record]:
        """Yield a completed post and note how far its pass has come; move the bookmark behind it.

        Raises:
            RequestFailedError: The post, or what follows, cannot be read.
        """
        page, one, post = outcome.page, outcome.one, outcome.post
        organization = page.organization
        for odd in page.odd[page.told :]:
            self.set_aside(organization, odd)
            page.told += 1
        if outcome.error:
            raise outcome.error
        if one and post:
            self.feed_children(organization, post)
            if self.selected and (record := self._record(organization, post)):
                yield record
            one.pass_by(post, self._until)
            progress = one.markers()
            if self.directory.lookups.lacks_batches:
                progress["one_by_one"] = True
            self.bookmarks.keep_progress(organization, progress)
        elif one:
            self.bookmarks.keep_progress(organization, None)
            # Without a post, what is modified later counts from where this run began.
            began = epoch.instant(self._limits(organization).oldest)
            self.move_bookmark(organization, one.newest or began)

    @functools.cached_property
    def _until(self) -> int:
        """Return the instant before which a modification counts for the bookmark."""
        if not self.is_incremental:
            return _FOREVER
        return epoch.midnight_ms(self.run.settings.end_date + dt.timedelta(days=1))

    def _limits(self, organization: int) -> _Limits:
        published_since = _FOREVER
        if self._keeps_history:
            published_since = epoch.midnight_ms(self.run.today - dt.timedelta(days=STATISTICS_DAYS))
        if not self.is_incremental:
            return _Limits(0, self._until, published_since)
        lookback = self.run.settings.lookback()
        since = lookback.first_instant(self.bookmarks.instant(organization))
        return _Limits(epoch.milliseconds(since), self._until, published_since)

    def _record(self, organization: int, post: Post) -> Record | None:
        """Shape one post; None where it is set aside."""
        unreadable: list[UnreadableValue] = []
        try:
            today = self.run.today.isoformat()
            record = self._shape.record(post, unreadable, metric_date=today)
        except UNREADABLE as error:
            self.set_aside(organization, error, post_content.identity(post))
            return None
        return record if self.accept(organization, record, unreadable) else None

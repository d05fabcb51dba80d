"""The posts that ads show, of whatever page, and what lies inside them.

They are read by reference while creatives are: see ``posts_behind_ads``.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.resources import ACCOUNT_ID
from tap_linkedin_ads.streams.ads.campaigns import Creatives
from tap_linkedin_ads.streams.ads.posts_behind_ads import RESOURCE, ShowsPosts
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.noting_stream import OF_EVERYBODY
from tap_linkedin_ads.streams.pages.post_children import InPost, PostCarouselCards, PostMultiImages
from tap_linkedin_ads.streams.pages.post_content import Post
from tap_linkedin_ads.streams.pages.post_shape import PostShape
from tap_linkedin_ads.streams.pages.posts import PostChild
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from singer_sdk import Stream
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

_AVAILABLE, _FORBIDDEN = "AVAILABLE", "FORBIDDEN"
_NOT_FOUND = 404
_AD_TYPES = ("CAROUSEL", "EVENT", "JOB_POSTING", "NATIVE_DOCUMENT", "STANDARD", "VIDEO")
_MOST_REFUSALS = 3
"""Posts that LinkedIn may refuse with 400 before no other is asked for."""


class _BehindAds(ShowsPosts, ChildRecords):
    """A stream that is fed with the posts behind creatives."""

    owner_key = ACCOUNT_ID
    parent_stream_type: type[Stream] | None = Creatives
    page_roles = frozenset()
    selected_by_default = False

    @override
    def write(self, owner: int, source: Post | Wire) -> None:
        """Write what a post holds; a creative has it written once its post is read."""
        if isinstance(source, Post):
            super().write(owner, source)

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        """Yield the first request for creatives, and one that takes what their posts take.

        A post cannot be asked for before a creative names it.
        """
        yield from super().first_requests(owner)
        yield Request(
            RESOURCE,
            f"/{RESOURCE}",
            {
                "q": "dscAdAccount",
                "dscAdAccount": owner.urn,
                "dscAdTypes": _AD_TYPES,
                "start": 0,
                "count": 1,
            },
            "FINDER",
            self.name,
        )


class AdPosts(_BehindAds):
    """The post behind each creative, once, whichever page has published it."""

    name = "ad_posts"
    primary_keys = ("post_urn",)

    @functools.cached_property
    def shape(self) -> PostShape:
        """Return what is shown of posts."""
        inside = (c for c in self.parent.selected_children if isinstance(c, PostChild))
        return PostShape(self, [child.media_of for child in inside])

    @override
    def records_of(
        self, owner: int, source: Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        own: Record = {"status": _AVAILABLE}
        if not source.is_readable:
            own = {"status": _FORBIDDEN, "content_type": None}
        yield {**self.shape.record(source, unreadable, **own), ACCOUNT_ID: owner}

    # What cannot be read

    ended: RequestFailedError | None = None
    """Why no further post is asked for, None while they are."""

    @functools.cached_property
    def _forbidden(self) -> list[tuple[str, Failure]]:
        return []

    @functools.cached_property
    def _told(self) -> set[int]:
        return set()

    _refusals = 0

    def is_forbidden(self, post: str, failure: Failure) -> None:
        """Take note of a post that may not be read; a scope that is missing is said at once."""
        if not failure.scope_missing:
            self._forbidden.append((post, failure))
        elif self.ended is None:
            self.ended = RequestFailedError(failure, RESOURCE)
            self._warn(f"posts have the status FORBIDDEN: {explain(failure, RESOURCE)}")

    def tell_forbidden(self) -> None:
        """Say how many posts may not be read, and why the first one."""
        if not self._forbidden:
            return
        post, failure = self._forbidden[0]
        why = explain(failure, RESOURCE)
        if failure.status == _NOT_FOUND:
            why = "it does not exist any more, or the member has no role on its page"
        self._warn(
            f"{len(self._forbidden)} of the posts behind ads have the status FORBIDDEN, the first "
            f"is {post}: {why}"
        )

    def _warn(self, reason: str) -> None:
        self.logger.warning("%s: %s", self.name, reason)
        self.run.report.note(self.name, None, reason, Severity.WARNING)

    def cannot_read_post(self, account: int, post: str, error: Exception) -> None:
        """Note that a post is left out, once for each ad account.

        Args:
            account: The ad account whose creative shows it.
            post: Its URN.
            error: One of ``UNREADABLE``.

        Raises:
            RequestFailedError: Nothing in this run can work.
        """
        self.incomplete.add(account)
        if error is self.ended:
            return
        missing = f"posts are missing, the first is {post}"
        if not isinstance(error, RequestFailedError):
            self.set_aside(account, error, {"post_urn": post})
            return
        failure = error.failure
        if failure.remedy is Remedy.STOP:
            raise error
        self._refusals += failure.remedy is Remedy.FIX_REQUEST
        if failure.remedy in OF_EVERYBODY or self._refusals >= _MOST_REFUSALS:
            if self.ended is None:
                self.ended = error
                self._fail(None, failure, error.resource, missing)
        elif account not in self._told:
            self._told.add(account)
            self._fail(account, failure, error.resource, missing)


class _InAdPost(_BehindAds, InPost):
    """Rows inside one post behind ads."""

    @override
    def begin(self, parent: str) -> None:
        super().begin(AdPosts.name)

    @override
    def send_version(self, depends_on: Collection[str], owner_keys: Collection[str]) -> None:
        super().send_version((*depends_on, AdPosts.name), owner_keys)

    @override
    def records_of(
        self, owner: int, source: Post, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        for record in super().records_of(owner, source, unreadable):
            yield {**record, ACCOUNT_ID: owner}


class AdPostCarouselCards(_InAdPost, PostCarouselCards):
    """Cards of each carousel that is an ad."""

    name = "ad_post_carousel_cards"


class AdPostMultiImages(_InAdPost, PostMultiImages):
    """Images of each post with several that is an ad."""

    name = "ad_post_multi_images"

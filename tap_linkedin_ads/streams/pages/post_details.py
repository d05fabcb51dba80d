"""Completes posts with their media and statistics, in order, with as few requests as can be.

Fifty keys of a kind go into one request, gathered over as many posts as it takes; posts wait until
their answers are there. Where LinkedIn offers no batches, requests are few and precious: then each
page of posts is completed before the next one is read, one medium at a time, so that a quota that
runs out leaves little unused.
"""

from __future__ import annotations

import collections
import typing as t

from tap_linkedin_ads.api.errors import Remedy, RequestFailedError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.streams.pages.post_media import PostMedia
    from tap_linkedin_ads.streams.pages.post_statistics import PostStatistics

_MOST_WAITING = 1000
"""Posts that wait for a batch to fill up; beyond it a batch goes out as it is."""

Media = tuple[str, str]


class PostDetails:
    """Looks up what posts do not hold themselves."""

    def __init__(
        self,
        lookups: Lookups,
        media: PostMedia,
        statistics: PostStatistics | None,
        media_of: Callable[[Post], Iterable[Media]],
    ) -> None:
        """Prepare to complete the posts of one page.

        Args:
            lookups: Knows whether there are batches.
            media: Gives images, videos and documents.
            statistics: Gives share statistics; None where nobody wants them.
            media_of: Tells which media a post needs, as resource and URN.
        """
        self._lookups = lookups
        self._media = media
        self._statistics = statistics
        self._media_of = media_of
        self._waiting: collections.deque[tuple[Post, tuple[Media, ...]]] = collections.deque()

    def complete(self, pages: Iterator[list[Post]]) -> Iterator[Post]:
        """Give the posts of some pages in their order, completed.

        Raises:
            RequestFailedError: A request failed; all posts before the one it was for were given.
        """
        stopped: RequestFailedError | None = None
        while True:
            try:
                page = next(pages, None)
            except RequestFailedError as error:
                if error.failure.remedy is Remedy.STOP:
                    raise
                stopped, page = error, None  # the posts that were read can still be completed
            if page is None:
                break
            for post in page:
                self._want(post)
            yield from self._ready()
        self._send()
        while self._waiting:
            yield self._take()
        if stopped:
            raise stopped

    def _ready(self) -> Iterator[Post]:
        if self._lookups.has_batches is None:
            self._media.settle()
        if self._lookups.lacks_batches:
            self._send()
            while self._waiting:
                yield self._take()
            self._media.forget_alone()
        while self._waiting and (self._is_there() or len(self._waiting) > _MOST_WAITING):
            yield self._take()

    def _want(self, post: Post) -> None:
        media = tuple(dict.fromkeys(self._media_of(post)))
        for resource, medium in media:
            self._media.want(resource, medium)
        if self._statistics:
            self._statistics.want(post.urn)
        self._waiting.append((post, media))

    def _send(self) -> None:
        if self._statistics:
            self._statistics.send()
        self._media.send()

    def _is_there(self) -> bool:
        """Tell whether the foremost post can be completed without waiting."""
        post, media = self._waiting[0]
        if self._statistics and not self._statistics.is_there(post.urn):
            return False
        return all(self._media.is_there(resource, medium) for resource, medium in media)

    def _take(self) -> Post:
        """Complete the foremost post."""
        post, media = self._waiting.popleft()
        if self._statistics:
            post.statistics = self._statistics.take(post.urn, post.published)
        for resource, medium in media:
            post.media[medium] = self._media.take(resource, medium)
        return post

"""Completes posts with their media and statistics, in order, with as few requests as can be.

Fifty keys of a kind go into one request: media of all pages, statistics of one. Posts wait in one
line, page behind page, until their answers are there. Where LinkedIn offers no batches, requests
are few and precious: then nothing is asked for before a post needs it, so that a quota that runs
out leaves little unused.
"""

from __future__ import annotations

import collections
import functools
import typing as t
from dataclasses import dataclass
from itertools import starmap

from tap_linkedin_ads.api.batch_get import BATCH_SIZE
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.api.workers import Workers
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.streams.pages.post_media import PostMedia
    from tap_linkedin_ads.streams.pages.post_passes import Pass
    from tap_linkedin_ads.streams.pages.post_statistics import PostStatistics

    Part = tuple[Pass, list[Post] | None]
    """Posts of a pass, an answer of LinkedIn's; None where the pass is at its end."""

_MOST_WAITING = 1000
"""Posts that wait for a batch to fill up; beyond it a batch goes out as it is."""

Media = tuple[str, str]


@dataclass(eq=False, slots=True)
class PageReading:
    """The posts of one company page on their way.

    Attributes:
        organization: The page.
        parts: Asks for its posts.
        odd: What is wrong with posts that cannot be told apart.
        statistics: Gives share statistics; None where nobody wants them.
        told: How many of these were told.
        is_over: All of its posts were asked for.
        is_cut: Something could not be read: what follows is left to the next run.
    """

    organization: int
    parts: Iterator[Part]
    odd: list[str]
    statistics: PostStatistics | None
    told: int = 0
    is_over: bool = False
    is_cut: bool = False

    def first(self) -> Callable[[], Part | None]:
        """Return what asks for its next posts; None comes behind the last ones."""
        return functools.partial(next, self.parts, None)

    def following(self, answer: Part | None) -> Callable[[], Part | None] | None:
        """Return the request behind an answer."""
        return None if answer is None or self.is_cut else self.first()


class Outcome(t.NamedTuple):
    """What became of one item in the line.

    Attributes:
        page: The page.
        one: The pass, None where its posts cannot be read.
        post: A completed post; None where the pass is at its end.
        error: Why the post, or what follows, cannot be read.
    """

    page: PageReading
    one: Pass | None
    post: Post | None = None
    error: Exception | None = None


class _Waiting(t.NamedTuple):
    """An outcome, and the media that its post needs."""

    outcome: Outcome
    media: tuple[Media, ...] = ()


class PostDetails:
    """Looks up what posts do not hold themselves."""

    def __init__(
        self,
        lookups: Lookups,
        media: PostMedia,
        media_of: Callable[[Post], Iterable[Media]],
        announce: Callable[[Sequence[Post]], None] = lambda _: None,
    ) -> None:
        """Prepare to complete posts.

        Args:
            lookups: Knows whether there are batches.
            media: Gives images, videos and documents.
            media_of: Tells which media a post needs, as resource and URN.
            announce: Called with the posts of each answer, before any of them is completed.
        """
        self._lookups = lookups
        self._media = media
        self._media_of = media_of
        self._announce = announce
        self._line: collections.deque[_Waiting] = collections.deque()
        self._is_stopped = False

    def stop(self) -> None:
        """Ask for no more posts; those that were read are still completed as far as can be."""
        self._is_stopped = True

    def complete(self, pages: Iterable[PageReading], workers: Workers) -> Iterator[Outcome]:
        """Yield the posts of pages in order, completed, and the end of each pass behind them.

        An error comes at its place in the order and cuts its page.
        """
        for page, ask in self._asked(pages, workers):
            self._append(page, ask)
            if self._lookups.has_batches is None:
                self._media.learn()
            if self._lookups.lacks_batches and page.statistics:
                page.statistics.settle()
            while self._line and not self._is_stopped and self._may_go_on():
                yield from self._take()
            if self._is_stopped:
                break
        self._media.send()
        while self._line:
            yield from self._take()

    def _asked(
        self, pages: Iterable[PageReading], workers: Workers
    ) -> Iterator[tuple[PageReading, Callable[[], Part | None]]]:
        """Yield what gives the next posts; of several pages at once where there are batches."""
        if self._lookups.has_batches:
            for answer in in_parallel(pages, workers):
                yield answer.sequence, answer.answer
            return
        for page in pages:
            while not (page.is_over or page.is_cut):
                yield page, page.first()

    def _append(self, page: PageReading, ask: Callable[[], Part | None]) -> None:
        try:
            part = ask()
        except UNREADABLE as error:
            page.is_over = True
            self._line.append(_Waiting(Outcome(page, None, error=error)))
            part = None
        if part is None:
            page.is_over = True
            if page.statistics and not self._lookups.lacks_batches:
                page.statistics.send()
            return
        one, posts = part
        if posts is None:
            self._line.append(_Waiting(Outcome(page, one)))
        self._announce(posts or ())
        for post in posts or ():
            media = tuple(dict.fromkeys(self._media_of(post)))
            for resource, medium in media:
                self._media.want(resource, medium)
            if page.statistics:
                page.statistics.want(post.urn)
            self._line.append(_Waiting(Outcome(page, one, post), media))

    def _may_go_on(self) -> bool:
        """Whether the foremost item is to be taken before more posts are asked for."""
        page, post = self._line[0].outcome.page, self._line[0].outcome.post
        has_statistics = not (page.statistics and post) or page.statistics.is_there(post.urn)
        if self._lookups.lacks_batches:
            # Otherwise another list fills the batch of statistics that the post needs.
            return has_statistics or page.is_over or len(self._line) > BATCH_SIZE
        return len(self._line) > _MOST_WAITING or (
            has_statistics and all(starmap(self._media.is_there, self._line[0].media))
        )

    def _take(self) -> Iterator[Outcome]:
        """Take the foremost item, and yield it unless its page was cut."""
        waiting = self._line.popleft()
        found, page, post = waiting.outcome, waiting.outcome.page, waiting.outcome.post
        if page.is_cut:
            for resource, medium in waiting.media:
                self._media.drop(resource, medium)
            return
        if post:
            try:
                self._fill_in(post, waiting)
            except UNREADABLE as error:
                found = Outcome(page, found.one, error=error)
        page.is_cut = found.error is not None
        yield found

    def _fill_in(self, post: Post, waiting: _Waiting) -> None:
        if statistics := waiting.outcome.page.statistics:
            post.statistics = statistics.take(post.urn, post.published)
        for resource, medium in waiting.media:
            post.media[medium] = self._media.take(resource, medium)

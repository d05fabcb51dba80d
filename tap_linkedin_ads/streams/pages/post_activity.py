"""What members do with posts: which posts are asked for, and what a refusal costs.

Reactions, comments and plays of a video change no post, so the list of posts does not show them.
Every run therefore asks for all posts of the last 365 days, and for those that were modified since
the bookmark, however old.
"""

from __future__ import annotations

import abc
import collections
import datetime as dt
import functools
import typing as t
from dataclasses import dataclass

from typing_extensions import override

from tap_linkedin_ads.api import epoch, urn
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.streams.noting_stream import OF_EVERYBODY
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.streams.pages.post_listing import listed
from tap_linkedin_ads.streams.pages.post_pages import PostPages
from tap_linkedin_ads.streams.pages.post_statistics import STATISTICS_DAYS
from tap_linkedin_ads.sync.page_roles import POST_ROLES
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.streams.owners import Owner
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.sync.post_lists import ListedPost

MOST_REFUSALS = 3
"""Requests that LinkedIn may refuse before others like them are given up, if none was answered."""


@dataclass(eq=False, slots=True)
class _Reading:
    """The list of one page's posts on its way."""

    organization: int
    parts: Iterator[list[Post]]

    def first(self) -> Callable[[], list[Post] | None]:
        """Return what asks for its next posts; None comes behind the last ones."""
        return functools.partial(next, self.parts, None)

    def following(self, answer: list[Post] | None) -> Callable[[], list[Post] | None] | None:
        """Return the request behind an answer."""
        return None if answer is None else self.first()


class Answer(t.NamedTuple):
    """LinkedIn's answer about one post.

    Attributes:
        post: The post.
        get: Returns the answer, or raises why there is none.
        is_last: No further answer about the post follows.
    """

    post: ListedPost
    get: Callable[[], t.Any]
    is_last: bool = True


def nothing() -> None:
    """Return the answer about a post for which nothing has to be asked."""


class PostActivity(PageStream, metaclass=abc.ABCMeta):
    """A stream of what members do with the posts of pages.

    A post that LinkedIn refuses costs itself, and its page where it refuses all of the page's. The
    bookmark of a page moves when all of its posts were answered.
    """

    selected_by_default = False
    page_roles = POST_ROLES
    resource: t.ClassVar[str]

    @abc.abstractmethod
    def answers(self, posts: Sequence[ListedPost]) -> Iterator[Answer]:
        """Ask about posts that are ``worth_asking``."""

    @abc.abstractmethod
    def records(self, post: ListedPost, answer: t.Any) -> Iterator[Record]:  # noqa: ANN401
        """Yield the records that an answer about a post holds."""

    @property
    @abc.abstractmethod
    def through(self) -> str:
        """Return the bookmark of a page whose posts were all asked for."""

    def is_asked(self, post: ListedPost) -> bool:  # noqa: ARG002
        """Whether a post can have any rows."""
        return True

    @functools.cached_property
    @override
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, self.resource)

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        """Yield the request for the posts, without which nothing can be asked."""
        yield PostPages(self.run.client, owner.owner_id, self.name).one_row()

    @functools.cached_property
    def _left(self) -> collections.Counter[int]:
        """Return how many posts of each page are still to be asked for."""
        return collections.Counter()

    @functools.cached_property
    def _answered(self) -> set[int]:
        """Return the pages of which a post was answered."""
        return set()

    @functools.cached_property
    def _refused(self) -> dict[int, list[RequestFailedError]]:
        """Return the refusals of posts by page."""
        return collections.defaultdict(list)

    @functools.cached_property
    def _broken(self) -> dict[int, Exception]:
        """Return why a post of a page could not be read, other than for a refusal."""
        return {}

    @override
    def read(self) -> Iterator[Record]:
        due: list[ListedPost] = []
        for organization, posts in self._listed():
            self._left[organization] = len(posts)
            due += posts
            if not posts:
                self._complete(organization)
        for post, get, is_last in self.answers(due):
            try:
                answer = get()
            except UNREADABLE as error:
                self._failed(post, error)
            else:
                if answer is not None:
                    self._answered.add(post.organization)
                    yield from self.records(post, answer)
            if is_last:
                self._done(post)

    # Which posts

    def _listed(self) -> Iterator[tuple[int, list[ListedPost]]]:
        """Yield the pages with the posts to ask for, those longest unread first."""
        in_order = sorted(self.pages, key=lambda page: (self.bookmarks.get(page) or "", page))
        failed: set[int] = set()
        for found in in_parallel(map(self._reading, in_order), self.run.workers):
            organization = found.sequence.organization
            failed.add(organization)
            with self.costs_only(organization):
                found.answer()
                failed.discard(organization)
            if not found.is_last:
                continue
            listed_posts = self.directory.post_lists[organization]
            for odd in listed_posts.odd:
                self.set_aside(organization, odd)
            if organization not in failed:
                posts = listed_posts.posts.values()
                yield organization, [post for post in posts if self._is_due(post)]

    def _reading(self, organization: int) -> _Reading:
        lists = PostPages(self.run.client, organization, self.name)
        found, oldest = self.directory.post_lists[organization], min(self._limits(organization))
        parts = iter(()) if found.reaches(oldest) else listed(lists, found, oldest)
        return _Reading(organization, parts)

    def _limits(self, organization: int) -> tuple[int, int]:
        """Return since when posts of a page were modified, or published, that are asked for."""
        first_day = self.run.today - dt.timedelta(days=STATISTICS_DAYS)
        since = dt.datetime.fromtimestamp(0, dt.timezone.utc)
        if self.is_incremental:
            bookmark = self.bookmarks.instant(organization)
            since = self.run.settings.lookback().first_instant(bookmark)
        return epoch.milliseconds(since), epoch.midnight_ms(first_day)

    def _is_due(self, post: ListedPost) -> bool:
        since, published_since = self._limits(post.organization)
        is_recent = post.modified >= since or post.published >= published_since
        return is_recent and self.is_asked(post)

    def worth_asking(self, posts: Iterable[ListedPost]) -> Iterator[ListedPost]:
        """Yield posts but for those of a page of which LinkedIn has refused all so far."""
        for post in posts:
            page = post.organization
            if page not in self._answered and len(self._refused[page]) >= MOST_REFUSALS:
                self._done(post)
            else:
                yield post

    # What is missing

    def _failed(self, post: ListedPost, error: Exception) -> None:
        """Keep why a post cannot be read, until all of its page were asked for.

        Raises:
            RequestFailedError: The failure concerns all posts.
        """
        if isinstance(error, RequestFailedError):
            if is_of_everybody(error):
                raise error
            if error.failure.remedy in {Remedy.SET_ASIDE, Remedy.FIX_REQUEST}:
                self._refused[post.organization].append(error)
                return
        self._broken.setdefault(post.organization, error)

    def _done(self, post: ListedPost) -> None:
        """Note that nothing more is asked about a post."""
        self._left[post.organization] -= 1
        if not self._left[post.organization]:
            self._complete(post.organization)

    def _complete(self, organization: int) -> None:
        """Tell once what is missing of a page; move its bookmark where nothing is."""
        refused = self._refused.pop(organization, [])
        missing = f"{len(refused)} posts are left out" if len(refused) > 1 else "a post is left out"
        if broken := self._broken.pop(organization, None):
            with self.costs_only(organization, "posts are left out"):
                raise broken
        if refused and organization not in self._answered:
            with self.costs_only(organization, missing):
                raise refused[0]
        elif refused:
            reason = (
                f"{missing}, which may have been deleted: {refused[0]}. Run the tap again, and "
                "report it with this message if that stays"
            )
            self.incomplete.add(organization)
            self.logger.warning("Page %d: %s", organization, reason)
            self.run.report.note(self.name, organization, reason, Severity.WARNING)
        left = sum(1 for count in self._left.values() if count)
        self.run.progress.update(self.name, "pages", len(self._left) - left, left)
        if self.move_bookmark(organization, self.through):
            self.write_state()

    # Records

    def about(self, post: ListedPost) -> Record:
        """Return a record with every selected column, those about the post filled in."""
        record = self.blank()
        own = identity(post)
        record.update((name, own[name]) for name in own.keys() & record.keys())
        return record


def is_of_everybody(error: Exception) -> bool:
    """Whether a failure concerns all posts, of whatever page."""
    if not isinstance(error, RequestFailedError):
        return False
    return error.failure.remedy in OF_EVERYBODY or error.failure.scope_missing


def identity(post: ListedPost) -> Record:
    """Return the columns that say which post a record is about."""
    return {
        "post_urn": post.urn,
        "post_id": urn.number(post.urn),
        "organization_id": post.organization,
        "organization_urn": urn.make("organization", post.organization),
    }

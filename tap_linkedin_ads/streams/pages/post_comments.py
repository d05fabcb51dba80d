"""What members say under posts: personal data.

LinkedIn's rule: LI-84.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import typing as t
from dataclasses import dataclass, field

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.records.values import UnreadableValue, fitting
from tap_linkedin_ads.streams.pages import post_social
from tap_linkedin_ads.streams.pages.post_activity import (
    Answer,
    PostActivity,
    is_of_everybody,
    nothing,
)
from tap_linkedin_ads.streams.pages.post_social import SocialMetadata

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import msgspec
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.pagination import Ask
    from tap_linkedin_ads.api.responses import FinderAnswer
    from tap_linkedin_ads.sync.post_lists import ListedPost

_RESOURCE = "socialActions"
_PAGE_SIZE = 100
_REPLIES = (
    "commentsSummary.aggregatedTotalComments",
    "commentsSummary.totalFirstLevelComments",
)


@dataclass(eq=False, slots=True)
class _Thread:
    """The comments on a post, then the replies to each."""

    post: ListedPost
    pages_of: Callable[[str], IndexPages]
    _pages: IndexPages = field(init=False)
    _answered: collections.deque[str] = field(default_factory=collections.deque)

    def first(self) -> Ask:
        """Return the request for the first page of comments."""
        self._pages = self.pages_of(self.post.urn)
        return self._pages.first()

    def following(self, answer: FinderAnswer) -> Ask | None:
        """Return the request behind an answer, or None behind the last one."""
        self._answered.extend(_with_replies(answer.elements))
        ask = self._pages.following(answer)
        if ask is None and self._answered:
            self._pages = self.pages_of(self._answered.popleft())
            ask = self._pages.first()
        return ask


def _with_replies(elements: Iterable[msgspec.Raw]) -> Iterator[str]:
    """Yield the URNs of comments that were answered; a reply has no replies."""
    for raw in elements:
        with contextlib.suppress(*UNREADABLE):  # said where the rows are read
            wire = responses.row(raw)
            has_replies = any(at(wire, path) for path in _REPLIES)
            if has_replies and "parentComment" not in wire and isinstance(wire["commentUrn"], str):
                yield wire["commentUrn"]


class PostComments(PostActivity):
    """Comments on each post, and the replies to them.

    Every run gives all comments of the posts that it asks for, since their likes and replies grow
    and members edit what they wrote.
    """

    name = "post_comments"
    primary_keys = ("id",)
    replication_key = "last_modified_time"
    resource = _RESOURCE

    @property
    @override
    def through(self) -> str:
        return min(self.run.read_at, f"{self.run.settings.end_date}T23:59:59.999+00:00")

    @override
    def answers(self, posts: Sequence[ListedPost]) -> Iterator[Answer]:
        """Ask for the comments on posts that have some, or of which that is not known."""
        lists = self.directory.post_lists
        unknown = [p for p in posts if p.urn not in lists[p.organization].comment_counts]
        metadata = SocialMetadata(self.directory.lookups, self.name)
        for post, get, _ in metadata.read(unknown, self.run.workers):
            try:
                count = post_social.comments(get())
            except UNREADABLE as error:
                if is_of_everybody(error):
                    raise
                continue
            if count is not None:
                lists[post.organization].comment_counts[post.urn] = count
        some = [p for p in posts if lists[p.organization].comment_counts.get(p.urn) != 0]
        with_some = {post.urn for post in some}
        for post in posts:
            if post.urn not in with_some:
                yield Answer(post, nothing)
        threads = (_Thread(post, self._pages_of) for post in self.worth_asking(some))
        for found in in_parallel(threads, self.run.workers):
            yield Answer(found.sequence.post, found.answer, is_last=found.is_last)

    def _pages_of(self, commented: str) -> IndexPages:
        """Return the comments on a post, or the replies to a comment."""
        path = f"/{_RESOURCE}/{restli.encode(commented)}/comments"
        request = Request(_RESOURCE, path, stream=self.name)
        return IndexPages(self.run.client, request, _PAGE_SIZE)

    @functools.cached_property
    def _given(self) -> set[str]:
        """Return the ids of the comments that were given: pages overlap when one is added."""
        return set()

    @override
    def records(self, post: ListedPost, answer: FinderAnswer) -> Iterator[Record]:
        for raw in answer.elements:
            record, unreadable = self.about(post), list[UnreadableValue]()
            try:
                wire = responses.row(raw)
                paths.fill(record, wire, self.declared(), unreadable)
            except UNREADABLE as error:
                self.set_aside(post.organization, error)
                continue
            if "comment" in record:
                record["comment"] = fitting("comment", wire, self.columns["comment"], unreadable)
            if record["id"] in self._given:
                continue
            if self.accept(post.organization, record, unreadable):
                self._given.add(record["id"])
                yield record

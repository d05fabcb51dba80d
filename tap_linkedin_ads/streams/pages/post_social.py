"""Reactions to posts and numbers of comments: counts, no members.

LinkedIn's rules: LI-11, LI-83.
"""

from __future__ import annotations

import functools
import itertools
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from tap_linkedin_ads.api.batch_get import BATCH_SIZE, Found
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.records.values import Misplaced, exact_integer, fitting, found_at, shown
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.pages.post_activity import (
    Answer,
    PostActivity,
    identity,
    is_of_everybody,
)
from tap_linkedin_ads.sync.page_roles import POST_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.api.workers import Workers
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.sync.post_lists import ListedPost

RESOURCE = "socialMetadata"
_Metadata = dict[str, Found | RequestFailedError]


@dataclass(eq=False, slots=True)
class _Batch:
    """Posts of any pages that are asked for together."""

    posts: tuple[ListedPost, ...]
    ask: Callable[[list[str]], _Metadata]

    def first(self) -> Callable[[], _Metadata]:
        """Return the request."""
        return functools.partial(self.ask, [post.urn for post in self.posts])

    def following(self, _: _Metadata) -> None:
        """Return None: there is nothing more."""


class SocialMetadata:
    """Asks for reactions and numbers of comments, fifty posts a request, whosever they are."""

    def __init__(self, lookups: Lookups, stream: str) -> None:
        """Ask on behalf of a stream."""
        self._lookups = lookups
        self._stream = stream

    def read(self, posts: Iterable[ListedPost], workers: Workers) -> Iterator[Answer]:
        """Yield what LinkedIn answers about each post, in order."""
        posts = iter(posts)
        batches = iter(lambda: tuple(itertools.islice(posts, BATCH_SIZE)), ())
        for found in in_parallel((_Batch(some, self._ask) for some in batches), workers):
            for post in found.sequence.posts:
                yield Answer(post, functools.partial(_one_of, found.answer, post.urn))

    def _ask(self, urns: list[str]) -> _Metadata:
        try:
            found = self._lookups.get_batch(RESOURCE, urns, self._stream)
        except RequestFailedError as error:
            if error.failure.remedy not in {Remedy.BACK_OFF, Remedy.FIX_REQUEST}:
                raise
            found = None  # one by one, the odd one costs itself
        return dict(self._one_by_one(urns)) if found is None else {str(k): found[k] for k in found}

    def _one_by_one(self, urns: list[str]) -> Iterator[tuple[str, Found | RequestFailedError]]:
        """Yield the answers to posts, until a failure that concerns all of them."""
        for post in urns:
            try:
                yield post, self._lookups.get(RESOURCE, post, self._stream)
            except RequestFailedError as error:
                yield post, error
                if is_of_everybody(error):
                    return


def _one_of(answer: Callable[[], _Metadata], post: str) -> Wire:
    """Return what an answer holds about a post.

    Raises:
        RequestFailedError: It cannot be read.
    """
    found = answer()[post]
    if isinstance(found, Failure):
        raise RequestFailedError(found, RESOURCE)
    if isinstance(found, RequestFailedError):
        raise found
    return found


def comments(wire: Wire) -> int | None:
    """Return how many comments a post has, replies included; None where LinkedIn does not say."""
    try:
        return exact_integer(at(wire, "commentSummary.count"))
    except ValueError:
        return None


class PostSocialMetadata(PostActivity):
    """Numbers of reactions and comments of each post, on the day of reading.

    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    name = "post_social_metadata"
    primary_keys = ("post_urn", "metric_date")
    replication_key = "metric_date"
    resource = RESOURCE

    @property
    @override
    def through(self) -> str:
        return min(self.run.today, self.run.settings.end_date).isoformat()

    @override
    def answers(self, posts: Sequence[ListedPost]) -> Iterator[Answer]:
        metadata = SocialMetadata(self.directory.lookups, self.name)
        return metadata.read(self.worth_asking(posts), self.run.workers)

    @override
    def records(self, post: ListedPost, answer: Wire) -> Iterator[Record]:
        count = comments(answer)
        if count is not None:
            self.directory.post_lists[post.organization].comment_counts[post.urn] = count
        self.feed_children(post.organization, (post, answer))
        if not self.selected:
            return
        record = self.about(post)
        unreadable: list[UnreadableValue] = []
        record["metric_date"] = self.run.today.isoformat()
        try:
            paths.fill(record, answer, self.declared(), unreadable)
            if "reaction_count" in record:
                record["reaction_count"] = _total(answer)
        except UNREADABLE as error:
            self.set_aside(post.organization, error, record)
            return
        if self.accept(post.organization, record, unreadable):
            yield record


def _total(wire: Wire) -> int | None:
    """Return all reactions together, None where they cannot be added up."""
    summaries = at(wire, "reactionSummaries")
    if not isinstance(summaries, Mapping):
        return None
    try:
        return sum(exact_integer(at(summary, "count")) for summary in summaries.values())
    except ValueError:
        return None  # post_reactions tells which


class PostReactions(ChildRecords):
    """Reactions to each post by kind, on the day of reading."""

    name = "post_reactions"
    parent_stream_type = PostSocialMetadata
    selected_by_default = False
    primary_keys = ("post_urn", "reaction", "metric_date")
    replication_key = "metric_date"
    owner_key = "organization_id"
    page_roles = POST_ROLES

    @override
    def records_of(
        self,
        owner: int,
        source: tuple[ListedPost, Wire],
        unreadable: list[UnreadableValue],
    ) -> Iterator[Record]:
        post, wire = source
        columns = self.effective_schema["properties"]
        found = found_at(wire, "reactionSummaries")
        if not isinstance(found, Mapping):
            if found is not None:
                why = f"LinkedIn sent {shown(found)!r} as reactions"
                self.set_aside(owner, why, {"post_urn": post.urn})
            return
        for reaction, summary in found.items():
            count = found_at(summary, "count")
            if not isinstance(count, Misplaced) and count is None:
                count = Misplaced(summary)
            yield {
                **identity(post),
                "reaction": reaction,
                "metric_date": self.run.today.isoformat(),
                "count": fitting("count", count, columns["count"], unreadable),
            }

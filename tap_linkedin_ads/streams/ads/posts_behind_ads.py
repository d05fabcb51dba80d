"""Reads the posts that ads show, while creatives are read.

Fifty posts go into one request, whichever ad accounts' creatives show them, and each post is asked
for once a run; so are its media. Until its post is known a creative waits, and behind it whatever
has to follow.

LinkedIn's rules: LI-33, LI-70, LI-74.
"""

from __future__ import annotations

import collections
import functools
import typing as t
from itertools import starmap

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.batch_get import Batcher, Found
from tap_linkedin_ads.api.errors import Failure, RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.streams.ads import creative_content
from tap_linkedin_ads.streams.pages.post_content import Post
from tap_linkedin_ads.streams.pages.post_media import PostMedia

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.streams.ads.ad_posts import AdPosts
    from tap_linkedin_ads.streams.linkedin_stream import ChildRecords

RESOURCE = "posts"
_MOST_WAITING = 1000
"""What waits at most for a request to fill up; beyond it the request goes out as it is."""


class ShowsPosts:
    """Marks the child streams of creatives that get posts, and not creatives."""


class _Read(t.NamedTuple):
    """A post that waits for its media."""

    account: int
    post: Post
    media: tuple[tuple[str, str], ...]


class PostsBehindAds:
    """The posts of one run's creatives, on their way to their records."""

    def __init__(
        self, stream: AdPosts, selected: Sequence[ChildRecords], incomplete: set[int]
    ) -> None:
        """Ask for nothing yet.

        Args:
            stream: The stream of posts, selected or not: on its behalf posts are asked for.
            selected: The streams that get the posts.
            incomplete: Takes the ad accounts of creatives whose posts could not be read.
        """
        run, self._lookups = stream.run, stream.directory.lookups
        ask = functools.partial(self._lookups.try_batch, RESOURCE, stream=stream.name)
        self._stream = stream
        self._selected = selected
        self._incomplete = incomplete
        self._batch = Batcher[Found](ask, run.workers)
        self._media = PostMedia(run, self._lookups, stream.name)
        self._known: dict[str, Mapping[str, str | None] | None] = {}
        """What creatives show of each post that was asked for; None until that is known."""
        self._asked: collections.deque[tuple[int, str]] = collections.deque()
        self._read: collections.deque[_Read] = collections.deque()
        self._unread: set[str] = set()
        self._nameless: list[Post] = []
        self._line: collections.deque[tuple[str, Record] | Callable[[], object]] = (
            collections.deque()
        )
        self._latest = ""
        """The post of the creative that came last."""

    def want(self, account: int, creative: Wire) -> None:
        """Take note of a creative, and write what has become known of posts."""
        self._latest = post = creative_content.post_of(creative)
        if post and post not in self._known:
            self._known[post] = None
            self._asked.append((account, post))
            if not self._lookups.one_by_one(RESOURCE):
                self._batch.want(post)
        while self._asked and self._may_take(self._asked[0][1]):
            self._take(*self._asked.popleft())
        while self._read and self._may_finish(self._read[0].media):
            self._finish(self._read.popleft())

    def then(self, act: Callable[[], object]) -> None:
        """Do something once all creatives that came so far are given."""
        self._line.append(act)

    def among(self, creatives: Iterator[Record]) -> Iterator[Record]:
        """Yield creatives with what they show of their posts; ``want`` was called before each."""
        for creative in creatives:
            if self._latest:
                self._line.append((self._latest, creative))
            else:
                yield creative
            if len(self._line) > _MOST_WAITING:
                self._take_all()
            yield from self._given()
        self._take_all()
        yield from self._given()
        self._media.send()
        while self._read:
            self._finish(self._read.popleft())
        self._stream.tell_forbidden()

    def _given(self) -> Iterator[Record]:
        """Yield the creatives whose posts are known."""
        while self._line:
            foremost = self._line[0]
            if not isinstance(foremost, tuple):
                foremost()
            else:
                post, creative = foremost
                shown = self._known[post]
                if shown is None:
                    return
                if post in self._unread:
                    self._incomplete.add(creative["account_id"])
                for column, text in shown.items():
                    if column in creative and creative[column] is None:
                        creative[column] = text
                yield creative
            self._line.popleft()

    # Posts

    def _may_take(self, post: str) -> bool:
        """Whether a post is to be taken before more creatives are read."""
        is_alone = not self._batch.is_wanted(post)
        return is_alone or self._batch.is_there(post) or len(self._asked) > _MOST_WAITING

    def _take_all(self) -> None:
        while self._asked:
            self._take(*self._asked.popleft())

    def _take(self, account: int, name: str) -> None:
        """Take one post, and ask for its media."""
        self._known[name] = {}
        try:
            found = self._found(name)
            if isinstance(found, Failure):
                self._stream.is_forbidden(name, found)
                post = Post({"id": name}, None, is_readable=False)
            else:
                post = Post({**found, "id": name}, _page(found))
            self._known[name] = creative_content.of_post(post.wire)
            media = tuple(dict.fromkeys(self._stream.shape.media_of(post)))
            for resource, medium in media:
                self._media.want(resource, medium)
        except UNREADABLE as error:
            self._failed(account, name, error)
        else:
            self._nameless.append(post)
            self._read.append(_Read(account, post, media))

    def _found(self, post: str) -> Found:
        """Return a post, or why there is none.

        Raises:
            RequestFailedError: It cannot be read, though it may be there.
        """
        if ended := self._stream.ended:
            if self._batch.is_wanted(post):
                self._batch.drop(post)
            if ended.failure.scope_missing:
                return ended.failure
            raise ended
        try:
            answer = self._batch.take(post) if self._batch.is_wanted(post) else None
            if answer is not None:
                return answer[post]
            return self._lookups.get(RESOURCE, post, self._stream.name)
        except RequestFailedError as error:
            if not error.failure.scope_missing:
                raise
            return error.failure

    def _failed(self, account: int, post: str, error: Exception) -> None:
        self._unread.add(post)
        self._stream.cannot_read_post(account, post, error)

    # Media

    def _may_finish(self, media: tuple[tuple[str, str], ...]) -> bool:
        if self._lookups.lacks_batches or len(self._read) > _MOST_WAITING:
            return True
        return all(starmap(self._media.is_there, media))

    def _finish(self, read: _Read) -> None:
        """Write a post that has its media, and what lies inside it."""
        try:
            self._stream.shape.look_up_names(self._nameless)
            self._nameless.clear()
            for resource, medium in read.media:
                read.post.media[medium] = self._media.take(resource, medium)
        except UNREADABLE as error:
            self._failed(read.account, read.post.urn, error)
            return
        for stream in self._selected:
            stream.write(read.account, read.post)


def _page(post: Wire) -> int | None:
    """Return the number of the page that published a post, None for a person."""
    author = str(post.get("author"))
    return urn.number(author) if urn.kind(author).startswith("organization") else None

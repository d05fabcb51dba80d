"""A page's posts, newest modification first, although the list moves while it is read.

Rule LI-66: the author finder gives pages by position. A post that is published or
modified moves the others back, a deleted one moves them forward, so each request overlaps the one
before by a post; where nothing overlaps, posts were skipped and the tap goes back.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import msgspec

from tap_linkedin_ads.api import epoch, responses, urn
from tap_linkedin_ads.api.pagination import MOST_EMPTY, count_of, endless, names_next, total_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records.values import shown
from tap_linkedin_ads.streams.pages.post_content import Post

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_linkedin_ads.api.client import Client

PAGE_SIZE = 100
_RESOURCE = "posts"
_NEWEST = 253_402_300_799_999
"""The last millisecond that a calendar has."""
_MOST_URNS = 100
_PAGES_REMEMBERED = 3


@dataclass(slots=True)
class Place:
    """How far a list of posts was read: the last post that was dealt with.

    Attributes:
        position: Its position in LinkedIn's list.
        modified: When it was last modified, in milliseconds.
        urns: The posts dealt with that were modified at that very instant.
    """

    position: int
    modified: int
    urns: list[str] = field(default_factory=list)

    def pass_by(self, post: Post) -> None:
        """Move behind a post."""
        if post.modified != self.modified:
            self.urns.clear()
        self.position, self.modified = post.position, post.modified
        self.urns[: -_MOST_URNS + 1] = []
        self.urns.append(post.urn)

    def is_behind(self, post: Post) -> bool:
        """Whether a post was dealt with, or has come to the front of the list since."""
        return post.modified > self.modified or post.urn in self.urns

    def markers(self) -> dict[str, t.Any]:
        """Return the place as it is kept in the state."""
        return {
            "position": self.position,
            "last_modified_at": epoch.instant(self.modified),
            "post_urns": list(self.urns),
        }

    @classmethod
    def of(cls, markers: Mapping[str, t.Any]) -> Place | None:
        """Return the place that markers tell, None where they tell none."""
        try:
            modified = epoch.milliseconds(epoch.parse(markers["last_modified_at"]))
            return cls(int(markers["position"]), modified, [str(u) for u in markers["post_urns"]])
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


class PostPages:
    """Reads the posts of one company page, page by page."""

    def __init__(self, client: Client, organization: int, stream: str) -> None:
        """Ask on behalf of a stream."""
        self.odd: list[str] = []
        """Takes what is wrong with posts that cannot be told apart."""
        self.is_at_end = False
        """Whether LinkedIn has no post behind those that were read."""
        self._client = client
        self.organization = organization
        self._size = PAGE_SIZE
        self._request = Request(
            _RESOURCE,
            "/posts",
            {
                "author": urn.make("organization", organization),
                "q": "author",
                "sortBy": "LAST_MODIFIED",
            },
            "FINDER",
            stream,
        )

    def one_row(self) -> Request:
        """Return the first request, but for one row."""
        return self._request.with_parameters({"start": 0, "count": 1})

    def read(self, place: Place | None, oldest: int) -> Iterator[list[Post]]:
        """Yield the posts behind a place, a page at a time, each once.

        Args:
            place: Where an earlier run stopped; None begins with the newest post.
            oldest: No page is asked for behind a post modified before this instant, in
                milliseconds.
        """
        start = place.position if place else 0
        seen: list[set[str]] = []
        overlaps = place is not None  # the page at ``start`` must begin with a known post
        gone_back: set[int] = set()
        is_again = False
        empty = 0
        while True:
            answer = self._ask(start)
            posts = self._posts(answer, start)
            if not posts and names_next(answer, start):
                empty += 1
                if empty > MOST_EMPTY:
                    raise endless("one empty page after the other names a next one", self._request)
                if not empty % 2:  # asked twice: its posts were filtered out
                    start, overlaps = start + count_of(answer, self._size), False
                continue
            empty = 0
            known = set().union(*seen)
            new = [p for p in posts if p.urn not in known and not (place and place.is_behind(p))]
            skipped = not posts or posts[:1] == new[:1]
            if overlaps and skipped and start and start not in gone_back:
                gone_back.add(start)
                start, overlaps, is_again = max(0, start - self._size), not seen, True
                continue
            urns = {post.urn for post in posts}
            is_stuck = not is_again and (
                urns in seen[-1:] or not (new or self._all_known(posts, place))
            )
            if new:
                yield new
            self.is_at_end = is_stuck or self._is_last(answer, posts, start)
            if self.is_at_end or posts[-1].modified < oldest:
                return
            seen = [*seen[-_PAGES_REMEMBERED + 1 :], urns]
            size = count_of(answer, self._size)
            overlaps, is_again = len(posts) >= size, False
            start += max(size - 1, 1) if overlaps else size

    def _ask(self, start: int) -> responses.FinderAnswer:
        page = self._request.with_parameters({"start": start, "count": self._size})
        sent, answer = self._client.fetch_adapted(page, responses.finder)
        self._size = int(str(sent.parameters["count"]))
        return answer

    def _posts(self, answer: responses.FinderAnswer, start: int) -> list[Post]:
        posts: list[Post] = []
        for position, raw in enumerate(answer.elements, start):
            before = posts[-1].modified if posts else _NEWEST
            try:
                wire = responses.row(raw)
            except (msgspec.DecodeError, RecursionError):
                wire = {}
            if isinstance(wire.get("id"), str) and wire["id"]:
                posts.append(Post(wire, self.organization, position, before))
            else:
                self.odd.append(f"LinkedIn sent a post with the id {shown(wire.get('id'))}")
        return posts

    @staticmethod
    def _all_known(posts: list[Post], place: Place | None) -> bool:
        """Whether an earlier run has dealt with a page, so that others follow it."""
        return bool(place and posts and place.is_behind(posts[-1]))

    def _is_last(self, answer: responses.FinderAnswer, posts: list[Post], start: int) -> bool:
        """Whether no page follows: links, ``total`` and full pages were all seen to mislead.

        A short page may be followed by more, then it links to them; a full page without a link
        is the last one only where the total says so, too.
        """
        if not posts:
            return True
        if names_next(answer, start):
            return False
        is_told = 0 < total_of(answer) <= start + len(posts)
        return len(posts) < self._size or is_told

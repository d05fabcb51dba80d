"""What a run has listed of pages' posts, so that its streams share one reading. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping


class ListedPost(t.NamedTuple):
    """A post as streams about what members do with it know it.

    Attributes:
        organization: The page that published it.
        urn: ``urn:li:share:{id}`` or ``urn:li:ugcPost:{id}``.
        modified: When it was last modified, in milliseconds.
        published: When it was published, else made, in milliseconds.
        is_video: It shows a video.
    """

    organization: int
    urn: str
    modified: int
    published: int
    is_video: bool


@dataclass(slots=True)
class PostList:
    """The posts of one page, newest modification first, as far as they were listed.

    Attributes:
        posts: The posts by URN.
        place: Behind which post the list goes on, as progress markers tell it.
        is_whole: Nothing follows.
        odd: What is wrong with posts that cannot be told apart.
        comment_counts: How many comments posts have, as far as the run knows.
    """

    posts: dict[str, ListedPost] = field(default_factory=dict)
    place: Mapping[str, t.Any] | None = None
    is_whole: bool = False
    odd: list[str] = field(default_factory=list)
    comment_counts: dict[str, int] = field(default_factory=dict)

    def reaches(self, oldest: int) -> bool:
        """Whether it holds every post that was modified at or behind an instant."""
        last = next(reversed(self.posts.values()), None)
        return self.is_whole or (last is not None and last.modified < oldest)

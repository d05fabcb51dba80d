"""Ways through the posts of one page: a new one, or the rest of one that stopped. Pure.

LinkedIn gives posts newest modification first, so a run that stops leaves the older ones. The next
run reads those. With a row a day for every post, the rest of a pass that began on an earlier day is
not enough: a second pass gives the newer ones their rows of the present day.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.streams.pages.post_pages import Place

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_linkedin_ads.streams.pages.post_content import Post


@dataclass(slots=True)
class Pass:
    """One way through a page's posts, or the rest of one.

    Attributes:
        start: Behind which post it goes on; None begins with the newest one.
        end: Posts behind this place were read on the day on which the pass began; None reads
            to the end.
        newest: The latest modification of the posts that were read, RFC 3339 in UTC; empty before
            the first one.
        began_on: The UTC day on which it began, where there is a row a day; else None.
        is_rest: An earlier run has read its newest post.
        reached: The last post that was dealt with.
    """

    start: Place | None = None
    end: Place | None = None
    newest: str = ""
    began_on: str | None = None
    is_rest: bool = field(init=False, compare=False)
    reached: Place = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Begin at its start, whose place stays as it is."""
        self.is_rest = bool(self.newest)
        start = self.start or Place(0, -1)
        self.reached = dataclasses.replace(start, urns=list(start.urns))

    @property
    def oldest(self) -> int:
        """Return the instant of modification before which nothing is left to read."""
        return self.end.modified if self.end else 0

    def holds(self, post: Post) -> bool:
        """Whether a post was not read in another pass of the same day."""
        return self.end is None or self.end.is_behind(post)

    def pass_by(self, post: Post, until: int) -> None:
        """Move behind a post.

        Args:
            post: The post.
            until: The instant before which a modification counts for the bookmark, in
                milliseconds.
        """
        own = post.own_modified
        if own is not None and own < until and not self.is_rest:
            self.newest = max(self.newest, epoch.instant(own))
        self.reached.pass_by(post)

    def markers(self) -> dict[str, t.Any]:
        """Return how far the pass has come, as it is kept in the state."""
        found: dict[str, t.Any] = {"newest": self.newest, **self.reached.markers()}
        if self.began_on:
            found["began_on"] = self.began_on
        if self.end:
            found["read_from"] = self.end.markers()
        return found


def passes(markers: Mapping[str, t.Any] | None, today: str | None) -> Iterator[Pass]:
    """Yield the passes that a page needs.

    Args:
        markers: How far an earlier run got; None where it finished.
        today: The UTC day where every post is to have a row of each day, else None.
    """
    start = Place.of(markers or {})
    if markers is None or start is None:
        yield Pass(began_on=today)
        return
    newest, began_on = str(markers.get("newest") or ""), markers.get("began_on")
    if today is None or began_on == today:
        end = Place.of(markers.get("read_from") or {})
        yield Pass(start, end, newest, began_on)
        return
    yield Pass(start, None, newest, began_on)
    yield Pass(None, start, "", today)

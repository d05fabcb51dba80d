"""Lists posts of a page and remembers them for the other streams of the run."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.streams.pages import post_content
from tap_linkedin_ads.streams.pages.post_pages import Place
from tap_linkedin_ads.sync.post_lists import ListedPost

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.streams.pages.post_pages import PostPages
    from tap_linkedin_ads.sync.post_lists import PostList


def listed(lists: PostPages, found: PostList, oldest: int) -> Iterator[list[Post]]:
    """Yield the posts that a list goes on with, a page at a time, and add them to it.

    Args:
        lists: Asks for the posts.
        found: What is known of the list.
        oldest: No page is asked for behind a post modified before this instant, in milliseconds.
    """
    place, known_odd = Place.of(found.place or {}), list(found.odd)
    for posts in lists.read(place, oldest):
        place = place or Place(0, -1)
        for post in posts:
            place.pass_by(post)
            published = post.published or post_content.milliseconds(post.wire.get("createdAt")) or 0
            is_video = post_content.content_type(post.wire) == "media_video"
            found.posts[post.urn] = ListedPost(
                lists.organization, post.urn, post.modified, published, is_video
            )
        found.place, found.odd = place.markers(), [*known_odd, *lists.odd]
        yield posts
    found.is_whole, found.odd = lists.is_at_end, [*known_odd, *lists.odd]

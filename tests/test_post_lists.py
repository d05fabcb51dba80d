"""What a run has listed of a page's posts: how far back it reaches."""

from __future__ import annotations

import pytest

from tap_linkedin_ads.sync.post_lists import ListedPost, PostList


def listed(*modified: int, is_whole: bool = False) -> PostList:
    """Return a list of posts, newest modification first."""
    posts = [
        ListedPost(1, f"urn:li:share:{n}", at, published=0, is_video=False)
        for n, at in enumerate(modified)
    ]
    return PostList({post.urn: post for post in posts}, is_whole=is_whole)


@pytest.mark.parametrize(
    ("posts", "reaches"),
    [
        (listed(9, 5), True),
        (listed(9, 6), False),  # further posts may have been modified at the same instant
        (listed(9, 7), False),
        (listed(), False),
        (listed(is_whole=True), True),
        (listed(9, is_whole=True), True),
    ],
    ids=["older", "same instant", "newer", "nothing", "no post", "whole"],
)
def test_a_list_reaches_back_to_an_instant(posts: PostList, *, reaches: bool) -> None:
    """Where its last post is older, or nothing follows."""
    assert posts.reaches(6) is reaches

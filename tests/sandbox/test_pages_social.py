"""Reactions, comments and videos of posts: what is served is what the world knows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.sandbox.conftest import TODAY, Caller
from tests.sandbox.test_pages_posts import read
from tests.sandbox.test_pages_refusals import UGC, VIDEO, span

if TYPE_CHECKING:
    from sandbox import World

DAY = dt.timedelta(days=1)


def test_metadata_counts_reactions_and_comments(caller: Caller, world: World) -> None:
    """Of every published post, alone and in a batch, replies among the comments."""
    posts = [row["id"] for row in world.pages.truth.posts(9087651)][:40]
    keys = ",".join(quote(urn, safe="") for urn in posts)
    results = caller.get(f"/rest/socialMetadata?ids=List({keys})").body["results"]
    assert results.keys() == set(posts)
    for urn, found in results.items():
        counts = {kind: row["count"] for kind, row in found["reactionSummaries"].items()}
        comments = world.pages.truth.comments(urn)
        assert counts == world.pages.truth.reactions(urn)
        assert found["commentSummary"]["count"] == len(comments)
        top = sum("parentComment" not in row for row in comments)
        assert found["commentSummary"]["topLevelCount"] == top
    (single,) = (caller.get(f"/rest/socialMetadata/{keys.split(',')[0]}").body,)
    assert single == results[posts[0]]


def test_comments_and_replies_come_page_by_page(caller: Caller, world: World) -> None:
    """A post lists its comments, a comment its replies."""
    for urn, comments in world.pages.comments.items():
        top = read(caller, f"/rest/socialActions/{quote(urn, safe='')}/comments", 50)
        found = [row["id"] for row in top]
        for row in top:
            if "commentsSummary" in row:
                parent = quote(row["commentUrn"], safe="")
                replies = read(caller, f"/rest/socialActions/{parent}/comments", 1)
                assert {reply["parentComment"] for reply in replies} == {row["commentUrn"]}
                found += [reply["id"] for reply in replies]
        assert sorted(found) == sorted(row["id"] for row in comments)


def test_days_of_a_video_add_up(caller: Caller, world: World) -> None:
    """Days without a view are left out; the total is their sum."""
    urn = "urn:li:ugcPost:7450000000000000004"
    first = TODAY - 150 * DAY
    rows = caller.get(VIDEO + UGC + span(first, TODAY)).body["elements"]
    truth = world.pages.truth.video_days(urn, first, TODAY - DAY)
    assert [row["value"] for row in rows] == [day["VIDEO_VIEW"] for day in truth.values()]
    assert len(rows) > 1
    total = caller.get(VIDEO + UGC).body["elements"]
    everything = world.pages.truth.video_days(urn, TODAY - 184 * DAY, TODAY - DAY)
    views = sum(day["VIDEO_VIEW"] for day in everything.values())
    assert total == [{"entity": urn, "value": views, "statisticsType": "VIDEO_VIEW"}]

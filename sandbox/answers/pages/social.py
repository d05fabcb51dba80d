"""socialMetadata, comments of socialActions, and videoAnalytics."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import project
from sandbox.answers.pages import envelope, windows
from sandbox.answers.pages.posts import forbidden
from sandbox.api import rules
from sandbox.world.pages import social
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: Months for which LinkedIn keeps the figures of videos.
_MONTHS = 6


def _trouble(request: Request, urn: str) -> rules.Refusal | None:
    """Return why the member may not see what others do with a post, None where nothing is."""
    row = request.world.pages.posts.get(urn)
    if row is None or row["lifecycleState"] != "PUBLISHED":
        return rules.legacy("unknown_page_entity", 404, "Post not found", code="NOT_FOUND")
    if not request.world.pages.reads_posts(urn_id(row["author"])):
        return forbidden()
    return None


def _metadata(request: Request, urn: str) -> Wire | rules.Refusal:
    """Return counts of reactions and comments; replies count as comments as well."""
    if refusal := _trouble(request, urn):
        return refusal
    pages, today = request.world.pages, request.world.today
    published = windows.day_of(pages.posts[urn]["publishedAt"])
    counts = social.reactions(pages.figures.seed, urn, published, today)
    comments = pages.comments.get(urn, [])
    top = [row for row in comments if "parentComment" not in row]
    row = {
        "entity": urn,
        "commentsState": "CLOSED" if urn_id(urn) % 9 == 0 else "OPEN",
        "commentSummary": {"count": len(comments), "topLevelCount": len(top)},
        "reactionSummaries": social.summary(counts),
    }
    return project(row, request.fields)


def get(request: Request) -> Wire:
    """Serve socialMetadata of one post."""
    found = _metadata(request, request.keys["post"])
    if isinstance(found, rules.Refusal):
        raise found
    return found


def batch_get(request: Request) -> Wire:
    """Serve socialMetadata of ``ids=List(urn,urn)``; both kinds of URN may stand side by side."""
    return envelope.batch({urn: _metadata(request, urn) for urn in request.params["ids"]})


def comments(request: Request) -> Served:
    """Serve the comments on a post, or the replies to a comment, oldest first."""
    urn: str = request.keys["commented"]
    pages = request.world.pages
    post = urn
    if urn.startswith("urn:li:comment:"):
        known = (p for p, rows in pages.comments.items() for r in rows if r["commentUrn"] == urn)
        post = next(known, "")
    if refusal := _trouble(request, post):
        raise refusal
    parent = None if post == urn else urn
    rows = pages.comments.get(post, [])
    found = [_with_replies(row, rows) for row in rows if row.get("parentComment") == parent]
    page, rest = envelope.index_page(request, found)
    return [project(row, request.fields) for row in page], rest


def _with_replies(row: Wire, rows: list[Wire]) -> Wire:
    count = sum(other.get("parentComment") == row["commentUrn"] for other in rows)
    if not count:
        return row
    replies = {"aggregatedTotalComments": count, "totalFirstLevelComments": count}
    return {**row, "commentsSummary": {"selectedComments": [], **replies}}


def video(request: Request) -> Served:
    """Serve videoAnalytics of one post and type: by day, or in total."""
    urn: str = request.params["entity"]
    if refusal := _trouble(request, urn):
        raise refusal
    world, kind = request.world, request.params["type"]
    media = world.pages.posts[urn].get("content", {}).get("media", {}).get("id", "")
    if ":video:" not in media:
        raise rules.legacy("no_video", 400, f"Entity {urn} has no video", code="ILLEGAL_ARGUMENT")
    oldest = windows.add_months(world.today, -_MONTHS)
    first, end = oldest, world.today
    if bounds := request.params.get("timeRange"):
        first, end = windows.day_of(bounds["start"]), windows.day_of(bounds["end"])
        if bounds["end"] > world.now or first >= end:
            raise rules.invalid("timeRange")
        if first < oldest:
            raise rules.legacy(
                "video_age", 400, "Metrics are kept for six months", code="ILLEGAL_ARGUMENT"
            )
    published = windows.day_of(world.pages.posts[urn]["publishedAt"])
    days = [first + dt.timedelta(days=n) for n in range((end - first).days)]
    counts = {day: world.pages.figures.video(urn, published, day).get(kind, 0) for day in days}
    if request.params.get("aggregation", "ALL") == "ALL":
        total = sum(counts.values())
        return envelope.whole([{"entity": urn, "value": total, "statisticsType": kind}])
    rows = [
        {
            "entity": urn,
            "value": count,
            "statisticsType": kind,
            "timeRange": {
                "start": windows.midnight(day),
                "end": windows.midnight(day + dt.timedelta(days=1)),
            },
        }
        for day, count in counts.items()
        if count
    ]
    return envelope.whole(rows)

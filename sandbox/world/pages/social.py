"""What members do with posts: reactions, comments and the playing of videos.

Counts are a function of seed, post and day. Comments are kept, for they have texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

Wire = dict[str, Any]

REACTIONS = ("LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT")
VIDEO_TYPES = ("VIDEO_VIEW", "VIEWER", "TIME_WATCHED", "TIME_WATCHED_FOR_VIDEO_VIEWS")
#: Days after which nobody reacts any more.
_LIVELY = 60


def reactions(seed: int, urn: str, published: dt.date, day: dt.date) -> dict[str, int]:
    """Return the reactions to a post at the end of a day; kinds that nobody chose are not there."""
    mark = crc32(f"{seed}:reactions:{urn}".encode())
    age = min((day - published).days, _LIVELY)
    counts = {
        kind: (mark >> place * 4 & 15) * (age + 2) // (3 * (place + 1))
        for place, kind in enumerate(REACTIONS)
    }
    return {kind: count for kind, count in counts.items() if count > 0}


def plays(impressions: int, mark: int) -> dict[str, int]:
    """Return the figures of a video on a day, by type; empty where nobody saw it.

    Args:
        impressions: How often the post was shown on that day.
        mark: A number of the post's own.
    """
    views = impressions // 3
    if not views:
        return {}
    watched = views * (4_000 + mark % 9_000)
    return {
        "VIDEO_VIEW": views,
        "VIEWER": views * 4 // 5 + 1,
        "TIME_WATCHED": watched + impressions * 700,
        "TIME_WATCHED_FOR_VIDEO_VIEWS": watched,
    }


def comment(number: int, post: str, actor: str, text: str, instant: int) -> Wire:
    """Return a comment as LinkedIn gives it to the page's administrator."""
    activity = f"urn:li:activity:{int(post.rpartition(':')[2]) + 100}"
    stamp = {"actor": actor, "time": instant}
    return {
        "id": str(number),
        "commentUrn": f"urn:li:comment:({activity},{number})",
        "object": activity,
        "actor": actor,
        "message": {"attributes": [], "text": text},
        "created": stamp,
        "lastModified": dict(stamp),
        "likesSummary": {
            "selectedLikes": [],
            "aggregatedTotalLikes": number % 5,
            "likedByCurrentUser": False,
            "totalLikes": number % 5,
        },
    }


def summary(counts: Mapping[str, int]) -> Wire:
    """Return ``reactionSummaries`` of some counts."""
    return {kind: {"reactionType": kind, "count": count} for kind, count in counts.items()}

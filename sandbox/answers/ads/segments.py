"""dmpSegments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import envelope
from sandbox.answers.entities import no_role
from sandbox.api import rules
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: An account with more DMP segments is not served at all.
LIMIT = 1000


def dmp_segments(request: Request) -> Served:
    """Serve ``q=account`` of dmpSegments."""
    rows = envelope.of_account(request, request.params["account"], "dmpSegments")
    if len(rows) > LIMIT:
        raise rules.legacy(
            "segment_limit", 429, "Segment limit exceeded", code="SEGMENT_LIMIT_EXCEEDED"
        )
    platform = request.params.get("sourcePlatform")
    found = [row for row in rows if platform in (None, row["sourcePlatform"])]
    return envelope.page(request, found, total=len(found))


def dmp_segment(request: Request) -> Wire:
    """Serve one DMP segment."""
    return envelope.one(request, "dmpSegments", request.keys["segment"])


def destinations(request: Request) -> Served:
    """Serve the destinations of a DMP segment."""
    row = request.world.table("dmpSegments").get(request.keys["segment"])
    if row is None:
        raise rules.not_found()
    if not request.world.readable(urn_id(row["account"])):
        raise no_role(urn_id(row["account"]))
    return envelope.page(request, row["destinations"])

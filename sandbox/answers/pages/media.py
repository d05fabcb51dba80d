"""images, videos and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import project
from sandbox.answers.pages import envelope
from sandbox.api import rules
from sandbox.world.pages import wire
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]


def _one(request: Request, urn: str) -> Wire | rules.Refusal:
    """Return a medium with the links of today, or why not."""
    pages = request.world.pages
    row = pages.media.get(urn)
    if row is None:
        return rules.not_found("unknown_page_entity")
    if urn in pages.forbidden or not _readable(request, row["owner"]):
        kind = urn.split(":")[2]
        return rules.legacy(
            "media_forbidden",
            403,
            f"Accessing this {kind} resource is forbidden. "
            "Please check your permissions for this resource",
            serviceErrorCode=100,
            code="ACCESS_DENIED",
        )
    return project(wire.signed(row, request.world.today), request.fields)


def _readable(request: Request, owner: str) -> bool:
    kind = owner.split(":")[2]
    if kind == "organization":
        return request.world.pages.reads_posts(urn_id(owner))
    if kind == "sponsoredAccount":
        return request.world.readable(urn_id(owner))
    return owner == request.world.member


def get(request: Request) -> Wire:
    """Serve one image, video or document by its URN."""
    (urn,) = request.keys.values()
    found = _one(request, urn)
    if isinstance(found, rules.Refusal):
        raise found
    return found


def batch_get(request: Request) -> Wire:
    """Serve ``ids=List(urn,urn)``: a forbidden one is an error of its own."""
    return envelope.batch({urn: _one(request, urn) for urn in request.params["ids"]})

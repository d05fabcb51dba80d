"""adTargetingEntities: names of URNs, and the values of a facet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import envelope
from sandbox.answers.entities import project
from sandbox.api import rules
from sandbox.world.ads.names import FACETS, name_of, values_of

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: URNs per call.
MOST = 50
_EVERYTHING = 2_147_483_647
FACET_URNS = frozenset(f"urn:li:adTargetingFacet:{facet}" for facet in FACETS.values())


def _entity(request: Request, urn: str) -> Wire | None:
    language = request.params.get("locale", {}).get("language", "en")
    name = name_of(request.world, urn, language)
    if name is None:
        return None
    facet = f"urn:li:adTargetingFacet:{FACETS[urn.split(':')[2]]}"
    return project({"urn": urn, "facetUrn": facet, "name": name}, request.fields)


def by_urns(request: Request) -> Served:
    """Serve ``q=urns``: URNs that cannot be resolved are left out without a word."""
    urns: list[str] = request.params["urns"]
    if not 1 <= len(urns) <= MOST:
        raise rules.legacy("urn_count", 400, f"Parameter 'urns' must hold 1 to {MOST} values")
    found = [_entity(request, urn) for urn in sorted(set(urns), reverse=True)]
    paging = {"paging": {"count": _EVERYTHING, "start": 0, "links": []}}
    return [row for row in found if row is not None], paging


def by_facet(request: Request) -> Served:
    """Serve ``q=adTargetingFacet``: all values of a facet."""
    facet = request.params["facet"].rpartition(":")[2]
    found = [_entity(request, urn) for urn in values_of(facet)]
    rows = [row for row in found if row is not None]
    total = None if request.params.get("totals") is False else len(rows)
    return envelope.page(request, rows, total=total)

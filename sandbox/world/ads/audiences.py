"""Targeting criteria of every shape (LI-80), for the campaigns of a small world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world.world import World

Wire = dict[str, Any]

_FACET = "urn:li:adTargetingFacet:"


def _clause(**facets: list[str]) -> Wire:
    return {"or": {f"{_FACET}{facet}": values for facet, values in facets.items()}}


def _shapes(segments: list[str]) -> list[Wire | None]:
    """Return criteria; None leaves a campaign those that it has."""
    locale = _clause(interfaceLocales=["urn:li:locale:de_DE"])
    return [
        None,
        # Several facets in one clause, several clauses, several facets left out.
        {
            "include": {
                "and": [
                    locale,
                    _clause(
                        titles=[f"urn:li:title:{number}" for number in range(1, 40, 3)],
                        skills=["urn:li:skill:17", "urn:li:skill:1346"],
                    ),
                    _clause(titles=["urn:li:title:4"]),
                    _clause(staffCountRanges=["urn:li:staffCountRange:(51,200)"]),
                ]
            },
            "exclude": _clause(
                titles=["urn:li:title:7"],
                jobFunctions=["urn:li:function:3", "urn:li:function:4"],
            ),
        },
        # Audiences, one of which is gone, and companies, one of which nobody knows.
        {
            "include": {
                "and": [
                    locale,
                    _clause(audienceMatchingSegments=[*segments[:2], "urn:li:adSegment:404"]),
                ]
            },
            "exclude": _clause(
                employers=["urn:li:organization:1035", "urn:li:organization:999999999"],
                audienceMatchingSegments=segments[2:3],
            ),
        },
        # Nothing is left out; a text that is no URN.
        {"include": {"and": [_clause(locations=["urn:li:geo:103644278"], interests=["audits"])]}},
        # Only what is left out.
        {"include": {"and": []}, "exclude": _clause(industries=["urn:li:industry:4"])},
    ]


def add_targeting(world: World) -> None:
    """Give campaigns criteria in turn; one without any stays without."""
    segments: dict[str, list[str]] = {}
    for row in world.table("adSegments").values():
        segments.setdefault(row["account"], []).append(f"urn:li:adSegment:{row['id']}")
    for place, (number, row) in enumerate(sorted(world.table("adCampaigns").items(), key=_key)):
        shapes = _shapes(segments.get(row["account"], []))
        criteria = shapes[place % len(shapes)]
        if criteria and "targetingCriteria" in row:
            world.put("adCampaigns", number, {**row, "targetingCriteria": criteria})


def _key(pair: tuple[Any, Wire]) -> Any:  # noqa: ANN401 - ids of campaigns are numbers
    return pair[0]

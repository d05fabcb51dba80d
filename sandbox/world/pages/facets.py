"""Who follows a page and who looks at it: the values of each facet, and their parts.

Parts fall strictly, so that "the largest values" is never a matter of chance. Followers of one page
are in more regions than LinkedIn shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world.pivots import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.world.pages.figures import Counts

#: LinkedIn's name of a facet of followers -> the key of its values.
FOLLOWER_FACETS = {
    "AssociationType": "associationType",
    "GeoCountry": "geo",
    "Geo": "geo",
    "Function": "function",
    "Industry": "industry",
    "Seniority": "seniority",
    "StaffCountRange": "staffCountRange",
}
#: The same of a page's views. Nobody has shown what a value of TargetedContent is called.
VIEW_FACETS = {
    "IndustryV2": "industryV2",
    "Seniority": "seniority",
    "GeoCountry": "geo",
    "TargetedContent": "targetedContent",
    "StaffCountRange": "staffCountRange",
    "Function": "function",
    "Geo": "geo",
}
#: Followers whose association LinkedIn leaves out, with its key.
NO_ASSOCIATION = ""


def _values(pivot: str, most: int = 1000) -> tuple[str, ...]:
    return tuple(value for (value,) in SPLITS[f"MEMBER_{pivot}"].values[:most])


_VALUES: dict[str, tuple[str, ...]] = {
    "AssociationType": ("EMPLOYEE", NO_ASSOCIATION),
    "GeoCountry": _values("COUNTRY_V2", 12),
    "Geo": (*_values("REGION_V2"), *_values("COUNTY", 30)),
    "Function": _values("JOB_FUNCTION"),
    "Industry": _values("INDUSTRY", 25),
    "IndustryV2": _values("INDUSTRY", 25),
    "Seniority": _values("SENIORITY"),
    "StaffCountRange": _values("COMPANY_SIZE"),
    "TargetedContent": (),
}


def values(facet: str, organization: int) -> tuple[str, ...]:
    """Return the values of a facet that a page has, the largest first.

    Every page but the one whose number ends in 1 lacks some, and pages with an odd number have
    followers with an association only.
    """
    found = _VALUES[facet]
    if facet == "AssociationType":
        return found[: 2 - organization % 2]
    return found if organization % 10 == 1 else found[: len(found) * 2 // 3]


def followers(organization: int, everybody: int) -> Iterator[tuple[tuple[str, str], Counts]]:
    """Yield the followers of a page by facet and value."""
    for facet in FOLLOWER_FACETS:
        found = values(facet, organization)
        for place, value in enumerate(found):
            # Paid followers are few enough to leave the order of all as it is.
            organic = everybody // (3 * len(found)) + (len(found) - place) * 5
            counts = {
                "organicFollowerCount": organic,
                "paidFollowerCount": (place + organization) % 4,
            }
            yield (facet, value), counts


def views(organization: int, everything: Counts) -> Iterator[tuple[tuple[str, str], Counts]]:
    """Yield the parts of a page's views, by facet and value."""
    for facet in VIEW_FACETS:
        found = values(facet, organization)
        for place, value in enumerate(found):
            part = len(found) - place
            counts = {name: count * part // (4 * len(found)) for name, count in everything.items()}
            yield (facet, value), counts

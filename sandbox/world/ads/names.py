"""Names of the URNs that reports and targeting carry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from sandbox.world.pivots import SPLITS

if TYPE_CHECKING:
    from sandbox.world.world import World

#: Kind of URN -> facet of ad targeting.
FACETS = {
    "title": "titles",
    "industry": "industries",
    "seniority": "seniorities",
    "function": "jobFunctions",
    "geo": "locations",
    "organization": "employers",
    "skill": "skills",
    "locale": "interfaceLocales",
}
_SENIORITIES = (
    "Unpaid",
    "Training",
    "Entry",
    "Senior",
    "Manager",
    "Director",
    "VP",
    "CXO",
    "Partner",
    "Owner",
)
#: One in so many titles, geos and skills cannot be resolved.
_LOST = 17
_PIVOTS = {
    "titles": "MEMBER_JOB_TITLE",
    "industries": "MEMBER_INDUSTRY",
    "seniorities": "MEMBER_SENIORITY",
    "jobFunctions": "MEMBER_JOB_FUNCTION",
    "locations": "MEMBER_COUNTRY_V2",
    "employers": "MEMBER_COMPANY",
}


def name_of(world: World, urn: str, language: str = "en") -> str | None:
    """Return the name of a URN, None for one that LinkedIn cannot resolve.

    Args:
        world: The world, for the names of organizations.
        urn: A URN such as ``urn:li:title:9``.
        language: Language of the name.

    Returns:
        The name.
    """
    parts = urn.split(":", 3)
    if len(parts) != 4 or parts[2] not in FACETS:  # noqa: PLR2004 - urn:li:kind:key
        return None
    kind, key = parts[2:]
    if kind == "organization":
        row = world.pages.known(int(key)) if key.isdigit() else None
        return None if row is None else str(row["localizedName"])
    if kind == "seniority":
        found = key.isdigit() and 1 <= int(key) <= len(_SENIORITIES)
        name = _SENIORITIES[int(key) - 1] if found else None
    elif crc32(urn.encode()) % _LOST == 0:
        return None
    else:
        name = f"{kind.capitalize()} № {key}"
    return name if name is None or language == "en" else f"{name} ({language})"


def values_of(facet: str) -> list[str]:
    """Return the URNs of a facet's values."""
    pivot = _PIVOTS.get(facet)
    return [] if pivot is None else [value for (value,) in SPLITS[pivot].values]

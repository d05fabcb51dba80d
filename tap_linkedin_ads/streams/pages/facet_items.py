"""What is inside the lists of a page's lifetime statistics: one list a facet. Pure.

LinkedIn's rules: LI-75, LI-76.
"""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records.entity import snake_case
from tap_linkedin_ads.records.values import UnreadableValueError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_linkedin_ads.api.responses import Wire

NO_VALUE = ""
"""The value of followers of whom LinkedIn names no association type: it leaves the key out."""
_FACETS = {
    "AssociationType": "association",
    "GeoCountry": "country",
    "Geo": "region",
    "IndustryV2": "industry",
    "StaffCountRange": "company_size",
}
"""LinkedIn's words for facets, where ours are others."""
_NAMED = frozenset({"function", "geo", "industry", "seniority"})
"""Types of URN whose names LinkedIn's targeting knows."""


class Item(t.NamedTuple):
    """Figures of one value of a facet.

    Attributes:
        facet: For example ``company_size``.
        value: A URN or a symbol, as LinkedIn sends it; None where it sends none.
        wire: What else LinkedIn says of it.
    """

    facet: str
    value: t.Any
    wire: Wire


def items(
    element: Wire, prefix: str, figures: str, without_shape: Callable[[str], None]
) -> list[Item]:
    """Return what the facets of a page hold, each value of a facet once.

    Args:
        element: The statistics of a page.
        prefix: How the names of its facets begin, for example ``followerCountsBy``.
        figures: The name of the figures in an item; beside it is the value, named like the
            facet or otherwise.
        without_shape: Hears of what is no list of items; it is left out.

    Raises:
        UnreadableValueError: There are no facets, of which LinkedIn sends empty ones as well.
    """
    lists = {name: found for name, found in element.items() if name.startswith(prefix)}
    if not lists:
        raise UnreadableValueError("LinkedIn sent statistics of a page without facets")
    return list(_items(lists, prefix, figures, without_shape))


def _items(
    lists: Wire, prefix: str, figures: str, without_shape: Callable[[str], None]
) -> Iterator[Item]:
    for name, found in lists.items():
        if found is None:
            continue
        word = name.removeprefix(prefix)
        field = word[:1].lower() + word[1:]
        facet = _FACETS.get(word, snake_case(field))
        if not isinstance(found, list):
            without_shape(f"{name} that is no list")
            continue
        seen = set()
        for item in found:
            if not isinstance(item, dict):
                without_shape(f"an item of {name} that is no object")
                continue
            none = NO_VALUE if facet == "association" else None
            others = {key: value for key, value in item.items() if key != figures}
            value = others.get(field, next(iter(others.values()), none))
            if str(value) not in seen:
                seen.add(str(value))
                yield Item(facet, value, item)


def has_name(value: object) -> bool:
    """Whether LinkedIn can be asked for the name of a value."""
    return isinstance(value, str) and urn.kind(value) in _NAMED

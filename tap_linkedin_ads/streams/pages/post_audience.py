"""Whom a targeted post is for: the URNs in its ``targetEntities``, and their names."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.streams.pages.post_content import entity_type

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.streams.pages.post_content import Post
    from tap_linkedin_ads.sync.pivot_value_names import ValueNames

NAMES = "target_entity_names"
"""The column with the names."""
_SPEAKING = frozenset({"", "locale", "staffCountRange"})
"""Types of URN whose values are readable as they are: ``urn:li:locale:en_US``."""


def audience(wire: Wire) -> Iterator[str]:
    """Yield the URNs of a post's audience that have a name to look up."""
    facets = at(wire, "distribution.targetEntities")
    for facet in facets if isinstance(facets, list) else ():
        for values in facet.values() if isinstance(facet, dict) else ():
            for value in values if isinstance(values, list) else ():
                if entity_type(value) not in _SPEAKING:
                    yield value


def look_up(posts: Iterable[Post], names: ValueNames, by: str) -> None:
    """Look up the names of some posts' audiences, up to 50 URNs a request, each once a run.

    Args:
        posts: The posts.
        names: Remembers the names of the run.
        by: The stream that shows them.
    """
    names.look_up(
        {value for post in posts for value in audience(post.wire)}, by, "names of audiences"
    )


def names_of(wire: Wire, names: ValueNames) -> Mapping[str, str] | None:
    """Return the names of a post's audience by URN, None where nothing in it has one."""
    found = {value: name for value in audience(wire) if (name := names.get(value)) is not None}
    return found or None

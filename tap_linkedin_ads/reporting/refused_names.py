"""Which names of ``fields`` LinkedIn refuses, found in few requests. Pure but for what asks.

Rule LI-41: one name that a version or a pivot does not have may refuse the whole request, and the
most names of a request may be fewer than documented. LinkedIn's refusal does not always say which.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_NAMED = 4
"""Names in LinkedIn's words; where there are more, it repeats what it was asked."""


@dataclass(slots=True)
class RefusedNames:
    """What LinkedIn refuses in ``fields`` for one finder and set of pivots.

    Attributes:
        names: Names that refuse any request they are in.
        most: Metrics that one request may name at most; None where no limit was met.
    """

    names: set[str] = field(default_factory=set)
    most: int | None = None


def find(
    names: Sequence[str],
    message: str,
    accepts: Callable[[Sequence[str]], bool],
    suspected: t.AbstractSet[str] = frozenset(),
) -> RefusedNames | None:
    """Find out why a request with these names is refused.

    Args:
        names: The metrics of the refused request.
        message: LinkedIn's words; names that stand in it are suspected first.
        accepts: Sends the request with other metrics, and says whether LinkedIn accepts it.
        suspected: Names that are refused elsewhere, suspected next.

    Returns:
        The names to leave out, or the most names of a request; nothing of both where LinkedIn
        accepts the same request now. None if the names are not what is refused.
    """
    named = {name for name in names if re.search(rf"\b{re.escape(name)}\b", message)}
    if len(named) == 1 and len(names) > 1 and accepts([n for n in names if n not in named]):
        return RefusedNames(named)
    if not accepts(()):
        return None
    guessed = (named if len(named) <= _MOST_NAMED else set()) | (suspected & set(names))
    found = RefusedNames({name for name in names if name in guessed and not accepts([name])})
    left = [name for name in names if name not in found.names]
    if found.names and accepts(left):
        return found
    while left:
        suspect, accepted = _one_of(left, accepts)
        if accepts([suspect]):
            if not accepts(left):
                found.most = _most(left, accepted, accepts)
            return found
        found.names.add(suspect)
        left.remove(suspect)
        if accepts(left):
            return found
    return found


def _one_of(names: Sequence[str], accepts: Callable[[Sequence[str]], bool]) -> tuple[str, int]:
    """Halve refused names down to one; also return how many were accepted together at most."""
    suspects, accepted = names, 0
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        if accepts(half):
            accepted = max(accepted, len(half))
            suspects = suspects[len(half) :]
        else:
            suspects = half
    return suspects[0], accepted


def _most(names: Sequence[str], accepted: int, accepts: Callable[[Sequence[str]], bool]) -> int:
    """Return how many names one request may have, all of which are accepted alone."""
    low, high = max(accepted, 1), len(names)
    while high - low > 1:
        middle = (low + high) // 2
        if accepts(names[:middle]):
            low = middle
        else:
            high = middle
    return low

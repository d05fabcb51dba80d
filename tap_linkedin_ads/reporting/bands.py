"""Which days and which ad accounts share requests, so that answers are as full as they may be.

All ad accounts are read up to one day in a band of one or more requests side by side: whole days
fill an answer badly where one day is large, parts of the ad accounts over more days fill it better.
What is known then decides anew.
"""

from __future__ import annotations

import heapq
import itertools
import math
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_PARTS = 8
"""Requests side by side: rows wait for each other in all of them."""
_MORE = 1.02
_NOTHING = 1e-9
_LIKELY = (0.2, 0.3, 0.3, 0.4, 0.4, 0.4, 0.5, 0.5, 0.5, 0.6, 0.6, 0.7)
"""Parts of all rows that a field group may have: a value that stands twice is twice as likely."""
COST_OF_PARTS, COST_OF_KNOWN_PARTS = 0.02, 0.005
"""Part of a request that is worth having one less side by side; less where rows are known."""


@dataclass(frozen=True, slots=True)
class Band:
    """Days, and how many requests they take.

    Attributes:
        days: Number of days.
        parts: Requests.
        loss: Part of each request that is not filled without need.
    """

    days: int
    parts: int
    loss: float


def best_band(  # noqa: PLR0913  plain values instead of a field group's plan
    totals: Sequence[float],
    heaviest: Sequence[float],
    *,
    later: float,
    days_left: int,
    longest: int,
    room: float,
    may_divide: bool,
    cost_of_parts: float = COST_OF_PARTS,
) -> Band:
    """Choose how many of the next days to ask for together.

    Args:
        totals: Rows of each of the next days, at least one and at most ``longest``.
        heaviest: Rows a day of ad accounts that may not fit into one answer.
        later: Rows of all days behind those.
        days_left: Days left to read.
        longest: Days that a request may have.
        room: Rows to plan for in one answer.
        may_divide: There are ad accounts to divide.
        cost_of_parts: What one more request side by side weighs.
    """
    sums = list(itertools.accumulate(totals))
    all_rows = sums[-1] + later
    least = max(all_rows / room, days_left / longest)
    bands: list[tuple[float, Band]] = []
    for days, rows in enumerate(sums, 1):
        parts = _parts(rows, days, heaviest, room)
        if days > 1 and parts > (MOST_PARTS if may_divide else 1):
            break
        if not may_divide:
            parts = 1
        if days == days_left:
            loss = max(0.0, parts - math.ceil(least - _NOTHING)) / parts
        else:
            rest = max((all_rows - rows) / room, (days_left - days) / longest)
            loss = max(0.0, parts + rest - least) / parts
        bands.append((round(loss + cost_of_parts * (parts - 1), 9), Band(days, parts, loss)))
    return min(bands, key=lambda found: (found[0], -found[1].days))[1]


def _parts(rows: float, days: int, heaviest: Sequence[float], room: float) -> int:
    parts = 0
    for a_day in heaviest:
        if a_day * days > room:
            parts += math.ceil(a_day * days / room)
            rows -= a_day * days
    return parts + math.ceil(max(rows, 0.0) / room) or 1


def days_to_learn_from(
    totals: Sequence[float], *, later: float, days_left: int, longest: int, room: float
) -> int:
    """Choose how many of the next days to ask for while nobody knows what part of rows will come.

    Too many are cut and asked for again; too few leave answers that are not full.

    Args:
        totals: Rows of each of the next days, at least one, of which a part will come.
        later: Rows of all days behind those.
        days_left: Days left to read.
        longest: Days that a request may have.
        room: Rows to plan for in one answer.
    """
    all_rows = sum(totals) + later

    def requests(rows: float, days: int) -> int:
        return max(math.ceil(rows / room), math.ceil(days / longest))

    def cost(days: int, rows: float) -> int:
        return sum(
            requests((all_rows - rows) * part, days_left - days)
            if rows * part <= room
            else requests(all_rows * part, days_left)
            for part in _LIKELY
        )

    sums = enumerate(itertools.accumulate(totals), 1)
    return min(sums, key=lambda found: (cost(*found), -found[0]))[0]


def pack(rows: Mapping[int, float], parts: int, room: float) -> list[tuple[int, ...]]:
    """Divide ad accounts into parts of similar size, more where they would not fit.

    The same input gives the same parts.
    """
    order = sorted(rows, key=lambda account: (-rows[account], account))
    while True:
        bins: list[tuple[float, int]] = [(0.0, at) for at in range(min(parts, len(order)))]
        members: list[list[int]] = [[] for _ in bins]
        for account in order:
            size, at = heapq.heappop(bins)
            members[at].append(account)
            heapq.heappush(bins, (size + rows[account] + 1e-6, at))
        if max(bins)[0] <= room or parts >= len(order) or max(rows.values()) > room:
            return sorted(tuple(sorted(part)) for part in members)
        parts += 1


def balance(items: Sequence[int], weights: Mapping[int, int], parts: int) -> list[tuple[int, ...]]:
    """Divide ids into parts of similar weight; what is not known weighs as much as is usual."""
    known = [weights[item] for item in items if weights.get(item)]
    usual = sum(known) / len(known) if known else 1.0
    return pack({item: weights.get(item) or usual for item in items}, parts, math.inf)


def places_that_fit(
    rows: Sequence[float], room: float, *, at_least: int = 1
) -> list[tuple[int, int]]:
    """Cut days into the fewest windows that should fit, of similar size.

    Args:
        rows: Rows of each day.
        room: Rows to plan for in one answer.
        at_least: Windows at least, where there are so many days.

    Returns:
        The first day of each, and the one behind its last.
    """
    parts = max(len(_filled(rows, room)), at_least)
    share = min(max(sum(rows) / parts, 1.0), room)
    while len(cuts := _filled(rows, share)) > parts and share < room:
        share = min(share * _MORE, room)
    while len(cuts) < min(at_least, len(rows)):
        longest = max(range(len(cuts)), key=cuts.__getitem__)
        cuts[longest : longest + 1] = [cuts[longest] // 2, -(-cuts[longest] // 2)]
    ends = list(itertools.accumulate(cuts, initial=0))
    return list(itertools.pairwise(ends))


def _filled(rows: Sequence[float], room: float) -> list[int]:
    """Return how many days fit one after the other."""
    cuts, held = [0], 0.0
    for count in rows:
        if cuts[-1] and held + count > room:
            cuts.append(0)
            held = 0.0
        cuts[-1] += 1
        held += count
    return cuts

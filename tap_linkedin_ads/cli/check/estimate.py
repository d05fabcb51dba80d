"""What a first run of a report will take: its plan, gone through without sending anything. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.cli.check.checkup import Cost
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Tally

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.plan import Planner
    from tap_linkedin_ads.reporting.windows import Window

_MOST_REQUESTS = 20_000
_CAMPAIGNS = tuple(range(1, 21))
"""Campaigns to assume where a day of one ad account is too large for one answer."""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """What is known of a field group.

    Attributes:
        names: Names in its ``fields``.
        rows: Rows of one ad account on one day, on average.
    """

    names: int
    rows: float


def of_report(stream: str, planners: Iterable[Planner], rates: Sequence[GroupRate]) -> Cost:
    """Go through the plans as the tap would, with answers as full as the last days were.

    Args:
        stream: The stream.
        planners: Its plans, unused; they are used up.
        rates: What is known of each field group.

    Returns:
        The cost; ``is_least`` where the plan is longer than anybody wants to count.
    """
    requests = values = 0
    windows: set[Window] = set()
    for planner in planners:
        while not planner.done:
            chunk = planner.next_chunk()
            if chunk is None:  # pragma: no cover  every chunk is answered before the next one
                break
            if requests >= _MOST_REQUESTS:
                return Cost(stream, len(windows), requests, values, is_least=True)
            requests += 1
            windows.add(chunk.window)
            tally = _answer(chunk, rates[chunk.group_number].rows)
            values += tally.rows * rates[chunk.group_number].names
            if tally.rows >= ELEMENT_LIMIT:
                planner.too_large(chunk, tally)
            elif chunk.lists_campaigns:
                planner.named(chunk, _CAMPAIGNS if tally.rows else ())
            else:
                planner.whole(chunk, tally)
    return Cost(stream, len(windows), requests, values)


def _answer(chunk: Chunk, rate: float) -> Tally:
    """Return the rows of an answer: the same every day, cut where LinkedIn would cut them."""
    share = len(chunk.campaigns) / len(_CAMPAIGNS) if chunk.campaigns else 1.0
    a_day = rate * len(chunk.accounts) * share
    tally = Tally()
    if chunk.lists_campaigns:
        tally.rows = len(_CAMPAIGNS) if rate else 0
        return tally
    rest = min(round(a_day * chunk.window.days), ELEMENT_LIMIT)
    for day in reversed(list(chunk.window)):
        rows = min(-(-round(a_day * 1000) // 1000), rest)
        if not rows:
            break  # LinkedIn drops the oldest rows first
        tally.by_day[day] = rows
        each, more = divmod(rows, len(chunk.accounts))
        for place, account in enumerate(chunk.accounts):
            tally.cells[account][day] = each + (place < more)
        rest -= rows
        tally.rows += rows
    for account in chunk.accounts:
        tally.by_account[account] = tally.rows // len(chunk.accounts)
    return tally

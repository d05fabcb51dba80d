"""What a first run of a report will take: its plan, gone through without sending anything. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.cli.check.checkup import Cost
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Tally

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.plan import Planner
    from tap_linkedin_ads.reporting.tracks import Piece
    from tap_linkedin_ads.reporting.windows import Window

_MOST_REQUESTS = 20_000
_CAMPAIGNS = tuple(range(1, 21))
"""Campaigns to assume where a day of one ad account is too large for one answer."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What is known of a field group.

    Attributes:
        names: Names in its ``fields``.
        rows: Rows of one ad account on one day, on average.
    """

    names: int
    rows: float


def of_report(stream: str, planners: Iterable[Planner], group_numbers: Sequence[Lane]) -> Cost:
    """Go through the plans as the tap would, with answers as full as the last days were.

    Args:
        stream: The stream.
        planners: Its plans, unused; they are used up.
        group_numbers: What is known of each field group.

    Returns:
        The cost; ``is_least`` where the plan is longer than anybody wants to count.
    """
    requests = values = 0
    windows: set[Window] = set()
    for planner in planners:
        while not planner.done:
            piece = planner.next_piece()
            if piece is None:  # pragma: no cover  every piece is answered before the next one
                break
            if requests >= _MOST_REQUESTS:
                return Cost(stream, len(windows), requests, values, is_least=True)
            requests += 1
            windows.add(piece.window)
            tally = _answer(piece, group_numbers[piece.group_number].rows)
            values += tally.rows * group_numbers[piece.group_number].names
            if tally.rows >= ELEMENT_LIMIT:
                planner.too_large(piece, tally)
            elif piece.naming:
                planner.named(piece, _CAMPAIGNS if tally.rows else ())
            else:
                planner.whole(piece, tally)
    return Cost(stream, len(windows), requests, values)


def _answer(piece: Piece, rate: float) -> Tally:
    """Return the rows of an answer: the same every day, cut where LinkedIn would cut them."""
    share = len(piece.campaigns) / len(_CAMPAIGNS) if piece.campaigns else 1.0
    a_day = rate * len(piece.accounts) * share
    tally = Tally()
    if piece.naming:
        tally.rows = len(_CAMPAIGNS) if rate else 0
        return tally
    rest = min(round(a_day * piece.window.days), ELEMENT_LIMIT)
    for day in reversed(list(piece.window)):
        rows = min(-(-round(a_day * 1000) // 1000), rest)
        if not rows:
            break  # LinkedIn drops the oldest rows first
        tally.by_day[day] = rows
        rest -= rows
        tally.rows += rows
    for account in piece.accounts:
        tally.by_account[account] = tally.rows // len(piece.accounts)
    return tally

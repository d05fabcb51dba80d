"""What one request of a report asks."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from tap_linkedin_ads.reporting.windows import Window


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one request asks.

    Attributes:
        group_number: Index of the field group.
        window: The days.
        accounts: Ad account ids that share the request.
        campaigns: Restricts one ad account to these campaigns; empty means all.
        lists_campaigns: Asks only which campaigns have rows (a CAMPAIGN report of the same day).
        is_part_of_failure: A request for these and more ad accounts has failed.
    """

    group_number: int
    window: Window
    accounts: tuple[int, ...]
    campaigns: tuple[int, ...] = ()
    lists_campaigns: bool = False
    is_part_of_failure: bool = False

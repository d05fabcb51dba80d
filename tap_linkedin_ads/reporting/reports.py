"""The table of reports: one row a report stream."""

from __future__ import annotations

from dataclasses import dataclass

RETENTION_DAYS = 3650
"""LinkedIn keeps performance figures for ten years."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report stream.

    Attributes:
        name: The stream's name.
        pivots: What rows are grouped by, in the order of the request.
        by_default: Whether the stream is selected by default.
    """

    name: str
    pivots: tuple[str, ...]
    by_default: bool = False


REPORTS = (Report("ad_performance", ("ACCOUNT", "CAMPAIGN", "CREATIVE"), by_default=True),)

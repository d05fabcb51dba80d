"""A validated adAnalytics query, as the gateway hands it to the code that makes rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from sandbox.world.figures import Delivery

#: LinkedIn answers with at most this many elements and says nothing about the rest.
MAX_ELEMENTS = 15_000

_SORT_FIELDS = {
    "COST_IN_LOCAL_CURRENCY": "costInLocalCurrency",
    "IMPRESSIONS": "impressions",
    "CLICKS": "clicks",
    "ONE_CLICK_LEADS": "oneClickLeads",
    "OPENS": "opens",
    "SENDS": "sends",
    "EXTERNAL_WEBSITE_CONVERSIONS": "externalWebsiteConversions",
}
SORT_SYMBOLS = frozenset(_SORT_FIELDS)


@dataclass(frozen=True)
class Report:
    """A validated adAnalytics query.

    Attributes:
        pivots: Pivots in request order.
        granularity: DAILY, MONTHLY, YEARLY or ALL.
        start: First day, already rounded where LinkedIn rounds.
        end: Last day, as the rows show it.
        metrics: Requested metrics that exist for these pivots and this range.
        activity_only: No metric was requested at all: rows with any activity come back.
        date_range: Whether rows carry dateRange.
        pivot_values: Whether rows carry pivotValues.
        deliveries: The creatives that the facets leave.
        sort: Field and order, or None.
        count: Number of rows asked for, or None.
        calendar_bounds: Whether months and years keep full bounds at the edges.
        limit: Elements after which LinkedIn cuts.
    """

    pivots: tuple[str, ...]
    granularity: str
    start: dt.date
    end: dt.date
    metrics: tuple[str, ...]
    activity_only: bool
    date_range: bool
    pivot_values: bool
    deliveries: list[Delivery]
    sort: tuple[str, str] | None = None
    count: int | None = None
    calendar_bounds: bool = False
    limit: int = MAX_ELEMENTS

    @property
    def sort_metric(self) -> str | None:
        """The metric by which rows are sorted, None without sortBy."""
        return _SORT_FIELDS[self.sort[0]] if self.sort else None

    def head(self, first: dt.date, last: dt.date) -> str:
        """Return how the JSON text of a row of one period begins."""
        if not self.date_range:
            return "{"
        start, end = (
            f'{{"year":{day.year},"month":{day.month},"day":{day.day}}}' for day in (first, last)
        )
        return f'{{"dateRange":{{"start":{start},"end":{end}}},'

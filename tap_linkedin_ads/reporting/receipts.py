"""Receipts: what a run read of each report stream, ad account and day.

A gap, a silent cut or a misread rule shows when the figures of a day's rows do not add up to
LinkedIn's own figures of the ad account.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from tap_linkedin_ads.reporting.windows import DAY, FULLEST, LONGEST_WINDOW, Window

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from tap_linkedin_ads.reporting.fragments import Key
    from tap_linkedin_ads.reporting.merge import Values
    from tap_linkedin_ads.reporting.metrics import FieldGroup

CHECKED = {
    "impressions": "impressions",
    "clicks": "clicks",
    "cost_in_local_currency": "costInLocalCurrency",
}
"""Columns that are added up, and LinkedIn's names of them."""
ADDING_UP = frozenset({"ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE"})
"""Pivots whose rows make up the ad account's figures."""
TOLERANCE = Decimal("0.01")
"""How far sums of cost may differ, because LinkedIn rounds each row."""


class Figures(msgspec.Struct):
    """The figures that are checked, of one row or added up."""

    impressions: int = 0
    clicks: int = 0
    cost_in_local_currency: Decimal = Decimal(0)

    def add(self, other: Figures) -> None:
        self.impressions += other.impressions
        self.clicks += other.clicks
        self.cost_in_local_currency += other.cost_in_local_currency

    def matches(self, other: Figures) -> bool:
        cost = abs(self.cost_in_local_currency - other.cost_in_local_currency)
        counts = (self.impressions, self.clicks) == (other.impressions, other.clicks)
        return counts and cost <= TOLERANCE


_decoder = msgspec.json.Decoder(Figures)


@dataclass(slots=True)
class DayRead:
    """What was read of one day: rows, and their figures where all of them were asked for.

    Attributes:
        rows: How many there are.
        figures: Their figures, added up.
        is_known: Every row has every figure.
    """

    rows: int = 0
    figures: Figures = field(default_factory=Figures)
    is_known: bool = True


class Totals:
    """Adds up the figures of one report's rows."""

    def __init__(self, groups: Iterable[FieldGroup]) -> None:
        """Look for the checked figures in these field groups."""
        at: dict[str, int] = {
            metric.column: group_number
            for group_number, group in enumerate(groups)
            for metric in group.metrics
            if metric.column in CHECKED
        }
        self.group_numbers = sorted(set(at.values())) if len(at) == len(CHECKED) else []
        """The field groups that hold the checked figures; none where not all were asked for."""

    def of_row(self, values: Values) -> Figures | None:
        """Return the checked figures of one row, None where one of them is null."""
        texts = [values[group_number] for group_number in self.group_numbers]
        try:
            return _decoder.decode(b"{" + b",".join(texts) + b"}")
        except msgspec.ValidationError:
            return None


class ReceiptBook:
    """What this run has read of all report streams."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, int], dict[dt.date, DayRead]] = {}
        self.comparable: dict[str, bool] = {}
        """By stream: whether its figures were read and make up the ad account's."""

    def open(self, stream: str, *, comparable: bool) -> None:
        """Note a stream, and whether its rows make up the ad account's figures."""
        self.comparable[stream] = comparable

    def forget(self, stream: str, account: int, start: dt.date) -> None:
        """Forget the days from ``start`` on, which are read again."""
        days = self._days.get((stream, account), {})
        for day in [day for day in days if day >= start]:
            del days[day]

    def enter_days(self, stream: str, account: int, start: dt.date, through: dt.date) -> None:
        """Enter that days are complete; one without rows has a receipt too."""
        days = self._days.setdefault((stream, account), {})
        day = max(days, default=start - DAY) + DAY
        while day <= through:
            days[day] = DayRead()
            day += DAY

    def enter_rows(
        self,
        stream: str,
        account: int,
        rows: Iterable[tuple[dt.date, Key, Values]],
        totals: Totals,
    ) -> None:
        days = self._days[stream, account]
        for day, _, values in rows:
            entry = days[day]
            entry.rows += 1
            if not totals.group_numbers:
                continue
            figures = totals.of_row(values)
            if figures is None:
                entry.is_known = False
            else:
                entry.figures.add(figures)

    def entries(self) -> Iterator[tuple[str, int, dt.date, DayRead]]:
        """Yield stream, ad account, day and what was read, in order."""
        for stream, account in sorted(self._days):
            days = self._days[stream, account]
            for day in sorted(days):
                yield stream, account, day, days[day]

    def windows(self) -> Iterator[tuple[tuple[int, ...], Window]]:
        """Yield what to ask LinkedIn for: ad accounts that were read from and to the same days.

        A row is one ad account on one day, so the number of rows is known and no answer is cut.
        """
        spans: dict[tuple[dt.date, dt.date], set[int]] = {}
        first_and_last: dict[int, tuple[dt.date, dt.date]] = {}
        for (_, account), days in self._days.items():
            if days:
                known = first_and_last.get(account, (min(days), max(days)))
                first_and_last[account] = (min(known[0], *days), max(known[1], *days))
        for account, span in first_and_last.items():
            spans.setdefault(span, set()).add(account)
        for (first, last), accounts in sorted(spans.items()):
            ordered = sorted(accounts)
            for index in range(0, len(ordered), 1000):
                together = tuple(ordered[index : index + 1000])
                longest = max(1, min(FULLEST // len(together), LONGEST_WINDOW))
                for window in Window(first, last).chunks(longest):
                    yield together, window

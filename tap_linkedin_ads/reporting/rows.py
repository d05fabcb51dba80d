"""Rows of adAnalytics answers: their day, their pivot values, their numbers."""

from __future__ import annotations

import datetime as dt
import typing as t
from decimal import Decimal, InvalidOperation

from tap_linkedin_ads import urn
from tap_linkedin_ads.reporting.periods import row_period
from tap_linkedin_ads.reporting.requests import CAMPAIGN, pivots_of
from tap_linkedin_ads.reporting.windows import Tally

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_linkedin_ads.reporting.merge import Merge
    from tap_linkedin_ads.reporting.metrics import Metric
    from tap_linkedin_ads.reporting.plan import Piece
    from tap_linkedin_ads.reporting.reports import Report


class UnreadableRowError(ValueError):
    """A row lacks its key fields, or a metric is no number."""


def day(value: Mapping[str, t.Any]) -> dt.date:
    """Return the day that LinkedIn writes as year, month and day (UTC, no time zone involved)."""
    return dt.date(int(value["year"]), int(value["month"]), int(value["day"]))


def key_fields(row: Mapping[str, t.Any]) -> tuple[dt.date, tuple[str, ...]]:
    """Return a row's first day and its pivot values.

    Raises:
        UnreadableRowError: One of them is missing or malformed.
    """
    try:
        return day(row["dateRange"]["start"]), tuple(map(str, row["pivotValues"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableRowError(f"a row without proper {error}: {str(row)[:120]}") from None


def _decimal(value: t.Any) -> Decimal:  # noqa: ANN401
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _long(value: t.Any) -> int:  # noqa: ANN401
    if type(value) is int:
        return value
    number = _decimal(value)
    if number != int(number):
        raise ValueError(value)
    return int(number)


class Reader:
    """Reads the metrics of one field group; strings and numbers are both understood."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics: list[tuple[str, str, Callable[[t.Any], int | Decimal]]] = [
            (metric.name, metric.column, _long if metric.kind == "long" else _decimal)
            for metric in metrics
        ]

    def values(self, row: Mapping[str, t.Any]) -> dict[str, int | Decimal]:
        """Return the metrics that the row holds, by column, with every digit.

        Raises:
            UnreadableRowError: A metric is no number.
        """
        found: dict[str, int | Decimal] = {}
        for name, column, convert in self._metrics:
            value = row.get(name)
            if value is None:
                continue
            try:
                found[column] = convert(value)
            except (ValueError, TypeError, InvalidOperation, OverflowError):
                raise UnreadableRowError(f"{name}: {str(value)[:80]!r} is no number") from None
        return found


def absent_values(metrics: Sequence[Metric]) -> dict[str, int | None]:
    """Return what a metric means that LinkedIn left out: 0 where it adds up, else unknown."""
    return {metric.column: 0 if metric.additive else None for metric in metrics}


def take_in(
    rows: Iterable[Mapping[str, t.Any]],
    *,
    report: Report,
    piece: Piece,
    reader: Reader,
    merge: Merge | None,
) -> Tally:
    """Tally the rows of an answer, and hand them to the merge.

    Args:
        rows: Rows on the wire.
        report: The report.
        piece: What was asked.
        reader: Reads the metrics of the piece's field group.
        merge: Takes the rows; None throws them away (a cut answer, or one that only names
            campaigns).

    Returns:
        The tally of all rows. A row that nobody asked for is counted in ``rows`` only: it is
        incomplete here, and whoever asks for it gets it whole.

    Raises:
        UnreadableRowError: A row lacks its key fields, or a metric is no number.
    """
    tally, asked_for = Tally(), set(piece.accounts)
    pivots = pivots_of(report, piece)
    expected = len(pivots) if piece.naming else report.values_in_row
    account_at = pivots.index("ACCOUNT") if "ACCOUNT" in pivots else None
    campaign_at = pivots.index(CAMPAIGN) if CAMPAIGN in pivots else None
    own_campaign = (
        (str(piece.campaigns[0]),) if report.one_campaign_each and piece.campaigns else ()
    )
    for row in rows:
        tally.rows += 1
        first, key = key_fields(row)
        if len(key) != expected:
            raise UnreadableRowError(f"a row with {len(key)} pivot values instead of {expected}")
        account = piece.accounts[0] if account_at is None else urn.number(key[account_at])
        start = row_period(first, report.granularity, piece.window).start
        if account not in asked_for or not piece.window.start <= start <= piece.window.end:
            continue
        tally.by_day[start] += 1
        tally.by_account[account] += 1
        if campaign_at is not None and (campaign := urn.number(key[campaign_at])) is not None:
            tally.by_campaign[campaign] += 1
        if merge is not None:
            merge.add(account, start, key + own_campaign, reader.values(row))
    return tally

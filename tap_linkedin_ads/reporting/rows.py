"""Rows of adAnalytics answers: their day, their pivot values, their numbers."""

from __future__ import annotations

import datetime as dt
import typing as t
from decimal import Decimal, InvalidOperation

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_linkedin_ads.reporting.metrics import Metric


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


def values(row: Mapping[str, t.Any], metrics: Iterable[Metric]) -> dict[str, int | Decimal]:
    """Return the metrics that a row holds, by column, with every digit.

    Args:
        row: A row on the wire; strings and numbers are both understood.
        metrics: What to look for.

    Raises:
        UnreadableRowError: A metric is no number.
    """
    found: dict[str, int | Decimal] = {}
    for metric in metrics:
        value = row.get(metric.name)
        if value is None:
            continue
        try:
            found[metric.column] = _long(value) if metric.kind == "long" else _decimal(value)
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            raise UnreadableRowError(f"{metric.name}: {str(value)[:80]!r} is no number") from None
    return found

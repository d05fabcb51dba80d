"""Rows of adAnalytics answers: their day, their pivot values, their numbers."""

from __future__ import annotations

import datetime as dt
import typing as t

from tap_linkedin_ads.records.values import exact_integer, fitting, shown

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.metrics import Metric


class UnreadableRowError(ValueError):
    """A row lacks its key fields."""


def day(value: Mapping[str, t.Any]) -> dt.date:
    """Return the day that LinkedIn writes as year, month and day (UTC, no time zone involved)."""
    return dt.date(*(exact_integer(value[part]) for part in ("year", "month", "day")))


def key_fields(row: Mapping[str, t.Any]) -> tuple[dt.date, tuple[str, ...]]:
    """Return a row's first day and its pivot values.

    Raises:
        UnreadableRowError: One of them is missing, null or malformed.
    """
    try:
        first = day(row["dateRange"]["start"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableRowError(f"a row without proper {error}: {shown(dict(row))}") from None
    return first, pivot_values(row)


def pivot_values(row: Mapping[str, t.Any]) -> tuple[str, ...]:
    """Return what a row is about.

    Raises:
        UnreadableRowError: It does not say.
    """
    found = row.get("pivotValues")
    if not isinstance(found, list) or any(not _is_pivot_value(value) for value in found):
        raise UnreadableRowError(f"a row with the pivot values {shown(found)}: {shown(dict(row))}")
    return tuple(map(str, found))


def _is_pivot_value(value: object) -> bool:
    """Whether something names what a row is about: a null or a list names nothing."""
    return isinstance(value, str) or type(value) is int


def values(
    row: Mapping[str, t.Any], metrics: Iterable[Metric], unreadable: list[UnreadableValue]
) -> dict[str, int | Decimal | None]:
    """Return the metrics that a row holds, by column, with every digit.

    Args:
        row: A row on the wire; strings and numbers are both understood.
        metrics: What to look for.
        unreadable: Takes the values that are no number, or none that the column can hold; they
            are null.
    """
    return {
        metric.column: fitting(metric.column, value, metric.schema, unreadable)
        for metric in metrics
        if (value := row.get(metric.name)) is not None
    }

"""Figures of attributedRevenueMetrics: CRM revenue attributed to ads."""

# ruff: noqa: S311 - figures are invented, not secret

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.world.metrics import REVENUE, REVENUE_METRICS

if TYPE_CHECKING:
    import datetime as dt

    from sandbox.world.figures import Delivery
    from sandbox.world.world import World

NAMES = frozenset(name for name, _, _ in REVENUE_METRICS)


@dataclass(frozen=True)
class RevenueReport:
    """A validated query for attributed revenue.

    Attributes:
        deliveries: Creatives left by account and facets.
        pivots: ACCOUNT, CAMPAIGN_GROUP and CAMPAIGN in request order.
        start: First day.
        end: Last day; open opportunities exist only if it is today.
        below: Requested names inside revenueAttributionMetrics, None for all.
        names: Requested names of the row.
    """

    deliveries: list[Delivery]
    pivots: tuple[str, ...]
    start: dt.date
    end: dt.date
    below: frozenset[str] | None
    names: tuple[str, ...]


def rows(world: World, report: RevenueReport) -> list[dict[str, Any]]:
    """Return one row per pivot value with deliveries in the range, in LinkedIn's shape."""
    start, end, below, names = report.start, report.end, report.below, report.names
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for delivery in report.deliveries:
        if delivery.first > end.toordinal() or (
            delivery.last is not None and delivery.last < start.toordinal()
        ):
            continue
        values = tuple(delivery.pivot_values[pivot] for pivot in report.pivots)
        if values not in found:
            found[values] = _metrics(world, values, start, end)
    bounds = {
        edge: {"year": day.year, "month": day.month, "day": day.day}
        for edge, day in (("start", start), ("end", end))
    }
    answer: list[dict[str, Any]] = []
    for values, metrics in found.items():
        shown = {name: value for name, value in metrics.items() if below is None or name in below}
        row = {"dateRange": bounds, "pivotValues": list(values), REVENUE: shown}
        answer.append({name: value for name, value in row.items() if name in names})
    return answer


def _metrics(world: World, values: tuple[str, ...], start: dt.date, end: dt.date) -> dict[str, Any]:
    rng = random.Random(f"{world.seed}{values}{start}{end}")
    won = rng.randrange(1, 9)
    revenue = rng.randrange(4_000, 90_000)
    figures: dict[str, Any] = {
        "revenueWonInUsd": f"{revenue}.0",
        "returnOnAdSpend": round(rng.uniform(0.4, 9.0), 3),
        "closedWonOpportunities": won,
        "opportunityAmountInUsd": f"{rng.randrange(1_000, 200_000)}.5",
        "openOpportunities": rng.randrange(1, 30),
        "opportunityWinRate": won / (won + rng.randrange(1, 12)),
        "averageDealSizeInUsd": f"{revenue / won:.2f}",
        "averageDaysToClose": rng.uniform(10.0, 120.0),
    }
    for name, _, needs_today in REVENUE_METRICS:
        if needs_today and end != world.today:
            del figures[name]
    return figures

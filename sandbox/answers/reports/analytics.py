"""adAnalytics: the finders analytics, statistics and attributedRevenueMetrics."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

from sandbox.answers.reports import revenue, serving
from sandbox.answers.reports.query import Report
from sandbox.api import rules
from sandbox.world import pivots as pv
from sandbox.world.metrics import MAX_FIELDS, METRICS, REVENUE, STRUCTURE_NAMES, absent_metrics
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request
    from sandbox.api.restli import Node
    from sandbox.world.figures import Delivery

FACETS = ("accounts", "campaigns", "campaignGroups", "shares", "companies", "creatives")
#: Without fields, rows carry these.
_DEFAULT_NAMES = ("impressions", "clicks", *STRUCTURE_NAMES)
_KEPT_YEARS = 10
_REVENUE_DAYS = range(30, 367)
_MEMBER_YEARS = 2
_DAILY_MONTHS = 6


def refuse_member_pivots(name: str, node: Node) -> None:
    """Refuse MEMBER_* where only ``analytics`` has them, with the code LinkedIn sends."""
    for item in node if isinstance(node, list) else ():
        value = item.get("value") if isinstance(item, dict) else item
        if isinstance(value, str) and value in pv.MEMBER_PIVOTS:
            raise rules.bad_enum(name, value, "member_pivot")


def serve(request: Request) -> list[str]:
    """Serve the finders ``analytics`` and ``statistics`` as rows of JSON text."""
    pivots = _pivots(request)
    names = _names(request, (*STRUCTURE_NAMES, *METRICS))
    start, end = _dates(request, pivots)
    if not any(request.params.get(facet) for facet in FACETS):
        raise rules.semantic(
            "facet_required", "MISSING_FIELD", "At least one facet is required but missing"
        )
    if request.params["timeGranularity"] == "ALL":
        start, end = rounded(request.world.today, start, end)
    metrics = tuple(name for name in names if name in METRICS)
    absent = absent_metrics(pivots, (end - start).days + 1)
    report = Report(
        pivots=pivots,
        granularity=request.params["timeGranularity"],
        start=start,
        end=end,
        metrics=tuple(name for name in metrics if name not in absent),
        activity_only=not metrics,
        date_range="dateRange" in names,
        pivot_values="pivotValues" in names,
        deliveries=_selected(request),
        sort=request.params.get("sortBy"),
        count=request.params.get("count"),
        calendar_bounds=request.switches.bucket_bounds == "calendar",
        limit=request.switches.max_elements,
    )
    if "start" in request.params and request.switches.next_link:
        raise rules.legacy("next_link_followed", 400, "Invalid query parameters passed to request")
    rows = list(serving.render(request.world, report))
    spend(request, len(rows) * len(names))
    return rows


def serve_revenue(request: Request) -> list[str]:
    """Serve ``attributedRevenueMetrics`` as rows of JSON text."""
    pivots = _pivots(request)
    names = _names(request, (*STRUCTURE_NAMES, REVENUE), default=(REVENUE, *STRUCTURE_NAMES))
    below = (request.fields or {}).get(REVENUE)
    for name in below or ():
        if name not in revenue.NAMES:
            raise _bad_name(name)
    today = request.world.today
    start, end = _range(request)
    _not_before(start, _years_back(today, 1))
    if (end - start).days + 1 not in _REVENUE_DAYS:
        raise rules.semantic(
            "date_span", "INVALID_VALUE_FOR_FIELD", "dateRange must span 30 to 366 days"
        )
    account = urn_id(request.params["account"])
    if account not in request.world.crm_accounts or not request.world.readable(account):
        return []
    report = revenue.RevenueReport(
        deliveries=[d for d in _selected(request) if d.account == account],
        pivots=pivots,
        start=start,
        end=end,
        below=frozenset(below) if below else None,
        names=names,
    )
    rows = revenue.rows(request.world, report)
    texts = [json.dumps(row, separators=(",", ":")) for row in rows]
    spend(request, len(texts) * len(names))
    return texts


def spend(request: Request, cost: int) -> None:
    """Charge metric values against the rolling window, or refuse with 429."""
    now = time.monotonic()
    spent = request.memory.spent
    with request.memory.lock:
        while spent and spent[0][0] <= now - request.switches.data_window:
            spent.pop(0)
        if sum(part for _, part in spent) + cost > request.switches.data_limit:
            raise rules.data_limit()
        spent.append((now, cost))
    request.entry.metric_values = cost


def _pivots(request: Request) -> tuple[str, ...]:
    if "pivot" in request.params:
        return (request.params["pivot"],)
    pivots = tuple(request.params["pivots"])
    if not 1 <= len(pivots) <= request.switches.most_pivots or len(set(pivots)) != len(pivots):
        raise rules.semantic(
            "pivot_count", "INVALID_VALUE_FOR_FIELD", f"pivots can't be set to {list(pivots)}"
        )
    return pivots


def _bad_name(name: str) -> rules.Refusal:
    return rules.legacy(
        "fields_name", 400, f"Invalid 'fields' parameter: {name} is not a field of the schema"
    )


def _names(
    request: Request, legal: tuple[str, ...], default: tuple[str, ...] = _DEFAULT_NAMES
) -> tuple[str, ...]:
    if request.fields is None:
        return default
    names = tuple(request.fields)
    for name, below in request.fields.items():
        if name not in legal or (below is not None and name != REVENUE):
            raise _bad_name(name)
    if len(names) > MAX_FIELDS:
        raise rules.legacy(
            "fields_count", 400, f"Invalid 'fields' parameter: more than {MAX_FIELDS} fields"
        )
    for name in names:
        if name in METRICS and METRICS[name].since > request.version:
            raise rules.legacy(
                "fields_version",
                400,
                f"Invalid 'fields' parameter: {name} is not a field of the schema",
            )
    return names


def _range(request: Request) -> tuple[dt.date, dt.date]:
    start, end = request.params["dateRange"]
    end = end or request.world.today
    if start > end:
        raise rules.semantic(
            "date_order",
            "START_DATE_AFTER_END_DATE",
            "Start date can't be set to a date after end date",
        )
    return start, end


def _not_before(start: dt.date, earliest: dt.date) -> None:
    if start < earliest:
        raise rules.semantic(
            "date_too_early",
            "DATE_TOO_EARLY",
            f"dateRange.start value {start} must be no earlier than {earliest}",
        )


def _dates(request: Request, pivots: tuple[str, ...]) -> tuple[dt.date, dt.date]:
    start, end = _range(request)
    demographic = any(pivot in pv.MEMBER_PIVOTS for pivot in pivots)
    years = _MEMBER_YEARS if demographic else _KEPT_YEARS
    _not_before(start, _years_back(request.world.today, years))
    return start, end


def _years_back(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def rounded(today: dt.date, start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """Round dates beyond the daily retention outwards to month bounds (ALL only)."""
    month = today.year * 12 + today.month - 1 - _DAILY_MONTHS
    edge = dt.date(month // 12, month % 12 + 1, min(today.day, 28))
    if start < edge:
        start = start.replace(day=1)
    if end < edge:
        end = (end.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return start, end


def _selected(request: Request) -> list[Delivery]:
    """Return the creatives that the facets leave: AND between facets, OR inside."""
    world, params = request.world, request.params
    campaign_type, objective = params.get("campaignType"), params.get("objectiveType")
    by_number: list[tuple[Any, frozenset[int]]] = []
    by_value: list[tuple[str, frozenset[str]]] = []
    for facet, attribute in (
        ("accounts", "account"),
        ("campaigns", "campaign"),
        ("campaignGroups", "group"),
        ("creatives", "creative"),
    ):
        if params.get(facet):
            by_number.append((attribute, frozenset(map(urn_id, params[facet]))))
    for facet, pivot in (("shares", "SHARE"), ("companies", "COMPANY")):
        if params.get(facet):
            by_value.append((pivot, frozenset(params[facet])))
    return [
        delivery
        for delivery in list(world.deliveries.values())
        if world.readable(delivery.account)
        and all(getattr(delivery, attribute) in wanted for attribute, wanted in by_number)
        and all(delivery.pivot_values.get(pivot) in wanted for pivot, wanted in by_value)
        and (campaign_type is None or delivery.campaign_type == campaign_type)
        and (objective is None or delivery.pivot_values.get("OBJECTIVE_TYPE") == objective)
    ]

"""Pages of the community finders: start and count, links, and totals that cannot be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.api import rules
from sandbox.api.paging import check_entities
from sandbox.api.params import ListOf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.api.params import ParamType
    from sandbox.api.request import Request
    from sandbox.api.restli import Node

Wire = dict[str, Any]

DEFAULT_COUNT = 10
MAX_COUNT = 100


@dataclass(frozen=True)
class Ids:
    """``ids=List(...)`` of a BATCH_GET, with at least one key."""

    item: ParamType

    def read(self, name: str, node: Node) -> list[Any]:
        """Return the keys."""
        keys: list[Any] = ListOf(self.item).read(name, node)
        if not keys:
            raise rules.invalid(name, "batch_empty")
        return keys


def index_page(request: Request, slots: Sequence[Wire | None]) -> tuple[list[Wire], dict[str, Any]]:
    """Return one page of a finder and the rest of the envelope.

    ``start`` and ``count`` number slots, not rows: a slot whose row the viewer may not see is
    filtered after paging, so a page may hold fewer rows than ``count`` although more follow.

    Args:
        request: The request.
        slots: All rows in order, None where a row is filtered.

    Returns:
        The rows of the page, and the envelope's members besides ``elements``.
    """
    start: int = request.params.get("start", 0)
    count: int = request.params.get("count", DEFAULT_COUNT)
    if not 1 <= count <= MAX_COUNT:
        raise rules.legacy("page_count", 400, f"count must be between 1 and {MAX_COUNT}")
    if "count" in request.params:
        check_entities(request, count)
    page = [row for row in slots[start : start + count] if row is not None]
    links: list[dict[str, str]] = []
    if start:
        links.append(_link(request, "prev", max(0, start - count), count))
    if start + count < len(slots):
        links.append(_link(request, "next", start + count, count))
    paging: dict[str, Any] = {"start": start, "count": count, "links": links}
    shown = _total(request, start, count, len(slots))
    if shown is not None:
        paging["total"] = shown
    return page, {"paging": paging}


def _total(request: Request, start: int, count: int, slots: int) -> int | None:
    reading = request.switches.totals
    if reading == "exact":
        return slots
    if reading == "omit":
        return None
    # Totals come and go from page to page, and are too small or too large.
    return (None, min(slots, start + count // 2), slots + 7)[start // count % 3]


def _link(request: Request, rel: str, start: int, count: int) -> dict[str, str]:
    sent = {**request.raw, "count": str(count), "start": str(start)}
    href = f"{request.path}?{'&'.join(f'{name}={text}' for name, text in sent.items())}"
    return {"type": "application/json", "rel": rel, "href": href}


def whole(rows: list[Wire]) -> tuple[list[Wire], dict[str, Any]]:
    """Return the envelope of a statistics finder: every element, and a count that says nothing."""
    return rows, {"paging": {"start": 0, "count": DEFAULT_COUNT, "links": []}}


def batch(found: dict[str, Wire | rules.Refusal]) -> Wire:
    """Return the envelope of a BATCH_GET: results, statuses of all ids, errors of the others."""
    results = {key: row for key, row in found.items() if not isinstance(row, rules.Refusal)}
    errors = {key: row.body for key, row in found.items() if isinstance(row, rules.Refusal)}
    statuses = {key: errors[key]["status"] if key in errors else 200 for key in found}
    return {"results": results, "statuses": statuses, "errors": errors}

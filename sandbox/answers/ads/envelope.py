"""Index pages of the ads side, with totals as each resource sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import no_role, project
from sandbox.api import paging, rules
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]


def page(
    request: Request,
    rows: list[Wire],
    *,
    total: int | None = None,
    default: int = paging.DEFAULT_COUNT,
    most: int = paging.MAX_COUNT,
) -> Served:
    """Return one page.

    Args:
        request: The request.
        rows: All rows in order.
        total: What ``paging.total`` says; None leaves it out.
        default: Rows without ``count``.
        most: Largest ``count``.

    Returns:
        The rows of the page and the envelope besides ``elements``.
    """
    if request.params.setdefault("count", default) > most:
        raise rules.legacy("count_limit", 400, f"Specified count is larger than {most}")
    found, rest = paging.index_page(request, rows)
    if total is None:
        del rest["paging"]["total"]
    else:
        rest["paging"]["total"] = total
    return [project(row, request.fields) for row in found], rest


def of_account(request: Request, urn: str, resource: str) -> list[Wire]:
    """Return the rows of an account by id; none for one that does not exist, 403 without role."""
    account = urn_id(urn)
    if account not in request.world.table("adAccounts"):
        return []
    if not request.world.readable(account):
        raise no_role(account)
    return request.world.of_account(resource, account)


def one(request: Request, resource: str, key: Any) -> Wire:  # noqa: ANN401 - any kind of key
    """Return one row, projected; 404 if it does not exist, 403 without role on its account."""
    row = request.world.table(resource).get(key)
    if row is None:
        raise rules.not_found()
    account = row.get("account", row.get("owner", {}).get("sponsoredAccount"))
    if account is not None and not request.world.readable(urn_id(account)):
        raise no_role(urn_id(account))
    return project(row, request.fields)


def attempt(request: Request, resource: str, keys: dict[str, Any]) -> Wire:
    """Return the envelope of a BATCH_GET: results and errors, without statuses."""
    results: Wire = {}
    errors: Wire = {}
    for shown, key in keys.items():
        try:
            results[shown] = one(request, resource, key)
        except rules.Refusal as refusal:
            errors[shown] = refusal.body
    return {"results": results, "statuses": {}, "errors": errors}

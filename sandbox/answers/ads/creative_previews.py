"""adPreviews: how a creative looks at each of its placements (LI-77)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.world.ads import wire
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request


def of_creative(request: Request) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Serve ``q=creative``: one row for each placement, in no order, and no pages."""
    account = urn_id(request.params["account"])
    if account not in request.world.table("adAccounts"):
        raise rules.not_found()
    if not request.world.readable(account):
        raise no_role(account)
    number = urn_id(request.params["creative"])
    creative = request.world.table("creatives").get(number)
    if creative is None:
        raise rules.not_found()
    if creative["account"] != request.params["account"]:
        raise rules.legacy("preview_account", 400, "creative does not belong to the account")
    rows = wire.previews(creative, request.world.now)
    if number % 2:
        rows.reverse()
    return [project(row, request.fields) for row in rows], {}

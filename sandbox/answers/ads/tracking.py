"""adTrackingParameters: what LinkedIn adds to the landing pages of an ad account or campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

_OF_ACCOUNTS_SINCE = 202608


def of_entity(request: Request) -> dict[str, Any]:
    """Serve the parameters of one ad account or campaign; 404 where none are set (LI-78)."""
    found: dict[str, str] = request.keys["tracked"]["adEntity"]
    is_too_new = "sponsoredAccount" in found and request.version < _OF_ACCOUNTS_SINCE
    if len(found) != 1 or is_too_new:
        raise rules.legacy("tracking_entity", 400, "Syntax exception in path variables")
    ((kind, urn),) = found.items()
    resource = {"sponsoredAccount": "adAccounts", "sponsoredCampaign": "adCampaigns"}[kind]
    entity = request.world.table(resource).get(urn_id(urn))
    if entity is None:
        raise rules.not_found()
    account = urn_id(entity.get("account", urn))
    if not request.world.readable(account):
        raise no_role(account)
    if entity["type"] == "SPONSORED_INMAILS":
        raise rules.legacy(
            "tracking_messages", 400, "Tracking parameters are not supported for messages"
        )
    row = request.world.table("adTrackingParameters").get(urn)
    if row is None:
        raise rules.nothing_set()
    return project(row, request.fields)

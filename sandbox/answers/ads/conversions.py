"""conversions and campaignConversions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.answers.ads import envelope
from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.world.world import account_urn, urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request
    from sandbox.world.world import World

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: The version that brought conversionOwnershipTypes and ownershipType.
OWNERSHIP_SINCE = 202605


def by_account(request: Request) -> Served:
    """Serve ``q=account``: rules that the account owns, and on demand those shared with it.

    ``conversionOwnershipTypes`` (since 202605) defaults to OWNED only. An account that does not
    exist has no conversions. ``paging.total`` is -1.
    """
    wanted = request.params.get("conversionOwnershipTypes", ["OWNED"])
    if "conversionOwnershipTypes" in request.params and request.version < OWNERSHIP_SINCE:
        raise rules.not_allowed("conversionOwnershipTypes")
    urn: str = request.params["account"]
    owned = envelope.of_account(request, urn, "conversions")
    shared = request.world.shared_conversions.get(urn_id(urn), [])
    table = request.world.table("conversions")
    rows = [*owned] if "OWNED" in wanted else []
    if "SHARED" in wanted:
        rows += [table[number] for number in shared]
    shown = [_shown(request, row, urn) for row in sorted(rows, key=lambda row: row["id"])]
    return envelope.page(request, shown, total=-1)


def _shown(request: Request, row: Wire, account: str) -> Wire:
    if request.version < OWNERSHIP_SINCE:
        return row
    return {**row, "ownershipType": "OWNED" if row["account"] == account else "SHARED"}


def _may_read(world: World, row: Wire, account: str) -> bool:
    return row["account"] == account or row["id"] in world.shared_conversions.get(
        urn_id(account), []
    )


def get(request: Request) -> Wire:
    """Serve one conversion; LinkedIn's sample names the account as well."""
    account: str = request.params["account"]
    if not request.world.readable(urn_id(account)):
        raise no_role(urn_id(account))
    row = request.world.table("conversions").get(request.keys["conversion"])
    if row is None or not _may_read(request.world, row, account):
        raise rules.not_found()
    return project(_shown(request, row, account), request.fields)


def batch_get(request: Request) -> Wire:
    """Serve ``ids=List(1,2)``, rules shared with a readable account included."""
    results: Wire = {}
    errors: Wire = {}
    world = request.world
    for number in request.params["ids"]:
        row = world.table("conversions").get(number)
        if row is None:
            errors[str(number)] = rules.not_found().body
            continue
        accounts = [row["account"]] + [
            account_urn(account)
            for account, shared in world.shared_conversions.items()
            if number in shared
        ]
        readable = [account for account in accounts if world.readable(urn_id(account))]
        if readable:
            results[str(number)] = project(_shown(request, row, readable[0]), request.fields)
        else:
            errors[str(number)] = no_role(urn_id(row["account"])).body
    return {"results": results, "statuses": {}, "errors": errors}


def associations(world: World) -> list[Wire]:
    """Return all associations of campaigns with conversions, by conversion."""
    return [
        association
        for _, row in sorted(world.table("conversions").items(), key=lambda pair: pair[1]["id"])
        for association in row["associatedCampaigns"]
    ]


def _check_campaign(request: Request, urn: str) -> None:
    campaign = request.world.table("adCampaigns").get(urn_id(urn))
    if campaign is not None and not request.world.readable(urn_id(campaign["account"])):
        raise no_role(urn_id(campaign["account"]))


def by_campaigns(request: Request) -> Served:
    """Serve ``q=campaigns`` of campaignConversions."""
    wanted: list[str] = request.params["campaigns"]
    if not wanted:
        raise rules.required("campaigns")
    for urn in wanted:
        _check_campaign(request, urn)
    rows = [row for row in associations(request.world) if row["campaign"] in wanted]
    return envelope.page(request, rows)


def _association(request: Request, key: dict[str, str]) -> Wire:
    _check_campaign(request, key["campaign"])
    for row in associations(request.world):
        if all(row[name] == value for name, value in key.items()):
            return project(row, request.fields)
    raise rules.not_found()


def get_association(request: Request) -> Wire:
    """Serve one association by its compound key."""
    return _association(request, request.keys["association"])


def batch_get_associations(request: Request) -> Wire:
    """Serve associations by compound keys; keys of the answer keep their URNs encoded."""
    results: Wire = {}
    errors: Wire = {}
    for key in request.params["ids"]:
        shown = f"(campaign:{quote(key['campaign'], '')},conversion:{quote(key['conversion'], '')})"
        try:
            results[shown] = _association(request, key)
        except rules.Refusal as refusal:
            errors[shown] = refusal.body
    return {"results": results, "statuses": {}, "errors": errors}

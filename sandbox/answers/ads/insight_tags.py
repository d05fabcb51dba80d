"""insightTags, insightTagsPermission and insightTagDomains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.answers.ads import envelope
from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

#: Rows of insightTagDomains without ``count``.
DOMAINS = 100


def _readable_account(request: Request) -> str:
    urn: str = request.params["account"]
    envelope.of_account(request, urn, "adCampaigns")
    return urn


def tags(request: Request) -> Served:
    """Serve ``q=account`` of insightTags: at most one per account."""
    urn = _readable_account(request)
    rows = [
        row
        for row in request.world.table("insightTags").values()
        if urn in row["sponsoredAccounts"]
    ]
    return envelope.page(request, rows)


def tag(request: Request) -> Wire:
    """Serve one Insight Tag that one of the member's accounts uses."""
    row = request.world.table("insightTags").get(request.keys["tag"])
    if row is None:
        raise rules.not_found()
    accounts = [urn_id(urn) for urn in row["sponsoredAccounts"]]
    if not any(map(request.world.readable, accounts)):
        raise no_role(accounts[0])
    return project(row, request.fields)


def permissions(request: Request) -> Served:
    """Serve ``q=account`` of insightTagsPermission."""
    urn = _readable_account(request)
    rows = [
        row
        for row in request.world.table("insightTagsPermission").values()
        if row["account"] == urn
    ]
    return envelope.page(request, rows)


def domains(request: Request) -> Served:
    """Serve ``q=account`` of insightTagDomains: newest first, 100 rows without ``count``."""
    urn = _readable_account(request)
    wanted = request.params.get("domainName")
    rows = [
        row
        for key, row in request.world.table("insightTagDomains").items()
        if isinstance(key, tuple) and key[0] == urn and wanted in (None, row["domainName"])
    ]
    rows.sort(key=lambda row: (-row["created"], row["domainName"]))
    return envelope.page(request, rows, default=DOMAINS)


def _domain(request: Request, key: dict[str, str]) -> Wire:
    if not request.world.readable(urn_id(key["account"])):
        raise no_role(urn_id(key["account"]))
    row = request.world.table("insightTagDomains").get((key["account"], key["domainName"]))
    if row is None:
        raise rules.not_found()
    return project(row, request.fields)


def domain(request: Request) -> Wire:
    """Serve one domain by its compound key."""
    return _domain(request, request.keys["domain"])


def batch_get_domains(request: Request) -> Wire:
    """Serve domains by compound keys."""
    results: Wire = {}
    errors: Wire = {}
    for key in request.params["ids"]:
        shown = f"(account:{quote(key['account'], '')},domainName:{quote(key['domainName'], '')})"
        try:
            results[shown] = _domain(request, key)
        except rules.Refusal as refusal:
            errors[shown] = refusal.body
    return {"results": results, "statuses": {}, "errors": errors}

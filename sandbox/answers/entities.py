"""The account structure: adAccounts, adAccountUsers, adCampaignGroups, adCampaigns, creatives."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.api import paging, rules
from sandbox.world.world import Key, Wire, account_urn, search_row, urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request
    from sandbox.api.restli import Projection

Served: TypeAlias = "tuple[list[Wire], dict[str, Any]]"

#: Without statuses a search returns these only (the stricter of two readings).
_LIVE = frozenset(("ACTIVE", "PAUSED", "DRAFT"))
_REMEMBERED = 16


def project(row: Wire, fields: Projection | None) -> Wire:
    """Return the named fields of a row; absent ones stay absent."""
    if fields is None:
        return row
    shown: Wire = {}
    for name, below in fields.items():
        if name in row:
            value = row[name]
            shown[name] = project(value, below) if below and isinstance(value, dict) else value
    return shown


def account_of(request: Request) -> int:
    """Return the ad account of a path; refuse unknown and unreadable ones."""
    account: int = request.keys["account"]
    if account not in request.world.table("adAccounts"):
        raise rules.not_found()
    if not request.world.readable(account):
        raise no_role(account)
    return account


def no_role(account: int) -> rules.Refusal:
    """Refuse an account on which the token's member has no role."""
    return rules.legacy(
        "no_role",
        403,
        f"Viewer may not have permission READ_SPONSORED_ACCOUNT on entity {account_urn(account)}",
        code="NO_PERMISSION_ON_ENTITY",
    )


def _matches(row: Wire, search: dict[str, Any], kind: str) -> bool:
    for key, wanted in search.items():
        value = row.get(key)
        if key == "test":
            if bool(value) is not wanted:
                return False
            continue
        if key == "id":
            value = f"urn:li:{kind}:{value}"
        if value not in wanted:
            return False
    return True


def search_accounts(request: Request) -> Served:
    """Serve ``q=search`` of adAccounts: AND between keys, OR between values."""
    search = request.params.get("search")
    if (
        search is not None
        and "pageToken" in request.params
        and not request.switches.search_with_page_token
    ):
        raise rules.legacy(
            "search_and_page_token", 400, "Invalid query parameters passed to request"
        )
    rows = [
        row
        for number, row in sorted(request.world.table("adAccounts").items())
        if isinstance(number, int)
        and request.world.readable(number)
        and _matches(row, search or {}, "sponsoredAccount")
    ]
    return _shown(request, *paging.cursor_page(request, rows))


def search_below_account(request: Request) -> Served:
    """Serve ``q=search`` of campaign groups and campaigns."""
    account = account_of(request)
    search: dict[str, Any] = dict(request.params.get("search") or {})
    _default_statuses(request, search, "status")
    kind = {"adCampaignGroups": "sponsoredCampaignGroup"}.get(
        request.endpoint.resource, "sponsoredCampaign"
    )
    rows = _remembered(request, account, lambda row: _matches(row, search, kind))
    return _shown(request, *paging.cursor_page(request, rows))


def creatives_by_criteria(request: Request) -> Served:
    """Serve ``q=criteria`` of creatives; every criterion is optional."""
    account = account_of(request)
    params = request.params
    wanted: dict[str, Any] = {
        name: params[parameter]
        for name, parameter in (
            ("campaign", "campaigns"),
            ("id", "creatives"),
            ("intendedStatus", "intendedStatuses"),
        )
        if params.get(parameter)
    }
    _default_statuses(request, wanted, "intendedStatus")
    references = params.get("contentReferences")
    destinations = params.get("leadgenCreativeCallToActionDestinations")
    test = params.get("isTestAccount")

    def matches(row: Wire) -> bool:
        return (
            all(row.get(name) in values for name, values in wanted.items())
            and (not references or row["content"].get("reference") in references)
            and (
                not destinations
                or row.get("leadgenCallToAction", {}).get("destination") in destinations
            )
            and (test is None or row["isTest"] is test)
        )

    rows = _remembered(request, account, matches)
    page, envelope = paging.cursor_page(request, rows)
    if params.get("isTotalIncluded"):
        envelope["paging"] = {"total": len(rows)}
    return _shown(request, page, envelope)


def _default_statuses(request: Request, wanted: dict[str, Any], name: str) -> None:
    if wanted.get(name):
        return
    wanted.pop(name, None)
    reading = request.switches.criteria
    if reading == "refuse":
        raise rules.legacy(
            "criteria_required", 400, f"{name} is required but missing", code="MISSING_FIELD"
        )
    if reading == "active_only":
        wanted[name] = _LIVE


def _remembered(request: Request, account: int, matches: Any) -> list[Wire]:
    """Return the matching rows of an account; filter once per paging run."""
    others = tuple(sorted((k, v) for k, v in request.raw.items() if k != "pageToken"))
    key = (request.world.revision, request.switches.criteria, request.path, others)
    searches = request.memory.searches
    rows: list[Wire] | None = searches.get(key)
    if rows is None:
        rows = [
            r for r in request.world.of_account(request.endpoint.resource, account) if matches(r)
        ]
        while len(searches) >= _REMEMBERED:
            searches.pop(next(iter(searches)), None)
        searches[key] = rows
    return rows


def _shown(request: Request, page: list[Wire], envelope: dict[str, Any]) -> Served:
    return [project(search_row(row), request.fields) for row in page], envelope


def get_one(request: Request) -> Wire:
    """Serve a single GET; its changeAuditStamps name the actors."""
    account = account_of(request)
    resource = request.endpoint.resource
    key: Key = account
    if resource == "creatives":
        key = urn_id(request.keys["creative"])
    elif resource != "adAccounts":
        key = request.keys["id"]
    row = request.world.table(resource).get(key)
    if row is None or row.get("account", account_urn(account)) != account_urn(account):
        raise rules.not_found()
    return project(row, request.fields)


def batch_get(request: Request) -> Wire:
    """Serve ``ids=List(...)``: found rows under results, the others under errors."""
    resource = request.endpoint.resource
    account = account_of(request) if "account" in request.keys else None
    results: Wire = {}
    errors: Wire = {}
    for number in request.params["ids"]:
        row = request.world.table(resource).get(urn_id(str(number)))
        if row is None or (account is not None and row["account"] != account_urn(account)):
            errors[str(number)] = {"status": 404, "code": "NOT_FOUND", "message": "Not Found"}
        elif account is None and not request.world.readable(number):
            errors[str(number)] = no_role(number).body
        else:
            results[str(number)] = project(row, request.fields)
    return {"results": results, "statuses": {}, "errors": errors}


def account_users(request: Request) -> Served:
    """Serve ``q=accounts``: everybody for account managers, only itself for lower roles."""
    urn: str = request.params["accounts"]
    account = urn_id(urn)
    if account not in request.world.table("adAccounts"):
        raise rules.not_found()
    if not request.world.readable(account):
        raise no_role(account)
    manages = request.world.roles[account] in ("ACCOUNT_BILLING_ADMIN", "ACCOUNT_MANAGER")
    rows = [
        row
        for _, row in sorted(request.world.table("adAccountUsers").items(), key=lambda p: str(p[0]))
        if row["account"] == urn and (manages or row["user"] == request.world.member)
    ]
    page, envelope = paging.index_page(request, rows)
    return [project(row, request.fields) for row in page], envelope


def own_roles(request: Request) -> Served:
    """Serve ``q=authenticatedUser``: the caller's own roles."""
    rows = [
        {
            **search_row(row),
            "role": request.world.roles[urn_id(row["account"])],
            "version": {"versionTag": "1"},
        }
        for _, row in sorted(request.world.table("adAccountUsers").items(), key=lambda p: str(p[0]))
        if row["user"] == request.world.member and request.world.readable(urn_id(row["account"]))
    ]
    page, envelope = paging.index_page(request, rows)
    return [project(row, request.fields) for row in page], envelope


def get_account_user(request: Request) -> Wire:
    """Serve one role by its compound key."""
    compound = request.keys["compound"]
    account = urn_id(compound["account"])
    row = request.world.table("adAccountUsers").get((compound["account"], compound["user"]))
    if row is None:
        raise rules.not_found()
    if not request.world.readable(account):
        raise no_role(account)
    return project(row, request.fields)

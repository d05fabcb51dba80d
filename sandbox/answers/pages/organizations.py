"""organizationAcls, organizations, organizationsLookup and networkSizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import project
from sandbox.answers.pages import envelope
from sandbox.api import rules
from sandbox.api.params import scalar
from sandbox.world.pages.page_world import organization_urn
from sandbox.world.pages.wire import LOOKUP_FIELDS
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request
    from sandbox.api.restli import Node

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]


@dataclass(frozen=True)
class BatchKey:
    """A numeric key of a BATCH_GET; LinkedIn has its own text for URNs there."""

    def read(self, name: str, node: Node) -> int:
        """Return the number."""
        value = scalar(name, node)
        if re.fullmatch(r"[1-9][0-9]{0,18}", value, re.ASCII) is None:
            raise rules.legacy(
                "batch_key",
                400,
                f"NumberFormatException parsing batch key '{value}'",
                code="ILLEGAL_ARGUMENT",
            )
        return int(value)


def no_admin(organization: int) -> rules.Refusal:
    """Refuse a page that the token's member does not administer."""
    return rules.legacy(
        "page_role",
        403,
        "Viewer don't have permission to the ADMIN_ONLY VisibilityReduction for "
        f"{organization_urn(organization)}",
        serviceErrorCode=100,
        code="ACCESS_DENIED",
    )


def administered(request: Request, urn: str) -> int:
    """Return the id of a page; refuse it unless the member is its administrator.

    LinkedIn answers 403 for pages that do not exist as well, so that nobody can probe for them.
    """
    number = urn_id(urn)
    if not request.world.pages.administers(number):
        raise no_admin(number)
    return number


def own_roles(request: Request) -> Served:
    """Serve ``q=roleAssignee``: the roles of the token's member, showcases included."""
    member = request.world.member
    rows = [row for row in request.world.pages.acls if row["roleAssignee"] == member]
    return _roles(request, rows)


def roles_on(request: Request) -> Served:
    """Serve ``q=organization``: everybody's roles on one page, for its administrators."""
    urn: str = request.params["organization"]
    administered(request, urn)
    rows = [row for row in request.world.pages.acls if row["organization"] == urn]
    return _roles(request, rows)


def _roles(request: Request, rows: list[Wire]) -> Served:
    wanted = {name: request.params[name] for name in ("role", "state") if name in request.params}
    found = [
        project(row, request.fields)
        for row in rows
        if all(row[name] == value for name, value in wanted.items())
    ]
    return envelope.index_page(request, found)


def _one(request: Request, number: int) -> Wire | rules.Refusal:
    """Return an organization as its administrator sees it, or why not."""
    pages = request.world.pages
    if number in pages.inactive:
        return rules.legacy(
            "organization_inactive", 404, f"Organization {number} is inactive", code="NOT_FOUND"
        )
    if number not in pages.organizations or not pages.administers(number):
        return no_admin(number)
    return project(pages.organizations[number], request.fields)


def get(request: Request) -> Wire:
    """Serve one organization by its number (a URN is refused as no Long)."""
    found = _one(request, request.keys["organizationId"])
    if isinstance(found, rules.Refusal):
        raise found
    return found


def batch_get(request: Request) -> Wire:
    """Serve ``ids=List(1,2)``."""
    return envelope.batch({str(n): _one(request, n) for n in request.params["ids"]})


def by_vanity_name(request: Request) -> Served:
    """Serve ``q=vanityName``; other people's pages show what everybody may see."""
    pages = request.world.pages
    rows = [
        project(row if pages.administers(number) else _public(row), request.fields)
        for number, row in sorted(pages.organizations.items())
        if row.get("vanityName") == request.params["vanityName"] and number not in pages.inactive
    ]
    return envelope.index_page(request, rows)


def by_parent(request: Request) -> Served:
    """Serve ``q=parentOrganization``: the showcase pages of a page."""
    parent: str = request.params["parent"]
    administered(request, parent)
    rows = [
        project(row, request.fields)
        for _, row in sorted(request.world.pages.organizations.items())
        if row.get("parentRelationship", {}).get("parent") == parent
    ]
    return envelope.index_page(request, rows)


def _public(row: Wire) -> Wire:
    return {name: row[name] for name in LOOKUP_FIELDS if name in row}


def look_up(request: Request) -> Wire:
    """Serve organizationsLookup: the public fields of any organization."""
    pages = request.world.pages
    found: dict[str, Wire | rules.Refusal] = {}
    for number in request.params["ids"]:
        row = pages.known(number)
        if row is None:
            missing = rules.not_found("unknown_page_entity")
            found[str(number)] = missing
        else:
            found[str(number)] = project(_public(row), request.fields)
    return envelope.batch(found)


def network_size(request: Request) -> Wire:
    """Serve networkSizes: the number of followers of any organization."""
    number = urn_id(request.keys["organization"])
    pages = request.world.pages
    if pages.known(number) is None:
        raise rules.not_found("unknown_page_entity")
    edge = request.params["edgeType"]
    if edge != "COMPANY_FOLLOWED_BY_MEMBER":
        # CompanyFollowedByMember was its name before version 202305.
        raise rules.legacy(
            "edge_type",
            400,
            f"Parameter 'edgeType' value '{edge}' is invalid.",
            code="ILLEGAL_ARGUMENT",
        )
    return {"firstDegreeSize": pages.truth.followers(number)}

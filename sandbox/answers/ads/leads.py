"""leadForms and leadFormResponses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import envelope
from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.api.params import Record, Urn
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request
    from sandbox.api.restli import Node

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

ORGANIC_TYPES = ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT")
#: Roles on a page that read its leads.
LEAD_ROLES = frozenset(("ADMINISTRATOR", "LEAD_CAPTURE_ADMINISTRATOR", "LEAD_GEN_FORMS_MANAGER"))
#: Leads are kept for 365 days.
KEPT_MS = 365 * 86_400_000
#: Largest page seen to work.
MOST = 500
_OWNER = Record(
    {"sponsoredAccount": Urn(("li:sponsoredAccount",)), "organization": Urn(("li:organization",))}
)


@dataclass(frozen=True)
class Owner:
    """``(sponsoredAccount:urn)`` or ``(organization:urn)``."""

    def read(self, name: str, node: Node) -> dict[str, str]:
        """Return the owner as forms carry it."""
        owner: dict[str, str] = _OWNER.read(name, node)
        if len(owner) != 1:
            raise rules.semantic("owner_key", "INVALID_OWNER", f"{name} must name one owner")
        return owner


def _check_owner(request: Request, owner: dict[str, str]) -> None:
    ((kind, urn),) = owner.items()
    if kind == "sponsoredAccount":
        if not request.world.readable(urn_id(urn)):
            raise no_role(urn_id(urn))
    elif not request.world.pages.roles(urn_id(urn)) & LEAD_ROLES:
        raise rules.legacy(
            "lead_role",
            403,
            f"Viewer does not have permission to read leads of {urn}",
            code="ACCESS_DENIED",
        )


def forms(request: Request) -> Served:
    """Serve ``q=owner`` of leadForms."""
    owner = request.params["owner"]
    _check_owner(request, owner)
    rows = [row for row in request.world.table("leadForms").values() if row["owner"] == owner]
    rows.sort(key=lambda row: row["id"])
    return envelope.page(request, rows, total=len(rows))


def _owned(request: Request, resource: str, key: int | str) -> Wire:
    row = request.world.table(resource).get(key)
    if row is None:
        raise rules.not_found()
    _check_owner(request, row["owner"])
    return project(row, request.fields)


def form(request: Request) -> Wire:
    """Serve one form."""
    return _owned(request, "leadForms", request.keys["form"])


def batch_get_forms(request: Request) -> Wire:
    """Serve ``ids=List(1,2)``."""
    results: Wire = {}
    errors: Wire = {}
    for number in request.params["ids"]:
        try:
            results[str(number)] = _owned(request, "leadForms", number)
        except rules.Refusal as refusal:
            errors[str(number)] = refusal.body
    return {"results": results, "statuses": {}, "errors": errors}


def responses(request: Request) -> Served:
    """Serve ``q=owner`` of leadFormResponses, in no order of time.

    ``leadType`` is required: SPONSORED for an account, the other types for an organization.
    ``submittedAtTimeRange`` has an inclusive start and an exclusive end. Test leads come only
    with ``limitedToTestLeads=true``, and then alone. Leads older than 365 days are gone.
    """
    params = request.params
    owner = params["owner"]
    kind: str = params["leadType"]["leadType"]
    if (kind == "SPONSORED") is not ("sponsoredAccount" in owner):
        raise rules.semantic(
            "lead_type", "INVALID_LEAD_TYPE", f"leadType {kind} does not fit the owner"
        )
    _check_owner(request, owner)
    span = params.get("submittedAtTimeRange", {})
    low = max(span.get("start", 0), request.world.now - KEPT_MS)
    high = span.get("end", request.world.now + 1)
    form_urn = params.get("versionedLeadGenFormUrn")
    entity = params.get("associatedEntity")
    test = params.get("limitedToTestLeads", False)
    rows = [
        row
        for row in request.world.table("leadFormResponses").values()
        if row["owner"] == owner
        and row["leadType"] == kind
        and low <= row["submittedAt"] < high
        and row["testLead"] is test
        and form_urn in (None, row["versionedLeadGenFormUrn"])
        and entity in (None, *row.get("associatedEntity", {}).values())
    ]
    rows.sort(key=lambda row: row["id"])
    return envelope.page(request, rows, total=len(rows), most=MOST)


def response(request: Request) -> Wire:
    """Serve one response."""
    return _owned(request, "leadFormResponses", request.keys["response"])

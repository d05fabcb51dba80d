"""Conversions, tags, forms, leads and segments for the named worlds."""

# ruff: noqa: ANN401 - wire fields may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from sandbox.world.ads import wire
from sandbox.world.world import account_urn, urn_id

if TYPE_CHECKING:
    from sandbox.world.world import World

_DAY_MS = 86_400_000
_FORM = 18_300_000
_TAG = 4_410_000
_SEGMENT = 22_660_000
_DMP = 11_550_000


def plain_assets(world: World) -> None:
    """Give every account rows for the conversions of its figures, and one Insight Tag."""
    campaigns_of: dict[int, list[int]] = {}
    for row in world.table("adCampaigns").values():
        campaigns_of.setdefault(urn_id(row["account"]), []).append(row["id"])
    for account in _accounts(world):
        campaigns = sorted(campaigns_of.get(account, []))
        for place, number in enumerate(world.conversions[account]):
            add_conversion(world, account, number, campaigns[place : place + 2])
        add_tag(world, _TAG + account % 10_000, {account: "FULL"})


def small_assets(world: World) -> None:
    """Add everything there is, with one conversion shared between accounts, to a small world."""
    plain_assets(world)
    first, second, third = _accounts(world)
    campaigns = [row["id"] for row in world.of_account("adCampaigns", first)]
    theirs = [row["id"] for row in world.of_account("adCampaigns", second)]
    # A rule of the second account is shared with the first one, and used in its campaigns.
    number = 20_990_001
    add_conversion(world, second, number, [theirs[0], campaigns[0]])
    world.shared_conversions.setdefault(first, []).append(number)
    world.conversions[first].append(number)
    # A tag may be used by several accounts; an account may have none.
    world.table("insightTags").pop(_TAG + third % 10_000)
    world.table("insightTagsPermission").pop((account_urn(third), _tag_of(third)))
    shared = world.table("insightTags")[_TAG + first % 10_000]
    shared["sponsoredAccounts"] = [account_urn(first), account_urn(third)]
    add_permission(world, third, _TAG + first % 10_000, "USE_ONLY")
    for place in range(120):
        add_domain(world, first, _TAG + first % 10_000, f"shop{place:03d}.example.com", place)
    add_domain(world, second, _TAG + second % 10_000, "bücher.example", 4)
    for account, forms, leads in ((first, 3, 90), (second, 1, 4), (third, 0, 0)):
        _sponsored_leads(world, account, forms, leads)
        for place in range({first: 13, second: 2}.get(account, 0)):
            add_dmp_segment(world, account, _DMP + account % 1000 * 100 + place)
    world.companies.update({first: 130, second: 3, third: 0})
    # The first two accounts add parameters of their own, and so do most of the campaigns.
    for account in (first, second):
        add_tracking(world, account_urn(account))
    for row in world.table("adCampaigns").values():
        if row["type"] != "SPONSORED_INMAILS" and row["id"] % 4 != 1:
            add_tracking(world, f"urn:li:sponsoredCampaign:{row['id']}")
    for organization in sorted(world.pages.organizations)[:4]:
        if world.pages.administers(organization):
            _organic_leads(world, organization)


def _accounts(world: World) -> list[int]:
    return sorted(key for key in world.table("adAccounts") if isinstance(key, int))


def _tag_of(account: int) -> str:
    return wire.tag_urn(_TAG + account % 10_000)


def _begin(world: World, days: int) -> int:
    return (world.today.toordinal() - 719_163 - days) * _DAY_MS + 36_000_000


def add_conversion(
    world: World, account: int, number: int, campaigns: list[int], **changes: Any
) -> int:
    """Add a conversion rule; None removes an optional field."""
    currency = world.table("adAccounts")[account]["currency"]
    created = _begin(world, 200 + number % 90)
    row = wire.conversion(number, account_urn(account), currency, created, campaigns)
    row = {name: value for name, value in {**row, **changes}.items() if value is not None}
    world.put("conversions", number, row)
    if number not in world.conversions.setdefault(account, []):
        world.conversions[account].append(number)
    return number


def add_tag(world: World, number: int, roles: dict[int, str]) -> int:
    """Add an Insight Tag with the roles of accounts on it."""
    world.put("insightTags", number, wire.insight_tag(number, [account_urn(a) for a in roles]))
    for account, role in roles.items():
        add_permission(world, account, number, role)
    return number


def add_permission(world: World, account: int, tag: int, role: str) -> None:
    """Give an account a role (FULL or USE_ONLY) on an Insight Tag."""
    urn = account_urn(account)
    row = {"account": urn, "insightTag": wire.tag_urn(tag), "role": role}
    world.put("insightTagsPermission", (urn, wire.tag_urn(tag)), row)


def add_domain(world: World, account: int, tag: int, domain: str, days_ago: int) -> None:
    """Add a domain on which an Insight Tag has been seen."""
    row = wire.tag_domain(tag, domain, _begin(world, days_ago) + crc32(domain.encode()) % 9999)
    world.put("insightTagDomains", (account_urn(account), domain), row)


def add_form(world: World, number: int, owner: dict[str, str], **changes: Any) -> int:
    """Add a lead form of ``{"sponsoredAccount": urn}`` or ``{"organization": urn}``."""
    row = {**wire.lead_form(number, owner, _begin(world, 300 + number % 30)), **changes}
    world.put("leadForms", number, row)
    return number


def add_lead(
    world: World,
    form: int,
    submitted: int,
    lead_type: str = "SPONSORED",
    related: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Add a lead form response and return its id."""
    parent = world.table("leadForms")[form]
    number = len(world.table("leadFormResponses"))
    mark = crc32(f"{world.seed}:{form}:{number}".encode())
    key = f"{mark:08x}-7a41-4f0e-9d55-{number:012d}-5"
    row = {**wire.lead(key, parent, submitted, lead_type, related or {}), **changes}
    world.put("leadFormResponses", key, row)
    return key


def add_tracking(world: World, owner: str, **changes: Any) -> None:
    """Give an ad account or campaign (by URN) tracking parameters."""
    row = {**wire.tracking_parameters(urn_id(owner)), **changes}
    world.put("adTrackingParameters", owner, row)


def add_dmp_segment(world: World, account: int, number: int) -> int:
    """Add a DMP segment."""
    segment = _SEGMENT + number % 100_000
    row = wire.dmp_segment(number, account_urn(account), _begin(world, 120), segment)
    world.put("dmpSegments", number, row)
    return number


def _sponsored_leads(world: World, account: int, forms: int, leads: int) -> None:
    creatives = world.of_account("creatives", account)
    owner = {"sponsoredAccount": account_urn(account)}
    numbers = [add_form(world, _FORM + account % 1000 * 10 + n, owner) for n in range(forms)]
    for place in range(leads):
        creative = creatives[place % len(creatives)]
        add_lead(
            world,
            numbers[place % len(numbers)],
            # The oldest leads are older than the 365 days that LinkedIn keeps them.
            _begin(world, 1 + place * 400 // leads) + place * 7919,
            related={
                "leadMetadata": {"sponsoredLeadMetadata": {"campaign": creative["campaign"]}},
                "associatedEntity": {"associatedCreative": creative["id"]},
            },
        )


def _organic_leads(world: World, organization: int) -> None:
    owner = {"organization": f"urn:li:organization:{organization}"}
    form = add_form(world, _FORM + 900_000 + urn_id(owner["organization"]) % 1000, owner)
    for place, kind in enumerate(("COMPANY", "EVENT", "ORGANIZATION_PRODUCT", "COMPANY")):
        add_lead(world, form, _begin(world, 3 + place) + place, kind)

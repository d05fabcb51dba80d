"""What LinkedIn knows about the rest of the ads side, without access rights, pages or order.

Companies have their truth in ``companies.rows``, names in ``names.name_of``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.world.ads import wire
from sandbox.world.ads.messages import BODIES, CONVERSATIONS, MESSAGES
from sandbox.world.ads.names import name_of
from sandbox.world.copies import copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.world.world import World

Wire = dict[str, Any]

_DAY_MS = 86_400_000


def _rows(world: World, resource: str) -> Iterator[Wire]:
    for row in list(world.table(resource).values()):
        yield copied(row)


def _urn(account: int) -> str:
    return f"urn:li:sponsoredAccount:{account}"


def conversions(
    world: World, account: int, ownership: Iterable[str] = ("OWNED", "SHARED")
) -> list[Wire]:
    """Return the conversions that an account owns or shares, with ``ownershipType``, by id."""
    wanted = set(ownership)
    found: list[Wire] = []
    for row in _rows(world, "conversions"):
        kind = "OWNED" if row["account"] == _urn(account) else "SHARED"
        shared = row["id"] in world.shared_conversions.get(account, [])
        if kind in wanted and (kind == "OWNED" or shared):
            found.append({**row, "ownershipType": kind})
    return sorted(found, key=lambda row: int(row["id"]))


def campaign_conversions(world: World, account: int) -> list[Wire]:
    """Return the associations of an account's campaigns, whoever owns the conversion."""
    campaigns = {
        f"urn:li:sponsoredCampaign:{row['id']}"
        for row in _rows(world, "adCampaigns")
        if row["account"] == _urn(account)
    }
    return [
        association
        for row in _rows(world, "conversions")
        for association in row["associatedCampaigns"]
        if association["campaign"] in campaigns
    ]


def posts_of_ads(world: World) -> dict[str, tuple[int, Wire | None]]:
    """Return the posts that creatives show, by URN.

    Returns:
        The lowest number of an ad account with such a creative, and the post; None where the
        member may not read it, or where it is gone.
    """
    found: dict[str, tuple[int, Wire | None]] = {}
    for creative in _rows(world, "creatives"):
        urn = creative["content"].get("reference", "")
        if not urn.startswith(("urn:li:share:", "urn:li:ugcPost:")):
            continue
        account = int(creative["account"].rpartition(":")[2])
        if account not in world.roles:
            continue
        post = copied(world.pages.posts.get(urn))
        if post and not (post["lifecycleState"] == "PUBLISHED" and world.pages.reads(post)):
            post = None
        found[urn] = min(account, found.get(urn, (account,))[0]), post
    return found


def insight_tags(world: World, account: int) -> list[Wire]:
    """Return the Insight Tag of an account, if it has one."""
    return [r for r in _rows(world, "insightTags") if _urn(account) in r["sponsoredAccounts"]]


def insight_tag_permissions(world: World, account: int) -> list[Wire]:
    """Return an account's roles on Insight Tags."""
    return [r for r in _rows(world, "insightTagsPermission") if r["account"] == _urn(account)]


def insight_tag_domains(world: World, account: int) -> list[Wire]:
    """Return the domains on which an account's Insight Tag was seen."""
    table = world.table("insightTagDomains")
    return [
        copied(row)
        for key, row in list(table.items())
        if isinstance(key, tuple) and key[0] == _urn(account)
    ]


def lead_forms(world: World, owner: str) -> list[Wire]:
    """Return the forms of an account or organization, given by URN."""
    return [row for row in _rows(world, "leadForms") if owner in row["owner"].values()]


def leads(world: World, owner: str, *, test: bool = False) -> list[Wire]:
    """Return the real (or the test) leads of an owner that are not older than 365 days."""
    oldest = world.now - 365 * _DAY_MS
    return [
        row
        for row in _rows(world, "leadFormResponses")
        if owner in row["owner"].values()
        and row["testLead"] is test
        and oldest <= row["submittedAt"] <= world.now
    ]


def segments(world: World, account: int, resource: str = "adSegments") -> list[Wire]:
    """Return the segments of an account: ``adSegments`` or ``dmpSegments``."""
    return [row for row in _rows(world, resource) if row["account"] == _urn(account)]


def tracking_parameters(world: World, owner: str) -> Wire:
    """Return the tracking parameters of an ad account or campaign (URN); empty for none."""
    return copied(world.table("adTrackingParameters").get(owner, {}))


def previews(world: World, account: int) -> list[Wire]:
    """Return the previews of all creatives of an account, as they are at this moment."""
    return [
        row
        for creative in _rows(world, "creatives")
        if creative["account"] == _urn(account)
        for row in wire.previews(creative, world.now)
    ]


def targeting(world: World, account: int) -> dict[tuple[Any, ...], tuple[str, str | None]]:
    """Return the names of facet and value of all that an account's campaigns target.

    The key of each is campaign, include or exclude, clause number, facet and value.
    """
    audiences = {f"urn:li:adSegment:{row['id']}": row["name"] for row in segments(world, account)}
    found = {}
    for campaign in _rows(world, "adCampaigns"):
        if campaign["account"] != _urn(account):
            continue
        criteria = campaign.get("targetingCriteria", {})
        clauses = [
            ("include", number + 1, clause)
            for number, clause in enumerate(criteria.get("include", {}).get("and", ()))
        ]
        if "exclude" in criteria:
            clauses.append(("exclude", 1, criteria["exclude"]))
        for kind, number, clause in clauses:
            for facet, values in clause["or"].items():
                for value in values:
                    if value.startswith("urn:li:adSegment:"):
                        name = audiences.get(value)
                    elif value.split(":")[2:3] in ([], ["locale"], ["staffCountRange"]):
                        name = value.split(":")[-1]
                    else:
                        name = name_of(world, value)
                    key = (campaign["id"], kind, number, facet, value)
                    found[key] = (facet.split(":")[-1], name)
    return found


def messages(world: World, account: int) -> dict[str, Wire]:
    """Return the messages behind an account's creatives by URN, with the text of their bodies."""
    texts = dict(BODIES)
    wanted = {row["content"].get("reference") for row in _rows(world, "creatives")}
    return {
        row["id"]: {**row, "text": texts.get(row["htmlBody"])}
        for row in _rows(world, MESSAGES)
        if row["account"] == _urn(account) and row["id"] in wanted
    }


def conversations(world: World, account: int) -> dict[str, Wire]:
    """Return the conversations behind an account's creatives by URN, with all of their nodes."""
    table = world.table(CONVERSATIONS)
    urns = [
        message["subContent"]["guidedReplies"]["sponsoredConversation"]
        for message in messages(world, account).values()
        if "guidedReplies" in message["subContent"]
    ]
    return {urn: copied(table[urn]) for urn in urns}

"""Building worlds: accounts, groups, campaigns and creatives with rising ids."""

# ruff: noqa: S311 - figures are invented, not secret

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from sandbox.world import wire
from sandbox.world.ads.messages import add_message
from sandbox.world.figures import Delivery
from sandbox.world.world import Wire, World, account_urn, urn_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = frozenset(("delivery", "cost", "reach"))
_SOCIAL = _BASE | {"engagement", "viral"}
#: Families by kind of creative.
FAMILIES: dict[str, frozenset[str]] = {
    "share": _SOCIAL | {"conversions", "viral conversions"},
    "lead share": _SOCIAL | {"leads", "viral leads"},
    "carousel": _SOCIAL | {"cards", "viral cards", "conversions"},
    "ugcPost": _SOCIAL | {"video", "viral video"},
    "documentAd": _SOCIAL | {"documents", "viral documents", "leads"},
    "adInMailContent": _BASE | {"messaging", "leads"},
    "textAd": _BASE | {"conversions"},
    "spotlight": _BASE | {"conversions"},
    "follow": _BASE | {"engagement"},
    "jobs": _BASE | {"jobs", "viral jobs"},
    "eventAd": _SOCIAL | {"events", "jobs"},
}

_FIRST_IDS = {
    "adAccounts": 512340001,
    "adCampaignGroups": 640110000,
    "adCampaigns": 360450000,
    "creatives": 711220000,
}
_ROLES = ("ACCOUNT_MANAGER", "VIEWER")


class Builder:
    """Adds entities to a world, behind the ids that it already has.

    Attributes:
        world: The world being built.
        days: How far the history of new creatives reaches back.
    """

    def __init__(self, world: World, days: int = 60) -> None:
        """Look at the ids in use."""
        self.world = world
        self.days = days
        self._ids = {resource: self._numbers(resource) for resource in _FIRST_IDS}
        self._rng = random.Random(f"{world.seed}:entities")
        self._begin = world.today - dt.timedelta(days=days)
        self._messages = len(world.table("inMailContents"))

    def _numbers(self, resource: str) -> Iterator[int]:
        used = [key for key in self.world.table(resource) if isinstance(key, int)]
        number = max([_FIRST_IDS[resource] - 1, *used])
        while True:
            number += 1
            yield number

    def account(self, name: str, currency: str = "EUR", **changes: Any) -> int:
        """Add an ad account with a role for the token's member, and some users."""
        number = next(self._ids["adAccounts"])
        times = self._times()
        row = wire.ad_account(number, name, currency, times)
        self.world.put("adAccounts", number, wire.altered(row, changes))
        self.world.grant_access(number)
        self.world.conversions[number] = [20440000 + number % 100_000 * 3 + i for i in range(3)]
        people = (self.world.member, f"urn:li:person:aB{number % 9973}cD")
        for user, role in zip(people, _ROLES, strict=True):
            key = (account_urn(number), user)
            self.world.put("adAccountUsers", key, wire.account_user(*key, role, times))
        return number

    def group(self, account: int, name: str, **changes: Any) -> int:
        """Add a campaign group."""
        number = next(self._ids["adCampaignGroups"])
        row = wire.campaign_group(number, account, name, self._currency(account), self._times())
        self.world.put("adCampaignGroups", number, wire.altered(row, changes))
        return number

    def campaign(self, group: int, name: str, **changes: Any) -> int:
        """Add a campaign."""
        number = next(self._ids["adCampaigns"])
        parent = self.world.table("adCampaignGroups")[group]
        currency = self._currency(urn_id(parent["account"]))
        row = wire.campaign(number, parent, name, currency, self._times())
        self.world.put("adCampaigns", number, wire.altered(row, changes))
        return number

    def creative(  # noqa: PLR0913 - all optional, and all about one creative
        self,
        campaign: int,
        kind: str = "share",
        *,
        first: dt.date | None = None,
        last: dt.date | None = None,
        tier: int = 1,
        gaps: bool = True,
        families: frozenset[str] | None = None,
        delivers: bool = True,
        **changes: Any,
    ) -> int:
        """Add a creative and its figures.

        Args:
            campaign: Id of its campaign.
            kind: A key of ``FAMILIES``.
            first: First day with figures; None for the beginning of the history.
            last: Last day with figures; None while it delivers.
            tier: Size from 0 to 3.
            gaps: Whether some days have no figures.
            families: Metric families that may be non-zero; None for those of the kind.
            delivers: Whether it has any figures.
            **changes: Changes to the wire shape; None removes a key.

        Returns:
            Its numeric id.
        """
        number = next(self._ids["creatives"])
        parent = self.world.table("adCampaigns")[campaign]
        row = wire.altered(wire.creative(number, parent, kind, self._times()), changes)
        self.world.put("creatives", number, row)
        if kind == "adInMailContent":
            self._messages += 1
            is_conversation = not self._messages % 2
            add_message(
                self.world,
                row["content"]["reference"],
                parent["account"],
                conversation=is_conversation,
            )
        if delivers:
            account = urn_id(parent["account"])
            self.world.deliveries[number] = Delivery(
                creative=number,
                campaign=campaign,
                group=urn_id(parent["campaignGroup"]),
                account=account,
                first=(first or self._begin).toordinal(),
                last=last.toordinal() if last else None,
                families=FAMILIES[kind] if families is None else families,
                pivot_values=self._pivot_values(parent, row),
                campaign_type=parent["type"],
                tier=tier,
                currency=self._currency(account),
                gaps=gaps,
                mark=self.world.figures.mark(number),
            )
        return number

    def _pivot_values(self, parent: Wire, row: Wire) -> dict[str, str]:
        values = {
            "ACCOUNT": parent["account"],
            "CAMPAIGN_GROUP": parent["campaignGroup"],
            "CAMPAIGN": row["campaign"],
            "CREATIVE": row["id"],
        }
        reference = row["content"].get("reference", "")
        if reference.startswith(("urn:li:share:", "urn:li:ugcPost:")):
            values["SHARE"] = reference
        company = self.world.table("adAccounts")[urn_id(parent["account"])].get("reference", "")
        if company.startswith("urn:li:organization:"):
            values["COMPANY"] = company
        if "objectiveType" in parent:
            values["OBJECTIVE_TYPE"] = parent["objectiveType"]
        return values

    def _currency(self, account: int) -> str:
        return str(self.world.table("adAccounts")[account]["currency"])

    def _times(self) -> wire.Times:
        start = dt.datetime.combine(self._begin, dt.time(10), dt.timezone.utc)
        created = int(start.timestamp() * 1000) - self._rng.randrange(10**9)
        age = self._rng.randrange(10**9, 10**9 + self.days * 86_000_000)
        latest = int(start.timestamp() * 1000) + (self.days - 2) * 86_400_000
        return wire.Times(created, min(created + age, max(latest, created)))

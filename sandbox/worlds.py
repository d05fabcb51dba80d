"""The named worlds: small, reference, agency and dense."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from sandbox import wire
from sandbox.figures import Delivery
from sandbox.metrics import ALL_FAMILIES
from sandbox.world import Wire, World, account_urn

if TYPE_CHECKING:
    from collections.abc import Callable

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

FIRST_ACCOUNT = 512340001
_GROUP = 640110000
_CAMPAIGN = 360450000
_CREATIVE = 711220000


class Builder:
    """Adds entities with rising ids to a world.

    Attributes:
        world: The world being built.
        days: How far the history reaches back.
    """

    def __init__(self, world: World, days: int) -> None:
        """Start with the first ids."""
        self.world = world
        self.days = days
        self._account = FIRST_ACCOUNT
        self._group = _GROUP
        self._campaign = _CAMPAIGN
        self._creative = _CREATIVE
        self._rng = random.Random(f"{world.seed}:entities")
        self._begin = world.today - dt.timedelta(days=days)

    def continue_from(self) -> None:
        """Take up numbering behind the ids that the world already has."""
        for name, first in (
            ("_account", "adAccounts"),
            ("_group", "adCampaignGroups"),
            ("_campaign", "adCampaigns"),
            ("_creative", "creatives"),
        ):
            ids = [key for key in self.world.table(first) if isinstance(key, int)]
            setattr(self, name, max([getattr(self, name) - 1, *ids]) + 1)

    def account(self, name: str, currency: str = "EUR", **changes: Any) -> int:
        """Add an ad account with a role for the token's member, and some users."""
        number = self._account
        self._account += 1
        times = self._times()
        row = wire.ad_account(number, name, currency, *times)
        self.world.put("adAccounts", number, wire.altered(row, changes))
        self.world.roles[number] = "ACCOUNT_MANAGER"
        self.world.conversions[number] = [20440000 + number % 100_000 * 3 + i for i in range(3)]
        people = [self.world.member, f"urn:li:person:aB{number % 9973}cD"]
        for place, user in enumerate(people):
            role = ("ACCOUNT_MANAGER", "VIEWER")[place]
            key = (account_urn(number), user)
            self.world.put("adAccountUsers", key, wire.account_user(*key, role, *times))
        return number

    def group(self, account: int, name: str, **changes: Any) -> int:
        """Add a campaign group."""
        number = self._group
        self._group += 1
        row = wire.campaign_group(number, account, name, self._currency(account), *self._times())
        self.world.put("adCampaignGroups", number, wire.altered(row, changes))
        return number

    def campaign(self, group: int, name: str, **changes: Any) -> int:
        """Add a campaign."""
        number = self._campaign
        self._campaign += 1
        account = int(self.world.table("adCampaignGroups")[group]["account"].rpartition(":")[2])
        row = wire.campaign(number, account, group, name, self._currency(account), *self._times())
        self.world.put("adCampaigns", number, wire.altered(row, changes))
        return number

    def creative(
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
        """Add a creative and its figures."""
        number = self._creative
        self._creative += 1
        parent = self.world.table("adCampaigns")[campaign]
        row = wire.creative(number, parent, kind, *self._times())
        row = wire.altered(row, changes)
        self.world.put("creatives", number, row)
        if delivers:
            self._deliver(
                number,
                parent,
                row,
                first or self._begin,
                last,
                tier,
                gaps,
                FAMILIES[kind] if families is None else families,
            )
        return number

    def _deliver(
        self,
        number: int,
        parent: Wire,
        row: Wire,
        first: dt.date,
        last: dt.date | None,
        tier: int,
        gaps: bool,
        families: frozenset[str],
    ) -> None:
        account = int(parent["account"].rpartition(":")[2])
        group = int(parent["campaignGroup"].rpartition(":")[2])
        values = {
            "ACCOUNT": parent["account"],
            "CAMPAIGN_GROUP": parent["campaignGroup"],
            "CAMPAIGN": f"urn:li:sponsoredCampaign:{parent['id']}",
            "CREATIVE": row["id"],
        }
        reference = row["content"].get("reference", "")
        if reference.startswith(("urn:li:share:", "urn:li:ugcPost:")):
            values["SHARE"] = reference
        company = self.world.table("adAccounts")[account].get("reference", "")
        if company.startswith("urn:li:organization:"):
            values["COMPANY"] = company
        if "objectiveType" in parent:
            values["OBJECTIVE_TYPE"] = parent["objectiveType"]
        self.world.deliveries[number] = Delivery(
            creative=number,
            campaign=parent["id"],
            group=group,
            account=account,
            first=first.toordinal(),
            last=last.toordinal() if last else None,
            families=families,
            pivot_values=values,
            campaign_type=parent["type"],
            tier=tier,
            currency=self._currency(account),
            gaps=gaps,
            mark=self.world.figures.mark(number),
        )

    def _currency(self, account: int) -> str:
        return str(self.world.table("adAccounts")[account]["currency"])

    def _times(self) -> tuple[int, int]:
        start = dt.datetime.combine(self._begin, dt.time(10), dt.timezone.utc)
        created = int(start.timestamp() * 1000) - self._rng.randrange(10**9)
        return created, created + self._rng.randrange(10**9, 10**9 + self.days * 86_000_000)


def small(seed: int = 7, today: dt.date | None = None, days: int = 150) -> World:
    """Three ad accounts, twelve campaigns, forty creatives, every status and kind of content."""
    world = World(seed, today)
    build = Builder(world, days)
    now = world.today
    accounts = [
        build.account("Northlight Labs EU", "EUR"),
        build.account("北極光ラボ – Ünïcode & Söhne", "USD", reference=None, type="ENTERPRISE"),
        build.account("Testkonto", "GBP", test=True, status="DRAFT", servingStatuses=["STOPPED"]),
    ]
    world.crm_accounts.add(accounts[0])
    states = wire.CAMPAIGN_STATUSES
    kinds = list(FAMILIES)
    made = 0
    for place, account in enumerate(accounts):
        test = place == 2
        groups = [
            build.group(account, f"{name} {place + 1}", status=status, test=test)
            for name, status in (
                ("FY26 Demand", "ACTIVE"),
                ("Čerstvý začátek", wire.GROUP_STATUSES[place + 1]),
                ("Altbestand", wire.GROUP_STATUSES[place + 4]),
            )
        ]
        for number in range(4):
            index = place * 4 + number
            status = "ACTIVE" if number < 2 else states[index % len(states)]
            campaign = build.campaign(
                groups[number % 3],
                f"{('DE', 'US', 'FR', 'JP')[number]} – Ops leaders “{index + 1}”",
                status=status,
                test=test,
                **wire.campaign_variety(index),
            )
            for _ in range(4 if index % 3 == 0 else 3):
                kind = kinds[made % len(kinds)]
                state = wire.CREATIVE_STATUSES[made % 7] if made % 3 == 2 else "ACTIVE"
                live = state == "ACTIVE" and status == "ACTIVE"
                last = None if live else now - dt.timedelta(days=9 + made * 3 % (days - 30))
                build.creative(
                    campaign,
                    kind,
                    tier=made % 4,
                    last=last,
                    first=now - dt.timedelta(days=days - made * 2 % 20),
                    delivers=state != "DRAFT" and status != "DRAFT" and not test,
                    intendedStatus=state,
                    isTest=test,
                    **wire.creative_variety(made, live=live),
                )
                made += 1
    return world


def reference(
    seed: int = 7,
    today: dt.date | None = None,
    days: int = 365,
    campaigns: int = 100,
    creatives: int = 1000,
) -> World:
    """One account whose creatives are all active every day with every metric non-zero."""
    world = World(seed, today, full=True)
    build = Builder(world, days)
    first = world.today - dt.timedelta(days=days - 1)
    group = build.group(build.account("Reference", "EUR"), "All campaigns")
    for number in range(campaigns):
        campaign = build.campaign(group, f"Campaign {number:03d}")
        share = creatives // campaigns + (number < creatives % campaigns)
        for _ in range(share):
            build.creative(campaign, "share", first=first, gaps=False, families=ALL_FAMILIES)
    return world


def agency(
    seed: int = 7, today: dt.date | None = None, days: int = 60, accounts: int = 300
) -> World:
    """Many ad accounts with two campaigns and two to four creatives each."""
    world = World(seed, today)
    build = Builder(world, days)
    kinds = list(FAMILIES)
    for number in range(accounts):
        account = build.account(f"Client {number:03d}", ("EUR", "USD", "GBP", "JPY")[number % 4])
        group = build.group(account, "Default")
        made = 2 + number % 3
        for place in range(2):
            campaign = build.campaign(group, f"Campaign {place}")
            for item in range(made // 2 + (made % 2 if place else 0)):
                build.creative(
                    campaign, kinds[(number + place * 3 + item) % len(kinds)], tier=number % 4
                )
    return world


def dense(
    seed: int = 7,
    today: dt.date | None = None,
    creatives: int = 15_000,
    campaigns: int = 30,
    days: int = 30,
) -> World:
    """One account whose creatives are all active on one day, ``busy_day``; few on others.

    The busy day lies ten days back, or on the first day of a shorter history. LinkedIn's limit
    of 15,000 creatives per account is not enforced.
    """
    world = World(seed, today)
    build = Builder(world, days)
    busy = busy_day(world, days)
    account = build.account("Dense", "USD")
    group = build.group(account, "Default")
    numbers = [build.campaign(group, f"Campaign {number:03d}") for number in range(campaigns)]
    for number in range(creatives):
        steady = number < 20
        build.creative(
            numbers[number % campaigns],
            "share",
            gaps=False,
            first=None if steady else busy,
            last=None if steady else busy,
        )
    return world


def busy_day(world: World, days: int = 30) -> dt.date:
    """Return the day on which every creative of a dense world is active."""
    return world.today - dt.timedelta(days=min(10, days))


WORLDS: dict[str, Callable[..., World]] = {
    "small": small,
    "reference": reference,
    "agency": agency,
    "dense": dense,
}

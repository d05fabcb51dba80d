"""The named worlds: small, reference, agency, dense and pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sandbox.world import plain, wire
from sandbox.world.ads.audiences import add_targeting
from sandbox.world.ads.build import plain_assets, small_assets
from sandbox.world.builder import FAMILIES, Builder
from sandbox.world.metrics import ALL_FAMILIES
from sandbox.world.pages.build import (
    FIRST_PAGE,
    FOREIGN_PAGE,
    SHOWCASE,
    many_posts,
    posts_of_ads,
    small_pages,
)
from sandbox.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

#: Creatives of a dense world that deliver on every day.
_STEADY = 20


def small(seed: int = 7, today: dt.date | None = None, days: int = 150) -> World:
    """Three ad accounts, twelve campaigns, forty creatives, every status and kind of content."""
    world = World(seed, today)
    build = Builder(world, days)
    now = world.today
    accounts = [
        build.account("Northlight Labs EU", "EUR"),
        build.account(
            "北極光ラボ · Ünïcode & Söhne",
            "USD",
            reference=None,
            type="ENTERPRISE",
            totalBudget={"amount": "90000.00", "currencyCode": "USD"},
            totalBudgetEndsAt=1_830_211_200_000,
        ),
        build.account("Testkonto", "GBP", test=True, status="DRAFT", servingStatuses=["STOPPED"]),
    ]
    world.crm_accounts.add(accounts[0])
    states = wire.CAMPAIGN_STATUSES
    kinds = list(FAMILIES)
    made = 0
    for place, account in enumerate(accounts):
        test = account == accounts[-1]
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
            status = states[index % len(states)] if number // 2 else "ACTIVE"
            campaign = build.campaign(
                groups[number % 3],
                f"{('DE', 'US', 'FR', 'JP')[number]} · Ops leaders “{index + 1}”",
                status=status,
                test=test,
                **wire.campaign_variety(index),
            )
            for _ in range(4 if index % 3 == 0 else 3):
                kind = kinds[made % len(kinds)]
                state = "ACTIVE" if (made + 1) % 3 else wire.CREATIVE_STATUSES[made % 7]
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
    small_pages(world)
    foreign = f"urn:li:organization:{FOREIGN_PAGE}"
    posts_of_ads(world, SHOWCASE, (foreign, "urn:li:person:Zz9plural", ""))
    small_assets(world)
    plain.add_rows(world)
    add_targeting(world)
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
    world.pages.grant(world.pages.add_organization(FIRST_PAGE, "Reference"))
    posts_of_ads(world, FIRST_PAGE)
    plain_assets(world)
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
    plain_assets(world)
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
        steady = number < _STEADY
        build.creative(
            numbers[number % campaigns],
            "share",
            gaps=False,
            first=None if steady else busy,
            last=None if steady else busy,
        )
    plain_assets(world)
    return world


def busy_day(world: World, days: int = 30) -> dt.date:
    """Return the day on which every creative of a dense world is active."""
    return world.today - dt.timedelta(days=min(10, days))


def pages(
    seed: int = 7,
    today: dt.date | None = None,
    posts: int = 1000,
    organizations: int = 1,
    days: int = 400,
) -> World:
    """One ad account without campaigns, and company pages with many posts of a known mix.

    The posts are spread evenly over ``days``; ``sandbox.world.pages.build.MIX`` is the mix.
    """
    world = World(seed, today)
    Builder(world, days).account("Pages", "EUR")
    many_posts(world, posts, organizations, days)
    plain_assets(world)
    return world


WORLDS: dict[str, Callable[..., World]] = {
    "small": small,
    "reference": reference,
    "agency": agency,
    "dense": dense,
    "pages": pages,
}

"""Pages for the named worlds."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

from sandbox.world.pages import contents
from sandbox.world.pages.contents import COMMENTARIES, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.world.pages.contents import Wire
    from sandbox.world.world import World

FIRST_PAGE = 9087651
SECOND_PAGE = 9087652
SHOWCASE = 9087653
#: The member has no role until a test grants one, or only asked for one.
ANALYST_PAGE = 9087660
REQUESTED_PAGE = 9087661
#: Not the member's: a page of others, and one that does not exist any more.
FOREIGN_PAGE = 1035
INACTIVE_PAGE = 9087670
#: The mix of a large page: six shares and four ugcPosts in ten posts.
MIX = (
    "text",
    "media_image",
    "media_video",
    "text",
    "article",
    "poll",
    "media_image",
    "multi_image",
    "text",
    "document",
)
_SMALL_KINDS = tuple(KINDS)


def small_pages(world: World) -> None:
    """Add two pages and a showcase with sixty posts of every kind, and pages of others."""
    pages = world.pages
    pages.add_organization(FIRST_PAGE, "Northlight Labs")
    pages.add_organization(
        SECOND_PAGE,
        "北極光 · Ünïcode & Söhne",
        foundedOn=None,
        logoV2=None,
        alternativeNames=["Polaris"],
        groups=["urn:li:group:7040123"],
        parentRelationship={
            "parent": f"urn:li:organization:{FOREIGN_PAGE}",
            "organizationRelationshipType": "SUBSIDIARY",
            "relationshipStatus": "ACTIVE",
        },
    )
    pages.add_organization(
        SHOWCASE,
        "Northlight Garden",
        primaryOrganizationType="BRAND",
        parentRelationship={
            "parent": f"urn:li:organization:{FIRST_PAGE}",
            "organizationRelationshipType": "BRAND",
            "relationshipStatus": "ACTIVE",
        },
    )
    pages.add_organization(ANALYST_PAGE, "Only analysed")
    pages.add_organization(REQUESTED_PAGE, "Only requested")
    pages.add_organization(FOREIGN_PAGE, "Foreign Company")
    pages.add_organization(INACTIVE_PAGE, "Gone")
    pages.inactive.add(INACTIVE_PAGE)
    pages.grant(FIRST_PAGE)
    pages.grant(SHOWCASE)
    pages.grant(FIRST_PAGE, "DIRECT_SPONSORED_CONTENT_POSTER")
    pages.grant(FIRST_PAGE, "ADMINISTRATOR", "REVOKED")
    pages.grant(SECOND_PAGE)
    pages.grant(SECOND_PAGE, "LEAD_CAPTURE_ADMINISTRATOR")
    pages.grant(REQUESTED_PAGE, "ADMINISTRATOR", "REQUESTED")
    pages.grant(FIRST_PAGE, member="urn:li:person:somebodyElse")
    for number in range(60):
        # Every kind on at least one page; spread over 560 days, further than the statistics reach.
        kind = _SMALL_KINDS[number % len(_SMALL_KINDS)]
        page = (number + number // len(_SMALL_KINDS)) % 3
        owner = (FIRST_PAGE, SECOND_PAGE, FIRST_PAGE)[page]
        _post(world, owner, number, kind, number * number * 560 // 3600)
    _post(world, SHOWCASE, 60, "text", 3)
    _discuss(world)
    _spoil_media(world)


def _post(world: World, organization: int, number: int, kind: str, days_ago: int) -> str:
    urn_kind, content, changes = KINDS[kind]
    day = world.today - dt.timedelta(days=days_ago + 1)
    published = dt.datetime.combine(day, dt.time(6 + number % 12, number % 60), dt.timezone.utc)
    urn = world.pages.add_post(
        organization,
        content(number),
        commentary=COMMENTARIES[number % len(COMMENTARIES)],
        kind=urn_kind,
        urn=f"urn:li:{urn_kind}:{7450000000000000001 + number}",
        published=published,
        **changes,
    )
    if number % 7 == 3:  # noqa: PLR2004 - some were edited some days later
        row = world.pages.posts[urn]
        row["lastModifiedAt"] += min(days_ago, 20) * 86_400_000 + 1000
        row["lifecycleStateInfo"] = {**row["lifecycleStateInfo"], "isEditedByAuthor": True}
    return urn


def _discuss(world: World) -> None:
    """Let members comment on every fourth post, on one more than a page of comments holds."""
    pages = world.pages
    posts = [urn for urn, row in pages.posts.items() if row["lifecycleState"] == "PUBLISHED"]
    for number, urn in enumerate(posts[1::4]):
        instant = pages.posts[urn]["publishedAt"] + 3_600_000
        stamp = {"actor": "urn:li:person:Hx3_k9PqLm", "time": instant}
        first = pages.add_comment(
            urn, f"Parabéns {number}! 🎉", actor=stamp["actor"], created=stamp, lastModified=stamp
        )
        for place in range(104 if number == 1 else number % 3):
            later = {**stamp, "time": instant + 60_000 * place}
            pages.add_comment(urn, f"E {place}?", created=later, lastModified=later)
        for place in range(number % 2 * 2):
            pages.add_comment(urn, f"Obrigado {place}", reply_to=first)


def posts_of_ads(world: World, page: int, others: tuple[str, ...] = ()) -> None:
    """Add the posts that creatives show: dark posts of a page, with every kind of content.

    Args:
        world: A world with creatives.
        page: The page that publishes them.
        others: URNs of authors whose posts the member may not read, of some posts each; an empty
            one stands for a post that was deleted.
    """
    references = dict.fromkeys(
        (reference, creative["account"])
        for creative in world.table("creatives").values()
        if (reference := creative["content"].get("reference", "")).startswith(_POSTS)
    )
    shown = {kind: itertools.cycle(found) for kind, found in _AD_CONTENTS.items()}
    for number, (urn, account) in enumerate(references):
        author = (*others, *[f"urn:li:organization:{page}"] * 5)[number % (5 + len(others))]
        if not author:
            continue
        ad_type, content = next(shown[urn.split(":")[2]])
        published = dt.datetime.combine(world.today, dt.time(7), dt.timezone.utc)
        world.pages.add_post(
            page,
            content(100_000 + number),
            commentary=COMMENTARIES[number % len(COMMENTARIES)],
            urn=urn,
            published=published - dt.timedelta(days=1 + number % 90),
            author=author,
            distribution={"feedDistribution": "NONE", "thirdPartyDistributionChannels": []},
            adContext={
                "isDsc": True,
                "dscAdAccount": account,
                "dscAdType": ad_type,
                "dscStatus": "ARCHIVED" if number % 6 == 4 else "ACTIVE",  # noqa: PLR2004
                "dscName": f"Anzeige {number}",
            },
            contentCallToActionLabel="LEARN_MORE",
            # The address of an article, or of a card, is its own.
            contentLandingPage=None
            if number % 2
            else f"https://example.com/ad/{number}?utm_source=linkedin&utm_content={number}",
        )


_POSTS = ("urn:li:share:", "urn:li:ugcPost:")
_AD_CONTENTS: dict[str, tuple[tuple[str, Callable[[int], Wire]], ...]] = {
    "share": (
        ("STANDARD", contents.media_image),
        ("STANDARD", contents.article),
        ("CAROUSEL", contents.carousel),
        ("STANDARD", contents.multi_image),
    ),
    "ugcPost": (("VIDEO", contents.media_video), ("NATIVE_DOCUMENT", contents.document)),
}
"""What ads show, by the kind of post, each with LinkedIn's kind of ad."""


def _spoil_media(world: World) -> None:
    """Let some media be forbidden, in processing, failed, or somebody else's."""
    pages = world.pages
    images = sorted(urn for urn in pages.media if ":image:" in urn)
    videos = sorted(urn for urn in pages.media if ":video:" in urn)
    pages.forbidden |= {images[1], images[5], videos[1]}
    pages.change_media(images[2], status="PROCESSING")
    pages.change_media(images[3], status="WAITING_UPLOAD")
    pages.change_media(images[4], altText="von Hand")
    pages.change_media(videos[0], status="PROCESSING_FAILED")
    pages.change_media(images[6], owner="urn:li:sponsoredAccount:512340001")


def many_posts(world: World, posts: int, organizations: int = 1, days: int = 400) -> None:
    """Add pages with many posts of a known mix (``MIX``), spread evenly over some days."""
    pages = world.pages
    for place in range(organizations):
        number = pages.add_organization(FIRST_PAGE + place, f"Page {place:03d}")
        pages.grant(number)
    for number in range(posts):
        _post(
            world,
            FIRST_PAGE + number % organizations,
            number,
            MIX[number // organizations % len(MIX)],
            number * days // max(posts, 1),
        )

"""The posts behind ads: what they show, what may not be read, and what they cost."""

# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import collections
import typing as t

import pytest

from sandbox import Builder, Sandbox
from sandbox.world import worlds
from sandbox.world.ads import truth as assets
from sandbox.world.pages import build, contents
from tests import singer, test_sync_posts
from tests.singer import TODAY, Json, Output, by_key
from tests.test_sync_posts import medium, without_nulls

if t.TYPE_CHECKING:
    from sandbox import Entry, World
    from tests.conftest import Serve

CARDS, IMAGES = "ad_post_carousel_cards", "ad_post_multi_images"
STREAMS = ("creatives", "ad_posts", CARDS, IMAGES)
ADS_ONLY = ("r_ads", "r_organization_admin")
ALONE = pytest.mark.refused("posts_forbidden", "unknown_page_entity")
"""Where a batch of posts is refused they are tried one by one."""
FIRST_ACCOUNT, SECOND_ACCOUNT = 512340001, 512340002


def sync(sandbox: Sandbox, *streams: str, state: Json | None = None, **settings: t.Any) -> Output:
    """Sync creatives with their posts, or other streams."""
    catalog = singer.catalog(dict.fromkeys(streams or STREAMS))
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def sponsor(world: World, *posts: str, account: int = FIRST_ACCOUNT) -> None:
    """Add a creative for each of some posts."""
    campaign = world.of_account("adCampaigns", account)[0]["id"]
    builder = Builder(world)
    for post in posts:
        builder.creative(campaign, content={"reference": post}, delivers=False, name=None)


def asked(sandbox: Sandbox) -> collections.Counter[tuple[str, str]]:
    """Count requests by resource and method."""
    return collections.Counter((entry.resource, entry.finder) for entry in sandbox.log)


# What must be there


def expected(world: World) -> dict[str, Json]:
    """Return the rows of ad_posts by URN, without what must be null."""
    rows = {}
    for urn, (account, wire) in assets.posts_of_ads(world).items():
        row: Json = {"post_urn": urn, "post_id": int(urn.split(":")[3]), "account_id": account}
        if wire is None:
            rows[urn] = row | {"status": "FORBIDDEN"}
            continue
        whole = test_sync_posts.expected_post(world, wire)
        row |= {name: v for name, v in whole.items() if not name.startswith("lifetime_")}
        ad = wire.get("adContext", {})
        row |= {"status": "AVAILABLE", "author_urn": wire["author"], "dsc_name": ad.get("dscName")}
        row |= {"dsc_type": ad.get("dscAdType"), "dsc_status": ad.get("dscStatus")}
        rows[urn] = without_nulls(row)
    return rows


def expected_inside(world: World, kind: str, items: str) -> dict[tuple[str, int], Json]:
    """Return the cards or images inside posts by post and position, as LinkedIn nests them."""
    return {
        (urn, position): item
        for urn, (_, wire) in assets.posts_of_ads(world).items()
        for position, item in enumerate(
            (wire or {}).get("content", {}).get(kind, {}).get(items, ()), start=1
        )
    }


def expected_texts(wire: Json | None) -> Json:
    """Return what a creative shows of its post, written from LinkedIn's fields."""
    if wire is None:
        return dict.fromkeys(("headline", "commentary", "landing_page"))
    content = wire.get("content", {})
    article = content.get("article", {})
    card = content.get("carousel", {}).get("cards", [{}])[0]
    single = content.get("media", {})
    return {
        "headline": single.get("title")
        or article.get("title")
        or card.get("media", {}).get("title"),
        "commentary": wire["commentary"],
        "landing_page": wire.get("contentLandingPage")
        or article.get("source")
        or card.get("landingPage"),
    }


def check(world: World, output: Output) -> None:
    """Compare posts, what lies inside them, and creatives with the world."""
    assert output.status == 0, output.stderr
    found = by_key(output.records("ad_posts"), "post_urn")
    rows = {key[0]: without_nulls(row) for key, row in found.items()}
    for row in rows.values():
        row.pop("commentary_text", None)
    assert rows == expected(world)
    cards = by_key(output.records(CARDS), "post_urn", "position")
    wanted = expected_inside(world, "carousel", "cards")
    assert cards.keys() == wanted.keys()
    for key, card in wanted.items():
        row = cards[key]
        assert row["landing_page"] == card.get("landingPage")
        assert row["media_id"] == card["media"]["id"]
        assert row["media_title"] == card["media"].get("title")
        assert row["media_download_url"] == medium(world, row["media_id"]).get("downloadUrl")
        assert row["account_id"] == rows[key[0]]["account_id"]
    images = by_key(output.records(IMAGES), "post_urn", "position")
    wanted = expected_inside(world, "multiImage", "images")
    assert images.keys() == wanted.keys()
    for key, image in wanted.items():
        shown = medium(world, image["id"])
        assert images[key]["image_id"] == image["id"]
        assert images[key]["image_alt_text"] == image.get("altText")
        assert images[key]["image_download_url"] == shown.get("downloadUrl")
        assert images[key]["image_status"] == shown["status"]
    creatives = by_key(output.records("creatives"), "id")
    assert len(creatives) == len(world.creatives)
    posts = assets.posts_of_ads(world)
    for creative in creatives.values():
        if creative["content_type"] == "post":
            texts = expected_texts(posts[creative["content_reference_urn"]][1])
            assert {name: creative[name] for name in texts} == texts, creative["urn"]


@pytest.fixture
def every_kind() -> World:
    """The small world, in which ads show every kind of post, drafts included."""
    world = worlds.small(today=TODAY)
    sponsor(world, *(post for post in world.pages.posts if ":745" in post))
    return world


# What is read


def test_every_kind_of_post(serve: Serve, every_kind: World) -> None:
    """Each post of whatever page holds what LinkedIn knows in every column, and null elsewhere."""
    output = sync(serve(every_kind))
    check(every_kind, output)
    kinds = {row["content_type"] for row in output.records("ad_posts")}
    assert kinds >= {"text", "media_image", "media_video", "media_other", "article", "carousel"}
    assert kinds >= {"poll", "multi_image", "job", "liveVideo", "event", "unknown", None}


def test_role_on_a_page_is_taken_away(serve: Serve, every_kind: World) -> None:
    """Posts of that page are rows with their URN alone, said once; nothing else is lost."""
    sandbox = serve(every_kind)
    first = sync(sandbox)
    every_kind.pages.revoke(build.SHOWCASE)
    output = sync(sandbox, state=first.state)
    again = sync(sandbox)
    check(every_kind, again)
    (incident,) = again.summary["incidents"]
    assert incident["stream"] == "ad_posts"
    assert "CONTENT_ADMINISTRATOR" in incident["reason"]
    forbidden = [row for row in again.records("ad_posts") if row["status"] == "FORBIDDEN"]
    assert incident["reason"].startswith(f"{len(forbidden)} of the posts behind ads")
    assert {row["post_urn"] for row in output.records("ad_posts")} == expected(every_kind).keys()


@pytest.mark.refused("scope_missing")
def test_token_lacks_the_scope(serve: Serve, every_kind: World) -> None:
    """Without r_organization_social a warning names it, once, and everything else goes on."""
    sandbox = serve(every_kind)
    whole = sync(sandbox, "creatives", "campaigns")
    sandbox.reset_log()
    config = {"access_token": sandbox.oauth.issue(ADS_ONLY)}
    output = sync(sandbox, *STREAMS, "campaigns", **config)
    assert output.status == 0
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert "r_organization_social" in incident["reason"]
    assert asked(sandbox)["posts", "BATCH_GET"] + asked(sandbox)["posts", "GET"] <= 6
    assert {row["status"] for row in output.records("ad_posts")} == {"FORBIDDEN"}
    assert len(output.records("ad_posts")) == len(assets.posts_of_ads(every_kind))
    for stream in ("creatives", "campaigns"):
        assert by_key(output.records(stream), "id") == by_key(whole.records(stream), "id")
        assert output.bookmarks(stream) == whole.bookmarks(stream)


def test_creatives_alone_ask_for_no_post(serve: Serve, every_kind: World) -> None:
    """Without ad_posts a run sends what it always sent, and creatives show their own content."""
    sandbox = serve(every_kind)
    output = sync(sandbox, "creatives")
    assert set(asked(sandbox)) == {("adAccounts", "search"), ("creatives", "criteria")}
    of_posts = [row for row in output.records("creatives") if row["content_type"] == "post"]
    for column in ("headline", "commentary", "landing_page"):
        assert {row[column] for row in of_posts} == {None}


@pytest.mark.parametrize("stream", [("ad_posts",), (CARDS,), (IMAGES,)])
def test_posts_without_creatives(serve: Serve, every_kind: World, stream: tuple[str, ...]) -> None:
    """Each of the streams can be read alone."""
    sandbox = serve(every_kind)
    alone, together = sync(sandbox, *stream), sync(sandbox)
    assert alone.status == 0
    assert alone.streams == list(stream)
    assert alone.records(stream[0]) == together.records(stream[0])


def test_requests(serve: Serve) -> None:
    """Posts of all ad accounts by fifty, each once, and images and videos by fifty."""
    world = worlds.small(today=TODAY)
    made = [
        world.pages.add_post(build.SHOWCASE, contents.media_image(200_000 + number))
        for number in range(120)
    ]
    sponsor(world, *made[:70], *made[:70])
    sponsor(world, *made[50:], account=SECOND_ACCOUNT)
    sandbox = serve(world)
    sync(sandbox, "creatives")
    creatives = asked(sandbox)
    sandbox.reset_log()
    output = sync(sandbox)
    check(world, output)
    readable = [wire for _, wire in assets.posts_of_ads(world).values() if wire]
    media = collections.Counter(
        urn.split(":")[2] for urn in {urn for wire in readable for urn in shown_media(wire)}
    )
    posts = len(assets.posts_of_ads(world))
    assert asked(sandbox) - creatives == {
        ("posts", "BATCH_GET"): -(-posts // 50),
        ("images", "BATCH_GET"): -(-media["image"] // 50),
        ("videos", "BATCH_GET"): -(-media["video"] // 50),
    }


def shown_media(wire: Json) -> set[str]:
    """Return the images and videos that columns of a post and its cards and images are about."""
    content = wire.get("content", {})
    cards = [card["media"]["id"] for card in content.get("carousel", {}).get("cards", ())]
    images = [image["id"] for image in content.get("multiImage", {}).get("images", ())]
    article = content.get("article", {}).get("thumbnail", "")
    found = {content.get("media", {}).get("id", ""), article, *cards, *images}
    return {urn for urn in found if ":image:" in urn or ":video:" in urn}


def test_post_behind_ads_of_several_accounts(serve: Serve) -> None:
    """It is one row, with the lowest number of an ad account, and every creative shows its text."""
    world = worlds.small(today=TODAY)
    urn = world.pages.add_post(build.FIRST_PAGE, contents.article(7), commentary="One for all")
    sponsor(world, urn, urn, account=SECOND_ACCOUNT)
    sponsor(world, urn, account=FIRST_ACCOUNT)
    output = sync(serve(world))
    (row,) = [row for row in output.records("ad_posts") if row["post_urn"] == urn]
    assert row["account_id"] == FIRST_ACCOUNT
    texts = [
        row["commentary"]
        for row in output.records("creatives")
        if row["content_reference_urn"] == urn
    ]
    assert texts == ["One for all"] * 3


def test_name_of_the_ad(serve: Serve) -> None:
    """A creative without a name is called as its post is called as an ad."""
    world = worlds.small(today=TODAY)
    sponsor(world, *list(assets.posts_of_ads(world)))
    output = sync(serve(world))
    names = {row["post_urn"]: row["dsc_name"] for row in output.records("ad_posts")}
    nameless = [r for r in output.records("creatives") if r["name"] is None and r["commentary"]]
    assert nameless
    for row in nameless:
        assert row["creative_name"] == names[row["content_reference_urn"]]


@ALONE
@pytest.mark.refused("development_batch", "media_forbidden")
@pytest.mark.slow
def test_single_reads_where_batches_are_refused(serve: Serve) -> None:
    """The development tier has no BATCH_GET: the same rows come one by one."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world, development_tier=True)
    output = sync(sandbox)
    check(world, output)
    assert asked(sandbox)["posts", "GET"] == len(assets.posts_of_ads(world))


# What goes wrong


def is_about(post: str) -> t.Callable[[Entry], bool]:
    """Return what tells whether a request asks for a post, alone or among others."""
    number = post.rpartition(":")[2]
    return lambda entry: entry.resource == "posts" and number in entry.path + entry.query


def refused(**options: t.Any) -> Json:
    """Return an answer of LinkedIn's that is no success."""
    return {"body": {"message": "No.", **options}, "status": options["status"]}


@ALONE
@pytest.mark.parametrize("status", [400, 500])
def test_one_post_that_cannot_be_read(serve: Serve, status: int) -> None:
    """It is told and costs itself; its creative comes without text, and again in the next run."""
    world = worlds.small(today=TODAY)
    sandbox = serve(world)
    whole = sync(sandbox)
    post = next(urn for urn, (_, wire) in assets.posts_of_ads(world).items() if wire)
    sandbox.faults.add("status", where=is_about(post), times=None, **refused(status=status))
    output = sync(sandbox)
    sandbox.faults.clear()
    assert output.status == 1
    told = [i for i in output.summary["incidents"] if i["status"] == "failed"]
    assert [(i["stream"], i["account_id"]) for i in told] == [("ad_posts", FIRST_ACCOUNT)]
    assert post in told[0]["reason"]
    left = {row["post_urn"] for row in output.records("ad_posts")}
    assert left == expected(world).keys() - {post}
    assert len(output.records("creatives")) == len(whole.records("creatives"))
    assert FIRST_ACCOUNT not in output.bookmarks("creatives")
    assert SECOND_ACCOUNT in output.bookmarks("creatives")
    check(world, sync(sandbox, state=output.state, lookback_window=3650))


def test_quota_of_posts_is_used_up(serve: Serve, every_kind: World) -> None:
    """Creatives are complete but for what they show of posts; the exit status is 3."""
    sandbox = serve(every_kind)
    whole = sync(sandbox, "creatives")
    where = lambda entry: entry.resource == "posts"  # noqa: E731
    sandbox.faults.add("throttle", where=where, nth=2, times=None, unit="DAY")
    output = sync(sandbox)
    assert output.status == 3
    told = [i for i in output.summary["incidents"] if i["status"] == "quota"]
    assert [incident["stream"] for incident in told] == ["ad_posts"]
    ids = {row["id"] for row in whole.records("creatives")}
    assert {row["id"] for row in output.records("creatives")} == ids
    assert 0 < len(output.records("ad_posts")) < len(expected(every_kind))


def test_posts_that_linkedin_refuses(serve: Serve, every_kind: World) -> None:
    """After three refusals no other post is asked for; creatives are complete."""
    sandbox = serve(every_kind)
    where = lambda entry: entry.resource == "posts"  # noqa: E731
    sandbox.faults.add("status", where=where, times=None, **refused(status=400))
    output = sync(sandbox)
    assert output.status == 1
    assert {incident["stream"] for incident in output.summary["incidents"]} == {"ad_posts"}
    assert asked(sandbox)["posts", "GET"] == 3
    assert len(output.records("creatives")) == len(every_kind.creatives)
    assert not output.records("ad_posts")


def test_state_is_never_ahead_of_creatives(serve: Serve, every_kind: World) -> None:
    """A bookmark follows the creatives that wait for their posts."""
    output = sync(serve(every_kind))
    left = collections.Counter(row["account_id"] for row in output.records("creatives"))
    moved: set[int] = set()
    for message in output.messages:
        if message["type"] == "RECORD" and message["stream"] == "creatives":
            left[message["record"]["account_id"]] -= 1
        if message["type"] == "STATE":
            moved = set(singer.bookmarks(message["value"], "creatives"))
            assert not any(left[account] for account in moved)
    assert moved == set(left)


def test_second_run_reads_posts_of_creatives_that_have_not_changed(
    serve: Serve, every_kind: World
) -> None:
    """Creatives are incremental; their posts come whole in every run."""
    sandbox = serve(every_kind)
    first = sync(sandbox, lookback_window=0)
    second = sync(sandbox, lookback_window=0, state=first.state)
    assert len(second.records("creatives")) < len(first.records("creatives"))
    assert len(second.records("ad_posts")) == len(first.records("ad_posts"))
    assert second.state == first.state

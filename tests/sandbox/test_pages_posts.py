"""Posts of every kind, their pages and their media."""

from __future__ import annotations

import datetime as dt
import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox import Sandbox, World
from sandbox.world import worlds
from sandbox.world.ads import truth as assets
from sandbox.world.pages.build import FIRST_PAGE, FOREIGN_PAGE, SECOND_PAGE
from sandbox.world.pages.contents import KINDS
from tests.sandbox.conftest import TODAY, Caller
from tests.sandbox.test_pages_refusals import PAGE, POSTS

if TYPE_CHECKING:
    from collections.abc import Iterator


def pages(caller: Caller, query: str, count: int) -> Iterator[dict[str, Any]]:
    """Yield the bodies of all pages by following the links."""
    target = f"{query}{'&' if '?' in query else '?'}count={count}&start=0"
    for _ in range(100):
        body = caller.get(target).body
        yield body
        links = [link for link in body["paging"]["links"] if link["rel"] == "next"]
        if not links:
            return
        target = links[0]["href"]
    raise AssertionError(query)


def read(caller: Caller, query: str, count: int) -> list[dict[str, Any]]:
    """Return the posts of all pages."""
    return [row for body in pages(caller, query, count) for row in body["elements"]]


@pytest.mark.parametrize("count", [1, 7, 100])
@pytest.mark.parametrize("short", [False, True])
def test_pages_hold_every_post_once(
    caller: Caller, sandbox: Sandbox, world: World, count: int, *, short: bool
) -> None:
    """Following the links yields each post once, newest modification first."""
    sandbox.switches.short_pages = short
    found = read(caller, POSTS, count)
    assert found == world.pages.truth.posts(FIRST_PAGE)
    times = [row["lastModifiedAt"] for row in found]
    assert times == sorted(times, reverse=True)
    assert sandbox.refusals == []


def test_short_pages_have_a_next_link(caller: Caller, sandbox: Sandbox) -> None:
    """Filtered posts leave gaps: a page below count is not the last one."""
    sandbox.switches.short_pages = True
    body = next(pages(caller, POSTS, 9))
    assert 0 < len(body["elements"]) < 9
    assert body["paging"]["links"][0]["rel"] == "next"


def test_drafts_leave_gaps_by_default(caller: Caller) -> None:
    """The viewer of a page does not get drafts, but they take up places."""
    lengths = [len(body["elements"]) for body in pages(caller, POSTS, 10)]
    assert min(lengths[:-1]) < 10


def test_totals_cannot_be_trusted(caller: Caller, sandbox: Sandbox) -> None:
    """Totals are missing, too small or too large, unless they are asked to be exact."""
    totals = [body["paging"].get("total") for body in pages(caller, POSTS, 10)]
    assert totals[0] is None
    assert len(set(totals)) > 2
    sandbox.switches.totals = "omit"
    assert all("total" not in body["paging"] for body in pages(caller, POSTS, 10))
    sandbox.switches.totals = "exact"
    (total,) = {body["paging"]["total"] for body in pages(caller, POSTS, 10)}
    assert total == len(
        [row for row in sandbox.world.pages.posts.values() if str(FIRST_PAGE) in row["author"]]
    )


def test_page_behind_the_end(caller: Caller) -> None:
    """It is empty, with a link back."""
    body = caller.get(f"{POSTS}&start=500&count=10").body
    assert body["elements"] == []
    assert [link["rel"] for link in body["paging"]["links"]] == ["prev"]
    assert "start=490" in body["paging"]["links"][0]["href"]


def test_views_sorts_and_sponsored_posts(caller: Caller, world: World) -> None:
    """The author sees drafts and failures; isDsc and dscAdAccount pick sponsored posts."""
    author = read(caller, f"{POSTS}&viewContext=AUTHOR", 100)
    assert author == world.pages.truth.posts(FIRST_PAGE, "AUTHOR")
    assert {row["lifecycleState"] for row in author} == {"DRAFT", "PUBLISH_FAILED", "PUBLISHED"}
    created = [row["createdAt"] for row in read(caller, f"{POSTS}&sortBy=CREATED", 100)]
    assert created == sorted(created, reverse=True)
    dark = read(caller, f"{POSTS}&isDsc=true", 100)
    assert dark
    assert all(row["adContext"]["isDsc"] for row in dark)
    organic = read(caller, f"{POSTS}&isDsc=false", 100)
    assert len(organic) + len(dark) == len(world.pages.truth.posts(FIRST_PAGE))
    account = "q=dscAdAccount&dscAdAccount=urn%3Ali%3AsponsoredAccount%3A512340001"
    assert {row["id"] for row in dark} <= {
        row["id"] for row in read(caller, f"/rest/posts?{account}", 100)
    }
    videos = read(caller, f"/rest/posts?{account}&dscAdTypes=List(VIDEO)", 100)
    assert {row["adContext"]["dscAdType"] for row in videos} == {"VIDEO"}
    other = account.replace("512340001", "1")
    assert caller.get(f"/rest/posts?{other}").status == 403


def test_posts_behind_ads_are_read_by_reference(caller: Caller, world: World) -> None:
    """Of whatever page, dark ones too; 403 without a role on it and for people's, 404 if gone."""
    posts = assets.posts_of_ads(world)
    keys = ",".join(quote(urn, safe="") for urn in posts)
    body = caller.get(f"/rest/posts?ids=List({keys})").body
    assert body["results"] == {urn: wire for urn, (_, wire) in posts.items() if wire}
    assert any(w["distribution"]["feedDistribution"] == "NONE" for w in body["results"].values())
    forbidden = {urn for urn, error in body["errors"].items() if error["status"] == 403}
    authors = {world.pages.posts[urn]["author"] for urn in forbidden}
    assert authors == {f"urn:li:organization:{FOREIGN_PAGE}", "urn:li:person:Zz9plural"}
    gone = body["errors"].keys() - forbidden
    assert {body["errors"][urn]["status"] for urn in gone} == {404}
    assert not gone & world.pages.posts.keys()


def test_small_world_has_every_kind_of_post(world: World) -> None:
    """Sixty posts cover all kinds on two pages, and what commentaries may hold."""
    posts = world.pages.truth.posts(view="AUTHOR")
    assert len(posts) >= 60
    contents = {next(iter(row["content"]), "") for row in posts if "content" in row}
    assert contents == {
        "",
        "article",
        "brandNewContent",
        "carousel",
        "celebration",
        "event",
        "job",
        "liveVideo",
        "media",
        "multiImage",
        "poll",
        "reference",
    }
    assert any("reshareContext" in row for row in posts)
    assert {row["author"][-7:] for row in posts} >= {str(FIRST_PAGE), str(SECOND_PAGE)}
    text = "".join(row["commentary"] for row in posts)
    for sign in ("{hashtag|\\#|", "@[", "#tag", "\\#nottag", "\\_", "🚀", "\n"):
        assert sign in text
    assert {row["id"].split(":")[2] for row in posts} == {"share", "ugcPost"}
    assert len(KINDS) >= 20


def test_get_and_batch_get(caller: Caller, world: World) -> None:
    """Both kinds of URN go together; what is missing is an error of its own."""
    first, second = (world.pages.truth.posts(FIRST_PAGE)[n]["id"] for n in (0, 1))
    assert caller.get(f"/rest/posts/{quote(first, safe='')}").body == world.pages.posts[first]
    ids = ",".join(quote(urn, safe="") for urn in (first, second, "urn:li:share:9"))
    body = caller.get(f"/rest/posts?ids=List({ids})", X_RestLi_Method="BATCH_GET").body
    assert set(body["results"]) == {first, second}
    assert body["statuses"] == {first: 200, second: 200, "urn:li:share:9": 404}
    assert body["errors"]["urn:li:share:9"]["status"] == 404
    draft = next(u for u, row in world.pages.posts.items() if row["lifecycleState"] == "DRAFT")
    target = f"/rest/posts/{quote(draft, safe='')}"
    assert caller.get(f"{target}?viewContext=AUTHOR").body["lifecycleState"] == "DRAFT"


def test_poll_counts_may_be_hidden(caller: Caller, sandbox: Sandbox) -> None:
    """Options keep their texts; counts are absent rather than zero."""

    def options() -> list[dict[str, Any]]:
        polls = [
            row["content"]["poll"]
            for row in read(caller, POSTS, 100)
            if "poll" in row.get("content", {})
        ]
        return [option for poll in polls for option in poll["options"]]

    assert any("voteCount" in option for option in options())
    assert any("voteCount" not in option for option in options())
    sandbox.switches.poll_counts_hidden = True
    assert options()
    assert not any("voteCount" in option for option in options())


def test_changes(caller: Caller, world: World) -> None:
    """Posts appear, change and disappear while the sandbox serves them."""
    before = len(read(caller, POSTS, 100))
    urn = world.pages.add_post(
        FIRST_PAGE, {"media": {"id": "urn:li:image:new"}}, commentary="New", kind="ugcPost"
    )
    assert urn.startswith("urn:li:ugcPost:")
    assert read(caller, POSTS, 100)[0]["id"] == urn
    assert caller.get("/rest/images/urn%3Ali%3Aimage%3Anew").body["status"] == "AVAILABLE"
    oldest = read(caller, POSTS, 100)[-1]
    changed = world.pages.change_post(oldest["id"], commentary="Edited", content=None)
    assert changed["lastModifiedAt"] > oldest["lastModifiedAt"]
    newest = next(row for row in read(caller, POSTS, 100) if row["id"] == oldest["id"])
    assert newest["commentary"] == "Edited"
    assert "content" not in newest
    exact = world.pages.change_post(urn, lastModifiedAt=5)
    assert exact["lastModifiedAt"] == 5
    assert read(caller, POSTS, 100)[-1]["id"] == urn
    world.pages.delete_post(urn)
    assert len(read(caller, POSTS, 100)) == before
    assert caller.get(f"/rest/posts/{quote(urn, safe='')}").status == 404


def test_media(caller: Caller, world: World) -> None:
    """Links are there only while a medium is available, and change from day to day."""
    media = world.pages.media
    readable = [urn for urn in media if world.pages.truth.medium(urn) is not None]
    assert {urn.split(":")[2] for urn in readable} == {"image", "video", "document"}
    for urn in readable:
        kind = urn.split(":")[2]
        reply = caller.get(f"/rest/{kind}s/{quote(urn, safe='')}")
        assert reply.body == world.pages.truth.medium(urn), urn
        assert ("downloadUrl" in reply.body) is (reply.body["status"] == "AVAILABLE")
    states = {row["status"] for row in media.values()}
    assert states == {"AVAILABLE", "PROCESSING", "PROCESSING_FAILED", "WAITING_UPLOAD"}
    urn = next(urn for urn in readable if "downloadUrl" in (world.pages.truth.medium(urn) or {}))
    link = (world.pages.truth.medium(urn) or {})["downloadUrl"]
    world.next_day()
    assert (world.pages.truth.medium(urn) or {})["downloadUrl"] != link
    world.pages.change_media(urn, status="PROCESSING")
    assert "downloadUrl" not in (world.pages.truth.medium(urn) or {})


def test_batches_of_media(caller: Caller, world: World) -> None:
    """A forbidden medium is an error inside a batch."""
    images = [urn for urn in world.pages.media if ":image:" in urn]
    forbidden = {urn for urn in images if urn in world.pages.forbidden}
    ids = ",".join(quote(urn, safe="") for urn in images)
    body = caller.get(f"/rest/images?ids=List({ids})").body
    assert set(body["errors"]) == forbidden
    assert len(forbidden) == 2
    assert set(body["results"]) == set(images) - forbidden
    assert {body["statuses"][urn] for urn in forbidden} == {403}
    world.pages.forbid_media(next(iter(forbidden)), forbidden=False)
    assert len(caller.get(f"/rest/images?ids=List({ids})").body["errors"]) == 1


def test_faults_log_and_fields(caller: Caller, sandbox: Sandbox) -> None:
    """Posts have log entries, faults and projections like everything else."""
    sandbox.faults.add("throttle", path="/rest/posts", finder="author", unit="MINUTE")
    assert caller.get(POSTS).status == 429
    reply = caller.get(f"{POSTS}&fields=id,content:(media)&count=5")
    assert all(set(row) <= {"id", "content"} for row in reply.elements)
    entry = sandbox.log[-1]
    assert (entry.resource, entry.finder, entry.rows) == ("posts", "author", len(reply.elements))
    assert entry.params["author"] == f"urn:li:organization:{FIRST_PAGE}"
    sandbox.faults.add("reset_inside", path="/rest/posts")
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        caller.get(POSTS)


def test_many_posts_are_served_quickly() -> None:
    """Five thousand posts are fifty full pages."""
    with Sandbox(worlds.pages(today=TODAY, posts=5000)) as sandbox:
        caller = Caller(sandbox)
        found = read(caller, POSTS, 100)
        caller.connection.close()
        assert len(found) == 5000
        assert len(sandbox.log) == 50
        assert max(entry.elapsed for entry in sandbox.log) < 5


def test_posts_depend_on_seed_and_day_only() -> None:
    """Two worlds alike have the same posts."""
    one, two = worlds.small(today=TODAY), worlds.small(today=TODAY)
    assert one.pages.posts == two.pages.posts
    assert one.pages.media == two.pages.media
    statistics = [one.pages.truth.post_statistics(urn) for urn in one.pages.posts]
    assert statistics == [two.pages.truth.post_statistics(urn) for urn in two.pages.posts]
    newest = max(row["lastModifiedAt"] for row in one.pages.posts.values())
    assert newest <= one.now
    assert dt.datetime.fromtimestamp(newest / 1000, dt.timezone.utc).date() <= TODAY
    assert PAGE.endswith(str(FIRST_PAGE))

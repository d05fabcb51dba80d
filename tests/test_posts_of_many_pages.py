"""Posts of many company pages: requests shared, lists side by side, failures kept apart."""

# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import collections
import datetime as dt
import math
import threading
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.pages import build, contents
from tap_linkedin_ads.api.workers import Workers
from tap_linkedin_ads.streams.pages.post_content import Post
from tap_linkedin_ads.streams.pages.post_details import PageReading, PostDetails
from tap_linkedin_ads.streams.pages.post_passes import Pass
from tests.singer import ROOT, TODAY
from tests.test_kill_and_resume import Chain, key_of
from tests.test_sync_posts import (
    Json,
    pages_of_posts,
    partition,
    posts_by_urn,
    readable,
    run_days,
    sync,
)

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from sandbox.api.log import Entry
    from tests import singer
    from tests.conftest import Serve

START = "2025-01-01"
STATISTICS = "organizationalEntityShareStatistics"
MEDIA = ("images", "videos")
A_STOP = 5
"""Requests that a stop costs at most: a list, a batch of statistics of either kind, and two for the
media of the post that it cut in two."""


def pages_with_an_image(count: int) -> World:
    """Return a world of pages that have published one post, each with an image of its own."""
    world = worlds.pages(today=TODAY, posts=0, organizations=count)
    for number in range(count):
        world.pages.add_post(
            build.FIRST_PAGE + number,
            contents.media_image(number),
            published=dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc) + dt.timedelta(hours=number),
        )
    return world


def image_of(world: World, page: int) -> str:
    """Return the image of a page's only post."""
    (post,) = world.pages.truth.posts(page)
    return str(post["content"]["media"]["id"])


def counts(sandbox: Sandbox) -> dict[str, int]:
    """Return the requests for posts and what belongs to them, by resource."""
    about_posts = {"posts", STATISTICS, *MEDIA}
    return dict(collections.Counter(e.resource for e in sandbox.log if e.resource in about_posts))


def least(world: World, *, a_batch: int = 50) -> dict[str, int]:
    """Return the requests that posts and their details take at least, by resource."""
    found: collections.Counter[str] = collections.Counter()
    for page in world.pages.truth.pages():
        posts = world.pages.truth.posts(page["id"])
        found["posts"] += max(1, math.ceil((len(posts) - 1) / 99))  # each overlaps by one
        kinds = collections.Counter(post["id"].split(":")[2] for post in posts)
        found[STATISTICS] += sum(math.ceil(number / 50) for number in kinds.values())
    for resource in MEDIA:
        shown = [urn for urn in world.pages.media if f":{resource[:-1]}:" in urn]
        if shown:
            found[resource] = math.ceil(len(shown) / a_batch)
    return dict(found)


def pages_given(output: singer.Output) -> set[int]:
    """Return the pages whose posts came."""
    return {row["organization_id"] for row in output.records("posts")}


def pages_with_bookmark(output: singer.Output) -> set[int]:
    """Return the pages whose bookmark is set, and that have nothing left to read."""
    return {
        entry["context"]["organization_id"]
        for entry in output.state["bookmarks"]["posts"]["partitions"]
        if entry.get("replication_key_value") and "progress_markers" not in entry
    }


# Requests


@pytest.mark.slow
def test_media_of_many_pages_share_requests(serve: Serve) -> None:
    """230 pages with an image each take five requests for images, all of them full but the last."""
    world = pages_with_an_image(230)
    sandbox = serve(world)
    output = sync(sandbox, "posts", start_date=START)
    assert output.status == 0
    found = posts_by_urn(output)
    assert found.keys() == {wire["id"] for wire in readable(world)}
    assert all(row["content_media_image_download_url"] for row in found.values())
    assert counts(sandbox) == {"posts": 230, STATISTICS: 230, "images": 5}
    batches = [len(entry.params["ids"]) for entry in sandbox.log if entry.resource == "images"]
    assert sorted(batches) == [30, 50, 50, 50, 50]
    assert len(pages_with_bookmark(output)) == 230


@pytest.mark.slow
@pytest.mark.parametrize(
    ("posts", "organizations"), [(5000, 20), (1000, 50)], ids=["5,000 of 20", "1,000 of 50"]
)
def test_posts_of_many_pages_take_the_least_requests(
    serve: Serve, posts: int, organizations: int
) -> None:
    """Lists and statistics by page, media of all pages together: no request more than needed."""
    world = worlds.pages(today=TODAY, posts=posts, organizations=organizations, days=300)
    sandbox = serve(world)
    output = sync(sandbox, start_date=START)
    assert len(posts_by_urn(output)) == posts
    assert counts(sandbox) == least(world)


def test_the_cost_of_fifty_pages_is_in_the_documentation() -> None:
    """docs/quotas.md works the example of fifty pages out, as a run over them was counted."""
    needed = least(worlds.pages(today=TODAY, posts=1000, organizations=50, days=300))
    page = " ".join((ROOT / "docs" / "quotas.md").read_text().split())
    of_media = f"{needed['images']} + {needed['videos']}"
    total = f"{needed['posts']} + {needed[STATISTICS]} + {of_media} = {sum(needed.values())}"
    assert f"{total} requests" in page


def test_lists_of_pages_are_read_side_by_side(serve: Serve) -> None:
    """Lists are under way at once, no more than there are workers; records come page by page."""
    world = worlds.pages(today=TODAY, posts=120, organizations=12, days=100)
    sandbox = serve(world, latency_ms=60)
    columns: dict[str, t.Any] = {"posts": ["organization_id"]}
    output = sync(sandbox, selection=columns, start_date=START, max_workers=4)
    assert 1 < max(entry.in_flight for entry in pages_of_posts(sandbox)) <= 4
    order = [row["organization_id"] for row in output.records("posts")]
    assert order == sorted(order)
    assert len(order) == 120


# State


@pytest.mark.slow
def test_every_state_of_many_pages_can_be_resumed(serve: Serve) -> None:
    """No state is ahead of the records before it, and a run from any of them gives the rest."""
    sandbox = serve(worlds.pages(today=TODAY, posts=700, organizations=9, days=100))
    streams = ("posts", "post_hashtags")
    whole = sync(sandbox, *streams, start_date=START)
    rows = {
        key_of(message["stream"], message["record"]): message["record"]
        for message in whole.of_type("RECORD")
    }
    Chain(rows).take_in(whole)
    places = [n for n, message in enumerate(whole.messages) if message["type"] == "STATE"]
    assert len(places) >= 9
    for place in places[:: max(1, len(places) // 5)]:
        before = [m for m in whole.messages[:place] if m["type"] == "RECORD"]
        rest = sync(
            sandbox, *streams, state=whole.messages[place]["value"], start_date=START
        ).of_type("RECORD")
        found = {key_of(m["stream"], m["record"]) for m in [*before, *rest]}
        assert found == rows.keys()


# What goes wrong


def failing(sandbox: Sandbox, word: str, resource: str, **options: t.Any) -> t.Any:
    """Let every request of a resource fail that is about something."""

    def where(entry: Entry) -> bool:
        return entry.resource == resource and word in f"{entry.path}?{entry.query}"

    options = {"status": 500, "body": {}, **options}
    return sandbox.faults.add("status", where=where, times=None, **options)


@pytest.mark.slow
@pytest.mark.parametrize("resource", ["posts", STATISTICS, "images"])
def test_one_page_that_fails_costs_itself(serve: Serve, resource: str) -> None:
    """Its list, its statistics or its image cannot be read: every other page is complete."""
    world = pages_with_an_image(60)
    sandbox = serve(world)
    bad = build.FIRST_PAGE + 7
    word = image_of(world, bad).rpartition(":")[2] if resource == "images" else str(bad)
    fault = failing(sandbox, word, resource)
    pages = {page["id"] for page in world.pages.truth.pages()}
    first = sync(sandbox, "posts", start_date=START)
    assert first.status == 1
    assert pages_given(first) == pages_with_bookmark(first) == pages - {bad}
    (incident,) = first.summary["incidents"]
    assert incident["organization_id"] == bad
    fault.times = 0
    second = sync(sandbox, "posts", start_date=START, state=first.state, lookback_window=0)
    assert second.status == 0
    assert bad in pages_given(second)
    assert pages_with_bookmark(second) == pages


def day_quota(sandbox: Sandbox, resource: str, nth: int) -> t.Any:
    """Let the day's quota of a resource run out."""
    return sandbox.faults.add(
        "status",
        path=f"/rest/{resource}",
        nth=nth,
        times=None,
        status=429,
        body={
            "status": 429,
            "code": "TOO_MANY_REQUESTS",
            "message": "Resource level throttle APPLICATION DAY limit for calls to this resource "
            "is reached.",
        },
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resource", "nth", "at_least"),
    [("posts", 61, 60), (STATISTICS, 61, 57), ("images", 3, 100)],
)
def test_a_quota_leaves_what_was_read(serve: Serve, resource: str, nth: int, at_least: int) -> None:
    """Pages that were answered before the quota ran out are given; the others come the next day."""
    world = pages_with_an_image(130)
    sandbox = serve(world)
    fault = day_quota(sandbox, resource, nth)
    first = sync(sandbox, "posts", start_date=START)
    assert first.status == 3
    assert pages_given(first) == pages_with_bookmark(first)
    assert at_least <= len(pages_given(first)) < 130
    fault.times = 0
    world.today = TODAY + dt.timedelta(days=1)
    second = sync(sandbox, "posts", start_date=START, state=first.state, lookback_window=0)
    assert second.status == 0
    assert len(pages_given(first) | pages_given(second)) == 130


# The development tier


@pytest.mark.slow
@pytest.mark.refused("development_batch")
def test_development_tier_asks_for_what_posts_need(serve: Serve) -> None:
    """One by one and page by page: no request more than lists, statistics and media take."""
    world = worlds.pages(today=TODAY, posts=300, organizations=10, days=100)
    sandbox = serve(
        world, development_tier=True, calls_per_member=10_000, calls_per_application=10_000
    )
    output = sync(sandbox, start_date=START)
    assert len(posts_by_urn(output)) == 300
    assert counts(sandbox) == least(world, a_batch=1)
    order = [row["organization_id"] for row in output.records("posts")]
    assert order == sorted(order)


@pytest.mark.slow
@pytest.mark.refused("development_batch", "day_quota")
@pytest.mark.parametrize(("posts", "organizations"), [(1000, 1), (400, 3)])
def test_development_tier_wastes_little_at_the_quota(
    serve: Serve, posts: int, organizations: int
) -> None:
    """Each stop costs a list, a batch of statistics of each kind and a post's media at most."""
    world = worlds.pages(today=TODAY, posts=posts, organizations=organizations, days=20)
    sandbox = serve(world, development_tier=True)
    outputs = run_days(sandbox, most=12, lookback_window=0)
    stops = len(outputs) - 1
    assert stops >= 2
    given = collections.Counter(row["post_urn"] for o in outputs for row in o.records("posts"))
    assert given.keys() == {wire["id"] for wire in readable(world)}
    needed = least(world, a_batch=1)
    found = counts(sandbox)
    repeated = sum(n - 1 for n in given.values())
    assert repeated <= organizations * stops  # the newest post, which its bookmark names
    wasted = sum(found.values()) - sum(needed.values())
    assert wasted <= A_STOP * stops + 4 * repeated


@pytest.mark.refused("development_batch", "day_quota")
def test_development_tier_reads_few_posts_ahead(serve: Serve) -> None:
    """Where few posts show media, the quota is not spent on lists that cannot be given."""
    world = worlds.pages(today=TODAY, posts=0, days=100)
    for number in range(600):
        content = contents.media_image(number) if number % 20 == 0 else None
        day = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc) + dt.timedelta(hours=number)
        kind = "ugcPost" if number % 50 == 10 else "share"
        world.pages.add_post(
            build.FIRST_PAGE, content, commentary=str(number), published=day, kind=kind
        )
    sandbox = serve(world, development_tier=True, calls_per_member=20)
    first = sync(sandbox, "posts", start_date=START)
    assert first.status == 3
    given, lists = len(first.records("posts")), len(pages_of_posts(sandbox))
    assert given >= 99 * (lists - 2)
    assert partition(first)["progress_markers"]["one_by_one"] is True


# Memory


class _NoBatches:
    """Media that never come before they are waited for."""

    def want(self, resource: str, medium: str) -> None:
        """Take note."""

    drop = want

    def send(self) -> None:
        """Ask for nothing."""

    def is_there(self, *_: str) -> bool:
        """Return that nothing is there yet."""
        return False

    def take(self, *_: str) -> Json:
        """Return nothing."""
        return {}


class _Lookups:
    has_batches, lacks_batches = True, False


def test_few_posts_wait_for_a_batch_to_fill_up() -> None:
    """However many posts there are, only some thousand are held while media are missing."""
    asked, lock = collections.Counter[str](), threading.Lock()
    ahead = 0

    def parts(page: int) -> t.Iterator[t.Any]:
        one = Pass()
        for part in range(5):
            with lock:
                asked["posts"] += 100
            number = (page * 5 + part) * 100
            yield one, [Post({"id": f"urn:li:share:{number + n}"}, page) for n in range(100)]
        yield one, None

    pages = (PageReading(page, parts(page), [], None) for page in range(40))
    details = PostDetails(_Lookups(), _NoBatches(), lambda _: [("images", "x")])  # type: ignore[arg-type]
    posts = (outcome for outcome in details.complete(pages, Workers(4)) if outcome.post)
    for given, _ in enumerate(posts):
        with lock:
            ahead = max(ahead, asked["posts"] - given)
    assert asked["posts"] == 20_000
    assert ahead <= 1000 + 100 * (3 * 4 + 4)

"""What members do with posts: reactions, comments, plays of videos."""

# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import collections
import datetime as dt
import math
import typing as t
from urllib.parse import unquote

import pytest

from sandbox.world import worlds
from sandbox.world.pages.build import FIRST_PAGE, SECOND_PAGE
from tests import singer
from tests.singer import TODAY, by_key
from tests.test_sync_posts import DAY_MS, LONG_AGO, instant, readable, sync
from tests.test_unreadable import about, changed

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Entry, Sandbox, World
    from tests.conftest import Serve

Json = dict[str, t.Any]
Key = tuple[t.Any, ...]

COUNTS = ("post_social_metadata", "post_reactions")
COMMENTS = {"include_post_comments": True}
FIGURES = {
    "video_views": "VIDEO_VIEW",
    "viewers": "VIEWER",
    "time_watched": "TIME_WATCHED",
    "time_watched_for_video_views": "TIME_WATCHED_FOR_VIDEO_VIEWS",
}
YESTERDAY = TODAY - dt.timedelta(days=1)
NEVER_KEPT = TODAY - dt.timedelta(days=180)


def read(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    selection: dict[str, Iterable[str] | None] | None = None,
    **settings: t.Any,
) -> singer.Output:
    """Sync some streams on the sandbox's day, with comments in the catalog."""
    today = sandbox.world.today
    settings = {"start_date": LONG_AGO, "end_date": today.isoformat(), **COMMENTS, **settings}
    catalog = singer.catalog(selection or dict.fromkeys(streams), **COMMENTS)
    clock = singer.QuickClock(today)
    config = {**singer.config(sandbox), **settings}
    return singer.sync(config, catalog=catalog, state=state, clock=clock)


def of(post: Json) -> Json:
    """Return the columns that say which post a record is about."""
    return {
        "post_urn": post["id"],
        "post_id": int(post["id"].split(":")[3]),
        "organization_id": int(post["author"].split(":")[3]),
        "organization_urn": post["author"],
    }


def metadata(world: World, posts: Iterable[Json]) -> dict[Key, Json]:
    """Return the rows of post_social_metadata on the world's day."""
    day, rows = world.today.isoformat(), {}
    for post in posts:
        comments = world.pages.truth.comments(post["id"])
        rows[post["id"], day] = {
            **of(post),
            "metric_date": day,
            "reaction_count": sum(world.pages.truth.reactions(post["id"]).values()),
            "comment_count": len(comments),
            "top_level_comment_count": sum("parentComment" not in c for c in comments),
            "comments_state": "CLOSED" if of(post)["post_id"] % 9 == 0 else "OPEN",
        }
    return rows


def reactions(world: World, posts: Iterable[Json]) -> dict[Key, Json]:
    """Return the rows of post_reactions on the world's day."""
    day = world.today.isoformat()
    return {
        (post["id"], kind, day): {**of(post), "reaction": kind, "metric_date": day, "count": count}
        for post in posts
        for kind, count in world.pages.truth.reactions(post["id"]).items()
    }


def comments(world: World, posts: Iterable[Json]) -> dict[Key, Json]:
    """Return the rows of post_comments."""
    rows: dict[Key, Json] = {}
    for post in posts:
        found = world.pages.truth.comments(post["id"])
        replies = collections.Counter(c["parentComment"] for c in found if "parentComment" in c)
        for wire in found:
            rows[(wire["id"],)] = {
                "id": wire["id"],
                **of(post),
                "comment_urn": wire["commentUrn"],
                "parent_comment_urn": wire.get("parentComment"),
                "object_urn": wire["object"],
                "actor_urn": wire["actor"],
                "text": wire["message"]["text"],
                "created_time": instant(wire["created"]["time"]),
                "last_modified_time": instant(wire["lastModified"]["time"]),
                "like_count": wire["likesSummary"]["totalLikes"],
                "reply_count": replies[wire["commentUrn"]] or None,
            }
    return rows


def videos(
    world: World, posts: Iterable[Json], first: dt.date, last: dt.date = YESTERDAY
) -> dict[Key, Json]:
    """Return the rows of post_video_statistics on some days."""
    return {
        (post["id"], day.isoformat()): {
            **of(post),
            "metric_date": day.isoformat(),
            **{column: figures[kind] for column, kind in FIGURES.items()},
        }
        for post in posts
        for day, figures in world.pages.truth.video_days(post["id"], first, last).items()
    }


def records(output: singer.Output, stream: str) -> dict[Key, Json]:
    """Return the records of a stream by key."""
    return by_key(output.records(stream), *singer.primary_keys(**COMMENTS)[stream])


def asked(sandbox: Sandbox, resource: str) -> list[Entry]:
    """Return the requests for a resource."""
    return [entry for entry in sandbox.log if entry.resource == resource]


def published_since(world: World, day: dt.date) -> list[Json]:
    """Return the posts that were published on a day or later."""
    since = (day - dt.date(1970, 1, 1)).days * DAY_MS
    return [post for post in readable(world) if post["publishedAt"] >= since]


# What is read


def test_reactions_and_numbers_of_comments(serve: Serve, world: World) -> None:
    """Every post has a row of the day, and one for each kind of reaction, as the world counts."""
    sandbox = serve(world)
    output = read(sandbox, *COUNTS)
    assert output.status == 0
    assert records(output, "post_social_metadata") == metadata(world, readable(world))
    assert records(output, "post_reactions") == reactions(world, readable(world))
    assert not sandbox.refusals


def test_reactions_need_no_other_stream(serve: Serve, world: World) -> None:
    """post_reactions is read where post_social_metadata is not selected."""
    output = read(serve(world), "post_reactions")
    assert output.streams == ["post_reactions"]
    assert records(output, "post_reactions") == reactions(world, readable(world))


def test_comments_and_replies(serve: Serve, world: World) -> None:
    """Every comment comes once, page behind page, with those that answer it, and raw beside."""
    sandbox = serve(world)
    output = read(sandbox, "post_comments")
    assert output.status == 0
    found = records(output, "post_comments")
    raw = {row["id"]: row.pop("comment") for row in found.values()}
    assert found == comments(world, readable(world))
    for post in readable(world):
        for wire in world.pages.truth.comments(post["id"]):
            assert raw[wire["id"]].items() >= wire.items()
    assert any(len(world.pages.truth.comments(post["id"])) > 100 for post in readable(world))
    assert any(row["parent_comment_urn"] for row in found.values())
    assert not sandbox.refusals


def test_comments_are_asked_for_where_there_are_some(serve: Serve, world: World) -> None:
    """A post without comments takes no request of its own, and their number none twice."""
    sandbox = serve(world)
    read(sandbox, "posts", *COUNTS, "post_comments")
    have = [p["id"] for p in readable(world) if world.pages.truth.comments(p["id"])]
    paths = {unquote(entry.path).split("/")[3] for entry in asked(sandbox, "socialActions")}
    assert {path for path in paths if ":comment:" not in path} == set(have)
    posts = len(readable(world))
    assert len(asked(sandbox, "socialMetadata")) == math.ceil(posts / 50)


def test_comments_are_offered_on_demand(serve: Serve, world: World) -> None:
    """Without include_post_comments the catalog has no personal data, and none is asked for."""
    assert "post_comments" not in singer.every_stream()
    assert "post_comments" in singer.every_stream(**COMMENTS)
    sandbox = serve(world)
    sync(sandbox, "posts", *COUNTS, start_date=LONG_AGO)
    assert not asked(sandbox, "socialActions")


def test_videos_by_day(serve: Serve, world: World) -> None:
    """Views, viewers and times of every post with a video, for as long as LinkedIn keeps them."""
    sandbox = serve(world)
    output = read(sandbox, "post_video_statistics")
    assert output.status == 0
    found = records(output, "post_video_statistics")
    assert found == videos(world, readable(world), NEVER_KEPT)
    assert len({urn for urn, _ in found}) > 2
    assert not sandbox.refusals


def test_figures_of_videos_that_are_not_selected_take_no_request(
    serve: Serve, world: World
) -> None:
    """A request asks for one figure of one video, so a run sends only those that it needs."""
    sandbox = serve(world)
    output = read(sandbox, selection={"post_video_statistics": ["viewers"]})
    kinds = [entry.params["type"] for entry in asked(sandbox, "videoAnalytics")]
    assert set(kinds) == {"VIEWER"}
    rows = videos(world, readable(world), NEVER_KEPT)
    found = records(output, "post_video_statistics")
    assert {k: r["viewers"] for k, r in found.items()} == {k: r["viewers"] for k, r in rows.items()}


# From run to run


def test_second_run_is_a_new_snapshot_of_recent_posts(serve: Serve, world: World) -> None:
    """Posts of 365 days have a row of each day; older ones one, unless they are modified."""
    sandbox = serve(world)
    first = read(sandbox, *COUNTS)
    world.today = TODAY + dt.timedelta(days=40)
    new = world.pages.add_post(FIRST_PAGE, commentary="New")
    old = min(readable(world), key=lambda post: post["lastModifiedAt"])
    world.pages.change_post(old["id"], commentary="Edited")
    second = read(sandbox, *COUNTS, state=first.state)
    recent = published_since(world, world.today - dt.timedelta(days=365))
    bookmark = (TODAY - dt.timedelta(days=32) - dt.date(1970, 1, 1)).days * DAY_MS
    modified = [post for post in readable(world) if post["lastModifiedAt"] >= bookmark]
    due = {post["id"]: post for post in [*recent, *modified]}
    assert {new, old["id"]} <= due.keys() < {post["id"] for post in readable(world)}
    assert records(second, "post_social_metadata") == metadata(world, due.values())
    assert records(second, "post_reactions") == reactions(world, due.values())
    assert not records(first, "post_reactions").keys() & records(second, "post_reactions").keys()


def test_new_comments_on_unmodified_posts_are_found(serve: Serve, world: World) -> None:
    """Comments do not modify a post: those on posts of 365 days are read in every run."""
    sandbox = serve(world)
    first = read(sandbox, "post_comments")
    world.today = TODAY + dt.timedelta(days=1)
    recent = published_since(world, world.today - dt.timedelta(days=365))
    post = min(recent, key=lambda wire: wire["publishedAt"])
    new = world.pages.add_comment(post["id"], "Late, but well said")
    second = read(sandbox, "post_comments", state=first.state)
    found = {row["comment_urn"] for row in second.records("post_comments")}
    assert new in found
    assert found == {row["comment_urn"] for row in comments(world, recent).values()}


def test_second_run_reads_videos_from_the_bookmark(serve: Serve, world: World) -> None:
    """With the look-back: figures of the first days are not asked for again."""
    sandbox = serve(world)
    first = read(sandbox, "post_video_statistics")
    world.today = TODAY + dt.timedelta(days=3)
    sandbox.reset_log()
    second = read(sandbox, "post_video_statistics", state=first.state, lookback_window=9)
    since = YESTERDAY - dt.timedelta(days=9)
    recent = published_since(world, world.today - dt.timedelta(days=365))
    last = world.today - dt.timedelta(days=1)
    assert records(second, "post_video_statistics") == videos(world, recent, since, last)
    starts = {entry.params["timeRange"]["start"] for entry in asked(sandbox, "videoAnalytics")}
    assert starts == {str((since - dt.date(1970, 1, 1)).days * DAY_MS)}


# What it takes


@pytest.mark.slow
@pytest.mark.parametrize("with_posts", [False, True])
def test_requests_of_many_pages(serve: Serve, *, with_posts: bool) -> None:
    """5,000 posts of 20 pages: lists are read once, and fifty posts of any page share a request."""
    world = worlds.pages(today=TODAY, posts=5000, organizations=20)
    sandbox = serve(world)
    more = {"posts": ("commentary",)} if with_posts else {}
    streams = {**dict.fromkeys(COUNTS), "post_comments": None}
    output = read(sandbox, selection={**streams, **more})
    assert output.status == 0
    assert records(output, "post_reactions") == reactions(world, readable(world))
    lists = sum(math.ceil((250 - 1) / 99) for _ in range(20))
    assert len(asked(sandbox, "posts")) == lists
    assert len(asked(sandbox, "socialMetadata")) == 100
    sandbox.reset_log()
    world.today = TODAY + dt.timedelta(days=1)
    read(sandbox, selection={**streams, **more}, state=output.state)
    assert len(asked(sandbox, "posts")) <= lists
    assert len(asked(sandbox, "socialMetadata")) <= 100


# What is refused


def refuse(
    sandbox: Sandbox, where: Callable[[Entry], bool], status: int = 403, **more: t.Any
) -> None:
    """Let LinkedIn refuse some requests, always."""
    sandbox.faults.add("refuse", where=where, status=status, times=None, **more)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_refused_batches_cost_single_reads(serve: Serve, world: World, status: int) -> None:
    """Where LinkedIn gives no batches, each post is asked for alone and nothing is lost."""
    sandbox = serve(world)
    refuse(sandbox, lambda e: (e.resource, e.finder) == ("socialMetadata", "BATCH_GET"), status)
    output = read(sandbox, *COUNTS)
    assert output.status == 0
    assert records(output, "post_social_metadata") == metadata(world, readable(world))


def test_a_refused_post_costs_itself(serve: Serve, world: World) -> None:
    """Its page has the other posts, its bookmark stays, and a warning says what is missing."""
    sandbox = serve(world)
    urn = next(p["id"] for p in readable(world) if world.pages.truth.comments(p["id"]))
    refuse(sandbox, lambda e: urn in unquote(e.path))
    output = read(sandbox, "post_comments")
    assert output.status == 0
    found = records(output, "post_comments")
    others = [post for post in readable(world) if post["id"] != urn]
    assert found.keys() == comments(world, others).keys()
    (incident,) = output.summary["incidents"]
    assert incident["reason"].startswith("a post is left out, which may have been deleted: ")
    assert incident["status"] == "warning"
    assert len(output.state["bookmarks"]["post_comments"]["partitions"]) == 1


def test_a_page_of_which_all_is_refused_fails(serve: Serve, world: World) -> None:
    """Its bookmark stays, three refusals are enough, and the other page is complete."""
    sandbox = serve(world)
    of_page = {p["id"] for p in readable(world) if p["author"].endswith(str(FIRST_PAGE))}
    refuse(sandbox, lambda e: e.params.get("entity") in of_page)
    output = read(sandbox, "post_video_statistics", max_workers=1)
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["organization_id"] == FIRST_PAGE
    others = [post for post in readable(world) if post["id"] not in of_page]
    assert records(output, "post_video_statistics") == videos(world, others, NEVER_KEPT)
    marks = output.state["bookmarks"]["post_video_statistics"]["partitions"]
    assert [mark["context"]["organization_id"] for mark in marks] == [SECOND_PAGE]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_refused_comments_cost_the_comments(serve: Serve, world: World, status: int) -> None:
    """No page is complete without any: posts without comments do not hide that."""
    sandbox = serve(world)
    refuse(sandbox, lambda e: e.resource == "socialActions", status)
    output = read(sandbox, *COUNTS, "post_comments")
    assert output.status == 1
    assert not output.records("post_comments")
    assert records(output, "post_reactions") == reactions(world, readable(world))
    incidents = output.summary["incidents"]
    assert {incident["organization_id"] for incident in incidents} == {FIRST_PAGE, SECOND_PAGE}
    assert {incident["stream"] for incident in incidents} == {"post_comments"}


def test_a_refused_figure_costs_its_column(serve: Serve, world: World) -> None:
    """The others come; what LinkedIn refuses of all videos is not asked for again and again."""
    sandbox = serve(world)
    refuse(sandbox, lambda e: e.params.get("type") == "VIEWER", 400)
    output = read(sandbox, "post_video_statistics", max_workers=1)
    found = records(output, "post_video_statistics")
    rows = videos(world, readable(world), NEVER_KEPT)
    assert found == {key: {**row, "viewers": None} for key, row in rows.items()}
    assert output.status == 1
    reasons = [incident["reason"] for incident in output.summary["incidents"]]
    assert all(reason.startswith("figures of VIEWER are missing: ") for reason in reasons)
    assert len(reasons) == len({row["organization_id"] for row in found.values()})
    refused = [e for e in asked(sandbox, "videoAnalytics") if e.params["type"] == "VIEWER"]
    assert len(refused) == 3


def test_a_post_without_urn_is_missing_everywhere(serve: Serve, world: World) -> None:
    """Streams that share a list of posts all say that one cannot be told apart."""
    sandbox = serve(world)

    def without_id(body: Json) -> None:
        body["elements"][1].pop("id")

    where = about("posts", FIRST_PAGE)
    with changed(sandbox, where, without_id):
        output = read(sandbox, "posts", *COUNTS, "post_video_statistics")
    told = {(i["stream"], i["organization_id"]) for i in output.summary["incidents"]}
    assert told == {
        (stream, FIRST_PAGE) for stream in ("posts", COUNTS[0], "post_video_statistics")
    }
    marks = output.state["bookmarks"]["post_social_metadata"]["partitions"]
    assert [mark["context"]["organization_id"] for mark in marks] == [SECOND_PAGE]


def test_without_the_scope_the_streams_have_no_rows(serve: Serve, world: World) -> None:
    """The summary names the scope; posts are read all the same."""
    sandbox = serve(world)
    body = {
        "status": 403,
        "code": "ACCESS_DENIED",
        "serviceErrorCode": 100,
        "message": "Not enough permissions to access: socialMetadata.GET.20260901",
    }
    sandbox.faults.add("status", path="/rest/socialMetadata", status=403, body=body, times=None)
    output = read(sandbox, "posts", *COUNTS)
    assert len(output.records("posts")) == len(readable(world))
    assert not output.records("post_reactions")
    (incident,) = output.summary["incidents"]
    assert "r_organization_social_feed" in incident["reason"]

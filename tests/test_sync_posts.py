"""Posts of company pages: content, media, statistics, what changes, and small quotas."""

# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import collections
import datetime as dt
import itertools
import math
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import worlds
from sandbox.world.ads.names import name_of
from sandbox.world.pages import build
from tests import singer
from tests.singer import TODAY
from tests.truth import snake

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from sandbox.api.log import Entry
    from tests.conftest import Serve

Json = dict[str, t.Any]

CHILDREN = (
    "post_hashtags",
    "post_mentions",
    "post_poll_options",
    "post_carousel_cards",
    "post_multi_images",
)
REFERENCES = {"job", "event", "liveVideo"}
LONG_AGO = "2000-01-01"
DAY_MS = 86_400_000
TYPES = {
    "poll": "poll",
    "multiImage": "multi_image",
    "article": "article",
    "carousel": "carousel",
    "event": "event",
    "job": "job",
    "liveVideo": "liveVideo",
}


def sync(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    full_table: bool = False,
    selection: dict[str, t.Iterable[str] | None] | None = None,
    **settings: t.Any,
) -> singer.Output:
    """Sync posts, and children unless streams are named, on the sandbox's day."""
    today = sandbox.world.today
    config = {**singer.config(sandbox), "end_date": today.isoformat(), **settings}
    wanted = selection or dict.fromkeys(streams or ("posts", *CHILDREN))
    catalog = singer.catalog(wanted, full_table=["posts"] if full_table else [])
    if settings.get("keep_posts_history"):
        catalog = _with_history(catalog)
    clock = singer.QuickClock(today)
    return singer.sync(config, catalog=catalog, state=state, clock=clock)


def _with_history(catalog: Json) -> Json:
    """Add what discovery offers with keep_posts_history."""
    posts = next(s for s in catalog["streams"] if s["tap_stream_id"] == "posts")
    posts["key_properties"] = ["post_urn", "metric_date"]
    posts["schema"]["properties"]["metric_date"] = {"type": "string", "format": "date"}
    posts["metadata"].append(
        {"breadcrumb": ["properties", "metric_date"], "metadata": {"inclusion": "automatic"}}
    )
    return catalog


def instant(milliseconds: int | None) -> str | None:
    """Write an instant as the tap does."""
    if milliseconds is None:
        return None
    moment = dt.datetime.fromtimestamp(milliseconds // 1000, dt.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}+00:00"


def medium(world: World, urn: str) -> Json:
    """Return an image, video or document as the tap may see it."""
    found = world.pages.truth.medium(urn)
    return {"status": "FORBIDDEN"} if found is None else found


def content_type(wire: Json) -> str:
    """Tell the content type by the kinds of the sandbox's world."""
    content = wire.get("content") or {"nothing": None}
    (key,) = content
    if key == "media":
        kind = content["media"]["id"].split(":")[2]
        return {"image": "media_image", "video": "media_video"}.get(kind, "media_other")
    if key == "reference":
        kind = content["reference"]["id"].split(":")[2]
        return kind if kind in REFERENCES else "unknown"
    return "text" if key == "nothing" else TYPES.get(key, "unknown")


def names_of_audience(world: World, wire: Json) -> dict[str, str] | None:
    """Return the names of the URNs that a post is targeted at, as far as LinkedIn names them."""
    urns = [
        urn
        for facet in wire["distribution"].get("targetEntities", [])
        for values in facet.values()
        for urn in values
        if urn.split(":")[2] not in {"locale", "staffCountRange"}
    ]
    return {urn: name for urn in urns if (name := name_of(world, urn))} or None


def expected_post(world: World, wire: Json) -> Json:
    """Return what the columns of a post must hold, without those that must be null."""
    kind, content = content_type(wire), wire.get("content") or {}
    row: Json = {
        "post_urn": wire["id"],
        "post_id": int(wire["id"].split(":")[3]),
        "organization_id": int(wire["author"].split(":")[3]),
        "organization_urn": wire["author"],
        "lifecycle_state": "PUBLISHED",
        "visibility": wire["visibility"],
        "created_at": instant(wire["createdAt"]),
        "published_at": instant(wire["publishedAt"]),
        "last_modified_at": instant(wire["lastModifiedAt"]),
        "feed_distribution": wire["distribution"]["feedDistribution"],
        "third_party_distribution_channels": wire["distribution"]["thirdPartyDistributionChannels"],
        "target_entities": wire["distribution"].get("targetEntities"),
        "target_entity_names": names_of_audience(world, wire),
        "distribution": wire["distribution"],
        "container": wire.get("container"),
        "origin": wire.get("origin"),
        "is_reshare_disabled_by_author": wire["isReshareDisabledByAuthor"],
        "commentary": wire["commentary"],
        "is_edited_by_author": wire["lifecycleStateInfo"]["isEditedByAuthor"],
        "lifecycle_state_info_content_status": wire["lifecycleStateInfo"].get("contentStatus"),
        "lifecycle_state_info_review_status": wire["lifecycleStateInfo"].get("reviewStatus"),
        "content_type": kind,
        "content": wire.get("content"),
        "content_landing_page": wire.get("contentLandingPage"),
        "content_call_to_action_label": wire.get("contentCallToActionLabel"),
        "reshare_context_parent": wire.get("reshareContext", {}).get("parent"),
        "reshare_context_root": wire.get("reshareContext", {}).get("root"),
    }
    for name, value in wire.get("adContext", {}).items():
        row[f"ad_context_{snake(name)}"] = value
    row |= {**_media(world, kind, content), **_poll(content), **_article(world, content)}
    row |= {**_reference(content), **_celebration(content)}
    for name, value in (world.pages.truth.post_statistics(wire["id"]) or {}).items():
        row[f"lifetime_{snake(name)}"] = value
    return without_nulls(row)


def _media(world: World, kind: str, content: Json) -> Json:
    """Return the columns of a single medium, and of several together."""
    own = content.get("media", {})
    row = {
        "content_media_alt_text": own.get("altText"),
        "content_multi_image_alt_text": content.get("multiImage", {}).get("altText"),
        "content_carousel_id": content.get("carousel", {}).get("id"),
    }
    if kind in {"media_image", "media_video"}:
        row |= {"content_media_id": own["id"], "content_media_title": own.get("title")}
        row |= _media_columns(medium(world, own["id"]), f"content_{kind}_")
    if kind == "media_other":
        row["content_media_document_id"] = own["id"]
        row["content_media_document_title"] = own["title"]
    return row


def _poll(content: Json) -> Json:
    poll = content.get("poll", {})
    settings = poll.get("settings", {})
    visible = settings.get("isVoterVisibleToAuthor")
    return {
        "content_poll_question": poll.get("question"),
        "content_poll_unique_voters_count": poll.get("uniqueVotersCount"),
        "content_poll_settings_vote_selection_type": settings.get("voteSelectionType"),
        "content_poll_settings_duration": settings.get("duration"),
        "content_poll_settings_is_vote_visible_to_author": visible,
    }


def _article(world: World, content: Json) -> Json:
    article = content.get("article", {})
    row = {f"content_article_{snake(name)}": value for name, value in article.items()}
    if thumbnail := article.get("thumbnail"):
        address = medium(world, thumbnail).get("downloadUrl")
        row["content_article_thumbnail_download_url"] = address
    return row


def _reference(content: Json) -> Json:
    found = next((content[key] for key in ("reference", *REFERENCES) if key in content), {})
    return {"content_reference_id": found.get("id")}


def _celebration(content: Json) -> Json:
    found = content.get("celebration")
    if not found:
        return {}
    shown = found["media"] if isinstance(found["media"], dict) else {"id": found["media"]}
    return {
        "content_celebration_type": found["type"],
        "content_celebration_text": found["text"],
        "content_celebration_recipients": found["recipients"],
        "content_celebration_tagged_entities": found["taggedEntities"],
        "content_celebration_media_id": shown["id"],
        "content_celebration_media_alt_text": shown.get("altText"),
    }


def _media_columns(found: Json, prefix: str) -> Json:
    row = {f"{prefix}{snake(n)}": v for n, v in found.items() if n not in {"id", "altText"}}
    if expires := row.pop(f"{prefix}download_url_expires_at", None):
        row[f"{prefix}download_url_expires_at"] = instant(expires)
    return row


def without_nulls(row: Json) -> Json:
    """Return a row for comparing."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if value is not None
    }


def posts_by_urn(output: singer.Output) -> dict[str, Json]:
    """Return the posts; each comes once."""
    return {key[0]: row for key, row in singer.by_key(output.records("posts"), "post_urn").items()}


def partition(output: singer.Output, organization: int = build.FIRST_PAGE) -> Json:
    """Return what the last state holds about the posts of a page."""
    entries = output.state["bookmarks"]["posts"]["partitions"]
    (found,) = [e for e in entries if e["context"] == {"organization_id": organization}]
    return t.cast("Json", found)


def pages_of_posts(sandbox: Sandbox) -> list[Entry]:
    """Return the requests for posts."""
    return [entry for entry in sandbox.log if entry.resource == "posts"]


def readable(world: World) -> list[Json]:
    """Return the posts of the pages that the member administers, without showcases."""
    return [w for page in world.pages.truth.pages() for w in world.pages.truth.posts(page["id"])]


@pytest.fixture(scope="module")
def synced(serve_module: Serve) -> tuple[World, singer.Output]:
    """Sync every post of the small world, which has each kind."""
    sandbox = serve_module(worlds.small(today=TODAY))
    return sandbox.world, sync(sandbox, start_date=LONG_AGO)


def test_every_column_of_every_kind(synced: tuple[World, singer.Output]) -> None:
    """Posts of all kinds hold what LinkedIn knows in every column, and null elsewhere."""
    world, output = synced
    assert output.status == 0
    found = {urn: dict(row) for urn, row in posts_by_urn(output).items()}
    truth = {wire["id"]: wire for wire in readable(world)}
    assert found.keys() == truth.keys()
    texts = {urn: row.pop("commentary_text") for urn, row in found.items()}
    for urn, wire in truth.items():
        row, wanted = without_nulls(found[urn]), expected_post(world, wire)
        assert row.keys() == wanted.keys(), urn
        for column, value in wanted.items():
            is_figure = isinstance(value, float)
            assert row[column] == (pytest.approx(value) if is_figure else value), (urn, column)
    kinds = {row["content_type"] for row in found.values()}
    assert kinds == {
        *("text", "media_image", "media_video", "media_other", "poll", "multi_image"),
        *("article", "carousel", "job", "liveVideo", "event", "unknown"),
    }
    assert "Names O(pen) [Inc] # alone" in {text.replace("  ", " ") for text in texts.values()}
    states = {row["content_media_image_status"] for row in found.values()}
    assert {"AVAILABLE", "FORBIDDEN", "PROCESSING"} & states
    assert "metric_date" not in next(iter(found.values()))


def test_statistics_of_quiet_posts(synced: tuple[World, singer.Output]) -> None:
    """Without activity a post has zeros for 365 days and nulls later."""
    world, output = synced
    quiet = collections.Counter(
        (row["lifetime_impression_count"], row["lifetime_engagement"])
        for row in output.records("posts")
        if not row["lifetime_impression_count"]
    )
    wanted = collections.Counter(
        (0, 0) if known else (None, None)
        for wire in readable(world)
        if not (known := world.pages.truth.post_statistics(wire["id"]))
        or not known["impressionCount"]
    )
    assert quiet == wanted


def test_children_hold_what_lies_inside(synced: tuple[World, singer.Output]) -> None:
    """Cards, images and options come numbered from 1, with their media."""
    world, output = synced
    for stream, path, columns in (
        ("post_poll_options", ("poll", "options"), _option),
        ("post_carousel_cards", ("carousel", "cards"), _card),
        ("post_multi_images", ("multiImage", "images"), _image),
    ):
        wanted = {}
        for wire in readable(world):
            items = (wire.get("content") or {}).get(path[0], {}).get(path[1], [])
            for position, item in enumerate(items, start=1):
                wanted[wire["id"], position] = without_nulls(
                    {**_shared(wire), "position": position, **columns(world, item)}
                )
        found = singer.by_key(output.records(stream), "post_urn", "position")
        assert {key: without_nulls(row) for key, row in found.items()} == wanted
        assert wanted, stream


def _shared(wire: Json) -> Json:
    return {
        "post_urn": wire["id"],
        "post_id": int(wire["id"].split(":")[3]),
        "organization_id": int(wire["author"].split(":")[3]),
        "organization_urn": wire["author"],
        "post_last_modified_at": instant(wire["lastModifiedAt"]),
    }


def _option(_: World, item: Json) -> Json:
    return {
        "option_text": item["text"],
        "option_vote_count": item.get("voteCount"),
        "is_option_voted_by_viewer": item.get("isVotedByViewer"),
    }


def _card(world: World, item: Json) -> Json:
    return {
        "landing_page": item.get("landingPage"),
        "media_id": item["media"]["id"],
        "media_title": item["media"].get("title"),
        "media_alt_text": item["media"].get("altText"),
        "media_download_url": medium(world, item["media"]["id"]).get("downloadUrl"),
    }


def _image(world: World, item: Json) -> Json:
    return {
        "image_id": item["id"],
        "image_title": item.get("title"),
        "image_alt_text": item.get("altText"),
        **_media_columns(medium(world, item["id"]), "image_"),
    }


def test_hashtags_and_mentions(synced: tuple[World, singer.Output]) -> None:
    """Hashtags come once a post without their hash; mentions in their order."""
    world, output = synced
    by_text = {wire["id"]: wire["commentary"] for wire in readable(world)}
    tags, mentions = collections.defaultdict(list), collections.defaultdict(list)
    for row in output.records("post_hashtags"):
        tags[row["post_urn"]].append(row["hashtag"])
    for row in output.records("post_mentions"):
        mentions[row["post_urn"]].append((row["position"], row["fallback_text"], row["target_urn"]))
    told = {
        "Hoje": (
            ["vagas", "zürichoberland"],
            [
                (1, "Ana Souza", "urn:li:person:Hx3_k9PqLm"),
                (2, "Northlight Garden", "urn:li:organization:9087653"),
            ],
        ),
        "Plain": (["tag", "Größe"], []),
        "北極光": (["日本語タグ"], []),
        "Twice": (["same"], []),
        "Names": (
            [],
            [(1, "O(pen) [Inc]", "urn:li:organization:1035"), (2, "", "urn:li:person:aB1cD")],
        ),
        "Line": (["new_line"], []),
    }
    for urn, text in by_text.items():
        wanted = next((v for start, v in told.items() if text.startswith(start)), ([], []))
        assert (tags[urn], mentions[urn]) == wanted, text


@pytest.mark.slow
def test_next_run_reads_what_changed_in_the_lookback(serve: Serve) -> None:
    """A second run gives the posts modified since the bookmark less the look-back, in one page."""
    sandbox = serve(worlds.pages(today=TODAY, posts=400, days=360))
    world = sandbox.world
    first = sync(sandbox, "posts")
    assert len(first.records("posts")) == 400
    newest = readable(world)[0]
    assert partition(first)["replication_key_value"] == instant(newest["lastModifiedAt"])
    world.today = TODAY + dt.timedelta(days=1)
    edited = readable(world)[399]["id"]
    world.pages.change_post(edited, commentary="Edited #again")
    added = world.pages.add_post(build.FIRST_PAGE, commentary="New")
    sandbox.reset_log()
    second = sync(sandbox, "posts", state=first.state, lookback_window=10)
    since = newest["lastModifiedAt"] - 10 * DAY_MS
    wanted = {w["id"] for w in readable(world) if w["lastModifiedAt"] >= since}
    assert posts_by_urn(second).keys() == wanted
    assert {edited, added} < wanted
    assert len(pages_of_posts(sandbox)) == 1
    assert partition(second)["replication_key_value"] == instant(
        world.pages.posts[added]["lastModifiedAt"]
    )


def test_start_date_is_the_first_modification(serve: Serve, world: World) -> None:
    """Without a bookmark, posts last modified before start_date are left out."""
    output = sync(serve(world), "posts", start_date="2026-10-01")
    since = (dt.date(2026, 10, 1) - dt.date(1970, 1, 1)).days * DAY_MS
    wanted = {w["id"] for w in readable(world) if w["lastModifiedAt"] >= since}
    assert posts_by_urn(output).keys() == wanted


def test_full_table_refreshes_expiring_links(serve: Serve, world: World) -> None:
    """With full-table replication all posts come every time, with the links of the day."""
    sandbox = serve(world)
    first = sync(sandbox, "posts", full_table=True)
    world.today = TODAY + dt.timedelta(days=1)
    second = sync(sandbox, "posts", full_table=True, state=first.state)
    before, after = posts_by_urn(first), posts_by_urn(second)
    assert before.keys() == after.keys() == {wire["id"] for wire in readable(world)}
    column = "content_media_image_download_url"
    links = {urn for urn, row in before.items() if row[column]}
    assert links
    assert all(before[urn][column] != after[urn][column] for urn in links)


def test_history_has_a_row_a_day(serve: Serve) -> None:
    """With keep_posts_history, all posts of the last 365 days come again each day."""
    sandbox = serve(worlds.pages(today=TODAY, posts=80, days=500))
    world = sandbox.world
    first = sync(sandbox, "posts", keep_posts_history=True)
    world.today = TODAY + dt.timedelta(days=1)
    second = sync(sandbox, "posts", keep_posts_history=True, state=first.state, lookback_window=1)
    for output, today in ((first, TODAY), (second, world.today)):
        earliest = (today - dt.timedelta(days=365) - dt.date(1970, 1, 1)).days * DAY_MS
        wanted = {w["id"] for w in readable(world) if w["publishedAt"] >= earliest}
        keys = singer.by_key(output.records("posts"), "post_urn", "metric_date")
        assert {urn for urn, _ in keys} >= wanted
        assert {day for _, day in keys} == {today.isoformat()}
    schema = next(m for m in second.of_type("SCHEMA") if m["stream"] == "posts")
    assert schema["key_properties"] == ["post_urn", "metric_date"]


def _quota(sandbox: Sandbox, page: int) -> t.Any:
    """Let the quota run out at a page of posts, and at all that follow it."""
    body = {
        "status": 429,
        "code": "TOO_MANY_REQUESTS",
        "message": "Resource level throttle APPLICATION DAY limit for calls to this resource is "
        "reached.",
    }
    return sandbox.faults.add(
        "status", path="/rest/posts", nth=page, times=None, status=429, body=body
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "again", [False, True], ids=["stopped once", "stopped again on the next day"]
)
def test_history_is_whole_on_the_day_after_a_quota(serve: Serve, *, again: bool) -> None:
    """Stopped by a quota and resumed on a later day: each post has one row of that day."""
    sandbox = serve(worlds.pages(today=TODAY, posts=500, days=300))
    world = sandbox.world
    fault = _quota(sandbox, 3)
    outputs = [sync(sandbox, "posts", keep_posts_history=True)]
    read = len(outputs[0].records("posts"))
    assert outputs[0].status == 3
    assert 0 < read < 500
    fault.times = 0
    world.today = TODAY + dt.timedelta(days=1)
    world.pages.add_post(build.FIRST_PAGE, commentary="New")
    if again:  # in the rest of the old pass
        fault = _quota(sandbox, 3)
        outputs.append(sync(sandbox, "posts", keep_posts_history=True, state=outputs[-1].state))
        assert outputs[-1].status == 3
        fault.times = 0
    outputs.append(sync(sandbox, "posts", keep_posts_history=True, state=outputs[-1].state))
    assert outputs[-1].status == 0
    given = collections.Counter(
        (row["post_urn"], row["metric_date"]) for o in outputs for row in o.records("posts")
    )
    second_day = {urn: n for (urn, day), n in given.items() if day == world.today.isoformat()}
    assert second_day.keys() == {wire["id"] for wire in readable(world)}
    if not again:
        assert set(second_day.values()) == {1}
    marked = partition(outputs[-1])
    assert "progress_markers" not in marked
    assert marked["replication_key_value"] == instant(readable(world)[0]["lastModifiedAt"])


@pytest.mark.slow
def test_history_stopped_in_the_second_pass(serve: Serve) -> None:
    """Stopped where it makes the day whole, the tap goes on there on the same day or the next."""
    sandbox = serve(worlds.pages(today=TODAY, posts=500, days=300))
    world = sandbox.world
    fault = _quota(sandbox, 4)
    first = sync(sandbox, "posts", keep_posts_history=True)
    fault.times = 0
    world.today = TODAY + dt.timedelta(days=1)
    left = math.ceil((500 - len(first.records("posts"))) / 99) + 2
    fault = _quota(sandbox, left)
    second = sync(sandbox, "posts", keep_posts_history=True, state=first.state)
    assert second.status == 3
    assert "read_from" in partition(second)["progress_markers"]
    fault.times = 0
    same_day = sync(sandbox, "posts", keep_posts_history=True, state=second.state)
    rows = [row["post_urn"] for o in (second, same_day) for row in o.records("posts")]
    assert collections.Counter(rows) == dict.fromkeys(world.pages.posts, 1)
    world.today += dt.timedelta(days=1)
    next_day = sync(sandbox, "posts", keep_posts_history=True, state=second.state)
    rows = [row["post_urn"] for row in next_day.records("posts")]
    assert collections.Counter(rows) == dict.fromkeys(world.pages.posts, 1)


def test_a_later_start_date_leaves_no_post_out(serve: Serve) -> None:
    """start_date set behind the bookmark counts for nothing: what lies between is read."""
    sandbox = serve(worlds.pages(today=TODAY, posts=60, days=300))
    world = sandbox.world
    first = sync(sandbox, "posts", end_date="2026-09-15", start_date="2026-01-01")
    second = sync(sandbox, "posts", state=first.state, start_date="2026-11-01", lookback_window=0)
    since = (dt.date(2026, 1, 1) - dt.date(1970, 1, 1)).days * DAY_MS
    wanted = {w["id"] for w in readable(world) if w["lastModifiedAt"] >= since}
    assert posts_by_urn(first).keys() | posts_by_urn(second).keys() == wanted


def test_a_page_without_posts_goes_on_from_where_it_was_read(serve: Serve) -> None:
    """A first run over days without any leaves a bookmark all the same, and so no gap."""
    sandbox = serve(worlds.pages(today=TODAY, posts=60, days=300))
    modified = {w["id"]: w["lastModifiedAt"] // DAY_MS for w in readable(sandbox.world)}
    empty = next(
        day for day in itertools.count(min(modified.values())) if day not in modified.values()
    )
    day = (dt.date(1970, 1, 1) + dt.timedelta(days=empty)).isoformat()
    first = sync(sandbox, "posts", start_date=day, end_date=day)
    assert not first.records("posts")
    second = sync(sandbox, "posts", state=first.state, start_date="2026-11-01", lookback_window=0)
    assert posts_by_urn(second).keys() == {urn for urn, at in modified.items() if at > empty}


def test_unselected_posts_feed_selected_children(serve: Serve, world: World) -> None:
    """Children come without their parent, and ask for nothing that they do not show."""
    sandbox = serve(world)
    output = sync(sandbox, selection={"post_multi_images": ["image_title"], "post_hashtags": None})
    assert output.streams == ["post_hashtags", "post_multi_images"]
    assert output.records("post_hashtags")
    assert output.records("post_multi_images")
    assert {e.resource for e in sandbox.log} <= {"organizationAcls", "organizations", "posts"}
    assert set(output.state["bookmarks"]["posts"]["partitions"][0]) == {
        "context",
        "replication_key",
        "replication_key_value",
    }


def test_only_selected_columns_are_looked_up(serve: Serve, world: World) -> None:
    """Media and statistics are asked for only where a column shows them."""
    sandbox = serve(world)
    sync(sandbox, selection={"posts": ["commentary", "content_media_video_status"]})
    asked = {e.resource for e in sandbox.log} - {"organizationAcls", "organizations", "posts"}
    assert asked == {"videos"}


def test_state_does_not_grow_with_posts(serve: Serve) -> None:
    """One entry a page is all that the state holds, however many posts and children there are."""
    output = sync(serve(worlds.pages(today=TODAY, posts=300, days=300)))
    assert len(output.state["bookmarks"]["posts"]["partitions"]) == 1
    assert all(not output.state["bookmarks"].get(child) for child in CHILDREN)


@pytest.mark.parametrize("switch", ["short_pages", "poll_counts_hidden"])
def test_oddities_of_linkedin(serve: Serve, switch: str) -> None:
    """Pages may be short though more follow, and poll counts may be hidden."""
    sandbox = serve(worlds.pages(today=TODAY, posts=250, days=300), **{switch: True})
    output = sync(sandbox)
    assert posts_by_urn(output).keys() == {w["id"] for w in readable(sandbox.world)}
    if switch == "poll_counts_hidden":
        counts = {row["option_vote_count"] for row in output.records("post_poll_options")}
        assert counts == {None}


def test_nothing_is_missed_when_posts_disappear(serve: Serve) -> None:
    """Posts deleted between two pages move the list forward; the tap goes back."""
    sandbox = serve(worlds.pages(today=TODAY, posts=300, days=300))
    world = sandbox.world
    kept = [wire["id"] for wire in readable(world)]
    gone = kept[10:15]

    def delete(entry: Entry) -> bool:
        if entry.resource == "posts" and str(entry.params.get("start")) == "99":
            while gone:
                world.pages.delete_post(gone.pop())
        return False

    sandbox.faults.add("delay", path="/rest/posts", where=delete, seconds=0)
    output = sync(sandbox, "posts")
    assert posts_by_urn(output).keys() == set(kept)
    assert len(world.pages.posts) == 295


@pytest.mark.slow
def test_failure_in_the_middle_is_gone_on_from(serve: Serve) -> None:
    """Where a page of posts cannot be read, the next run goes on behind the last post."""
    sandbox = serve(worlds.pages(today=TODAY, posts=500, days=300))
    fault = sandbox.faults.add("status", path="/rest/posts", nth=4, times=None, status=500, body={})
    first = sync(sandbox)
    assert first.status == 1
    assert 200 < len(first.records("posts")) < 500
    fault.times = 0
    second = sync(sandbox, state=first.state)
    assert second.status == 0
    given = [row["post_urn"] for o in (first, second) for row in o.records("posts")]
    assert collections.Counter(given) == dict.fromkeys(sandbox.world.pages.posts, 1)
    assert "progress_markers" not in partition(second)


@pytest.mark.parametrize("kind", ["numbers_as_strings", "extra_fields", "extra_enum"])
def test_tolerated_answers(serve: Serve, synced: tuple[World, singer.Output], kind: str) -> None:
    """Numbers in strings and names that nobody documents change nothing but the raw content."""
    sandbox = serve(worlds.small(today=TODAY))
    sandbox.faults.add(kind, times=None)
    output = sync(sandbox, start_date=LONG_AGO)
    for stream in ("posts", *CHILDREN):
        found, usual = (
            [{**row, "content": None} for row in given.records(stream)]
            for given in (output, synced[1])
        )
        assert found == usual


# Requests


@pytest.mark.slow
def test_requests_for_five_thousand_posts(serve: Serve) -> None:
    """Pages of 100 and batches of 50, filled across pages: hardly a request more than needed."""
    sandbox = serve(worlds.pages(today=TODAY, posts=5000, days=300))
    output = sync(sandbox)
    assert len(output.records("posts")) == 5000
    kinds = collections.Counter(urn.split(":")[2] for urn in sandbox.world.pages.posts)
    media = collections.Counter(urn.split(":")[2] for urn in sandbox.world.pages.media)
    needed = math.ceil(5000 / 100)
    needed += sum(math.ceil(n / 50) for n in (*kinds.values(), media["image"], media["video"]))
    sent = [e for e in sandbox.log if not e.resource.startswith("organizationAcls")]
    sent = [e for e in sent if e.resource != "organizations"]
    assert len(sent) <= 1.1 * needed
    assert len(sent) == needed + 1
    lists = [
        e.params.get("shares") or e.params.get("ugcPosts") or e.params.get("ids") for e in sent
    ]
    assert max(len(found) for found in lists if found) == 50


# The development tier


def run_days(sandbox: Sandbox, most: int, **settings: t.Any) -> list[singer.Output]:
    """Run the tap once a day until it is complete."""
    outputs: list[singer.Output] = []
    state = None
    while not outputs or outputs[-1].status == 3:
        assert len(outputs) < most, "too many days"
        if outputs:
            sandbox.world.today += dt.timedelta(days=1)
        outputs.append(sync(sandbox, state=state, start_date="2025-01-01", **settings))
        state = outputs[-1].state
    return outputs


@pytest.mark.slow
@pytest.mark.refused("development_batch", "day_quota")
def test_small_quota_is_spread_over_days(serve: Serve) -> None:
    """A token with 100 calls a day stops cleanly, goes on the next day, and reads nothing twice."""
    sandbox = serve(worlds.pages(today=TODAY, posts=1000, days=200), development_tier=True)
    world = sandbox.world
    media = [urn for urn in world.pages.media if ":document:" not in urn]
    needed = 1000 / 100 + 600 / 50 + 400 / 50 + len(media)
    outputs = run_days(sandbox, most=12)
    assert [o.status for o in outputs] == [3] * (len(outputs) - 1) + [0]
    assert len(outputs) == math.ceil(needed / (100 - 2))  # two calls a day find the pages
    given = [row["post_urn"] for o in outputs for row in o.records("posts")]
    assert collections.Counter(given) == dict.fromkeys(world.pages.posts, 1)
    asked = collections.Counter(
        e.path for e in sandbox.log if e.finder == "GET" and e.status == 200 and e.rows
    )
    twice = {path for path, n in asked.items() if n > 1 and "organizations" not in path}
    assert len(twice) <= 2 * (len(outputs) - 1)  # of the one post that the quota cut in two
    for output in outputs[:-1]:
        markers = partition(output)["progress_markers"]
        assert "replication_key_value" not in partition(output)
        assert markers["last_modified_at"] == output.records("posts")[-1]["last_modified_at"]
        assert "midnight UTC" in output.summary["incidents"][-1]["reason"]
    assert "progress_markers" not in partition(outputs[-1])
    newest = outputs[0].records("posts")[0]["last_modified_at"]
    assert partition(outputs[-1])["replication_key_value"] == newest


@pytest.mark.slow
@pytest.mark.refused("development_batch", "day_quota")
def test_posts_that_change_between_days_are_read_later(serve: Serve) -> None:
    """New, changed and deleted posts move the list between two days; none is missed in the end."""
    sandbox = serve(worlds.pages(today=TODAY, posts=300, days=100), development_tier=True)
    world = sandbox.world
    first = sync(sandbox, start_date="2025-01-01")
    assert first.status == 3
    order = [wire["id"] for wire in readable(world)]
    read = len(first.records("posts"))
    world.today = TODAY + dt.timedelta(days=1)
    for number in range(7):
        world.pages.add_post(build.FIRST_PAGE, commentary=f"New {number}")
    world.pages.change_post(order[5], commentary="Edited, read already")
    world.pages.change_post(order[250], commentary="Edited, not read yet")
    for urn in order[20:50]:
        world.pages.delete_post(urn)
    outputs = [first]
    while outputs[-1].status == 3:
        outputs.append(sync(sandbox, state=outputs[-1].state, start_date="2025-01-01"))
        world.today += dt.timedelta(days=1)
    given = collections.Counter(row["post_urn"] for o in outputs for row in o.records("posts"))
    assert given.keys() == {*order} - {order[250]}
    assert set(given.values()) == {1}
    assert read < 300
    last = sync(sandbox, state=outputs[-1].state, lookback_window=0)
    newer = {order[5], order[250], *(set(world.pages.posts) - set(order))}
    assert newer <= posts_by_urn(last).keys()


@pytest.mark.refused("day_quota")
@pytest.mark.slow
def test_quota_without_batches_to_refuse(serve: Serve) -> None:
    """A quota that ends between pages leaves a state from which the next day goes on."""
    sandbox = serve(
        worlds.pages(today=TODAY, posts=1000, days=200), development_tier=True, calls_per_member=25
    )
    columns = {"posts": ["commentary", "lifetime_like_count"]}
    first = sync(sandbox, selection=columns, start_date="2025-01-01")
    assert first.status == 3
    sandbox.world.today += dt.timedelta(days=1)
    second = sync(sandbox, selection=columns, state=first.state, start_date="2025-01-01")
    assert second.status == 0
    given = [row["post_urn"] for o in (first, second) for row in o.records("posts")]
    assert collections.Counter(given) == dict.fromkeys(sandbox.world.pages.posts, 1)


@pytest.mark.refused("development_batch", "day_quota")
@pytest.mark.slow
def test_no_batch_is_tried_where_the_state_knows_better(serve: Serve) -> None:
    """The day after, no stream asks for objects in batches: not even for the pages themselves."""
    world = worlds.pages(today=TODAY, posts=300, organizations=3, days=100)
    sandbox = serve(world, development_tier=True)
    streams = ("organizations", "posts")
    first = sync(sandbox, *streams, start_date="2025-01-01")
    assert first.status == 3
    tried = [e for e in sandbox.log if e.finder == "BATCH_GET"]
    assert [e.resource for e in tried] == ["organizations"]
    sandbox.reset_log()
    world.today += dt.timedelta(days=1)
    second = sync(sandbox, *streams, state=first.state, start_date="2025-01-01")
    assert second.status == 0
    assert [e for e in sandbox.log if e.finder == "BATCH_GET"] == []


# What may not be read


def test_role_without_posts_names_the_page(serve: Serve, world: World) -> None:
    """A listed page whose posts are refused fails alone, and the message names the role."""
    sandbox = serve(world)
    sandbox.faults.add(
        "status",
        path="/rest/posts",
        params={"author": f"urn:li:organization:{build.FIRST_PAGE}"},
        status=403,
        body={
            "status": 403,
            "code": "ACCESS_DENIED",
            "message": "Accessing the UGC resource is forbidden. Please check your permissions.",
        },
    )
    output = sync(sandbox, "posts")
    assert output.status == 1
    assert {row["organization_id"] for row in output.records("posts")} == {build.SECOND_PAGE}
    (incident,) = output.summary["incidents"]
    assert "CONTENT_ADMINISTRATOR" in incident["reason"]


@pytest.mark.refused("scope_missing")
@pytest.mark.slow
def test_token_without_the_scope_of_posts(serve: Serve, world: World) -> None:
    """Statistics of pages are read without r_organization_social; posts are a warning."""
    sandbox = serve(world)
    token = sandbox.oauth.issue(("r_organization_admin",))
    output = sync(sandbox, "organization_page_statistics", "posts", access_token=token)
    assert output.status == 0
    assert output.records("organization_page_statistics")
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["status"]) == ("posts", "warning")
    assert "r_organization_social" in incident["reason"]

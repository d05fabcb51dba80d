"""Answers of any shape: never a hang, a crash without a message, or growth without bound."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import typing as t

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Sandbox
from sandbox.world import worlds
from tap_linkedin_ads.api import responses
from tap_linkedin_ads.records import entity, paths, schema
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.metrics import catalogue
from tap_linkedin_ads.streams.pages import post_content
from tap_linkedin_ads.streams.pages.post_content import Post
from tests import singer
from tests.callers import ACCOUNTS, Caller
from tests.scripted import Scripted, page
from tests.singer import TODAY, Json

if t.TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
SELECTION = (
    "ad_accounts",
    "campaigns",
    "creatives",
    "conversions",
    "conversion_associated_campaigns",
    "ad_performance",
    "ad_analytics_by_member_company_size",
    "organization_page_statistics",
    "organization_followers",
    "organization_follower_facets",
    "organization_page_view_facets",
    "organization_lifetime_statistics",
    "posts",
    "post_hashtags",
    "post_mentions",
    "post_poll_options",
    "post_carousel_cards",
    "post_multi_images",
    "lead_forms",
    "lead_form_responses",
    "lead_form_response_answers",
    "insight_tag_domains",
    "dmp_segments",
    "report_coverage",
)
METRICS = catalogue(schema.read("metrics")["properties"])[:18]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["urn:li:sponsoredAccount:1", "urn:li:", "1e999", "NaN", "2026-13-45"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def named(names: list[str]) -> st.SearchStrategy[dict[str, t.Any]]:
    """Return objects with known names and unknown values."""
    return st.dictionaries(st.sampled_from(names), values, max_size=6)


# The readers of answers


@given(st.binary(max_size=60) | values.map(lambda v: json.dumps(v).encode()))
def test_bodies_are_read_or_refused(content: bytes) -> None:
    """An answer is decoded, or it counts as broken."""
    for decode in (responses.finder, responses.batch, responses.row):
        with contextlib.suppress(msgspec.DecodeError):
            decode(content)


@pytest.mark.parametrize("depth", [100, 100_000])
def test_a_deep_body_is_refused(depth: int) -> None:
    """Nesting without end is refused, not followed."""
    body = b'{"elements":[' + b"[" * depth + b"]" * depth + b"]}"
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        responses.finder(body)


_DATE = st.fixed_dictionaries({"start": named(["year", "month", "day"])})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "dateRange": _DATE | values,
            "pivotValues": st.lists(values, max_size=3) | values,
            **{metric.name: values for metric in METRICS},
        },
    )
)
def test_report_rows_are_read_or_refused(row: Json) -> None:
    """A fragment is JSON of the selected columns, or the row is named as unreadable."""
    raw = msgspec.Raw(json.dumps(row).encode())
    whys: list[str] = []
    reader, text = FragmentReader(METRICS), responses.answer_of([raw])
    part = responses.Part(reader.row_decoder.decode(text), text)
    found = reader.read(part, whys.append)
    assert len(found.texts) + len(whys) == 1
    for fragment in found.texts:
        assert json.loads(fragment).keys() == {metric.column for metric in METRICS}


_ENTITY = [
    "id",
    "name",
    "account",
    "status",
    "changeAuditStamps",
    "dailyBudget",
    "locale",
    "review",
]
_ENTITY += ["content", "runSchedule", "createdAt", "lastModifiedAt", "version", "test", "campaign"]


@given(st.sampled_from(["campaigns", "creatives", "conversions", "lead_forms"]), named(_ENTITY))
def test_entities_are_read_or_refused(stream: str, wire: Json) -> None:
    """A record has every column of its schema and nothing else."""
    properties = schema.stream_schema(stream)["properties"]
    record = entity.entity(wire, properties, [])
    there = {column: value for column, value in record.items() if value is not None}
    jsonschema.Draft7Validator({"properties": properties}).validate(there)
    assert record.keys() == properties.keys()


_POST = ["id", "author", "commentary", "content", "createdAt", "lastModifiedAt", "publishedAt"]
_POST += ["distribution", "lifecycleState", "visibility", "adContext", "reshareContext"]


@pytest.mark.slow
@given(named(_POST))
def test_posts_are_read_or_refused(wire: Json) -> None:
    """A post that has an id is read, whatever it holds beside it."""
    post = Post({**wire, "id": "urn:li:share:1"}, 1, 0)
    assert post_content.identity(post)["post_id"] == 1
    post_content.content_type(post.wire)
    post_content.readable(post.wire)
    assert isinstance(post.modified, int)
    assert post.published is None or isinstance(post.published, int)
    columns = paths.declared(schema.read("posts"), schema.read("posts")["properties"])
    properties = schema.stream_schema("posts")["properties"]
    found = dict(post_content.post_columns(post, columns, []))
    jsonschema.Draft7Validator({"properties": properties}).validate(found)


# Paging without end


@pytest.mark.slow
def test_paging_without_end_is_told() -> None:
    """Ever new page tokens on the same rows, and empty pages with ever new tokens, end."""
    for rows in ([{"id": 1}], []):
        count = iter(range(10**9))

        def answer(_: str, rows: list[Json] = rows, count: Iterator[int] = count) -> t.Any:  # noqa: ANN401
            return page(rows, metadata={"nextPageToken": f"t{next(count)}"})

        with Scripted(answer) as server:
            caller = Caller({"access_token": "made-up", "api_url": server.url})
            output = singer.sync(
                {"access_token": "made-up", "api_url": server.url}, catalog=catalog(["ad_accounts"])
            )
            assert caller.fetch(ACCOUNTS).elements is not None
        assert output.status == 1
        assert "never end" in output.stderr
        assert len(server.seen) < 120


# A whole tap


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Return a body with a few mistakes: in its bytes, or in its structure."""
    if chance.random() < 0.15:
        at = chance.randrange(len(body) or 1)
        return body[:at] + chance.choice([b"\xff\xfe", b"\x00", b"{", b'"', b""]) + body[at + 1 :]
    try:
        tree = json.loads(body)
    except ValueError:
        return body
    for _ in range(chance.randint(1, 3)):
        holder, key = pick(tree, chance)
        if holder is not None:
            change(holder, key, chance)
    return json.dumps(tree).encode()


def pick(tree: t.Any, chance: random.Random) -> tuple[t.Any, t.Any]:  # noqa: ANN401
    """Return an object or array inside a tree, and one of its keys or places."""
    holder, key = None, None
    while isinstance(tree, dict | list) and tree:
        key = chance.choice(list(tree) if isinstance(tree, dict) else range(len(tree)))
        holder, tree = tree, tree[key]
        if chance.random() < 0.25:
            break
    return holder, key


ODD: tuple[t.Any, ...] = (
    None, True, -1, 0, 10**25, 1.5, "", "x", "urn:li:x", [], {}, [None], {"a": []}, "9" * 400,
    [[[[[]]]]], "\ud800", "2026",
)  # fmt: skip


def change(holder: t.Any, key: t.Any, chance: random.Random) -> None:  # noqa: ANN401
    """Make one mistake."""
    kind = chance.randrange(4)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.append(holder[key])
    elif kind == 2 and isinstance(holder, dict):
        holder[key + "Odd"] = holder.pop(key)
    else:
        holder[key] = copy.deepcopy(chance.choice(ODD))


def catalog(streams: t.Iterable[str]) -> Json:
    """Return a catalog with these streams and no others, all columns selected."""
    return singer.catalog(dict.fromkeys(streams), **singer.PERSONAL)


@pytest.fixture(scope="module")
def everything() -> Json:
    """Return a catalog of many kinds of streams."""
    return catalog(SELECTION)


@pytest.fixture(scope="module")
def served() -> t.Iterator[Sandbox]:
    """Serve the small world to all examples."""
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        yield sandbox


@pytest.mark.slow
def test_a_tap_survives_any_answers(served: Sandbox, everything: Json) -> None:
    """Whatever comes back: an end in time, whole messages, and a reason where rows are missing."""
    for seed in range(SEED, SEED + EXAMPLES):
        try:
            survive(served, everything, seed, (0.03, 0.2, 1.0)[seed % 3])
        except AssertionError as error:
            raise AssertionError(f"FUZZ_SEED={seed} FUZZ_EXAMPLES=1: {error}") from error


def survive(served: Sandbox, everything: Json, seed: int, share: float) -> None:
    """Run a tap while a share of all answers is odd."""
    chance = random.Random(seed)  # noqa: S311
    handle = served._gateway.handle

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer = handle(incoming)
        if incoming.entry.path.startswith("/rest") and chance.random() < share:
            answer.body = mutated(answer.body, chance)
        return answer

    served.reset_log()
    served._gateway.handle = odd  # type: ignore[method-assign]
    try:
        config = singer.config(served, start_date="2026-11-10", **singer.PERSONAL)
        output = singer.sync(config, catalog=everything)
    finally:
        del served._gateway.handle
    assert len(served.log) < 3000
    assert output.status in {0, 1}
    assert {message["type"] for message in output.messages} <= {"SCHEMA", "RECORD", "STATE"}
    summary = output.summary
    assert summary["exit_status"] == output.status
    assert "unforeseen" not in output.stderr, output.stderr
    assert "Traceback" not in output.stderr
    assert bool(output.status) == any(i["status"] == "failed" for i in summary["incidents"])
    assert all(incident["reason"] for incident in summary["incidents"])

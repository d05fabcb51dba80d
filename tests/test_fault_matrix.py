"""Every fault against every kind of stream, over real sockets: what comes out in the end.

docs/fault-matrix.md is the table of outcomes. It is written by ``make fault-matrix`` and held
against every cell here; whatever it says, some things must hold in all cells: see ``check``.
"""

from __future__ import annotations

import collections
import functools
import json
import logging
import os
import re
import time
import typing as t
from dataclasses import dataclass, field

import pytest

from sandbox import Builder, Sandbox
from sandbox.world import worlds
from sandbox.world.ads.build import add_lead
from sandbox.world.pages.build import SECOND_PAGE, SHOWCASE, posts_of_ads
from tests import singer
from tests.singer import TODAY, Json, Output, QuickClock

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Entry, World

DOCUMENT = singer.ROOT / "docs" / "fault-matrix.md"
WRITING = os.environ.get("FAULT_MATRIX") == "write"
PLAYED = 1 if os.environ.get("FAULT_MATRIX") else 3
"""Of so many kinds that a fault can hit, one is played: `make fault-matrix` plays all of them."""
ACCOUNT, PAGE = 512340001, SECOND_PAGE


# Columns, which are kinds of streams


@dataclass(frozen=True)
class Kind:
    """One kind of stream.

    Attributes:
        name: Heading of its column.
        stream: The stream that is read.
        resource: The requests that go wrong.
        owner: The ad account or page that goes wrong in "one" faults.
        columns: Selected columns, None for all.
        children: Child streams that are read along.
        settings: Settings of the run.
        pages: Whether the first owner has more than one page of rows.
        part: ``image``, ``post`` or ``ad post``, where one of these goes wrong in "one" faults, not
            one owner.
    """

    name: str
    stream: str
    resource: str
    owner: int = ACCOUNT
    columns: tuple[str, ...] | None = None
    children: tuple[str, ...] = ()
    settings: dict[str, t.Any] = field(default_factory=dict, hash=False)
    pages: bool = False
    part: str = ""

    @property
    def owner_key(self) -> str:
        """Return the column of the owner."""
        return "account_id" if self.owner == ACCOUNT else "organization_id"

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Return the primary keys of all streams that are read."""
        keys = singer.primary_keys(**singer.PERSONAL)
        return {stream: keys[stream] for stream in (self.stream, *self.children)}

    def asks(self, entry: Entry) -> bool:
        """Tell whether a request is one of this kind."""
        return entry.resource == self.resource

    def asks_further(self, entry: Entry) -> bool:
        """Tell whether a request asks for a page behind the first one."""
        start = str(entry.params.get("start", "0"))
        return self.asks(entry) and ("pageToken" in entry.params or start != "0")


_POST: dict[str, t.Any] = {
    "stream": "posts",
    "owner": PAGE,
    "columns": (
        "organization_id",
        "commentary",
        "lifetime_impression_count",
        "content_media_image_status",
    ),
    "children": ("post_hashtags",),
    "settings": {"start_date": "2024-01-01"},
}
_SINCE: dict[str, t.Any] = {"start_date": "2026-11-08", "date_window_size": 7}
KINDS = (
    Kind("entities, cursor pages", "creatives", "creatives", pages=True),
    Kind(
        "entities, index pages",
        "insight_tag_domains",
        "insightTagDomains",
        pages=True,
    ),
    Kind(
        "reports, shared",
        "ad_performance",
        "adAnalytics",
        columns=("impressions", "cost_in_usd", "likes"),
        settings=_SINCE,
    ),
    Kind(
        "reports, one account",
        "conversion_performance",
        "adAnalytics",
        columns=("external_website_conversions", "conversion_value_in_local_currency"),
        settings=_SINCE,
    ),
    Kind(
        "demographics",
        "ad_analytics_by_member_company_size",
        "adAnalytics",
        columns=("impressions", "cost_in_usd"),
        settings={"start_date": "2026-09-08"},
    ),
    Kind(
        "reach",
        "ad_reach",
        "adAnalytics",
        columns=("impressions", "approximate_member_reach"),
        settings={"start_date": "2026-11-08"},
    ),
    Kind(
        "previews, one a creative",
        "ad_previews",
        "adPreviews",
        settings={"start_date": "2026-11-18"},
    ),
    Kind(
        "page statistics",
        "organization_page_statistics",
        "organizationPageStatistics",
        owner=PAGE,
        columns=("all_page_views", "organic_follower_gain", "impression_count"),
        settings={"start_date": "2026-11-08"},
    ),
    Kind(
        "revenue",
        "attributed_revenue",
        "adAnalytics",
    ),
    Kind(
        "followers of pages",
        "organization_followers",
        "networkSizes",
        owner=PAGE,
    ),
    Kind(
        "facets of pages",
        "organization_follower_facets",
        "organizationalEntityFollowerStatistics",
        owner=PAGE,
    ),
    Kind(
        "totals of pages",
        "organization_lifetime_statistics",
        "organizationPageStatistics",
        owner=PAGE,
        columns=("all_page_views", "first_degree_size", "impression_count"),
    ),
    Kind("posts", resource="posts", pages=True, **_POST),
    Kind("media of posts", resource="images", part="image", **_POST),
    Kind("statistics of posts", resource="organizationalEntityShareStatistics", **_POST),
    Kind(
        "reactions to posts",
        "post_social_metadata",
        "socialMetadata",
        owner=PAGE,
        part="post",
        children=("post_reactions",),
        settings={"start_date": "2024-01-01"},
    ),
    Kind(
        "posts behind ads",
        "ad_posts",
        "posts",
        children=("ad_post_carousel_cards", "ad_post_multi_images"),
        part="ad post",
    ),
    Kind(
        "leads",
        "lead_form_responses",
        "leadFormResponses",
        children=("lead_form_response_answers",),
        settings={"include_lead_responses": True, "start_date": "2026-01-01"},
        pages=True,
    ),
)


# Rows, which are faults


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: What goes wrong, as the table says it.
        kinds: Kinds of the sandbox's faults and their options, played one after the other.
        at: Requests that go wrong: of everything, of one owner, the first page of several, or
            those behind the first page.
        times: How often; None for always.
        must: Outcomes that are right.
        settings: Settings of the run.
        refreshes: The run fetches its access tokens itself.
        switches: Switches of the sandbox.
        zone: Time zone of the host.
        clock: The clock of the run.
    """

    name: str
    kinds: tuple[tuple[str, dict[str, t.Any]], ...] = ()
    at: str = "all"
    times: int | None = 1
    must: frozenset[str] = frozenset({"complete"})
    settings: dict[str, t.Any] = field(default_factory=dict)
    refreshes: bool = False
    switches: dict[str, t.Any] = field(default_factory=dict)
    zone: str = ""
    clock: Callable[[], QuickClock] = QuickClock

    def applies_to(self, kind: Kind) -> bool:
        """Tell whether a kind of stream can meet this fault."""
        return "pages" not in self.at or kind.pages


COMPLETE, VALUES, ONE, STREAM, RUN, QUOTA, WARNED = (
    "complete",
    "complete, values as sent",
    "1, one left out",
    "1, stream stopped",
    "1, run stopped",
    "3, quota",
    "0, with a warning",
)
_ANY_PART = frozenset({ONE, STREAM, WARNED, COMPLETE, VALUES})


def answer(status: int, body: object = "", **options: t.Any) -> tuple[str, dict[str, t.Any]]:  # noqa: ANN401
    """Return a fault that answers with a status."""
    return "status", {"status": status, "body": body, **options}


def transient(name: str, kind: str | tuple[str, dict[str, t.Any]], **options: t.Any) -> Fault:  # noqa: ANN401
    """Return a fault that passes: nothing may be missing in the end."""
    times = options.pop("times", 2)
    settings = options.pop("settings", {})
    played = (kind, options) if isinstance(kind, str) else kind
    return Fault(name, (played,), times=times, settings=settings)


def lasting(
    name: str,
    kind: str | tuple[str, dict[str, t.Any]],
    *must: str,
    at: str = "all",
    **options: t.Any,  # noqa: ANN401
) -> Fault:
    """Return a fault that stays."""
    played = (kind, options) if isinstance(kind, str) else kind
    return Fault(name, (played,), at=at, times=None, must=frozenset(must) or _ANY_PART)


def odd(name: str, kind: str, *must: str, at: str = "all", times: int | None = None) -> Fault:
    """Return a fault that changes answers, not their success."""
    return Fault(name, ((kind, {}),), at=at, times=times, must=frozenset(must or {COMPLETE}))


WHEN_READ = {"read_at", "expires_at"}
NOTHING_OPTIONAL = "optional keys missing"
HTML = "<html><body><h1>Bad Gateway</h1></body></html>"
NO_ROLE = {
    "status": 403,
    "code": "NO_PERMISSION_ON_ENTITY",
    "message": "Viewer may not have permission VIEW on entity",
}
NO_SCOPE = {
    "status": 403,
    "serviceErrorCode": 100,
    "code": "ACCESS_DENIED",
    "message": "Not enough permissions to access: resource.FINDER.20260901",
}
GONE = {"status": 404, "code": "NOT_FOUND", "message": "Not Found"}
TOO_LONG = {"status": 414, "code": "REQUEST_URI_TOO_LONG", "message": "Request URI too long"}
OLD_VERSION = {
    "status": 426,
    "code": "NONEXISTENT_VERSION",
    "message": "Requested version 20260901 is not active",
}


def before_midnight() -> QuickClock:
    """Return a clock that starts a second before midnight UTC; the run takes longer."""
    clock = QuickClock()
    clock._slept = 12 * 3600 - 1.0
    return clock


FAULTS = (
    transient("429 MINUTE", "throttle", unit="MINUTE"),
    transient("429 MINUTE, Retry-After", "throttle", unit="MINUTE", retry_after=35),
    lasting("429 MINUTE, for ever", "throttle", QUOTA, unit="MINUTE"),
    transient("429 data volume", "throttle_data", times=1),
    transient("429 data volume, Retry-After", "throttle_data", times=1, retry_after=300),
    lasting("429 DAY", "throttle", QUOTA, unit="DAY"),
    lasting("429 DAY, Retry-After", "throttle", QUOTA, unit="DAY", retry_after=3600),
    lasting("429, Retry-After of days", "throttle", QUOTA, unit="MINUTE", retry_after=200_000),
    transient("500", answer(500, {"status": 500, "code": "INTERNAL_ERROR"})),
    lasting("500, for ever", answer(500, {"status": 500}), ONE, STREAM),
    lasting("500, for ever, on one", answer(500, {"status": 500}), at="one"),
    transient("502 with HTML", answer(502, HTML, content_type="text/html")),
    transient("503", answer(503)),
    transient("503, Retry-After", answer(503, retry_after=7)),
    transient("504", answer(504)),
    transient("connection reset before the answer", "reset"),
    transient("connection reset inside the body", "reset_inside"),
    lasting("connection reset, for ever", "reset", ONE, STREAM),
    transient("truncated JSON, status 200", "truncate"),
    transient("HTML, status 200", "html"),
    lasting("HTML, status 200, for ever", "html", ONE, STREAM),
    transient("hanging answer", "hang", times=1, settings={"request_timeout": 1}),
    transient("elements missing", "drop_elements", times=1),
    lasting("elements missing, for ever", "drop_elements", ONE, STREAM, COMPLETE),
    Fault(
        "401 expired, with a refresh token",
        (("throttle", {"unit": "MINUTE", "retry_after": 61}), ("expired_token", {})),
        refreshes=True,
        settings={"max_workers": 1},
    ),
    lasting("401 expired, access token only", "expired_token", RUN),
    lasting("401 revoked", "revoked_token", RUN),
    Fault(
        "401 revoked, first seconds after a refresh",
        refreshes=True,
        switches={"new_token_revoked_uses": 3},
    ),
    lasting("403 without role, on one", answer(403, NO_ROLE), ONE, VALUES, WARNED, at="one"),
    lasting("403 without scope", answer(403, NO_SCOPE), STREAM, WARNED),
    lasting("404 on one", answer(404, GONE), ONE, VALUES, WARNED, at="one"),
    lasting("403 behind the first page", answer(403, NO_ROLE), ONE, at="further pages"),
    lasting("414", answer(414, TOO_LONG)),
    lasting("426", answer(426, OLD_VERSION), RUN),
    odd("empty page with a next token or link", "empty_page", at="first of pages", times=1),
    odd("a row again on the next page", "duplicate_row", at="first of pages"),
    odd("a page token that stops working", "dead_page_token", ONE, at="further pages"),
    odd("unknown fields", "extra_fields"),
    odd("unknown enum values", "extra_enum", COMPLETE, VALUES),
    odd("numbers instead of strings", "decimals_as_numbers"),
    odd("strings instead of numbers", "numbers_as_strings", COMPLETE, VALUES),
    odd(NOTHING_OPTIONAL, "drop_optional", COMPLETE, VALUES),
    odd("zeros left out", "omit_zeros", COMPLETE, VALUES),
    Fault("the host in another time zone (UTC+14)", zone="Pacific/Kiritimati"),
    Fault("the host in another time zone (UTC-11)", zone="Pacific/Niue"),
    Fault("a run across midnight UTC", clock=before_midnight),
)

REMEDIES = re.compile(
    r"[rR]un the tap again|set api_version|set a valid access_token|the member consent again"
    r"|lacks the scope|lacks the role|lacks a role|has no role|is inactive|report it",
)


# Runs


def faulty_world() -> World:
    """Return the small world, with two pages of creatives, posts and leads."""
    world = worlds.small(today=TODAY)
    build = Builder(world, days=100)
    campaign = world.of_account("adCampaigns", ACCOUNT)[0]["id"]
    for _ in range(95):
        build.creative(campaign, delivers=False)
    forms = [form for form in world.table("leadForms") if str(form).startswith("183")]
    submitted = max(lead["submittedAt"] for lead in world.table("leadFormResponses").values())
    for number in range(60):
        add_lead(world, forms[0], submitted - number * 60_000)
    for number in range(90):
        world.pages.add_post(SECOND_PAGE, commentary=f"Hello {{hashtag|\\#|tag{number}}}")
    posts_of_ads(world, SHOWCASE)
    return world


@pytest.fixture(scope="module")
def faulty() -> Iterator[Sandbox]:
    """Serve the world of this module."""
    with Sandbox(faulty_world()) as sandbox:
        yield sandbox


@functools.cache
def catalog(kind: Kind) -> Json:
    """Return a catalog of one kind's streams and nothing else."""
    selection = {**dict.fromkeys(kind.children), kind.stream: kind.columns}
    return singer.catalog(selection, **kind.settings)


def read(
    kind: Kind, sandbox: Sandbox, fault: Fault | None = None, state: Json | None = None
) -> Output:
    """Read one kind of stream."""
    settings: Json = {"lookback_window": 0, **kind.settings, **(fault.settings if fault else {})}
    config = singer.config(sandbox, **settings)
    if fault and fault.refreshes:
        config |= sandbox.credentials()
        del config["access_token"]
    clock = fault.clock() if fault else QuickClock()
    return singer.sync(config, catalog=catalog(kind), state=state, clock=clock)


_EXPECTED: dict[str, Output] = {}


def expected(kind: Kind, sandbox: Sandbox) -> Output:
    """Return what a run without faults gives."""
    if kind.name not in _EXPECTED:
        output = read(kind, sandbox)
        assert output.status == 0, output.stderr
        assert len(output.records(kind.stream)) > 1
        _EXPECTED[kind.name] = output
    return _EXPECTED[kind.name]


def play(fault: Fault, kind: Kind, sandbox: Sandbox) -> None:
    """Let the sandbox play a fault on the requests of a kind."""
    where = {
        "all": kind.asks,
        "one": functools.partial(is_about_one, kind, one_of(kind, sandbox)),
        "first of pages": functools.partial(is_first_of_several, kind),
        "further pages": kind.asks_further,
    }[fault.at]
    for number, (name, options) in enumerate(fault.kinds, start=1):
        sandbox.faults.add(name, where=where, nth=number, times=fault.times, **options)
    for name, value in fault.switches.items():
        setattr(sandbox.switches, name, value)


def one_of(kind: Kind, sandbox: Sandbox) -> str:
    """Return what requests about the one ad account, page, image or post name that goes wrong."""
    pages = sandbox.world.pages
    if kind.part == "post":
        return str(pages.truth.posts(kind.owner)[0]["id"].rpartition(":")[2])
    if kind.part == "ad post":
        shown = (
            urn
            for urn, post in pages.posts.items()
            if "carousel" in post.get("content", {}) and post["author"].endswith(str(SHOWCASE))
        )
        return next(shown).rpartition(":")[2]
    if kind.part == "image":
        media = (post.get("content", {}).get("media", {}) for post in pages.posts.values())
        images = (medium["id"] for medium in media if ":image:" in medium.get("id", ""))
        return str(next(urn for urn in images if urn not in pages.forbidden).rpartition(":")[2])
    return str(kind.owner)


def is_about_one(kind: Kind, text: str, entry: Entry) -> bool:
    """Tell whether a request names the one ad account, page, image or post that goes wrong."""
    return kind.asks(entry) and (text in entry.path or text in json.dumps(entry.params))


def is_first_of_several(kind: Kind, entry: Entry) -> bool:
    """Tell whether a request is the first of an owner that has more than one page of rows."""
    return is_about_one(kind, str(kind.owner), entry) and not kind.asks_further(entry)


def rows(kind: Kind, output: Output) -> dict[tuple[t.Any, ...], Json]:
    """Return the records of all streams by stream and key; the last one of a key counts."""
    return {
        (stream, *(record[column] for column in key)): record
        for stream, key in kind.keys.items()
        for record in output.records(stream)
    }


# What must hold


def outcome(kind: Kind, output: Output, right: Output) -> str:
    """Name how a run ended."""
    incidents = output.summary["incidents"]
    if output.status == 0 and not incidents:
        return COMPLETE if plain(kind, output) == plain(kind, right) else VALUES
    if output.status == 0:
        return WARNED
    if output.status == 3:
        return QUOTA
    if any(incident["stream"] == "run" for incident in incidents):
        return RUN
    return STREAM if any(singer.owner_of(i) is None for i in incidents) else ONE


def plain(kind: Kind, output: Output) -> dict[tuple[t.Any, ...], Json]:
    """Return the rows without the instant of reading, and what is counted from it."""
    return {
        key: {name: value for name, value in record.items() if name not in WHEN_READ}
        for key, record in rows(kind, output).items()
    }


def secrets_in(sandbox: Sandbox, *texts: str) -> list[str]:
    """Return the secrets that occur in texts or in the URLs of requests."""
    urls = [entry.path + entry.query for entry in sandbox.log if entry.resource != "oauth"]
    secrets = (*sandbox.oauth._tokens, sandbox.client_secret, sandbox.refresh_token)
    everything = "\n".join([*texts, *urls])
    return [secret[:8] for secret in secrets if secret in everything]


def check(fault: Fault, kind: Kind, output: Output, right: Output) -> None:
    """Check what holds whatever went wrong: nothing is missing in silence."""
    assert "Traceback" not in output.stderr
    assert output.summary["exit_status"] == output.status
    found, whole = rows(kind, output), rows(kind, right)
    assert found.keys() <= whole.keys()
    if fault.name == NOTHING_OPTIONAL:  # without texts and answers there are no children
        whole = {key: record for key, record in whole.items() if key[0] == kind.stream}
    incidents = output.summary["incidents"]
    concerned = {singer.owner_of(incident) for incident in incidents}
    if None not in concerned:
        missing = [whole[key] for key in whole.keys() - found.keys()]
        assert {record[kind.owner_key] or record["organization_id"] for record in missing} <= (
            concerned
        )
    for incident in incidents:
        assert incident["stream"] in {kind.stream, "run", "all ad streams", "all page streams"}
        assert REMEDIES.search(incident["reason"]), incident["reason"]
        if incident["stream"] != "run":
            assert incident["reason"] in output.stderr
    partitions = output.state.get("bookmarks", {}).get(kind.stream, {}).get("partitions", [])
    for partition in partitions:
        day = partition.get("replication_key_value", "")
        owner = partition["context"].get(kind.owner_key)
        through = [
            key
            for key, record in whole.items()
            if record.get(kind.owner_key) == owner and record.get("metric_date", "~") <= day
        ]
        assert not set(through) - found.keys(), "a bookmark is ahead of its records"


_OBSERVED: dict[str, dict[str, str]] = collections.defaultdict(dict)


def cells() -> t.Iterator[t.Any]:
    """Give every fault with kinds that it can hit; the quick tests have one kind a fault."""
    for number, fault in enumerate(FAULTS):
        kinds = [kind for kind in KINDS if fault.applies_to(kind)]
        for place, kind in enumerate(kinds):
            if (place - number) % PLAYED:
                continue
            marks = () if place == number % len(kinds) else pytest.mark.slow
            yield pytest.param(fault, kind, marks=marks, id=f"{fault.name}-{kind.name}")


@pytest.mark.parametrize(("fault", "kind"), list(cells()))
def test_cell(
    faulty: Sandbox,
    fault: Fault,
    kind: Kind,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault is survived, or told; what is missing comes with the next run."""
    right = expected(kind, faulty)
    if fault.zone:
        monkeypatch.setenv("TZ", fault.zone)
        time.tzset()
    faulty.reset_log()
    caplog.set_level(logging.DEBUG)
    play(fault, kind, faulty)
    try:
        output = read(kind, faulty, fault)
        left = [output.stdout.decode(), output.stderr, caplog.text]
        assert not secrets_in(faulty, *left)
        check(fault, kind, output, right)
    finally:
        monkeypatch.undo()
        time.tzset()
        faulty.faults.clear()
        faulty.switches.new_token_revoked_uses = 0
    found = outcome(kind, output, right)
    _OBSERVED[fault.name][kind.name] = found
    assert WRITING or found == documented()[fault.name][kind.name]
    assert found in fault.must, (output.status, output.stderr[-1500:])
    if found not in {COMPLETE, VALUES}:
        again = read(kind, faulty, state=output.state)
        assert again.status == 0, again.stderr
        together = rows(kind, output) | rows(kind, again)
        assert together.keys() == rows(kind, right).keys()
    if not WRITING:
        assert written()[fault.name][kind.name] == found


# The document


def written() -> dict[str, dict[str, str]]:
    """Read the table of docs/fault-matrix.md."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    heading, *others = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in others}


def document() -> str:
    """Return docs/fault-matrix.md as the cells came out."""
    heading = ["Fault", *(kind.name for kind in KINDS)]
    lines = [PREFACE, line(heading), line(["---"] * len(heading))]
    for fault in FAULTS:
        cells = _OBSERVED[fault.name]
        lines.append(line([fault.name, *(cells.get(kind.name, "-") for kind in KINDS)]))
    return "\n".join(lines) + "\n"


def line(cells: t.Iterable[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


PREFACE = """\
# What faults come to

Every fault is played on the requests of every kind of stream, over real sockets, by
`tests/test_fault_matrix.py`. `make fault-matrix` writes this page from what came out, and
`make test` fails where a cell comes out differently.

- **complete**: exit status 0, every row and every value as without the fault.
- **complete, values as sent**: exit status 0 and every row; values are what LinkedIn sent (an
  unknown status, nothing for a missing key, `FORBIDDEN` for a medium).
- **0, with a warning**: nobody listed the page and the token cannot read pages at all, or a post
  behind an ad may not be read, or names are missing: a warning in the log and in the summary.
- **1, one left out**: everything but one ad account or page is read (or but each that the fault
  hits); the message names it, its stream and the remedy, and its bookmark stays.
- **1, stream stopped**: what was complete before is written and bookmarked; other streams go on.
- **1, run stopped**: no request can succeed (token, API version): state is written.
- **3, quota**: the streams of that resource stop until the quota is renewed; others go on.
- **-**: this kind of stream has one page of rows only.

In every cell, whatever it says: no traceback, no token or secret in what the run leaves behind; no
row is missing unless a message names its ad account, page or stream; no bookmark is ahead of its
records; and where anything is missing, the next run from the written state completes it.
"""


def documented() -> dict[str, dict[str, str]]:
    """Return what docs/fault-matrix.md says of each fault and kind."""
    table = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("| ") and not line.startswith("| ---")
    ]
    (_, *names), *lines = table
    return {fault: dict(zip(names, outcomes, strict=True)) for fault, *outcomes in lines}


def test_the_document_has_every_cell() -> None:
    """docs/fault-matrix.md has every fault and kind; each cell that is played compares its own."""
    if WRITING:
        assert all(len(_OBSERVED[f.name]) == sum(map(f.applies_to, KINDS)) for f in FAULTS)
        DOCUMENT.write_text(document())
    said = documented()
    assert list(said) == [fault.name for fault in FAULTS]
    for fault in FAULTS:
        assert list(said[fault.name]) == [kind.name for kind in KINDS]
        played = {kind.name for kind in KINDS if fault.applies_to(kind)}
        assert {name for name, outcome in said[fault.name].items() if outcome != "-"} == played


def test_every_way_of_reading_is_in_the_table() -> None:
    """Each stream of the catalog is read by the code of a kind, or of no owner's requests."""
    with singer._signals_kept():
        tap = singer.TapLinkedInAds(config={"access_token": "unused", **singer.PERSONAL})
    read_by = {name: type(stream).read for name, stream in tap.streams.items()}
    covered = {read_by[kind.stream] for kind in KINDS}
    children = {child.name for stream in tap.streams.values() for child in stream.child_streams}
    missing = {name for name, read in read_by.items() if read not in covered} - children
    # What is wrong with them is played by test_unreadable.py.
    assert missing == {"ad_accounts", "organizations", "report_coverage"}

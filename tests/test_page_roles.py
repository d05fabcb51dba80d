"""Which pages are read with which of the member's roles, and what is said of the others."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import worlds
from sandbox.world.pages.build import ANALYST_PAGE, FIRST_PAGE, FOREIGN_PAGE, SECOND_PAGE
from sandbox.world.pages.page_world import ROLES
from tap_linkedin_ads.cli.check.examine import Examination
from tap_linkedin_ads.cli.check.text import render
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.sync import page_roles
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tap_linkedin_ads.cli.check.checkup import Verdict
    from tests.conftest import Serve

SETTINGS = {"start_date": "2026-01-01", "lookback_window": 0}
RESOURCES = {
    name: stream.resources
    for name, stream in TapLinkedInAds(config={"access_token": "unused"}).streams.items()
    if isinstance(stream, LinkedInStream) and stream.owner_key == "organization_id"
}
PAGE_STREAMS = sorted(RESOURCES)
"""Every stream of pages in the catalog, those inside posts among them."""


def with_role(*roles: str, page: int = FIRST_PAGE) -> World:
    """Return the small world with these roles on one page and none elsewhere."""
    world = worlds.small(today=TODAY)
    for number in world.pages.organizations:
        world.pages.revoke(number)
    for role in roles:
        world.pages.grant(page, role)
    return world


def sync(sandbox: Sandbox, *streams: str, **settings: t.Any) -> singer.Output:  # noqa: ANN401
    """Sync whole streams."""
    return singer.sync(
        singer.config(sandbox, **SETTINGS, **settings),
        catalog=singer.catalog(dict.fromkeys(streams or PAGE_STREAMS)),
    )


def linkedin_allows(world: World, page: int, stream: str) -> bool:
    """Tell whether the sandbox's LinkedIn lets the member read what a stream is made of."""
    resources = RESOURCES[stream]
    if "posts" in resources:
        return world.pages.reads_posts(page)
    if any(resource.endswith("Statistics") for resource in resources):
        return world.pages.administers(page)
    return bool(world.pages.roles(page))


def shown(stream: str, record: singer.Json, administrators: singer.Json) -> singer.Json:
    """Return what an administrator sees of a record, as far as another role shows it, too."""
    hidden = [
        name
        for name, value in record.items()
        if value is None and (stream == "organizations" or name.startswith("lifetime_"))
    ]
    return {**administrators, **dict.fromkeys(hidden)}


@pytest.fixture(scope="module")
def everything(serve_module: Serve) -> singer.Output:
    """What an administrator of one page reads of it."""
    output = sync(serve_module(with_role("ADMINISTRATOR")))
    assert output.status == 0
    assert not output.summary["incidents"]
    return output


@pytest.mark.refused("page_role")
@pytest.mark.slow
@pytest.mark.parametrize("listed", [False, True], ids=["found", "listed"])
@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_role_reads_what_it_allows_or_says_why_not(
    serve: Serve, everything: singer.Output, role: str, *, listed: bool
) -> None:
    """Every stream gives what LinkedIn shows this role, or the summary names role, page, stream."""
    world = with_role(role)
    settings = {"organization_ids": [FIRST_PAGE]} if listed else {}
    output = sync(serve(world), **settings)
    reasons = [
        incident["reason"]
        for incident in output.summary["incidents"]
        if incident["organization_id"] == FIRST_PAGE and incident["stream"] == "all page streams"
    ]
    left_out = set()
    for stream in PAGE_STREAMS:
        if not linkedin_allows(world, FIRST_PAGE, stream):
            left_out.add(stream)
            (reason,) = reasons
            assert role in reason
            assert stream in reason
            assert not output.records(stream)
            continue
        assert not any(f"{stream} (" in reason or f"{stream}," in reason for reason in reasons)
        theirs = everything.records(stream)
        ours = output.records(stream)
        assert theirs
        assert ours == [shown(stream, *pair) for pair in zip(ours, theirs, strict=True)]
        assert {row["organization_id"] for row in ours} == {FIRST_PAGE}
    assert output.status == (1 if listed and left_out else 0)
    assert {page["organization_id"] for page in output.summary["pages"]} == {FIRST_PAGE}
    assert output.summary["accounts"] == []


def test_public_fields_of_a_page_that_is_not_administered(serve: Serve) -> None:
    """Another role shows a page's name, address and logo; the other columns are null."""
    world = with_role("CONTENT_ADMINISTRATOR")
    (row,) = sync(serve(world), "organizations").records("organizations")
    wire = world.pages.organizations[FIRST_PAGE]
    assert (row["id"], row["organization_id"]) == (FIRST_PAGE, FIRST_PAGE)
    assert row["localized_name"] == wire["localizedName"]
    assert row["logo_urn"] == wire["logoV2"]["original"]
    assert row["founded_on_year"] is None


@pytest.mark.refused("page_role")
def test_pages_with_different_roles(serve: Serve) -> None:
    """Each stream reads the pages that its roles allow; a page of another stream is a warning."""
    world = with_role("CONTENT_ADMIN")
    world.pages.grant(SECOND_PAGE)
    world.pages.grant(ANALYST_PAGE, "ANALYST")
    output = sync(serve(world), "organization_page_statistics", "posts")
    assert output.status == 0
    pages = {
        name: {row["organization_id"] for row in output.records(name)} for name in output.streams
    }
    assert pages["posts"] == {FIRST_PAGE, SECOND_PAGE}
    assert pages["organization_page_statistics"] == {SECOND_PAGE}
    said = {
        i["organization_id"]: i["reason"]
        for i in output.summary["incidents"]
        if i["stream"] == "all page streams"
    }
    assert said.keys() == {FIRST_PAGE, ANALYST_PAGE}
    assert "posts (" in said[ANALYST_PAGE]
    assert "posts (" not in said[FIRST_PAGE]


def test_without_a_page_each_stream_warns(serve: Serve) -> None:
    """A member without an approved role is told so, with the role that waits for approval."""
    world = with_role()
    world.pages.grant(FIRST_PAGE, "ADMINISTRATOR", "REQUESTED")
    output = sync(serve(world), "organizations", "organization_page_statistics", "posts")
    assert output.status == 0
    incidents = output.summary["incidents"]
    assert [(i["stream"], i["status"]) for i in incidents] == [
        ("organizations", "warning"),
        ("organization_page_statistics", "warning"),
        ("posts", "warning"),
    ]
    for incident in incidents:
        assert "administers no page" in incident["reason"]
        assert f"ADMINISTRATOR ({FIRST_PAGE}, REQUESTED)" in incident["reason"]
    assert {s["status"] for s in output.summary["streams"]} == {"warning"}


def test_no_listed_page_is_no_page(serve: Serve) -> None:
    """An empty list reads no page, asks nothing, and is said once."""
    sandbox = serve(with_role("ADMINISTRATOR"))
    output = sync(sandbox, organization_ids=[])
    assert output.status == 0
    assert not list(output.of_type("RECORD"))
    (incident,) = output.summary["incidents"]
    assert "organization_ids is empty" in incident["reason"]
    assert not sandbox.log


@pytest.mark.refused("page_role", "development_batch", "media_forbidden")
def test_the_development_tier_reads_posts_of_pages_that_are_not_administered(serve: Serve) -> None:
    """Without batches LinkedIn shows nothing of such a page, so that its name is null."""
    sandbox = serve(with_role("CONTENT_ADMINISTRATOR"), development_tier=True)
    output = sync(sandbox, "organizations", "posts")
    assert output.status == 0
    (row,) = output.records("organizations")
    assert (row["id"], row["localized_name"]) == (FIRST_PAGE, None)
    assert output.records("posts")


@pytest.mark.refused("page_role")
def test_a_listed_page_without_any_role_is_a_failure(serve: Serve) -> None:
    """A page of others gives one incident, and the listed page beside it is read."""
    sandbox = serve(with_role("CONTENT_ADMINISTRATOR"))
    output = sync(sandbox, "posts", organization_ids=[FIRST_PAGE, FOREIGN_PAGE])
    assert output.status == 1
    assert {row["organization_id"] for row in output.records("posts")} == {FIRST_PAGE}
    said = {i["organization_id"]: i["status"] for i in output.summary["incidents"]}
    assert said == {FOREIGN_PAGE: "failed", FIRST_PAGE: "warning"}
    assert (
        sync(sandbox, "posts", organization_ids=[FOREIGN_PAGE], on_account_error="warn").status == 0
    )


def test_where_roles_cannot_be_listed_administered_pages_are_read(serve: Serve) -> None:
    """A refusal of the request for other roles costs the pages with other roles alone."""
    sandbox = serve(with_role("ADMINISTRATOR"))
    refusal = {"status": 400, "code": "ILLEGAL_ARGUMENT", "message": "role is required"}
    sandbox.faults.add(
        "status",
        path="/rest/organizationAcls",
        where=lambda entry: "role" not in entry.params,
        times=None,
        status=400,
        body=refusal,
    )
    output = sync(sandbox, "organizations")
    assert output.status == 0
    assert [row["id"] for row in output.records("organizations")] == [FIRST_PAGE]
    (incident,) = output.summary["incidents"]
    assert "role is required" in incident["reason"]


@pytest.mark.refused("page_role", "version_inactive")
def test_check_shows_what_each_role_allows(serve: Serve) -> None:
    """A line a page with the role and the streams it lets the tap read; posts alone will work."""
    world = with_role("CONTENT_ADMIN")
    world.pages.grant(ANALYST_PAGE, "ANALYST")
    lines, verdicts = checked(serve(world))
    assert lines[FIRST_PAGE].endswith(
        "CONTENT ADMIN  allows organizations, organization_followers, posts, post_social_metadata, "
        "post_video_statistics"
    )
    assert lines[ANALYST_PAGE].endswith(
        "ANALYST        allows organizations, organization_followers"
    )
    assert verdicts["posts"].works
    assert verdicts["post_hashtags"].works
    assert "ADMINISTRATOR" in verdicts["organization_page_statistics"].reason


@pytest.mark.refused("version_inactive")
def test_check_looks_at_the_page_with_the_most_rights(serve: Serve) -> None:
    """A lesser role on one page does not make streams fail that work on another."""
    world = with_role("ANALYST")
    world.pages.grant(SECOND_PAGE)
    lines, verdicts = checked(serve(world))
    assert lines[SECOND_PAGE].endswith("ADMINISTRATOR  allows all page streams")
    assert all(verdicts[name].works for name in PAGE_STREAMS)


def checked(sandbox: Sandbox) -> tuple[dict[int, str], dict[str, Verdict]]:
    """Return the lines that check prints of pages, and its verdicts on streams."""
    with singer._signals_kept():
        tap = TapLinkedInAds(config=singer.config(sandbox), clock=singer.QuickClock())
    checkup = Examination(tap, "1.0.0").result()
    lines: dict[int, str] = {}
    key = 0
    for line in render(checkup).splitlines():
        first = line.partition(" ")[0] or (line.split() or [""])[0]
        if first.isdigit():
            key = int(first)
            lines[key] = line
        elif key and line.startswith("   "):  # the rest of what did not fit
            lines[key] += " " + line.strip()
        else:
            key = 0
    return lines, {verdict.stream: verdict for verdict in checkup.verdicts}


ROLE_NAMES = st.sampled_from(sorted(page_roles.ANY_ROLE))
ROLE_SETS = st.frozensets(ROLE_NAMES, min_size=1)


@given(st.frozensets(ROLE_NAMES), st.dictionaries(st.sampled_from(PAGE_STREAMS), ROLE_SETS))
def test_left_out_names_just_the_streams_whose_roles_are_missing(
    roles: frozenset[str], needs: dict[str, frozenset[str]]
) -> None:
    """A stream is named where the member has none of its roles, and nowhere else."""
    text = page_roles.left_out(roles, needs)
    named = {word for group in text.split("; ") for word in group.split(" (")[0].split(", ")} - {""}
    assert named == {name for name, needed in needs.items() if not roles & needed}


def test_every_role_that_linkedin_documents_is_known() -> None:
    """The tap's roles are the sandbox's, and a role of the future reads what any role reads."""
    assert page_roles.ANY_ROLE == ROLES
    assert page_roles.suffices(["PIPELINE_BUILDER"], page_roles.ANY_ROLE)
    assert not page_roles.suffices(["PIPELINE_BUILDER"], page_roles.POST_ROLES)
    assert not page_roles.suffices([], page_roles.ANY_ROLE)


def test_the_table_of_roles_in_the_documentation_is_the_tap_s() -> None:
    """docs/access.md says yes, or what is shown, just where the stream reads with the role."""
    page = (singer.ROOT / "docs" / "access.md").read_text()
    heading, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.split("| Role | `organizations`")[1].split("\n\n")[0].splitlines()
    )
    told_of = [["organizations"], *(cell.split("`")[1::2] for cell in heading if "`" in cell)]
    streams = TapLinkedInAds(config={"access_token": "unused"}).streams
    told = set()
    for roles, *cells in rows:
        for role, (names, cell) in itertools.product(
            roles.split(", "), zip(told_of, cells, strict=True)
        ):
            told.add(role)
            for name in names:
                stream = streams[name]
                assert isinstance(stream, LinkedInStream)
                assert (cell != "no") == page_roles.suffices([role], stream.page_roles), role
    assert told == page_roles.ANY_ROLE
    assert set(PAGE_STREAMS) - {name for names in told_of for name in names} <= {
        name for name in streams if name.startswith("post_")
    }

"""Every rule of company pages has a request that breaks it, and nothing but it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox import PAGE_RULES, Sandbox
from sandbox.answers.pages.windows import midnight
from sandbox.world.pages.build import (
    ANALYST_PAGE,
    FIRST_PAGE,
    FOREIGN_PAGE,
    INACTIVE_PAGE,
    SECOND_PAGE,
)
from tests.sandbox.conftest import ACCOUNT_URN, TODAY, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = dt.timedelta(days=1)


def urn(organization: int) -> str:
    """Return the encoded URN of an organization."""
    return f"urn%3Ali%3Aorganization%3A{organization}"


PAGE = urn(FIRST_PAGE)
FOLLOWERS = (
    "/rest/organizationalEntityFollowerStatistics"
    f"?q=organizationalEntity&organizationalEntity={PAGE}"
)
SHARES = (
    f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={PAGE}"
)
VIEWS = f"/rest/organizationPageStatistics?q=organization&organization={PAGE}"
POSTS = f"/rest/posts?q=author&author={PAGE}"
SHARE = "urn%3Ali%3Ashare%3A7450000000000000001"
UGC = "urn%3Ali%3AugcPost%3A7450000000000000004"


COMMENTS = f"/rest/socialActions/{UGC}/comments"
VIDEO = "/rest/videoAnalytics?q=entity&type=VIDEO_VIEW&entity="


def interval(first: dt.date, end: dt.date, granularity: str = "DAY") -> str:
    """Write a time range with its exclusive end."""
    return (
        f"&timeIntervals=(timeRange:(start:{midnight(first)},end:{midnight(end)}),"
        f"timeGranularityType:{granularity})"
    )


def span(first: dt.date, end: dt.date) -> str:
    """Write the time range of a video's figures with its exclusive end."""
    return f"&aggregation=DAY&timeRange=(start:{midnight(first)},end:{midnight(end)})"


WEEK = interval(TODAY - 9 * DAY, TODAY - 2 * DAY)


@dataclass(frozen=True)
class Case:
    """A request that breaks one rule."""

    rule: str
    status: int
    target: str
    says: str = ""
    scopes: tuple[str, ...] | None = None
    prepare: Callable[[Sandbox], Any] | None = None
    headers: dict[str, str | None] = field(default_factory=dict)


def switch(**values: bool | int) -> Callable[[Sandbox], None]:
    """Return what turns switches."""

    def turn(sandbox: Sandbox) -> None:
        for name, value in values.items():
            setattr(sandbox.switches, name, value)

    return turn


IMAGE_URN = "urn:li:image:D4D22AQ000002x0"
IMAGE = quote(IMAGE_URN, safe="")
NO_ROLE = "Viewer don't have permission to the ADMIN_ONLY VisibilityReduction"
FORBIDDEN_POSTS = "Accessing the UGC resource is forbidden. Please check your permissions"
APART = "Start time and end time must be less than 14 months apart."
SHORT = "End time must be greater than start time by at least one multiple of the granularity type"

CASES = [
    # roles and scopes
    Case("page_role", 403, f"/rest/organizations/{FOREIGN_PAGE}", f"{NO_ROLE} for urn:li:org"),
    Case("page_role", 403, f"/rest/organizations/{ANALYST_PAGE}", NO_ROLE),
    Case("page_role", 403, "/rest/organizations/424242", NO_ROLE),
    Case("page_role", 403, FOLLOWERS.replace(PAGE, urn(ANALYST_PAGE)) + WEEK),
    Case("page_role", 403, SHARES.replace(PAGE, urn(ANALYST_PAGE)) + WEEK),
    Case("page_role", 403, VIEWS.replace(PAGE, urn(ANALYST_PAGE)) + WEEK),
    Case("page_role", 403, f"/rest/organizationAcls?q=organization&organization={urn(1035)}"),
    Case("page_role", 403, f"/rest/organizations?q=parentOrganization&parent={urn(1035)}"),
    Case(
        "page_role",
        403,
        f"{SHARES.replace(PAGE, urn(SECOND_PAGE))}&shares=List({SHARE})",
        says="organization:9087651",
    ),
    Case(
        "page_role",
        403,
        VIEWS,
        prepare=lambda sandbox: sandbox.world.pages.revoke(FIRST_PAGE, "ADMINISTRATOR"),
    ),
    Case("posts_forbidden", 403, POSTS.replace(PAGE, urn(ANALYST_PAGE)), FORBIDDEN_POSTS),
    Case("posts_forbidden", 403, POSTS.replace(PAGE, urn(1)), FORBIDDEN_POSTS),
    Case(
        "posts_forbidden",
        403,
        f"/rest/posts/{SHARE}",
        prepare=lambda sandbox: sandbox.world.pages.revoke(FIRST_PAGE),
    ),
    Case(
        "media_forbidden",
        403,
        f"/rest/images/{IMAGE}",
        "Accessing this image resource is forbidden.",
        prepare=lambda sandbox: sandbox.world.pages.forbid_media(IMAGE_URN),
    ),
    Case(
        "media_forbidden",
        403,
        f"/rest/images/{IMAGE}",
        prepare=lambda sandbox: sandbox.world.pages.change_media(
            IMAGE_URN, owner="urn:li:person:other"
        ),
    ),
    Case(
        "scope_missing",
        403,
        VIEWS,
        "organizationPageStatistics.FINDER-organization.20260901",
        ("r_organization_social",),
    ),
    Case("scope_missing", 403, POSTS, "ApiPostsExternal.FINDER-author", ("r_organization_admin",)),
    Case("scope_missing", 403, f"/rest/posts?ids=List({SHARE})", "External.BATCH_GET.", ("r_ads",)),
    Case(
        "scope_missing",
        403,
        "/rest/organizationAcls?q=roleAssignee",
        "organizationAcls.FINDER-roleAssignee.20260901",
        ("r_organization_social", "r_ads"),
    ),
    Case("scope_missing", 403, f"/rest/images/{IMAGE}", scopes=("w_member_social",)),
    Case("scope_missing", 403, COMMENTS, "socialActions.GET_ALL.", ("r_organization_admin",)),
    Case("scope_missing", 403, f"/rest/socialMetadata/{UGC}", scopes=("r_ads",)),
    Case("scope_missing", 403, VIDEO + UGC, scopes=("r_organization_social_feed",)),
    *(
        Case(
            "posts_forbidden",
            403,
            target,
            prepare=lambda sandbox: sandbox.world.pages.revoke(FIRST_PAGE),
        )
        for target in (f"/rest/socialMetadata/{UGC}", COMMENTS, VIDEO + UGC)
    ),
    # what members do with posts
    Case("unknown_page_entity", 404, "/rest/socialMetadata/urn%3Ali%3Ashare%3A1"),
    Case("unknown_page_entity", 404, "/rest/socialActions/urn%3Ali%3Ashare%3A1/comments"),
    Case(
        "unknown_page_entity",
        404,
        "/rest/socialActions/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29/comments",
    ),
    Case("param_not_allowed", 400, f"{COMMENTS}?sort=x"),
    Case("page_count", 400, f"{COMMENTS}?start=0&count=101"),
    Case("batch_empty", 400, "/rest/socialMetadata?ids=List()"),
    Case("urn_prefix", 400, f"/rest/socialMetadata?ids=List({PAGE})"),
    Case("urn_prefix", 400, VIDEO + PAGE),
    Case("no_video", 400, VIDEO + SHARE),
    Case("enum_value", 400, f"{VIDEO}{UGC}&aggregation=MONTH"),
    Case("enum_value", 400, f"{VIDEO}{UGC}".replace("VIDEO_VIEW", "VIDEO_VIEWS")),
    Case("param_required", 400, f"/rest/videoAnalytics?q=entity&entity={UGC}"),
    Case("param_invalid", 400, f"{VIDEO}{UGC}&timeRange=(start:5)"),
    Case("param_invalid", 400, VIDEO + UGC + span(TODAY - DAY, TODAY + 2 * DAY)),
    Case("video_age", 400, VIDEO + UGC + span(TODAY - 190 * DAY, TODAY)),
    # things that are not there
    Case(
        "organization_inactive", 404, f"/rest/organizations/{INACTIVE_PAGE}", "9087670 is inactive"
    ),
    Case("unknown_page_entity", 404, "/rest/posts/urn%3Ali%3Ashare%3A1"),
    Case("unknown_page_entity", 404, "/rest/images/urn%3Ali%3Aimage%3Anone"),
    Case(
        "unknown_page_entity",
        404,
        f"/rest/networkSizes/{urn(424242)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER",
    ),
    # drafts exist for their author only
    Case("unknown_page_entity", 404, "/rest/posts/urn%3Ali%3Ashare%3A7450000000000000020"),
    # keys and encoding
    Case(
        "path_key_type",
        400,
        f"/rest/organizations/{PAGE}",
        "Key value 'urn:li:organization:9087651' must be of type 'java.lang.Long'",
    ),
    Case(
        "path_syntax",
        400,
        "/rest/posts/urn:li:share:7450000000000000001",
        "Syntax exception in path variables",
    ),
    Case("urn_prefix", 400, f"/rest/videos/{IMAGE}"),
    Case("urn_prefix", 400, "/rest/images/urn%3Ali%3AdigitalmediaAsset%3AX"),
    Case("urn_prefix", 400, "/rest/posts/urn%3Ali%3Aactivity%3A7450000000000000001"),
    Case("urn_prefix", 400, f"/rest/networkSizes/{ACCOUNT_URN}?edgeType=X"),
    Case("urn_prefix", 400, f"/rest/images?ids=List({UGC})"),
    Case("urn_prefix", 400, f"{SHARES}&shares=List({UGC})"),
    Case("urn_prefix", 400, f"{SHARES}&ugcPosts=List({SHARE})"),
    Case("urn_prefix", 400, FOLLOWERS.replace(PAGE, ACCOUNT_URN)),
    Case("urn_prefix", 400, FOLLOWERS.replace("organization%3A", "organizationBrand%3A")),
    Case("param_invalid", 400, FOLLOWERS.replace("%3A", ":")),
    Case("param_invalid", 400, f"{SHARES}&shares=List(urn:li:share:7450000000000000001)"),
    Case("list_expected", 400, f"{SHARES}&shares={SHARE}"),
    Case(
        "batch_key",
        400,
        f"/rest/organizationsLookup?ids=List({urn(1035)})",
        "NumberFormatException parsing batch key 'urn:li:organization:1035'",
    ),
    Case("batch_key", 400, f"/rest/organizations?ids=List({PAGE})"),
    Case("batch_empty", 400, "/rest/organizations?ids=List()"),
    Case("batch_empty", 400, "/rest/posts?ids=List()"),
    # parameters
    Case("param_not_allowed", 400, f"{VIEWS}&organizationalEntity={PAGE}"),
    Case("param_not_allowed", 400, f"{SHARES}&shares[0]={SHARE}"),
    Case("param_not_allowed", 400, f"{FOLLOWERS}&shares=List({SHARE})"),
    Case("param_not_allowed", 400, f"{FOLLOWERS}&count=100"),
    Case("param_not_allowed", 400, f"{FOLLOWERS}&timeIntervals.timeGranularityType=DAY"),
    Case("param_not_allowed", 400, "/rest/organizationAcls?q=roleAssignee&assignee=x"),
    Case("param_not_allowed", 400, f"/rest/posts/{SHARE}?sortBy=CREATED"),
    Case("param_required", 400, "/rest/posts?q=author", "Parameter 'author' is required"),
    Case("param_required", 400, "/rest/organizationPageStatistics?q=organization"),
    Case("param_required", 400, f"/rest/networkSizes/{PAGE}", "Parameter 'edgeType' is required"),
    Case("edge_type", 400, f"/rest/networkSizes/{PAGE}?edgeType=CompanyFollowedByMember"),
    Case("enum_value", 400, f"{POSTS}&sortBy=NEWEST"),
    Case("enum_value", 400, f"{POSTS}&viewContext=ADMIN"),
    Case("enum_value", 400, "/rest/organizationAcls?q=roleAssignee&role=ADMIN"),
    Case("enum_value", 400, "/rest/organizationAcls?q=roleAssignee&state=OK"),
    Case("unknown_finder", 400, "/rest/organizationPageStatistics?q=organizationalEntity"),
    Case("no_finder", 400, "/rest/organizations"),
    Case("fields_name", 400, f"/rest/organizations/{FIRST_PAGE}?fields=id,nothing"),
    Case("restli_method_mismatch", 400, POSTS, headers={"X-RestLi-Method": "BATCH_GET"}),
    Case("protocol_1_unsupported", 400, POSTS, headers={"X-Restli-Protocol-Version": None}),
    Case("page_count", 400, f"{POSTS}&count=101"),
    Case("page_count", 400, f"{POSTS}&count=0"),
    Case("page_count", 400, "/rest/organizationAcls?q=roleAssignee&count=101"),
    Case("index_range", 400, f"{POSTS}&start=-1"),
    Case(
        "person_author",
        400,
        "/rest/posts?q=author&author=urn%3Ali%3Aperson%3Ax",
        "Member permissions must be used when using member as author",
    ),
    Case("posts_time_bound", 400, f"{SHARES}&shares=List({SHARE}){WEEK}"),
    Case("posts_count", 400, f"{SHARES}&shares=List()"),
    Case("posts_count", 400, f"{SHARES}&ugcPosts=List({','.join([UGC] * 51)})"),
    # time ranges
    *(
        Case("time_intervals", 400, f"{FOLLOWERS}&timeIntervals={text}", "'timeIntervals' is inv")
        for text in (
            "DAY",
            "()",
            "(timeGranularityType:DAY)",
            "(timeRange:(end:5),timeGranularityType:DAY)",
            "(timeRange:(start:5,end:9))",
            "(timeRange:(start:5,end:9),timeGranularityType:HOUR)",
            "(timeRange:(start:5,end:x),timeGranularityType:DAY)",
            "List((timeRange:(start:5),timeGranularityType:DAY))",
        )
    ),
    Case("param_invalid", 400, f"{FOLLOWERS}&timeIntervals=(timeRange:(start:5)"),
    Case("time_intervals", 400, SHARES + interval(TODAY - 9 * DAY, TODAY, "WEEK")),
    Case("time_intervals", 400, VIEWS + interval(TODAY - 9 * DAY, TODAY, "WEEK")),
    Case("interval_future", 400, SHARES + interval(TODAY - 9 * DAY, TODAY + DAY)),
    Case("interval_future", 400, VIEWS + interval(TODAY + 2 * DAY, TODAY + 3 * DAY)),
    Case("interval_width", 400, FOLLOWERS + interval(TODAY - 460 * DAY, TODAY), APART),
    Case("interval_width", 400, VIEWS + interval(TODAY - 1200 * DAY, TODAY), APART),
    # seconds instead of milliseconds
    Case(
        "interval_width",
        400,
        f"{SHARES}&timeIntervals=(timeRange:(start:{midnight(TODAY) // 1000}),"
        "timeGranularityType:DAY)",
    ),
    Case("interval_start", 400, FOLLOWERS + interval(TODAY - 366 * DAY, TODAY), APART),
    Case("interval_start", 400, SHARES + interval(TODAY - 366 * DAY, TODAY - 300 * DAY), APART),
    Case("interval_start", 400, VIEWS + interval(TODAY - 380 * DAY, TODAY), APART),
    Case("interval_short", 400, SHARES + interval(TODAY - 20 * DAY, TODAY, "MONTH"), "[MONTH]"),
    Case("interval_short", 400, VIEWS + interval(TODAY - 2 * DAY, TODAY - 2 * DAY), SHORT),
    Case("interval_short", 400, VIEWS + interval(TODAY - 2 * DAY, TODAY - 4 * DAY), "[DAY]"),
    Case("interval_short", 400, FOLLOWERS + interval(TODAY - 6 * DAY, TODAY, "WEEK"), "[WEEK]"),
    # the development tier
    *(
        Case(
            "development_batch",
            403,
            target,
            "Not enough permissions to access: ",
            prepare=switch(development_tier=True),
        )
        for target in (
            f"/rest/posts?ids=List({SHARE})",
            f"/rest/images?ids=List({IMAGE})",
            f"/rest/socialMetadata?ids=List({UGC})",
            f"/rest/organizations?ids=List({FIRST_PAGE})",
            "/rest/organizationsLookup?ids=List(1035)",
        )
    ),
    Case(
        "day_quota",
        429,
        POSTS,
        "MEMBER DAY limit",
        prepare=switch(development_tier=True, calls_per_member=0),
    ),
    Case(
        "day_quota",
        429,
        POSTS,
        "APPLICATION DAY limit",
        prepare=switch(development_tier=True, calls_per_application=0),
    ),
]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case.rule}" for number, case in enumerate(CASES)]
)
def test_request_is_refused(caller: Caller, sandbox: Sandbox, case: Case) -> None:
    """The request gets the rule's status and text."""
    if case.prepare:
        case.prepare(sandbox)
    headers = dict(case.headers)
    if case.scopes is not None:
        headers["Authorization"] = f"Bearer {sandbox.oauth.issue(case.scopes)}"
    reply = caller.send("GET", case.target, headers)
    assert (caller.rule(), reply.status) == (case.rule, case.status), reply.text
    assert reply.body["status"] == case.status
    assert case.says in reply.text


def test_every_rule_is_broken_by_a_test() -> None:
    """No rule is without a request that breaks it."""
    assert set(PAGE_RULES) <= {case.rule for case in CASES}


def test_encoded_structure_is_no_structure(caller: Caller) -> None:
    """Percent-encoded parentheses belong to a value."""
    encoded = quote(interval(TODAY - 9 * DAY, TODAY).partition("=")[2], safe="")
    reply = caller.get(f"{SHARES}&timeIntervals={encoded}")
    assert (reply.status, caller.rule()) == (400, "time_intervals")

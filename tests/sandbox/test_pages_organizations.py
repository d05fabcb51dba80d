"""Roles, organizations, follower numbers, scopes and the development tier."""

from __future__ import annotations

import datetime as dt
import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.api.oauth import DEFAULT_SCOPES
from sandbox.control import Control
from sandbox.world.pages.build import (
    ANALYST_PAGE,
    FIRST_PAGE,
    FOREIGN_PAGE,
    INACTIVE_PAGE,
    REQUESTED_PAGE,
    SECOND_PAGE,
    SHOWCASE,
)
from tests.sandbox.conftest import TODAY, Caller
from tests.sandbox.test_pages_refusals import IMAGE, PAGE, POSTS, SHARE, VIEWS, urn

if TYPE_CHECKING:
    from sandbox import Sandbox, World

ACLS = "/rest/organizationAcls?q=roleAssignee"


def test_roles_of_the_member(caller: Caller) -> None:
    """Several rows may name one page; showcases are among them."""
    rows = caller.get(f"{ACLS}&count=100").elements
    assert [row["organization"] for row in rows].count(f"urn:li:organization:{FIRST_PAGE}") == 3
    assert {row["roleAssignee"] for row in rows} == {"urn:li:person:qZ7xK2mPlB"}
    approved = caller.get(f"{ACLS}&role=ADMINISTRATOR&state=APPROVED").elements
    numbers = [int(row["organization"].rpartition(":")[2]) for row in approved]
    assert numbers == [FIRST_PAGE, SHOWCASE, SECOND_PAGE]
    assert set(approved[0]) == {"roleAssignee", "role", "state", "organization"}
    (requested,) = caller.get(f"{ACLS}&state=REQUESTED").elements
    assert requested["organization"].endswith(str(REQUESTED_PAGE))


def test_pages_of_roles(caller: Caller) -> None:
    """Start and count, ten rows by default, and a link to the next page."""
    body = caller.get(f"{ACLS}&count=2&start=2").body
    assert len(body["elements"]) == 2
    assert {link["rel"] for link in body["paging"]["links"]} == {"prev", "next"}
    link = next(link for link in body["paging"]["links"] if link["rel"] == "next")
    assert link["href"] == f"{ACLS}&count=2&start=4"


def test_roles_on_a_page(caller: Caller) -> None:
    """Administrators see everybody's roles."""
    rows = caller.get(f"/rest/organizationAcls?q=organization&organization={PAGE}").elements
    assert {row["roleAssignee"] for row in rows} >= {"urn:li:person:somebodyElse"}


def test_truth_has_administered_company_pages_only(world: World) -> None:
    """No showcase, no page of others, none with a lesser role."""
    assert [page["id"] for page in world.pages.truth.pages()] == [FIRST_PAGE, SECOND_PAGE]
    world.pages.revoke(SECOND_PAGE)
    assert [page["id"] for page in world.pages.truth.pages()] == [FIRST_PAGE]
    world.pages.grant(ANALYST_PAGE)
    assert ANALYST_PAGE in {page["id"] for page in world.pages.truth.pages()}
    with pytest.raises(ValueError, match="BOSS"):
        world.pages.grant(FIRST_PAGE, "BOSS")


def test_organizations(caller: Caller, world: World) -> None:
    """A GET has every field; a batch has statuses of all ids."""
    body = caller.get(f"/rest/organizations/{FIRST_PAGE}").body
    assert [body] == world.pages.truth.pages()[:1]
    ids = f"{FIRST_PAGE},{SHOWCASE},{FOREIGN_PAGE},{INACTIVE_PAGE}"
    body = caller.get(f"/rest/organizations?ids=List({ids})").body
    assert body["statuses"] == {
        str(FIRST_PAGE): 200,
        str(SHOWCASE): 200,
        str(FOREIGN_PAGE): 403,
        str(INACTIVE_PAGE): 404,
    }
    assert set(body["errors"]) == {str(FOREIGN_PAGE), str(INACTIVE_PAGE)}
    showcase = body["results"][str(SHOWCASE)]
    assert showcase["primaryOrganizationType"] == "BRAND"
    assert showcase["parentRelationship"]["parent"] == f"urn:li:organization:{FIRST_PAGE}"
    fields = caller.get(f"/rest/organizations/{FIRST_PAGE}?fields=id,localizedName").body
    assert fields == {"id": FIRST_PAGE, "localizedName": "Northlight Labs"}


def test_other_finders_of_organizations(caller: Caller) -> None:
    """By vanity name, with what everybody may see of other people's pages; by parent."""
    (own,) = caller.get(f"/rest/organizations?q=vanityName&vanityName=page-{FIRST_PAGE}").elements
    (other,) = caller.get("/rest/organizations?q=vanityName&vanityName=page-1035").elements
    assert "staffCountRange" in own
    assert "staffCountRange" not in other
    (child,) = caller.get(f"/rest/organizations?q=parentOrganization&parent={PAGE}").elements
    assert child["id"] == SHOWCASE


def test_look_up(caller: Caller) -> None:
    """Any organization, but few fields; employers of members are known too."""
    body = caller.get(f"/rest/organizationsLookup?ids=List({FOREIGN_PAGE},1052,77)").body
    assert body["results"]["1035"]["localizedName"] == "Foreign Company"
    assert body["results"]["1052"]["localizedName"] == "Employer 1052"
    assert "staffCountRange" not in body["results"]["1035"]
    assert body["statuses"] == {"1035": 200, "1052": 200, "77": 404}


def test_network_sizes_need_no_scope_and_no_role(caller: Caller, sandbox: Sandbox) -> None:
    """Any token may read the followers of any page."""
    target = f"/rest/networkSizes/{urn(FOREIGN_PAGE)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    token = sandbox.oauth.issue(())
    assert caller.get(target, Authorization=f"Bearer {token}").body["firstDegreeSize"] > 0


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        ("r_organization_admin", VIEWS),
        ("rw_organization_admin", VIEWS),
        ("rw_organization_admin", ACLS),
        ("r_organization_social", POSTS),
        ("r_organization_social", f"/rest/images/{IMAGE}"),
        ("w_organization_social", f"/rest/images/{IMAGE}"),
    ],
)
def test_one_scope_is_enough(caller: Caller, sandbox: Sandbox, scope: str, target: str) -> None:
    """A token with only some scopes reads what they cover."""
    token = sandbox.oauth.issue((scope,))
    assert caller.get(target, Authorization=f"Bearer {token}").status == 200


def test_default_token_reads_pages(sandbox: Sandbox) -> None:
    """The token of the configuration has the scopes of both sides."""
    assert sandbox.oauth.token(sandbox.access_token).scopes == DEFAULT_SCOPES
    assert {"r_organization_admin", "r_organization_social", "r_ads"} <= set(DEFAULT_SCOPES)


@pytest.mark.parametrize("role", ["CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"])
def test_lesser_roles_read_posts_only(caller: Caller, world: World, role: str) -> None:
    """Statistics need an administrator."""
    world.pages.revoke(FIRST_PAGE)
    world.pages.grant(FIRST_PAGE, role)
    assert caller.get(POSTS).status == 200
    assert caller.get(VIEWS).status == 403


def test_development_tier(caller: Caller, sandbox: Sandbox, world: World) -> None:
    """A hundred calls a member and day; the next UTC day starts anew."""
    sandbox.switches.development_tier = True
    for _ in range(100):
        assert caller.get(f"/rest/posts/{SHARE}").status == 200
    refused = caller.get(f"/rest/posts/{SHARE}")
    assert (refused.status, caller.rule()) == (429, "day_quota")
    assert "Retry-After" not in refused.headers
    assert "DAY limit" in refused.body["message"]
    # The ads side has quotas of its own.
    assert caller.get("/rest/adAccounts?q=search").status == 200
    world.next_day()
    assert caller.get(f"/rest/posts/{SHARE}").status == 200
    assert world.today > TODAY


def test_control_knows_pages(sandbox: Sandbox, world: World) -> None:
    """Another process may ask for the truth of pages, change posts and let a day pass."""
    with Control(sandbox) as control:

        def call(path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
            data = None if body is None else json.dumps(body).encode()
            with urllib.request.urlopen(control.url + path, data) as response:  # noqa: S310 - loopback
                answer: dict[str, Any] = json.load(response)
                return answer

        truth = call(f"/truth/pages?start={TODAY - dt.timedelta(days=3)}&end={TODAY}")
        assert [page["id"] for page in truth["pages"]] == [FIRST_PAGE, SECOND_PAGE]
        assert len(truth["buckets"]) == 6
        assert set(truth["statistics"]) == {row["id"] for row in truth["posts"]}
        post = truth["posts"][-1]["id"]
        change = {"change": "post", "urn": post, "fields": {"commentary": "x"}}
        assert call("/world", change)["commentary"] == "x"
        medium = next(iter(world.pages.media))
        call("/world", {"change": "media", "urn": medium, "fields": {"status": "PROCESSING"}})
        assert world.pages.media[medium]["status"] == "PROCESSING"
        assert call("/world", {"change": "next_day"}) == {"today": str(world.today)}


def test_faults_of_pages_with_start_and_count(caller: Caller, sandbox: Sandbox) -> None:
    """An empty page keeps its link; a link may lead back by one row."""
    target = f"{POSTS}&count=5"
    plain = caller.get(target)
    sandbox.faults.add("empty_page", path="/rest/posts")
    empty = caller.get(target).body
    assert (empty["elements"], empty["paging"]) == ([], plain.body["paging"])
    sandbox.faults.add("duplicate_row", path="/rest/posts")
    (link,) = caller.get(target).body["paging"]["links"]
    assert link["href"].endswith("count=5&start=4")
    assert caller.get(link["href"]).elements[0] == plain.elements[-1]
    sandbox.faults.add("drop_optional", path="/rest/posts")
    rows = caller.get(target).elements
    assert set(rows[0]) == {"id", "author", "lifecycleState", "lastModifiedAt"}

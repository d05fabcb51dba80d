from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from sandbox import Sandbox, World
from sandbox.world import worlds
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, TODAY, Caller, Reply

BELOW = f"/rest/adAccounts/{ACCOUNT}"
ALL_GROUPS = "ACTIVE,ARCHIVED,CANCELED,DRAFT,PAUSED,PENDING_DELETION,REMOVED"
EVERY = {
    "adCampaignGroups": f"search=(status:(values:List({ALL_GROUPS})))",
    "adCampaigns": f"search=(status:(values:List({ALL_GROUPS},COMPLETED)))",
    "creatives": f"intendedStatuses=List({ALL_GROUPS})",
}
FINDERS = {"adCampaignGroups": "search", "adCampaigns": "search", "creatives": "criteria"}


def find(caller: Caller, resource: str, query: str = "") -> Reply:
    """Ask the finder of a resource below the first account."""
    target = f"{BELOW}/{resource}?q={FINDERS[resource]}{query}"
    return caller.get(target, X_RestLi_Method="FINDER")


def pages(caller: Caller, target: str, **headers: str) -> list[dict[str, Any]]:
    """Follow page tokens to the end."""
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        reply = caller.get(
            target + (f"&pageToken={quote(token, safe='')}" if token else ""), **headers
        )
        assert reply.status == 200, reply.text
        rows += reply.elements
        token = reply.body.get("metadata", {}).get("nextPageToken", "")
        if not token:
            return rows


@pytest.mark.parametrize("resource", list(FINDERS))
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_cursor_pages_hold_every_row_once(
    caller: Caller, world: World, resource: str, size: int
) -> None:
    """Pages of any size add up to the rows of the account."""
    target = f"{BELOW}/{resource}?q={FINDERS[resource]}&{EVERY[resource]}&pageSize={size}"
    rows = pages(caller, target, X_RestLi_Method="FINDER")
    wire = {
        "adCampaignGroups": world.campaign_groups,
        "adCampaigns": world.campaigns,
        "creatives": world.creatives,
    }[resource]
    mine = [row for row in wire if row["account"].endswith(str(ACCOUNT))]
    assert rows == mine


def test_descending_order_pages_too(caller: Caller, world: World) -> None:
    """Tokens work in descending order."""
    rows = pages(caller, "/rest/adAccounts?q=search&sortOrder=DESCENDING&pageSize=1")
    assert [row["id"] for row in rows] == sorted((a["id"] for a in world.accounts), reverse=True)


def test_page_size_is_clamped_for_creatives() -> None:
    """Creatives come in pages of a hundred at most."""
    with Sandbox(worlds.dense(today=TODAY, creatives=250)) as sandbox:
        caller = Caller(sandbox)
        assert len(caller.creatives("&pageSize=1000").elements) == 100
        assert len(caller.creatives().elements) == 100
        target = f"{BELOW}/creatives?q=criteria"
        assert len(pages(caller, target, X_RestLi_Method="FINDER")) == 250
        caller.connection.close()


def test_last_page_ends_in_two_ways(caller: Caller) -> None:
    """A last page has empty metadata or none."""
    ends = {str(caller.get("/rest/adAccounts?q=search").body.get("metadata")) for _ in range(4)}
    assert ends == {"{}", "None"}


@pytest.mark.parametrize(
    "change", ["&pageSize=2", "&pageSize=1&sortOrder=DESCENDING", "&pageSize=1&fields=id"]
)
def test_token_is_bound_to_the_other_parameters(caller: Caller, change: str) -> None:
    """A token is refused with any other parameter."""
    first = find(caller, "creatives", "&pageSize=1")
    token = quote(first.body["metadata"]["nextPageToken"], safe="")
    assert find(caller, "creatives", f"&pageSize=1&pageToken={token}").status == 200
    assert find(caller, "creatives", f"{change}&pageToken={token}").status == 400
    assert caller.rule() == "page_token"


def test_token_has_to_be_encoded(caller: Caller) -> None:
    """A raw token breaks the Rest.li 2.0 encoding."""
    token = find(caller, "creatives", "&pageSize=1").body["metadata"]["nextPageToken"]
    assert set("+/=") <= set(token)
    assert find(caller, "creatives", f"&pageSize=1&pageToken={token}").status == 400
    assert caller.rule() == "param_invalid"


def test_accounts_search(caller: Caller, sandbox: Sandbox) -> None:
    """Search keys combine with AND, their values with OR."""

    def ids(query: str) -> list[int]:
        return [row["id"] for row in caller.get(f"/rest/adAccounts?q=search{query}").elements]

    first, second, test = (ACCOUNT, ACCOUNT + 1, ACCOUNT + 2)
    assert ids("") == [first, second, test]
    assert ids("&search=(test:false)") == [first, second]
    assert ids("&search=(status:(values:List(DRAFT,REMOVED)))") == [test]
    assert ids("&search=(status:(values:List(DRAFT)),test:false)") == []
    assert ids(f"&search=(id:(values:List({ACCOUNT_URN})))") == [first]
    assert ids("&search=(name:(values:List(Northlight%20Labs%20EU)))") == [first]
    assert ids("&search=(type:(values:List(ENTERPRISE)))") == [second]
    sandbox.switches.search_with_page_token = True
    reply = caller.get("/rest/adAccounts?q=search&search=(test:false)&pageSize=1")
    token = quote(reply.body["metadata"]["nextPageToken"], safe="")
    assert ids(f"&search=(test:false)&pageSize=1&pageToken={token}") == [second]


@pytest.mark.parametrize("resource", list(FINDERS))
def test_searches_without_statuses_leave_dead_rows_out(
    caller: Caller, sandbox: Sandbox, resource: str
) -> None:
    """Without statuses only ACTIVE, PAUSED and DRAFT rows come back, unless switched."""
    key = "intendedStatus" if resource == "creatives" else "status"
    everything = find(caller, resource, "&" + EVERY[resource]).elements
    live = find(caller, resource).elements
    assert live == [row for row in everything if row[key] in ("ACTIVE", "PAUSED", "DRAFT")]
    assert len(live) < len(everything)
    sandbox.switches.criteria = "all"
    assert find(caller, resource).elements == everything


def test_creative_criteria(caller: Caller) -> None:
    """Every criterion narrows the creatives."""
    everything = find(caller, "creatives").elements
    campaign = everything[0]["campaign"]
    sent = quote(campaign, safe="")
    found = find(caller, "creatives", f"&campaigns=List({sent})").elements
    assert found == [row for row in everything if row["campaign"] == campaign]
    sent = quote(everything[1]["id"], safe="")
    assert find(caller, "creatives", f"&creatives=List({sent})").elements == [everything[1]]
    reference = next(
        row["content"]["reference"] for row in everything if "reference" in row["content"]
    )
    sent = quote(reference, safe="")
    assert len(find(caller, "creatives", f"&contentReferences=List({sent})").elements) == 1
    form = next(row["leadgenCallToAction"] for row in everything if "leadgenCallToAction" in row)
    sent = quote(form["destination"], safe="")
    query = f"&leadgenCreativeCallToActionDestinations=List({sent})"
    assert find(caller, "creatives", query).elements[0]["leadgenCallToAction"] == form
    assert find(caller, "creatives", "&isTestAccount=true").elements == []
    total = find(caller, "creatives", "&isTotalIncluded=true").body["paging"]["total"]
    assert total == len(everything)


def test_actors_appear_in_single_gets_only(caller: Caller, world: World) -> None:
    """Search rows have no actors in changeAuditStamps, single rows do."""
    campaign = world.campaigns[0]["id"]
    single = caller.get(f"{BELOW}/adCampaigns/{campaign}").body
    assert single["changeAuditStamps"]["created"]["actor"] == "urn:li:unknown:0"
    row = find(caller, "adCampaigns").elements[0]
    assert row["id"] == campaign
    assert all(set(stamp) == {"time"} for stamp in row["changeAuditStamps"].values())


def test_single_gets(caller: Caller, world: World) -> None:
    """One entity comes without an envelope, and only below its own account."""
    creative = world.creatives[0]
    sent = quote(creative["id"], safe="")
    assert caller.get(f"{BELOW}/creatives/{sent}").body == creative
    assert caller.get(BELOW).body["id"] == ACCOUNT
    group = world.campaign_groups[0]["id"]
    assert caller.get(f"{BELOW}/adCampaignGroups/{group}").body["id"] == group
    user = world.account_users[0]
    key = f"(account:{quote(user['account'], safe='')},user:{quote(user['user'], safe='')})"
    assert caller.get(f"/rest/adAccountUsers/{key}").body == user
    # Another account's entity is not below this account.
    other = next(row for row in world.campaigns if not row["account"].endswith(str(ACCOUNT)))
    assert caller.get(f"{BELOW}/adCampaigns/{other['id']}").status == 404


def test_batch_get(caller: Caller, world: World) -> None:
    """Found rows are results, the others errors."""
    world.revoke_access(ACCOUNT + 1)
    body = caller.get(f"/rest/adAccounts?ids=List({ACCOUNT},{ACCOUNT + 1},5)").body
    assert list(body) == ["results", "statuses", "errors"]
    assert list(body["results"]) == [str(ACCOUNT)]
    assert {key: error["status"] for key, error in body["errors"].items()} == {
        str(ACCOUNT + 1): 403,
        "5": 404,
    }
    urn = world.creatives[0]["id"]
    reply = caller.get(
        f"{BELOW}/creatives?ids=List({quote(urn, safe='')})", X_RestLi_Method="BATCH_GET"
    )
    assert list(reply.body["results"]) == [urn]


def test_projection(caller: Caller) -> None:
    """Only named fields come back, absent ones stay absent."""
    reply = caller.get(f"{BELOW}?fields=id,version:(versionTag),referenceInfo,totalBudget")
    assert set(reply.body) == {"id", "version"}


def test_account_users(caller: Caller, world: World) -> None:
    """Users come in one page by default; low roles see themselves only."""
    target = f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}"
    body = caller.get(target).body
    assert body["paging"] == {"start": 0, "count": 2_147_483_647, "links": [], "total": 2}
    paged = caller.get(f"{target}&start=0&count=1").body
    assert len(paged["elements"]) == 1
    link = paged["paging"]["links"][0]
    assert link["rel"] == "next"
    following = caller.get(link["href"]).body
    assert paged["elements"] + following["elements"] == body["elements"]
    assert following["paging"]["links"] == []
    world.grant_access(ACCOUNT, "VIEWER")
    assert [row["user"] for row in caller.get(target).elements] == [world.member]
    own = caller.get("/rest/adAccountUsers?q=authenticatedUser").elements
    assert {row["role"] for row in own} == {"VIEWER", "ACCOUNT_MANAGER"}


@pytest.mark.parametrize(
    "target",
    [
        "/rest/adAccounts?q=search",
        f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}",
        f"{BELOW}/creatives?q=criteria",
    ],
)
def test_unstructured_finders_work_without_protocol_version(caller: Caller, target: str) -> None:
    """Three finders do without Rest.li 2.0 as long as nothing is structured."""
    reply = caller.get(target, X_Restli_Protocol_Version=None, X_RestLi_Method="FINDER")
    assert reply.status == 200


def test_access_taken_away_and_given_back(caller: Caller, world: World) -> None:
    """An account without a role is hidden from searches and closed below."""
    world.revoke_access(ACCOUNT)
    ids = [row["id"] for row in caller.get("/rest/adAccounts?q=search").elements]
    assert ids == [ACCOUNT + 1, ACCOUNT + 2]
    assert find(caller, "adCampaigns").status == 403
    world.grant_access(ACCOUNT)
    assert find(caller, "adCampaigns").status == 200


def test_changes_show(caller: Caller, world: World) -> None:
    """Changed entities show their changes and a later lastModified."""
    campaign = world.campaigns[0]
    before = campaign["changeAuditStamps"]["lastModified"]["time"]
    world.change("adCampaigns", campaign["id"], name="Ny ✓", status="PAUSED", dailyBudget=None)
    row = find(caller, "adCampaigns").elements[0]
    assert (row["name"], row["status"]) == ("Ny ✓", "PAUSED")
    assert "dailyBudget" not in row
    assert row["changeAuditStamps"]["lastModified"]["time"] == before + 1000
    world.change("creatives", 711220000, name="x", lastModified=5)
    assert find(caller, "creatives").elements[0]["lastModifiedAt"] == 5


def test_optional_keys_are_absent_never_null(world: World) -> None:
    """Rows miss optional keys here and there and have no nulls."""
    rows = [*world.accounts, *world.campaign_groups, *world.campaigns, *world.creatives]
    assert not [row for row in rows if None in row.values()]
    assert not all("reference" in row for row in world.accounts)
    assert not all("end" in row["runSchedule"] for row in world.campaigns)
    assert not all("name" in row for row in world.creatives)
    assert not all("review" in row for row in world.creatives)

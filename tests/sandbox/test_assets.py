"""Conversions, Insight Tags, leads, segments, companies and names."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox.world import worlds
from sandbox.world.ads import build, companies, truth
from sandbox.world.ads.names import name_of
from sandbox.world.pivots import MEMBER_PIVOTS, SPLITS
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, TODAY, Caller
from tests.sandbox.test_assets_refusals import (
    COMPANIES,
    CONVERSIONS,
    CRITERIA,
    LEADS,
    OF_ACCOUNT,
    OWNER,
    PAGE_OWNER,
    PREVIEWS,
    SPONSORED,
    TRACKING,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox, World

SECOND, THIRD = ACCOUNT + 1, ACCOUNT + 2
SHARED = 20_990_001


def ids(rows: list[dict[str, Any]]) -> list[Any]:
    """Return the ids of rows."""
    return [row["id"] for row in rows]


def read(caller: Caller, target: str, count: int = 7) -> list[dict[str, Any]]:
    """Return the rows of all pages by following the links."""
    found: list[dict[str, Any]] = []
    link = f"{target}&count={count}"
    for _ in range(100):
        body = caller.get(link).body
        found += body["elements"]
        links = [item for item in body["paging"]["links"] if item["rel"] == "next"]
        if not links:
            return found
        link = links[0]["href"]
    raise AssertionError(target)


def test_conversions(caller: Caller, world: World) -> None:
    """Owned ones by default; shared ones are another account's."""
    assert caller.get(CONVERSIONS).elements == truth.conversions(world, ACCOUNT, ["OWNED"])
    both = read(caller, f"{CONVERSIONS}&conversionOwnershipTypes=List(OWNED,SHARED)", 2)
    assert both == truth.conversions(world, ACCOUNT)
    (shared,) = caller.get(f"{CONVERSIONS}&conversionOwnershipTypes=List(SHARED)").elements
    assert (shared["id"], shared["ownershipType"]) == (SHARED, "SHARED")
    assert shared["account"].endswith(str(SECOND))
    assert caller.get(CONVERSIONS).body["paging"]["total"] == -1


def test_conversions_of_older_versions(caller: Caller) -> None:
    """Before 202605 nobody knew of ownership."""
    rows = caller.get(CONVERSIONS, LinkedIn_Version="202604").elements
    assert rows
    assert not any("ownershipType" in row for row in rows)


def test_conversions_have_optional_fields(world: World) -> None:
    """Value, rules and call-backs may be absent; some rules are disabled."""
    rows = [row for a in (ACCOUNT, SECOND, THIRD) for row in truth.conversions(world, a)]
    for name in ("value", "urlMatchRuleExpression", "lastCallbackAt"):
        assert {name in row for row in rows} == {True, False}, name
    assert {row["enabled"] for row in rows} == {True, False}
    assert all(row["lastModified"] < world.now for row in rows)


def test_one_conversion_and_batches(caller: Caller, world: World) -> None:
    """A shared conversion is readable through either account; unknown ids are errors."""
    number = ids(truth.conversions(world, ACCOUNT))[0]
    body = caller.get(f"/rest/conversions/{number}?account={ACCOUNT_URN}").body
    assert body == truth.conversions(world, ACCOUNT)[0]
    assert caller.get(f"/rest/conversions/{SHARED}?account={ACCOUNT_URN}").status == 200
    body = caller.get(f"/rest/conversions?ids=List({number},{SHARED},1)").body
    assert set(body["results"]) == {str(number), str(SHARED)}
    assert body["errors"]["1"]["status"] == 404
    world.revoke_access(SECOND)
    body = caller.get(f"/rest/conversions?ids=List({SHARED})").body
    assert body["results"][str(SHARED)]["ownershipType"] == "SHARED"
    world.revoke_access(ACCOUNT)
    assert caller.get(f"/rest/conversions?ids=List({SHARED})").body["errors"]


def test_unknown_account_has_no_conversions(caller: Caller) -> None:
    """LinkedIn answers with an empty list."""
    reply = caller.get(CONVERSIONS.replace(str(ACCOUNT), "1"))
    assert (reply.status, reply.elements) == (200, [])


def test_every_conversion_of_a_report_has_a_row(world: World) -> None:
    """Pivot CONVERSION names rules that the account owns or shares."""
    for make in (lambda: world, lambda: worlds.agency(today=TODAY, accounts=5)):
        made = make()
        for account, numbers in made.conversions.items():
            assert set(numbers) <= set(ids(truth.conversions(made, account)))


def test_associations(caller: Caller, world: World) -> None:
    """Campaigns name their conversions, also those of other accounts."""
    campaigns = [
        f"urn:li:sponsoredCampaign:{r['id']}" for r in world.of_account("adCampaigns", ACCOUNT)
    ]
    listed = ",".join(quote(urn, safe="") for urn in campaigns)
    rows = read(caller, f"/rest/campaignConversions?q=campaigns&campaigns=List({listed})", 3)
    expected = truth.campaign_conversions(world, ACCOUNT)
    assert sorted(map(str, rows)) == sorted(map(str, expected))
    assert any(row["conversion"].endswith(str(SHARED)) for row in rows)
    one = rows[0]
    campaign, conversion = (quote(one[name], safe="") for name in ("campaign", "conversion"))
    key = f"(campaign:{campaign},conversion:{conversion})"
    assert caller.get(f"/rest/campaignConversions/{key}").body == one
    missing = key.replace(one["campaign"].rpartition(":")[2], "77")
    body = caller.get(f"/rest/campaignConversions?ids=List({key},{missing})").body
    assert body["results"] == {key: one}
    assert body["errors"][missing]["status"] == 404


@pytest.mark.parametrize("account", [ACCOUNT, SECOND, THIRD])
def test_insight_tags(caller: Caller, world: World, account: int) -> None:
    """At most one per account; several accounts may use one."""
    by = f"?q=account&account={ACCOUNT_URN.replace(str(ACCOUNT), str(account))}"
    tags = caller.get(f"/rest/insightTags{by}").elements
    assert tags == truth.insight_tags(world, account)
    assert len(tags) == 1
    assert caller.get(f"/rest/insightTags/{tags[0]['id']}").body == tags[0]
    roles = caller.get(f"/rest/insightTagsPermission{by}").elements
    assert roles == truth.insight_tag_permissions(world, account)
    assert [row["role"] for row in roles] == ["USE_ONLY" if account == THIRD else "FULL"]
    domains = read(caller, f"/rest/insightTagDomains{by}", 50)
    expected = truth.insight_tag_domains(world, account)
    assert sorted(map(str, domains)) == sorted(map(str, expected))
    created = [row["created"] for row in domains]
    assert created == sorted(created, reverse=True)


def test_domains(caller: Caller) -> None:
    """A hundred rows unless asked otherwise; single ones by a compound key."""
    by = f"/rest/insightTagDomains?q=account&account={ACCOUNT_URN}"
    assert len(caller.get(by).elements) == 100
    (one,) = caller.get(f"{by}&domainName=shop007.example.com").elements
    key = f"(account:{ACCOUNT_URN},domainName:shop007.example.com)"
    assert caller.get(f"/rest/insightTagDomains/{key}").body == one
    body = caller.get(f"/rest/insightTagDomains?ids=List({key},{key.replace('007', '777')})").body
    assert list(body["results"].values()) == [one]
    assert len(body["errors"]) == 1


def test_lead_forms(caller: Caller, world: World) -> None:
    """Forms of accounts and of pages."""
    rows = read(caller, f"/rest/leadForms?q=owner&{OWNER}", 2)
    assert rows == truth.lead_forms(world, f"urn:li:sponsoredAccount:{ACCOUNT}")
    assert len(rows) == 3
    (page,) = caller.get(f"/rest/leadForms?q=owner&{PAGE_OWNER}").elements
    assert page["owner"] == {"organization": "urn:li:organization:9087651"}
    assert caller.get(f"/rest/leadForms/{rows[0]['id']}").body == rows[0]
    body = caller.get(f"/rest/leadForms?ids=List({rows[0]['id']},5)").body
    assert (len(body["results"]), len(body["errors"])) == (1, 1)


def test_leads(caller: Caller, world: World) -> None:
    """Real leads of the last 365 days in no order of time; test leads on demand, alone."""
    owner = f"urn:li:sponsoredAccount:{ACCOUNT}"
    rows = read(caller, SPONSORED, 20)
    expected = truth.leads(world, owner)
    assert sorted(ids(rows)) == sorted(ids(expected))
    assert len(rows) < sum(
        row["leadType"] == "SPONSORED" for row in world.table("leadFormResponses").values()
    )
    times = [row["submittedAt"] for row in rows]
    assert times != sorted(times)
    assert times != sorted(times, reverse=True)
    tests = read(caller, f"{SPONSORED}&limitedToTestLeads=true", 20)
    assert sorted(ids(tests)) == sorted(ids(truth.leads(world, owner, test=True)))
    assert tests
    assert caller.get(f"/rest/leadFormResponses/{rows[0]['id']}").body == rows[0]


def test_leads_of_a_time_range(caller: Caller, world: World) -> None:
    """The start is inclusive, the end is not."""
    times = sorted(
        row["submittedAt"] for row in truth.leads(world, f"urn:li:sponsoredAccount:{ACCOUNT}")
    )
    low, high = times[5], times[20]
    span = f"&submittedAtTimeRange=(start:{low},end:{high})"
    found = sorted(row["submittedAt"] for row in read(caller, SPONSORED + span))
    assert found == times[5:20]
    assert len(read(caller, f"{SPONSORED}&submittedAtTimeRange=(start:{high})")) == len(times) - 20


def test_leads_of_a_form_or_creative(caller: Caller) -> None:
    """Filters of one form's version and of one creative."""
    rows = read(caller, SPONSORED, 100)
    form = rows[0]["versionedLeadGenFormUrn"]
    found = read(caller, f"{SPONSORED}&versionedLeadGenFormUrn={quote(form, safe='')}", 100)
    assert found == [row for row in rows if row["versionedLeadGenFormUrn"] == form]
    creative = rows[0]["associatedEntity"]["associatedCreative"]
    found = read(caller, f"{SPONSORED}&associatedEntity={quote(creative, safe='')}", 100)
    assert found == [
        row for row in rows if row["associatedEntity"]["associatedCreative"] == creative
    ]


@pytest.mark.parametrize("kind", ["COMPANY", "EVENT", "ORGANIZATION_PRODUCT"])
def test_leads_of_a_page(caller: Caller, kind: str) -> None:
    """Organic leads have a type each."""
    rows = read(caller, f"{LEADS}&{PAGE_OWNER}&leadType=(leadType:{kind})")
    assert {row["leadType"] for row in rows} <= {kind}


def test_new_leads(caller: Caller, world: World) -> None:
    """A lead that comes in is served at once."""
    form = ids(truth.lead_forms(world, f"urn:li:sponsoredAccount:{ACCOUNT}"))[0]
    key = build.add_lead(world, form, world.now - 5, testLead=False)
    assert key in ids(read(caller, SPONSORED, 100))


@pytest.mark.parametrize("resource", ["adSegments", "dmpSegments"])
def test_segments(caller: Caller, world: World, resource: str) -> None:
    """Segments by account, in pages with totals."""
    finder = {
        "adSegments": f"q=accounts&accounts=List({ACCOUNT_URN})",
        "dmpSegments": f"q=account&account={ACCOUNT_URN}",
    }[resource]
    rows = read(caller, f"/rest/{resource}?{finder}", 5)
    assert rows == truth.segments(world, ACCOUNT, resource)
    assert len(rows) == 13
    assert caller.get(f"/rest/{resource}/{rows[0]['id']}").body == rows[0]
    assert caller.get(f"/rest/{resource}?{finder}").body["paging"]["total"] == 13


def test_dmp_segments_by_platform_and_their_destinations(caller: Caller) -> None:
    """A filter and a resource below a segment."""
    finder = f"/rest/dmpSegments?q=account&account={ACCOUNT_URN}&sourcePlatform=LIST_UPLOAD"
    rows = read(caller, finder)
    assert {row["sourcePlatform"] for row in rows} == {"LIST_UPLOAD"}
    below = caller.get(f"/rest/dmpSegments/{rows[0]['id']}/destinations").elements
    assert below == rows[0]["destinations"]


def test_companies(caller: Caller, world: World) -> None:
    """Sorted by falling paidImpressions; links lead through all pages."""
    rows = read(caller, COMPANIES + CRITERIA, 50)
    expected = list(companies.rows(world, ACCOUNT, "LAST_7_DAYS"))
    assert sorted(map(str, rows)) == sorted(map(str, expected))
    impressions = [row["paidImpressions"] for row in rows]
    assert impressions == sorted(impressions, reverse=True)
    assert len({row["companyPageUrl"] for row in rows}) == len(rows) > 100
    counts = [row[name] for row in rows for name in companies.COUNTS]
    assert not {1, 2} & set(counts)


def test_windows_nest(world: World) -> None:
    """A longer window has at least as much of everything."""
    tables = [
        {row["companyPageUrl"]: row for row in companies.rows(world, ACCOUNT, window)}
        for window in ("LAST_7_DAYS", "LAST_30_DAYS", "LAST_90_DAYS", "LAST_365_DAYS")
    ]
    for short, long in itertools.pairwise(tables):
        for url, row in short.items():
            assert all(row[name] <= long[url][name] for name in companies.COUNTS)


def test_company_filters(caller: Caller, world: World) -> None:
    """Segments narrow the list; a campaign has no organic figures; names can be skipped."""
    everything = read(caller, COMPANIES + CRITERIA, 500)
    segment = "urn:li:adSegment:22660100"
    some = read(
        caller, f"{COMPANIES}&filterCriteria=(adSegments:List({quote(segment, safe='')}))", 500
    )
    assert 0 < len(some) < len(everything)
    assert len(some) == len(list(companies.rows(world, ACCOUNT, segments=[segment])))
    campaign = "(campaign:urn%3Ali%3AsponsoredCampaign%3A360450000)"
    rows = read(caller, f"{COMPANIES}&filterCriteria={campaign}", 500)
    assert rows
    assert all(row["organicImpressions"] == row["organicEngagements"] == 0 for row in rows)
    bare = read(caller, f"{COMPANIES}{CRITERIA}&skipCompanyDecoration=true", 500)
    assert {row["companyName"] for row in bare} == {""}


@pytest.mark.parametrize(
    ("version", "fields"), [("202602", 10), ("202603", 12), ("202605", 13), ("202606", 17)]
)
def test_company_fields_by_version(caller: Caller, version: str, fields: int) -> None:
    """Fields came one after the other."""
    rows = caller.get(COMPANIES + CRITERIA, LinkedIn_Version=version).elements
    assert {len(row) for row in rows} == {fields}


def test_companies_start_beyond_the_old_limit(caller: Caller) -> None:
    """Newer versions have no upper limit."""
    reply = caller.get(f"{COMPANIES}{CRITERIA}&start=100000")
    assert (reply.status, reply.elements) == (200, [])


def test_names(caller: Caller, world: World) -> None:
    """Names come for URNs that LinkedIn can resolve; the others are left out."""
    urns = [f"urn:li:title:{number}" for number in range(1, 41)] + ["urn:li:organization:1035"]
    listed = ",".join(quote(urn, safe="") for urn in urns)
    target = f"/rest/adTargetingEntities?q=urns&urns=List({listed})"
    found = {row["urn"]: row["name"] for row in caller.get(target).elements}
    assert found == {urn: name for urn in urns if (name := name_of(world, urn)) is not None}
    assert 0 < len(found) < len(urns)
    assert found["urn:li:organization:1035"] == "Foreign Company"
    german = caller.get(f"{target}&queryVersion=QUERY_USES_URNS&locale=(language:de,country:DE)")
    assert all(row["name"].endswith("(de)") for row in german.elements if "title" in row["urn"])


def test_values_of_a_facet(caller: Caller) -> None:
    """All values of a facet, in pages."""
    target = "/rest/adTargetingEntities?q=adTargetingFacet&facet=urn%3Ali%3AadTargetingFacet%3A"
    rows = read(caller, f"{target}seniorities", 3)
    assert len(rows) == 10
    assert {row["facetUrn"] for row in rows} == {"urn:li:adTargetingFacet:seniorities"}
    assert "total" not in caller.get(f"{target}seniorities&totals=false").body["paging"]
    assert caller.get(f"{target}skills").elements == []


def test_names_of_every_demographic(world: World) -> None:
    """Most values of MEMBER pivots have a name."""
    for pivot in MEMBER_PIVOTS - {"MEMBER_COMPANY_SIZE"}:
        values = [value for (value,) in SPLITS[pivot].values]
        named = [value for value in values if name_of(world, value) is not None]
        assert len(named) * 10 >= len(values) * 8, pivot


def test_changes(caller: Caller, world: World) -> None:
    """Entities change while they are served, and so does their last modification."""
    before = caller.get(CONVERSIONS).elements[0]
    world.change("conversions", before["id"], enabled=not before["enabled"], value=None)
    after = caller.get(CONVERSIONS).elements[0]
    assert after["lastModified"] == before["lastModified"] + 1000
    assert (after["enabled"], "value" in after) == (not before["enabled"], False)
    number = ids(truth.segments(world, ACCOUNT))[0]
    world.change("adSegments", number, status="ARCHIVED", lastModified=5)
    row = caller.get(f"/rest/adSegments/{number}").body
    assert (row["status"], row["lastModified"]["time"]) == ("ARCHIVED", 5)


@pytest.mark.parametrize(
    "make", [worlds.small, lambda **w: worlds.agency(accounts=4, **w)], ids=["small", "agency"]
)
def test_worlds_are_deterministic(make: Callable[..., World]) -> None:
    """Seed and day decide everything."""
    one, two = make(today=TODAY), make(today=TODAY)
    for resource in ("conversions", "insightTags", "leadFormResponses", "dmpSegments"):
        assert one.table(resource) == two.table(resource)


def test_faults_and_log(caller: Caller, sandbox: Sandbox) -> None:
    """These resources fail on demand and are logged like the others."""
    sandbox.faults.add("status", path="/rest/leadFormResponses", status=502, body="<html>")
    assert caller.get(SPONSORED).status == 502
    reply = caller.get(SPONSORED)
    entry = sandbox.log[-1]
    assert (entry.resource, entry.finder) == ("leadFormResponses", "owner")
    assert entry.rows == len(reply.elements)


def test_previews(caller: Caller, world: World) -> None:
    """A creative has a frame for each placement, whose address lives for three hours."""
    account = f"urn:li:sponsoredAccount:{ACCOUNT}"
    drafts = 0
    for creative in world.creatives:
        if creative["account"] == account:
            target = f"/rest/adPreviews?q=creative&creative={quote(creative['id'], safe='')}"
            rows = caller.get(f"{target}&account={ACCOUNT_URN}").elements
            wanted = [r for r in truth.previews(world, ACCOUNT) if r["creative"] == creative["id"]]
            assert sorted(map(str, rows)) == sorted(map(str, wanted))
            assert bool(rows) == (creative["intendedStatus"] != "DRAFT")
            drafts += not rows
    assert drafts
    first, second = caller.get(f"{PREVIEWS}&account={ACCOUNT_URN}").elements
    assert {first["preview"].count("'"), second["preview"].count("'")} == {0, 4}
    assert f"&amp;expires={world.now + 3 * 3_600_000}&amp;" in first["preview"]


def test_tracking_parameters(caller: Caller, world: World, sandbox: Sandbox) -> None:
    """Accounts and campaigns have parameters of their own; 404 says that there are none."""
    owner = f"urn:li:sponsoredAccount:{ACCOUNT}"
    assert caller.get(OF_ACCOUNT).body == truth.tracking_parameters(world, owner)
    third = OF_ACCOUNT.replace(str(ACCOUNT), str(THIRD))
    assert caller.send("GET", third, {}).status == 404
    assert not truth.tracking_parameters(world, f"urn:li:sponsoredAccount:{THIRD}")
    for campaign in world.campaigns:
        urn = f"urn:li:sponsoredCampaign:{campaign['id']}"
        if campaign["type"] != "SPONSORED_INMAILS":
            target = TRACKING.format(f"sponsoredCampaign:{quote(urn, safe='')}")
            wanted = truth.tracking_parameters(world, urn)
            reply = caller.send("GET", target, {})
            assert reply.body == wanted if wanted else reply.status == 404
    assert not sandbox.refusals

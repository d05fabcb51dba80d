"""Every rule of the rest of the ads side has a request that breaks it, and nothing but it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import ASSET_RULES, Sandbox
from sandbox.world.ads import build
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

CONVERSIONS = f"/rest/conversions?q=account&account={ACCOUNT_URN}"
CAMPAIGN = "urn%3Ali%3AsponsoredCampaign%3A360450000"
OWNER = f"owner=(sponsoredAccount:{ACCOUNT_URN})"
PAGE_OWNER = "owner=(organization:urn%3Ali%3Aorganization%3A9087651)"
LEADS = "/rest/leadFormResponses?q=owner"
SPONSORED = f"{LEADS}&{OWNER}&leadType=(leadType:SPONSORED)"
COMPANIES = f"/rest/accountIntelligence?q=account&account={ACCOUNT_URN}"
CRITERIA = "&filterCriteria=(lookbackWindow:LAST_7_DAYS)"
TITLE = "urn%3Ali%3Atitle%3A9"
MESSAGE = "urn%3Ali%3AadInMailContent%3A1"
TALK = "urn%3Ali%3AsponsoredConversation%3A1"
CREATIVE = "urn%3Ali%3AsponsoredCreative%3A711220000"
PREVIEWS = f"/rest/adPreviews?q=creative&creative={CREATIVE}"
TRACKING = "/rest/adTrackingParameters/(adEntity:({}))"
OF_ACCOUNT = TRACKING.format(f"sponsoredAccount:{ACCOUNT_URN}")
MESSAGES = "urn%3Ali%3AsponsoredCampaign%3A360450002"


def lose_role(sandbox: Sandbox) -> None:
    """Take the member's role on the first account away."""
    sandbox.world.revoke_access(ACCOUNT)


def many_segments(sandbox: Sandbox) -> None:
    """Let the first account have more DMP segments than LinkedIn serves."""
    for number in range(1001):
        build.add_dmp_segment(sandbox.world, ACCOUNT, 15_000_000 + number)


def no_product(sandbox: Sandbox) -> None:
    """Take the private product away."""
    sandbox.switches.company_intelligence = False


@dataclass(frozen=True)
class Case:
    """A request that breaks one rule."""

    rule: str
    status: int
    target: str
    says: str = ""
    version: str = "202609"
    scopes: tuple[str, ...] | None = None
    prepare: Callable[[Sandbox], Any] | None = None
    headers: dict[str, str | None] = field(default_factory=dict)


CASES = [
    # roles and scopes
    *(
        Case("no_role", 403, target, prepare=lose_role)
        for target in (
            CONVERSIONS,
            f"/rest/conversions/20560003?account={ACCOUNT_URN}",
            f"/rest/campaignConversions?q=campaigns&campaigns=List({CAMPAIGN})",
            f"/rest/insightTags?q=account&account={ACCOUNT_URN}",
            f"/rest/insightTagsPermission?q=account&account={ACCOUNT_URN}",
            f"/rest/insightTagDomains?q=account&account={ACCOUNT_URN}",
            f"/rest/leadForms?q=owner&{OWNER}",
            SPONSORED,
            f"/rest/adSegments?q=accounts&accounts=List({ACCOUNT_URN})",
            f"/rest/dmpSegments?q=account&account={ACCOUNT_URN}",
            f"{PREVIEWS}&account={ACCOUNT_URN}",
            OF_ACCOUNT,
            TRACKING.format(f"sponsoredCampaign:{CAMPAIGN}"),
        )
    ),
    *(
        Case("scope_missing", 403, target, scopes=scopes)
        for target, scopes in (
            (CONVERSIONS, ("r_ads_reporting",)),
            (f"/rest/insightTags?q=account&account={ACCOUNT_URN}", ("r_ads_reporting",)),
            (SPONSORED, ("r_ads", "rw_ads")),
            (f"/rest/leadForms?q=owner&{OWNER}", ("r_ads_reporting",)),
            (f"/rest/dmpSegments?q=account&account={ACCOUNT_URN}", ("r_ads", "rw_ads")),
            (f"/rest/adSegments?q=accounts&accounts=List({ACCOUNT_URN})", ("rw_dmp_segments",)),
            (f"/rest/inMailContents/{MESSAGE}", ("r_ads_reporting",)),
            (f"/rest/conversationAds/{TALK}/sponsoredMessageContents", ("r_ads_reporting",)),
            (COMPANIES + CRITERIA, ("r_ads", "rw_ads")),
            (f"{PREVIEWS}&account={ACCOUNT_URN}", ("r_ads_reporting",)),
            (OF_ACCOUNT, ("r_ads_reporting",)),
        )
    ),
    Case(
        "intelligence_role",
        403,
        COMPANIES + CRITERIA,
        "PERMISSION_DENIED: Access request for sponsored account denied",
        prepare=lose_role,
    ),
    Case(
        "intelligence_product",
        403,
        COMPANIES + CRITERIA,
        "Not enough permissions to access /accountIntelligence API",
        prepare=no_product,
    ),
    Case(
        "lead_role",
        403,
        f"/rest/leadForms?q=owner&{PAGE_OWNER.replace('9087651', '9087660')}",
    ),
    # conversions
    Case("param_required", 400, "/rest/conversions?q=account"),
    Case("param_required", 400, "/rest/conversions/20560003", "Parameter 'account' is required"),
    Case("param_required", 400, "/rest/campaignConversions?q=campaigns&campaigns=List()"),
    Case("list_expected", 400, f"/rest/campaignConversions?q=campaigns&campaigns={CAMPAIGN}"),
    Case("list_expected", 400, f"{CONVERSIONS}&conversionOwnershipTypes=OWNED"),
    Case("enum_value", 400, f"{CONVERSIONS}&conversionOwnershipTypes=List(MINE)"),
    Case(
        "param_not_allowed",
        400,
        f"{CONVERSIONS}&conversionOwnershipTypes=List(OWNED)",
        "conversionOwnershipTypes",
        version="202604",
    ),
    Case("param_not_allowed", 400, f"{CONVERSIONS}&pageSize=10"),
    Case("param_invalid", 400, CONVERSIONS.replace("%3A", ":")),
    Case("urn_prefix", 400, CONVERSIONS.replace("sponsoredAccount", "organization")),
    Case("count_limit", 400, f"{CONVERSIONS}&count=1001", "larger than 1000"),
    Case("index_range", 400, f"{CONVERSIONS}&count=0"),
    Case("batch_empty", 400, "/rest/conversions?ids=List()"),
    Case("param_invalid", 400, "/rest/conversions?ids=List(a)"),
    Case("path_key_type", 400, f"/rest/conversions/x?account={ACCOUNT_URN}"),
    Case("path_syntax", 400, "/rest/campaignConversions/1"),
    Case("param_invalid", 400, f"/rest/campaignConversions/(campaign:{CAMPAIGN})"),
    *(
        Case("unknown_entity", 404, target)
        for target in (
            f"/rest/conversions/1?account={ACCOUNT_URN}",
            "/rest/insightTags/1",
            f"/rest/insightTagDomains/(account:{ACCOUNT_URN},domainName:x.example)",
            "/rest/leadForms/1",
            "/rest/leadFormResponses/none",
            "/rest/adSegments/1",
            "/rest/dmpSegments/1",
            "/rest/dmpSegments/1/destinations",
            f"/rest/inMailContents/{MESSAGE}",
            f"/rest/conversationAds/{TALK}",
            f"/rest/conversationAds/{TALK}/sponsoredMessageContents",
            (
                f"/rest/campaignConversions/(campaign:{CAMPAIGN},"
                "conversion:urn%3Alla%3AllaPartnerConversion%3A1)"
            ),
        )
    ),
    Case("restli_method_mismatch", 400, CONVERSIONS, headers={"X-RestLi-Method": "GET"}),
    Case("protocol_1_unsupported", 400, CONVERSIONS, headers={"X-Restli-Protocol-Version": None}),
    Case("unknown_finder", 400, "/rest/insightTags?q=accounts"),
    Case("unknown_resource", 404, "/rest/insightTagPermissions?q=account"),
    # leads
    Case("owner_key", 400, "/rest/leadForms?q=owner&owner=()"),
    Case(
        "owner_key",
        400,
        f"/rest/leadForms?q=owner&{OWNER[:-1]},organization:urn%3Ali%3Aorganization%3A1)",
    ),
    Case("param_invalid", 400, f"/rest/leadForms?q=owner&owner={ACCOUNT_URN}"),
    Case("param_required", 400, f"{LEADS}&{OWNER}", "Parameter 'leadType' is required"),
    Case("param_invalid", 400, f"{LEADS}&{OWNER}&leadType=SPONSORED"),
    Case("enum_value", 400, f"{LEADS}&{OWNER}&leadType=(leadType:ALL)"),
    Case("lead_type", 400, f"{LEADS}&{OWNER}&leadType=(leadType:COMPANY)"),
    Case("lead_type", 400, f"{LEADS}&{PAGE_OWNER}&leadType=(leadType:SPONSORED)"),
    Case("param_invalid", 400, f"{SPONSORED}&submittedAtTimeRange=(end:5)"),
    Case("param_invalid", 400, f"{SPONSORED}&limitedToTestLeads=1"),
    Case("count_limit", 400, f"{SPONSORED}&count=501", "larger than 500"),
    # segments
    Case("param_required", 400, "/rest/adSegments?q=accounts&accounts=List()"),
    Case(
        "segment_limit",
        429,
        f"/rest/dmpSegments?q=account&account={ACCOUNT_URN}",
        "SEGMENT_LIMIT_EXCEEDED",
        prepare=many_segments,
    ),
    # messages
    Case("urn_prefix", 400, f"/rest/inMailContents/{TALK}"),
    Case("urn_prefix", 400, "/rest/conversationAds/7"),
    Case("urn_prefix", 400, f"/rest/inMailContents?ids=List({TITLE})"),
    Case("batch_empty", 400, "/rest/inMailContents?ids=List()"),
    Case("param_not_allowed", 400, f"/rest/conversationAds/{TALK}?count=1"),
    # companies
    Case("param_required", 400, COMPANIES, "Parameter 'filterCriteria' is required"),
    Case("enum_value", 400, f"{COMPANIES}&filterCriteria=(lookbackWindow:LAST_14_DAYS)"),
    Case(
        "intelligence_window",
        400,
        f"{COMPANIES}&filterCriteria=(lookbackWindow:LAST_180_DAYS)",
        version="202603",
    ),
    Case(
        "intelligence_window",
        400,
        f"{COMPANIES}&filterCriteria=(lookbackWindow:LAST_365_DAYS)",
        version="202605",
    ),
    Case("list_expected", 400, f"{COMPANIES}&filterCriteria=(adSegments:{TITLE})"),
    Case("scalar_expected", 400, f"{COMPANIES}&filterCriteria=(campaign:List({CAMPAIGN}))"),
    Case("index_range", 400, f"{COMPANIES}{CRITERIA}&count=1001"),
    Case(
        "row_limit",
        400,
        f"{COMPANIES}{CRITERIA}&start=100000",
        "Row index 100000 exceeds maximum limit of 100,000.",
        version="202602",
    ),
    Case(
        "param_not_allowed",
        400,
        f"{COMPANIES}{CRITERIA}&skipCompanyDecoration=true",
        version="202602",
    ),
    # previews and tracking parameters
    Case("param_required", 400, PREVIEWS, "Parameter 'account' is required"),
    Case("param_required", 400, f"/rest/adPreviews?q=creative&account={ACCOUNT_URN}"),
    Case("scalar_expected", 400, f"/rest/adPreviews?q=creative&creative=List({CREATIVE})"),
    Case("param_not_allowed", 400, f"{PREVIEWS}&account={ACCOUNT_URN}&start=0"),
    Case("preview_account", 400, f"{PREVIEWS}&account={ACCOUNT_URN[:-1]}2"),
    Case("unknown_entity", 404, f"{PREVIEWS}9&account={ACCOUNT_URN}"),
    Case("unknown_entity", 404, f"{PREVIEWS}&account={ACCOUNT_URN}9"),
    Case("tracking_entity", 400, OF_ACCOUNT, version="202607"),
    Case("tracking_entity", 400, TRACKING.format("")),
    Case("tracking_messages", 400, TRACKING.format(f"sponsoredCampaign:{MESSAGES}")),
    Case("urn_prefix", 400, TRACKING.format(f"sponsoredCampaign:{ACCOUNT_URN}")),
    Case("path_syntax", 400, f"/rest/adTrackingParameters/{CAMPAIGN}"),
    Case("unknown_entity", 404, TRACKING.format(f"sponsoredCampaign:{CAMPAIGN}9")),
    # names
    Case("urn_count", 400, "/rest/adTargetingEntities?q=urns&urns=List()"),
    Case("urn_count", 400, f"/rest/adTargetingEntities?q=urns&urns=List({','.join([TITLE] * 51)})"),
    Case("param_invalid", 400, "/rest/adTargetingEntities?q=urns&urns=List(urn:li:title:9)"),
    Case("param_invalid", 400, f"/rest/adTargetingEntities?q=urns&urns=List({TITLE})&locale=en_US"),
    Case(
        "enum_value",
        400,
        "/rest/adTargetingEntities?q=adTargetingFacet&facet=urn%3Ali%3AadTargetingFacet%3Ax",
    ),
]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case.rule}" for number, case in enumerate(CASES)]
)
def test_request_is_refused(caller: Caller, sandbox: Sandbox, case: Case) -> None:
    """The request gets the rule's status and text."""
    if case.prepare:
        case.prepare(sandbox)
    headers = {"LinkedIn-Version": case.version, **case.headers}
    if case.scopes is not None:
        headers["Authorization"] = f"Bearer {sandbox.oauth.issue(case.scopes)}"
    reply = caller.send("GET", case.target, headers)
    assert (caller.rule(), reply.status) == (case.rule, case.status), reply.text
    assert case.says in reply.text


def test_every_rule_is_broken_by_a_test() -> None:
    """No rule is without a request that breaks it."""
    assert set(ASSET_RULES) <= {case.rule for case in CASES}

"""Every refusal rule has a request that breaks it, and nothing but it."""

# ruff: noqa: SIM905 - a list of names

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from sandbox import RULES, Sandbox
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNTS = "/rest/adAccounts?q=search"
BELOW = f"/rest/adAccounts/{ACCOUNT}"
CREATIVE = "urn%3Ali%3AsponsoredCreative%3A711220000"
FORM = "application/x-www-form-urlencoded"
FINDER: dict[str, str | None] = {"X-RestLi-Method": "FINDER"}
RANGE = "dateRange=(start:(year:2026,month:11,day:1),end:(year:2026,month:11,day:7))"
REPORT = {
    "q": "statistics",
    "pivots": "List(CREATIVE)",
    "timeGranularity": "DAILY",
    "dateRange": "(start:(year:2026,month:11,day:1),end:(year:2026,month:11,day:7))",
    "accounts": f"List({ACCOUNT_URN})",
    "fields": "impressions,dateRange,pivotValues",
}


def report(**changes: str | None) -> str:
    """Return a correct adAnalytics request with changes; None leaves a parameter out."""
    params = {**REPORT, **changes}
    query = "&".join(f"{name}={value}" for name, value in params.items() if value is not None)
    return f"/rest/adAnalytics?{query}"


def analytics(**changes: str | None) -> str:
    """Return a correct request to the finder analytics with changes."""
    return report(**{"q": "analytics", "pivots": None, "pivot": "CREATIVE", **changes})


def revenue(**changes: str | None) -> str:
    """Return a correct request to attributedRevenueMetrics with changes."""
    base = {
        "q": "attributedRevenueMetrics",
        "pivots": "List(CAMPAIGN)",
        "dateRange": "(start:(year:2026,month:9,day:1),end:(year:2026,month:10,day:31))",
        "account": ACCOUNT_URN,
        "accounts": None,
        "timeGranularity": None,
        "fields": None,
    }
    return report(**{**base, **changes})


@dataclass(frozen=True)
class Case:
    """A request that breaks one rule."""

    rule: str
    status: int
    target: str
    method: str = "GET"
    headers: dict[str, str | None] = field(default_factory=dict)
    body: str | None = None
    says: str = ""
    prepare: Callable[[Sandbox], Any] | None = None


def tunnel(rule: str, status: int, query: str = "q=search", **headers: str | None) -> Case:
    """Return a case of a tunnelled request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"X-HTTP-Method-Override": "GET", "Content-Type": FORM, **named}
    return Case(rule, status, "/rest/adAccounts", "POST", sent, query)


def fields(count: int) -> str:
    """Return that many names of fields."""
    names = (
        "impressions clicks landingPageClicks likes comments shares follows reactions opens sends "
        "videoViews videoStarts videoCompletions oneClickLeads viralLikes viralShares viralClicks "
        "viralFollows viralComments viralReactions cardClicks"
    ).split()
    return ",".join([*names[: count - 2], "dateRange", "pivotValues"])


CASES = [
    # transport
    Case("uri_too_long", 414, f"{ACCOUNTS}&fields={'x' * 4096}"),
    Case("uri_too_long", 414, f"/rest/{'a' * 4097}"),
    Case("uri_too_long", 414, "/rest/" + "/".join(["a" * 1000] * 9)),
    Case("uri_too_long", 414, ACCOUNTS, headers={"Cookie": "x" * 28_672}),
    Case("length_required", 411, "/rest/adAccounts", "POST", {"Content-Type": FORM}),
    Case(
        "tunnel_query",
        400,
        ACCOUNTS,
        "POST",
        {"X-HTTP-Method-Override": "GET", "Content-Type": FORM},
        "q=search",
    ),
    tunnel("tunnel_content_type", 400, Content_Type="application/json"),
    tunnel("tunnel_override", 405, X_HTTP_Method_Override="DELETE"),
    Case("get_body", 400, ACCOUNTS, body="x"),
    # versions
    Case(
        "version_missing", 400, ACCOUNTS, headers={"LinkedIn-Version": None}, says="VERSION_MISSING"
    ),
    *[
        Case("version_inactive", 426, ACCOUNTS, headers={"LinkedIn-Version": version}, says=says)
        for version, says in (
            ("202511", "Requested version 20251101 is not active"),
            ("202502", "Requested version 20250201 is not active"),
            ("202512", "NONEXISTENT_VERSION"),
            ("202612", "NONEXISTENT_VERSION"),
            ("latest", "NONEXISTENT_VERSION"),
            ("2026-09", "NONEXISTENT_VERSION"),
        )
    ],
    # authorization
    Case("token_empty", 401, ACCOUNTS, headers={"Authorization": None}, says="401"),
    Case("token_empty", 401, ACCOUNTS, headers={"Authorization": "Bearer "}),
    Case("token_invalid", 401, ACCOUNTS, headers={"Authorization": "Bearer x"}, says="65600"),
    Case("token_invalid", 401, ACCOUNTS, headers={"Authorization": "Basic x"}),
    Case(
        "token_revoked",
        401,
        ACCOUNTS,
        says="65601",
        prepare=lambda s: s.oauth.revoke(s.access_token),
    ),
    Case(
        "token_expired",
        401,
        ACCOUNTS,
        says="65602",
        prepare=lambda s: s.oauth.expire(s.access_token),
    ),
    Case(
        "member_restricted",
        401,
        ACCOUNTS,
        says="65608",
        prepare=lambda s: setattr(s.oauth.token(s.access_token), "restricted", True),
    ),
    Case(
        "scope_missing",
        403,
        report(),
        says="adAnalytics.FINDER-statistics.20260901",
        prepare=lambda s: setattr(s.oauth.token(s.access_token), "scopes", ("r_ads",)),
    ),
    Case(
        "scope_missing",
        403,
        ACCOUNTS,
        says="ACCESS_DENIED",
        prepare=lambda s: setattr(s.oauth.token(s.access_token), "scopes", ("r_ads_reporting",)),
    ),
    *[
        Case(
            "no_role",
            403,
            target,
            headers=headers,
            says="NO_PERMISSION_ON_ENTITY",
            prepare=lambda s: s.world.revoke_access(ACCOUNT),
        )
        for target, headers in (
            (BELOW, {}),
            (f"{BELOW}/adCampaigns?q=search", {}),
            (f"{BELOW}/adCampaignGroups?q=search", {}),
            (f"{BELOW}/creatives?q=criteria", FINDER),
            (f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}", {}),
        )
    ],
    # routing
    Case("unknown_resource", 404, "/rest/adUnicorns", says="RESOURCE_NOT_FOUND"),
    Case("unknown_resource", 404, "/rest/adCampaigns?q=search"),
    Case("unknown_resource", 404, "/v2/adAccounts?q=search"),
    Case("unknown_resource", 404, "/rest/adAccounts/?q=search"),
    Case("unknown_entity", 404, "/rest/adAccounts/1", says="NOT_FOUND"),
    Case("unknown_entity", 404, "/rest/adAccounts/1/adCampaigns?q=search"),
    Case("unknown_entity", 404, f"{BELOW}/adCampaigns/1"),
    Case("creatives_moved", 400, "/rest/creatives?q=criteria", says="advertiser account id"),
    Case("method_not_allowed", 405, "/rest/adAccounts", "POST", {"Content-Type": FORM}, "q=search"),
    Case("method_not_allowed", 405, BELOW, "DELETE", {"Content-Length": "0"}),
    Case("unknown_finder", 400, "/rest/adAccounts?q=find"),
    Case("no_finder", 400, "/rest/adAccounts"),
    Case("no_finder", 400, "/rest/adAnalytics?pivot=CAMPAIGN"),
    Case("restli_method_mismatch", 400, ACCOUNTS, headers={"X-RestLi-Method": "BATCH_GET"}),
    Case("restli_method_mismatch", 400, BELOW, headers={"X-RestLi-Method": "FINDER"}),
    Case("restli_method_missing", 400, f"{BELOW}/creatives?q=criteria"),
    Case(
        "path_key_type",
        400,
        "/rest/adAccounts/LI",
        says="Key value 'LI' must be of type 'java.lang.Long'",
    ),
    Case("path_syntax", 400, f"{BELOW}/creatives/urn:li:sponsoredCreative:711220000"),
    Case("path_syntax", 400, "/rest/adAccountUsers/7"),
    Case("protocol_unknown", 400, ACCOUNTS, headers={"X-Restli-Protocol-Version": "3.0.0"}),
    Case("protocol_1_unsupported", 400, report(), headers={"X-Restli-Protocol-Version": None}),
    Case(
        "protocol_1_unsupported",
        400,
        f"{ACCOUNTS}&search=(test:false)",
        headers={"X-Restli-Protocol-Version": None},
    ),
    # parameters
    Case("query_syntax", 400, f"{ACCOUNTS}&pageSize"),
    Case("param_repeated", 400, f"{ACCOUNTS}&pageSize=1&pageSize=1", says="ILLEGAL_ARGUMENT"),
    *[
        Case("param_not_allowed", 400, target, says="QUERY_PARAM_NOT_ALLOWED")
        for target in (
            f"{ACCOUNTS}&adType=x",
            f"{ACCOUNTS}&count=10",
            f"{BELOW}?q=search",
            report(**{"dateRange.start.year": "2026"}),
            report(**{"accounts[0]": ACCOUNT_URN}),
            report(pivot="CAMPAIGN"),
            report(pageSize="10"),
            analytics(pivots="List(CAMPAIGN)", pivot=None),
            analytics(objectiveType="VIDEO_VIEW"),
            revenue(timeGranularity="ALL"),
            f"{ACCOUNTS}&oauth2_access_token=x",
        )
    ],
    *[
        Case("param_invalid", 400, target, says="PARAM_INVALID")
        for target in (
            report(accounts=quote(f"List({ACCOUNT_URN})", safe="%")),
            report(accounts=quote(f"List({ACCOUNT_URN})", safe="()%").replace("(", "%28")),
            report(accounts="List(urn:li:sponsoredAccount:512340001)"),
            report(dateRange=quote(REPORT["dateRange"], safe="")),
            report(dateRange="(start:(year:2026,month:03,day:1))"),
            report(dateRange="(start:(year:2026,month:11))"),
            report(dateRange="(end:(year:2026,month:11,day:1))"),
            report(dateRange="(start:(year:2026,month:11,day:1)"),
            report(dateRange="(start:(year:2026,month:11,day:1)))"),
            report(dateRange="2026-11-01"),
            report(pivots="List(CREATIVE,)"),
            report(accounts="List(a+b)"),
            f"{ACCOUNTS}&search=(status:(values:List(ACTIVE)),status:(values:List(ACTIVE)))",
            f"{ACCOUNTS}&search=(color:(values:List(RED)))",
            f"{ACCOUNTS}&search=(test:yes)",
            f"{ACCOUNTS}&search={quote('(test:false)', safe='')}",
            f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN.replace('%3A', ':')}",
        )
    ],
    *[
        Case("list_expected", 400, target, says="array type is not backed by a DataList")
        for target in (
            report(accounts=ACCOUNT_URN),
            report(pivots="CREATIVE"),
            "/rest/adAccounts?ids=1",
            f"{ACCOUNTS}&search=(status:(values:ACTIVE))",
        )
    ],
    *[
        Case("scalar_expected", 400, target, says="FIELD_INVALID")
        for target in (
            report(timeGranularity="List(DAILY)"),
            analytics(pivot="(CAMPAIGN:x)"),
            f"/rest/conversions?q=account&account=List({ACCOUNT_URN})",
        )
    ],
    Case("param_required", 400, report(pivots=None), says="Parameter 'pivots' is required"),
    Case("param_required", 400, report(dateRange=None)),
    Case("param_required", 400, report(timeGranularity=None)),
    Case("param_required", 400, analytics(pivot=None)),
    Case("param_required", 400, "/rest/adAccountUsers?q=accounts"),
    Case(
        "facet_urn",
        400,
        report(accounts="List(urn%3Ali%3AsponsoredAccount%3AX%20Y)"),
        says="Array parameter 'accounts' value 'urn:li:sponsoredAccount:X Y' is invalid. "
        "Reason: Deserializing output 'urn:li:sponsoredAccount:X Y' failed",
    ),
    Case("facet_urn", 400, report(accounts=f"List({quote(ACCOUNT_URN, safe='')})")),
    Case("facet_urn", 400, report(campaigns=f"List({ACCOUNT_URN})")),
    Case("facet_urn", 400, report(accounts=f"List({ACCOUNT})")),
    Case(
        "urn_prefix",
        400,
        f"{BELOW}/adCampaigns?q=search&search=(id:(values:List(360450000)))",
        says="Invalid Urn format. Invalid prefix.",
    ),
    Case("urn_prefix", 400, f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT}"),
    Case("enum_value", 400, report(timeGranularity="WEEKLY")),
    Case("enum_value", 400, report(pivots="List(LEAD_GEN_FORM)")),
    Case("enum_value", 400, analytics(pivot="OBJECTIVE_TYPE")),
    Case("enum_value", 400, revenue(pivots="List(CREATIVE)")),
    Case("enum_value", 400, f"{ACCOUNTS}&search=(status:(values:List(BUSY)))"),
    Case("enum_value", 400, f"{ACCOUNTS}&sortOrder=UP"),
    *[
        Case("fields_name", 400, target, headers=headers, says="fields")
        for target, headers in (
            (report(fields="impressions,pivot"), {}),
            (report(fields="impressions,pivotValue"), {}),
            (report(fields="impressions,revenueAttributionMetrics"), {}),
            (report(fields="impressions%2Cclicks"), {}),
            (report(fields=""), {}),
            (report(fields="impressions,impressions"), {}),
            (revenue(fields="impressions"), {}),
            (revenue(fields="revenueAttributionMetrics:(luck)"), {}),
            (f"{BELOW}/creatives?q=criteria&fields=id,changeAuditStamps", FINDER),
            (f"{BELOW}/creatives?q=criteria&fields=id,type", FINDER),
            (f"{ACCOUNTS}&fields=id,colour", {}),
        )
    ],
    Case("fields_count", 400, report(fields=fields(21))),
    Case(
        "fields_version",
        400,
        report(fields="appointmentsScheduled"),
        headers={"LinkedIn-Version": "202604"},
    ),
    # paging
    *[Case("page_size", 400, f"{ACCOUNTS}&pageSize={size}") for size in ("0", "-1", "ten", "1.5")],
    Case("page_token", 400, f"{ACCOUNTS}&pageToken=abc"),
    Case("search_and_page_token", 400, f"{ACCOUNTS}&search=(test:false)&pageToken=abc"),
    Case(
        "index_range",
        400,
        f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}&start=0&count=1001",
        says="Specified count is larger than 1000",
    ),
    Case("index_range", 400, f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}&start=x"),
    *[
        Case(
            "too_many_entities",
            400,
            path,
            prepare=lambda s: setattr(s.switches, "largest_page", 50),
            says="Request would return too many entities.",
        )
        for path in (
            f"{ACCOUNTS}&pageSize=51",
            f"/rest/adAccountUsers?q=accounts&accounts={ACCOUNT_URN}&start=0&count=51",
        )
    ],
    # semantics
    *[
        Case(
            "criteria_required",
            400,
            f"{BELOW}/{name}",
            headers=headers,
            prepare=lambda s: setattr(s.switches, "criteria", "refuse"),
        )
        for name, headers in (("adCampaigns?q=search", {}), ("creatives?q=criteria", FINDER))
    ],
    Case("facet_required", 400, report(accounts=None)),
    Case("facet_required", 400, report(accounts="List()")),
    Case("facet_required", 400, report(accounts=None, campaignType="TEXT_AD")),
    Case("member_pivot", 400, report(pivots="List(MEMBER_COMPANY)"), says="FIELD_INVALID"),
    Case("pivot_count", 400, report(pivots="List(CREATIVE,CAMPAIGN,CAMPAIGN_GROUP,ACCOUNT)")),
    Case("pivot_count", 400, report(pivots="List()")),
    Case("pivot_count", 400, report(pivots="List(CREATIVE,CREATIVE)")),
    Case("sort_by", 400, report(sortBy="(field:IMPRESSIONS)")),
    Case("sort_by", 400, report(sortBy="(order:ASCENDING)")),
    Case("date_invalid", 400, report(dateRange="(start:(year:2026,month:2,day:30))")),
    Case(
        "date_order",
        400,
        says="START_DATE_AFTER_END_DATE",
        target=report(
            dateRange="(start:(year:2026,month:11,day:2),end:(year:2026,month:11,day:1))"
        ),
    ),
    Case("date_order", 400, report(dateRange="(start:(year:2026,month:11,day:23))")),
    Case(
        "date_too_early",
        400,
        report(dateRange="(start:(year:2016,month:11,day:21))"),
        says="DATE_TOO_EARLY",
    ),
    Case(
        "date_too_early",
        400,
        analytics(pivot="MEMBER_COMPANY", dateRange="(start:(year:2024,month:11,day:21))"),
    ),
    Case("date_too_early", 400, revenue(dateRange="(start:(year:2025,month:11,day:21))")),
    Case(
        "date_span",
        400,
        revenue(dateRange="(start:(year:2026,month:10,day:2),end:(year:2026,month:10,day:30))"),
    ),
    Case("one_account", 400, revenue(account=f"List({ACCOUNT_URN},{ACCOUNT_URN})")),
    Case(
        "next_link_followed",
        400,
        report(start="10", count="10"),
        prepare=lambda s: setattr(s.switches, "next_link", True),
    ),
    Case(
        "data_limit",
        429,
        report(),
        says="45 million metric values",
        prepare=lambda s: setattr(s.switches, "data_limit", 5),
    ),
]

CLIENT = {"client_id": "{id}", "client_secret": "{secret}"}
AUTHORIZE = {
    "response_type": "code",
    "client_id": "{id}",
    "redirect_uri": "http://localhost:9/back",
    "state": "s",
    "scope": "r_ads",
}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "{refresh}", **CLIENT}
CODE = {
    "grant_type": "authorization_code",
    "code": "x",
    **CLIENT,
    "redirect_uri": "http://localhost",
}


def without(form: dict[str, str], name: str) -> dict[str, str]:
    """Return the form without one parameter."""
    return {key: value for key, value in form.items() if key != name}


OAUTH_CASES: list[tuple[str, int, str, dict[str, str]]] = [
    ("oauth_method", 405, "GET accessToken", REFRESH),
    ("oauth_method", 405, "POST authorization", AUTHORIZE),
    ("oauth_content_type", 400, "JSON accessToken", REFRESH),
    *[("oauth_parameter", 400, "POST accessToken", without(REFRESH, name)) for name in REFRESH],
    *[("oauth_parameter", 400, "POST accessToken", without(CODE, name)) for name in CODE],
    ("oauth_parameter", 400, "POST introspectToken", CLIENT),
    ("oauth_parameter", 400, "GET authorization", without(AUTHORIZE, "scope")),
    ("oauth_parameter", 400, "GET authorization", {**AUTHORIZE, "response_type": "token"}),
    ("oauth_client", 401, "POST accessToken", {**REFRESH, "client_secret": "wrong"}),
    ("oauth_client", 401, "POST introspectToken", {"token": "x", **CLIENT, "client_id": "wrong"}),
    ("oauth_client", 401, "GET authorization", {**AUTHORIZE, "client_id": "wrong"}),
    ("oauth_redirect", 400, "GET authorization", {**AUTHORIZE, "redirect_uri": "https://a.test/"}),
    ("oauth_scope", 302, "GET authorization", {**AUTHORIZE, "scope": "r_ads w_everything"}),
    ("oauth_code", 401, "POST accessToken", CODE),
    ("oauth_refresh", 400, "POST accessToken", {**REFRESH, "refresh_token": "wrong"}),
    ("oauth_grant_type", 400, "POST accessToken", {**REFRESH, "grant_type": "client_credentials"}),
]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case.rule}" for number, case in enumerate(CASES)]
)
def test_request_is_refused(sandbox: Sandbox, caller: Caller, case: Case) -> None:
    """The request gets the rule's status and a body in one of LinkedIn's envelopes."""
    if case.prepare is not None:
        case.prepare(sandbox)
    reply = caller.send(case.method, case.target, case.headers, case.body)
    assert (caller.rule(), reply.status) == (case.rule, case.status)
    assert reply.body["status"] == case.status
    assert case.says in reply.text.replace("\\u2019", "'")
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("rule", "status", "call", "form"),
    OAUTH_CASES,
    ids=[f"{number}-{case[0]}" for number, case in enumerate(OAUTH_CASES)],
)
def test_oauth_request_is_refused(  # noqa: PLR0913, PLR0917 - a row of the table
    sandbox: Sandbox, caller: Caller, rule: str, status: int, call: str, form: dict[str, str]
) -> None:
    """The request gets the status and the two keys of OAuth errors."""
    filled = {
        name: value.format(
            id=sandbox.client_id, secret=sandbox.client_secret, refresh=sandbox.refresh_token
        )
        for name, value in form.items()
    }
    method, name = call.split()
    target, body = f"/oauth/v2/{name}", urlencode(filled)
    headers: dict[str, str | None] = {"Content-Type": FORM}
    if method == "JSON":
        reply = caller.send(
            "POST", target, {"Content-Type": "application/json"}, json.dumps(filled)
        )
    elif method == "GET":
        reply = caller.send("GET", f"{target}?{body}")
    else:
        reply = caller.send("POST", target, headers, body)
    assert (caller.rule(), reply.status) == (rule, status)
    assert set(reply.body) - {"state"} == {"error", "error_description"}


def test_every_rule_is_broken_by_a_test() -> None:
    """No rule is without a request that breaks it."""
    broken = {case.rule for case in CASES} | {rule for rule, *_ in OAUTH_CASES}
    assert broken == set(RULES)


def test_correct_requests_are_served(sandbox: Sandbox, caller: Caller) -> None:
    """The requests that the cases are derived from break no rule."""
    for target in (ACCOUNTS, BELOW, report(), analytics(), revenue(), report(fields=fields(20))):
        assert caller.get(target).status == 200, target
    assert sandbox.refusals == []


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({"LinkedIn-Version": None, "Authorization": None}, "version_missing"),
        ({"Authorization": None}, "token_empty"),
        ({}, "unknown_resource"),
    ],
)
def test_earlier_checks_win(caller: Caller, headers: dict[str, str | None], rule: str) -> None:
    """A request that is wrong in several ways gets the answer of the earliest check."""
    caller.send("GET", "/rest/adUnicorns?q=a&q=b", headers)
    assert caller.rule() == rule

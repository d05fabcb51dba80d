"""The refusals: every way in which the sandbox says no, with LinkedIn's status and body.

A rule has a name of its own, so that a test can say which rule a request broke. The bodies follow
LinkedIn's two envelopes (legacy and BadRequest with inputErrors); error texts may change without a
version there, so nobody should read more out of them than a status and a code.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.api.ads_rules import ASSET_RULES
from sandbox.api.page_rules import PAGE_RULES

Body = dict[str, Any]

#: Rule name -> what it demands.
RULES: dict[str, str] = {
    # transport
    "uri_too_long": "query up to 4096 bytes on a plain GET, URL 8 KB, segment 4 KB (LI-5)",
    "length_required": "a POST has a Content-Length (LI-5)",
    "tunnel_query": "a tunnelled POST carries its query in the body only (LI-5)",
    "tunnel_content_type": "a tunnelled query travels as application/x-www-form-urlencoded (LI-5)",
    "tunnel_override": "X-HTTP-Method-Override names GET (LI-5)",
    "get_body": "a GET has no body (LI-5)",
    # versions
    "version_missing": "LinkedIn-Version is required on every call (LI-1)",
    "version_inactive": "LinkedIn-Version names an active version (LI-1)",
    # authorization
    "token_empty": "an access token is required (LI-14)",
    "token_invalid": "the access token was issued by LinkedIn (LI-14)",
    "token_revoked": "the access token is not revoked (LI-14)",
    "token_expired": "the access token has not expired (LI-14)",
    "member_restricted": "the member is not restricted (LI-14)",
    "scope_missing": "the token's scopes cover the resource (LI-16)",
    "no_role": "the member has a role on the ad account (LI-16)",
    # routing
    "unknown_resource": "the path names a resource (LI-17)",
    "unknown_entity": "the path names an entity that exists (LI-17)",
    "creatives_moved": "creatives live below their ad account (LI-29)",
    "method_not_allowed": "reading resources answer GET",
    "unknown_finder": "q names a finder of the resource (LI-17)",
    "no_finder": "a collection is read with q or ids",
    "restli_method_mismatch": "X-RestLi-Method agrees with the route (LI-6)",
    "restli_method_missing": "creatives demand X-RestLi-Method (LI-6)",
    "path_key_type": "a numeric path key is a number (LI-2)",
    "path_syntax": "a path key follows the Rest.li 2.0 encoding (LI-2)",
    "protocol_unknown": "X-Restli-Protocol-Version is 1.0.0 or 2.0.0",
    "protocol_1_unsupported": "structured requests need X-Restli-Protocol-Version 2.0.0 (LI-2)",
    # parameters
    "query_syntax": "the query string is name=value pairs (LI-2)",
    "param_repeated": "a parameter is sent once (LI-4)",
    "param_not_allowed": "only declared parameters are sent (LI-4)",
    "param_invalid": "a value follows the Rest.li 2.0 encoding and its type (LI-2)",
    "list_expected": "a list parameter is List(...) (LI-3)",
    "scalar_expected": "a scalar parameter is not List(...) or a record (LI-3)",
    "param_required": "required parameters are sent (LI-4)",
    "facet_urn": "a facet holds URNs of its kind (LI-2)",
    "urn_prefix": "a URN has the right prefix (LI-2)",
    "enum_value": "an enum value is one that LinkedIn lists (LI-4)",
    "fields_name": "fields holds names of the schema (LI-7)",
    "fields_count": "fields holds at most 20 names (LI-41)",
    "fields_version": "fields holds names that the requested version knows (LI-41)",
    # paging
    "page_size": "pageSize is a positive number (LI-8)",
    "page_token": "pageToken belongs to the same request (LI-8)",
    "search_and_page_token": "adAccounts does not combine search and pageToken",
    "index_range": "start and count are numbers, count at most 1000 (LI-9)",
    "too_many_entities": "a page has no more rows than LinkedIn can give at once (LI-8)",
    # semantics
    "criteria_required": "searches name criteria (only with criteria='refuse') (LI-30)",
    "facet_required": "adAnalytics needs at least one facet (LI-42)",
    "member_pivot": "statistics has no MEMBER_* pivots (LI-42)",
    "pivot_count": "one to three different pivots, as most_pivots says (LI-42)",
    "sort_by": "sortBy has field and order",
    "date_invalid": "dates exist in the calendar",
    "date_order": "the start date is not after the end date",
    "date_too_early": "10 years are kept, 2 years for MEMBER_*, 1 year for revenue (LI-49)",
    "date_span": "attributed revenue covers 30 to 366 days (LI-55)",
    "one_account": "attributed revenue is asked for one account (LI-55)",
    "next_link_followed": "adAnalytics has no pages (LI-46)",
    "data_limit": "45 million metric values in five minutes (LI-19)",
    # OAuth
    "oauth_method": "the OAuth endpoints are called with their HTTP method",
    "oauth_parameter": "OAuth requests carry every required parameter",
    "oauth_client": "client id and secret are right",
    "oauth_redirect": "the redirect URL is registered",
    "oauth_scope": "the scopes are provisioned for the application",
    "oauth_code": "the authorization code exists, is unused and younger than 30 minutes",
    "oauth_refresh": "the refresh token exists and is alive (LI-23)",
    "oauth_grant_type": "grant_type is authorization_code or refresh_token",
    "oauth_content_type": "OAuth posts are form-encoded",
}


@dataclass
class Refusal(Exception):  # noqa: N818 - LinkedIn refuses; it is an answer, not a fault of ours
    """A request that LinkedIn would not serve.

    Attributes:
        rule: Name of the broken rule, a key of ``RULES``, ``PAGE_RULES`` or ``ASSET_RULES``; empty
            where asking was right and there is nothing.
        status: HTTP status.
        body: JSON body of the answer.
        headers: Additional response headers.
    """

    rule: str
    status: int
    body: Body
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Insist on a registered rule."""
        if self.rule and not any(self.rule in known for known in (RULES, PAGE_RULES, ASSET_RULES)):
            raise KeyError(self.rule)
        super().__init__(self.rule, self.status, self.body)


def legacy(rule: str, status: int, message: str, **more: Any) -> Refusal:
    """Build a refusal in LinkedIn's legacy envelope."""
    return Refusal(rule, status, {**more, "message": message, "status": status})


def input_error(
    rule: str,
    code: str,
    path: str,
    description: str | None = None,
    message: str = "Invalid param. Please see errorDetails for more information.",
) -> Refusal:
    """Build a 400 in the BadRequest envelope, with one inputError."""
    error: Body = {"code": code}
    if description is not None:
        error["description"] = description
    error["input"] = {"inputPath": {"fieldPath": path}}
    return Refusal(
        rule,
        400,
        {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": message,
            "errorDetails": {"inputErrors": [error]},
            "status": 400,
        },
    )


_SEVERAL = (
    "Multiple errors occurred during param validation. Please see errorDetails for more "
    "information."
)


def not_allowed(name: str) -> Refusal:
    """Refuse a parameter that the finder does not declare."""
    return input_error("param_not_allowed", "QUERY_PARAM_NOT_ALLOWED", name)


def invalid(name: str, rule: str = "param_invalid") -> Refusal:
    """Refuse a value of the wrong type or with broken syntax."""
    return input_error(
        rule, "PARAM_INVALID", name, "Invalid value for param; wrong type or other syntax error"
    )


def list_expected(name: str) -> Refusal:
    """Refuse a scalar where the schema has an array."""
    return input_error(
        "list_expected",
        "FIELD_INVALID",
        f"{name}/value",
        "ERROR :: /value :: array type is not backed by a DataList",
        _SEVERAL,
    )


def scalar_expected(name: str) -> Refusal:
    """Refuse a list or record where the schema has a scalar."""
    return input_error(
        "scalar_expected",
        "FIELD_INVALID",
        f"{name}/value",
        "ERROR :: /value :: primitive type is not backed by a String",
        _SEVERAL,
    )


def bad_enum(name: str, value: str, rule: str = "enum_value") -> Refusal:
    """Refuse a value outside an enum."""
    return input_error(
        rule,
        "FIELD_INVALID",
        f"{name}/value",
        f'ERROR :: /value :: "{value}" is not an enum symbol',
        _SEVERAL,
    )


def required(name: str) -> Refusal:
    """Refuse a request without a required parameter."""
    return legacy("param_required", 400, f"Parameter '{name}' is required")


def bad_facet(name: str, value: str) -> Refusal:
    """Refuse a facet value that is not a URN of the facet's kind (LinkedIn's captured text)."""
    return legacy(
        "facet_urn",
        400,
        f"Array parameter '{name}' value '{value}' is invalid. "
        f"Reason: Deserializing output '{value}' failed",
    )


def not_found(rule: str = "unknown_entity") -> Refusal:
    """Refuse a path whose entity does not exist."""
    return legacy(rule, 404, "Not Found", code="NOT_FOUND")


def nothing_set() -> Refusal:
    """Answer 404 where something that may be set is not: no rule is broken (LI-78)."""
    return not_found("")


def semantic(rule: str, code: str, message: str) -> Refusal:
    """Build a 400 with one of LinkedIn's registry codes."""
    return legacy(rule, 400, message, code=code)


def data_limit() -> Refusal:
    """Refuse a report beyond the data limit of adAnalytics (documented text)."""
    return legacy(
        "data_limit",
        429,
        "The data request limit has been exceeded. More than 45 million metric values were "
        "requested in a 5-minute window.",
        code="TOO_MANY_REQUESTS",
    )

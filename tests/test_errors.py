"""What LinkedIn's refusals mean: the bodies that were documented or recorded, one by one."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Failure, Remedy, classify

THROTTLED = "Resource level throttle {} limit for calls to this resource is reached."
VALIDATION = "Invalid param. Please see errorDetails for more information."


def validation(code: str, field: str, **more: str) -> dict[str, t.Any]:
    """Return the newer envelope with one input error."""
    error = {"code": code, "input": {"inputPath": {"fieldPath": field}}, **more}
    return {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": VALIDATION,
        "errorDetails": {"inputErrors": [error], "conditionalInputErrors": []},
    }


def case(status: int, remedy: Remedy, name: str, **body: t.Any) -> t.Any:  # noqa: ANN401
    """Return one row of the table, with the body as LinkedIn sends it."""
    content = json.dumps({"status": status, **body}).encode()
    return pytest.param(status, content, remedy, id=name)


@pytest.mark.parametrize(
    ("status", "content", "remedy"),
    [
        case(
            400,
            Remedy.FIX_REQUEST,
            "not allowed",
            **validation("QUERY_PARAM_NOT_ALLOWED", "adType"),
        ),
        case(400, Remedy.FIX_REQUEST, "invalid", **validation("PARAM_INVALID", "search")),
        case(400, Remedy.FIX_REQUEST, "field", **validation("FIELD_INVALID", "countries/value")),
        case(400, Remedy.FIX_REQUEST, "too early", code="DATE_TOO_EARLY", message="start value"),
        case(400, Remedy.FIX_REQUEST, "path key", message="Key value 'LI' must be of type 'Long'"),
        case(
            400, Remedy.FIX_REQUEST, "too many", message="Request would return too many entities. "
        ),
        case(400, Remedy.STOP, "no version", code="VERSION_MISSING", message="A version must be"),
        case(426, Remedy.STOP, "old version", code="NONEXISTENT_VERSION", message="not active"),
        case(
            401,
            Remedy.STOP,
            "empty token",
            serviceErrorCode=401,
            message="Empty oauth2_access_token",
        ),
        case(401, Remedy.STOP, "empty token, newer", code="EMPTY_ACCESS_TOKEN", message="Empty"),
        case(
            401, Remedy.STOP, "invalid token", serviceErrorCode=65600, code="INVALID_ACCESS_TOKEN"
        ),
        case(401, Remedy.STOP, "restricted", serviceErrorCode=65608, code="RESTRICTED_MEMBER"),
        case(401, Remedy.WAIT_FOR_TOKEN, "revoked", serviceErrorCode=65601, message="revoked"),
        case(401, Remedy.WAIT_FOR_TOKEN, "revoked, code alone", code="REVOKED_ACCESS_TOKEN"),
        case(401, Remedy.REFRESH_TOKEN, "expired", serviceErrorCode=65602, message="expired"),
        case(401, Remedy.REFRESH_TOKEN, "expired, code alone", code="EXPIRED_ACCESS_TOKEN"),
        case(403, Remedy.SET_ASIDE, "scope", serviceErrorCode=100, code="ACCESS_DENIED"),
        case(403, Remedy.SET_ASIDE, "role", code="NO_PERMISSION_ON_ENTITY", message="Viewer may"),
        case(403, Remedy.SET_ASIDE, "user", code="USER_NOT_AUTHORIZED"),
        case(404, Remedy.SET_ASIDE, "not found", code="NOT_FOUND", message="Not Found"),
        case(404, Remedy.SET_ASIDE, "no resource", code="RESOURCE_NOT_FOUND"),
        case(405, Remedy.FIX_REQUEST, "method"),
        case(408, Remedy.BACK_OFF, "timeout", code="TIMEOUT"),
        case(411, Remedy.FIX_REQUEST, "no length"),
        case(414, Remedy.FIX_REQUEST, "too long", code="REQUEST_URI_TOO_LONG"),
        case(429, Remedy.STOP_RESOURCE, "day", message=THROTTLED.format("APPLICATION DAY")),
        case(429, Remedy.STOP_RESOURCE, "member day", message=THROTTLED.format("MEMBER DAY")),
        case(
            429,
            Remedy.STOP_RESOURCE,
            "both day",
            message=THROTTLED.format("APPLICATION_AND_MEMBER DAY"),
        ),
        case(429, Remedy.BACK_OFF, "minute", message=THROTTLED.format("APPLICATION MINUTE")),
        case(
            429,
            Remedy.BACK_OFF,
            "old form",
            serviceErrorCode=101,
            message="Resource level throttle limit for calls to this resource is reached.",
        ),
        case(
            429,
            Remedy.WAIT_FOR_WINDOW,
            "metric values",
            code="TOO_MANY_REQUESTS",
            message="The data request limit has been exceeded. More than 45 million metric values "
            "were requested in a 5-minute window.",
        ),
        case(429, Remedy.SET_ASIDE, "segments", code="SEGMENT_LIMIT_EXCEEDED"),
        case(500, Remedy.BACK_OFF, "error", code="INTERNAL_ERROR", message="Internal Server Error"),
        case(502, Remedy.BACK_OFF, "gateway"),
        case(503, Remedy.BACK_OFF, "maintenance", code="UNDER_MAINTENANCE"),
        case(504, Remedy.BACK_OFF, "gateway timeout"),
        pytest.param(502, b"<html>Bad Gateway</html>", Remedy.BACK_OFF, id="HTML"),
        pytest.param(429, b"", Remedy.BACK_OFF, id="throttle without a body"),
        pytest.param(401, b"[]", Remedy.STOP, id="JSON that is no object"),
        pytest.param(302, b"", Remedy.FIX_REQUEST, id="redirect"),
    ],
)
def test_classify(status: int, content: bytes, remedy: Remedy) -> None:
    """Each refusal has one remedy; what cannot get better is not tried again."""
    failure = classify(status, content)
    assert failure.remedy is remedy
    assert failure.status == status
    assert failure.message


@pytest.mark.parametrize(("sent", "kept"), [(499, 499), (500, 500), (501, 500)])
def test_a_long_message_is_cut(sent: int, kept: int) -> None:
    """LinkedIn may send a page of HTML; a line of the log has some hundred characters."""
    message = classify(400, json.dumps({"message": "m" * sent}).encode()).message
    assert message == "m" * kept


def test_message_tells_which_parameter_was_refused() -> None:
    """The input errors of the newer envelope are part of the message, in one line."""
    body = validation("FIELD_INVALID", "countries/value", description="array\ntype is wrong")
    failure = classify(400, json.dumps(body).encode())
    assert failure.message == f"{VALIDATION} (countries/value: array type is wrong)"


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"serviceErrorCode": 100, "message": "Forbidden"}, True),
        ({"message": "Not enough permissions to access: adAnalytics.FINDER-statistics"}, True),
        ({"code": "NO_PERMISSION_ON_ENTITY", "message": "Viewer may not"}, False),
        ({}, False),
    ],
)
def test_missing_scope_is_told_from_missing_role(body: dict[str, t.Any], missing: bool) -> None:  # noqa: FBT001
    """A scope concerns everything, a role one ad account."""
    failure = classify(403, json.dumps(body).encode())
    assert failure.scope_missing == missing


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("35", 35.0), ("0", 0.0), ("-5", 0.0), ("soon", None), ("", None)],
)
def test_retry_after_is_read_where_it_is_a_number(
    header: str | None, seconds: float | None
) -> None:
    """Other forms of Retry-After leave the wait to the tap."""
    assert classify(429, b"{}", retry_after=header).retry_after == seconds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "message",
                    "code",
                    "errorDetails",
                    "inputErrors",
                    "input",
                    "inputPath",
                    "serviceErrorCode",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 599).filter(lambda s: s != 200), st.binary(max_size=40))
def test_classify_copes_with_any_bytes(status: int, content: bytes) -> None:
    """Whatever an edge server answers, there is a remedy and a message of one line."""
    failure = classify(status, content)
    assert isinstance(failure.remedy, Remedy)
    assert "\n" not in failure.message


@given(st.sampled_from([400, 401, 403, 404, 426, 429, 500]), JSON)
def test_classify_copes_with_any_json(status: int, body: t.Any) -> None:  # noqa: ANN401
    """Envelopes of unexpected shape do not break the reading of them."""
    failure = classify(status, json.dumps(body).encode())
    assert isinstance(failure.remedy, Remedy)
    assert len(failure.message) <= 500


@pytest.mark.parametrize(
    "details",
    [
        "text",
        {"inputErrors": "text"},
        {"inputErrors": [None]},
        {"inputErrors": ["text"]},
        {"inputErrors": [{"input": "text"}]},
        {"inputErrors": [{"input": {"inputPath": ["a", "b"]}}]},
        {"inputErrors": [{"description": {"a": 1}, "input": {"inputPath": {"fieldPath": 1}}}]},
    ],
    ids=str,
)
def test_classify_copes_with_malformed_details(details: object) -> None:
    """Input errors of another shape than LinkedIn's are passed over."""
    body = {"message": VALIDATION, "errorDetails": details}
    assert classify(400, json.dumps(body).encode()).remedy is Remedy.FIX_REQUEST


@pytest.mark.parametrize(
    ("status", "body", "resource", "words"),
    [
        (403, {"serviceErrorCode": 100}, "adAnalytics", ["scope r_ads_reporting"]),
        (403, {"serviceErrorCode": 100}, "adCampaigns", ["scope r_ads (or rw_ads)"]),
        (403, {"code": "NO_PERMISSION_ON_ENTITY"}, "creatives", ["role", "VIEWER", "r_ads"]),
        (403, {}, "posts", ["ADMINISTRATOR", "r_organization_social"]),
        (404, {}, "adAccounts", ["does not exist", "role"]),
        (404, {}, "organizations", ["page does not exist"]),
        (404, {}, "organizationAcls", ["no organizationAcls", "organization_ids"]),
        (426, {}, "adAccounts", ["api_version"]),
        (429, {"message": "DAY"}, "adAnalytics", ["quota for adAnalytics"]),
    ],
)
def test_explanations_say_what_to_do(
    status: int, body: dict[str, t.Any], resource: str, words: list[str]
) -> None:
    """A 403 names the scope or role that is missing; other refusals the setting or the wait."""
    text = explain(classify(status, json.dumps({"message": "Said.", **body}).encode()), resource)
    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Sun, 22 Nov 2026 12:00:35 GMT", 35.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 11:00:00 GMT", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_retry_after_may_be_an_instant(header: str, seconds: float | None) -> None:
    """It counts from the answer's own date, so that the host's clock does not matter."""
    sent_at = "Sun, 22 Nov 2026 12:00:00 GMT"
    assert classify(503, b"", retry_after=header, sent_at=sent_at).retry_after == seconds
    assert classify(503, b"", retry_after=header).retry_after is None


AT_A = {"input": {"inputPath": {"fieldPath": "a"}}}


@pytest.mark.parametrize(
    ("errors", "details", "fields"),
    [
        ([{**AT_A, "code": "C"}], " (a: C)", ("a",)),
        ([{**AT_A, "code": "C", "description": "D"}], " (a: D)", ("a",)),
        ([{"code": "C"}], " (C)", ()),
        ([{**AT_A, "code": "C"}, {"description": "D"}], " (a: C; D)", ("a",)),
        ([{}, "x"], "", ()),
        ("x", "", ()),
    ],
    ids=["code", "description", "no field", "several", "nothing", "no list"],
)
def test_input_errors_say_what_is_wrong_where(
    errors: object, details: str, fields: tuple[str, ...]
) -> None:
    """The field, and LinkedIn's words or else its code."""
    body = {"message": "Said.", "errorDetails": {"inputErrors": errors}}
    found = classify(400, json.dumps(body).encode())
    assert (found.message, found.fields) == (f"Said.{details}", fields)


def test_a_throttle_of_hours_is_a_quota() -> None:
    """The tap does not wait for hours: the next run does."""
    body = json.dumps({"message": THROTTLED.format("MEMBER MINUTE")}).encode()
    assert classify(429, body, retry_after="3600").remedy is Remedy.BACK_OFF
    assert classify(429, body, retry_after="3601").remedy is Remedy.STOP_RESOURCE


EXPLANATIONS = [
    (
        Failure(Remedy.SET_ASIDE, 403, "M", code="ACCESS_DENIED", scope_missing=True),
        "adCampaigns",
        (
            "the access token lacks the scope r_ads (or rw_ads) for adCampaigns; add the "
            "product to your LinkedIn app and have the member consent again"
        ),
    ),
    (
        Failure(Remedy.SET_ASIDE, 403, "M"),
        "adCampaigns",
        (
            "the member lacks a role on this ad account (VIEWER is enough), or the token "
            "lacks the scope r_ads (or rw_ads)"
        ),
    ),
    (
        Failure(Remedy.SET_ASIDE, 403, "M"),
        "posts",
        (
            "the member lacks the role ADMINISTRATOR (for posts also CONTENT_ADMINISTRATOR) "
            "on this page, or the token lacks the scope r_organization_social"
        ),
    ),
    (
        Failure(Remedy.SET_ASIDE, 404, "M"),
        "posts",
        "the page does not exist, or it is inactive",
    ),
    (
        Failure(Remedy.SET_ASIDE, 404, "M"),
        "organizationAcls",
        (
            "LinkedIn has no organizationAcls at this address, which lists what the member may "
            "read: run the tap again, and report it with this message if that stays; with "
            "organization_ids the tap does without the list"
        ),
    ),
    (
        Failure(Remedy.SET_ASIDE, 404, "M"),
        "adCampaigns",
        "it does not exist, or the member has no role on it (VIEWER is enough)",
    ),
    (
        Failure(Remedy.STOP, 426, "M"),
        "posts",
        "LinkedIn has switched off this API version: set api_version to a newer month",
    ),
    (
        Failure(Remedy.STOP_RESOURCE, 429, "M"),
        "posts",
        "LinkedIn's quota for posts is used up",
    ),
    (
        Failure(Remedy.SET_ASIDE, 429, "M", code="SEGMENT_LIMIT_EXCEEDED"),
        "adSegments",
        (
            "LinkedIn lists no segments of an ad account that has more than its limit: delete"
            " some of them, or do not select this stream"
        ),
    ),
    (
        Failure(Remedy.BACK_OFF, 500, "M"),
        "posts",
        (
            "posts gave no proper answer, however often it was asked: run the tap again "
            "later, it goes on from its state; if that stays so, check network and proxy, and"
            " raise request_timeout where answers take long"
        ),
    ),
    (
        Failure(Remedy.FIX_REQUEST, 400, "M"),
        "posts",
        (
            "posts refuses this request: run the tap again, and if it is refused again, "
            "report it with this message"
        ),
    ),
]


@pytest.mark.parametrize(
    ("failure", "resource", "advice"),
    EXPLANATIONS,
    ids=lambda value: value.remedy.name if isinstance(value, Failure) else value[:24],
)
def test_an_explanation_is_advice_and_what_linkedin_said(
    failure: Failure, resource: str, advice: str
) -> None:
    """With LinkedIn's code where it sends one."""
    code = f" [{failure.code}]" if failure.code else ""
    assert explain(failure, resource) == f"{advice}. LinkedIn said: M{code}"


def test_what_nobody_can_advise_on_is_shown() -> None:
    """An outage has the advice of a failure that did not go away."""
    assert explain(Failure(Remedy.STOP, 401, "M"), "posts") == "posts: M"
    outage, failed = (Failure(remedy, 500, "M") for remedy in (Remedy.OUTAGE, Remedy.BACK_OFF))
    assert explain(outage, "posts") == explain(failed, "posts")


@pytest.mark.parametrize(
    ("failure", "tried", "is_fresh", "may_pass"),
    [
        (Failure(Remedy.WAIT_FOR_TOKEN, 401, "M"), 1, False, True),
        (Failure(Remedy.WAIT_FOR_TOKEN, 401, "M"), 2, False, False),
        (Failure(Remedy.WAIT_FOR_TOKEN, 401, "M"), 2, True, True),
        (Failure(Remedy.BACK_OFF, 500, "M"), 7, False, True),
        (Failure(Remedy.WAIT_FOR_WINDOW, 429, "M"), 1, False, True),
        (Failure(Remedy.BACK_OFF, 500, "M", retry_after=10_000_000), 1, False, False),
        (Failure(Remedy.SET_ASIDE, 403, "M"), 1, True, False),
        (Failure(Remedy.STOP, 401, "M"), 1, True, False),
    ],
    ids=str,
)
def test_a_request_may_be_worth_another_try(
    failure: Failure, tried: int, *, is_fresh: bool, may_pass: bool
) -> None:
    """What passes by itself, and not after hours; a token while it is new, or once."""
    assert failure.may_pass(tried, token_is_fresh=is_fresh) is may_pass

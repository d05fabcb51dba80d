"""Refusals that can be worked around: what is tried instead, and what is remembered."""

from __future__ import annotations

import typing as t

import pytest

from tap_linkedin_ads.api.errors import Failure, Remedy
from tap_linkedin_ads.api.refused import (
    Difference,
    OtherSpelling,
    SmallerPages,
    WithoutOptional,
    says_nothing,
)
from tap_linkedin_ads.api.request import Request

Parameters = dict[str, t.Any]


def refusal(message: str = "No.", status: int = 400, fields: tuple[str, ...] = ()) -> Failure:
    """Return a refusal."""
    return Failure(Remedy.FIX_REQUEST, status, message, fields=fields)


def campaigns(**parameters: t.Any) -> Request:  # noqa: ANN401
    """Return a request for campaigns."""
    return Request("adCampaigns", "/adCampaigns", parameters, "FINDER", "campaigns")


def roles(**parameters: t.Any) -> Request:  # noqa: ANN401
    """Return a request for roles on pages, which has two optional parameters."""
    return Request("organizationAcls", "/organizationAcls", parameters)


def report(**parameters: t.Any) -> Request:  # noqa: ANN401
    """Return a request for a report, parameters of which have two spellings."""
    return Request("adAnalytics", "/adAnalytics", parameters)


def tried(requests: t.Iterable[Request]) -> list[Parameters]:
    """Return the parameters of what is tried."""
    return [dict(request.parameters) for request in requests]


# Pages


@pytest.mark.parametrize(
    ("message", "status", "fields", "is_tried"),
    [
        ("Request would return too many entities.", 400, (), True),
        ("specified count is larger than 7", 400, (), True),
        ("pageSize is odd", 400, (), True),
        ("Invalid param", 400, ("pageSize",), True),
        ("Invalid param", 400, ("/pageSize/value",), True),
        ("Invalid param", 400, ("pageSizes",), False),
        ("my_pageSize", 400, (), False),
        ("No.", 400, (), False),
        ("pageSize is odd", 403, (), False),
    ],
)
def test_a_page_size_that_is_refused_is_halved(
    message: str, status: int, fields: tuple[str, ...], *, is_tried: bool
) -> None:
    """Where the refusal is about it; from the first page on."""
    request = campaigns(q="s", pageSize=100, pageToken="x")
    found = SmallerPages().instead(request, refusal(message, status, fields))
    assert found == (campaigns(q="s", pageSize=50) if is_tried else None)


def test_a_page_has_at_least_ten_rows() -> None:
    """Smaller ones are not tried, and what has no size has none."""
    too_large = refusal("too many entities")
    assert SmallerPages().instead(campaigns(count=15), too_large) == campaigns(count=10)
    assert SmallerPages().instead(campaigns(count=10), too_large) is None
    assert SmallerPages().instead(campaigns(q="s"), too_large) is None


def test_three_smaller_pages_are_guessed() -> None:
    """Where nobody knows what is refused."""
    sizes = [request.parameters["count"] for request in SmallerPages().guesses(campaigns(count=80))]
    assert sizes == [40, 20, 10]
    sizes = [request.parameters["count"] for request in SmallerPages().guesses(campaigns(count=25))]
    assert sizes == [12, 10]
    assert list(SmallerPages().guesses(campaigns(q="s"))) == []


def test_a_page_size_that_was_answered_is_kept_to() -> None:
    """For all requests to the resource, but not behind a page token."""
    rule, asked = SmallerPages(), campaigns(pageSize=100)
    assert rule.fit(asked) is asked
    found = rule.learn(asked, campaigns(pageSize=50), refusal("Why."))
    assert found == Difference("adCampaigns", "pageSize=100", "pageSize=50", "Why.")
    assert found.text == "adCampaigns: LinkedIn refused pageSize=100; sent pageSize=50"
    assert rule.fit(campaigns(q="s", pageSize=70)) == campaigns(q="s", pageSize=50)
    small = campaigns(pageSize=50)
    assert rule.fit(small) is small
    behind = campaigns(pageSize=70, pageToken="x")
    assert rule.fit(behind) is behind
    other = roles(pageSize=70)
    assert rule.fit(other) is other
    assert rule.learn(asked, campaigns(pageSize=50), refusal()) is None
    assert rule.learn(asked, asked, refusal()) is None
    assert rule.learn(asked, campaigns(pageSize=60), refusal()) is None
    assert rule.learn(asked, campaigns(pageSize=25), refusal()) is not None
    assert rule.learn(campaigns(q="s"), campaigns(q="s"), refusal()) is None


# Optional parameters


@pytest.mark.parametrize(
    ("message", "status", "left"),
    [
        ("role is odd", 400, {"q": "a", "state": "s"}),
        ("role and state are odd", 400, {"q": "a"}),
        ("q is odd", 400, None),
        ("role is odd", 403, None),
    ],
)
def test_an_optional_parameter_that_is_refused_is_left_out(
    message: str, status: int, left: Parameters | None
) -> None:
    """Those that the refusal names."""
    found = WithoutOptional().instead(roles(q="a", role="r", state="s"), refusal(message, status))
    assert (found and dict(found.parameters)) == left


def test_optional_parameters_are_guessed_one_by_one_then_together() -> None:
    """One alone is not tried twice."""
    rule = WithoutOptional()
    assert tried(rule.guesses(roles(q="a", role="r", state="s", pageToken="x"))) == [
        {"q": "a", "state": "s"},
        {"q": "a", "role": "r"},
        {"q": "a"},
    ]
    assert tried(rule.guesses(roles(q="a", role="r"))) == [{"q": "a"}]
    assert tried(rule.guesses(roles(q="a"))) == []


def test_what_was_left_out_stays_left_out() -> None:
    """It is said once, and whether rows may be missing."""
    rule = WithoutOptional()
    asked = roles(q="a", role="r", state="s")
    assert rule.fit(asked) is asked
    assert rule.learn(asked, roles(q="a", role="r", state="s"), refusal()) is None
    found = rule.learn(asked, roles(q="a"), refusal("Why."))
    assert found == Difference("organizationAcls", "role, state", "the request without it", "Why.")
    assert rule.fit(asked) == roles(q="a")
    behind = roles(q="a", role="r", pageToken="x")
    assert rule.fit(behind) is behind
    assert rule.learn(asked, roles(q="a"), refusal()) is None
    fewer = rule.learn(campaigns(search="x"), campaigns(), refusal("Why."))
    instead = "the request without it, so rows may be missing"
    assert fewer == Difference("adCampaigns", "search", instead, "Why.")


def test_only_what_was_left_out_is_remembered() -> None:
    """The other parameter is sent on."""
    rule = WithoutOptional()
    assert rule.learn(roles(role="r", state="s"), roles(state="s"), refusal()) is not None
    assert rule.fit(roles(q="a", role="r", state="s")) == roles(q="a", state="s")


# Spellings

ACCOUNT = "urn:li:sponsoredAccount:5"
PREFERRED: Parameters = {"q": "a", "account": [ACCOUNT], "pivot": "CAMPAIGN"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"account": [ACCOUNT]}, {"account": ACCOUNT}),
        ({"account": (ACCOUNT,)}, {"account": ACCOUNT}),
        ({"account": ACCOUNT}, {"account": [ACCOUNT]}),
        ({"pivot": "CAMPAIGN"}, {"pivot": {"value": "CAMPAIGN"}}),
        ({"pivot": {"value": "CAMPAIGN"}}, {"pivot": "CAMPAIGN"}),
        ({"timeGranularity": "ALL"}, {"timeGranularity": {"value": "ALL"}}),
        ({"account": [ACCOUNT, ACCOUNT]}, None),
        ({"fields": "x"}, None),
    ],
    ids=str,
)
def test_a_spelling_that_is_refused_is_changed(
    before: Parameters, after: Parameters | None
) -> None:
    """A list of one or the value, an enumeration or a record of it; longer lists have no other."""
    (name,) = before
    rule, request = OtherSpelling(), report(q="a", **before)
    found = rule.instead(request, refusal(f"{name} is odd"))
    assert found == (report(q="a", **after) if after else None)
    assert tried(rule.guesses(request)) == ([{"q": "a", **after}] if after else [])
    assert rule.instead(request, refusal("other is odd")) is None
    assert rule.instead(request, refusal(f"{name} is odd", 403)) is None


def test_spellings_are_guessed_one_by_one_then_together() -> None:
    """From the one that the tap prefers."""
    assert tried(OtherSpelling().guesses(report(**PREFERRED, pageToken="x"))) == [
        {**PREFERRED, "account": ACCOUNT},
        {**PREFERRED, "pivot": {"value": "CAMPAIGN"}},
        {"q": "a", "account": ACCOUNT, "pivot": {"value": "CAMPAIGN"}},
    ]


def test_a_spelling_that_was_answered_is_kept_to() -> None:
    """It is said once."""
    rule, asked = OtherSpelling(), report(**PREFERRED)
    sent = report(q="a", account=ACCOUNT, pivot={"value": "CAMPAIGN"})
    assert rule.fit(asked) is asked
    assert rule.learn(asked, asked, refusal()) is None
    assert rule.learn(asked, sent, refusal("Why.")) == Difference(
        "adAnalytics",
        "account written as a list, pivot written as a value",
        "account written as a value, pivot written as a record",
        "Why.",
    )
    assert rule.fit(asked) == sent
    assert rule.fit(sent) is sent
    assert rule.learn(asked, sent, refusal()) is None
    assert rule.learn(sent, asked, refusal()) is not None


# Refusals without a word


@pytest.mark.parametrize(
    ("said", "nothing"),
    [
        (refusal("Bad request"), True),
        (refusal("pageSize"), False),
        (refusal("q"), True),
        (refusal("Bad request", 403), False),
        (refusal("Bad request", fields=("x",)), False),
    ],
)
def test_a_refusal_may_say_nothing(said: Failure, *, nothing: bool) -> None:
    """Neither a field nor one of the parameters."""
    assert says_nothing(campaigns(q="s", pageSize=100), said) == nothing

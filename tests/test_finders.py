"""Finders of ad accounts and of company pages: what they ask."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from tap_linkedin_ads.api.finders import AccountFinder, Cursor, Index, PageFinder
from tap_linkedin_ads.api.pagination import rows_of
from tests.linkedin_mock import REST, mocked

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.pagination import CursorPages, IndexPages

IN_PATH = AccountFinder("adCampaigns", "/adAccounts/{account}/adCampaigns", {"q": "s"}, Cursor(7))
IN_QUERY = AccountFinder("adForms", "/adForms", {"q": "account"}, Index(3), "account")
OF_PAGE = PageFinder("events", {"q": "organizer"}, "organizer", Index(2))


def url_and_method(finder: AccountFinder | PageFinder) -> tuple[str, str | None, int]:
    """Return what a finder asks of owner 5, its Rest.li method, and how many rows it reads."""
    with mocked() as linkedin:
        pages: CursorPages | IndexPages = finder.pages(linkedin.run.client, 5, "mine")
        answer = {"elements": [{"id": 1}], "metadata": {}}
        linkedin.linkedin.get(f"{REST}{pages.one_row().path}", json=answer)
        rows = list(rows_of(pages, linkedin.run.workers))
        assert linkedin.run.client.requests_sent == {"mine": 1}
        (request,) = linkedin.linkedin.request_history
        return linkedin.asked[0], request.headers.get("X-RestLi-Method"), len(rows)


@pytest.mark.parametrize(
    ("finder", "url"),
    [
        (IN_PATH, "/adAccounts/5/adCampaigns?q=s&pageSize=7"),
        (
            IN_QUERY,
            "/adForms?q=account&account=urn%3Ali%3AsponsoredAccount%3A5&start=0&count=3",
        ),
        (
            dataclasses.replace(IN_QUERY, takes_list=True),
            "/adForms?q=account&account=List(urn%3Ali%3AsponsoredAccount%3A5)&start=0&count=3",
        ),
        (
            IN_PATH.with_criteria(search="x", q="t"),
            "/adAccounts/5/adCampaigns?q=t&search=x&pageSize=7",
        ),
        (OF_PAGE, "/events?q=organizer&organizer=urn%3Ali%3Aorganization%3A5&start=0&count=2"),
    ],
    ids=["path", "parameter", "list", "more criteria", "page"],
)
def test_a_finder_asks_for_one_owner(finder: AccountFinder | PageFinder, url: str) -> None:
    """In the path or in a parameter, with the criteria it was declared with."""
    assert url_and_method(finder) == (url, None, 1)
    assert "search" not in IN_PATH.criteria
    assert "account" not in IN_QUERY.criteria


def test_a_finder_may_want_its_method_named() -> None:
    """In a header."""
    finder = dataclasses.replace(IN_PATH, restli_method="FINDER")
    assert url_and_method(finder)[1] == "FINDER"


@pytest.mark.parametrize(
    ("finder", "paging"),
    [
        (IN_PATH, {"pageSize": 1}),
        (IN_QUERY, {"start": 0, "count": 1}),
        (OF_PAGE, {"start": 0, "count": 1}),
    ],
    ids=["cursor", "index", "page"],
)
def test_a_finder_can_be_tried_with_one_row(
    finder: AccountFinder | PageFinder, paging: dict[str, int]
) -> None:
    """The first request, but smaller."""
    with mocked() as linkedin:
        request = finder.pages(linkedin.run.client, 5, "mine").one_row()
        assert request.resource == finder.resource
        assert request.stream == "mine"
        assert {name: request.parameters[name] for name in paging} == paging

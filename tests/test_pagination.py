"""LinkedIn's two page styles: when there is a next page, and that paging ends."""

from __future__ import annotations

import typing as t

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import CursorPages, IndexPages, rows_of
from tap_linkedin_ads.api.request import Request
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api import responses
    from tap_linkedin_ads.api.client import Client

REQUEST = Request("adCampaigns", "/adCampaigns", {"q": "search"})


class Pages:
    """Stands for LinkedIn: answers requests from a function of their parameters."""

    def __init__(self, answer: t.Callable[[dict[str, t.Any]], dict[str, t.Any]]) -> None:
        self._answer = answer
        self.asked: list[dict[str, t.Any]] = []

    def fetch_adapted(
        self, request: Request, decode: t.Callable[[bytes], responses.FinderAnswer]
    ) -> tuple[Request, responses.FinderAnswer]:
        """Answer one request."""
        self.asked.append(dict(request.parameters))
        assert len(self.asked) < 500, "paging does not end"
        return request, decode(msgspec.json.encode(self._answer(dict(request.parameters))))


def read(pages: Pages, style: type[CursorPages | IndexPages], size: int) -> list[int]:
    """Walk through all pages and return the rows."""
    walk = style(t.cast("Client", pages), REQUEST, size)
    ask, rows = walk.first(), []
    while ask is not None:
        answer = ask()
        rows += [msgspec.json.decode(raw) for raw in answer.elements]
        ask = walk.following(answer)
    return rows


@pytest.mark.parametrize(
    "last",
    [
        pytest.param({"metadata": {}}, id="no token"),
        pytest.param({"metadata": {"nextPageToken": None}}, id="null token"),
        pytest.param({"metadata": {"nextPageToken": ""}}, id="empty token"),
        pytest.param({"metadata": None}, id="null metadata"),
        pytest.param({}, id="no metadata"),
        pytest.param({"metadata": "text", "paging": {"links": [{"rel": "next"}]}}, id="others"),
    ],
)
def test_cursor_ends_in_every_form(last: dict[str, t.Any]) -> None:
    """Short and empty pages may have a next one; the last page shows in one of three forms."""
    script = {
        None: {"elements": [1, 2], "metadata": {"nextPageToken": "a/+="}},
        "a/+=": {"elements": [], "metadata": {"nextPageToken": "b"}},
        "b": {"elements": [3], **last},
    }
    pages = Pages(lambda parameters: script[parameters.get("pageToken")])
    assert read(pages, CursorPages, 2) == [1, 2, 3]
    assert pages.asked == [
        {"q": "search", "pageSize": 2},
        {"q": "search", "pageSize": 2, "pageToken": "a/+="},
        {"q": "search", "pageSize": 2, "pageToken": "b"},
    ]


def test_a_cursor_that_goes_in_circles_is_an_error() -> None:
    """A token that comes again would never end: that is told, not followed."""
    tokens = {None: "a", "a": "b", "b": "a"}
    pages = Pages(
        lambda p: {
            "elements": [len(pages.asked)],
            "metadata": {"nextPageToken": tokens[p.get("pageToken")]},
        }
    )
    with pytest.raises(RequestFailedError, match="repeats itself"):
        read(pages, CursorPages, 1)
    assert len(pages.asked) == 3


def index_answer(
    rows: list[int], parameters: dict[str, t.Any], *, links: bool, total: int | None
) -> dict[str, t.Any]:
    """Answer as LinkedIn does, with or without links and total."""
    start, count = parameters["start"], parameters["count"]
    paging: dict[str, t.Any] = {"start": start, "count": count, "links": []}
    if links and start + count < len(rows):
        paging["links"] = [{"rel": "next", "href": "/rest/elsewhere?start=0"}]
    if total is not None:
        paging["total"] = total
    return {"elements": rows[start : start + count], "paging": paging}


@given(st.integers(0, 30), st.integers(1, 10), st.booleans(), st.sampled_from(["none", "-1", "n"]))
def test_index_reads_every_row_once(count: int, size: int, links: bool, total: str) -> None:  # noqa: FBT001
    """Whether or not links and totals are there, every row is read, and once."""
    rows = list(range(count))
    said = {"none": None, "-1": -1, "n": count}[total]
    pages = Pages(lambda parameters: index_answer(rows, parameters, links=links, total=said))
    assert read(pages, IndexPages, size) == rows
    assert len(pages.asked) <= count // size + 1


@given(st.integers(0, 40), st.integers(1, 10), st.integers(1, 10), st.booleans(), st.booleans())
def test_index_reads_every_row_of_smaller_pages(
    count: int,
    size: int,
    most: int,
    links: bool,  # noqa: FBT001
    filtered: bool,  # noqa: FBT001
) -> None:
    """LinkedIn may give fewer rows a page than were asked for, and leave some out: none is lost."""
    rows = list(range(count))

    def answer(parameters: dict[str, t.Any]) -> dict[str, t.Any]:
        given_count = min(parameters["count"], most)
        total = None if links else count
        page = index_answer(rows, {**parameters, "count": given_count}, links=links, total=total)
        if filtered and links:
            page["elements"] = [row for row in page["elements"] if row % 3]
        return page

    wanted = [row for row in rows if row % 3] if filtered and links else rows
    assert sorted(set(read(Pages(answer), IndexPages, size))) == wanted


def test_index_ends_where_start_is_ignored() -> None:
    """A resource that gives the same full page again is read once."""
    pages = Pages(lambda _: {"elements": [1, 2], "paging": {"links": []}})
    rows = read(pages, IndexPages, 2)
    assert rows in ([1, 2], [1, 2, 1, 2])
    assert len(pages.asked) == 2


@pytest.mark.parametrize(
    "paging", [None, "text", {"links": None}, {"links": ["text"]}, {"total": "2"}]
)
def test_index_copes_with_other_shapes(paging: object) -> None:
    """A paging block of another shape ends at a short page."""
    assert read(Pages(lambda _: {"elements": [1], "paging": paging}), IndexPages, 2) == [1]


def test_index_goes_on_where_the_total_says_more() -> None:
    """A short or empty page without a link is not the end while its own total is larger."""
    script = {0: [1, 2], 3: [], 6: [3]}
    once = {"elements": [], "paging": {"links": [], "total": 7}}
    pages = Pages(
        lambda p: (
            once
            if len(pages.asked) == 1
            else {"elements": script[p["start"]], "paging": {"links": [], "total": 7}}
        )
    )
    assert read(pages, IndexPages, 3) == [1, 2, 3]
    assert [parameters["start"] for parameters in pages.asked] == [0, 0, 3, 3, 6]


def test_index_does_not_believe_a_total_for_ever() -> None:
    """A total that is never reached costs a few requests and ends."""
    pages = Pages(
        lambda p: {"elements": [1] if not p["start"] else [], "paging": {"total": 11, "links": []}}
    )
    assert read(pages, IndexPages, 5) == [1]
    assert len(pages.asked) <= 6


def pages_of(linkedin: Mocked, answers: list[t.Any]) -> None:
    """Let LinkedIn give these pages, one after the other, and then the last one again and again."""
    linkedin.linkedin.get(f"{REST}/things", [{"json": answer} for answer in answers])


def test_an_empty_page_between_others_is_no_end() -> None:
    """However many there are, as long as rows come in between."""

    def answer(_: dict[str, t.Any]) -> dict[str, t.Any]:
        n = len(pages.asked)
        metadata = {"nextPageToken": f"t{n}"} if n < 300 else {}
        return {"elements": [n] if n % 3 else [], "metadata": metadata}

    pages = Pages(answer)
    assert read(pages, CursorPages, 1) == [n for n in range(300) if n % 3]


@pytest.mark.parametrize(("empty", "is_endless"), [(100, False), (101, True)])
def test_a_hundred_empty_pages_are_believed(empty: int, *, is_endless: bool) -> None:
    """Behind one with rows, each with another token; one more is one too many."""

    def answer(_: dict[str, t.Any]) -> dict[str, t.Any]:
        n = len(pages.asked)
        is_last = n > empty + 1
        metadata = {} if is_last else {"nextPageToken": f"t{n}"}
        return {"elements": [n] if n == 1 or is_last else [], "metadata": metadata}

    pages = Pages(answer)
    if is_endless:
        with pytest.raises(RequestFailedError):
            read(pages, CursorPages, 1)
    else:
        assert len(read(pages, CursorPages, 1)) == 2


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (
            [{"elements": [], "paging": {"links": [{"rel": "next", "href": "x"}]}}],
            "one empty page after the other names a next one",
        ),
        (
            [{"elements": [{"id": 1}], "metadata": {"nextPageToken": "t"}}],
            "a page repeats itself or its page token",
        ),
    ],
    ids=["index", "cursor"],
)
def test_pages_without_end_are_refused(answers: list[t.Any], why: str) -> None:
    """It concerns this list alone."""
    with mocked() as linkedin:
        pages_of(linkedin, answers)
        style = IndexPages if "paging" in answers[0] else CursorPages
        pages = style(linkedin.run.client, Request("things", "/things"), 1)
        with pytest.raises(RequestFailedError) as raised:
            list(rows_of(pages, linkedin.run.workers))
        assert raised.value.resource == "things"
        assert why in raised.value.failure.message
        assert (raised.value.failure.status, raised.value.failure.remedy) == (0, Remedy.SET_ASIDE)

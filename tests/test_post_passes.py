"""Which ways through a page's posts a run takes, from how far an earlier one got."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.streams.pages.post_content import Post
from tap_linkedin_ads.streams.pages.post_pages import Place
from tap_linkedin_ads.streams.pages.post_passes import Pass, passes

YESTERDAY, TODAY = "2026-11-21", "2026-11-22"
PLACE = Place(40, 1_700_000_000_000, ["urn:li:share:40"])
NEWEST = "2026-11-20T10:00:00.000+00:00"


def post(number: int, modified: int) -> Post:
    """Return a post of which only place and modification matter."""
    wire: dict[str, t.Any] = {"id": f"urn:li:share:{number}", "lastModifiedAt": modified}
    return Post(wire, 1, number)


def stopped(began_on: str | None, end: Place | None = None) -> dict[str, t.Any]:
    """Return the markers of a pass that stopped behind PLACE."""
    one = Pass(None, end, NEWEST, began_on)
    one.reached = PLACE
    return one.markers()


@pytest.mark.parametrize("markers", [None, {}, {"newest": NEWEST}], ids=["none", "empty", "odd"])
@pytest.mark.parametrize("today", [None, TODAY])
def test_without_a_place_a_pass_begins_with_the_newest_post(
    markers: dict[str, t.Any] | None, today: str | None
) -> None:
    """Nothing is left of an earlier run, or nothing that says where it stopped."""
    assert list(passes(markers, today)) == [Pass(began_on=today)]


@pytest.mark.parametrize("began_on", [None, YESTERDAY])
def test_the_rest_is_enough_without_history(began_on: str | None) -> None:
    """Where a post has one row, the next run goes on behind the last post."""
    (rest,) = passes(stopped(began_on), None)
    assert (rest.start, rest.end, rest.newest) == (PLACE, None, NEWEST)


def test_the_rest_of_the_same_day_is_enough() -> None:
    """Stopped and resumed on one day, every post gets one row of it."""
    assert list(passes(stopped(TODAY), TODAY)) == [Pass(PLACE, None, NEWEST, TODAY)]


@pytest.mark.parametrize("began_on", [None, YESTERDAY], ids=["before history", "yesterday"])
def test_a_new_day_is_made_whole(began_on: str | None) -> None:
    """The rest is read to its end, then the newer posts again: each comes once on that day."""
    rest, new = passes(stopped(began_on), TODAY)
    assert rest == Pass(PLACE, None, NEWEST, began_on)
    assert new == Pass(None, PLACE, "", TODAY)
    known, later = post(40, PLACE.modified), post(7, PLACE.modified + 1)
    older, beside = post(41, PLACE.modified - 1), post(42, PLACE.modified)
    assert [new.holds(p) for p in (later, known, beside, older)] == [True, True, False, False]


def test_a_second_pass_goes_on_to_its_own_end_on_the_same_day() -> None:
    """What lay behind has been read on that day already."""
    end = Place(200, PLACE.modified - 5, ["urn:li:share:200"])
    assert list(passes(stopped(TODAY, end), TODAY)) == [Pass(PLACE, end, NEWEST, TODAY)]


def test_a_second_pass_goes_on_to_the_lists_end_on_another_day() -> None:
    """On the next day nothing has a row yet: the rest goes to the end, and the top follows."""
    end = Place(200, PLACE.modified - 5, ["urn:li:share:200"])
    rest, new = passes(stopped(YESTERDAY, end), TODAY)
    assert rest == Pass(PLACE, None, NEWEST, YESTERDAY)
    assert new == Pass(None, PLACE, "", TODAY)


def test_a_pass_moves_a_place_of_its_own() -> None:
    """Going on changes nothing of where the pass began."""
    rest, new = passes(stopped(YESTERDAY), TODAY)
    rest.pass_by(post(41, PLACE.modified), 2**63)
    assert new.end == PLACE


class Page:
    """Posts of one page, newest modification first, and what the runs of a tap gave of them."""

    def __init__(self, instants: list[int]) -> None:
        self.posts = [
            post(number, modified) for number, modified in enumerate(sorted(instants)[::-1])
        ]
        self.markers: dict[str, t.Any] | None = None
        self.rows: collections.Counter[tuple[str, str]] = collections.Counter()

    def run(self, day: str, quota: int) -> bool:
        """Give as many posts as a quota allows; tell whether the run came to its end."""
        given: set[str] = set()
        for one in passes(self.markers, day):
            place = one.start
            for found in self.posts:
                if found.modified < one.oldest or (place and place.is_behind(found)):
                    continue
                if not one.holds(found):
                    continue
                if len(given) == quota:
                    return False
                assert found.urn not in given, "twice in one run"
                given.add(found.urn)
                self.rows[found.urn, day] += 1
                one.pass_by(found, 2**63)
                self.markers = one.markers()
            self.markers = None
        return True


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 13)), min_size=1, max_size=8),
)
def test_a_complete_run_leaves_every_post_with_a_row_of_its_day(
    instants: list[int], runs: list[tuple[int, int]]
) -> None:
    """Wherever runs were stopped, on one day or several: who comes to the end has made it whole."""
    page, day = Page([10**12 + n for n in instants]), dt.date(2026, 11, 1)
    for days, quota in runs:
        day += dt.timedelta(days=days)
        if page.run(day.isoformat(), quota):
            assert {(p.urn, day.isoformat()) for p in page.posts} <= page.rows.keys()

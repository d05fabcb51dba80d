from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.versions import MOST_MONTHS, ApiVersion, recent

TODAY = dt.date(2027, 9, 20)


def version(*, is_pinned: bool = False, today: dt.date = TODAY) -> ApiVersion:
    """Return the default version on a day after its sunset."""
    return ApiVersion("202609", is_pinned=is_pinned, today=today)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31)))
def test_a_year_of_versions_is_tried_the_newest_first(today: dt.date) -> None:
    """Every month but December, from the present one back, each once."""
    found = list(recent(today))
    assert found == sorted(set(found), reverse=True)
    assert MOST_MONTHS - 1 <= len(found) <= MOST_MONTHS + 1
    assert not [month for month in found if month.endswith("12")]
    assert found[0] == (f"{today:%Y%m}" if today.month < 12 else f"{today.year}11")


def test_the_newest_version_that_answers_is_taken() -> None:
    """The present month's version may not have opened yet."""
    asked: list[str] = []
    found = version()

    def answers(month: str) -> bool:
        asked.append(month)
        return month <= "202708"

    assert found.follow_on("202609", answers)
    assert asked == ["202709", "202708"]
    assert (found.current, found.refused) == ("202708", "202609")


def test_the_search_is_made_once() -> None:
    """A request that was under way goes on with what was found; a further 426 is final."""
    found = version()
    assert found.follow_on("202609", lambda month: month == "202705")
    assert found.follow_on("202609", pytest.fail)
    assert not found.follow_on("202705", pytest.fail)


def test_at_most_a_year_is_asked_for() -> None:
    """Where LinkedIn answers none, the refusal stands."""
    count = itertools.count(1)
    asked = 0

    def answers(_: str) -> bool:
        nonlocal asked
        asked = next(count)
        return False

    found = version()
    assert not found.follow_on("202609", answers)
    assert asked <= MOST_MONTHS
    assert found.current == "202609"


def test_a_pinned_version_is_never_left() -> None:
    """What the user sets stays, and nothing is asked."""
    found = version(is_pinned=True)
    assert not found.follow_on("202609", pytest.fail)
    assert found.current == "202609"

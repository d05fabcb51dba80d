"""What the planner of reports expects: rows by day and ad account, parts of them, and doubt."""

from __future__ import annotations

import collections
import datetime as dt

import pytest

from tap_linkedin_ads.reporting.bands import (
    best_band,
    days_to_learn_from,
    pack,
    places_that_fit,
)
from tap_linkedin_ads.reporting.margins import Margin
from tap_linkedin_ads.reporting.outlook import Outlook
from tap_linkedin_ads.reporting.shares import Share
from tap_linkedin_ads.reporting.windows import DAY, Tally, Window

FIRST = dt.date(2026, 1, 1)
ANY_ROOM = float("inf")


def days(first: int, last: int) -> Window:
    """Return days, counted from 0, both ends included."""
    return Window(FIRST + DAY * first, FIRST + DAY * last)


def cells(window: Window, *rows: int) -> Tally:
    """Return a tally of ad accounts 1, 2 ..., each with so many rows every day."""
    tally = Tally()
    for account, count in enumerate(rows, 1):
        tally.cells[account].update(dict.fromkeys(window, count))
    return tally


def counted(last: int, *rows: int, known: int | None = None) -> Outlook:
    """Return an outlook that has counted the first of its days, or all."""
    outlook = Outlook(range(1, len(rows) + 1), days(0, last))
    read = days(0, last if known is None else known - 1)
    outlook.learn(range(1, len(rows) + 1), read, cells(read, *rows), adds=False)
    return outlook


def test_a_day_between_known_weeks_is_between_them() -> None:
    """The same weekday before and behind counts, by how near it is; one side counts alone."""
    outlook = Outlook([1], days(0, 34))
    for day, rows in ((7, 10), (28, 40)):
        outlook.learn([1], days(day, day), cells(days(day, day), rows), adds=False)
    found = [outlook.on(day) for day in (7, 14, 21, 28)]
    assert found == pytest.approx([10, 20, 30, 40])
    some = counted(20, 10, known=7)
    assert some.on(13) == 10
    assert some.of(1, 5, 14) == 90


def test_a_weekday_that_nobody_has_counted_is_like_the_days_that_are() -> None:
    """On average; the newest day is no neighbour of the oldest ones."""
    outlook = Outlook([1], days(0, 15))
    for day, rows in ((14, 100), (15, 50)):
        outlook.learn([1], days(day, day), cells(days(day, day), rows), adds=False)
    assert outlook.on(6) == 75


def test_an_ad_account_that_is_set_aside_is_expected_to_have_no_more_rows() -> None:
    """What was read of it still counts; its days no longer wait to be known."""
    outlook = Outlook([1, 2], days(0, 9))
    outlook.learn([1], days(0, 9), cells(days(0, 9), 5), adds=False)
    outlook.learn([2], days(0, 4), cells(days(0, 4), 0, 7), adds=False)
    assert outlook.known_days == 5
    outlook.forget(2)
    assert outlook.known_days == 10
    assert (outlook.of(1, 0, 10), outlook.of(2, 0, 10)) == (50, 35)


def test_rows_that_come_on_top_are_added() -> None:
    """Parts of an ad account's campaigns add up; another answer about all of them replaces."""
    outlook = counted(4, 5)
    outlook.learn([1], days(0, 4), cells(days(0, 4), 2), adds=True)
    assert outlook.of(1, 0, 5) == 35
    outlook.learn([1], days(0, 4), cells(days(0, 4), 6), adds=False)
    assert outlook.of(1, 0, 5) == 30


def test_a_field_group_is_a_part_of_the_first_one() -> None:
    """Of all ad accounts together, and of each; the newest answer weighs most."""
    share = Share(counted(9, 100, 100), is_first=False, is_dense=False)
    assert share.part is None
    share.learn([1, 2], 0, 5, Tally(by_account=collections.Counter({1: 500})))
    assert share.part == 0.5
    assert share.of(1, 5, 10) == pytest.approx(500 * 510 / 520)
    assert share.of(2, 5, 10) == pytest.approx(500 * 10 / 520)
    share.learn([1, 2], 5, 10, Tally(by_account=collections.Counter({1: 500, 2: 500})))
    assert share.part == pytest.approx(usual := 1400 / 1800)
    assert share.of(2, 5, 10) == pytest.approx(500 * (500 + 20 * usual) / 920)


def test_a_dense_field_group_is_expected_to_have_all_rows() -> None:
    """Before anything is seen of it, and for an ad account of which nothing is known."""
    share = Share(counted(9, 100), is_first=False, is_dense=True)
    assert (share.part, share.of(1, 0, 5), share.on(3)) == (1.0, 500, 100)


def test_a_field_group_follows_another_one_until_its_own_rows_are_seen() -> None:
    """What becomes known of the other one later counts, too."""
    outlook = counted(9, 100, known=5)
    example = Share(outlook, is_first=False, is_dense=False)
    share = Share(outlook, is_first=False, is_dense=False)
    example.learn([1], 5, 10, Tally(by_account=collections.Counter({1: 400})))
    share.follow(example)
    assert share.part == pytest.approx(0.8)
    assert not share.is_counted
    outlook.learn([1], days(5, 9), cells(days(5, 9), 80), adds=False)
    assert share.part == pytest.approx(1.0)
    assert share.is_counted
    share.learn([1], 0, 5, Tally(by_account=collections.Counter({1: 50})))
    assert share.part == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        (10.0, 60),  # 600 rows: whatever part comes fits
        (30.0, 60),  # 1,800: as likely as not it fits, else two more are needed
        (55.0, 30),  # 3,300: two requests for six tenths or less
    ],
)
def test_the_first_days_of_a_part_that_nobody_knows_leave_few_requests(
    rows: float, asked: int
) -> None:
    """Of 60 days, where a request takes 1,000 rows; half of them or less is likely."""
    found = days_to_learn_from([rows] * 60, later=0.0, days_left=60, longest=92, room=1000)
    assert found == asked


def test_doubt_grows_sooner_than_trust() -> None:
    """Two fifths of a larger error, one fifth of a smaller one; small answers tell nothing."""
    margin = Margin()
    margin.learn(10_000, 11_000)
    assert margin.part(0) == pytest.approx(0.04 + 0.058)
    margin.learn(10_000, 10_400)
    margin.learn(100, 1_000)
    assert margin.part(0) == pytest.approx(0.04 + 0.0464)
    assert margin.part(1) == pytest.approx(0.04 + 2 * 0.0464)


def test_the_largest_ad_accounts_are_placed_first() -> None:
    """Then each goes where there is most room."""
    assert pack({1: 1, 2: 5, 3: 5}, 2, ANY_ROOM) == [(1, 2), (3,)]
    assert pack({1: 6, 2: 6, 3: 6}, 1, 10) == [(1,), (2,), (3,)]


def test_days_without_rows_are_halved_until_there_are_enough_windows() -> None:
    """The longest window first."""
    assert places_that_fit([0] * 10, 100, at_least=3) == [(0, 2), (2, 5), (5, 10)]
    assert places_that_fit([50, 50, 1], 100) == [(0, 1), (1, 3)]


def test_a_band_is_as_long_as_its_requests_are_full() -> None:
    """Three days fill nine tenths of a request; ten days fill three requests side by side."""
    band = best_band(
        [30.0] * 10, [], later=0.0, days_left=10, longest=92, room=100, may_divide=True
    )
    assert (band.days, band.parts) == (10, 3)
    whole = best_band(
        [30.0] * 10, [], later=0.0, days_left=10, longest=92, room=100, may_divide=False
    )
    assert (whole.days, whole.parts) == (3, 1)


def test_an_ad_account_too_large_for_an_answer_takes_requests_of_its_own() -> None:
    """Sixty rows a day of eighty: two days would take three requests, a day alone takes one."""
    band = best_band(
        [80.0, 80.0], [60.0], later=0.0, days_left=2, longest=92, room=100, may_divide=True
    )
    assert (band.days, band.parts) == (1, 1)

"""The steps of a plan, one by one: what is asked after which answer."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from dataclasses import replace

import pytest

from tap_linkedin_ads.reporting.bands import balance
from tap_linkedin_ads.reporting.periods import MONTHLY
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import (
    AIM,
    DAY,
    ELEMENT_LIMIT,
    FULLEST,
    LONGEST_WINDOW,
    Tally,
    Window,
)

if t.TYPE_CHECKING:
    from tap_linkedin_ads.reporting.chunks import Chunk

FIRST = dt.date(2026, 1, 1)
QUARTER = Window(FIRST, dt.date(2026, 3, 31))
YEAR = Window(FIRST, dt.date(2026, 12, 31))
ONE_DAY = Window(FIRST, FIRST)


def answer(
    window: Window, rows: int, *, accounts: t.Sequence[int] = (1,), campaigns: t.Sequence[int] = ()
) -> Tally:
    """Return the tally of an answer with so many rows a day, all of the first account's share."""
    days = collections.Counter(dict.fromkeys(window, rows))
    total = sum(days.values())
    return Tally(
        rows=total,
        by_day=days,
        by_account=collections.Counter(dict.fromkeys(accounts, total // len(accounts))),
        by_campaign=collections.Counter(dict.fromkeys(campaigns, total // max(len(campaigns), 1))),
        cells=collections.defaultdict(
            collections.Counter,
            {
                account: collections.Counter({day: days[day] // len(accounts) for day in days})
                for account in accounts
            },
        ),
    )


def ready(planner: Planner) -> list[Chunk]:
    """Return what can be asked before the next answer."""
    return list(iter(planner.next_chunk, None))


def first(planner: Planner) -> Chunk:
    """Return what is asked first."""
    (piece,) = ready(planner)
    return piece


# How much is asked at once


def test_the_first_window_is_as_long_as_it_may_be() -> None:
    """For one ad account, of which nothing is known; the next goes by the rows that came."""
    planner = Planner([1], YEAR, [True])
    piece = first(planner)
    assert piece.window == Window(FIRST, FIRST + DAY * 91)
    assert planner.expected_rows(piece) == ELEMENT_LIMIT
    planner.whole(piece, answer(piece.window, 10))
    following = planner.next_chunk()
    assert following is not None
    assert following.window == Window(FIRST + DAY * 92, FIRST + DAY * 183)
    assert planner.expected_rows(following) == round((13 * 70 + 10) * 1.1) + 1


def test_many_ad_accounts_begin_with_a_shorter_window() -> None:
    """They have more rows together."""
    planner = Planner(range(100), YEAR, [True])
    assert first(planner).window.days < first(Planner([1], YEAR, [True])).window.days


def test_no_more_rows_are_expected_than_an_answer_has() -> None:
    """However full the days before were."""
    planner = Planner([1], YEAR, [True], longest_window=1)
    piece = first(planner)
    planner.whole(piece, answer(piece.window, FULLEST))
    following = planner.next_chunk()
    assert following is not None
    assert planner.expected_rows(following) == ELEMENT_LIMIT


def test_windows_that_are_left_are_counted() -> None:
    """Those under way and those ahead, as far as is known."""
    planner = Planner([1], YEAR, [True])
    assert planner.windows_left == 4
    piece = first(planner)
    assert planner.windows_left == 4
    planner.whole(piece, answer(piece.window, 10))
    assert planner.windows_left == 3
    for following in iter(planner.next_chunk, None):
        planner.whole(following, answer(following.window, 10))
    assert planner.windows_left == 0
    assert planner.unread == set()
    assert planner.frontier(1) == YEAR.end


def test_windows_that_are_given_are_asked_for_as_they_are() -> None:
    """Side by side: no answer tells how long they may be."""
    periods = [Window(FIRST, dt.date(2026, 3, 31)), Window(dt.date(2026, 4, 1), YEAR.end)]
    planner = Planner([1], YEAR, [True], periods=periods, granularity="YEARLY")
    assert planner.windows_left == 2
    pieces = ready(planner)
    assert [piece.window for piece in pieces] == periods
    assert planner.windows_left == 2
    assert planner.expected_rows(pieces[0]) == ELEMENT_LIMIT
    planner.whole(pieces[1], Tally())
    assert planner.frontier(1) == FIRST - DAY
    planner.whole(pieces[0], Tally())
    assert planner.frontier(1) == YEAR.end
    assert planner.windows_left == 0


# What is asked after an answer that was cut


def test_a_first_window_that_is_cut_begins_again_shorter() -> None:
    """With the length that the days seen suggest; nothing else is asked in between."""
    planner = Planner([1], YEAR, [True])
    piece = first(planner)
    seen = Window(piece.window.end - DAY * 20, piece.window.end)
    assert planner.too_large(piece, answer(seen, 700)) is None
    again = planner.next_chunk()
    assert again is not None
    assert again.window == Window(FIRST, FIRST + DAY * (AIM // 700 - 1))
    assert again.accounts == (1,)
    assert planner.next_chunk() is None
    planner.whole(again, answer(again.window, 700))
    following = planner.next_chunk()
    assert following is not None
    assert following.window.start == again.window.end + DAY


def test_a_window_that_is_cut_again_and_again_becomes_shorter() -> None:
    """Also where LinkedIn shows so few days of a cut answer that all of them should fit."""
    planner = Planner([1, 2], YEAR, [True])
    days = []
    while (piece := planner.next_chunk()) and len(days) < 2 * LONGEST_WINDOW:
        days.append(piece.window.days)
        shown = answer(Window(piece.window.end, piece.window.end), 1, accounts=(1,))
        shown.rows = ELEMENT_LIMIT
        if piece.window.days == 1:
            break
        planner.too_large(piece, shown)
    assert days[-1] == 1
    assert days == sorted(set(days), reverse=True)


def test_a_later_window_that_is_cut_is_asked_for_in_parts() -> None:
    """The days seen whole together as far as they fit; what comes behind goes by their rows."""
    planner = Planner([1], YEAR, [True])
    piece = first(planner)
    planner.whole(piece, answer(piece.window, 10))
    pieces = ready(planner)
    second = pieces[0]
    seen = Window(second.window.end - DAY * 20, second.window.end)
    assert planner.too_large(second, answer(seen, 700)) is None
    parts = [part for part in ready(planner) if part.window.start <= second.window.end]
    days = [day for part in parts for day in part.window]
    assert days[: second.window.days] == list(second.window)
    assert len(days) == len(set(days))
    assert len(parts) > 1
    assert all(part.accounts == (1,) for part in parts)


def test_months_that_are_cut_are_asked_for_apart() -> None:
    """They come whole, whatever they hold; then the ad accounts apart."""
    planner = Planner([1, 2, 3], QUARTER, [True], periods=[QUARTER], granularity=MONTHLY)
    piece = first(planner)
    cut = answer(QUARTER, 200, accounts=(1, 2, 3))
    assert planner.too_large(piece, cut) is None
    months = ready(planner)
    assert [(month.window.start.month, month.window.days) for month in months] == [
        (1, 31),
        (2, 28),
        (3, 31),
    ]
    assert all(month.accounts == (1, 2, 3) for month in months)
    january = answer(months[0].window, 500)
    january.by_account = collections.Counter({1: 15_000, 2: 100, 3: 100})
    assert planner.too_large(months[0], january) is None
    halves = ready(planner)
    assert [half.accounts for half in halves] == [(1,), (2, 3)]
    assert {half.window for half in halves} == {months[0].window}


def test_one_ad_accounts_one_day_is_asked_for_by_campaign() -> None:
    """First which campaigns have rows, then each part of them; one alone cannot be divided."""
    planner = Planner([1], ONE_DAY, [True])
    piece = first(planner)
    assert planner.too_large(piece, answer(ONE_DAY, ELEMENT_LIMIT)) is None
    naming = first(planner)
    assert (naming.lists_campaigns, naming.window, naming.accounts) == (True, ONE_DAY, (1,))
    assert planner.expected_rows(naming) == ELEMENT_LIMIT
    assert planner.named(naming, [7, 5, 6]) == []
    parts = ready(planner)
    assert [part.campaigns for part in parts] == [(5, 7), (6,)]
    assert not any(part.lists_campaigns for part in parts)
    assert planner.too_large(parts[0], answer(ONE_DAY, ELEMENT_LIMIT, campaigns=(5, 7))) is None
    alone = ready(planner)
    assert [part.campaigns for part in alone] == [(5,), (7,)]
    assert planner.too_large(alone[0], answer(ONE_DAY, ELEMENT_LIMIT, campaigns=(5,))) == 1
    assert planner.next_chunk() is None
    assert planner.frontier(1) == FIRST - DAY


def test_days_behind_a_full_one_are_asked_for_by_campaign_at_once() -> None:
    """The one before had more rows than an answer holds."""
    days = Window(FIRST, FIRST + DAY * 2)
    planner = Planner([1], days, [True], longest_window=1)
    piece = first(planner)
    assert planner.too_large(piece, answer(piece.window, ELEMENT_LIMIT)) is None
    planner.named(first(planner), [5, 6])
    for part in ready(planner):
        planner.whole(part, answer(ONE_DAY, 8000, campaigns=part.campaigns))
    following = planner.next_chunk()
    assert following is not None
    assert (following.window.start, following.lists_campaigns) == (FIRST + DAY, True)
    assert planner.named(following, [5, 6]) == []
    parts = [part for part in ready(planner) if part.window == following.window]
    assert [part.campaigns for part in parts] == [(5,), (6,)]


@pytest.mark.parametrize(
    ("rows", "parts"), [(1, 2), (AIM // 4, 2), (AIM // 2, 2), (AIM // 2 + 1, 3), (AIM, 4)]
)
def test_campaigns_share_requests_by_their_rows(rows: int, parts: int) -> None:
    """As known from the day before; at least two requests."""
    planner = Planner([1], Window(FIRST, FIRST + DAY), [True], longest_window=1)
    campaigns = (3, 4, 5, 6)
    planner.too_large(first(planner), answer(ONE_DAY, ELEMENT_LIMIT))
    planner.named(first(planner), campaigns)
    for part in ready(planner):
        tally = answer(ONE_DAY, FULLEST + 1)
        tally.by_campaign = collections.Counter(dict.fromkeys(part.campaigns, rows))
        planner.whole(part, tally)
    naming = planner.next_chunk()
    assert naming is not None
    assert naming.lists_campaigns
    planner.named(naming, campaigns)
    found = [part for part in ready(planner) if part.window == naming.window]
    assert sorted(campaign for part in found for campaign in part.campaigns) == list(campaigns)
    assert len(found) == parts


def test_a_row_of_several_campaigns_cannot_be_asked_for_in_parts() -> None:
    """The ad account is set aside."""
    planner = Planner([1], ONE_DAY, [True], rows_have_one_campaign=False)
    assert planner.too_large(first(planner), answer(ONE_DAY, ELEMENT_LIMIT)) == 1
    assert planner.next_chunk() is None
    assert planner.unread == set()


def test_a_list_of_campaigns_that_is_cut_is_the_end() -> None:
    """Nothing smaller can be asked."""
    planner = Planner([1], ONE_DAY, [True])
    planner.too_large(first(planner), answer(ONE_DAY, ELEMENT_LIMIT))
    assert planner.too_large(first(planner), answer(ONE_DAY, ELEMENT_LIMIT)) == 1


def test_campaigns_are_halved() -> None:
    """However many there are."""
    planner = Planner([1], ONE_DAY, [True])
    planner.too_large(first(planner), answer(ONE_DAY, ELEMENT_LIMIT))
    planner.named(first(planner), range(1, 13))
    part = ready(planner)[0]
    assert len(part.campaigns) == 6
    planner.too_large(part, answer(ONE_DAY, ELEMENT_LIMIT, campaigns=part.campaigns))
    assert [len(half.campaigns) for half in ready(planner)] == [3, 3]


def test_days_that_are_each_too_full_are_asked_for_one_by_one() -> None:
    """By campaign at once, where the days before were too large."""
    planner = Planner([1], Window(FIRST, FIRST + DAY * 20), [True])
    piece = first(planner)
    assert planner.too_large(piece, answer(piece.window, 20_000)) is None
    assert first(planner) == replace(piece, window=ONE_DAY, lists_campaigns=True)


MONTHS = [Window(FIRST + DAY * 30 * n, FIRST + DAY * (30 * n + 29)) for n in range(6)]


@pytest.mark.parametrize("periods", [(), MONTHS], ids=["days may be cut", "windows are given"])
def test_an_ad_account_that_is_set_aside_leaves_what_waits_and_what_comes_back(
    periods: list[Window],
) -> None:
    """Pieces of a cut request lose it, a request that fails is sent without it; others go on."""
    days = Window(FIRST, MONTHS[-1].end)
    planner = Planner([1, 2], days, [True], longest_window=30, periods=periods)
    begun = t.cast("Chunk", planner.next_chunk())
    planner.whole(begun, answer(begun.window, 100, accounts=(1, 2)))
    waiting, failing = _pieces_with_one_set_aside(planner)
    assert planner.too_large(waiting, answer(waiting.window, 600, accounts=(1, 2))) is None
    assert planner.refused(failing) is None
    asked = list[Window]()
    for piece in iter(planner.next_chunk, None):
        assert piece.accounts == (2,)
        assert planner.whole(piece, answer(piece.window, 300, accounts=(2,))) == []
        asked.append(piece.window)
    assert planner.done
    assert sorted(day for window in asked for day in window) == [
        day for window in MONTHS[2:] for day in window
    ]
    assert (planner.frontier(1), planner.frontier(2)) == (begun.window.end, days.end)


def _pieces_with_one_set_aside(planner: Planner) -> tuple[Chunk, Chunk]:
    """Set ad account 1 aside with two requests about both under way, and return those."""
    pieces = [t.cast("Chunk", planner.next_chunk()) for _ in range(3)]
    assert all(piece.accounts == (1, 2) for piece in pieces)
    planner.refused(pieces[0])
    halves = [t.cast("Chunk", planner.next_chunk()) for _ in range(2)]
    assert [half.accounts for half in halves] == [(1,), (2,)]
    assert planner.refused(halves[0]) == 1
    planner.whole(halves[1], answer(halves[1].window, 1, accounts=(2,)))
    return pieces[1], pieces[2]


def test_ad_accounts_of_a_full_day_are_asked_for_apart() -> None:
    """The parts are of similar size, and each ad account is in one of them."""
    planner = Planner(range(1, 5), YEAR, [True])
    piece = first(planner)
    cut = answer(Window(piece.window.end - DAY, piece.window.end), 20_000, accounts=range(1, 5))
    assert planner.too_large(piece, cut) is None
    parts = ready(planner)
    assert {part.window for part in parts} == {parts[0].window}
    assert sorted(account for part in parts for account in part.accounts) == [1, 2, 3, 4]
    assert len(parts) > 1
    assert max(len(part.accounts) for part in parts) - min(len(p.accounts) for p in parts) <= 1


# One campaign each


def test_each_campaign_may_be_asked_for_alone() -> None:
    """After a list of those that have rows; without any, the window is done."""
    planner = Planner([1], QUARTER, [True], one_campaign_each=True)
    naming = first(planner)
    assert (naming.lists_campaigns, naming.window) == (True, QUARTER)
    assert planner.named(naming, [6, 5, 7]) == []
    parts = ready(planner)
    assert [part.campaigns for part in parts] == [(5,), (6,), (7,)]
    for part in parts:
        planner.whole(part, Tally())
    assert planner.frontier(1) == QUARTER.end
    empty = Planner([1], QUARTER, [True], one_campaign_each=True)
    empty.named(first(empty), [])
    assert empty.frontier(1) == QUARTER.end
    assert empty.next_chunk() is None


# Field groups


def test_a_field_group_of_many_ads_begins_with_fewer_days() -> None:
    """One of few ads with as many as possible, before it: it may tell that all have many rows."""
    days = Window(FIRST, FIRST + DAY * 59)
    planner = Planner(range(100), days, [True, False, False], often=[2])
    rows, begun = (8, 1, 4), dict[int, Window]()
    for piece in iter(planner.next_chunk, None):
        begun.setdefault(piece.group_number, piece.window)
        a_day = rows[piece.group_number] * len(piece.accounts)
        planner.whole(piece, answer(piece.window, a_day, accounts=piece.accounts))
    assert list(begun) == [0, 1, 2]
    assert begun[1] == days
    assert 25 <= begun[2].days <= 35


def test_the_oldest_day_of_a_cut_answer_tells_nothing() -> None:
    """LinkedIn shows a part of its rows: they are not taken to be those of the other days."""
    days = Window(FIRST, FIRST + DAY * 31)
    planner = Planner([1, 2], days, [True, False])
    planner.whole(first(planner), answer(days, 460, accounts=(1, 2)))
    piece = first(planner)
    assert (piece.group_number, piece.window) == (1, days)
    cut = answer(Window(days.end - DAY * 19, days.end), 460, accounts=(1, 2))
    oldest = days.end - DAY * 20
    for account in (1, 2):
        cut.cells[account][oldest] = 2_900
        cut.by_account[account] += 2_900
    cut.by_day[oldest] = 5_800
    cut.rows += 5_800
    planner.too_large(piece, cut)
    again = ready(planner)[0]
    assert again.window.start == days.start
    assert planner.expected_rows(again) == round(again.window.days * 460 * 1.1) + 1


# Parts


def test_what_is_not_known_weighs_as_much_as_is_usual() -> None:
    """So that parts are of similar weight."""
    known = collections.Counter({1: 10})
    assert balance([1, 2, 3, 4], known, 2) == [(1, 3), (2, 4)]
    assert balance([1, 2, 3], collections.Counter(), 2) == [(1, 3), (2,)]

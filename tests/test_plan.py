"""What is asked of a simulated LinkedIn that cuts answers: everything once, in few requests."""

from __future__ import annotations

import collections
import datetime as dt
import itertools
import random
import typing as t
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.evidence import MOST_REPEATS, Contradiction
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import DAY, Tally, Window
from tests.examples import share_of

LIMIT = 15_000
FIRST = dt.date(2026, 1, 1)
Rows = t.Callable[[int, int, dt.date], dict[int, int]]
"""Rows by campaign, of a field group, an ad account and a day."""
Cell = tuple[int, int, dt.date, int]


@dataclass
class Simulation:
    """Answers a planner, and checks what it asks.

    Attributes:
        planner: Who is asked what to ask.
        rows: What LinkedIn knows.
        width: Requests under way at most.
        drops: Which rows a cut answer lacks: the ``oldest`` ones, or ``random`` ones.
        asked: Every request, in order.
        seen: How often each field group, account, day and campaign with rows was answered.
        covered: Each field group, account and day that was answered, with rows or without.
        refuses: Ad accounts that make LinkedIn refuse a request.
        hides: Which rows answers behind a cut one lack: ad accounts, with the times that they do.
        failed: Ad accounts that the planner gave up.
        complete: The day up to which each account was said to be complete.
    """

    planner: Planner
    rows: Rows
    width: int = 4
    drops: str = "oldest"
    refuses: frozenset[int] = frozenset()
    hides: dict[int, int] = field(default_factory=dict)
    was_cut: set[tuple[int, int, dt.date]] = field(default_factory=set)
    asked: list[Chunk] = field(default_factory=list)
    seen: collections.Counter[Cell] = field(default_factory=collections.Counter)
    covered: set[tuple[int, int, dt.date]] = field(default_factory=set)
    failed: list[int] = field(default_factory=list)
    complete: dict[int, dt.date] = field(default_factory=dict)

    def run(self, check: t.Callable[[], None] | None = None) -> Simulation:
        """Ask and answer to the end; requests are answered in the order in which they left."""
        under_way: collections.deque[Chunk] = collections.deque()
        while True:
            while len(under_way) < self.width and (chunk := self.planner.next_chunk()):
                under_way.append(chunk)
                self.asked.append(chunk)
                assert len(self.asked) < 50_000, "the plan does not come to an end"
            self.complete |= self.planner.advanced()
            if check:
                check()
            if not under_way:
                break
            self._answer(under_way.popleft())
        for account in self.planner.accounts:
            told = self.complete.get(account, FIRST - DAY)
            assert told == self.planner.frontier(account), "an advance was not told"
        assert self.planner.done
        return self

    def _answer(self, chunk: Chunk) -> None:
        if self.refuses & set(chunk.accounts):
            self._note(self.planner.refused(chunk))
            return
        cells = list(self._cells(chunk))
        if chunk.lists_campaigns or sum(count for _, count in cells) < LIMIT:
            cells = self._without_hidden(cells)
        if chunk.lists_campaigns:
            campaigns = {campaign for (_, _, _, campaign), _ in cells}
            if not campaigns:
                self._cover(chunk)
            self._note_all(self.planner.named(chunk, campaigns))
        elif sum(count for _, count in cells) >= LIMIT:
            kept = self._cut(cells)
            self.was_cut.update(cell[:3] for cell, _ in kept)
            self._note(self.planner.too_large(chunk, _tally(kept)))
        else:
            self._cover(chunk)
            self.seen.update(cell for cell, _ in cells)
            self._note_all(self.planner.whole(chunk, _tally(cells)))

    def _without_hidden(self, cells: list[tuple[Cell, int]]) -> list[tuple[Cell, int]]:
        """Leave out the rows of an account and day of which some were shown before."""
        shown = {cell[:3] for cell, _ in cells} & self.was_cut
        lies = {place for place in shown if self.hides.get(place[1])}
        for account in {account for _, account, _ in lies}:
            self.hides[account] -= 1
        return [(cell, count) for cell, count in cells if cell[:3] not in lies]

    def _note_all(self, contradictions: t.Iterable[Contradiction]) -> None:
        self.failed += [contradiction.account for contradiction in contradictions]

    def _cover(self, chunk: Chunk) -> None:
        self.covered.update(
            (chunk.group_number, a, day) for a in chunk.accounts for day in chunk.window
        )

    def _note(self, account: int | None) -> None:
        if account is not None:
            self.failed.append(account)

    def _cells(self, chunk: Chunk) -> t.Iterator[tuple[Cell, int]]:
        for account in chunk.accounts:
            for day in chunk.window:
                for campaign, count in self.rows(chunk.group_number, account, day).items():
                    if count and (not chunk.campaigns or campaign in chunk.campaigns):
                        yield (chunk.group_number, account, day, campaign), count

    def _cut(self, cells: list[tuple[Cell, int]]) -> list[tuple[Cell, int]]:
        if self.drops == "random":
            total = sum(count for _, count in cells)
            cells = [(cell, max(1, count * LIMIT // total)) for cell, count in cells]
            random.Random(len(cells)).shuffle(cells)  # noqa: S311
        else:
            cells = sorted(cells, key=lambda item: item[0][2], reverse=True)
        kept, room = [], LIMIT
        for cell, count in cells:
            if room:
                kept.append((cell, min(count, room)))
            room -= min(count, room)
        return kept

    def expected(self, group_numbers: int) -> set[Cell]:
        """Return every cell with rows of ad accounts that were not given up."""
        return {
            (group_number, account, day, campaign)
            for group_number in range(group_numbers)
            for account in self.planner.accounts
            if account not in self.failed
            for day in self.planner.window
            for campaign, count in self.rows(group_number, account, day).items()
            if count
        }


def _tally(cells: list[tuple[Cell, int]]) -> Tally:
    tally = Tally()
    for (_, account, day, campaign), count in cells:
        tally.rows += count
        tally.by_day[day] += count
        tally.by_account[account] += count
        tally.by_campaign[campaign] += count
        tally.cells[account][day] += count
    return tally


def window(days: int) -> Window:
    """Return a window from the first day on."""
    return Window(FIRST, FIRST + DAY * (days - 1))


@dataclass(frozen=True)
class Shape:
    """Ad accounts with campaigns whose rows vary over the days."""

    group_numbers: int
    days: int
    base: dict[int, dict[int, int]]
    factors: tuple[float, ...]
    sparse: frozenset[int]

    def __call__(self, group_number: int, account: int, day: dt.date) -> dict[int, int]:
        """Return the rows of one field group, account and day, by campaign."""
        factor = self.factors[day.toordinal() % len(self.factors)]
        if group_number in self.sparse:
            factor /= 50
        return {account * 100 + c: int(n * factor) for c, n in self.base[account].items()}

    @property
    def dense(self) -> list[bool]:
        """Say which field groups are expected to be dense."""
        return [group_number not in self.sparse for group_number in range(self.group_numbers)]

    def simulate(self, width: int, drops: str, longest: int = 92) -> Simulation:
        """Return a simulation that has not run."""
        planner = Planner(tuple(self.base), window(self.days), self.dense, longest)
        return Simulation(planner, self, width, drops)


def shapes(largest: int) -> st.SearchStrategy[Shape]:
    """Return shapes whose campaigns have at most so many rows on a day."""
    sizes = [n for n in (0, 1, 60, 900, 4000, 7400, 9000, 14_999, 15_000, 40_000) if n <= largest]
    campaigns = st.dictionaries(st.integers(1, 4), st.sampled_from(sizes), min_size=1)
    return st.integers(1, 4).flatmap(
        lambda group_numbers: st.builds(
            Shape,
            group_numbers=st.just(group_numbers),
            days=st.sampled_from([1, 2, 7, 30, 91, 92, 93, 130]),
            base=st.dictionaries(st.integers(1, 5), campaigns, min_size=1),
            factors=st.lists(st.sampled_from([0, 0.1, 1, 1, 1]), min_size=1, max_size=9).map(tuple),
            sparse=st.frozensets(st.integers(0, group_numbers - 1)),
        )
    )


WIDTHS = st.sampled_from([1, 4, 8])
DROPS = st.sampled_from(["oldest", "random"])


@given(shapes(14_999), WIDTHS, DROPS, st.sampled_from([1, 7, 92]))
@settings(max_examples=share_of(100))
def test_everything_is_answered_exactly_once(
    shape: Shape, width: int, drops: str, longest: int
) -> None:
    """Whatever LinkedIn cuts, each row is in exactly one whole answer; windows keep their limit."""
    simulation = shape.simulate(width, drops, longest).run()
    assert simulation.failed == []
    assert set(simulation.seen) == simulation.expected(shape.group_numbers)
    assert max(simulation.seen.values(), default=1) == 1
    for chunk in simulation.asked:
        assert 1 <= chunk.window.days <= longest
        assert chunk.window.start >= FIRST
        assert chunk.window.end <= simulation.planner.window.end


@given(shapes(14_999), WIDTHS, DROPS)
@settings(max_examples=share_of(60))
def test_days_without_rows_are_asked_too(shape: Shape, width: int, drops: str) -> None:
    """Per field group and account the whole answers cover every day, with rows or without."""
    simulation = shape.simulate(width, drops).run()
    days = itertools.product(range(shape.group_numbers), shape.base, simulation.planner.window)
    assert set(days) == simulation.covered


@given(shapes(40_000), WIDTHS, DROPS)
@settings(max_examples=share_of(60))
def test_frontier_is_never_ahead_of_the_answers(shape: Shape, width: int, drops: str) -> None:
    """At no moment is an account said to be complete up to a day that lacks a row."""
    simulation = shape.simulate(width, drops)
    frontiers = dict.fromkeys(shape.base, FIRST - DAY)

    def check() -> None:
        for account, before in frontiers.items():
            frontier = simulation.complete.get(account, before)
            assert frontier == simulation.planner.frontier(account) or account in simulation.failed
            assert frontier >= before, "the frontier went back"
            frontiers[account] = frontier
            for day in (before + DAY * i for i in range(1, (frontier - before).days + 1)):
                for group_number in range(shape.group_numbers):
                    for campaign, count in shape(group_number, account, day).items():
                        assert not count or simulation.seen[group_number, account, day, campaign]

    simulation.run(check)
    for account in set(shape.base) - set(simulation.failed):
        assert frontiers[account] == simulation.planner.window.end


@given(shapes(40_000), WIDTHS, DROPS)
@settings(max_examples=share_of(60))
def test_a_campaign_that_is_too_large_stops_its_account_alone(
    shape: Shape, width: int, drops: str
) -> None:
    """An account is given up where one campaign's day reaches the limit, and nowhere else."""
    simulation = shape.simulate(width, drops).run()
    too_large = {
        account
        for account in shape.base
        for group_number in range(shape.group_numbers)
        for day in simulation.planner.window
        if max(shape(group_number, account, day).values()) >= LIMIT
    }
    assert set(simulation.failed) == too_large
    assert simulation.expected(shape.group_numbers) <= set(simulation.seen)
    assert max(simulation.seen.values(), default=1) == 1


@given(shapes(40_000), WIDTHS, DROPS)
@settings(max_examples=share_of(40))
def test_the_same_answers_give_the_same_requests(shape: Shape, width: int, drops: str) -> None:
    """A plan is a function of its input and the answers, nothing else."""
    first = shape.simulate(width, drops).run().asked
    again = shape.simulate(width, drops)
    again.planner = Planner(tuple(reversed(tuple(shape.base))), window(shape.days), shape.dense)
    assert again.run().asked == first


@given(shapes(9000), st.data(), WIDTHS)
@settings(max_examples=share_of(60))
def test_refused_accounts_are_found_and_set_aside(
    shape: Shape, data: st.DataObject, width: int
) -> None:
    """An account that makes LinkedIn refuse is found by halving; the others are complete."""
    simulation = shape.simulate(width, "oldest")
    simulation.refuses = frozenset(data.draw(st.sets(st.sampled_from(sorted(shape.base)))))
    simulation.run()
    assert set(simulation.failed) == simulation.refuses
    assert simulation.expected(shape.group_numbers) <= set(simulation.seen)
    for account in simulation.refuses:
        assert simulation.planner.frontier(account) < FIRST


@given(shapes(14_999), st.data(), WIDTHS, DROPS)
@settings(max_examples=share_of(60))
def test_complete_never_means_fewer_rows_than_a_cut_answer_had(
    shape: Shape, data: st.DataObject, width: int, drops: str
) -> None:
    """A LinkedIn that hides what it has shown is asked again, then its account is set aside."""
    simulation = shape.simulate(width, drops)
    lies = st.sampled_from([0, 1, MOST_REPEATS, 1_000_000])
    simulation.hides = {account: data.draw(lies) for account in sorted(shape.base)}
    for_ever = {account for account, times in simulation.hides.items() if times > MOST_REPEATS}
    simulation.run()
    assert set(simulation.failed) <= for_ever
    for group_number, account, day in simulation.was_cut:
        if account not in simulation.failed:
            for campaign, count in shape(group_number, account, day).items():
                assert not count or simulation.seen[group_number, account, day, campaign]
        elif simulation.planner.frontier(account) >= day:
            assert any(
                simulation.seen[group_number, account, day, c]
                for c in shape(group_number, account, day)
            )


@pytest.mark.parametrize("lies", range(5))
def test_contradiction_is_asked_again_and_then_told(lies: int) -> None:
    """Two more tries; an account that still has fewer rows than were shown keeps its bookmark."""
    simulation = Simulation(Planner([1, 2], window(1), [True]), steady(9000))
    simulation.hides = {1: lies}
    simulation.run()
    assert simulation.failed == ([1] if lies > MOST_REPEATS else [])
    assert simulation.complete[2] == FIRST
    assert simulation.complete.get(1) == (None if lies > MOST_REPEATS else FIRST)
    assert len(simulation.asked) == 3 + min(lies, MOST_REPEATS)


def test_list_of_campaigns_holds_those_just_seen() -> None:
    """A list without a campaign whose rows were seen is asked for again, then not believed."""
    chunk = Chunk(0, window(1), (1,))
    planner = Planner([1], window(1), [True])
    assert planner.next_chunk() == chunk
    cells = [((0, 1, FIRST, campaign), 7500) for campaign in (7, 8)]
    assert planner.too_large(chunk, _tally(cells)) is None
    listing = replace(chunk, lists_campaigns=True)
    for _ in range(MOST_REPEATS):
        assert planner.next_chunk() == listing
        assert planner.named(listing, [7]) == []
        assert planner.frontier(1) < FIRST
    assert planner.next_chunk() == listing
    (found,) = planner.named(listing, [7, 9])
    assert (found.account, found.day, found.first) == (1, FIRST, "rows of campaign 8")
    assert planner.done
    assert planner.advanced() == {}


def test_answers_to_the_same_question_do_not_add_up() -> None:
    """Too few rows and the same rows again are still too few."""
    chunk = Chunk(0, window(2), (1,))
    planner = Planner([1], window(2), [True])
    assert planner.next_chunk() == chunk
    days = {FIRST: 5000, FIRST + DAY: 10_000}
    planner.too_large(chunk, _tally([((0, 1, day, 7), rows) for day, rows in days.items()]))
    set_aside = []
    while asked := planner.next_chunk():
        cells = [((0, 1, day, 7), 4000) for day in asked.window]
        set_aside += planner.whole(asked, _tally(cells))
    assert [(found.day, found.later) for found in set_aside] == [(FIRST, "4,000")]
    assert planner.advanced() == {}


def test_empty_list_of_campaigns_is_no_answer_to_a_full_day() -> None:
    """Rows of an account whose campaigns are not part of the rows count as well."""
    chunk = Chunk(0, window(1), (1,))
    planner = Planner([1], window(1), [True])
    assert planner.next_chunk() == chunk
    tally = Tally(rows=LIMIT)
    tally.by_day[FIRST] = tally.by_account[1] = tally.cells[1][FIRST] = LIMIT
    planner.too_large(chunk, tally)
    listing = planner.next_chunk()
    assert listing == replace(chunk, lists_campaigns=True)
    assert planner.named(listing, []) == []
    assert planner.next_chunk() == listing
    planner.named(listing, [7, 8])
    halves = [planner.next_chunk(), planner.next_chunk()]
    assert [half.campaigns for half in halves if half] == [(7,), (8,)]
    assert [planner.whole(half, Tally()) for half in halves if half] == [[], []]
    assert planner.next_chunk() == listing  # of all campaigns: others may have rows


def test_halves_of_a_refused_request_wait_their_turn() -> None:
    """They are parts of a failure, and come behind what is to be asked already."""
    planner = Planner([1, 2, 3, 4], window(1), [True, True])
    first, second = planner.next_chunk(), planner.next_chunk()
    assert first
    assert second is None
    planner.whole(first, Tally())
    second = planner.next_chunk()
    assert second
    planner.refused(second)
    halves = [planner.next_chunk(), planner.next_chunk()]
    assert [(h.accounts, h.is_part_of_failure) for h in halves if h] == [
        ((1, 2), True),
        ((3, 4), True),
    ]
    assert halves[0]
    planner.refused(halves[0])
    assert planner.next_chunk() == replace(halves[0], accounts=(1,))


def test_advance_is_told_once() -> None:
    """An account that is complete up to a day is not told again before a later one."""
    planner = Planner([1], window(1), [True])
    chunk = planner.next_chunk()
    assert chunk
    planner.whole(chunk, Tally())
    assert planner.advanced() == {1: FIRST}
    assert planner.advanced() == {}


def steady(rows_a_day: int, *, sparse: t.Collection[int] = (), campaigns: int = 10) -> Rows:
    """Return the rows of accounts that are the same every day; sparse groups have a fiftieth."""

    def rows(group_number: int, account: int, _: dt.date) -> dict[int, int]:
        count = rows_a_day // 50 if group_number in sparse else rows_a_day
        share, rest = divmod(count, campaigns)
        return {account * 100 + c: share + (c < rest) for c in range(campaigns)}

    return rows


def fewest(rows: Rows, accounts: t.Collection[int], days: int, group_numbers: int) -> int:
    """Return the requests that an all-knowing planner needs at least."""
    totals = [
        sum(sum(rows(group_number, a, day).values()) for a in accounts for day in window(days))
        for group_number in range(group_numbers)
    ]
    return sum(max(-(-total // (LIMIT - 1)), -(-days // 92)) for total in totals)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 4, 8])
@pytest.mark.parametrize(
    ("rows_a_day", "accounts", "days", "group_numbers", "sparse", "bound"),
    [
        pytest.param(1000, 1, 365, 7, (), 1.15, id="reference account, every field group dense"),
        pytest.param(1000, 1, 365, 7, (2, 3, 4, 5, 6), 1.3, id="sparse field groups"),
        pytest.param(3, 300, 60, 7, (), 1.3, id="300 small accounts"),
        pytest.param(
            3, 300, 60, 7, (2, 3, 4, 5, 6), 1.4, id="300 small accounts, sparse field groups"
        ),
        pytest.param(2, 1000, 20, 7, (), 1.3, id="1,000 small accounts"),
        pytest.param(1, 1, 365, 7, (2, 3, 4, 5, 6), 1.0, id="one tiny account"),
        pytest.param(1000, 1, 30, 7, (), 1.6, id="a month of look-back"),
    ],
)
def test_requests_are_few(  # noqa: PLR0913, PLR0917
    rows_a_day: int,
    accounts: int,
    days: int,
    group_numbers: int,
    sparse: tuple[int, ...],
    bound: float,
    width: int,
) -> None:
    """Hardly more requests are needed than the rows themselves fill."""
    rows, ids = steady(rows_a_day, sparse=sparse, campaigns=2), range(1, accounts + 1)
    dense = [group_number not in sparse for group_number in range(group_numbers)]
    simulation = Simulation(Planner(ids, window(days), dense), rows, width).run()
    assert len(simulation.seen) == len(simulation.expected(group_numbers))
    assert len(simulation.asked) <= bound * fewest(rows, ids, days, group_numbers)


def test_reference_account_needs_at_most_201_requests() -> None:
    """1,000 rows a day, 365 days, 7 dense field groups: 175 full answers, and 15 % at most."""
    planner = Planner([1], window(365), [True] * 7)
    simulation = Simulation(planner, steady(1000)).run()
    assert len(simulation.asked) <= 201


def test_sparse_lanes_of_a_full_account_are_learnt() -> None:
    """Where families that few ads use turn out to be dense, the plan adapts after one answer."""
    planner = Planner([1], window(365), [True, True, False, False, False, False, False])
    simulation = Simulation(planner, steady(1000)).run()
    assert len(simulation.asked) <= 201


def test_days_are_cut_before_campaigns() -> None:
    """A day that is too large is asked by campaigns, other days are not."""
    busy = FIRST + DAY * 5

    def rows(_: int, __: int, day: dt.date) -> dict[int, int]:
        return dict.fromkeys(range(30), 1000 if day == busy else 1)

    simulation = Simulation(Planner([1], window(30), [True]), rows).run()
    by_campaign = [chunk for chunk in simulation.asked if chunk.campaigns or chunk.lists_campaigns]
    assert {chunk.window for chunk in by_campaign} == {Window(busy, busy)}
    assert sum(chunk.lists_campaigns for chunk in by_campaign) == 1
    assert len(simulation.asked) < 20


def test_accounts_are_cut_before_campaigns() -> None:
    """Two accounts that are too large together are asked apart; no campaign is named."""
    planner = Planner([1, 2], window(1), [True])
    simulation = Simulation(planner, steady(10_000)).run()
    assert not [chunk for chunk in simulation.asked if chunk.campaigns or chunk.lists_campaigns]
    assert [chunk.accounts for chunk in simulation.asked] == [(1, 2), (1,), (2,)]


def test_small_windows_are_respected() -> None:
    """A user's bound on windows holds for every request."""
    planner = Planner([1], window(31), [True, False], 7)
    simulation = Simulation(planner, steady(1)).run()
    assert max(chunk.window.days for chunk in simulation.asked) == 7


def test_nothing_to_plan_is_done_at_once() -> None:
    """A single day of an account without rows takes one request a field group."""
    planner = Planner([1], window(1), [True, False])
    simulation = Simulation(planner, steady(0)).run()
    assert len(simulation.asked) == 2
    assert planner.frontier(1) == FIRST

"""How many requests a report takes that is planned for many ad accounts, beside the least.

Nothing is sent: the tap's planner asks, and answers are made up as LinkedIn would cut them.
"""

from __future__ import annotations

import collections
import datetime as dt
import random
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.least import FULLEST, LONGEST
from benchmarks.tables import Section
from tap_linkedin_ads.api.workers import LOOK_AHEAD
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.cohorts import MOST_ACCOUNTS
from tap_linkedin_ads.reporting.metrics import catalogue, field_groups
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import DAY, ELEMENT_LIMIT, Tally, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk

TITLE = "Requests for many accounts"
FIRST = dt.date(2025, 11, 25)
YEAR, DAILY = 365, 32
ALIKE = (1.0,) * 7
"""Rows of each field group by those of the first: every ad has values in all of them."""
SPARSE = (1.0, 0.18, 0.55, 0.09, 0.44, 0.47, 0.18)
"""As in the sandbox's agency."""
OFTEN = [
    number
    for number, group in enumerate(field_groups(catalogue(schema.read("metrics")["properties"])))
    if group.often
]
"""Field groups that the tap takes to be of many ads."""
_WEEKEND = 0.6
_MOST = (1.15, 1.2)
"""Wanted of the first two markets."""
_SMALL, _LARGE = 300, 400_000
_HEAD = (
    "Accounts",
    "Run",
    "Families",
    "Sizes",
    "Days",
    "Rows",
    "Requests",
    "Least possible",
    "Ratio",
    "Cut",
)


@dataclass(frozen=True)
class Market:
    """Ad accounts and their rows.

    Attributes:
        name: What it is called in the table.
        accounts: How many.
        days: Days to read.
        rows: Rows of the first field group in all, about.
        shares: Rows of each field group by those of the first.
        uneven: Some accounts have many times the rows of others, and begin and end when they like.
        growth: How many times as many rows the last day has as the first.
    """

    name: str
    accounts: int
    days: int
    rows: int
    shares: tuple[float, ...]
    uneven: bool = False
    growth: float = 1.0

    def counts(self, seed: int = 7) -> list[dict[int, array[int]]]:
        """Return the rows of each field group, ad account and day."""
        draw = random.Random(f"{seed}:{self}")  # noqa: S311  made up
        weights = {n: self._weights(draw) for n in range(1, self.accounts + 1)}
        scale = self.rows / sum(map(sum, weights.values()))
        found = []
        for group_number, share in enumerate(self.shares):
            group: dict[int, array[int]] = {}
            for account, by_day in weights.items():
                has = _part_of(share, draw) if self.uneven and group_number else share
                factor = scale * has
                group[account] = array(
                    "H", (int(weight * factor + draw.random()) for weight in by_day)
                )
            found.append(group)
        return found

    def _weights(self, draw: random.Random) -> list[float]:
        size = draw.lognormvariate(0, 1.2) if self.uneven else 1.0
        begins, ends = 0, self.days
        if self.uneven and draw.random() < 0.3:  # noqa: PLR2004
            begins = draw.randrange(self.days // 2)
        if self.uneven and draw.random() < 0.15:  # noqa: PLR2004
            ends = draw.randrange(self.days // 2, self.days) + 1
        return [
            size
            * (1 + (self.growth - 1) * day / self.days)
            * (_WEEKEND if day % 7 in {3, 4} else 1.0)
            * (begins <= day < ends)
            for day in range(self.days)
        ]


def _part_of(share: float, draw: random.Random) -> float:
    """Return an account's own share: some have nothing of a kind, others much."""
    return share if share == 1 else min(1.0, share * draw.choice((0.0, 0.5, 1.0, 1.5, 2.0)))


@dataclass
class Played:
    """What a planner asked.

    Attributes:
        requests: In all.
        cut: Of them, answered with the limit of rows.
        least: What the rows and days need at least.
        rows: Rows of the fullest field group.
    """

    requests: int = 0
    cut: int = 0
    least: int = 0
    rows: int = 0
    asked: list[tuple[Chunk, int]] = field(default_factory=list)


def least(counts: Sequence[dict[int, array[int]]], days: int) -> int:
    """Return the least number of requests, were everything known before."""
    if len(counts[0]) == 1:
        return sum(_of_whole_days(by_day) for group in counts for by_day in group.values())
    totals = [sum(map(sum, group.values())) for group in counts]
    return sum(max(-(-total // FULLEST), -(-days // LONGEST)) for total in totals)


def _of_whole_days(by_day: Sequence[int]) -> int:
    """Pack the days of one ad account, which cannot be divided."""
    requests, held, length = 1, 0, 0
    for count in by_day:
        if held + count > FULLEST or length == LONGEST:
            requests, held, length = requests + 1, 0, 0
        held, length = held + count, length + 1
    return requests


def play(market: Market, *, width: int = 4, seed: int = 7) -> Played:
    """Let planners ask for everything, with so many requests in flight."""
    counts = market.counts(seed)
    window = Window(FIRST, FIRST + DAY * (market.days - 1))
    dense = [group_number == 0 for group_number in range(len(counts))]
    accounts = sorted(counts[0])
    played = Played(
        least=least(counts, market.days), rows=max(sum(map(sum, g.values())) for g in counts)
    )
    for at in range(0, len(accounts), MOST_ACCOUNTS):
        planner = Planner(accounts[at : at + MOST_ACCOUNTS], window, dense, often=OFTEN)
        _play_one(planner, counts, width, played)
    return played


def _play_one(
    planner: Planner, counts: Sequence[dict[int, array[int]]], width: int, played: Played
) -> None:
    """Ask as the tap does: small answers ahead, full ones no more than there are workers."""
    asked: collections.deque[tuple[Chunk, int]] = collections.deque()
    while True:
        while len(asked) < width or (
            len(asked) < LOOK_AHEAD * width
            and sum(rows for _, rows in asked) <= ELEMENT_LIMIT * (width - 1)
        ):
            chunk = planner.next_chunk()
            if chunk is None:
                break
            asked.append((chunk, planner.expected_rows(chunk)))
        if not asked:
            return
        chunk, _ = asked.popleft()
        tally = answer(chunk, counts[chunk.group_number], planner.window.start)
        played.requests += 1
        played.asked.append((chunk, tally.rows))
        if tally.rows >= ELEMENT_LIMIT:
            played.cut += 1
            planner.too_large(chunk, tally)
        else:
            planner.whole(chunk, tally)


def answer(chunk: Chunk, counts: dict[int, array[int]], first: dt.date) -> Tally:
    """Return what LinkedIn answers: at most 15,000 rows, those of the newest days."""
    low = (chunk.window.start - first).days
    tally = Tally()
    for offset in reversed(range(chunk.window.days)):
        day = chunk.window.start + DAY * offset
        for account in chunk.accounts:
            rows = min(counts[account][low + offset], ELEMENT_LIMIT - tally.rows)
            if rows:
                tally.rows += rows
                tally.add(account, day, rows)
        if tally.rows == ELEMENT_LIMIT:
            break
    return tally


def markets(*, quick: bool) -> list[Market]:
    """Return the markets of the table."""
    found = [
        Market("some growing", 300, 290, 293_282, SPARSE, uneven=True, growth=2.5),
        Market("even", 300, 63, 52_123, SPARSE),
    ]
    sizes = {1: 1000, 30: 60, 300: 3, 1000: 3, 3000: 3}
    for accounts, a_day in sizes.items():
        for days, growth in ((YEAR, 3.0), (DAILY, 1.1)):
            large = accounts * days > _LARGE
            if (quick and accounts > _SMALL) or (large and accounts > MOST_ACCOUNTS):
                continue
            rows = accounts * days * a_day
            for shares in (SPARSE, ALIKE):
                found += [
                    Market("even", accounts, days, rows, shares),
                    Market("uneven", accounts, days, rows, shares, uneven=True, growth=growth),
                ]
    return found


def measure(*, quick: bool) -> Section:
    """Play every market."""
    section = Section(TITLE)
    rows: list[tuple[object, ...]] = []
    verdicts: list[tuple[str, float, str, bool]] = []
    for market in markets(quick=quick):
        played = play(market)
        ratio = played.requests / played.least
        if len(verdicts) < len(_MOST):
            what = f"{market.accounts} ad accounts: requests by the least possible"
            most = _MOST[len(verdicts)]
            verdicts.append((what, ratio, f"≤ {most}", ratio <= most))
        rows.append(
            (
                market.accounts,
                "first" if market.days > DAILY else "daily",
                "dense" if market.shares == ALIKE else "sparse",
                market.name,
                market.days,
                played.rows,
                played.requests,
                played.least,
                ratio,
                played.cut,
            )
        )
    section.say(
        "Every metric, seven field groups. *Sparse*: ads have values in some of them, as the "
        "sandbox's agency has; *dense*: in all. *Uneven*: sizes differ by factors, some ad "
        "accounts begin late or end, and rows grow threefold in a year (daily: by a tenth). "
        "*Least*: with everything known before; whole days for a single ad account. *Cut*: of the "
        "requests, those whose answer reached the limit and was asked for again in parts."
    )
    section.table(_HEAD, rows)
    section.verdicts(verdicts)
    return section

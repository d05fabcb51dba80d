"""Who reads what in the comparison, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.worlds import Recipe

if TYPE_CHECKING:
    from benchmarks.comparison import Verdict
    from benchmarks.linkedin import Call
    from benchmarks.processes import Cost

#: Days of the fractions that the peers read.
PART_DAYS = 30


@dataclass(frozen=True)
class Contest:
    """A world in three sizes.

    Attributes:
        name: What the tables call it.
        whole: The world, which the tap reads.
        part: A fraction that everybody reads, with as many rows a request as the whole has.
        grain: A smaller fraction: the difference tells what one more request takes.
        days: Days to read of the whole.
    """

    name: str
    whole: Recipe
    part: Recipe
    grain: Recipe
    days: int


@dataclass(frozen=True)
class Outcome:
    """One run of one program."""

    program: str
    latency: int
    cost: Cost
    calls: list[Call]
    verdict: Verdict
    metrics: int


@dataclass(frozen=True)
class Estimate:
    """What a program would take for the whole, from two fractions of it.

    Attributes:
        requests: Requests for the whole.
        wall: Seconds.
        cpu: Seconds of processor time.
    """

    requests: int
    wall: float
    cpu: float

    @classmethod
    def of(cls, grain: Outcome, part: Outcome, requests: int) -> Estimate:
        """Go on along the line through both fractions."""
        more = (requests - len(part.calls)) / (len(part.calls) - len(grain.calls))
        # On a busy machine the smaller fraction may have taken longer; then it says nothing.
        wall = part.cost.wall + more * max(part.cost.wall - grain.cost.wall, 0.0)
        cpu = part.cost.cpu + more * max(part.cost.cpu - grain.cost.cpu, 0.0)
        return cls(requests, wall, cpu)


def contests(*, quick: bool) -> list[Contest]:
    """Return what is read."""
    days, campaigns, creatives, accounts, parts = (
        (60, 20, 200, 30, 2) if quick else (365, 100, 1000, 300, 8)
    )
    return [
        Contest(
            "reference account",
            Recipe("reference", days, {"campaigns": campaigns, "creatives": creatives}),
            Recipe("reference", PART_DAYS, {"campaigns": parts, "creatives": 10 * parts}),
            Recipe("reference", PART_DAYS, {"campaigns": 1, "creatives": 10}),
            days,
        ),
        Contest(
            "agency",
            Recipe("agency", 60, {"accounts": accounts}),
            Recipe("agency", 60, {"accounts": 3 * parts}),
            Recipe("agency", 60, {"accounts": 3}),
            PART_DAYS,
        ),
    ]

"""(a) The tap beside other programs: the same sandbox, the same days, the same rows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import least, ours
from benchmarks.comparison import Row, judge
from benchmarks.contests import PART_DAYS, Contest, Estimate, Outcome, contests
from benchmarks.linkedin import LinkedIn
from benchmarks.peers import airbyte, singer_io
from benchmarks.tables import Section, mib
from benchmarks.worlds import TODAY, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from benchmarks.linkedin import Call
    from benchmarks.processes import Cost

TITLE = "Beside other programs"
LATENCIES = (0, 150)
_FASTER, _MOST_REQUESTS = 50, 1.15
_PEERS = (singer_io, airbyte)

Key = tuple[str, int]


def measure(*, quick: bool) -> Section:
    """Run everybody and compare."""
    section = Section(TITLE)
    section.say(_EXPLANATION)
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        for contest in contests(quick=quick):
            grain = _fraction(contest.grain, Path(folder), _PEERS)
            part = _fraction(contest.part, Path(folder), (ours, *_PEERS))
            whole = _whole(contest, Path(folder))
            estimates = _estimates(contest, grain, part)
            _show(section, contest, part, whole, estimates)
            if contest.whole.name == "reference":
                verdicts += _verdicts(contest, whole, estimates)
    section.verdicts(verdicts)
    return section


def _fraction(recipe: Recipe, folder: Path, programs: tuple[ModuleType, ...]) -> dict[Key, Outcome]:
    """Let programs read a fraction, at every latency."""
    outcomes = {}
    with LinkedIn(recipe, remember_answers=True) as linkedin:
        for program in programs:
            # The latency of the first run hides that the sandbox works its answers out; the
            # second run is served from memory.
            for latency in sorted(LATENCIES, reverse=True):
                linkedin.switch(latency_ms=latency)
                place = Path(tempfile.mkdtemp(dir=folder))
                cost = program.run(linkedin, place, recipe.start(PART_DAYS))
                outcome = _outcome(program.NAME, latency, cost, linkedin, PART_DAYS)
                outcomes[program.NAME, latency] = outcome
    return outcomes


def _whole(contest: Contest, folder: Path) -> list[Outcome]:
    """Let the tap read everything, at every latency."""
    recipe, outcomes = contest.whole, []
    start = recipe.start(contest.days)
    with LinkedIn(recipe, remember_answers=True) as linkedin:
        ours.run(linkedin, folder, start, keep_output=False)
        for latency in LATENCIES:
            linkedin.switch(latency_ms=latency)
            cost = ours.run(linkedin, folder, start)
            outcomes.append(_outcome(ours.NAME, latency, cost, linkedin, contest.days))
            cost.stdout.unlink()
    return outcomes


def _outcome(program: str, latency: int, cost: Cost, linkedin: LinkedIn, days: int) -> Outcome:
    calls = linkedin.calls()
    rows, metrics = _rows(program, cost, calls)
    recipe = linkedin.recipe
    verdict = judge(rows, recipe.make(), recipe.start(days), TODAY, metrics)
    return Outcome(program, latency, cost, calls, verdict, len(metrics))


def _rows(program: str, cost: Cost, calls: list[Call]) -> tuple[Iterator[Row], list[str]]:
    if program == singer_io.NAME:
        return singer_io.rows(cost), list(singer_io.metrics().values())
    if program == airbyte.NAME:
        known = airbyte.metrics(calls)
        return airbyte.rows(cost, known), list(known)
    names = sorted({name for group in least.groups_asked(calls) for name in group})
    return ours.rows(cost, names), names


def _estimates(
    contest: Contest, grain: dict[Key, Outcome], part: dict[Key, Outcome]
) -> dict[Key, Estimate]:
    requests = {peer.NAME: peer.requests(contest.whole, contest.days) for peer in _PEERS}
    return {
        key: Estimate.of(outcome, part[key], requests[outcome.program])
        for key, outcome in grain.items()
    }


def _show(
    section: Section,
    contest: Contest,
    part: dict[Key, Outcome],
    whole: list[Outcome],
    estimates: dict[Key, Estimate],
) -> None:
    section.say(
        f"### {contest.name.capitalize()}", f"A fraction, {_size(contest.part, PART_DAYS)}:"
    )
    in_order = sorted(part.values(), key=lambda outcome: outcome.latency)
    section.table(_HEAD, [_line(outcome) for outcome in in_order])
    section.say(f"The whole, {_size(contest.whole, contest.days)}:")
    scaled: list[list[object]] = [
        [f"{program}, scaled", latency, found.requests, found.wall, found.cpu, *[None] * 9]
        for (program, latency), found in sorted(estimates.items(), key=lambda pair: pair[0][1])
    ]
    section.table(_HEAD, [_line(outcome) for outcome in whole] + scaled)
    for (program, latency), outcome in part.items():
        if outcome.verdict.wrong and latency == LATENCIES[0]:
            most = outcome.verdict.examples.most_common(3)
            named = ", ".join(f"`{name}` ({count})" for name, count in most)
            section.say(f"Wrong in {program}, by the first wrong metric of a row: {named}.")


_HEAD = (
    "Program",
    "Latency ms",
    "Requests",
    "Wall s",
    "CPU s",
    "Peak MiB",
    "Metrics",
    "LinkedIn's rows",
    "Right",
    "Rounded",
    "Wrong",
    "Missing",
    "Repeated",
    "Surplus",
)


def _line(outcome: Outcome) -> list[object]:
    cost, verdict = outcome.cost, outcome.verdict
    return [
        outcome.program,
        outcome.latency,
        len(outcome.calls),
        cost.wall,
        cost.cpu,
        mib(cost.peak),
        outcome.metrics,
        verdict.truth,
        verdict.right,
        verdict.rounded,
        verdict.wrong,
        verdict.missing,
        verdict.repeated,
        verdict.surplus,
    ]


def _size(recipe: Recipe, days: int) -> str:
    world = recipe.make()
    return (
        f"{days} days; accounts: {len(world.accounts):,}, campaigns: {len(world.campaigns):,}, "
        f"creatives: {len(world.creatives):,}"
    )


def _verdicts(
    contest: Contest, whole: list[Outcome], estimates: dict[Key, Estimate]
) -> list[tuple[str, float, str, bool]]:
    slow = LATENCIES[-1]
    mine = next(outcome for outcome in whole if outcome.latency == slow)
    times = estimates[singer_io.NAME, slow].wall / mine.cost.wall
    asked = sum(call.is_report for call in mine.calls)
    groups = least.groups_asked(mine.calls)
    recipe = contest.whole
    fewest = least.report_requests(recipe.make(), recipe.start(contest.days), TODAY, groups)
    share = asked / fewest
    return [
        (
            f"{contest.name}, {slow} ms: times faster than {singer_io.NAME}",
            times,
            f"≥ {_FASTER}",
            times >= _FASTER,
        ),
        (
            f"{contest.name}: report requests ({asked}) by the least possible ({fewest})",
            share,
            f"≤ {_MOST_REQUESTS}",
            share <= _MOST_REQUESTS,
        ),
    ]


_EXPLANATION = f"""\
Everybody reads the figures of every creative on every day: `ad_performance` of this tap with all
metrics and names, `ad_analytics_by_creative` of {singer_io.NAME}, `ad_creative_analytics` of
{airbyte.NAME} (with airbyte-cdk below 6.46; later ones refuse its manifest). The peers run
unchanged from the package index in environments of their own, with all metrics that they know; all
that differs is where requests for LinkedIn's hosts are sent. LinkedIn has switched off the versions
that they ask for ({singer_io.VERSION} and {airbyte.VERSION}), so the sandbox serves those for this
table; it also reads protocol 1.0, which {singer_io.NAME} speaks, and a name that stands in `fields`
twice, which {airbyte.NAME} sends. `{singer_io.FATAL}` is left out for {singer_io.NAME}, because it
is declared as an integer there and a BigDecimal such as "6.0" ends the run.

The sandbox serves reports from memory, so that nobody waits for it to invent figures, and has no
quota. A row is judged by the metrics that its program asked for. *Right*: every digit. *Rounded*:
right to the precision of a double. *Repeated*: further copies of a row. *Surplus*: rows of days
that nobody asked for. *Scaled*: the peers read the fraction and a smaller one; the difference tells
what a request takes, and a request of the whole brings as many rows as one of the fraction. How
many the whole needs follows from their way of asking: {singer_io.NAME} asks for every campaign,
{airbyte.NAME} for every creative that was modified since the start, in windows of 30 days that
share their edges, once for every 18 metrics (the first also once for the keys alone, and from
seven days before the start)."""

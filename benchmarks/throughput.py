"""(b) One million rows against a floor and against the SDK's default path."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import ours, processes
from benchmarks.linkedin import LinkedIn
from benchmarks.processes import ROOT
from benchmarks.tables import Section, mib
from benchmarks.worlds import Recipe

if TYPE_CHECKING:
    from benchmarks.linkedin import Call
    from benchmarks.processes import Cost

TITLE = "Throughput"
_WORKERS = 4
_CUT = 15_000
#: The SDK's default path takes minutes for more rows, and as long for each of them.
_MOST_FOR_SDK = 200_000
_MOST_OF_FLOOR, _MOST_OF_FETCHING_FLOOR = 2.2, 1.56
_LEAST_OF_SDK, _MOST_MIB, _MOST_GROWTH = 3.0, 200, 1.1


@dataclass(frozen=True)
class Trial:
    """One size: the tap, and the other two on the answers that the tap got.

    Attributes:
        days: Days of the report.
        rows: Records that the tap wrote.
        read: Bytes of the answers.
        written: Bytes of the tap's messages.
        tap: The tap.
        floor: The loop that only parses and writes.
        fetching: The loop that also fetches.
        sdk: The SDK's default path; None for sizes with which it would take too long.
    """

    days: int
    rows: int
    read: int
    written: int
    tap: Cost
    floor: Cost
    fetching: Cost
    sdk: Cost | None


def measure(*, quick: bool) -> Section:
    """Measure a tenth of the days, then all of them."""
    creatives, days = (200, 100) if quick else (1000, 1000)
    with tempfile.TemporaryDirectory() as folder:
        short, whole = (
            _trial(Recipe("reference", count, {"creatives": creatives}), Path(folder))
            for count in (days // 10, days)
        )
    section = Section(TITLE)
    section.say(_EXPLANATION)
    lines: list[tuple[object, ...]] = []
    for trial in (short, whole):
        for name, cost in (
            (ours.NAME, trial.tap),
            ("floor: msgspec loop", trial.floor),
            ("floor that fetches", trial.fetching),
            ("SDK's default path", trial.sdk),
        ):
            if cost is None:
                continue
            speed = round(trial.rows / cost.cpu)
            written = None if cost is trial.sdk else mib(trial.written)
            shown = (name, trial.days, trial.rows, mib(trial.read), written)
            lines.append((*shown, cost.wall, cost.cpu, speed, mib(cost.peak)))
    section.table(_HEAD, lines)
    of_floor = whole.tap.cpu / whole.floor.cpu
    of_fetching = whole.tap.cpu / whole.fetching.cpu
    compared = whole if whole.sdk else short
    of_sdk = compared.sdk.cpu / compared.tap.cpu if compared.sdk else 0.0
    peak = mib(whole.tap.peak)
    growth = whole.tap.peak / short.tap.peak
    section.verdicts(
        [
            (
                f"CPU time by the floor's, {whole.rows:,} rows",
                of_floor,
                f"≤ {_MOST_OF_FLOOR}",
                of_floor <= _MOST_OF_FLOOR,
            ),
            (
                f"CPU time by that of the floor that fetches, {whole.rows:,} rows",
                of_fetching,
                f"≤ {_MOST_OF_FETCHING_FLOOR}",
                of_fetching <= _MOST_OF_FETCHING_FLOOR,
            ),
            (
                f"CPU time of the SDK's default path by the tap's, {compared.rows:,} rows",
                of_sdk,
                f"≥ {_LEAST_OF_SDK}",
                of_sdk >= _LEAST_OF_SDK,
            ),
            (f"Peak MiB with {_WORKERS} workers", peak, f"< {_MOST_MIB}", peak < _MOST_MIB),
            ("Peak with 10 times the days", growth, f"≤ {_MOST_GROWTH}", growth <= _MOST_GROWTH),
        ]
    )
    return section


_HEAD = (
    "Program",
    "Days",
    "Rows",
    "Read MiB",
    "Written MiB",
    "Wall s",
    "CPU s",
    "Rows a CPU second",
    "Peak MiB",
)


def _trial(recipe: Recipe, folder: Path) -> Trial:
    place = Path(tempfile.mkdtemp(dir=folder))
    with LinkedIn(recipe, remember_answers=True) as linkedin:
        # The first run fills the sandbox's memory and tells how much is written.
        first = ours.run(linkedin, place, recipe.start(), workers=_WORKERS)
        rows, written = ours.records(first), first.stdout.stat().st_size
        first.stdout.unlink()
        tap = ours.run(linkedin, place, recipe.start(), workers=_WORKERS, keep_output=False)
        reports = [call for call in linkedin.calls() if call.is_report]
        answers = place / "answers"
        answers.mkdir()
        for number, body in enumerate(linkedin.answers(reports)):
            (answers / _file(number)).write_bytes(body)
        read = sum(file.stat().st_size for file in answers.glob("*.json"))
        asked = place / "asked.json"
        calls = [(call.path, call.query) for call in reports]
        requests = {"url": linkedin.url, "headers": linkedin.headers, "calls": calls, "size": read}
        asked.write_text(json.dumps(requests), encoding="utf-8")
        floor, fetching = (
            processes.run(
                [sys.executable, Path(__file__).with_name("floor.py"), source, str(written)],
                place,
                keep_output=False,
            )
            for source in (answers, asked)
        )
    index = json.dumps(_index(reports))
    (answers / "answers.index").write_text(index, encoding="utf-8")
    config = place / "sdk.json"
    schema = {"folder": str(answers), "schema": ours.schema("ad_performance")}
    config.write_text(json.dumps(schema), encoding="utf-8")
    sdk: list[str | Path] = [sys.executable, "-m", "benchmarks.sdk_default", "--config", config]
    trial = Trial(
        recipe.days,
        rows,
        read,
        written,
        tap,
        floor,
        fetching,
        processes.run(sdk, place, environment={"PYTHONPATH": str(ROOT)}, keep_output=False)
        if rows <= _MOST_FOR_SDK
        else None,
    )
    for file in answers.iterdir():
        file.unlink()
    return trial


def _file(number: int) -> str:
    return f"{number:06}.json"


def _index(reports: list[Call]) -> list[dict[str, str]]:
    """Return the answers that were not cut, and the day up to which those before are complete."""
    ends: dict[tuple[str, ...], str] = {
        tuple(call.params["fields"]): "" for call in reports if call.rows < _CUT
    }
    index = []
    whole = [(number, call) for number, call in enumerate(reports) if call.rows < _CUT]
    for number, call in sorted(whole, key=lambda pair: _bounds(pair[1])):
        index.append({"file": _file(number), "complete": min(ends.values())})
        ends[tuple(call.params["fields"])] = _bounds(call)[1]
    return index


def _bounds(call: Call) -> tuple[str, str]:
    days = call.params["dateRange"]
    first, last = (
        f"{int(days[side]['year'])}-{int(days[side]['month']):02}-{int(days[side]['day']):02}"
        for side in ("start", "end")
    )
    return first, last


_EXPLANATION = f"""\
`ad_performance` with every column. The tap reads from the sandbox, which serves reports from
memory, with {_WORKERS} workers. *Floor* (`floor.py`): decodes every answer with msgspec, encodes
every element with msgspec, joins nothing, and writes as many bytes as the tap; it gets the bodies
of the same answers as files, or fetches them again with requests over one connection, as the tap
has to. *SDK's default path*
(`sdk_default.py`), which gets files: the standard library's parser, a join by key, and a plain
`Stream` that yields dictionaries; type conformance and message writer are the SDK's defaults. All
of them write to nowhere. CPU time counts the whole process, its start included."""

"""Runs that are paused, killed or told to stop at random moments, one resuming the other.

``make soak`` does many hundred trials and writes docs/soak.md; the normal tests do 30.
"""

from __future__ import annotations

import collections
import datetime as dt
import os
import random
import signal
import time
import typing as t

import pytest

from sandbox import Sandbox
from sandbox.world import worlds
from tests import singer
from tests.nursery import File, Nursery, Pipe, Terminal
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.nursery import Ended, Signal
    from tests.singer import Json, Output

TRIALS = int(os.environ.get("SOAK_TRIALS", "30"))
SEED = int(os.environ.get("SOAK_SEED", "20261122"))
DOCUMENT = singer.ROOT / "docs" / "soak.md"
ENTITIES = ("campaigns", "creatives")
OF_POSTS = ["posts", "post_hashtags", "post_mentions", "post_carousel_cards"]
KEYS = {
    stream: key
    for stream, key in singer.primary_keys().items()
    if stream in {"ad_performance", *ENTITIES, *OF_POSTS}
}
FORBIDDEN = 403
PAUSE = (signal.SIGSTOP, signal.SIGCONT)
COLUMNS = ("trials", "paused", str(-signal.SIGKILL), "143", str(-signal.SIGTERM), "0")
Row = tuple[t.Any, ...]


class Place(t.NamedTuple):
    """Where a run writes, and whether Python writes through."""

    stdout: type[File | Pipe | Terminal]
    is_unbuffered: bool


PLACES = tuple(Place(out, way) for out in (File, Pipe, Terminal) for way in (False, True))


class Chain:
    """Runs that resume each other until one comes to its end."""

    def __init__(self, whole: dict[Row, Json]) -> None:
        """Know what an undisturbed run gives."""
        self._whole = whole
        self.state: Json | None = None
        self.collected: set[Row] = set()
        self._behind_us: set[Row] = set()

    def take_in(self, output: Output) -> None:
        """Collect the records; no state may be ahead of what was collected when it was written."""
        for message in output.messages:
            if message["type"] == "RECORD":
                self.collected.add(key_of(message["stream"], message["record"]))
            elif message["type"] == "STATE":
                self.state = message["value"]
                before, self._behind_us = self._behind_us, self._promised(message["value"])
                assert before <= self._behind_us, "the state has gone back"
                early = self._behind_us - self.collected
                assert not early, f"the state is ahead of {min(early, key=str)}"

    def _promised(self, state: Json) -> set[Row]:
        """Return the rows that no later run needs to read, by what a state says."""
        promised: set[Row] = set()
        for stream, entries in state.get("bookmarks", {}).items():
            for entry in entries.get("partitions", ()):
                promised.update(self._behind(stream, entry))
        return promised

    def _behind(self, stream: str, entry: Json) -> Iterable[Row]:
        ((owner_key, owner),) = entry["context"].items()
        value, markers = entry.get("replication_key_value"), entry.get("progress_markers")
        streams = OF_POSTS if stream == "posts" else [stream]
        for row, record in self._whole.items():
            if row[0] not in streams or record[owner_key] != owner:
                continue
            if stream == "ad_performance":
                is_behind = bool(value) and record["metric_date"] <= value
            elif stream == "posts":
                modified = record.get("post_last_modified_at") or record["last_modified_at"]
                is_behind = bool(value) or (
                    bool(markers) and modified > markers["last_modified_at"]
                )
            else:
                is_behind = bool(value)
            if is_behind:
                yield row


def key_of(stream: str, record: Json) -> Row:
    """Return stream and primary key of a record."""
    return (stream, *(record[column] for column in KEYS[stream]))


def arguments(folder: Path, sandbox: Sandbox, state: Json | None) -> list[str]:
    """Write the tap's files and return its command line."""
    config = singer.config(
        sandbox,
        start_date=(TODAY - dt.timedelta(days=60)).isoformat(),
        date_window_size=6,
        lookback_window=0,
    )
    selection: dict[str, t.Any] = dict.fromkeys(KEYS)
    selection["ad_performance"] = ("impressions", "cost_in_usd", "likes", "video_views")
    command = singer.arguments(folder, config, singer.catalog(selection), state)
    return command[len(singer.COMMAND) :]


def signals(moments: random.Random, lasts: float) -> list[Signal]:
    """Return what a run is to suffer: pauses at some moments, and often a signal that ends it.

    Each comes some time behind the one before; ``lasts`` are the seconds that a whole run takes.
    """
    found: list[Signal] = []
    for _ in range(moments.choice((0, 2, 4, 8))):
        found += [(moments.uniform(0.0, 0.1 * lasts), signal.SIGSTOP), (0.005, signal.SIGCONT)]
    if end := moments.choice((signal.SIGKILL, signal.SIGTERM, None)):
        found.append((moments.uniform(0.0, 0.6 * lasts), end))
    return found


def check_end(run: Ended) -> None:
    """Check the exit status: never 0 for a run that a signal ended, always for one that paused."""
    output = run.output
    (number,) = [n for n in run.signals if n not in PAUSE] or [0]
    if number == signal.SIGKILL and output.status == -signal.SIGKILL:
        return
    assert "Traceback" not in output.stderr, output.stderr
    if output.status == 0:
        assert output.summary["exit_status"] == 0
        assert all(stream["status"] == "complete" for stream in output.summary["streams"])
        return
    # Before Python could handle signals, the system ends the process.
    assert number, output.stderr
    assert output.status in {128 + number, -number}, output.stderr


@pytest.mark.slow
def test_stopped_at_any_moment_nothing_is_missing(tmp_path: Path) -> None:
    """Whatever the moment and stdout: whole lines, states behind their records, all rows."""
    moments = random.Random(SEED)  # noqa: S311
    counts = {place: collections.Counter[str]() for place in PLACES}
    finished = 0
    with (
        Sandbox(worlds.small(today=TODAY), latency_ms=12) as sandbox,
        Nursery(tmp_path) as buffered,
        Nursery(tmp_path, PYTHONUNBUFFERED="1") as unbuffered,
    ):
        began = time.monotonic()
        undisturbed = buffered.run(arguments(tmp_path, sandbox, None)).output
        lasts = time.monotonic() - began
        assert undisturbed.status == 0, undisturbed.stderr
        whole = {
            key_of(message["stream"], message["record"]): message["record"]
            for message in undisturbed.of_type("RECORD")
        }
        chain = Chain(whole)
        for trial in range(TRIALS):
            place = PLACES[trial % len(PLACES)]
            run = (unbuffered if place.is_unbuffered else buffered).run(
                arguments(tmp_path, sandbox, chain.state),
                stdout=place.stdout,
                signals=signals(moments, lasts),
            )
            check_end(run)
            count(counts[place], run)
            chain.take_in(run.output)
            if run.output.status == 0:
                assert chain.collected == whole.keys()
                finished += 1
                chain = Chain(whole)
        last = buffered.run(arguments(tmp_path, sandbox, chain.state)).output
        assert last.status == 0
        chain.take_in(last)
        assert chain.collected == whole.keys()
        # A medium that nobody may read is refused, too, and a value of its column.
        assert not [entry for entry in sandbox.refusals if entry.status != FORBIDDEN]
    total = sum(counts.values(), collections.Counter())
    assert total["ended by a signal"] > TRIALS / 4, counts
    assert total["paused"] > TRIALS / 4, counts
    if "SOAK_TRIALS" in os.environ:
        DOCUMENT.write_text(report(counts, finished + 1, len(whole)))


def count(counts: collections.Counter[str], run: Ended) -> None:
    """Count what a run has suffered and how it ended."""
    status = run.output.status
    counts["trials"] += 1
    counts["paused"] += signal.SIGSTOP in run.signals
    counts[str(status)] += 1
    counts["ended by a signal"] += status != 0


def report(counts: dict[Place, collections.Counter[str]], chains: int, rows: int) -> str:
    """Return docs/soak.md."""
    lines = [
        f"| {place.stdout.__name__.lower()} | {'set' if place.is_unbuffered else '-'} | "
        + " | ".join(str(found[column]) for column in COLUMNS)
        + " |"
        for place, found in counts.items()
    ]
    last = f"Seed {SEED}: {TRIALS} trials, {chains} chains, {rows} rows in each."
    return SOAK + "\n".join(lines) + f"\n\n{last}\n"


SOAK = """\
# Killed, paused and resumed

Written by `make soak` (`tests/test_kill_and_resume.py`). Each trial starts the tap as a process of
its own, with four threads, on ad_performance, campaigns, creatives, posts and three children of
posts, from the last whole state that the trial before has written. It writes to a file, to a pipe
of 4 KiB before a slow reader, or to a terminal before a slow reader, with and without
`PYTHONUNBUFFERED=1`. It is paused (SIGSTOP, SIGCONT) up to eight times at random moments, and two
of three trials are then sent SIGKILL or SIGTERM.

In every trial: only whole lines (but the last one after SIGKILL), no state ahead of the records
that were written before it, no traceback, exit status 128 + n after a signal. At the end of each
chain of trials the collected records are exactly those of an undisturbed run. "At once" came before
Python could handle signals; "to the end" had exit status 0.

| Stdout | PYTHONUNBUFFERED | Trials | Paused | SIGKILL | SIGTERM: 143 | At once | To the end |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def test_the_soak_document_has_five_hundred_trials() -> None:
    """docs/soak.md tells the last long run: every kind of stdout, with and without buffering."""
    table = DOCUMENT.read_text().split("| --- |\n")[1].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    names = [(p.stdout.__name__.lower(), "set" if p.is_unbuffered else "-") for p in PLACES]
    assert [tuple(row[:2]) for row in rows] == names
    assert sum(int(row[2]) for row in rows) >= 500
    for row in rows:
        assert sum(map(int, row[4:])) == int(row[2])
        assert int(row[3]) > 0

"""Runs that are killed or told to stop at random moments, one resuming the other.

``make soak`` does many hundred trials and writes docs/soak.md; the normal tests do 25.
"""

from __future__ import annotations

import collections
import datetime as dt
import json
import os
import random
import signal
import typing as t

import pytest

from sandbox import Sandbox
from sandbox.world import worlds
from tests import singer, truth
from tests.nursery import Nursery
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.singer import Json, Output

TRIALS = int(os.environ.get("SOAK_TRIALS", "25"))
SEED = int(os.environ.get("SOAK_SEED", "20261122"))
DOCUMENT = singer.ROOT / "docs" / "soak.md"
KEYS: dict[str, tuple[str, ...]] = {
    "campaigns": ("id",),
    "creatives": ("id",),
    "ad_performance": truth.KEY,
    "posts": ("post_urn",),
    "post_hashtags": ("post_urn", "hashtag"),
    "post_mentions": ("post_urn", "position"),
    "post_carousel_cards": ("post_urn", "position"),
}
ENTITIES = ("campaigns", "creatives")
OF_POSTS = [stream for stream in KEYS if stream.startswith("post")]
FORBIDDEN = 403
Row = tuple[t.Any, ...]


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
    catalog = singer.catalog(selection)
    catalog["streams"] = [s for s in catalog["streams"] if s["tap_stream_id"] in KEYS]
    return singer.arguments(folder, config, catalog, state)[len(singer.COMMAND) :]


def check_end(output: Output, number: int, *, signalled: bool) -> None:
    """Check the exit status: never 0 for a run that a signal ended."""
    if number == signal.SIGKILL and output.status == -signal.SIGKILL:
        return
    assert "Traceback" not in output.stderr, output.stderr
    if output.status == 0:
        assert output.summary["exit_status"] == 0
        assert all(stream["status"] == "complete" for stream in output.summary["streams"])
        return
    assert signalled
    # Before Python could handle signals, the system ends the process.
    assert output.status in {128 + number, -number}, output.stderr


@pytest.mark.slow
def test_stopped_at_any_moment_nothing_is_missing(tmp_path: Path) -> None:
    """Whatever the moment: no bookmark ahead of its records, and all rows are there in the end."""
    moments = random.Random(SEED)  # noqa: S311
    statuses: collections.Counter[int] = collections.Counter()
    finished = 0
    with Sandbox(worlds.small(today=TODAY), latency_ms=12) as sandbox, Nursery(tmp_path) as nursery:
        undisturbed = nursery.run(arguments(tmp_path, sandbox, None)).output
        assert undisturbed.status == 0, undisturbed.stderr
        whole = {
            key_of(message["stream"], message["record"]): message["record"]
            for message in undisturbed.of_type("RECORD")
        }
        chain = Chain(whole)
        for _ in range(TRIALS):
            number = moments.choice((signal.SIGKILL, signal.SIGTERM))
            run = nursery.run(
                arguments(tmp_path, sandbox, chain.state),
                number=number,
                seconds=moments.uniform(0.0, 1.0),
            )
            statuses[run.output.status] += 1
            check_end(run.output, number, signalled=run.signalled)
            chain.take_in(run.output)
            if run.output.status == 0:
                assert chain.collected == whole.keys()
                finished += 1
                chain = Chain(whole)
        last = nursery.run(arguments(tmp_path, sandbox, chain.state)).output
        assert last.status == 0
        chain.take_in(last)
        assert chain.collected == whole.keys()
        # A medium that nobody may read is refused, too, and a value of its column.
        assert not [entry for entry in sandbox.refusals if entry.status != FORBIDDEN]
    stopped = sum(statuses.values()) - statuses[0]
    assert stopped > TRIALS / 3, statuses
    if "SOAK_TRIALS" in os.environ:
        DOCUMENT.write_text(report(statuses, finished + 1, len(whole)))


def report(statuses: collections.Counter[int], chains: int, rows: int) -> str:
    """Return docs/soak.md."""
    cells = (
        SEED,
        TRIALS,
        statuses[-signal.SIGKILL],
        statuses[128 + signal.SIGTERM],
        statuses[-signal.SIGTERM],
        statuses[0],
        chains,
        rows,
    )
    return f"{SOAK}| {' | '.join(map(str, cells))} |\n"


SOAK = """\
# Killed and resumed

Written by `make soak` (`tests/test_kill_and_resume.py`). Each trial starts the tap as a process of
its own, with four threads, on ad_performance, campaigns, creatives, posts and three children of
posts, from the last whole state that the trial before has written, and sends SIGKILL or SIGTERM
within its first second. In every trial: no state ahead of the records that were written before it,
only whole lines (but the last one after SIGKILL), no traceback, exit status 128 + n after a signal.
At the end of each chain of trials the collected records are exactly those of an undisturbed run.
"SIGTERM at once" came before Python could handle signals; "at the end before" had exit status 0.

| Seed | Trials | SIGKILL | SIGTERM: 143 | SIGTERM at once | At the end before | Chains | Rows |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def test_the_soak_document_has_five_hundred_trials() -> None:
    """docs/soak.md tells the last long run."""
    row = [cell.strip() for cell in DOCUMENT.read_text().splitlines()[-1].strip("|").split("|")]
    assert int(row[1]) >= 500
    assert sum(map(int, row[2:6])) == int(row[1])
    assert json.loads(row[6]) >= 1

"""Runs the tap as its users do, and reads the Singer messages that it writes."""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import functools
import gc
import io
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tap_linkedin_ads.streams import PERSONAL_STREAMS
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import processes, tap_process

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox import Sandbox
    from tests.nursery import Nursery

Json = dict[str, t.Any]

ROOT = Path(__file__).resolve().parent.parent
TODAY = tap_process.NOON.date()
"""The day on which the sandbox and the tap believe to be, in this process and in others."""
PERSONAL: Json = dict.fromkeys(PERSONAL_STREAMS, True)
"""Settings with which the catalog offers every stream, those of personal data included."""
COMMAND = (sys.executable, tap_process.__file__)
_MESSAGE = json.JSONDecoder(parse_float=Decimal)


class QuickClock:
    """Noon of one day; sleeping moves the hands instead of waiting."""

    def __init__(self, today: dt.date = TODAY) -> None:
        self._start = dt.datetime(today.year, today.month, today.day, 12, tzinfo=dt.timezone.utc)
        self._slept = 0.0
        self._lock = threading.Lock()
        self.sleeps: list[float] = []

    def now(self) -> dt.datetime:
        """Return noon and what was slept."""
        return self._start + dt.timedelta(seconds=self._slept)

    def monotonic(self) -> float:
        """Return real seconds and what was slept."""
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Note the wait and let other threads run."""
        with self._lock:
            self.sleeps.append(seconds)
            self._slept += seconds
        time.sleep(0)


@dataclass(frozen=True)
class Output:
    """What one run wrote, and how it ended."""

    status: int
    stdout: bytes
    stderr: str

    @functools.cached_property
    def messages(self) -> list[Json]:
        """Every line of stdout; it must be a Singer message, save one that a kill cut off."""
        lines = self.stdout.decode().split("\n")
        assert self.status == -signal.SIGKILL or lines[-1] == "", lines[-1]
        return [_MESSAGE.decode(line) for line in lines[:-1]]

    @functools.cached_property
    def _by_type(self) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for message in self.messages:
            found.setdefault(message["type"], []).append(message)
        return found

    def of_type(self, kind: str) -> Iterator[Json]:
        """Give the messages of one type."""
        return iter(self._by_type.get(kind, ()))

    @functools.cached_property
    def rows(self) -> dict[str, list[Json]]:
        """The records of every stream that has some."""
        found: dict[str, list[Json]] = {}
        for message in self.of_type("RECORD"):
            found.setdefault(message["stream"], []).append(message["record"])
        return found

    def records(self, stream: str) -> list[Json]:
        """Return the records of a stream."""
        return list(self.rows.get(stream, ()))

    @property
    def streams(self) -> list[str]:
        """Streams in the order of their schema messages."""
        return list(dict.fromkeys(m["stream"] for m in self.of_type("SCHEMA")))

    @property
    def states(self) -> list[Json]:
        """Every state, oldest first."""
        return [message["value"] for message in self.of_type("STATE")]

    @property
    def state(self) -> Json:
        """The last state."""
        return self.states[-1] if self.states else {}

    @property
    def summary(self) -> Json:
        """The JSON on the last line of stderr."""
        summary: Json = json.loads(self.stderr.strip().splitlines()[-1])
        return summary

    def bookmarks(self, stream: str) -> dict[int, str]:
        """Return the bookmarks of a stream in the last state."""
        return bookmarks(self.state, stream)


def bookmarks(state: Json, stream: str) -> dict[int, str]:
    """Return the bookmarks of a stream by ad account; each has exactly one."""
    partitions = state.get("bookmarks", {}).get(stream, {}).get("partitions", [])
    found = {
        entry["context"]["account_id"]: entry["replication_key_value"]
        for entry in partitions
        if "replication_key_value" in entry
    }
    assert len(found) == len([e for e in partitions if "replication_key_value" in e])
    assert all(type(account) is int for account in found)
    return found


def owner_of(incident: Json) -> int | None:
    """Return the ad account or page that an incident of the summary is about, None for all."""
    owner: int | None = incident["account_id"] or incident["organization_id"]
    return owner


def by_key(records: Iterable[Json], *key: str) -> dict[tuple[t.Any, ...], Json]:
    """Index records by their key, which must be unique."""
    indexed: dict[tuple[t.Any, ...], Json] = {}
    for record in records:
        found = tuple(record[column] for column in key)
        assert found not in indexed, f"{found} comes twice"
        indexed[found] = record
    return indexed


def config(sandbox: Sandbox, **settings: t.Any) -> Json:  # noqa: ANN401
    """Return settings for a sandbox whose day is TODAY, with an access token."""
    return {**sandbox.config(), "end_date": TODAY.isoformat(), **settings}


@functools.cache
def _discovered(settings: str = "{}") -> Json:
    with _signals_kept():
        return TapLinkedInAds(
            config={"access_token": "unused", **json.loads(settings)}
        ).catalog_dict


def _copy(value: t.Any) -> t.Any:  # noqa: ANN401
    """Copy a catalog or state, several times as fast as ``copy.deepcopy``."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301


def every_stream(**settings: t.Any) -> dict[str, None]:  # noqa: ANN401
    """Return a selection of every column of every stream that the settings offer."""
    return dict.fromkeys(primary_keys(**settings))


def primary_keys(**settings: t.Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    """Return the key of every stream that the settings offer."""
    streams = _discovered(json.dumps(settings))["streams"]
    return {stream["tap_stream_id"]: tuple(stream["key_properties"]) for stream in streams}


def catalog(
    selection: dict[str, Iterable[str] | None],
    *,
    full_table: Iterable[str] = (),
    whole: bool = False,
    **settings: t.Any,  # noqa: ANN401
) -> Json:
    """Return the catalog with only some streams selected.

    Args:
        selection: Streams with their selected columns beside the keys; None selects all.
        full_table: Streams that are to be replicated as full tables.
        whole: It holds the other streams as well, as ``--discover`` writes it. Where nothing
            depends on them they are left out, for they take most of a small run's time.
        **settings: Settings that decide what the catalog offers.
    """
    offered = _discovered(json.dumps(settings))["streams"]
    unknown = selection.keys() - {stream["tap_stream_id"] for stream in offered}
    assert not unknown, unknown
    found = {"streams": [_copy(s) for s in offered if whole or s["tap_stream_id"] in selection]}
    for stream in found["streams"]:
        name = stream["tap_stream_id"]
        columns = selection.get(name, ())
        wanted = None if columns is None else set(columns)
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = name in selection
            elif entry["metadata"].get("inclusion") != "automatic":
                chosen = wanted is None or entry["breadcrumb"][1] in wanted
                entry["metadata"]["selected"] = chosen
        if name in full_table:
            stream["replication_method"] = "FULL_TABLE"
    return found


def sync(
    settings: Json,
    *,
    catalog: Json | None = None,
    state: Json | None = None,
    clock: QuickClock | None = None,
) -> Output:
    """Run the tap in this process, where sleeping takes no time."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with _signals_kept():
        tap = TapLinkedInAds(
            config=settings,
            catalog=_copy(catalog),
            state=_copy(state),
            clock=clock or QuickClock(),
        )
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = tap.sync_and_report()
        logging.disable(logging.NOTSET)
    out.flush()
    return Output(status, t.cast("io.BytesIO", out.buffer).getvalue(), err.getvalue())


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Undo what the SDK does to signals, and let nothing swallow what their handlers raise.

    Garbage is not collected meanwhile: there is much of it in a test's process, and an exception
    is lost that a handler raises while Python calls back those who watch what is collected.
    """
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    kept = {number: signal.getsignal(number) for number in numbers}
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        for number, action in kept.items():
            signal.signal(number, action)


def arguments(
    folder: Path, settings: Json | None, catalog: Json | None = None, state: Json | None = None
) -> list[str]:
    """Write the tap's files into a folder and return the command line that names them."""
    found = list(COMMAND)
    for name, content in (("config", settings), ("catalog", catalog), ("state", state)):
        if content is not None:
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            found += [f"--{name}", str(path)]
    return found


def run(command: list[str], **variables: str) -> Output:
    """Run a command line of the tap to its end, in a process of its own."""
    if tuple(command[: len(COMMAND)]) == COMMAND:
        sys.audit(processes.FORKED)
        arguments = list(command[len(COMMAND) :])
        return _nursery().run(arguments, environment=environment(**variables)).output
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**variables), capture_output=True, check=False
    )
    return Output(done.returncode, done.stdout, done.stderr.decode())


@functools.cache
def _nursery() -> Nursery:
    """Start what forks the tap's processes, so that they need not import it one by one."""
    from tests.nursery import Nursery  # noqa: PLC0415  it needs this module

    running = contextlib.ExitStack()
    atexit.register(running.close)
    folder = running.enter_context(tempfile.TemporaryDirectory())
    return running.enter_context(Nursery(Path(folder)))


def start(
    command: list[str], **variables: str
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Start a command line of the tap, with its output in pipes; it is killed in the end."""
    return processes.started(
        command,
        cwd=ROOT,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def environment(**variables: str) -> dict[str, str]:
    """Return this environment without settings of the tap, and with the given ones."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("TAP_LINKEDIN_ADS_")}
    return kept | {"PYTHONWARNINGS": "error::DeprecationWarning:tap_linkedin_ads"} | variables

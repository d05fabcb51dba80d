"""The same results on any day: parts of these tests again, with the machine's clock elsewhere."""

from __future__ import annotations

import ast
import datetime as dt
import os
import subprocess
import sys
import typing as t

import pytest

from sandbox.api import versions
from tap_linkedin_ads.api.clock import SystemClock
from tests import wall_clock
from tests.singer import ROOT

if t.TYPE_CHECKING:
    from pathlib import Path

UTC = dt.timezone.utc
NOW = SystemClock().now()
NEXT_NEW_YEAR = dt.datetime(NOW.year + 1, 1, 1, tzinfo=UTC)
CLOCKS = {
    "over midnight into a year": (NEXT_NEW_YEAR - dt.timedelta(seconds=30), "UTC"),
    "the leap day of 2028": (dt.datetime(2028, 2, 29, 3, tzinfo=UTC), "America/Los_Angeles"),
    "the last day of a month, two years ahead": (
        dt.datetime(NOW.year + 2, 10, 31, 20, tzinfo=UTC),
        "Asia/Tokyo",
    ),
}
"""The time at the start and the host's time zone; the last two are beyond API versions' ends."""

PART = (
    "tests/sandbox/test_oauth.py",
    "tests/test_notices.py",
    "tests/test_check.py::test_all_is_well_is_0",
    "tests/test_check.py::test_a_scope_that_is_missing_is_1",
    "tests/test_contract.py::test_the_sandbox_is_what_the_tap_assumes",
    "tests/test_sync_ad_analytics.py",
    "tests/test_sync_state.py::test_second_run_reads_the_look_back_only",
    "tests/test_demo.py::test_the_sandbox_and_the_tap_share_the_clock_of_the_machine",
)
"""Where time decides: tokens and versions, days, bookmarks, the tap as a process, the demo."""

OF_THE_CLOCK = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "pendulum": {"now", "today", "tomorrow", "yesterday"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"},
    "utils": {"formatdate", "localtime"},
}
"""What reads the machine's clock, by the name in front of the dot."""

READERS = {
    "benchmarks/worlds.py": "other programs read the clock, and meet a world of that day",
    "demo/pipeline.py": "the loader stamps rows with the machine's time",
    "sandbox/world/clock.py": "the sandbox's clock",
    "tap_linkedin_ads/api/clock.py": "the tap's clock",
    "tests/test_secrets.py": "a certificate is valid at the machine's time",
    "tests/wall_clock.py": "shifts the machine's clock",
}
"""The files that may, and why."""


@pytest.mark.slow
@pytest.mark.skipif(bool(wall_clock.MISSING), reason=wall_clock.MISSING)
@pytest.mark.parametrize("name", CLOCKS)
def test_the_same_at_another_time(name: str, tmp_path: Path) -> None:
    """Whatever the machine's clock and time zone are, the tests of time pass."""
    instant, zone = CLOCKS[name]
    shifted = wall_clock.environment(wall_clock.build(tmp_path), instant, zone)
    arguments = ["-q", "-n0", "-p", "no:cacheprovider", "--basetemp", tmp_path / "part"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, *PART],
        cwd=ROOT,
        env=os.environ | shifted,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.skipif(bool(wall_clock.MISSING), reason=wall_clock.MISSING)
def test_the_clock_is_shifted_and_waits_are_not(tmp_path: Path) -> None:
    """A program and its time zone are where they should be; seconds stay as long as they are."""
    program = (
        "import datetime as dt, threading, time\n"
        "begin = time.monotonic()\n"
        "time.sleep(0.05)\n"
        "threading.Event().wait(0.05)\n"
        "assert 0.1 <= time.monotonic() - begin < 20\n"
        "print(dt.datetime.now(dt.timezone.utc).date(), time.localtime().tm_gmtoff)\n"
    )
    shifted = wall_clock.environment(wall_clock.build(tmp_path), *CLOCKS["the leap day of 2028"])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | shifted,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["2028-02-29", "-28800"]


def reads_of_the_clock(path: Path) -> t.Iterator[str]:
    """Give the places where a file reads the machine's clock for the time of day."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if names & OF_THE_CLOCK.get((node.module or "").rpartition(".")[2], set()):
                yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if node.attr in OF_THE_CLOCK.get(owner, ()):
                yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.slow
def test_only_clocks_read_the_clock() -> None:
    """Everything else is handed the time, so that a test can stop it."""
    folders = ("benchmarks", "demo", "orchestrate", "sandbox", "tap_linkedin_ads", "tests")
    found = {
        str(path.relative_to(ROOT)): list(reads_of_the_clock(path))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    assert {name for name, places in found.items() if places} == READERS.keys(), found


def test_no_day_is_without_a_version() -> None:
    """In every week of ten years the sandbox serves about a year of versions, and no December's."""
    for number in range(0, 3650, 7):
        day = dt.date(2026, 11, 22) + dt.timedelta(days=number)
        served = versions.active(day)
        assert 11 <= len(served) <= 12, day
        assert all(version % 100 != 12 for version in served)
        assert served == sorted(v for v in range(202401, 203800) if versions.is_active(v, day))

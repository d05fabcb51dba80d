"""The walk through README, command by command, as a newcomer copies it into a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tap_linkedin_ads.api.clock import SystemClock
from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
CALLBACK_PORT = 8723
LONGEST_WALK = 240  # seconds
TARGET_JSONL_PINS = ("jsonschema==", "pytz==", "simplejson==")
SHARDS = {"north": {512340001}, "south": {512340002, 512340003}}

# What a click on the link and a click on "Allow" come to.
BROWSER = f"""#!{sys.executable}
import html, re, sys, requests
page = requests.get(sys.argv[1], timeout=30)
link = re.search('id="allow" href="([^"]+)"', page.text).group(1)
end = requests.get(html.unescape(link), timeout=30)
assert "You are logged in" in end.text, end.text
"""


def blocks() -> list[str]:
    """Return the shell blocks of the walk, in their order."""
    readme = (ROOT / "README.md").read_text()
    walk = readme.split("\n## Start: a walk\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", walk, re.MULTILINE | re.DOTALL)


@dataclass
class Terminal:
    """A shell in a fresh copy of the project: what one block exports, the next one has."""

    folder: Path
    environment: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)

    def run(self, block: str) -> str:
        """Run a block, which must succeed in every line; return what it printed."""
        exports = self.folder.parent / "exports"
        before = f". {exports}\n" if exports.exists() else ""
        done = subprocess.run(
            ["/bin/sh", "-ec", f"{before}{block}\nexport -p > {exports}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout[-5000:]}"
        self.said[block] = done.stdout
        return done.stdout

    @contextlib.contextmanager
    def beside(self, block: str, sign: Path) -> Iterator[None]:
        """Run a block in a second terminal, once a file shows that it is ready; then Ctrl-C."""
        with started(
            ["/bin/sh", "-c", block],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            until = time.monotonic() + 60
            while not (sign.exists() and sign.read_text().endswith("\n")):
                assert process.poll() is None, f"{block} ended with {process.returncode}"
                assert time.monotonic() < until, f"{block} is not ready"
                time.sleep(0.05)
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(30)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Give a shell without settings of this one, in a copy without anything installed."""
    folder = tmp_path / "a check out"  # with blanks, as on many a desktop
    ignored = shutil.ignore_patterns(".*", "__pycache__", "output", "dist", "*.env")
    shutil.copytree(ROOT, folder, ignore=ignored)
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    # What constraints.txt pins, save what target-jsonl wants older.
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(pin for pin in pins if not pin.startswith(TARGET_JSONL_PINS)))
    hidden = ("MAKE", "MELTANO_", "MFLAGS", "PG", "PYTHON", "TAP_", "TARGET_", "UV_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    network = {name: value for name, value in os.environ.items() if name.startswith("UV_")}
    return Terminal(
        folder,
        {
            **kept,
            **network,
            "BROWSER": str(browser),
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "PYTHON": sys.executable,
            "UV_CONSTRAINT": str(constraints),
        },
    )


def _wait_until_free(port: int) -> None:
    """Wait while another test logs in."""
    until = time.monotonic() + 60
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        assert time.monotonic() < until, f"port {port} is taken"
        time.sleep(0.5)


def _wait_for_midnight() -> None:
    """Wait while the UTC day is about to end: the runs of the walk are of one day."""
    now = SystemClock().now()
    left = (now.end_of("day") - now).total_seconds()
    if left < LONGEST_WALK:
        time.sleep(left + 1)


def _names(file: Path) -> list[str]:
    """Return the names of the variables that a file for the environment holds."""
    return [line.partition("=")[0] for line in file.read_text().splitlines()]


def _summary(log: str, plugin: str = "tap-linkedin-ads") -> dict[str, t.Any]:
    """Return the JSON of a run's last line, as Meltano's log shows it."""
    (found,) = re.findall(rf"\] {plugin} +(\{{\"exit_status\".*\}})\s*$", log, re.MULTILINE)
    summary: dict[str, t.Any] = json.loads(found)
    return summary


def _tables(folder: Path) -> dict[str, list[tuple[t.Any, ...]]]:
    """Return the keys of all rows in PostgreSQL."""
    exports = (folder / "playground.env").read_text()
    (port,) = re.findall(r"TARGET_POSTGRES_PORT=(\d+)", exports)
    with psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres") as server:
        campaigns = server.execute("select id from linkedin_ads.campaigns").fetchall()
        performance = server.execute(
            "select account_id, campaign_id, creative_id, metric_date "
            "from linkedin_ads.ad_performance"
        ).fetchall()
    return {"campaigns": campaigns, "ad_performance": performance}


@pytest.mark.slow
def test_the_walk(terminal: Terminal) -> None:
    """Every command of the walk does what README says, from `make demo` to two shards."""
    demo, playground, programs, login, select, run, schedule, shard = blocks()
    folder = terminal.folder

    _wait_for_midnight()
    shown = terminal.run(demo)
    row = next(line for line in shown.splitlines() if "  ad_performance  " in line)
    rows, first, second = (int(cell.replace(",", "")) for cell in row.split()[1:4])
    assert rows == first > second > 0
    assert "bookmark of ad_performance" in shown

    with terminal.beside(playground, folder / "playground.env"):
        terminal.run(programs)

        _wait_until_free(CALLBACK_PORT)
        shown = terminal.run(login)
        assert (folder / ".env").stat().st_mode & 0o777 == 0o600
        assert "selected streams will work" in shown
        assert "r_organization_admin" in shown

        shown = terminal.run(select)
        streams = json.loads((folder / "catalog.json").read_text())["streams"]
        assert {"campaigns", "ad_performance"} < {stream["tap_stream_id"] for stream in streams}
        assert re.search(r"will work: +campaigns, ad_performance\n", shown)

        _wait_until_free(CALLBACK_PORT)
        terminal.run("meltano invoke tap-linkedin-ads:login --pages --output another.env")
        assert (folder / "another.env").stat().st_mode & 0o777 == 0o600
        assert _names(folder / "another.env") == _names(folder / ".env")

        shown = terminal.run(run)
        lines = {
            name: sum(
                len(path.read_text().splitlines()) for path in folder.glob(f"output/{name}-*")
            )
            for name in ("campaigns", "ad_performance")
        }
        tables = _tables(folder)
        assert lines == {name: len(keys) for name, keys in tables.items()}
        assert lines["ad_performance"] == rows
        assert all(len(keys) == len(set(keys)) for keys in tables.values())

        shown = terminal.run(schedule)
        assert "[@daily] job daily-linkedin-ads" in shown
        assert 0 < _summary(shown)["rows"] < sum(lines.values())
        assert "dev:tap-linkedin-ads-to-target-postgres" in shown

        shown = terminal.run(shard)
        read = {name: _summary(shown, f"tap-linkedin-ads-{name}") for name in SHARDS}
        for name, accounts in SHARDS.items():
            assert {account["account_id"] for account in read[name]["accounts"]} == accounts
        assert sum(summary["rows"] for summary in read.values()) == sum(lines.values())
        assert {name: set(keys) for name, keys in _tables(folder).items()} == {
            name: set(keys) for name, keys in tables.items()
        }
    assert not (folder / "playground.env").exists()


def test_the_walk_is_complete() -> None:
    """The walk has every step that a newcomer wants to see."""
    text = "\n".join(blocks())
    for command in (
        "make demo",
        "tap-linkedin-ads login",
        "tap-linkedin-ads check",
        "--discover",
        "__SELECT",
        "target-jsonl",
        "target-postgres",
        "schedule run",
        "--inherit-from",
    ):
        assert command in text

"""README's two commands and docs/walk.md, as a newcomer copies them into a terminal.

What `make` installs is this environment, linked: that it installs from nothing is seen by CI, which
begins so, and by tests/bare_debian.sh.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import sys
import time
import typing as t
from pathlib import Path

import psycopg
import pytest

from tap_linkedin_ads.api.clock import SystemClock
from tests.terminal import Terminal, blocks, copy_checkout, environment, summary

CALLBACK_PORT = 8723
LONGEST_WALK = 240  # seconds
SHARDS = {"north": {512340001}, "south": {512340002, 512340003}}

# What a click on the link and a click on "Allow" come to.
BROWSER = f"""#!{sys.executable}
import html, re, sys, requests
page = requests.get(sys.argv[1], timeout=30)
link = re.search('id="allow" href="([^"]+)"', page.text).group(1)
end = requests.get(html.unescape(link), timeout=30)
assert "You are logged in" in end.text, end.text
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Give a shell in a copy with nothing but what `make` installs."""
    folder = tmp_path / "a check out"  # with blanks, as on many a desktop
    copy_checkout(folder)
    _share_installation(folder / ".venv")
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    # PYTHONPATH because the shared installation may have the tap of another folder.
    variables = environment(tmp_path, BROWSER=str(browser), PYTHONPATH=str(folder))
    return Terminal(folder, variables)


def _share_installation(venv: Path) -> None:
    """Make an environment of links to this one, which `make` takes for installed."""
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    (venv / ".installed").touch()


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
    midnight = dt.datetime.combine(now.date(), dt.time.max, now.tzinfo)
    left = (midnight - now).total_seconds()
    if left < LONGEST_WALK:
        time.sleep(left + 1)


def _names(file: Path) -> list[str]:
    """Return the names of the variables that a file for the environment holds."""
    return [line.partition("=")[0] for line in file.read_text().splitlines()]


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
    """Every command does what the pages say, from `make demo` to two shards."""
    demo = blocks("README.md")[0]
    playground, programs, login, select, run, schedule, shard = blocks("docs/walk.md")
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
        assert 0 < summary(shown)["rows"] < sum(lines.values())
        assert "dev:tap-linkedin-ads-to-target-postgres" in shown

        shown = terminal.run(shard)
        read = {name: summary(shown, f"tap-linkedin-ads-{name}") for name in SHARDS}
        for name, accounts in SHARDS.items():
            assert {account["account_id"] for account in read[name]["accounts"]} == accounts
        assert sum(run["rows"] for run in read.values()) == sum(lines.values())
        assert {name: set(keys) for name, keys in _tables(folder).items()} == {
            name: set(keys) for name, keys in tables.items()
        }
    assert not (folder / "playground.env").exists()


def test_the_walk_is_complete() -> None:
    """The walk has every step that a newcomer wants to see."""
    text = "\n".join(blocks("docs/walk.md"))
    for command in (
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

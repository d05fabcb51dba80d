"""docs/your-project.md, carried out in an empty home folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from demo import programs
from sandbox.api.listener import Listener, QuietHandler
from tap_linkedin_ads.api.clock import SystemClock
from tests.terminal import PROGRAMS, ROOT, Terminal, blocks, copy_checkout, environment, summary

if t.TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "docs/your-project.md"
DAYS = 60
HAS_GIT = shutil.which("git") is not None
LOADER = "target-jsonl"
GIT = (
    "git",
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.com",
    "-c",
    "init.defaultBranch=main",
)


@contextlib.contextmanager
def hub() -> Iterator[str]:
    """Serve a MeltanoHub that knows one loader, as meltano.yml defines it; give its address."""
    loaders = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["loaders"]
    loader = next(loader for loader in loaders if loader["name"] == LOADER)
    settings = [{**s, "value": loader["config"].get(s["name"])} for s in loader["settings"]]
    variant = loader["variant"]

    class Answers(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802  a name of the standard library
            ref = f"http://{self.headers['Host']}/{LOADER}"
            known = {
                "logo_url": "",
                "default_variant": variant,
                "variants": {variant: {"ref": ref}},
            }
            index = {LOADER: known} if "loaders" in self.path else {}
            is_index = self.path.endswith("/index")
            body = index if is_index else {**loader, "settings": settings, "config": {}}
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    with Listener(0, Answers) as server:
        yield server.url


def in_cron(printed: str, home: Path, folder: Path, status: int = 0) -> str:
    """Run the command of a line for crontab with next to no environment, as cron does.

    Returns:
        What cron.log in the folder says; nothing is left for cron to send by mail.
    """
    *when, command = printed.strip().split(" ", 5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in when)
    assert "%" not in command  # cron's sign for a new line
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=home,
        env={"HOME": str(home), "LOGNAME": "ann", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"},
        capture_output=True,
        text=True,
        check=False,
    )
    log = (folder / "cron.log").read_text()
    assert (done.returncode, done.stdout, done.stderr) == (status, "", ""), log
    return log


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home folder that has a checkout with a git address, and a wheel."""
    folder = tmp_path / "home"
    checkout = folder / "tap-linkedin-ads"
    copy_checkout(checkout)
    origin = f"remote add origin {checkout.as_uri()}"
    for command in ("init -q", "add -A", "commit -qm all", origin) if HAS_GIT else ():
        subprocess.run([*GIT, *command.split()], cwd=checkout, check=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir"]
    subprocess.run([*build, folder / "wheels", checkout], capture_output=True, check=True)
    return folder


@pytest.mark.slow
def test_your_project(tmp_path: Path, home: Path) -> None:
    """From three sources into a new Meltano project, into a pipe, and each again from cron."""
    (checkout, tap, wheel, git, project, add, run, programs_of_pipe, pipe, cron, pipe_cron) = (
        blocks(PAGE)
    )
    variables = environment(
        tmp_path,
        HOME=str(home),
        PATH=os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        UV_CACHE_DIR=os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
        XDG_CONFIG_HOME=os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config")),
    )
    with programs.sandbox("small", ROOT) as linkedin, hub() as hub_address:
        start = SystemClock().now().date() - dt.timedelta(days=DAYS)
        settings = {
            "ACCESS_TOKEN": linkedin.access_token,
            "API_URL": linkedin.api_url,
            "OAUTH_URL": linkedin.oauth_url,
            "START_DATE": start,
        }
        dotenv = "".join(f"TAP_LINKEDIN_ADS_{name}={value}\n" for name, value in settings.items())
        terminal = Terminal(home, {**variables, "MELTANO_HUB_API_ROOT": hub_address})
        terminal.run(checkout)

        for number, source in enumerate((wheel, git) if HAS_GIT else (wheel,)):
            folder = home / f"project{number}"
            folder.mkdir()
            (folder / "meltano.yml").write_text("project_id: any\n")
            terminal.run(f"{source}cd {folder}\n{add}")
            assert _tap(folder)["pip_url"].startswith(("git+file:", str(home / "wheels")))
            assert _origin(folder) == _tap(folder)["pip_url"].removeprefix("git+")

        terminal.run(tap)
        terminal.run(project)
        terminal.run(add)
        folder = home / "linkedin"
        definition = yaml.safe_load((ROOT / "hub" / "tap-linkedin-ads.yml").read_text())
        (variant,) = definition["variants"]
        added = _tap(folder)
        assert {key: added[key] for key in variant} == {
            **variant,
            "pip_url": str(home / "tap-linkedin-ads"),
        }
        (folder / ".env").write_text(dotenv)
        said = terminal.run(run)
        assert re.search(r"will work: +ad_accounts, ", said)
        first = summary(said)
        assert first["exit_status"] == 0
        selected = {pattern.partition(".")[0] for pattern in variant["select"]}
        assert _rows(first).keys() <= selected

        log = in_cron(terminal.run(cron), home, folder)
        second = summary(log)
        assert 0 < second["rows"] < first["rows"]

        terminal.run(programs_of_pipe)
        folder = home / "linkedin-pipe"
        (folder / ".env").write_text(dotenv)
        assert _rows(first).items() >= _rows(_last(terminal.run(pipe))).items()
        line = terminal.run(pipe_cron)
        assert _rows(second).items() >= _rows(_last(in_cron(line, home, folder))).items()
        state = (folder / "state.json").read_text()
        assert json.loads(state)["bookmarks"]
        (folder / ".env").write_text(f"{dotenv}TAP_LINKEDIN_ADS_START_DATE=never\n")
        in_cron(line, home, folder, status=2)
        assert (folder / "state.json").read_text() == state


def _tap(folder: Path) -> dict[str, t.Any]:
    """Return the plugin of a project's meltano.yml."""
    project = yaml.safe_load((folder / "meltano.yml").read_text())
    (added,) = project["plugins"]["extractors"]
    tap: dict[str, t.Any] = added
    return tap


def _origin(folder: Path) -> str:
    """Return the address that the tap of a project was installed from."""
    venv = folder / ".meltano" / "extractors" / "tap-linkedin-ads" / "venv"
    assert (venv / "bin" / "tap-linkedin-ads").exists()
    (origin,) = venv.glob("lib/*/site-packages/tap_linkedin_ads_and_pages-*/direct_url.json")
    url: str = json.loads(origin.read_text())["url"]
    return url.removeprefix("file://") if url.endswith(".whl") else url


def _last(log: str) -> dict[str, t.Any]:
    """Return the summary of the last run that a log without Meltano's marks tells of."""
    lines = [line for line in log.splitlines() if line.startswith('{"exit_status"')]
    last: dict[str, t.Any] = json.loads(lines[-1])
    return last


def _rows(run: dict[str, t.Any]) -> dict[str, int]:
    """Return how many rows a run read of each stream."""
    return {stream["stream"]: stream["rows"] for stream in run["streams"]}

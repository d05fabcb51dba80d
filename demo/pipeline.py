"""`meltano run`, with its log boiled down to what a person wants to see."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from demo.programs import Sandbox, running

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.postgres import Postgres
    from demo.screen import Screen

TAP = "tap-linkedin-ads"
TARGET, EXACT_TARGET = "target-postgres", "target-postgres-exact"
SCHEMA, EXACT_SCHEMA = "linkedin_ads_demo", "linkedin_ads_demo_exact"
_BESIDE = ("ad_posts.*", "ad_post_carousel_cards.*", "ad_post_multi_images.*")
"""Streams that the demo shows beside those that the project selects."""
_PROGRAMS = Path(sys.executable).parent
_SILENCE_SECONDS = 1.0
_LOG_TAIL = 30
_BEGINS = re.compile(r"Beginning .*sync of '(\w+)'")


class RunFailedError(RuntimeError):
    """Meltano stopped with an error, behind these last lines of its log."""

    def __init__(self, message: str, log: list[str]) -> None:
        """Keep the lines."""
        super().__init__(message)
        self.log = log


@dataclass(frozen=True)
class Run:
    """When a run began, in epoch milliseconds, and how many seconds it took."""

    began: int
    seconds: float


@dataclass(frozen=True)
class Bookmark:
    """How far one stream has got in one ad account."""

    stream: str
    account_id: str
    value: str


@dataclass(frozen=True)
class Pipeline:
    """The Meltano project of this repository, pointed at a sandbox and a server."""

    project: Path
    work: Path
    sandbox: Sandbox
    server: Postgres
    screen: Screen
    _environment: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Work out the environment that every Meltano command gets."""
        # pip and uv take a blank in the variable for the end of the path.
        constraints = str(shutil.copy(self.project / "constraints.txt", self.work))
        self._environment.update(
            # Settings of the user's shell must not leak in.
            {name: value for name, value in os.environ.items() if not _is_setting(name)},
            # Meltano and what installs its plugins keep caches there.
            HOME=str(Path.home() if os.access(Path.home(), os.W_OK) else self.work),
            MELTANO_PROJECT_ROOT=str(self.project),
            MELTANO_SEND_ANONYMOUS_USAGE_STATS="false",
            # Plugins and state live as long as the demo: each one starts from nothing, and two at
            # a time do not meet.
            MELTANO_STATE_BACKEND_URI=self._state_folder.as_uri(),
            MELTANO_SYS_DIR_ROOT=str(self.work / "meltano"),
            MELTANO_VENV_BACKEND="uv",
            PATH=os.pathsep.join([str(_PROGRAMS), os.environ.get("PATH", "")]),
            PIP_CONSTRAINT=constraints,
            UV_CONSTRAINT=constraints,
            TAP_LINKEDIN_ADS_ACCESS_TOKEN=self.sandbox.access_token,
            TAP_LINKEDIN_ADS_API_URL=self.sandbox.api_url,
            TAP_LINKEDIN_ADS_OAUTH_URL=self.sandbox.oauth_url,
            TAP_LINKEDIN_ADS__SELECT=json.dumps([*_selected(self.project), *_BESIDE]),
        )
        for target, schema in ((TARGET, SCHEMA), (EXACT_TARGET, EXACT_SCHEMA)):
            prefix = target.replace("-", "_").upper()
            settings = {
                "HOST": self.server.host,
                "PORT": str(self.server.port),
                "USER": self.server.user,
                "PASSWORD": self.server.password or "unused",
                "DATABASE": self.server.database,
                "DEFAULT_TARGET_SCHEMA": schema,
            }
            self._environment.update(
                {f"{prefix}_{name}": value for name, value in settings.items()}
            )

    def install(self) -> None:
        """Install the tap and both loaders as Meltano plugins, each into its own environment."""
        try:
            self._meltano("install", TAP, TARGET, EXACT_TARGET)
        except RunFailedError:
            # uv reads other settings than pip, so a machine may allow only one of them.
            self.screen.note("uv could not install the plugins; trying pip")
            self._environment["MELTANO_VENV_BACKEND"] = "virtualenv"
            self._meltano("install", TAP, TARGET, EXACT_TARGET)

    def run(self, target: str = TARGET) -> Run:
        """Run the pipeline once."""
        began = time.time()
        self._meltano("run", TAP, target)
        return Run(int(began * 1000), time.time() - began)

    def bookmarks(self) -> list[Bookmark]:
        """Read the bookmarks of the last run from Meltano's state."""
        found: list[Bookmark] = []
        for path in sorted(self._state_folder.glob("*/state.json")):
            state = json.loads(path.read_text())["completed"]["singer_state"]
            for stream, entry in state.get("bookmarks", {}).items():
                found += [
                    Bookmark(stream, str(part["context"]["account_id"]), str(value))
                    for part in entry.get("partitions", [])
                    if "account_id" in part["context"]
                    and (value := part.get("replication_key_value"))
                ]
        return found

    @property
    def _state_folder(self) -> Path:
        return self.work / "state"

    def _meltano(self, *arguments: str) -> None:
        # An empty .env instead of the project's: it may hold credentials for the real LinkedIn.
        dotenv = self.work / "empty.env"
        dotenv.touch()
        options = ["--env-file", str(dotenv), "--log-format", "json"]
        command = [str(_PROGRAMS / "meltano"), *options, *arguments]
        log: list[str] = []
        with running(command, self.project, self._environment) as program:
            for line in program.lines(patience=_SILENCE_SECONDS):
                if line is None:
                    self.screen.sign_of_life()
                    continue
                log.append(_event(line).get("event", line))
                for note in _notes(line):
                    self.screen.note(note)
            status = program.wait()
        if status:
            message = f"meltano {' '.join(arguments)} stopped with status {status}"
            raise RunFailedError(message, log[-_LOG_TAIL:])


def _selected(project: Path) -> list[str]:
    """Return what the project selects of the tap."""
    plugins = yaml.safe_load((project / "meltano.yml").read_text())["plugins"]
    tap = next(plugin for plugin in plugins["extractors"] if plugin["name"] == TAP)
    return list(tap["select"])


def _is_setting(name: str) -> bool:
    return name.startswith(("MELTANO_", "TAP_LINKEDIN_ADS_", "TARGET_POSTGRES_"))


def _event(line: str) -> dict[str, t.Any]:
    """Read one line of Meltano's log; what is no JSON object has no fields."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _notes(line: str) -> Iterator[str]:
    """Say what is worth showing of a line of the log."""
    event = _event(line)
    text = str(event.get("event", ""))
    if match := _BEGINS.search(text):
        yield f"reading {match[1]}"
    elif text.startswith(("Installing ", "Installed ")) and "'" in text:
        yield text
    elif (summary := _event(text)) and "requests" in summary:
        yield f"the tap sent {summary['rows']:,} rows, from {summary['requests']:,} requests"
    elif event.get("level") in {"warning", "error", "critical"}:
        yield f"{event['level']}: {text}"

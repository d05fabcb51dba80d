"""The states that Meltano keeps of a plugin's runs, for a command that Meltano starts.

Meltano hands a state to runs only. Its commands know the project, the environment and the plugin by
variables, but not the loader, of which a state id consists as well: so all of the plugin's count.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json = dict[str, t.Any]
_SECONDS = 60


class UnknownStatesError(Exception):
    """Meltano does not tell its states, with the reason."""


def exported(environment: Mapping[str, str]) -> list[Json]:
    """Return the states of the plugin that Meltano is running; none without Meltano.

    Args:
        environment: The environment variables.

    Raises:
        UnknownStatesError: Meltano does not tell them.
    """
    project, plugin = (
        environment.get("MELTANO_PROJECT_ROOT"),
        environment.get("MELTANO_EXTRACTOR_NAME"),
    )
    if not project or not plugin:
        return []
    program = shutil.which("meltano", path=environment.get("PATH")) or named_in(_parent())
    if program is None:
        raise UnknownStatesError("there is no meltano on the PATH")
    try:
        done = subprocess.run(  # noqa: S603  the program that started this one
            [program, "--log-level=error", "state", "export"],
            cwd=project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UnknownStatesError(f"{program} state export: {error}") from None
    return list(of_plugin(found, environment.get("MELTANO_ENVIRONMENT", ""), plugin))


def _parent() -> list[str]:
    """Return the command line of what started this program, where the system tells."""
    try:
        text = Path(f"/proc/{os.getppid()}/cmdline").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return []
    return text.split("\0")


def named_in(words: Sequence[str]) -> str | None:
    """Return Meltano as a command line names it, which need not be on the PATH."""
    return next((word for word in words[:2] if Path(word).name == "meltano"), None)


def of_plugin(states: Json, environment: str, plugin: str) -> Iterator[Json]:
    """Yield the states of one plugin, whatever it was loaded with.

    Args:
        states: What ``meltano state export`` prints: by state id, what the last complete run left
            and what stopped ones have added since.
        environment: Meltano's environment, empty for none.
        plugin: The plugin.
    """
    begins = f"{environment}:{plugin}-to-" if environment else f"{plugin}-to-"
    for state_id, parts in states.items():
        if state_id.startswith(begins) and isinstance(parts, dict):
            yield from (part["singer_state"] for part in parts.values() if _holds_state(part))


def _holds_state(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("singer_state"), dict)

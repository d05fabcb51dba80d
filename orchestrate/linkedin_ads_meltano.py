"""Runs Meltano: asks it for accounts and state, and loads with one plugin at a time.

    python linkedin_ads_meltano.py PLUGIN LOADER [OPTION]...

is ``meltano run [OPTION]... PLUGIN LOADER``, which waits while another such command of the same
plugin is running.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import linkedin_ads_watch
import yaml

from linkedin_ads_shards import (
    Accounts,
    bookmarked,
    pages_environment,
    shard_environments,
    share_out,
)

if t.TYPE_CHECKING:
    from collections.abc import Sequence

TAP = "tap-linkedin-ads"
PAGES = f"{TAP}-pages"
SHARD = f"{TAP}-shard"


def plan(project: Path, loader: str) -> list[dict[str, str]]:
    """Find the ad accounts and share them out between the shards of meltano.yml.

    Args:
        project: The Meltano project.
        loader: The loader's plugin.

    Returns:
        The environment of each run: first the one that reads company pages, then those of the
        shards that have ad accounts to read. ``PLUGIN`` in it is the plugin to run.

    Raises:
        LookupError: meltano.yml has no plugin for a shard.
        subprocess.CalledProcessError: Meltano or the tap ended with an error.
    """
    declared = yaml.safe_load((project / "meltano.yml").read_text(encoding="utf-8"))
    plugins = _shards(declared)
    environment = os.environ.get("MELTANO_ENVIRONMENT") or declared.get("default_environment")
    options = [f"--environment={environment}"] if environment else []
    accounts = Accounts.parse(_meltano(project, *options, "invoke", f"{TAP}:accounts"))
    states = json.loads(_meltano(project, *options, "state", "export"))
    prefix = f"{environment}:" if environment else ""
    known = [bookmarked(states.get(f"{prefix}{plugin}-to-{loader}", {})) for plugin in plugins]
    shares = dict(zip(plugins, share_out(accounts.ids, known), strict=True))
    for plugin, share in shares.items():
        print(f"Ad accounts for {plugin}: {len(share)}")
    for account in sorted({account for of in known for account in of}.difference(accounts.ids)):
        print(f"Ad account {account} was read earlier and is not in sight now.")
    return [pages_environment(PAGES, accounts), *shard_environments(accounts, shares)]


def _shards(declared: dict[str, t.Any]) -> list[str]:
    """Return the shards' plugins in the order of their numbers."""
    names = [str(plugin["name"]) for plugin in declared["plugins"]["extractors"]]
    numbers = {name: name.removeprefix(SHARD) for name in names if name.startswith(SHARD)}
    found = sorted((n for n in numbers if numbers[n].isdecimal()), key=lambda n: int(numbers[n]))
    if not found:
        raise LookupError(f"meltano.yml has no plugin {SHARD}0; docs/sharding.md tells how")
    return found


def _meltano(project: Path, *arguments: str) -> str:
    """Return what a Meltano command prints; its log goes where this program's goes."""
    done = subprocess.run(
        ["meltano", "--log-level=warning", *arguments],  # noqa: S607  the worker's PATH says which
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def load(plugin: str, loader: str, options: Sequence[str]) -> t.NoReturn:
    """Become ``meltano run``, as soon as no other run of the plugin is left on this machine.

    Two runs of one plugin would overwrite each other's files. Meltano itself takes only the state
    of a run for a sign of it, which ``--force`` ignores: needed after a run that was killed, and
    wrong as long as one lives on, say when its worker was killed and Meltano was not.
    """
    folder = _folder(Path())
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f"{plugin}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"Waiting for an earlier run of {plugin} to end.", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    _pass_output_through(summary_file(plugin))
    # Meltano keeps the file open and hands it to no other program: the lock ends with Meltano.
    os.set_inheritable(lock, True)  # noqa: FBT003  the function has no keyword
    os.execvp("meltano", ["meltano", "run", *options, plugin, loader])  # noqa: S606, S607


def summary_file(plugin: str, project: Path = Path()) -> Path:
    """Return where ``load`` leaves the summary of the tap's last run."""
    return _folder(project) / f"{plugin}.summary.json"


def _folder(project: Path) -> Path:
    return project / (os.environ.get("MELTANO_SYS_DIR_ROOT") or ".meltano") / "run"


def _pass_output_through(file: Path) -> None:
    """Have another program read what this one writes, become what it may, for the summary in it.

    That one goes on until the output ends, and this process can become Meltano itself.
    """
    reader = subprocess.Popen(
        [sys.executable, linkedin_ads_watch.__file__, "--keep", str(file)], stdin=subprocess.PIPE
    )
    output = t.cast("t.IO[bytes]", reader.stdin).fileno()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(output, stream.fileno())


if __name__ == "__main__":
    load(sys.argv[1], sys.argv[2], sys.argv[3:])

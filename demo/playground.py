"""`make playground`: a local LinkedIn and a PostgreSQL to walk through README with.

Where they are goes into a file for the shell, which lives as long as they do. It holds no tokens:
`tap-linkedin-ads login` gets them, as it does from LinkedIn. A second playground beside the first
one has ports and a file of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shlex
import signal
import sys
import threading
import typing as t
from pathlib import Path

from demo.postgres import NoServerError, postgres
from demo.programs import sandbox

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from demo.postgres import Postgres
    from demo.programs import Sandbox

PROJECT = Path(__file__).resolve().parent.parent
WORLD = "small"


def main() -> int:
    """Serve until SIGINT or SIGTERM; give the exit status."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        with contextlib.ExitStack() as stack:
            linkedin = stack.enter_context(sandbox(WORLD, PROJECT))
            server = stack.enter_context(postgres())
            file = stack.enter_context(written(_variables(linkedin, server)))
            print(f"LinkedIn    {linkedin.api_url} (the sandbox, world '{WORLD}')")
            print(f"PostgreSQL  {server.host}:{server.port}, database {server.database}")
            print(f"In another terminal: . ./{file.name}")
            print("Ctrl-C ends both.", flush=True)
            done.wait()
    except (NoServerError, RuntimeError) as error:
        print(f"The playground failed: {error}")
        return 1
    return 0


def _variables(linkedin: Sandbox, server: Postgres) -> dict[str, str]:
    """Give the settings of the tap and of the loader as environment variables."""
    return {
        "TAP_LINKEDIN_ADS_API_URL": linkedin.api_url,
        "TAP_LINKEDIN_ADS_OAUTH_URL": linkedin.oauth_url,
        "TAP_LINKEDIN_ADS_CLIENT_ID": linkedin.client_id,
        "TAP_LINKEDIN_ADS_CLIENT_SECRET": linkedin.client_secret,
        "TARGET_POSTGRES_HOST": server.host,
        "TARGET_POSTGRES_PORT": str(server.port),
        "TARGET_POSTGRES_USER": server.user,
        "TARGET_POSTGRES_PASSWORD": server.password or "unused",
        "TARGET_POSTGRES_DATABASE": server.database,
    }


@contextlib.contextmanager
def written(variables: Mapping[str, str], folder: Path = PROJECT) -> Iterator[Path]:
    """Write the variables into a file that no other playground has, as long as the context lives.

    A file that a killed playground has left is not locked, and is written anew.
    """
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    for number in itertools.count(1):
        path = folder / ("playground.env" if number == 1 else f"playground-{number}.env")
        with open(path, "a", encoding="utf-8", opener=_for_the_owner) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            file.truncate(0)
            file.writelines(lines)
            file.flush()
            try:
                yield path
            finally:
                path.unlink(missing_ok=True)
            return


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


if __name__ == "__main__":
    sys.exit(main())

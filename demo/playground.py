"""`make playground`: a local LinkedIn and a PostgreSQL for docs/walk.md.

Where they are goes into a file for the shell, which lives as long as they do. It holds no tokens:
`tap-linkedin-ads login` gets them, as it does from LinkedIn. A second playground beside the first
one has ports and a file of its own. `make dashboard` is a playground with everything loaded, and a
dashboard on it.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shlex
import signal
import sys
import tempfile
import threading
import typing as t
from pathlib import Path

from demo import dashboard
from demo.postgres import NoServerError, postgres
from demo.programs import sandbox
from demo.screen import Screen

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from demo.postgres import Postgres
    from demo.programs import Sandbox

PROJECT = Path(__file__).resolve().parent.parent
WORLD = "small"
WITH_DASHBOARD = "--dashboard"


def main() -> int:
    """Serve until SIGINT or SIGTERM; give the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        with contextlib.ExitStack() as stack:
            linkedin = stack.enter_context(sandbox(WORLD, PROJECT))
            server = stack.enter_context(postgres())
            variables = _variables(linkedin, server)
            file = stack.enter_context(written(variables))
            print(f"LinkedIn    {linkedin.api_url} (the sandbox, world '{WORLD}')")
            print(f"PostgreSQL  {server.host}:{server.port}, database {server.database}")
            print(f"In another terminal: . ./{file.name}", flush=True)
            if sys.argv[1:] == [WITH_DASHBOARD]:
                work = stack.enter_context(tempfile.TemporaryDirectory(prefix="dashboard-"))
                token = {"TAP_LINKEDIN_ADS_ACCESS_TOKEN": linkedin.access_token}
                shown = dashboard.shown(variables | token, Path(work), Screen())
                print(f"Dashboard   {stack.enter_context(shown)}")
            else:
                print("To see everything loaded, on a dashboard: make dashboard")
            print("Ctrl-C ends all of it.", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (NoServerError, RuntimeError) as error:
        print(f"The playground failed: {error}")
        return 1
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> t.NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # what was started is being ended
    raise KeyboardInterrupt


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

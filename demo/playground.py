"""`make playground`: a local LinkedIn and a PostgreSQL for docs/walk.md.

Where they are goes into a file for the shell, which lives as long as they do. It holds no tokens:
`tap-linkedin-ads login` gets them, as it does from LinkedIn.
"""

from __future__ import annotations

import contextlib
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
    from demo.postgres import Postgres
    from demo.programs import Sandbox

PROJECT = Path(__file__).resolve().parent.parent
FILE = PROJECT / "playground.env"
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
            stack.callback(FILE.unlink, missing_ok=True)
            _write(_variables(linkedin, server))
            print(f"LinkedIn    {linkedin.api_url} (the sandbox, world '{WORLD}')")
            print(f"PostgreSQL  {server.host}:{server.port}, database {server.database}")
            print(f"In another terminal: . ./{FILE.name}")
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


def _write(variables: dict[str, str]) -> None:
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    descriptor = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)


if __name__ == "__main__":
    sys.exit(main())

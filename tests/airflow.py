"""An Airflow with an environment and a database of its own: scheduler, DAG processor and API."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ORCHESTRATE = ROOT / "orchestrate"
CONSTRAINTS = ORCHESTRATE / "constraints.txt"
KEPT = ROOT / ".airflow"
_UV = Path(sys.executable).parent / "uv"
_UNSUPPORTED = (3, 15)
_COMPONENTS = (("api-server", "--apps", "execution"), ("scheduler",), ("dag-processor",))


class Try(t.NamedTuple):
    """One try of a task, as Airflow recorded it; instants are texts that sort by time."""

    task: str
    index: int
    number: int
    state: str
    start: str
    end: str


@dataclass(frozen=True)
class Airflow:
    """A running Airflow.

    Attributes:
        home: Its folder, with database and logs.
    """

    home: Path

    @property
    def run_state(self) -> str | None:
        """Return the state of the DAG run, None before there is one."""
        found = self._query("select state from dag_run")
        return str(found[0][0]) if found else None

    def tries(self) -> list[Try]:
        """Return every try that has ended or is the last of its task."""
        columns = "task_id, map_index, try_number, state, start_date, end_date"
        return sorted(
            Try(*row)
            for row in self._query(
                f"select {columns} from task_instance "  # noqa: S608  no value in it
                f"union select {columns} from task_instance_history"
            )
            if row[4]
        )

    def log(self, task: str, index: int, number: int) -> str:
        """Return the log of a try of a mapped task."""
        name = f"task_id={task}/map_index={index}/attempt={number}.log"
        (path,) = (self.home / "logs").glob(f"*/*/{name}")
        return path.read_text()

    def logs(self) -> str:
        """Return what there is to read about a failure."""
        paths = [*self.home.glob("*.log"), *(self.home / "logs").glob("*/*/task_id=*/**/*.log")]
        return "\n".join(f"{path.relative_to(self.home)}:\n{_end(path)}" for path in paths)

    def _query(self, sql: str) -> list[tuple[t.Any, ...]]:
        address = f"file:{self.home / 'airflow.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as database:
            return database.execute(sql).fetchall()


@contextlib.contextmanager
def running(home: Path, **variables: str) -> Iterator[Airflow]:
    """Run Airflow with the DAGs of orchestrate/, which start by themselves.

    Args:
        home: An empty folder for it.
        **variables: Environment variables, for the tasks too.
    """
    programs = _installed()
    shutil.copyfile(programs.parent / "airflow.db", home / "airflow.db")
    port = _free_port()
    environment = {
        **_environment(home, programs),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": os.urandom(32).hex(),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ORCHESTRATE),
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "3",  # a process each
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "300",
        **variables,
    }
    components: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as processes:
        for component, *options in _COMPONENTS:
            log = processes.enter_context((home / f"{component}.log").open("wb"))
            components.append(
                processes.enter_context(
                    started(
                        [programs / "airflow", component, *options],
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
            )
        processes.callback(_end_all, components)
        yield Airflow(home)


def _end_all(components: list[subprocess.Popen[bytes]]) -> None:
    """Ask components and what they started to end."""
    for process in components:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        for process in components:
            process.wait(5)


def _installed() -> Path:
    """Return the programs of an Airflow; it is installed once and kept, with an empty database."""
    if sys.version_info >= _UNSUPPORTED:
        pytest.skip(f"Airflow does not support Python {sys.version_info[0]}.{sys.version_info[1]}")
    mark = hashlib.sha256(CONSTRAINTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = KEPT / mark
    programs = folder / "bin"
    if (folder / "complete").exists():
        return programs
    shutil.rmtree(folder, ignore_errors=True)
    _run(_UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = ("--python", programs / "python")
    _run(_UV, "pip", "install", "--quiet", *python, "-c", CONSTRAINTS, "apache-airflow")
    _run(programs / "airflow", "db", "migrate", environment=_environment(folder, programs))
    (folder / "complete").touch()
    return programs


def _environment(home: Path, programs: Path) -> dict[str, str]:
    hidden = ("AIRFLOW_", "LINKEDIN_ADS_", "MELTANO_", "TAP_LINKEDIN_ADS_", "TARGET_POSTGRES_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
    }


def _run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(path: Path) -> str:
    """Return the last lines of a log, the beginning of each."""
    return "\n".join(line[:500] for line in path.read_text().splitlines()[-15:])


def wait_until(happened: t.Callable[[], object], what: str, patience: float = 180.0) -> None:
    """Wait until something has happened.

    Raises:
        TimeoutError: It did not.
    """
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)

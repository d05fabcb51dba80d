"""A throw-away PostgreSQL, and the loader of meltano.yml to fill it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from demo.postgres import NoServerError, Postgres, throw_away_postgres

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.sql import SQLTarget
    from typing_extensions import LiteralString

ROOT = Path(__file__).resolve().parent.parent
PLAIN = (str(Path(sys.executable).parent / "target-postgres"),)
EXACT = (sys.executable, "-m", "target_postgres_exact.target")
EXACT_FOLDER = ROOT / "loaders" / "target-postgres-exact"


@dataclass(frozen=True)
class Loader:
    """target-postgres, or the exact one, with the settings that meltano.yml gives it."""

    server: Postgres
    folder: Path
    command: tuple[str, ...] = PLAIN

    def load(self, messages: Iterable[str], schema: str, **settings: object) -> None:
        """Load Singer messages, one JSON text each, into a schema of the server.

        It happens in this process: most of a small load's time, a program imports.
        """
        # Programs of other tests have no use for what takes so long to import.
        from target_postgres.target import TargetPostgres  # noqa: PLC0415

        from target_postgres_exact.target import TargetPostgresExact  # noqa: PLC0415

        kind = TargetPostgresExact if self.command == EXACT else TargetPostgres
        listen(kind(config=json.loads(self.config(schema, **settings).read_text())), messages)

    def config(self, schema: str, **settings: object) -> Path:
        """Write the settings for a schema of the server."""
        config = self.folder / f"{schema}.json"
        connection = {
            "host": self.server.host,
            "port": self.server.port,
            "user": self.server.user,
            "password": self.server.password,
            "database": self.server.database,
        }
        defaults = {**_declared_loader()["config"], **connection, "default_target_schema": schema}
        config.write_text(json.dumps(defaults | settings))
        return config

    @property
    def environment(self) -> dict[str, str]:
        """The environment that meltano.yml asks for, with the exact loader on the path."""
        return {**os.environ, **_declared_loader()["env"], "PYTHONPATH": str(EXACT_FOLDER)}

    def query(self, sql: LiteralString) -> list[tuple[t.Any, ...]]:
        """Give the rows of a query."""
        with self.server.connect() as connection:
            return connection.execute(sql).fetchall()


def listen(target: SQLTarget, messages: Iterable[str]) -> None:
    """Give a target messages, with the environment that meltano.yml asks for."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _declared_loader()["env"].items():
            patch.setenv(name, value)
        target.listen(io.StringIO("".join(f"{message}\n" for message in messages)))
    target.target_connector._engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """Run a PostgreSQL whose clock is not set to UTC, for as long as the tests run."""
    with contextlib.ExitStack() as stack:
        try:
            started = stack.enter_context(throw_away_postgres())
        except NoServerError as error:
            pytest.skip(str(error))
        with started.connect() as connection:
            connection.execute("alter system set timezone = 'America/New_York'")
            connection.execute("select pg_reload_conf()")
        yield started


@pytest.fixture
def loader(server: Postgres, tmp_path: Path) -> Loader:
    """Give the loader on that server."""
    return Loader(server, tmp_path)


@pytest.fixture
def exact(server: Postgres, tmp_path: Path) -> Loader:
    """Give the exact loader on that server."""
    return Loader(server, tmp_path, EXACT)


def _declared_loader() -> dict[str, t.Any]:
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    declared: dict[str, t.Any] = next(
        plugin for plugin in plugins["loaders"] if plugin["name"] == "target-postgres"
    )
    return declared

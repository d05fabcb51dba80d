"""A load for the tests of what comes after it.

The tap runs as docs/dbt.md says for all models in dbt/ and for Fivetran's packages, which adds
tables and columns to those that meltano.yml selects.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass

import psycopg
import yaml
from psycopg.rows import dict_row

from tests import meltano_project

if t.TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import LiteralString

    from demo.postgres import Postgres
    from sandbox import Sandbox, World

PAGE = meltano_project.ROOT / "docs" / "dbt.md"
SCHEMA = "linkedin_ads"
DAYS = 40

Row = dict[str, t.Any]


@dataclass(frozen=True)
class Warehouse:
    """A server with the tables of one run, and the world that was read."""

    world: World
    server: Postgres

    @property
    def start(self) -> dt.date:
        """The first day of figures."""
        return self.world.today - dt.timedelta(days=DAYS)

    def query(self, sql: LiteralString | psycopg.sql.Composed) -> list[Row]:
        """Give the rows of a query."""
        with self.server.connect() as connection:
            return connection.cursor(row_factory=dict_row).execute(sql).fetchall()

    def execute(self, sql: LiteralString) -> None:
        """Run statements."""
        with self.server.connect() as connection:
            connection.execute(sql)

    def table(self, schema: str, name: str) -> list[Row]:
        """Give all rows of a table."""
        identifier = psycopg.sql.Identifier(schema, name)
        return self.query(psycopg.sql.SQL("select * from {}").format(identifier))

    def columns(self, schema: str) -> dict[str, dict[str, str]]:
        """Give the type of each column of each table of a schema, by table and column."""
        found: dict[str, dict[str, str]] = {}
        for row in self.query(
            psycopg.sql.SQL(
                "select table_name, column_name, data_type from information_schema.columns "
                "where table_schema = {}"
            ).format(schema)
        ):
            found.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
        return found


def documented(word: str) -> t.Any:  # noqa: ANN401 - YAML may hold anything
    """Read the YAML example of docs/dbt.md in which a word occurs."""
    examples = (text.split("```")[0] for text in PAGE.read_text().split("```yaml\n")[1:])
    (example,) = (text for text in examples if word in text)
    return yaml.safe_load(example)


def load(world: World, sandbox: Sandbox, server: Postgres, folder: Path) -> Warehouse:
    """Run Meltano once.

    Args:
        world: What the sandbox serves.
        sandbox: What the tap reads.
        server: What the loader writes to.
        folder: Takes the Meltano project.
    """
    found = Warehouse(world, server)
    (extractor,) = meltano_project.declared()["plugins"]["extractors"]
    select: list[str] = list(extractor["select"])
    config: dict[str, t.Any] = {}
    maps: dict[str, t.Any] = {}
    for word in ("ad_posts.*", "demographics_level", "ugc_posts:"):
        (example,) = documented(word)["plugins"]["extractors"]
        select += [name for name in example["select"] if name not in select]
        config |= example.get("config", {})
        maps |= config.pop("stream_maps", {})
    config |= {"stream_maps": maps, "start_date": found.start.isoformat()}
    meltano_project.write(folder, sandbox, server, SCHEMA, select, config)
    meltano_project.run(folder)
    return found

"""(g) From the tap's messages into PostgreSQL: target-postgres, the exact loader, and a floor."""

from __future__ import annotations

import json
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from psycopg import sql

from benchmarks import ours, processes
from benchmarks.linkedin import LinkedIn
from benchmarks.processes import ROOT
from benchmarks.tables import Section, mib
from benchmarks.worlds import Recipe
from demo.postgres import throw_away_postgres

if TYPE_CHECKING:
    from benchmarks.processes import Cost
    from demo.postgres import Postgres

TITLE = "Last mile into PostgreSQL"
_EXACT = ROOT / "loaders" / "target-postgres-exact"
_PLAIN_NAME, _EXACT_NAME, _COPY_NAME, _FLOOR_NAME = (
    "target-postgres",
    "target-postgres-exact",
    "target-postgres, use_copy (rounds)",
    "floor: COPY and one upsert",
)
_MOST_OF_FLOOR = 2.5


@dataclass(frozen=True)
class Load:
    """A load into a schema of its own: what it took, and the bytes of its table."""

    name: str
    cost: Cost
    size: int


def measure(*, quick: bool) -> Section:
    """Load the same messages with each, twice: into nothing, and over themselves."""
    creatives, days = (20, 50) if quick else (100, 120)
    recipe = Recipe("reference", days, {"creatives": creatives})
    section = Section(TITLE)
    section.say(_EXPLANATION)
    with tempfile.TemporaryDirectory() as folder, throw_away_postgres() as server:
        place = Path(folder)
        place.chmod(0o755)
        with LinkedIn(recipe) as linkedin:
            tap = ours.run(linkedin, place, recipe.start())
        rows = ours.records(tap)
        columns = len(ours.schema("ad_performance")["properties"])
        loads: dict[str, Load] = {}
        lines: list[tuple[object, ...]] = []
        for work in ("first load", "same rows again"):
            for name in (_PLAIN_NAME, _COPY_NAME, _EXACT_NAME, _FLOOR_NAME):
                load = _load(name, server, tap.stdout, place)
                loads.setdefault(name, load)
                speed = round(rows / load.cost.wall)
                shown = (load.cost.wall, load.cost.cpu, speed, mib(load.cost.peak), mib(load.size))
                lines.append((name, work, rows, *shown))
    section.say(
        f"{columns} columns; for these rows the tap itself took {tap.wall:.1f} s, "
        f"{tap.cpu:.1f} s of processor time, and {mib(tap.peak):.0f} MiB at its peak."
    )
    section.table(_HEAD, lines)
    of_floor = loads[_EXACT_NAME].cost.wall / loads[_FLOOR_NAME].cost.wall
    of_cpu = loads[_EXACT_NAME].cost.cpu / loads[_FLOOR_NAME].cost.cpu
    faster = loads[_PLAIN_NAME].cost.wall / loads[_EXACT_NAME].cost.wall
    section.verdicts(
        [
            (
                "Wall time of the exact loader by the floor's, first load",
                of_floor,
                f"≤ {_MOST_OF_FLOOR}",
                of_floor <= _MOST_OF_FLOOR,
            ),
            (
                "The same by processor time, without the server's",
                of_cpu,
                f"≤ {_MOST_OF_FLOOR}",
                of_cpu <= _MOST_OF_FLOOR,
            ),
            ("Wall time of target-postgres by the exact loader's", faster, "> 1", faster > 1),
        ]
    )
    return section


def _load(name: str, server: Postgres, messages: Path, place: Path) -> Load:
    schema = re.sub(r"\W+", "_", name)
    environment = {"PGTZ": "UTC"}
    if name == _FLOOR_NAME:
        address = (
            f"host={server.host} port={server.port} user={server.user} dbname={server.database}"
        )
        floor = Path(__file__).with_name("copy_floor.py")
        command = [sys.executable, str(floor), address, schema]
        environment |= {"PGPASSWORD": server.password or "unused"}
    else:
        config = place / f"{schema}.json"
        config.write_text(json.dumps(_settings(server, schema, use_copy=name == _COPY_NAME)))
        program = (
            [sys.executable, "-m", "target_postgres_exact.target"]
            if name == _EXACT_NAME
            else [str(Path(sys.executable).parent / "target-postgres")]
        )
        command = [*program, "--config", str(config)]
        environment |= {"PYTHONPATH": str(_EXACT)}
    fed = f"exec {shlex.join(command)} < {shlex.quote(str(messages))}"
    cost = processes.run(["/bin/sh", "-c", fed], place, environment=environment, keep_output=False)
    table = sql.Identifier(schema, "ad_performance").as_string()
    with server.connect() as connection:
        query = "select pg_total_relation_size(%s::regclass)"
        ((size,),) = connection.execute(query, [table]).fetchall()
    return Load(name, cost, size)


def _settings(server: Postgres, schema: str, *, use_copy: bool) -> dict[str, object]:
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]
    (declared,) = (loader for loader in plugins["loaders"] if loader["name"] == _PLAIN_NAME)
    return {
        **declared["config"],
        "use_copy": use_copy,
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password or "unused",
        "database": server.database,
        "default_target_schema": schema,
    }


_HEAD = (
    "Program",
    "Work",
    "Rows",
    "Wall s",
    "CPU s",
    "Rows a second",
    "Peak MiB",
    "Table MiB",
)

_EXPLANATION = """\
`ad_performance` with every column, as the tap wrote it, from a file into a throw-away PostgreSQL on
the same machine. The loaders have the settings of meltano.yml. *Floor* (`copy_floor.py`): parses
with msgspec, sends COPY's text into a temporary table, and one INSERT ... ON CONFLICT; no settings,
no schema changes, no record metadata. Wall time counts the whole process, its start included. The
size is the table's with its index; an UPDATE of every row leaves dead ones."""

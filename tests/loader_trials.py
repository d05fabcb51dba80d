"""What loaders make of the tap's rows: each in an environment of its own below ``.loaders``.

``make loaders`` installs them, loads the same rows through each of them twice, and keeps what
arrived in docs/loaders.json, from which the tables of docs/loaders.md are made.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from demo.postgres import Postgres

FOLDER = singer.ROOT / ".loaders"
STREAM = "probe"
SCHEMA = "loader_trial"
BATCH_ROWS = 5
"""Small batches, so that what happens at their edges is seen."""
FIRST, SECOND = range(1, 21), range(16, 26)
"""Ids of the first load and of the second, some of which are those of the first."""
DIGITS = ("12345678901.123456789", "0.000000000000000002", "99.99999999999996", "5")
BIG = 7301122334711220001
INSTANT, DAY = "2026-11-28T23:30:00.123+00:00", "2026-11-28"
TEXT = 'Größe "1", \\ 📈\nnext line'
OBJECT = {"a": [1, {"b": "ü"}], "amount": 1.5}
WORDS = ["x", "y z"]
PROPERTIES: singer.Json = {
    "id": {"type": "integer"},
    "big": {"type": ["integer", "null"]},
    "cost": {"type": ["number", "null"]},
    "instant": {"type": ["string", "null"], "format": "date-time"},
    "day": {"type": ["string", "null"], "format": "date"},
    "flag": {"type": ["boolean", "null"]},
    "text": {"type": ["string", "null"]},
    "object": {"type": ["object", "null"]},
    "words": {"type": ["array", "null"], "items": {"type": "string"}},
}
"""Columns as the tap declares them."""
NULLS_ID = 4
"""The row whose columns are null, but for the key."""

Arrived = tuple[dict[str, str], list[dict[str, t.Any]]]
"""Types by column where the target has types, and rows."""


def messages(ids: Iterable[int]) -> list[str]:
    """Return the messages of one load; amounts are JSON numbers with all their digits."""
    schema = {
        "type": "SCHEMA",
        "stream": STREAM,
        "schema": {"type": "object", "properties": PROPERTIES},
        "key_properties": ["id"],
    }
    return [json.dumps(schema), *map(_record, ids)]


def _record(number: int) -> str:
    values: dict[str, t.Any] = dict.fromkeys(PROPERTIES)
    if number != NULLS_ID:
        values |= {"big": BIG, "cost": "COST", "instant": INSTANT, "day": DAY, "flag": True}
        values |= {"text": TEXT, "object": OBJECT, "words": WORDS}
    values["id"] = number
    record = json.dumps({"type": "RECORD", "stream": STREAM, "record": values})
    return record.replace('"COST"', DIGITS[number % len(DIGITS)])


@dataclass(frozen=True)
class Loader:
    """A loader, how it is installed and set up, and how what it wrote is read.

    Attributes:
        name: How docs/loaders.md calls it.
        packages: What pip installs; empty for what the tests have anyway.
        command: The program, in the environment's ``bin``, or arguments of this Python.
        read: Gives what arrived.
        settings: Settings beside the place to write to.
        place: Names the place to write to.
    """

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    read: Callable[[Loader, Path, Postgres], Arrived]
    place: Callable[[Path, Postgres], Mapping[str, object]]
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def environment(self) -> Path:
        """Where it is installed."""
        return FOLDER / self.name / "venv"

    def python(self, code: str, *arguments: str) -> str:
        """Run a program text in the loader's environment and return what it prints."""
        program = [str(self.environment / "bin" / "python"), "-c", code, *arguments]
        return subprocess.run(program, capture_output=True, text=True, check=True).stdout

    def load(self, lines: list[str], folder: Path, server: Postgres) -> None:
        """Load messages."""
        config = folder / "config.json"
        config.write_text(json.dumps({**self.place(folder, server), **self.settings}))
        program = self.command
        if self.packages:
            program = (str(self.environment / "bin" / self.command[0]), *self.command[1:])
        done = subprocess.run(
            [*program, "--config", config],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PGTZ": "UTC", "PYTHONPATH": str(singer.ROOT / "loaders" / EXACT)},
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{self.name}: {done.stderr[-2000:]}")


EXACT = "target-postgres-exact"


def _read_postgres(_: Loader, __: Path, server: Postgres) -> Arrived:
    with server.connect() as connection:
        connection.execute("set timezone to 'UTC'")
        types = connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = %s and table_name = %s",
            [SCHEMA, STREAM],
        ).fetchall()
        named = {str(name): str(kind) for name, kind in types}
        listed = ", ".join(f'to_jsonb("{name}")::text, "{name}"::text' for name in PROPERTIES)
        found = connection.execute(
            f'select {listed} from "{SCHEMA}"."{STREAM}" order by "id"'.encode()  # noqa: S608
        ).fetchall()
    rows = [
        {name: row[2 * n + 1] for n, name in enumerate(PROPERTIES)}
        | {"words": row[2 * list(PROPERTIES).index("words")]}
        for row in found
    ]
    return {name: named[name] for name in PROPERTIES}, rows


def _read_jsonl(_: Loader, folder: Path, __: Postgres) -> Arrived:
    lines = (folder / f"{STREAM}.jsonl").read_text().splitlines()
    rows = [json.loads(line, parse_float=str) for line in lines]
    return {}, [{name: _text(value) for name, value in row.items()} for row in rows]


def _read_csv(_: Loader, folder: Path, __: Postgres) -> Arrived:
    (path,) = folder.glob("*.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {}, [{n: None if v == "" else v for n, v in row.items()} for row in rows]


_DUCKDB = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1])
types = connection.execute("select column_name, data_type from information_schema.columns "
    "where table_name = ?", [sys.argv[3]]).fetchall()
names = sys.argv[4:]
listed = ", ".join(f'cast("{name}" as varchar)' for name in names)
table = f"{sys.argv[2]}.{sys.argv[3]}"
rows = connection.execute(f'select {listed} from {table} order by "id"').fetchall()
print(json.dumps([dict(types), [dict(zip(names, row)) for row in rows]]))
"""


def _read_duckdb(loader: Loader, folder: Path, _: Postgres) -> Arrived:
    path = str(folder / "probe_db.duckdb")
    types, rows = json.loads(loader.python(_DUCKDB, path, SCHEMA, STREAM, *PROPERTIES))
    return {name: types[name] for name in PROPERTIES}, rows


def _text(value: object) -> str | None:
    """Return a value as a database would print it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _to_postgres(_: Path, server: Postgres) -> dict[str, object]:
    return {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.password,
        "database": server.database,
        "default_target_schema": SCHEMA,
        "batch_size_rows": BATCH_ROWS,
    }


def _to_pipelinewise(folder: Path, server: Postgres) -> dict[str, object]:
    config = _to_postgres(folder, server)
    return {**config, "port": int(server.port), "dbname": config.pop("database")}


def _to_folder(folder: Path, _: Postgres) -> dict[str, object]:
    return {"destination_path": str(folder), "do_timestamp_file": False}


def _to_csv(folder: Path, _: Postgres) -> dict[str, object]:
    return {"output_path": str(folder), "file_naming_scheme": "{stream_name}.csv"}


def _to_duckdb(folder: Path, _: Postgres) -> dict[str, object]:
    path = str(folder / "probe_db.duckdb")  # no second dot in its name: the loader trips over it
    return {"path": path, "default_target_schema": SCHEMA, "batch_size_rows": BATCH_ROWS}


LOADERS = (
    Loader(
        "target-postgres",
        (),
        (str(Path(sys.executable).parent / "target-postgres"),),
        _read_postgres,
        _to_postgres,
        {"use_copy": False},
    ),
    Loader(
        "target-postgres, use_copy",
        (),
        (str(Path(sys.executable).parent / "target-postgres"),),
        _read_postgres,
        _to_postgres,
        {"use_copy": True},
    ),
    Loader(
        EXACT,
        (),
        (sys.executable, "-m", "target_postgres_exact.target"),
        _read_postgres,
        _to_postgres,
    ),
    Loader(
        "pipelinewise-target-postgres",
        ("pipelinewise-target-postgres==2.1.2",),
        ("target-postgres",),
        _read_postgres,
        _to_pipelinewise,
    ),
    Loader(
        "target-duckdb",
        ("target-duckdb==0.8.0",),
        ("target-duckdb",),
        _read_duckdb,
        _to_duckdb,
    ),
    Loader(
        "target-duckdb, duckdb 1.0.0",
        ("target-duckdb==0.8.0", "duckdb==1.0.0"),
        ("target-duckdb",),
        _read_duckdb,
        _to_duckdb,
    ),
    Loader(
        "target-jsonl",
        ("target-jsonl==0.1.4",),
        ("target-jsonl",),
        _read_jsonl,
        _to_folder,
    ),
    Loader(
        "target-csv",
        ("meltanolabs-target-csv==0.5.0",),
        ("target-csv",),
        _read_csv,
        _to_csv,
    ),
)

_SNOWFLAKE = """
import json, sys
from target_snowflake.connector import SnowflakeConnector
config = {"user": "u", "password": "p", "account": "a", "database": "d"}
to_type = SnowflakeConnector(config=config).to_sql_type
print(json.dumps({name: str(to_type(p)) for name, p in json.loads(sys.argv[1]).items()}))
"""
_BIGQUERY = """
import json, sys
from target_bigquery.core import SchemaTranslator
fields = SchemaTranslator({"properties": json.loads(sys.argv[1])}, {}).translated_schema
print(json.dumps({f.name: f"{f.field_type} {f.mode}".replace(" NULLABLE", "") for f in fields}))
"""


def _nothing(*_: object) -> t.NoReturn:
    raise NotImplementedError


TRANSLATED = {
    _SNOWFLAKE: Loader(
        "target-snowflake", ("meltanolabs-target-snowflake==0.20.4",), (), _nothing, _nothing
    ),
    _BIGQUERY: Loader(
        "target-bigquery",
        ("z3-target-bigquery==0.7.2", "setuptools<81"),
        (),
        _nothing,
        _nothing,
    ),
}
"""Loaders of services: no more than the types that they would make, by the program that tells."""
_REASON = 170
TRIED = ("target-parquet==0.0.1", "pipelinewise-target-bigquery==1.5.0")
"""Loaders that are known not to install, tried again each time."""


def install(name: str, packages: t.Sequence[str]) -> str:
    """Make an environment of its own, with the newest of what is not pinned; say what failed."""
    venv = FOLDER / name / "venv"
    uv = Path(sys.executable).parent / "uv"
    commands: list[list[str | Path]] = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv],
        [uv, "pip", "install", "--quiet", "--python", venv / "bin" / "python", *packages],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip()
    return ""


def versions(loader: Loader) -> dict[str, str]:
    """Return the versions that tell: of the loader and of what it writes with."""
    code = """
import json
from importlib.metadata import distributions
wanted = ("target", "duckdb", "psycopg", "singer-sdk", "snowflake-connector", "google-cloud-bigq")
found = {d.metadata["Name"].lower(): d.version for d in distributions()}
told = [n for n in sorted(found) if n.startswith(wanted) or "-target-" in n]
print(json.dumps({n: found[n] for n in told}))
"""
    if loader.packages:
        found: dict[str, str] = json.loads(loader.python(code))
        return found
    from importlib.metadata import version  # noqa: PLC0415

    own = {"meltanolabs-target-postgres": version("meltanolabs-target-postgres")}
    return own | {"singer-sdk": version("singer-sdk")}


def first_load(loader: Loader, folder: Path, server: Postgres) -> singer.Json:
    """Load the first rows into an empty place and tell what is there."""
    with server.connect() as connection:
        connection.execute(f"drop schema if exists {SCHEMA} cascade".encode())
        connection.execute(f"create schema {SCHEMA}".encode())
    loader.load(messages(FIRST), folder, server)
    types, rows = loader.read(loader, folder, server)
    by_id = {int(row["id"]): row for row in rows}
    whole = next(row for number, row in by_id.items() if number != NULLS_ID)
    wrong = {
        sent: str(by_id[number]["cost"])
        for number, sent in ((n, DIGITS[n % len(DIGITS)]) for n in FIRST if n in by_id)
        if number != NULLS_ID and Decimal(str(by_id[number]["cost"])) != Decimal(sent)
    }
    return {
        "versions": versions(loader),
        "sent": len(FIRST),
        "missing": sorted(set(FIRST) - by_id.keys()),
        "types": types,
        "digits_changed": wrong,
        "values": {name: whole[name] for name in PROPERTIES if name not in {"id", "cost"}},
        "text_whole": whole["text"] == TEXT,
        "nulls": {name: by_id[NULLS_ID][name] for name in PROPERTIES if name != "id"}
        if NULLS_ID in by_id
        else {},
    }


def trial(loader: Loader, folder: Path, server: Postgres) -> singer.Json:
    """Load the first rows, then the second, and tell what is there after each."""
    found = first_load(loader, folder, server)
    loader.load(messages(SECOND), folder, server)
    _, rows = loader.read(loader, folder, server)
    ids = [int(row["id"]) for row in rows]
    found["after_second"] = {
        "rows": len(ids),
        "expected": len({*FIRST, *SECOND}),
        "missing": sorted({*FIRST, *SECOND} - set(ids)),
    }
    return found


def everything(folder: Path, server: Postgres) -> singer.Json:
    """Install and try all of them."""
    found: singer.Json = {
        "python": ".".join(map(str, sys.version_info[:2])),
        "loaded": {},
        "translated": {},
        "not_installed": {},
    }
    for number, loader in enumerate(LOADERS):
        if loader.packages and (failure := install(loader.name, loader.packages)):
            found["not_installed"][loader.name] = _reason(failure)
            continue
        place = folder / str(number)
        place.mkdir()
        found["loaded"][loader.name] = trial(loader, place, server)
    for program, loader in TRANSLATED.items():
        if failure := install(loader.name, loader.packages):
            found["not_installed"][loader.name] = _reason(failure)
            continue
        types = json.loads(loader.python(program, json.dumps(PROPERTIES)))
        about = [loader.environment / "bin" / loader.name, "--about", "--format=json"]
        told = subprocess.run(about, capture_output=True, text=True, check=True).stdout
        found["translated"][loader.name] = {
            "versions": versions(loader),
            "types": types,
            "settings": sorted(json.loads(told)["settings"]["properties"]),
        }
    for package in TRIED:
        name = package.partition("==")[0]
        if failure := install(name, [package]):
            found["not_installed"][package] = _reason(failure)
    return found


def _reason(failure: str) -> str:
    """Return the beginning of what uv said, without paths of this machine."""
    words = [word for word in failure.split() if "/" not in word and word not in {"|", "^"}]
    return " ".join(words)[:_REASON].rpartition(" ")[0] + " ..."

"""One value costs one value: any value of any answer, replaced by any JSON value.

Every stream of the catalog is read three times: as it is, with one value replaced, and without
the object that the value lies in. Records that are the same with and without that object have
nothing to do with it: they must arrive as they are, whatever stands in the value's place.

``VALUES_EXAMPLES`` sets how many values are replaced in each stream, ``VALUES_SEED`` where to
begin.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import json
import os
import random
import typing as t
import zlib

import jsonschema
import pytest
from psycopg import sql

from sandbox import Sandbox
from sandbox.world import worlds
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres import Loader
    from tests.singer import Json, Output

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

EXAMPLES = int(os.environ.get("VALUES_EXAMPLES", "1"))
SEED = int(os.environ.get("VALUES_SEED", "0"))
SETTINGS = {"start_date": "2026-11-10", **singer.PERSONAL}
LITERAL = "literal:"
ODD: tuple[t.Any, ...] = (
    None, True, False, -1, 0, 2**63, 10**25, 1.5, "", "x", "1.5", "urn:li:x", "urn: Q3", [], {},
    [None], {"a": []}, [1, "x"], {"amount": 1}, "9" * 400, [[[[[]]]]], "\ud800", "nul \0", "2026",
    "NaN", 10**17, -(10**17), "None", {"\ud83d\0": "\0"}, {"time": 10**17}, "\ud83d\ude00",
    LITERAL + "1E+999999999", LITERAL + "1E-999999999", LITERAL + "-0.0", LITERAL + "9" * 5000,
)  # fmt: skip
Path = tuple[t.Any, ...]
Change = t.Callable[["Json"], None]


def streams() -> list[str]:
    """Return every stream of the catalog that asks LinkedIn itself, children left out."""
    found = singer._discovered(json.dumps({**singer.PERSONAL}))["streams"]
    return [stream["tap_stream_id"] for stream in found]


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """Serve the small world to all examples."""
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        yield sandbox


# What is asked and answered


def named(entry: t.Any) -> str:  # noqa: ANN401
    """Return what tells one request from the others."""
    return f"{entry.path}?{json.dumps(entry.params, sort_keys=True, default=str)}"


@contextlib.contextmanager
def answered(sandbox: Sandbox, change: Callable[[str, t.Any], None]) -> Iterator[None]:
    """Look at the answers, or change them, before they are sent."""
    handle = sandbox._gateway.handle

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer = handle(incoming)
        if incoming.entry.path.startswith("/rest") and answer.status == 200:
            change(named(incoming.entry), answer)
        return answer

    sandbox._gateway.handle = odd  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox._gateway.handle


def read(sandbox: Sandbox, selection: list[str], state: Json | None = None) -> Output:
    """Read whole streams."""
    sandbox.reset_log()
    catalog = singer.catalog(dict.fromkeys(selection), **singer.PERSONAL)
    return singer.sync(singer.config(sandbox, **SETTINGS), catalog=catalog, state=state)


def places(tree: t.Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401
    """Give the path of every value in an answer, the whole of it left out."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def put(body: Json, path: Path, value: t.Any) -> None:  # noqa: ANN401
    """Replace a value."""
    *way, last = path
    holder: t.Any = body
    for key in way:
        holder = holder[key]
    holder[last] = copy.deepcopy(value)


def written(body: Json) -> bytes:
    """Write an answer; literals become numbers that Python could not write."""
    text = json.dumps(body)
    for value in ODD:
        if isinstance(value, str) and value.startswith(LITERAL):
            text = text.replace(json.dumps(value), value.removeprefix(LITERAL))
    return text.encode()


class Replaced(t.NamedTuple):
    """One value of one answer, and what stands in its place."""

    request: str
    path: Path
    value: t.Any

    def put(self, request: str, answer: t.Any) -> None:  # noqa: ANN401
        """Replace the value."""
        if request == self.request:
            body = json.loads(answer.body)
            with contextlib.suppress(LookupError, TypeError):
                put(body, self.path, self.value)
            answer.body = written(body)

    def take_away(self, request: str, answer: t.Any) -> None:  # noqa: ANN401
        """Take away the object that the value lies in, or the whole answer."""
        if request != self.request:
            return
        body = json.loads(answer.body)
        if self.path[0] == "elements" and len(self.path) > 1:
            with contextlib.suppress(LookupError):
                del body["elements"][self.path[1]]
        elif self.path[0] == "results" and len(self.path) > 1:
            body["results"].pop(self.path[1], None)
            body.setdefault("errors", {})[self.path[1]] = {"status": 404}
        elif "results" not in body:
            answer.status, body = 400, {"status": 400, "message": "made up"}
        answer.body = json.dumps(body).encode()


# What must hold


def keyed(output: Output) -> dict[tuple[str, str], Json]:
    """Return all records by stream and key, without the instant of reading."""
    keys = {m["stream"]: m["key_properties"] for m in output.of_type("SCHEMA")}
    return {
        (m["stream"], json.dumps([m["record"][c] for c in keys[m["stream"]]], default=str)): {
            column: value for column, value in m["record"].items() if column != "read_at"
        }
        for m in output.of_type("RECORD")
    }


def check_form(output: Output) -> None:
    """Every message is whole, every record valid, the summary there, and nothing unforeseen."""
    assert output.status in {0, 1}
    assert "Traceback" not in output.stderr, output.stderr
    assert "unforeseen" not in output.stderr
    assert output.summary["exit_status"] == output.status
    failed = [i for i in output.summary["incidents"] if i["status"] == "failed"]
    assert bool(output.status) == bool(failed)
    text = output.stdout.decode()
    assert "\\u0000" not in text
    assert "\\ud8" not in text


def check_records(output: Output, valid: dict[tuple[str, str], Json]) -> None:
    """Every record is valid against its schema; those that were valid before are left out."""
    validators = {
        m["stream"]: jsonschema.Draft7Validator(m["schema"]) for m in output.of_type("SCHEMA")
    }
    for key, record in keyed(output).items():
        if valid.get(key) != record:
            validators[key[0]].validate(record)


@pytest.mark.parametrize("stream", streams())
def test_one_value_costs_one_value(served: Sandbox, stream: str) -> None:
    """Other records arrive as they are; what is missing is named, and comes when it is mended."""
    selection = [stream]
    if stream == "report_coverage":
        selection = ["ad_performance", stream]
    answers: dict[str, Json] = {}
    with answered(served, lambda request, a: answers.update({request: json.loads(a.body)})):
        whole = read(served, selection)
    assert whole.status == 0
    truth = keyed(whole)
    # In an order of their own: that of their arrival is another one each time.
    requests = sorted(r for r, answer in answers.items() if any(True for _ in places(answer)))
    for seed in range(SEED, SEED + EXAMPLES):
        chance = random.Random(zlib.crc32(f"{stream} {seed}".encode()))  # noqa: S311
        request = chance.choice(requests)
        path = chance.choice(list(places(answers[request])))
        replaced = Replaced(request, path, chance.choice(ODD))
        try:
            check(served, selection, truth, replaced)
        except Exception as error:
            command = f"VALUES_SEED={seed} VALUES_EXAMPLES=1"
            raise AssertionError(f"{command} -k {stream}: {replaced}: {error}") from error


def check(served: Sandbox, selection: list[str], truth: dict[t.Any, Json], odd: Replaced) -> None:
    """Replace one value and compare."""
    with answered(served, odd.take_away):
        without = keyed(read(served, selection))
    with answered(served, odd.put):
        output = read(served, selection)
    check_form(output)
    check_records(output, truth)
    found = keyed(output)
    others = {key: record for key, record in truth.items() if without.get(key) == record}
    named = {singer.owner_of(incident) for incident in output.summary["incidents"]}
    for key, record in others.items():
        owner = record.get("account_id", record.get("organization_id"))
        if len(odd.path) == 1 and named & {owner, None}:
            continue  # an answer that is no list of rows costs whom it is about, and says so
        if key[0] == "report_coverage" and found[key]["account_impressions"] is None:
            continue  # LinkedIn's own figures of an ad account come and go together
        assert found.get(key) == record, f"{key} is another: {found.get(key)} {record}"
    gone = truth.keys() - found.keys()
    if gone or any(_lost(truth[key], found[key]) for key in truth.keys() & found.keys()):
        is_new = found.keys() - truth.keys()
        is_told = output.summary["incidents"]
        assert (
            is_new or is_told or odd.value in (None, [], {}) or isinstance(odd.value, dict | list)
        )
    if output.status == 1:
        again = keyed(read(served, selection, output.state))
        assert truth.keys() <= found.keys() | again.keys()


def _lost(record: Json, found: Json) -> bool:
    """Tell whether a column is null that was not; a text that is no URN has no number."""
    texts = [column for column, value in found.items() if column.endswith("_urn") and value]
    return any(
        found[column] is None
        and not (column.endswith("_id") and any(text.startswith(column[:-2]) for text in texts))
        for column in record
        if record[column] is not None
    )


def test_a_run_full_of_odd_values_reaches_postgresql(served: Sandbox, loader: Loader) -> None:
    """target-postgres takes every record of every stream: none of them stops the load."""
    chance = random.Random(SEED)  # noqa: S311

    def change(_: str, answer: t.Any) -> None:  # noqa: ANN401
        body = json.loads(answer.body)
        inside = [path for path in places(body) if path[0] == "elements" and len(path) > 2]
        for path in chance.sample(inside, min(len(inside), 2)):
            with contextlib.suppress(LookupError, TypeError):
                put(body, path, chance.choice(ODD))
        answer.body = written(body)

    with answered(served, change):
        output = read(served, streams())
    check_form(output)
    check_records(output, {})
    assert output.summary["unreadable_values"]
    assert output.summary["characters_replaced"]
    loader.load(output.stdout.decode().splitlines(), "odd")
    rows = collections.Counter(name for name, _ in keyed(output))
    for stream in output.streams:
        count = sql.SQL("select count(*) from odd.{}").format(sql.Identifier(stream))
        found = loader.query(count)  # type: ignore[arg-type]
        assert found == [(rows[stream],)], stream

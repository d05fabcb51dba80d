"""docs/loaders.md says what loaders have done: docs/loaders.json, which `make loaders` writes."""

from __future__ import annotations

import json
import os
import re
import typing as t
from decimal import Decimal

import pytest
import yaml

from tests import loader_trials, singer
from tests.loader_trials import LOADERS, TRANSLATED

if t.TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Postgres
    from sandbox import Sandbox

pytest_plugins = ["tests.postgres"]

PAGE, RESULTS = singer.ROOT / "docs" / "loaders.md", singer.ROOT / "docs" / "loaders.json"
WRITES = os.environ.get("LOADERS") == "write"
BEGIN, END = "<!-- made by make loaders -->", "<!-- end -->"
AMOUNTS = ("cost_in_local_currency", "cost_in_usd")


def results() -> singer.Json:
    """Return what the last `make loaders` has found."""
    found: singer.Json = json.loads(RESULTS.read_text())
    return found


def _versions(found: singer.Json) -> str:
    return ", ".join(f"{name} {version}" for name, version in found["versions"].items())


def _rows_of(numbers: list[int], count: int) -> str:
    return f"all {count}" if not numbers else f"**{count - len(numbers)} of {count}**"


def _second(found: singer.Json) -> str:
    after = found["after_second"]
    if after["rows"] > after["expected"]:
        return "appended: keys come twice"
    if found["missing"]:
        return f"**{after['rows']} of {after['expected']}**"
    if after["missing"]:
        return "the file is written anew: earlier rows are gone"
    return "replaced by key"


def _digits(found: singer.Json) -> str:
    changed = found["digits_changed"]
    kept = "every digit" if not changed else "; ".join(f"{a} is {b}" for a, b in changed.items())
    return f"{_type(found, 'cost')}{kept}"


def _type(found: singer.Json, column: str) -> str:
    kind = found["types"].get(column)
    return f"`{kind}`: " if kind else ""


def _object(found: singer.Json) -> str:
    text = found["values"]["object"]
    try:
        whole = json.loads(text, parse_float=Decimal)
    except ValueError:
        return f"no JSON: `{text}`"
    kept = json.loads(json.dumps(loader_trials.OBJECT), parse_float=Decimal)
    whole["amount"] = Decimal(whole["amount"])
    said = "whole" if whole == kept else f"`{text}`"
    null = "; null is JSON's `null`" if found["nulls"].get("object") == "null" else ""
    return f"{_type(found, 'object')}{said}{null}"


def _text(found: singer.Json) -> str:
    return "whole" if found["text_whole"] else "a line break becomes `\\n`, two characters"


def _whole(text: str, sent: int) -> str:
    return "whole" if text == str(sent) else text


def _heading(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]


def tables(found: singer.Json) -> str:
    """Return the tables of the page."""
    of_loads = ("First load", "Second load", "Amounts", "Instants", "Days", "Integers")
    lines = [
        f"Python {found['python']}, batches of {loader_trials.BATCH_ROWS} rows, `PGTZ=UTC`.",
        "",
        *_heading("Loader", *of_loads, "Objects", "Text"),
    ]
    for name, one in found["loaded"].items():
        values = one["values"]
        cells = (
            f"{name} ({_versions(one)})",
            _rows_of(one["missing"], one["sent"]),
            _second(one),
            _digits(one),
            f"{_type(one, 'instant')}{values['instant']}",
            f"{_type(one, 'day')}{values['day']}",
            f"{_type(one, 'big')}{_whole(values['big'], loader_trials.BIG)}",
            _object(one),
            _text(one),
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "What would be made, by the loader's own translation:", ""]
    of_types = ("Amounts", "Instants", "Days", "Integers", "Objects", "Lists")
    lines += _heading("Loader", *of_types)
    for name, one in found["translated"].items():
        kinds = [one["types"][c] for c in ("cost", "instant", "day", "big", "object", "words")]
        lines.append(f"| {name} ({_versions(one)}) | {' | '.join(f'`{kind}`' for kind in kinds)} |")
    lines += ["", "What cannot be installed on this Python:", ""]
    for package, reason in found["not_installed"].items():
        lines.append(f"- `{package}`: {reason}")
    return "\n".join(lines)


def _written() -> str:
    """Return the part of the page that is made."""
    return PAGE.read_text().split(BEGIN)[1].split(END)[0].strip()


@pytest.mark.slow
@pytest.mark.skipif(not WRITES, reason="make loaders")
def test_every_loader_is_tried(server: Postgres, tmp_path: Path) -> None:
    """Install and load through all of them, and write the page."""
    found = loader_trials.everything(tmp_path, server)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(found)}\n\n{END}{after}")


def test_the_page_is_made_of_the_results() -> None:
    """No cell was written by hand."""
    assert _written() == tables(results())


def test_every_loader_has_a_result_or_a_reason() -> None:
    """Nobody is missing from the page."""
    found = results()
    every = {loader.name for loader in (*LOADERS, *TRANSLATED.values())}
    told = {*found["loaded"], *found["translated"], *found["not_installed"]}
    assert told == every | set(loader_trials.TRIED)


def test_who_loses_rows_is_said_in_red() -> None:
    """A CAUTION names each loader that lost rows of a load, and nobody else."""
    alerts = re.findall(r"^> \[!CAUTION\]\n((?:>.*\n)+)", PAGE.read_text(), re.MULTILINE)
    losing = {name for name, one in results()["loaded"].items() if one["missing"]}
    assert losing == {"target-duckdb"}
    assert len(alerts) == len(losing)
    for name in losing:
        versions = results()["loaded"][name]["versions"]
        (alert,) = (text for text in alerts if name in text)
        for package, version in versions.items():
            assert f"{package} {version.rsplit('.', 1)[0]}" in alert


def test_versions_are_those_of_the_project() -> None:
    """What meltano.yml installs is what was tried."""
    plugins = yaml.safe_load((singer.ROOT / "meltano.yml").read_text())["plugins"]["loaders"]
    tried = {
        f"{package}=={version}"
        for one in results()["loaded"].values()
        for package, version in one["versions"].items()
    }
    for plugin in plugins:
        if not plugin["pip_url"].startswith("./"):
            assert plugin["pip_url"] in tried


@pytest.mark.slow
@pytest.mark.parametrize(
    "loader", [one for one in LOADERS if not one.packages], ids=lambda one: one.name
)
def test_what_is_installed_does_what_the_page_says(
    loader: loader_trials.Loader, server: Postgres, tmp_path: Path
) -> None:
    """Those that the tests need anyway are tried each time."""
    told = results()["loaded"][loader.name]
    found = loader_trials.first_load(loader, tmp_path, server)
    assert found == {key: told[key] for key in found}


def _recipes() -> list[singer.Json]:
    """Return what the YAML examples of the page hold."""
    texts = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [yaml.safe_load(text) for text in texts]


def _recipe(loader: str) -> singer.Json:
    """Return the loader of a recipe on the page."""
    plugins = [
        p for r in _recipes() for p in r["plugins"].get("loaders", []) if p["name"] == loader
    ]
    (plugin,) = plugins
    return dict(plugin)


@pytest.mark.parametrize("loader", [one.name for one in TRANSLATED.values()])
def test_recipes_set_what_their_loaders_have(loader: str) -> None:
    """Settings that the loader tells of, and the packages that were tried."""
    recipe = _recipe(loader)
    assert recipe["config"].keys() <= set(results()["translated"][loader]["settings"])
    (packages,) = (one.packages for one in TRANSLATED.values() if one.name == loader)
    assert recipe["pip_url"].replace("'", "").split() == list(packages)


def test_the_recipe_for_duckdb_pins_what_loses_nothing() -> None:
    """With the newest DuckDB rows are lost; with the one of the recipe none was."""
    (one,) = (loader for loader in LOADERS if loader.name == "target-duckdb, duckdb 1.0.0")
    assert _recipe("target-duckdb")["pip_url"].split() == list(one.packages)
    assert not results()["loaded"][one.name]["missing"]


@pytest.mark.slow
def test_amounts_as_texts_keep_every_digit(sandbox: Sandbox) -> None:
    """The stream map of the page makes texts of the amounts, for loaders that would round them."""
    (recipe,) = (r["plugins"]["extractors"] for r in _recipes() if "extractors" in r["plugins"])
    maps = recipe[0]["config"]["stream_maps"]
    settings = singer.config(sandbox, start_date=singer.TODAY.isoformat())
    catalog = singer.catalog({"ad_performance": AMOUNTS})
    plain = singer.sync(settings, catalog=catalog)
    mapped = singer.sync({**settings, "stream_maps": maps}, catalog=catalog)
    (schema,) = (m["schema"]["properties"] for m in mapped.of_type("SCHEMA"))
    rows, texts = plain.records("ad_performance"), mapped.records("ad_performance")
    assert rows
    for column in AMOUNTS:
        assert "string" in schema[column]["type"]
        assert [Decimal(row[column]) for row in texts] == [row[column] for row in rows]
        assert all(type(row[column]) is str for row in texts)

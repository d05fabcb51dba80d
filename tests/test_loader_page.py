"""docs/loaders.md says what loaders have done: docs/loaders.json, which `make loaders` writes."""

from __future__ import annotations

import re
import typing as t
from decimal import Decimal

import pytest
import yaml

from tests import loader_trials, singer
from tests.loader_page import BEGIN, END, PAGE, results, tables
from tests.loader_trials import LOADERS, TRANSLATED

if t.TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Postgres
    from sandbox import Sandbox

pytest_plugins = ["tests.postgres"]

AMOUNTS = ("cost_in_local_currency", "cost_in_usd")


def _written() -> str:
    """Return the part of the page that is made."""
    return PAGE.read_text().split(BEGIN)[1].split(END)[0].strip()


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


@pytest.mark.parametrize("name", [one.name for one in TRANSLATED.values()])
def test_recipes_set_what_their_loaders_have(name: str) -> None:
    """Settings that the loader tells of, and the packages that were tried."""
    recipe = _recipe(name)
    assert recipe["config"].keys() <= set(results()["translated"][name]["settings"])
    (packages,) = (one.packages for one in TRANSLATED.values() if one.name == name)
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

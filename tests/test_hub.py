"""hub/ and meltano.yml: complete, equal, and what Meltano accepts.

tests/test_your_project.py adds the definition to a project.
"""

from __future__ import annotations

import functools
import json
import typing as t
from importlib.resources import files

import jsonschema
import yaml

from hub.__main__ import main, submission
from tap_linkedin_ads.tap import TapLinkedInAds
from target_postgres_exact.target import TargetPostgresExact
from tests import singer

if t.TYPE_CHECKING:
    from pathlib import Path

DEFINITION = singer.ROOT / "hub" / "tap-linkedin-ads.yml"
OWNER = "somebody"
NOT_SHIPPED = {"faker_config"}
"""Built-in settings that need a package which the tap does not install."""
EQUAL = (
    "name",
    "namespace",
    "label",
    "executable",
    "capabilities",
    "commands",
    "settings_group_validation",
    "select",
)
HUB_KEYS = {
    *("capabilities", "commands", "definition", "description", "domain_url", "executable"),
    *("keywords", "label", "logo_url", "maintenance_status", "name", "namespace", "next_steps"),
    *("pip_url", "prereq", "repo", "select", "settings", "settings_group_validation"),
    *("settings_preamble", "variant"),
}
"""Keys of the Hub's definitions of extractors that this one has; it allows no others."""


@functools.cache
def hub() -> dict[str, t.Any]:
    """Return the definition in the Hub's form."""
    return submission(yaml.safe_load(DEFINITION.read_text()), OWNER)


@functools.cache
def project() -> dict[str, t.Any]:
    """Return meltano.yml."""
    loaded: dict[str, t.Any] = yaml.safe_load((singer.ROOT / "meltano.yml").read_text())
    return loaded


def extractor() -> dict[str, t.Any]:
    """Return the tap in meltano.yml."""
    found: dict[str, t.Any] = project()["plugins"]["extractors"][0]
    return found


def test_definition_is_the_projects() -> None:
    """What a user of the Hub gets is what meltano.yml has, setting by setting."""
    for key in EQUAL:
        assert hub()[key] == extractor()[key], key
    own = len(extractor()["settings"])
    assert hub()["settings"][:own] == extractor()["settings"]


def test_definition_has_the_built_in_settings() -> None:
    """Behind the tap's settings stand the SDK's, each with a kind that fits and a description."""
    TapLinkedInAds.append_builtin_config(TapLinkedInAds.config_jsonschema)
    properties = TapLinkedInAds.config_jsonschema["properties"]
    own = {setting["name"].split(".")[0] for setting in extractor()["settings"]}
    built_in = [name for name in properties if name not in own | NOT_SHIPPED]
    declared = hub()["settings"][len(extractor()["settings"]) :]
    assert [setting["name"] for setting in declared] == built_in
    for setting in declared:
        assert setting["kind"] in properties[setting["name"]]["type"]
        assert setting["label"]
        assert setting["description"]


def test_capabilities_are_the_taps() -> None:
    """Neither more nor less than the tap says of itself."""
    assert hub()["capabilities"] == sorted(c.value for c in TapLinkedInAds.capabilities)


def test_definition_installs_the_distribution() -> None:
    """The package is this one, and the commands that the texts name are there."""
    metadata = (singer.ROOT / "pyproject.toml").read_text()
    assert f'name = "{hub()["pip_url"]}"' in metadata
    assert f"{hub()['executable']} = " in metadata
    for word in ("login", "check"):
        assert word in hub()["commands"]
        assert f"meltano invoke tap-linkedin-ads:{word}" in str(hub())


def test_the_hub_gets_its_own_form(tmp_path: Path) -> None:
    """Flat files with the repository's owner, where the Hub has them; ours name nobody."""
    main(OWNER, tmp_path)
    plugins = tmp_path / "_data" / "meltano"
    written = yaml.safe_load((plugins / f"extractors/{hub()['name']}/{OWNER}.yml").read_text())
    assert written == hub()
    assert set(written) == HUB_KEYS
    assert (plugins / f"loaders/target-postgres-exact/{OWNER}.yml").exists()
    for file in DEFINITION.parent.glob("*.yml"):
        assert not {"variant", "repo"} & yaml.safe_load(file.read_text()).keys()


def test_project_is_what_meltano_allows() -> None:
    """meltano.yml, and the definition as a plugin of a project, fit Meltano's own schema."""
    schema = json.loads(files("meltano").joinpath("schemas/meltano.schema.json").read_text())
    jsonschema.validate(project(), schema)
    only_hub = ("maintenance_status", "keywords", "domain_url")
    texts = ("definition", "next_steps", "prereq", "settings_preamble")
    plugin = {key: value for key, value in hub().items() if key not in (*only_hub, *texts)}
    jsonschema.validate({"plugins": {"extractors": [plugin]}}, schema)


def test_project_is_a_complete_example() -> None:
    """Two loaders with every setting declared, jobs of plugins that exist, a daily schedule."""
    loaders = {loader["name"]: loader for loader in project()["plugins"]["loaders"]}
    assert {"target-postgres", "target-jsonl"} <= set(loaders)
    for loader in loaders.values():
        declared = {setting["name"] for setting in loader.get("settings", ())}
        if not loader.get("inherit_from"):
            assert set(loader["config"]) <= declared
            local = loader["pip_url"].startswith("./")
            assert (
                (singer.ROOT / loader["pip_url"]).is_dir() if local else "==" in loader["pip_url"]
            )
    plugins = {plugin["name"] for kind in project()["plugins"].values() for plugin in kind}
    jobs = {job["name"]: job for job in project()["jobs"]}
    for job in jobs.values():
        for block in " ".join(job["tasks"]).split():
            assert block.split(":")[0] in plugins
    daily = [s for s in project()["schedules"] if s["interval"] == "@daily"]
    assert daily
    assert all(schedule["job"] in jobs for schedule in project()["schedules"])


def test_the_exact_loader_is_the_projects() -> None:
    """The definition has the settings of meltano.yml, and the loader knows each of them."""
    definition = yaml.safe_load((singer.ROOT / "hub" / "target-postgres-exact.yml").read_text())
    loaders = {loader["name"]: loader for loader in project()["plugins"]["loaders"]}
    loader = loaders[definition["name"]]
    names = [setting["name"] for setting in definition["settings"]]
    assert names == [setting["name"] for setting in loader["settings"]]
    TargetPostgresExact.append_builtin_config(TargetPostgresExact.config_jsonschema)
    assert set(names) <= TargetPostgresExact.config_jsonschema["properties"].keys()
    known = {capability.value for capability in TargetPostgresExact.capabilities}
    assert set(definition["capabilities"]) <= known
    for key in ("namespace", "executable", "label"):
        assert definition[key] == loader[key], key
    schema = json.loads(files("meltano").joinpath("schemas/meltano.schema.json").read_text())
    only_hub = ("maintenance_status", "keywords", "domain_url")
    plugin = {key: value for key, value in definition.items() if key not in only_hub}
    jsonschema.validate({"plugins": {"loaders": [plugin]}}, schema)

"""README.md, the settings page, meltano.yml and all links of documents agree with the tap."""

from __future__ import annotations

import functools
import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from singer_sdk.helpers import capabilities

from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
SELECTION_PAGE = ROOT / "docs" / "selection.md"
MOST_WORDS = 1800
"""Of README, so that it is read."""
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sandbox/*.md")})
BUILT_IN = {
    name
    for config in vars(capabilities).values()
    if isinstance(config, dict)
    for name in config.get("properties", {})
}
KINDS = {
    "array": {"array"},
    "boolean": {"boolean"},
    "integer": {"integer"},
    "number": {"integer", "decimal"},
    "string": {"string", "options", "date_iso8601"},
}


def test_readme_is_short_and_begins_with_two_commands() -> None:
    """A fresh clone is shown and tested by two commands, which come before anything else."""
    readme = README.read_text()
    assert len(readme.split()) < MOST_WORDS
    commands = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert commands[:2] == ["make demo\n", "make test\n"]
    assert readme.index("## The first two minutes") == readme.index("## ")


def test_pythons_are_the_same_everywhere() -> None:
    """What README promises, packages declare, `make` looks for, CI tries and pins are made for."""
    project = (ROOT / "pyproject.toml").read_text()
    declared = re.findall(r"Python :: (3\.\d+)", project)
    oldest, newest = declared[0], declared[-1]
    assert f'requires-python = ">={oldest}"' in project
    assert f"Python {oldest} to {newest}" in README.read_text()
    assert f"Python {oldest} to {newest}" in (ROOT / "constraints.txt").read_text()
    assert f"Python {oldest} to {newest}" in (ROOT / "CONTRIBUTING.md").read_text()
    (tried,) = re.findall(r"^PYTHONS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(tried.split()) == sorted(declared)
    workflow = ROOT / ".github" / "workflows" / "ci.yml"
    if workflow.exists():  # not in the archive
        for matrix in re.findall(r"python: (\[.+\])", workflow.read_text()):
            assert json.loads(matrix) == declared


def test_readme_names_streams_that_exist() -> None:
    """Every stream that a bare Meltano project reads by default, and no other name."""
    section = _section(README, "What it reads")
    named = set(re.findall(r"`([a-z_]+)`", section.partition("\n\n[")[0]))
    assert named <= {stream["tap_stream_id"] for stream in _catalog()}
    by_default = {pattern.partition(".")[0] for pattern in _extractor()["select"]}
    parts = ("post_", "conversion_associated_")
    assert not {name for name in by_default - named if not name.startswith(parts)}


def test_readme_names_settings_as_the_page_does() -> None:
    """The few that it shows have the page's defaults."""
    page = {name: default for name, _, default, _ in _table(SETTINGS_PAGE, "Settings")}
    shown = [(row[0], row[1]) for row in _table(README, "Settings")]
    assert shown
    for name, default in shown:
        assert page[name] == default, name


def test_page_names_every_setting() -> None:
    """The table of settings has the tap's settings, in the tap's order, and no others."""
    written, expected = [row[0] for row in _table(SETTINGS_PAGE, "Settings")], list(_settings())
    assert written == expected, f"docs/settings.md: the table should name {expected}"


def test_page_marks_secrets_and_defaults() -> None:
    """The table says which settings are secret and what an unset one means."""
    for name, kind, default, _ in _table(SETTINGS_PAGE, "Settings"):
        setting = _settings()[name]
        assert ("secret" in kind) == (name == "oauth_credentials" or setting.get("secret", False))
        if "default" in setting:
            assert _default(default) == setting["default"], name


def test_meltano_has_every_setting() -> None:
    """A Meltano user can set what the tap knows, and sees secrets hidden."""
    declared = {setting["name"]: setting for setting in _extractor()["settings"]}
    assert list(declared) == list(_leaves(_settings()))
    for name, setting in _leaves(_settings()).items():
        assert declared[name].get("sensitive", False) == setting.get("secret", False), name
        assert declared[name].get("value") == setting.get("default"), name
        assert declared[name]["label"], name
        assert declared[name]["description"], name
        assert declared[name]["kind"] in set().union(*(KINDS[kind] for kind in _types(setting)))
        if declared[name]["kind"] == "options":
            allowed = [option["value"] for option in declared[name]["options"]]
            assert allowed == [value for value in setting["enum"] if value is not None]


def test_select_lists_name_streams() -> None:
    """They have every stream that is selected by default, and nothing that does not exist."""
    names = {stream["tap_stream_id"] for stream in _catalog()}
    tap = TapLinkedInAds(config={"access_token": "unused"})
    by_default = {name for name, stream in tap.streams.items() if stream.selected_by_default}
    example = yaml.safe_load(
        _section(SELECTION_PAGE, "Choose streams and columns").split("```")[1][4:]
    )
    hub = yaml.safe_load((ROOT / "hub" / "tap-linkedin-ads.yml").read_text())
    for file, patterns in (
        ("meltano.yml", _extractor()["select"]),
        ("hub/tap-linkedin-ads.yml", hub["variants"][0]["select"]),
        ("docs/selection.md", example["select"]),
    ):
        selected = {pattern.removeprefix("!").split(".")[0] for pattern in patterns}
        assert selected <= names, f"{file}: select has no stream {selected - names}"
        missing = by_default - selected
        assert not missing, f"{file}: select lacks {missing}, which are selected by default"
    assert set(_extractor()["select"]) <= set(example["select"])


def test_contributing_shows_the_layers() -> None:
    """The map of imports is the one that import-linter checks."""
    layers = (ROOT / "pyproject.toml").read_text().split("layers = [\n")[1].split("]")[0]
    written = "\n".join(re.findall('"(.+)"', layers))
    assert f"```\n{written}\n```" in (ROOT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Links to files of the repository, and to headings in its documents, exist."""
    text = document.read_text()
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        assert not path or (document.parent / path).exists(), link
        target = document.parent / path if path else document
        assert not anchor or anchor in _headings(target), link


def test_changelog_names_every_stream() -> None:
    """A new stream is written down when it is made."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    missing = [name for s in _catalog() if f"`{(name := s['tap_stream_id'])}`" not in changelog]
    assert not missing, f"CHANGELOG.md: name the new streams {missing} under [Unreleased]"


def _section(page: Path, heading: str) -> str:
    parts = re.split(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def _table(page: Path, heading: str) -> list[tuple[str, ...]]:
    """Read the cells of the table below a heading; the first without its backticks."""
    rows: list[tuple[str, ...]] = []
    for line in _section(page, heading).splitlines():
        if line.startswith("| `"):
            first, *others = (cell.strip() for cell in line.strip("|").split("|"))
            rows.append((first.strip("`"), *others))
    return rows


def _default(cell: str) -> object:
    """Read a default as the table shows it: JSON, or a bare text."""
    text = cell.strip("`")
    return text if re.fullmatch(r"[1-9]\d{5}", text) else _json(text)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


@functools.cache
def _headings(document: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {_anchor(heading) for heading in found}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@functools.cache
def _settings() -> dict[str, dict[str, t.Any]]:
    properties = TapLinkedInAds.config_jsonschema["properties"]
    return {name: setting for name, setting in properties.items() if name not in BUILT_IN}


def _leaves(settings: dict[str, dict[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    """Write nested settings as Meltano does, with a dot."""
    leaves: dict[str, dict[str, t.Any]] = {}
    for name, setting in settings.items():
        nested = _leaves(setting.get("properties", {}))
        leaves |= {f"{name}.{leaf}": value for leaf, value in nested.items()} or {name: setting}
    return leaves


def _types(setting: dict[str, t.Any]) -> set[str]:
    kinds = setting["type"]
    return ({kinds} if isinstance(kinds, str) else set(kinds)) - {"null"}


@functools.cache
def _extractor() -> dict[str, t.Any]:
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    extractor: dict[str, t.Any] = plugins["extractors"][0]
    return extractor


@functools.cache
def _catalog() -> list[dict[str, t.Any]]:
    tap = TapLinkedInAds(config={"access_token": "unused", **singer.PERSONAL})
    streams: list[dict[str, t.Any]] = tap.catalog_dict["streams"]
    return streams

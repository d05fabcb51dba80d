"""What is shipped works alone: the wheel in an empty environment, the archive with its parts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import typing as t
import zipfile
from pathlib import Path

import pytest

from sandbox.world import worlds
from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tap_linkedin_ads"
# Licences that a program under the Apache License 2.0 may build on, as SPDX spells them.
FINE = {
    "AFL-2.1",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
}
SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "dual license": "Apache-2.0 OR BSD-3-Clause",  # python-dateutil; its classifiers name both
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
LICENCES = """
import importlib.metadata, json
print(json.dumps({
    one.metadata["Name"]: {
        "expression": one.metadata.get("License-Expression"),
        "text": one.metadata.get("License"),
        "classifiers": [
            text.rpartition(" :: ")[2]
            for text in one.metadata.get_all("Classifier") or []
            if text.startswith("License :: ") and text != "License :: OSI Approved"
        ],
    }
    for one in importlib.metadata.distributions()
}))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the archive, and the wheel from the archive."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


@pytest.fixture(scope="module")
def command(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own; give the command's path."""
    environment = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    _install(environment / "bin" / "python", next(dist.glob("*.whl")))
    return environment / "bin" / "tap-linkedin-ads"


def test_wheel_holds_the_package_and_every_schema(dist: Path) -> None:
    """A wheel holds all modules and schemas and the typing mark, and nothing else."""
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / PACKAGE).rglob("*.py")}
    schemas = {f"{PACKAGE}/{path.relative_to(ROOT)}" for path in ROOT.glob("schemas/**/*.json")}
    assert names == modules | schemas | {f"{PACKAGE}/py.typed"}


def test_archive_holds_what_a_builder_needs(dist: Path) -> None:
    """The source archive can be tested and shown: tests, sandbox, demo, pins and documents."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "constraints.txt",
        "dashboard/requirements.txt",
        "dbt/dbt_project.yml",
        "demo/__main__.py",
        "meltano.yml",
        "pyproject.toml",
        "sandbox/__main__.py",
        "schemas/ad_accounts.json",
        "tests/test_package.py",
        "views/singer-io.sql",
    }
    assert not [name for name in names if "__pycache__" in name]


def test_metadata_is_fit_for_publishing(dist: Path) -> None:
    """The description renders and the metadata is complete."""
    _run(sys.executable, "-m", "twine", "check", "--strict", *map(str, dist.iterdir()))


def test_wheel_discovers_every_stream(command: Path, tmp_path: Path) -> None:
    """The installed command, away from the checkout, knows every stream with all its columns."""
    found = {stream["tap_stream_id"]: stream for stream in _discover([str(command)], tmp_path)}
    checkout = _discover([sys.executable, "-m", PACKAGE], ROOT)
    assert found == {stream["tap_stream_id"]: stream for stream in checkout}
    assert "ad_performance" in found
    for name, stream in found.items():
        assert stream["schema"]["properties"], name


def test_wheel_knows_its_version(command: Path, dist: Path, tmp_path: Path) -> None:
    """`--version` gives the version in the wheel's name."""
    version = next(dist.glob("*.whl")).name.split("-")[1]
    assert version in _run(str(command), "--version", folder=tmp_path)


def test_a_run_imports_no_more_than_it_needs(command: Path, tmp_path: Path) -> None:
    """The bars of a terminal, odd dates and `check --contract` are imported where they are met."""
    code = "import sys, tap_linkedin_ads.tap; print(*sys.modules)"
    imported = _run(str(command.with_name("python")), "-c", code, folder=tmp_path).split()
    late = {"pendulum", "rich", "tap_linkedin_ads.cli.contract.command"}
    assert not late.intersection(imported)


def test_wheel_reads_what_the_checkout_reads(
    serve: Callable[..., Sandbox], command: Path, tmp_path: Path
) -> None:
    """The installed command, away from the checkout, sends the same messages, and checks."""
    sandbox = serve(worlds.small(today=singer.TODAY))
    chosen = {
        "campaigns": None,
        "posts": None,
        "organization_page_statistics": None,
        "ad_performance": ("impressions", "cost_in_usd"),  # not the instant of reading
    }
    files = singer.arguments(tmp_path, sandbox.config(), singer.catalog(chosen))
    arguments = files[len(singer.COMMAND) :]
    wheel = (str(command.parent / "python"), *singer.COMMAND[1:])
    installed = _run(*wheel, *arguments, folder=tmp_path)
    checkout = _run(*singer.COMMAND, *arguments)
    assert _records(installed) == _records(checkout)
    assert all(f'"stream":"{name}"' in installed for name in chosen)
    checked = _run(*wheel, *arguments, "check", folder=tmp_path)
    assert f"all {len(chosen)} selected streams will work" in checked


def test_every_dependency_may_be_used(command: Path) -> None:
    """What an installation of the wheel consists of goes with the Apache License 2.0."""
    found = json.loads(_run(str(command.parent / "python"), "-c", LICENCES))
    assert {"tap-linkedin-ads-and-pages", "singer-sdk", "requests", "rich"} <= set(found)
    assert {name: said for name, said in found.items() if not _is_fine(**said)} == {}


@pytest.mark.parametrize(
    ("expression", "is_fine"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR ISC) AND LGPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
    ],
)
def test_licences_are_read(expression: str, *, is_fine: bool) -> None:
    """All of what is joined by AND, any of what is joined by OR."""
    assert _is_fine(expression, None, []) is is_fine
    assert not _is_fine(None, None, [])


def test_version_comes_from_the_tag(tmp_path: Path) -> None:
    """The commit of a tag has its version, and a later one has not."""
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "tests", "output"))
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com")
    version = (sys.executable, "-m", "hatchling", "version")
    _run(*git, "init", "--quiet", folder=project)
    _run(*git, "add", ".", folder=project)
    _run(*git, "commit", "--quiet", "--no-gpg-sign", "--message=One", folder=project)
    _run(*git, "tag", "v7.8.9", folder=project)
    assert _run(*version, folder=project).strip() == "7.8.9"
    _run(
        *git, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message=Two", folder=project
    )
    assert _run(*version, folder=project).startswith("7.8.10.dev1")


def _records(messages: str) -> list[tuple[str, dict[str, t.Any]]]:
    found = map(json.loads, messages.splitlines())
    return [(one["stream"], one["record"]) for one in found if one["type"] == "RECORD"]


def _is_fine(expression: str | None, text: str | None, classifiers: list[str]) -> bool:
    """Tell whether a licence is, by its expression or else by all that the metadata says."""
    if expression:
        return _allows(expression)
    said = [*classifiers, *([text] if text and len(text) < 40 else [])]  # not the full text
    return bool(said) and all(_allows(SPDX.get(one.lower(), one)) for one in said)


def _allows(expression: str) -> bool:
    parts = re.split(r" AND (?![^(]*\))", expression)
    return all(
        any(FINE.issuperset(one.split(" AND ")) for one in part.strip("() ").split(" OR "))
        for part in parts
    )


def _discover(command: list[str], folder: Path) -> list[dict[str, object]]:
    streams: list[dict[str, object]] = json.loads(
        _run(*command, "--discover", folder=folder, TAP_LINKEDIN_ADS_ACCESS_TOKEN="unused")
    )["streams"]
    return streams


def _install(python: Path, wheel: Path) -> None:
    pinned = ["install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    try:
        _run(sys.executable, "-m", "uv", "pip", *pinned, "--python", str(python))
    except AssertionError:  # uv reads other settings than pip; a machine may allow only one
        _run(sys.executable, "-m", "pip", "--python", str(python), *pinned)


def _run(*command: str, folder: Path = ROOT, **variables: str) -> str:
    """Run a program that must succeed, without this environment's paths; give its output."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, cwd=folder, env=inherited | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
    return done.stdout

"""What is shipped works alone: the wheel in an empty environment, the archive with its parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tap_linkedin_ads"

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
        "dbt/dbt_project.yml",
        "demo/__main__.py",
        "meltano.yml",
        "pyproject.toml",
        "sandbox/__main__.py",
        "schemas/ad_accounts.json",
        "tests/test_package.py",
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

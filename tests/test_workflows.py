"""What GitHub is told to do: nothing unpinned, nothing that it may do without need."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
MAY_WRITE = {
    ("release.yml", "publish"): {"id-token": "write"},
    ("release.yml", "release"): {"contents": "write"},
}

if not GITHUB.exists():
    pytest.skip("the archive does not hold what is GitHub's", allow_module_level=True)

Json = dict[str, t.Any]


def load(path: Path) -> Json:
    """Read a YAML file, with `on` as a word."""
    loaded: Json = yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506  texts only
    return loaded


def jobs(path: Path) -> dict[str, Json]:
    """Return the jobs of a workflow."""
    found: dict[str, Json] = load(path)["jobs"]
    return found


def test_there_are_workflows() -> None:
    """The tests below have something to look at."""
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path: Path) -> None:
    """Each `uses` names a commit, and the version that it is in a comment for dependabot."""
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_empty_by_default(path: Path) -> None:
    """A job has what it names; only publishing and releasing may write."""
    assert load(path)["permissions"] == {}
    for name, job in jobs(path).items():
        allowed = MAY_WRITE.get((path.name, name), {"contents": "read"})
        assert job["permissions"] == allowed, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_end_and_keep_no_credentials(path: Path) -> None:
    """Every job has a time limit, no checkout leaves a token behind, and there are no secrets."""
    assert "secrets." not in path.read_text()
    for name, job in jobs(path).items():
        assert int(job["timeout-minutes"]) <= 30, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false", name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_commands_exist(path: Path) -> None:
    """What a job runs with make or from .ci is there."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for job in jobs(path).values():
        for command in (step["run"] for step in job["steps"] if "run" in step):
            program, _, rest = command.partition(" ")
            if program == "make":
                assert set(rest.split()) <= targets, command
            if program == "bash":
                assert (ROOT / rest.split()[0]).exists(), command


def test_every_supported_python_is_tested() -> None:
    """The checkout and the built wheel are tested on the Pythons of the classifiers, each."""
    project = (ROOT / "pyproject.toml").read_text()
    supported = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f'requires-python = ">={supported[0]}"' in project
    ci = jobs(GITHUB / "workflows" / "ci.yml")
    for name, command in (("test", "bash .ci/run"), ("wheel", "bash .ci/wheel")):
        assert ci[name]["strategy"]["matrix"]["python"] == supported
        assert ci[name]["steps"][-1]["run"] == command
    commands = {step.get("run") for job in ci.values() for step in job["steps"]}
    assert {"make check", "make audit", "make demo"} <= commands


def test_a_tag_is_what_releases() -> None:
    """Tags of versions only; publishing waits for the tests and needs no stored token."""
    release = load(GITHUB / "workflows" / "release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    publish = release["jobs"]["publish"]
    assert publish["needs"] == "build"
    assert publish["environment"] == "pypi"
    action = publish["steps"][-1]
    assert action["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert "with" not in action
    assert "bash .ci/run" in [step.get("run") for step in release["jobs"]["build"]["steps"]]


def test_dependabot_watches_packages_and_actions() -> None:
    """Both are updated together, a while after they appeared."""
    updates = load(GITHUB / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip"}
    assert all(int(update["cooldown"]["default-days"]) >= 7 for update in updates)


def test_bug_reports_come_with_the_check() -> None:
    """The form insists on the output of `check --support`."""
    fields = load(GITHUB / "ISSUE_TEMPLATE" / "bug.yml")["body"]
    (field,) = [f for f in fields if "check --support" in f["attributes"].get("label", "")]
    assert field["validations"]["required"] == "true"

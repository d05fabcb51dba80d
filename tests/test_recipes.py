"""The recipes of CONTRIBUTING.md work: they are carried out in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t

import pytest

from tests.singer import ROOT

if t.TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "CONTRIBUTING.md"
MOST_FILES, MOST_LINES = 6, 60
"""What a plain stream may cost, schema and sandbox included."""
STEP = re.compile(
    r"^(?P<where>New file|In) `(?P<path>[^`\n]+)`(?:, below `(?P<line>[^`\n]+)`)?:\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COST = re.compile(r"^(\d+) files, (\d+) lines\.", re.MULTILINE)
RECIPES = {
    "An entity of ad accounts": "ad_target_templates",
    "A stream of company pages": "organization_events",
    "A report, or a metric": "ad_analytics_by_share",
}
DOCS = ("tests/test_stream_page.py", "tests/test_quota_page.py", "tests/test_data_model.py")
"""What `make docs` runs."""
CHECKS = (
    "tests/test_catalog.py",
    "tests/test_docs.py",
    *DOCS,
    "tests/test_user_docs.py",
    "tests/test_linkedin_rules.py",
    "tests/test_metrics.py",
    "tests/test_random_streams.py::test_every_stream_is_compared_with_the_truth",
    "tests/test_check.py::test_every_stream_makes_its_first_requests_without_sending_any",
    "tests/test_columns.py",
)
SYNC = """
import json, sys
from sandbox import Sandbox
from sandbox.world import worlds
from tests import singer

found = {}
for name in sys.argv[1:]:
    with Sandbox(worlds.small(today=singer.TODAY)) as sandbox:
        config = singer.config(sandbox, start_date="2026-10-01")
        output = singer.sync(config, catalog=singer.catalog({name: None}))
        refusals = [str(entry) for entry in sandbox.refusals]
    run = {"status": output.status, "refusals": refusals, "log": output.stderr}
    found[name] = {**run, "records": len(output.records(name))}
print(json.dumps(found))
"""


class Step(t.NamedTuple):
    """One block of a recipe.

    Attributes:
        path: The file.
        line: The line below which the text goes; None for a new file.
        text: What is written.
    """

    path: str
    line: str | None
    text: str


def section(heading: str) -> str:
    """Return the text of a recipe."""
    return PAGE.read_text().split(f"\n### {heading}\n")[1].split("\n### ")[0].split("\n## ")[0]


def steps(heading: str) -> list[Step]:
    """Return the blocks of a recipe, in order; no other block is in it."""
    text = section(heading)
    found = [Step(m["path"], m["line"], m["text"]) for m in STEP.finditer(text)]
    assert len(found) == text.count("```") // 2, (
        f"CONTRIBUTING.md, {heading}: a block names no file"
    )
    return found


def carry_out(step: Step, copy: Path) -> None:
    """Write one block into the copy."""
    path = copy / step.path
    if step.line is None:
        assert not path.exists(), f"{step.path} exists"
        path.write_text(step.text)
        return
    before, found, after = path.read_text().partition(f"\n{step.line}\n")
    assert found, f"CONTRIBUTING.md names a line that {step.path} does not have: {step.line!r}"
    path.write_text(before + found + step.text + after)


def lines(step: Step) -> int:
    """Return the lines of a block with something on them."""
    return sum(bool(line.strip()) for line in step.text.splitlines())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what git tracks, as it is now."""
    git = shutil.which("git")
    assert git
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def python(copy: Path, *arguments: str, **variables: str) -> str:
    """Run Python in the copy, which must succeed, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(copy), **variables}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pytest_in(copy: Path, *arguments: str, **variables: str) -> None:
    """Run tests of the copy in one process."""
    options = ("-q", "-n0", "--show-capture=no", "-p", "no:cacheprovider")
    python(copy, "-m", "pytest", *options, *arguments, **variables)


@pytest.mark.parametrize("heading", RECIPES)
def test_recipe_costs_what_it_says(heading: str) -> None:
    """Files and lines are counted from the blocks, and a plain stream stays cheap."""
    found = steps(heading)
    cost = (len({step.path for step in found}), sum(map(lines, found)))
    written = COST.search(section(heading))
    assert written, f"CONTRIBUTING.md, {heading}: say '{cost[0]} files, {cost[1]} lines.'"
    said = (int(written[1]), int(written[2]))
    assert said == cost, f"CONTRIBUTING.md, {heading}: {cost[0]} files, {cost[1]} lines"
    assert cost[0] <= MOST_FILES, f"{heading} takes {cost[0]} files"
    assert cost[1] <= MOST_LINES, f"{heading} takes {cost[1]} lines"


@pytest.mark.slow
def test_recipes_work(copy: Path) -> None:
    """Their streams are read from the sandbox, and the checks that a contributor meets pass."""
    for heading in RECIPES:
        for step in steps(heading):
            carry_out(step, copy)
    python(copy, "-m", "ruff", "check", "--no-cache")
    python(copy, "-m", "ruff", "format", "--check", "--no-cache")
    pytest_in(copy, *DOCS, DOCS="write")
    runs: dict[str, t.Any] = json.loads(python(copy, "-c", SYNC, *RECIPES.values()))
    for name, run in runs.items():
        assert f"`{name}`" in (copy / "docs" / "streams.md").read_text()
        assert (run["status"], run["refusals"]) == (0, []), run["log"]
        assert run["records"] > 2, run["log"]
    pytest_in(copy, *CHECKS)

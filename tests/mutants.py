"""Mutation testing: change the tap's code in small ways and see which changes a test notices.

``make mutants`` runs it and writes docs/mutants.md. What was killed is not tried again while its
function is as it was; the rest is tried again each time, and so is what took too long, which on a
busy machine may be the machine. ``.mutants`` remembers it.
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import fnmatch
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

from tests.mutant_reasons import REASONS

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".mutants"
PAGE = ROOT / "docs" / "mutants.md"
PACKAGE = "tap_linkedin_ads"
MUTMUT = Path(sys.executable).with_name("mutmut")
SAMPLE = "*3"
"""A pattern of mutants' names. They end in a number that counts within the function."""
TESTS = {
    "records": "always_sent any_value fragments metrics paths records schema",
    "reporting": "asking cohorts fragments intake lookback merge metrics outlook parameters "
    "periods plan plan_markets plan_steps reach receipts refused_names report_columns windows",
    "api": "adaptation auth batch_get client client_wiring errors epoch finders lists pagination "
    "records refused reply responses restli room secrets throttle_and_quota tokens transport urn "
    "versions workers",
    "sync": "activation_rules ad_accounts bookmarks earlier_runs encoded entity_names messages "
    "notices organizations outcome page_roles pivot_value_names post_lists progress run "
    "stdout_reader",
}
"""The folders of the tap, and the test files that judge them."""
KILLED, ENDLESS, UNTRIED = "killed", "timeout", "not checked"
_PATIENCE = {"timeout_constant": ["10"], "timeout_multiplier": ["4"]}
"""A mutant may take four times as long as its tests took and ten seconds."""

# Starting pytest takes longer than most tests do: only the plugins that they need.
PLUGINS = ("_hypothesis_pytestplugin", "requests_mock.contrib._pytest_plugin")
NO_PLUGINS = ("cacheprovider", "threadexception", "unraisableexception")
PYTEST = (
    *(f"-p{name}" for name in PLUGINS),
    *(f"-pno:{name}" for name in NO_PLUGINS),
    *("-o", "addopts=", "-m", "not slow", "--hypothesis-profile=mutants", "--hypothesis-seed=2"),
)


class Mutant(t.NamedTuple):
    """A small change, and what came of it.

    Attributes:
        name: mutmut's name of it.
        status: mutmut's word for what came of it.
    """

    name: str
    status: str

    @property
    def place(self) -> str:
        """Return folder, module and function."""
        named = self.name.removeprefix(f"{PACKAGE}.").replace("ǁ", ".").rpartition("__mutmut_")[0]
        return re.sub(r"\.x_?\.?(?=[^.]+(\.[^.]+)?$)", ".", named, count=1)

    def change(self) -> str:
        """Return the changed lines, before and after, separated by an arrow."""
        module = self.name.rpartition(".")[0]
        diff = get_diff_for_mutant(self.name, path=f"{module.replace('.', '/')}.py")
        lines = re.findall(r"^([-+])(?!-- |\+\+ )(.*)$", diff, re.MULTILINE)
        sides = (" ".join(text.strip() for at, text in lines if at == side) for side in "-+")
        return " → ".join(f"`{side}`" for side in sides)


class Trial:
    """The mutants of one folder, in a copy of the project."""

    def __init__(self, folder: str) -> None:
        """Know of what was tried before."""
        self._folder = folder
        self.place = WORK / folder

    def run(self, sample: str, jobs: int) -> None:
        """Try a sample of the mutants, so many at a time."""
        self._set_up()
        known = self.mutants()
        left = {m.name for m in known if m.status != KILLED and fnmatch.fnmatch(m.name, sample)}
        tried: set[str] = set()
        if not known:
            left = {sample}
        while left - tried:  # those of a function that was changed are new behind the first run
            self._mutmut("run", "--max-children", str(jobs), *sorted(left))
            tried |= left
            left = {m.name for m in self.mutants() if m.status == UNTRIED}
            left = {name for name in left if fnmatch.fnmatch(name, sample)}

    def mutants(self) -> list[Mutant]:
        """Return all mutants, tried or not."""
        if not (self.place / "mutants").exists():
            return []
        said = self._mutmut("results", "--all", "true", stdout=subprocess.PIPE).stdout
        return [Mutant(*line) for line in re.findall(r"^ +(\S+): (.+)$", said, re.MULTILINE)]

    def _set_up(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        # Which tests reach a function that was changed or renamed has to be found out again.
        (self.place / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
        copied = ("tests", "benchmarks", "schemas", "sandbox", "docs", "pyproject.toml")
        for name in (PACKAGE, *copied):
            with contextlib.suppress(FileExistsError):
                (self.place / name).symlink_to(ROOT / name)
        settings: dict[str, Iterable[str]] = {
            "source_paths": [PACKAGE],
            "only_mutate": [f"{PACKAGE}/{self._folder}/*"],
            "also_copy": copied,
            "pytest_add_cli_args": PYTEST,
            "pytest_add_cli_args_test_selection": files(self._folder),
            **_PATIENCE,
        }
        config = configparser.ConfigParser()
        config["mutmut"] = {name: "\n" + "\n".join(value) for name, value in settings.items()}
        with (self.place / "setup.cfg").open("w") as file:
            config.write(file)

    def _mutmut(self, *words: str, **options: t.Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        command = [MUTMUT, *words]
        return subprocess.run(
            command, check=True, text=True, cwd=self.place, env=environment, **options
        )


def files(folder: str) -> list[str]:
    """Return the test files that judge a folder."""
    return [f"tests/test_{name}.py" for name in TESTS[folder].split()]


def page(trials: dict[str, list[Mutant]], sample: str) -> str:
    """Return docs/mutants.md: scores, then each survivor below the reason why it survives."""
    rows = [_row(f"`{folder}`", mutants) for folder, mutants in trials.items()]
    everything = [mutant for mutants in trials.values() for mutant in mutants]
    rows.append(_row("All", everything))
    left = sum(
        mutant.status == UNTRIED and fnmatch.fnmatch(mutant.name, sample) for mutant in everything
    )
    judges = [f"- `{folder}`: {', '.join(files(folder))}" for folder in trials]
    survivors: dict[str, list[str]] = {}
    for folder, mutants in trials.items():
        with _inside(WORK / folder):
            for mutant in mutants:
                if mutant.status not in {KILLED, ENDLESS, UNTRIED}:
                    line = f"{mutant.place}: {mutant.change()}"
                    survivors.setdefault(reason_of(line), []).append(f"- {line}")
    explained = [
        "\n".join((f"### {reason}: {len(lines)}", "", *sorted(lines)))
        for reason, lines in sorted(survivors.items(), key=lambda item: -len(item[1]))
    ]
    return "\n\n".join(
        (
            TEXT.format(sample=sample, judges="\n".join(judges), rows="\n".join(rows), left=left),
            *explained,
        )
    )


def reason_of(line: str) -> str:
    """Return why nothing notices a mutant, by what REASONS says of such lines."""
    return next((why for pattern, why in REASONS if re.search(pattern, line)), "Not explained")


def _row(name: str, mutants: list[Mutant]) -> str:
    tried = [mutant.status for mutant in mutants if mutant.status != UNTRIED]
    killed = tried.count(KILLED) + tried.count(ENDLESS)
    unreached = tried.count("no tests")
    score = f"{100 * killed / len(tried):.1f} %" if tried else "-"
    numbers = (len(mutants), len(tried), killed, len(tried) - killed - unreached, unreached)
    return f"| {name} | {' | '.join(f'{n:,}' for n in numbers)} | {score} |"


@contextlib.contextmanager
def _inside(place: Path) -> Iterator[None]:
    """Work in a folder, from which mutmut reads."""
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


TEXT = """\
# Mutation testing

Written by `make mutants` ([tests/mutants.py](../tests/mutants.py)). mutmut changes the code of the
tap in one small way, a mutant, and runs the tests that reach the changed function: one that fails
kills it. A mutant that survives is behaviour that no test holds, or a change that makes no
difference; the second part of this page says which.

- **Sample**: the mutants whose name matches `{sample}`. A name ends in a number that counts within
  its function, so `*3` tries the 3rd, 13th, 23rd ... of each function.
  `make mutants MUTANTS="--sample='*'"` tries all, which takes hours. Of the sample {left} are not
  tried yet; those whose tests take least time come first, and a further call tries the rest.
- **Judges**: the quick tests (`-m "not slow"`) of the files below, with five examples a law, the
  same ones each time. The other tests and mypy may notice more; they are not asked.
- **Left out** by mutmut: code outside functions, decorated functions, properties.
- **Score**: killed, and never-ending, in percent of those that were tried; one that no test reaches
  counts as survived.

{judges}

## Score

| Folder | Mutants | Tried | Killed | Survived | Not reached | Score |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

## Survivors, and why"""


def main() -> None:
    """Try mutants and write the page."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", default=list(TESTS), help="try these, not all")
    parser.add_argument("--sample", default=SAMPLE, help="pattern of mutants' names (%(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time (%(default)s)")
    parser.add_argument("--page", action="store_true", help="try nothing, write what is known")
    given = parser.parse_args()
    for folder in [] if given.page else given.folders:
        Trial(folder).run(given.sample, given.jobs)
    trials = {folder: mutants for folder in TESTS if (mutants := Trial(folder).mutants())}
    if trials.keys() == TESTS.keys():
        PAGE.write_text(page(trials, given.sample) + "\n")
    else:  # the page is about all folders
        sys.stdout.write(page(trials, given.sample) + "\n")


if __name__ == "__main__":
    main()

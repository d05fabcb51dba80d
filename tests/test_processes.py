"""Tests end their processes, however the tests themselves end; quick ones have none."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests import conftest, singer
from tests.processes import started

TESTS = singer.ROOT / "tests"
SLEEPING = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.mark.slow
def test_a_process_ends_with_a_test_that_fails() -> None:
    """The failure comes out at once; the process and its pipes are gone."""
    with pytest.raises(ZeroDivisionError), started(SLEEPING, stdout=subprocess.PIPE) as process:
        raise ZeroDivisionError
    assert process.returncode == -9
    assert process.stdout is not None
    assert process.stdout.closed


@pytest.mark.parametrize("command", [SLEEPING, singer.COMMAND])
def test_quick_tests_start_no_process(command: tuple[str, ...]) -> None:
    """A test that does, itself or by the tap's own process, fails until it is marked slow."""
    with pytest.raises(AssertionError, match="marked slow"):
        singer.run([*command])


def test_quick_tests_take_no_database(request: pytest.FixtureRequest) -> None:
    """A server that runs already would start no process."""
    taking = [
        item.nodeid
        for item in request.session.items
        if {"loader", "server"} & {*getattr(item, "fixturenames", ())}
        and item.get_closest_marker("slow") is None
    ]
    assert taking == []


def test_modules_that_have_a_place_in_the_order_exist() -> None:
    """A module that was renamed would come somewhere in the middle."""
    names = {path.stem for path in TESTS.glob("test_*.py")}
    assert names >= {*conftest.LONGEST, *conftest.LAST}


@pytest.mark.slow
def test_every_process_is_started_in_one_way() -> None:
    """No test starts a process that it would wait for when it fails."""
    found = {
        f"{path.relative_to(singer.ROOT)}:{node.lineno}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Popen")
    }
    others = sorted(place for place in found if not place.startswith("tests/processes.py:"))
    assert not others, f"use tests/processes.py instead of subprocess.Popen: {others}"

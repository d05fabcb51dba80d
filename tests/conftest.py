from __future__ import annotations

import contextlib
import gc
import os
import typing as t

import pytest
from hypothesis import Phase, settings

from sandbox import Sandbox, World
from sandbox.world import worlds
from tests import processes
from tests.examples import WHOLE
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Serve = t.Callable[..., Sandbox]

LONGEST = (
    "test_walk",
    "test_airflow",
    "test_your_project",
    "test_dbt",
    "test_recipes",
    "test_clocks",
    "test_exact_loader",
    "test_sync_reports",
    "test_fault_matrix",
    "test_any_value",
    "test_interruption",
    "test_sync_posts",
    "test_request_counts",
    "test_unreadable",
    "test_kill_and_resume",
    "test_plan",
    "test_refusals",
    "test_login",
    "test_posts_of_many_pages",
    "test_sync_social",
    "test_sync_pages",
    "test_random_worlds",
    "test_sync_state",
    "test_report_refusals",
    "test_two_settings",
    "test_package",
    "test_plan_markets",
    "test_lists",
    "test_sharding",
    "test_activation",
)
"""Modules that come first, so that no core is left alone with one of them in the end."""
LAST = ("test_core",)
"""What says least when it fails."""

# Other work on the machine is no failure.
settings.register_profile("thorough", deadline=None, max_examples=200)
settings.register_profile("all", deadline=None, max_examples=50)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.register_profile(  # `make mutants`: the same answer each time, and no failure made small
    "mutants",
    deadline=None,
    max_examples=5,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of these tests; the quick ones try laws with fewer examples."""
    config.addinivalue_line(
        "markers", "refused(*rules): rules of the sandbox that this test breaks on purpose"
    )
    processes.watch()
    # Whole worlds and their records are no garbage: to look them through took a sixth of the time.
    gc.set_threshold(20_000, 10, 20)
    is_quick = "not slow" in config.getoption("markexpr")
    settings.load_profile("thorough" if WHOLE else "quick" if is_quick else "all")


@pytest.hookimpl(optionalhook=True)  # `make mutants` goes without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: many tests wait, for programs or late answers."""
    here = getattr(os, "sched_getaffinity", None)  # not on macOS
    return 1 + (len(here(0)) if here else os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules in order; each is run by one worker."""
    places = {name: place for place, name in enumerate(LONGEST)}
    places |= dict.fromkeys(LAST, len(LONGEST) + 1)
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Keep what was collected out of garbage collections: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let only slow tests start processes."""
    if item.get_closest_marker("slow") is None:
        processes.refused.set()
    try:
        return (yield)
    finally:
        processes.refused.clear()


@contextlib.contextmanager
def serving(allowed: frozenset[str] = frozenset()) -> Iterator[Serve]:
    """Give a starter of sandboxes; at the end no request may have broken a rule."""
    with contextlib.ExitStack() as running:
        started: list[Sandbox] = []

        def serve(world: World, **switches: t.Any) -> Sandbox:  # noqa: ANN401
            started.append(running.enter_context(Sandbox(world, **switches)))
            return started[-1]

        yield serve
        refused = [e for s in started for e in s.refusals if e.rule not in allowed]
    said = [f"{e.method} {e.path}?{e.query[:300]}: {e.rule} {e.message}" for e in refused]
    assert not said, "the sandbox refused:\n" + "\n".join(said[:5])


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Start sandboxes of a test's own worlds."""
    marks = request.node.iter_markers("refused")
    with serving(frozenset(rule for mark in marks for rule in mark.args)) as start:
        yield start


@pytest.fixture(scope="module")
def serve_module() -> Iterator[Serve]:
    """Start sandboxes that the tests of a module share."""
    with serving() as start:
        yield start


@pytest.fixture
def world() -> World:
    """Three small ad accounts, fresh for every test."""
    return worlds.small(today=TODAY)


@pytest.fixture
def sandbox(serve: Callable[..., Sandbox], world: World) -> Sandbox:
    """Serve the small world."""
    return serve(world)

"""Random pages, posts, edits between runs and passing faults: posts are what the world holds."""

from __future__ import annotations

import datetime as dt
import os
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import Sandbox
from sandbox.world import worlds
from tests.singer import TODAY
from tests.test_sync_posts import (
    CHILDREN,
    LONG_AGO,
    expected_post,
    posts_by_urn,
    readable,
    sync,
    without_nulls,
)

if t.TYPE_CHECKING:
    from tests import singer
    from tests.singer import Json

EXAMPLES = int(os.environ.get("RANDOM_WORLDS", "12"))
PASSING = ("reset", "reset_inside", "truncate", "html", "duplicate_row")

worlds_of_pages = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**16),
        "posts": st.integers(0, 130),
        "organizations": st.integers(1, 3),
        "days": st.integers(20, 500),
    }
)
runs = st.fixed_dictionaries(
    {"max_workers": st.integers(1, 6), "lookback_window": st.integers(0, 40)}
)
edits = st.lists(st.integers(0, 129), max_size=8, unique=True)
faults = st.lists(st.tuples(st.sampled_from(PASSING), st.integers(1, 12)), max_size=3)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.reuse, Phase.generate],  # making an example smaller takes many minutes
)
@given(shape=worlds_of_pages, settings_of=runs, edited=edits, added=st.integers(0, 3), odd=faults)
def test_posts_equal_truth(
    shape: Json,
    settings_of: Json,
    edited: list[int],
    added: int,
    odd: list[tuple[str, int]],
) -> None:
    """A first run, edits and new posts, and a second run from its state: every post as it is."""
    world = worlds.pages(today=TODAY, **shape)
    with Sandbox(world) as sandbox:
        for kind, nth in odd:
            sandbox.faults.add(kind, path="/rest/posts", nth=nth)
        first = sync(sandbox, start_date=LONG_AGO, **settings_of)
        assert first.status == 0, first.stderr[-1000:]
        check(world, first, {wire["id"] for wire in readable(world)})
        world.today = TODAY + dt.timedelta(days=1)
        pages = [page["id"] for page in world.pages.truth.pages()]
        news = {world.pages.add_post(pages[n % len(pages)], commentary="New") for n in range(added)}
        known = sorted(posts_by_urn(first))
        changed = {known[number] for number in edited if number < len(known)}
        for urn in changed:
            world.pages.change_post(urn, commentary="Edited #again")
        second = sync(sandbox, state=first.state, **settings_of)
        assert second.status == 0, second.stderr[-1000:]
        assert not sandbox.refusals
    found = posts_by_urn(second)
    assert news | changed <= found.keys() <= {wire["id"] for wire in readable(world)}
    check(world, second, set(found))


def check(world: t.Any, output: singer.Output, wanted: set[str]) -> None:  # noqa: ANN401
    """Check the posts of a run, and that children belong to them."""
    found = {urn: dict(row) for urn, row in posts_by_urn(output).items()}
    assert found.keys() == wanted
    truth = {wire["id"]: wire for wire in readable(world)}
    for urn, row in found.items():
        del row["commentary_text"]
        expected = {
            column: pytest.approx(value) if isinstance(value, float) else value
            for column, value in expected_post(world, truth[urn]).items()
        }
        assert without_nulls(row) == expected, urn
    for child in CHILDREN:
        assert {record["post_urn"] for record in output.records(child)} <= wanted

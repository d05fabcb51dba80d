"""How many requests a plan takes for markets that it makes up: hardly more than the rows fill."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.plan import ALIKE, SPARSE, Market, play
from tests.examples import share_of

LEARNING = 10
"""Requests more, at most, to learn how many rows the seven field groups have."""


@given(
    st.builds(
        Market,
        name=st.just("any"),
        accounts=st.integers(2, 80),
        days=st.integers(20, 120),
        rows=st.integers(1_000, 150_000),
        shares=st.sampled_from([SPARSE, ALIKE]),
        uneven=st.booleans(),
        growth=st.sampled_from([0.7, 1.0, 1.5]),
    ),
    st.sampled_from([1, 4, 8]),
)
@settings(max_examples=share_of(20))
def test_answers_are_full_whatever_the_market(market: Market, width: int) -> None:
    """However many workers there are; and each row is in one whole answer."""
    played = play(market, width=width)
    assert played.requests <= LEARNING + 1.3 * played.least
    counts = market.counts()
    found = sum(rows for _, rows in played.asked if rows < 15_000)
    assert found == sum(sum(by_day) for group in counts for by_day in group.values())


@pytest.mark.parametrize(
    ("market", "most"),
    [
        pytest.param(
            Market("growing", 300, 290, 293_282, SPARSE, uneven=True, growth=2.5),
            1.15,
            marks=pytest.mark.slow,
        ),
        (Market("even", 300, 63, 52_123, SPARSE), 1.1),
        pytest.param(Market("dense", 300, 120, 110_000, ALIKE), 1.05, marks=pytest.mark.slow),
        (Market("daily", 1000, 32, 96_000, ALIKE, uneven=True, growth=1.1), 1.25),
        (Market("one", 1, 365, 365_000, ALIKE, growth=3.0), 1.05),
        (Market("sparse", 1, 365, 365_000, SPARSE, growth=3.0), 1.12),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_agencies_take_hardly_more_than_the_least(market: Market, most: float) -> None:
    """Some growing and uneven, some with values in every family; three of each kind together."""
    played = [play(market, seed=seed) for seed in (1, 3, 7)]
    assert sum(p.requests for p in played) <= most * sum(p.least for p in played)

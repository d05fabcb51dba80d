from __future__ import annotations

import math
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.reporting.refused_names import RefusedNames, find

if t.TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = tuple(f"metric{letter}" for letter in "ABCDEFGHIJKLMNOPQR")


class LinkedIn:
    """Refuses names, more names than a limit, or everything."""

    def __init__(
        self, refused: t.AbstractSet[str] = frozenset(), most: int = 18, *, deaf: bool = False
    ) -> None:
        self.refused, self.most, self.deaf, self.asked = refused, most, deaf, 0

    def accepts(self, names: Sequence[str]) -> bool:
        """Answer one request."""
        self.asked += 1
        return not self.deaf and self.refused.isdisjoint(names) and len(names) <= self.most


@given(st.sets(st.sampled_from(NAMES), min_size=1))
def test_every_refused_name_is_found_and_no_other(refused: set[str]) -> None:
    """However many there are; each costs about as many requests as halving takes."""
    linkedin = LinkedIn(refused)
    found = find(NAMES, "Invalid query parameters passed to request", linkedin.accepts)
    assert found == RefusedNames(refused)
    each = math.ceil(math.log2(len(NAMES))) + 2
    assert linkedin.asked <= 1 + each * len(refused)


@given(st.integers(1, 17))
def test_a_limit_of_names_is_found_exactly(most: int) -> None:
    """All names are accepted, but not together."""
    linkedin = LinkedIn(most=most)
    assert find(NAMES, "", linkedin.accepts) == RefusedNames(most=most)
    assert linkedin.asked <= 12


@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3), st.integers(1, 17))
def test_what_is_found_is_accepted(refused: set[str], most: int) -> None:
    """Names and a limit at once: the next request either passes or is searched again."""
    linkedin = LinkedIn(refused, most)
    left, message = list(NAMES), "no"
    for _ in range(6):
        if linkedin.accepts(left):
            return
        found = find(left, message, linkedin.accepts)
        assert found is not None
        assert found.names <= refused
        left = [name for name in left if name not in found.names][: found.most]
    pytest.fail("the search does not end")


def test_a_name_in_the_message_is_tried_first() -> None:
    """One request instead of halving: without the named one."""
    linkedin = LinkedIn({"metricF"})
    message = "Invalid value metricF for field (fields)"
    assert find(NAMES, message, linkedin.accepts) == RefusedNames({"metricF"})
    assert linkedin.asked == 1


def test_a_name_inside_another_is_not_suspected() -> None:
    """``clicks`` does not stand in ``viralClicks``."""
    linkedin = LinkedIn({"viralClicks"})
    found = find(("clicks", "viralClicks", "likes"), "viralClicks", linkedin.accepts)
    assert found == RefusedNames({"viralClicks"})


def test_another_refusal_costs_one_request() -> None:
    """Where LinkedIn refuses the request without any metric as well, names are not the cause."""
    linkedin = LinkedIn(deaf=True)
    assert find(NAMES, "no", linkedin.accepts) is None
    assert linkedin.asked == 1

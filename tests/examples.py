"""How many examples a law is tried with, and which cases of many a usual run plays."""

from __future__ import annotations

import os
import typing as t

from hypothesis import settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE = "WHOLE" in os.environ
"""Whether every case is to be played, with more examples of each law."""


def one_in(number: int, cases: Iterable[str]) -> list[str]:
    """Return one of so many cases, in order; all of them in ``make thorough``."""
    return list(cases)[:: 1 if WHOLE else number]


def share_of(number: int) -> int:
    """Return a number of examples for all tests, or the part of it that is for the quick ones."""
    return max(1, number * settings().max_examples // 100)

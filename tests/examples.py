"""How many examples a law is tried with."""

from __future__ import annotations

from hypothesis import settings


def share_of(number: int) -> int:
    """Return a number of examples for all tests, or the part of it that is for the quick ones."""
    return max(1, number * settings().max_examples // 100)

"""Answers of adAnalytics that are kept, so that asking again takes no time to work them out.

A benchmark that compares programs should not measure how fast the sandbox invents figures. With
the switch ``remember_answers`` an answer is worked out once and served from memory afterwards; it
is checked, logged and charged against the data limit like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.request import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sandbox.api.request import Request


def answer(
    request: Request, make: Callable[[], bytes], charge: Callable[[Request, int], None]
) -> bytes:
    """Return the answer from memory, or work it out and keep it.

    Args:
        request: The request; its log entry is filled in either way.
        make: Works the answer out, and charges it.
        charge: Charges an answer from memory.
    """
    key = _key(request)
    kept = request.memory.answers.get(key)
    if kept is None:
        body = make()
        kept = Kept(body, request.entry.rows, request.entry.metric_values)
        request.memory.answers[key] = kept
    else:
        charge(request, kept.metric_values)
        request.entry.rows = kept.rows
    return kept.body


def _key(request: Request) -> Hashable:
    """Return everything that an answer depends on; limits and latencies are not part of it."""
    switches = request.switches
    readings = (switches.next_link, switches.bucket_bounds, switches.max_elements)
    return (
        request.world.revision,
        request.world.today,
        request.version,
        readings,
        tuple(sorted(request.raw.items())),
    )

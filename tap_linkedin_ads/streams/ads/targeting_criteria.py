"""Targeting criteria of a campaign as rows. Pure.

LinkedIn nests them: ``include.and`` is a list of clauses that must all hold, ``exclude`` is one
clause; ``or`` in a clause holds facets, each with values of which any one suffices (LI-80).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

INCLUDE, EXCLUDE = "include", "exclude"


class Target(t.NamedTuple):
    """One targeted value.

    Attributes:
        clause: ``include`` or ``exclude``.
        clause_number: Place of the clause among those that must all hold, from 1.
        facet_urn: The facet, ``urn:li:adTargetingFacet:titles``.
        value_urn: The value: a URN, or a plain text.
    """

    clause: str
    clause_number: int
    facet_urn: str
    value_urn: str


class Odd(t.NamedTuple):
    """A part of the criteria that is not of the shape that LinkedIn documents."""

    value: object


def targets(criteria: object) -> Iterator[Target | Odd]:
    """Yield each targeted value once, in LinkedIn's order, and what cannot be read.

    Args:
        criteria: A campaign's ``targetingCriteria`` as LinkedIn sends it; None for none.
    """
    seen: set[Target] = set()
    for found in _clauses(criteria):
        if isinstance(found, Odd) or found not in seen:
            yield found
        if isinstance(found, Target):
            seen.add(found)


def _clauses(criteria: object) -> Iterator[Target | Odd]:
    for clause, expression in _members(criteria):
        if isinstance(expression, Odd):
            yield expression
        elif clause == INCLUDE:
            for _, clauses in _members(expression, only="and"):
                yield from _all_of(clauses)
        elif clause == EXCLUDE:
            yield from _any_of(EXCLUDE, 1, expression)
        else:
            yield Odd({clause: expression})


def _all_of(clauses: object) -> Iterator[Target | Odd]:
    if not isinstance(clauses, list):
        yield clauses if isinstance(clauses, Odd) else Odd(clauses)
        return
    for number, expression in enumerate(clauses, start=1):
        yield from _any_of(INCLUDE, number, expression)


def _any_of(clause: str, number: int, expression: object) -> Iterator[Target | Odd]:
    for _, facets in _members(expression, only="or"):
        for facet, values in _members(facets):
            if not isinstance(values, list):
                yield values if isinstance(values, Odd) else Odd({facet: values})
                continue
            for value in values:
                is_plain = isinstance(value, str) or type(value) is int
                yield Target(clause, number, facet, str(value)) if is_plain else Odd({facet: value})


def _members(expression: object, only: str = "") -> Iterator[tuple[str, t.Any]]:
    """Yield the members of an object that are not null.

    Args:
        expression: What should be an object.
        only: The one member that it may have; empty for any.
    """
    if isinstance(expression, Mapping):
        for name, value in expression.items():
            if value is not None:
                yield name, value if only in {"", name} else Odd({name: value})
    elif expression is not None:
        yield "", expression if isinstance(expression, Odd) else Odd(expression)

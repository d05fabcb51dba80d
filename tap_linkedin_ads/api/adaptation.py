"""What LinkedIn refused in this run, and what the tap sends instead.

A rule takes a request and its refusal and returns the next request to try. Once that is answered,
the rule remembers it for the resource, so that a refusal is paid for once in a run.

LinkedIn's rule: LI-10.
"""

from __future__ import annotations

import itertools
import threading
import typing as t

from tap_linkedin_ads.api import restli
from tap_linkedin_ads.api.refused import (
    Difference,
    OtherSpelling,
    Rule,
    SmallerPages,
    WithoutOptional,
    says_nothing,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_linkedin_ads.api.errors import Failure
    from tap_linkedin_ads.api.request import Request

MOST_TRIES = 12
"""Further requests that one refused request may cost, with the one that confirms a guess."""
_Shape = tuple[str, str, frozenset[str]]
"""Resource, finder and parameters of requests that are refused alike."""


class Search:
    """The search for a request that LinkedIn answers, after it refused one. For one thread."""

    def __init__(self, adaptations: Adaptations, request: Request) -> None:
        self._adaptations = adaptations
        self._first = request
        self._tried = {restli.query(request.parameters)}
        self._guesses: Iterator[Request] | None = None

    def following(self, sent: Request, failure: Failure) -> Request | None:
        """Return the next request to try, None where there is nothing left to try.

        Args:
            sent: The request that was refused last.
            failure: Its refusal.
        """
        if len(self._tried) >= MOST_TRIES:
            return None
        found = self._adaptations.instead(sent, failure)
        if found is not None and self._is_new(found):
            return found
        if self._guesses is None:
            if not says_nothing(sent, failure):
                return None
            self._guesses = self._adaptations.guesses(sent)
        guess = next(filter(self._is_new, self._guesses), None)
        if guess is None:
            self._adaptations.give_up(self._first)
        return guess

    @property
    def has_guessed(self) -> bool:
        """Whether a refusal said nothing, so that what is answered now may be due to chance."""
        return self._guesses is not None

    def _is_new(self, request: Request) -> bool:
        query = restli.query(request.parameters)
        is_new = query not in self._tried
        self._tried.add(query)
        return is_new


class Adaptations:
    """All rules, and the differences found in this run. Thread-safe."""

    def __init__(self, rules: Sequence[Rule] | None = None) -> None:
        """Know of no refusal.

        Args:
            rules: Asked in this order; the first that has something to try is taken.
        """
        ours = (OtherSpelling(), WithoutOptional(), SmallerPages())
        self._rules: Sequence[Rule] = ours if rules is None else rules
        self._lock = threading.Lock()
        self._differences: list[Difference] = []
        self._in_vain: set[_Shape] = set()

    def fit(self, request: Request) -> Request:
        with self._lock:
            for rule in self._rules:
                request = rule.fit(request)
            return request

    def search(self, request: Request) -> Search:
        """Return the search for what is answered instead of a request that was refused."""
        return Search(self, request)

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return what to try where a refusal says what is wrong, None where that is no help."""
        with self._lock:
            found = (rule.instead(request, failure) for rule in self._rules)
            return next((following for following in found if following is not None), None)

    def guesses(self, request: Request) -> Iterator[Request]:
        """Return what to try where a refusal says nothing.

        Requests of a shape whose guesses were refused as well are not guessed at again.
        """
        with self._lock:
            if _shape(request) in self._in_vain:
                return iter(())
        return itertools.chain.from_iterable(rule.guesses(request) for rule in self._rules)

    def give_up(self, request: Request) -> None:
        """Remember that no guess helped a request."""
        with self._lock:
            self._in_vain.add(_shape(request))

    def learn(self, asked: Request, sent: Request, failure: Failure) -> list[Difference]:
        """Remember that ``sent`` was answered after ``asked`` was refused; return what is new."""
        with self._lock:
            found = (rule.learn(asked, sent, failure) for rule in self._rules)
            new = [difference for difference in found if difference is not None]
            self._differences += new
            return new

    def note(self, difference: Difference) -> bool:
        """Keep a difference that no rule found; tell whether it is new."""
        with self._lock:
            if is_new := difference not in self._differences:
                self._differences.append(difference)
            return is_new

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return everything that was learnt in this run, in order."""
        with self._lock:
            return tuple(self._differences)


def _shape(request: Request) -> _Shape:
    return request.resource, str(request.parameters.get("q")), frozenset(request.parameters)

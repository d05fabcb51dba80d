"""What LinkedIn refused in this run, and what the tap sends instead.

A rule takes a request and its refusal and returns the next request to try. Once that is answered,
the rule remembers it for the resource, so that a refusal is paid for once in a run.
"""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, replace

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_linkedin_ads.api.client import Request
    from tap_linkedin_ads.api.errors import Failure

LEAST_ROWS = 10
"""Smallest page: where LinkedIn refuses even that, the refusal is about something else."""
_BAD_REQUEST = 400
_SIZES = ("pageSize", "count")
_TOO_LARGE = ("TOO MANY ENTITIES", "SPECIFIED COUNT IS LARGER")
_TOKEN = "pageToken"  # noqa: S105  the name of a parameter


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that LinkedIn refused, and what was sent instead.

    Attributes:
        resource: LinkedIn's resource.
        refused: What was refused (``pageSize=1000``).
        instead: What was answered (``pageSize=500``).
        reason: LinkedIn's text.
    """

    resource: str
    refused: str
    instead: str
    reason: str


class Rule(t.Protocol):
    """One kind of refusal that can be worked around."""

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the next request to try, None where the failure is not of this kind.

        It asks for less than ``request`` in some respect, so that trying comes to an end.
        """

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember that ``sent`` was answered after ``asked`` was refused.

        Returns:
            What was learnt, None where it was known or nothing of this rule's kind was changed.
        """

    def fit(self, request: Request) -> Request:
        """Return a request without what is known to be refused."""


class SmallerPages:
    """Halves ``pageSize`` or ``count`` where LinkedIn says that a page has too many rows."""

    def __init__(self) -> None:
        """Know of no limit."""
        self._limits: dict[tuple[str, str], int] = {}

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the request with half the rows a page.

        A page token is valid for the parameters that it was given for, so a request with one
        starts again from the first page.
        """
        name = _size_parameter(request)
        if name is None or not _is_about_size(failure, name):
            return None
        size = _size(request, name)
        if size <= LEAST_ROWS:
            return None
        parameters = {key: value for key, value in request.parameters.items() if key != _TOKEN}
        parameters[name] = max(size // 2, LEAST_ROWS)
        return replace(request, parameters=parameters)

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember the rows a page that were answered, for all requests to the resource."""
        name = _size_parameter(asked)
        if name is None or _size(sent, name) >= _size(asked, name):
            return None
        place, size = (asked.resource, name), _size(sent, name)
        if self._limits.get(place, size + 1) <= size:
            return None
        self._limits[place] = size
        refused, instead = f"{name}={_size(asked, name)}", f"{name}={size}"
        return Difference(asked.resource, refused, instead, failure.message)

    def fit(self, request: Request) -> Request:
        """Return the request with at most as many rows a page as were answered.

        A request with a page token keeps the size that the token was given for.
        """
        name = _size_parameter(request)
        if name is None or _TOKEN in request.parameters:
            return request
        limit = self._limits.get((request.resource, name))
        if limit is None or _size(request, name) <= limit:
            return request
        return request.with_parameters({name: limit})


def _size_parameter(request: Request) -> str | None:
    return next((name for name in _SIZES if name in request.parameters), None)


def _size(request: Request, name: str) -> int:
    return int(str(request.parameters[name]))


def _is_about_size(failure: Failure, name: str) -> bool:
    if failure.status != _BAD_REQUEST:
        return False
    said = failure.message.upper()
    return name in failure.fields or any(words in said for words in _TOO_LARGE)


class Adaptations:
    """All rules, and the differences found in this run. Thread-safe."""

    def __init__(self, rules: Sequence[Rule] | None = None) -> None:
        """Know of no refusal.

        Args:
            rules: Asked in this order; the first that has something to try is taken.
        """
        self._rules: Sequence[Rule] = (SmallerPages(),) if rules is None else rules
        self._lock = threading.Lock()
        self._differences: list[Difference] = []

    def fit(self, request: Request) -> Request:
        """Return a request without what is known to be refused."""
        with self._lock:
            for rule in self._rules:
                request = rule.fit(request)
            return request

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the next request to try after a refusal, None where there is nothing to try."""
        with self._lock:
            found = (rule.instead(request, failure) for rule in self._rules)
            return next((following for following in found if following is not None), None)

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

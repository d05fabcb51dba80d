"""Long lists of values in parts, where LinkedIn refuses the length of a list.

A refused list is halved; the length that is answered holds for its resource and parameter, until
some lists have been answered: then a longer one is tried, for one wrong value among few looks just
like a list that is too long. One that is too long to be sent as GET is tunnelled, and halving ends
that as well.

LinkedIn's rules: LI-4, LI-11.
"""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api.errors import Failure, RequestFailedError
from tap_linkedin_ads.api.refused import Difference, names

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.pagination import Ask, CursorPages, IndexPages
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.api.responses import FinderAnswer

_BAD_REQUEST = 400
_REFUSED_BODIES = frozenset({405, 411, 413, 414, 415})
"""Statuses that are about the method or the length of a request."""
_PATIENCE = 4
"""Lists of the known length to be answered before twice the length is tried; doubled in vain."""
V = t.TypeVar("V")
A = t.TypeVar("A")


class ListParameter(t.NamedTuple):
    """A parameter that takes a list.

    Attributes:
        resource: LinkedIn's resource (``adTargetingEntities``).
        name: The parameter (``urns``).
        least: The shortest list worth a request: below it, the caller has a better way.
    """

    resource: str
    name: str
    least: int = 1


@dataclass(slots=True)
class _Limit:
    """How many values a list may have.

    Attributes:
        length: As far as is known.
        patience: Lists of this length to be answered before a longer one is tried.
        answered: Those that were, since one was tried.
    """

    length: int
    patience: int = _PATIENCE
    answered: int = 0


class ListLimits:
    """How many values LinkedIn takes in a list, as far as this run knows. Thread-safe, no I/O."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[ListParameter, _Limit] = {}
        self._answered: dict[ListParameter, int] = {}
        self._in_vain: set[ListParameter] = set()

    def fit(self, parameter: ListParameter, length: int) -> int:
        """Return how many of ``length`` values to send in one request."""
        with self._lock:
            limit = self._limits.get(parameter)
            if limit is None or length <= limit.length:
                return length
            if limit.answered < limit.patience:
                return limit.length
            limit.answered = 0
            return min(length, 2 * limit.length)

    def fewer(self, parameter: ListParameter, length: int, failure: Failure) -> int | None:
        """Return how many values to try after a refusal, None where fewer would not help.

        A list no longer than one that was answered is refused for another reason. Where even the
        shortest list was refused, no later one is halved: each would cost as many requests again.
        """
        with self._lock:
            if not _may_be_about_length(failure, parameter.name) or parameter in self._in_vain:
                return None
            if length <= self._answered.get(parameter, 0):
                return None
            if length < 2 * parameter.least:
                self._in_vain.add(parameter)
                return None
            return length // 2

    def answered(self, parameter: ListParameter, length: int, *, was_refused: bool) -> bool:
        """Remember a length that was answered.

        Args:
            parameter: The list.
            length: How many values it had.
            was_refused: A longer list was refused before.

        Returns:
            Whether a limit was found where none was known.
        """
        with self._lock:
            self._answered[parameter] = max(length, self._answered.get(parameter, 0))
            limit = self._limits.get(parameter)
            if limit is None:
                if was_refused:
                    self._limits[parameter] = _Limit(length)
                return was_refused
            if was_refused:
                limit.patience *= 2
            limit.answered += length == limit.length
            limit.length = max(length, limit.length)
            return False


def first_part(
    client: Client, parameter: ListParameter, values: Sequence[V], ask: Callable[[Sequence[V]], A]
) -> tuple[int, A]:
    """Ask for as many of the first values as LinkedIn takes in one request.

    Returns:
        How many values were asked for, and the answer.

    Raises:
        RequestFailedError: The last refusal, where asking for fewer values does not help.
    """
    limits = client.list_limits
    refused = length = limits.fit(parameter, len(values))
    refusal: Failure | None = None
    while True:
        try:
            answer = ask(values[:length])
        except RequestFailedError as error:
            fewer = limits.fewer(parameter, length, error.failure)
            if fewer is None:
                raise
            refusal, length = error.failure, fewer
            continue
        if limits.answered(parameter, length, was_refused=refusal is not None) and refusal:
            before, after = (f"{n} values in {parameter.name}" for n in (refused, length))
            client.differs(Difference(parameter.resource, before, after, refusal.message))
        return length, answer


def in_parts(
    client: Client, parameter: ListParameter, values: Sequence[V], ask: Callable[[Sequence[V]], A]
) -> Iterator[tuple[Sequence[V], A]]:
    """Yield values and the answer about them: once, unless LinkedIn refuses the list's length.

    Raises:
        RequestFailedError: As ``first_part``.
    """
    while values:
        asked, answer = first_part(client, parameter, values, ask)
        yield values[:asked], answer
        values = values[asked:]


class ListPages(t.Generic[V]):
    """The pages of a finder that takes a list: those of the whole list, or of its parts in turn."""

    def __init__(
        self,
        client: Client,
        parameter: ListParameter,
        values: Sequence[V],
        pages: Callable[[Sequence[V]], CursorPages | IndexPages],
    ) -> None:
        self._client = client
        self._parameter = parameter
        self._left = values
        self._pages_of = pages
        self._pages = pages(values)

    def one_row(self) -> Request:
        return self._pages.one_row()

    def first(self) -> Ask:
        return self._next_part

    def following(self, answer: FinderAnswer) -> Ask | None:
        ask = self._pages.following(answer)
        return ask or (self._next_part if self._left else None)

    def _next_part(self) -> FinderAnswer:
        asked, answer = first_part(self._client, self._parameter, self._left, self._first_page)
        self._left = self._left[asked:]
        return answer

    def _first_page(self, some: Sequence[V]) -> FinderAnswer:
        self._pages = self._pages_of(some)
        return self._pages.first()()


def _may_be_about_length(failure: Failure, name: str) -> bool:
    if failure.status in _REFUSED_BODIES:
        return True
    if failure.status != _BAD_REQUEST or failure.is_version_gone:
        return False
    return not failure.fields or names(failure, name)

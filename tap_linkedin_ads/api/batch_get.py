"""Objects by key: fifty a request, or one by one where LinkedIn does not offer that.

Rules LI-11, LI-70: the development tier has no BATCH_GET. What its answer to one looks like is not
documented, so any refusal of a whole batch is checked with a single GET.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import json
import typing as t

import msgspec

from tap_linkedin_ads.api import responses, restli
from tap_linkedin_ads.api.errors import HTTP_OK, Failure, Remedy, RequestFailedError, classify
from tap_linkedin_ads.api.lists import ListParameter, in_parts
from tap_linkedin_ads.api.request import Request

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.workers import Workers

BATCH_SIZE = 50
"""Keys a request: encoded URNs fill LinkedIn's 4 KB of query at about 90."""
_LEAST_BATCH = 12
"""Keys a request: where LinkedIn refuses those of a batch that is not much larger, ask singly."""
Found = responses.Wire | Failure
"""An object, or why there is none (403 or 404)."""
Key = str | int


class Lookups:
    """Reads objects by key, and learns whether BATCH_GET is available. Thread-safe."""

    def __init__(self, client: Client, *, has_batches: bool | None = None) -> None:
        """Ask nothing yet.

        Args:
            client: LinkedIn's API.
            has_batches: Whether BATCH_GET is available, None where that is not known.
        """
        self._client = client
        self._refused: set[str] = set()
        self.has_batches = has_batches

    @property
    def lacks_batches(self) -> bool:
        """Whether a batch was refused, and none answered."""
        return self.has_batches is False or (self.has_batches is None and bool(self._refused))

    def one_by_one(self, resource: str) -> bool:
        return self.lacks_batches or resource in self._refused

    def get(self, resource: str, key: Key, stream: str) -> Found:
        """Read one object.

        Raises:
            RequestFailedError: Anything but a 403 or 404 that concerns this object alone.
        """
        request = Request(resource, f"/{resource}/{restli.encode(key)}", stream=stream)
        try:
            wire = self._client.fetch(request, responses.row)
        except RequestFailedError as error:
            if error.failure.remedy is not Remedy.SET_ASIDE or error.failure.scope_missing:
                raise
            return error.failure
        if resource in self._refused and self.has_batches is None:
            self.has_batches = False
        return wire

    def get_many(self, resource: str, keys: Sequence[Key], stream: str) -> dict[Key, Found]:
        """Read objects, however LinkedIn lets us.

        Raises:
            RequestFailedError: As ``get``.
        """
        found: dict[Key, Found] = {}
        for start in range(0, len(keys), BATCH_SIZE):
            some = keys[start : start + BATCH_SIZE]
            batch = self.get_batch(resource, some, stream)
            found.update(batch or {key: self.get(resource, key, stream) for key in some})
        return found

    def get_batch(self, resource: str, keys: Sequence[Key], stream: str) -> dict[Key, Found] | None:
        """Read at most fifty objects with one request.

        Returns:
            An object or failure for each key; None where LinkedIn refuses the batch as a whole,
            so that the keys are to be asked for one by one.
        """
        if self.one_by_one(resource):
            return None
        if len(keys) == 1:
            return {keys[0]: self.get(resource, keys[0], stream)}
        ids = ListParameter(resource, "ids", _LEAST_BATCH)
        ask = functools.partial(self._ask, resource, stream)
        try:
            answers = list(in_parts(self._client, ids, keys, ask))
        except RequestFailedError as error:
            if error.failure.remedy not in {Remedy.SET_ASIDE, Remedy.FIX_REQUEST}:
                raise
            self._refused.add(resource)
            return None
        return {
            key: self._one_of(answer, resource, key, stream)
            for some, answer in answers
            for key in some
        }

    def try_batch(self, resource: str, urns: Sequence[str], stream: str) -> dict[str, Found] | None:
        """Read at most fifty objects; None also where one by one only the odd one would fail."""
        try:
            found = self.get_batch(resource, urns, stream)
        except RequestFailedError as error:
            if error.failure.remedy not in {Remedy.BACK_OFF, Remedy.FIX_REQUEST}:
                raise
            return None
        return None if found is None else {str(key): value for key, value in found.items()}

    def _ask(self, resource: str, stream: str, keys: Sequence[Key]) -> responses.BatchAnswer:
        request = Request(resource, f"/{resource}", {"ids": keys}, "BATCH_GET", stream)
        answer = self._client.fetch(request, responses.batch)
        self.has_batches = True
        return answer

    def _one_of(self, answer: responses.BatchAnswer, resource: str, key: Key, stream: str) -> Found:
        if (raw := answer.results.get(str(key))) is not None:
            with contextlib.suppress(msgspec.DecodeError):
                return responses.row(raw)
        error = responses.beside_rows(answer.errors).get(str(key))
        status = str(error.get("status")) if isinstance(error, dict) else ""
        if status.isdigit() and int(status) != HTTP_OK:
            failure = classify(int(status), json.dumps(error, default=str).encode())
            if failure.remedy is Remedy.SET_ASIDE:
                return failure
        return self.get(resource, key, stream)  # left out, or broken for a moment


V = t.TypeVar("V")


class Batcher(t.Generic[V]):
    """Answers about keys that are asked for fifty at a time, as soon as fifty are waiting."""

    def __init__(
        self, ask: Callable[[list[str]], Mapping[str, V] | None], workers: Workers
    ) -> None:
        """Ask in the workers' threads.

        Args:
            ask: Gives the answers to some keys; None where it cannot.
            workers: Where the requests run.
        """
        self._ask = ask
        self._workers = workers
        self._waiting: dict[str, None] = {}
        self._sent: dict[str, Future[Mapping[str, V] | None]] = {}
        self._wanted: collections.Counter[str] = collections.Counter()

    def want(self, key: str) -> None:
        """Take note of a key; every call is answered by one ``take`` or ``drop``."""
        self._wanted[key] += 1
        if self._wanted[key] == 1:
            self._waiting[key] = None
            if len(self._waiting) >= BATCH_SIZE:
                self.send()

    def send(self) -> None:
        """Ask for the keys that are waiting, even where they are fewer than fifty."""
        if self._waiting:
            keys = list(self._waiting)
            self._waiting.clear()
            answer = self._workers.submit(functools.partial(self._ask, keys))
            self._sent.update(dict.fromkeys(keys, answer))

    def is_wanted(self, key: str) -> bool:
        """Whether a key is waiting for its answer to be taken."""
        return key in self._wanted

    def is_there(self, key: str) -> bool:
        return key in self._sent and self._sent[key].done()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        for answer in set(self._sent.values()):
            answer.exception()

    def take(self, key: str) -> Mapping[str, V] | None:
        """Return the answer that holds a key, or None where LinkedIn refused to give one.

        Raises:
            RequestFailedError: The request failed.
        """
        if key in self._waiting:
            self.send()
        answer = self._sent[key]
        self.drop(key)
        return answer.result()

    def drop(self, key: str) -> None:
        """Take note that one call of ``want`` needs no answer any more."""
        self._wanted[key] -= 1
        if not self._wanted[key]:
            del self._wanted[key]
            self._waiting.pop(key, None)
            self._sent.pop(key, None)

"""Images, videos and documents that posts show.

Media that the token may not read, that are still being processed, or that are gone, are values of
their columns, never failures.
"""

from __future__ import annotations

import collections
import functools
import typing as t

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.batch_get import Batcher, Found
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.streams.pages.post_content import MEDIA_RESOURCES
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.sync.run import Run

_FORBIDDEN_STATUS = 403
_FORBIDDEN: Mapping[str, t.Any] = {"status": "FORBIDDEN"}
_GONE: Mapping[str, t.Any] = {}
_MOST_REFUSALS = 3
"""Media that LinkedIn may refuse with 400 before a kind of media is not asked for again."""
_MOST_REMEMBERED = 1000


class PostMedia:
    """Looks up media in fifties, or one by one and only when needed where there are no batches."""

    def __init__(self, run: Run, lookups: Lookups, stream: str) -> None:
        """Ask on behalf of a stream."""
        self._run = run
        self._lookups = lookups
        self._stream = stream
        self._without_scope: set[str] = set()
        self._refusals: collections.Counter[str] = collections.Counter()
        self._alone: dict[tuple[str, str], Mapping[str, t.Any]] = {}
        self._batches = {
            resource: Batcher[Found](
                functools.partial(lookups.try_batch, resource, stream=stream),
                run.workers,
            )
            for resource in MEDIA_RESOURCES.values()
        }

    def want(self, resource: str, medium: str) -> None:
        """Take note of a medium; every call is answered by one ``take`` or ``drop``."""
        if not self._lookups.one_by_one(resource):
            self._batches[resource].want(medium)

    def send(self) -> None:
        """Ask for everything that is waiting."""
        for batch in self._batches.values():
            batch.send()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        for batch in self._batches.values():
            batch.settle()

    def learn(self) -> None:
        """Find out whether there are batches, with one that is not full where it has to be."""
        self.settle()
        for batch in self._batches.values():
            if self._lookups.has_batches is None:
                batch.send()
                batch.settle()

    def is_there(self, resource: str, medium: str) -> bool:
        """Whether a medium can be taken without waiting."""
        return self._batches[resource].is_there(medium)

    def take(self, resource: str, medium: str) -> Mapping[str, t.Any]:
        """Return a medium as LinkedIn sends it, or what stands for one that cannot be read.

        Raises:
            RequestFailedError: It could not be asked for, for example because the quota is used up.
        """
        batch = self._batches[resource]
        found = batch.take(medium) if batch.is_wanted(medium) else None
        if found is not None:
            return _readable(found[medium])
        if (resource, medium) not in self._alone:
            if len(self._alone) >= _MOST_REMEMBERED:
                self._alone.clear()
            self._alone[resource, medium] = self._ask_alone(resource, medium)
        return self._alone[resource, medium]

    def drop(self, resource: str, medium: str) -> None:
        """Take note that one call of ``want`` needs no answer any more."""
        if self._batches[resource].is_wanted(medium):
            self._batches[resource].drop(medium)

    def _ask_alone(self, resource: str, medium: str) -> Mapping[str, t.Any]:
        if resource in self._without_scope:
            return _FORBIDDEN
        if self._refusals[resource] >= _MOST_REFUSALS:
            return _GONE
        try:
            return _readable(self._lookups.get(resource, medium, self._stream))
        except RequestFailedError as error:
            if error.failure.scope_missing:
                self._without_scope.add(resource)
            elif error.failure.remedy is Remedy.FIX_REQUEST:
                self._refusals[resource] += 1
                if self._refusals[resource] > 1:
                    return _GONE
            else:
                raise
            reason = f"{resource} cannot be read: {explain(error.failure, resource)}"
            self._run.report.note(self._stream, None, reason, Severity.WARNING)
            return _FORBIDDEN if error.failure.scope_missing else _GONE


def _readable(found: Found) -> Mapping[str, t.Any]:
    if isinstance(found, Failure):
        return _FORBIDDEN if found.status == _FORBIDDEN_STATUS else _GONE
    return found

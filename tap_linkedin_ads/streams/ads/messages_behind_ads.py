"""Reads what message and conversation ads say, by the references of creatives.

A creative refers to a message, fifty of which are asked for in one request. The message of a
conversation ad refers to a conversation, which takes a request for its headline and one for its
messages. Each is read once a run, and one that cannot be read costs itself.

LinkedIn's rules: LI-81, LI-82.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import typing as t

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.batch_get import BATCH_SIZE, Lookups
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records.paths import at
from tap_linkedin_ads.streams.noting_stream import OF_EVERYBODY
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import msgspec

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.streams.ads.message_ads import InMessages

MESSAGES, CONVERSATIONS, NODES = "inMailContents", "conversationAds", "sponsoredMessageContents"
_KINDS = {"adInMailContent": MESSAGES, "sponsoredConversation": CONVERSATIONS}
_PAGE_SIZE = 100
_MOST_REFUSALS = 3
"""Objects that LinkedIn may refuse with 400 before their resource is not asked for again."""


class MessagesBehindAds:
    """Messages and conversations that wait until enough of them can be read together."""

    def __init__(self, streams: list[InMessages]) -> None:
        """Read for the selected streams, of which there is at least one."""
        self._run = streams[0].run
        self._lookups = Lookups(self._run.client)
        self._streams: dict[str, list[InMessages]] = {
            resource: [stream for stream in streams if resource in stream.shows]
            for resource in (MESSAGES, CONVERSATIONS, NODES)
        }
        self._waiting: dict[str, dict[str, int]] = {MESSAGES: {}, CONVERSATIONS: {}}
        self._seen: set[str] = set()
        self._ended: dict[str, RequestFailedError] = {}
        self._refusals: collections.Counter[str] = collections.Counter()
        self._left_out: dict[tuple[str, int, Severity], list[tuple[str, Failure]]] = {}

    def want(self, account: int, creative: Wire) -> None:
        """Take note of what a creative refers to."""
        self._want(account, at(creative, "content.reference"))
        if len(self._waiting[MESSAGES]) >= BATCH_SIZE:
            self._write()

    def finish(self) -> None:
        """Read and write what still waits, and say what could not be read."""
        self._write()
        for (resource, account, severity), found in self._left_out.items():
            first, failure = found[0]
            reason = f"{len(found)} of {resource} cannot be read, the first is {first}: "
            self._note(resource, account, reason + explain(failure, resource), severity)
        self._left_out.clear()

    def _want(self, account: int, reference: object) -> None:
        resource = _KINDS.get(urn.kind(reference)) if isinstance(reference, str) else None
        if resource and reference not in self._seen:
            self._seen.add(str(reference))
            self._waiting[resource][str(reference)] = account

    def _take(self, resource: str) -> dict[str, int]:
        waiting, self._waiting[resource] = self._waiting[resource], {}
        return waiting

    def _write(self) -> None:
        messages = self._take(MESSAGES)
        for message, wire in self._read(MESSAGES, messages, self._messages(messages)):
            for stream in self._streams[MESSAGES]:
                stream.write_found(messages[message], (message, wire))
            conversation = at(wire, "subContent.guidedReplies.sponsoredConversation")
            self._want(messages[message], conversation)
        conversations = self._take(CONVERSATIONS)
        if self._streams[CONVERSATIONS]:
            asks = {key: functools.partial(self._one, CONVERSATIONS, key) for key in conversations}
            for key, wire in self._read(CONVERSATIONS, conversations, asks):
                for stream in self._streams[CONVERSATIONS]:
                    stream.write_found(conversations[key], (key, wire))
        if self._streams[NODES]:
            for key, nodes in self._nodes(conversations):
                for stream in self._streams[NODES]:
                    stream.write_found(conversations[key], (key, nodes))

    # Requests

    def _by(self, resource: str) -> InMessages:
        """Return the stream on behalf of which a resource is asked for."""
        return next(stream for shown in self._order(resource) for stream in self._streams[shown])

    def _order(self, resource: str) -> tuple[str, ...]:
        return (resource, CONVERSATIONS, NODES) if resource == MESSAGES else (resource,)

    def _messages(self, messages: dict[str, int]) -> dict[str, Callable[[], Wire]]:
        """Return how each message is read: fifty with one request, or one by one."""
        keys, by = list(messages), self._by(MESSAGES).name
        found = None
        if keys and MESSAGES not in self._ended:
            try:
                found = self._lookups.try_batch(MESSAGES, keys, by)
            except RequestFailedError as error:
                self._end(MESSAGES, keys[0], error)
        if found is None:
            return {key: functools.partial(self._one, MESSAGES, key) for key in keys}
        return {key: functools.partial(_wire, found[key], MESSAGES) for key in keys}

    def _one(self, resource: str, key: str) -> Wire:
        return _wire(self._lookups.get(resource, key, self._by(resource).name), resource)

    def _read(
        self, resource: str, accounts: dict[str, int], asks: Mapping[str, Callable[[], Wire]]
    ) -> Iterator[tuple[str, Wire]]:
        """Yield what could be read, side by side, by its key.

        Args:
            resource: LinkedIn's resource.
            accounts: The ad account of each key.
            asks: How each is asked for.

        Raises:
            RequestFailedError: Nothing in this run can work.
        """
        if resource in self._ended:
            return
        asked = {key: self._run.workers.submit(ask) for key, ask in asks.items()}
        for key, answer in asked.items():
            found = None
            with self._costs_only(resource, key, accounts[key]):
                found = answer.result()
            if found is not None:
                yield key, found

    def _nodes(self, accounts: dict[str, int]) -> Iterator[tuple[str, list[msgspec.Raw]]]:
        """Yield the messages of conversations, side by side, by conversation.

        Raises:
            RequestFailedError: Nothing in this run can work.
        """
        if NODES in self._ended:
            return
        found: dict[str, list[msgspec.Raw]] = {key: [] for key in accounts}
        walks = {self._pages(key): key for key in accounts}
        for page in in_parallel(walks, self._run.workers):
            key = walks[page.sequence]
            is_read = False
            with self._costs_only(NODES, key, accounts[key]):
                found[key] += page.answer().elements
                is_read = True
            if is_read and page.is_last:
                yield key, found.pop(key)

    def _pages(self, conversation: str) -> IndexPages:
        path = f"/{CONVERSATIONS}/{restli.encode(conversation)}/{NODES}"
        request = Request(NODES, path, {}, stream=self._by(NODES).name)
        return IndexPages(self._run.client, request, _PAGE_SIZE)

    # What cannot be read

    @contextlib.contextmanager
    def _costs_only(self, resource: str, key: str, account: int) -> Iterator[None]:
        """Let what fails inside cost this object and no other."""
        try:
            yield
        except RequestFailedError as error:
            self._failed(resource, key, account, error)
        except UNREADABLE as error:
            self._by(resource).set_aside(account, error, {"urn": key})

    def _failed(self, resource: str, key: str, account: int, error: RequestFailedError) -> None:
        failure = error.failure
        self._refusals[resource] += failure.remedy is Remedy.FIX_REQUEST
        if failure.remedy in OF_EVERYBODY or failure.scope_missing:
            self._end(resource, key, error)
        elif resource not in self._ended:
            lasts = failure.remedy is Remedy.SET_ASIDE
            severity = Severity.WARNING if lasts else Severity.FAILED
            self._left_out.setdefault((resource, account, severity), []).append((key, failure))
            if self._refusals[resource] >= _MOST_REFUSALS:
                self._end(resource, key, error)

    def _end(self, resource: str, key: str, error: RequestFailedError) -> None:
        """Ask for a resource no more, and say so once."""
        if error.failure.remedy is Remedy.STOP:
            raise error
        if resource not in self._ended:
            self._ended[resource] = error
            self._by(resource).fail(error, f"{resource} are left out from {key} on")

    def _note(self, resource: str, account: int, reason: str, severity: Severity) -> None:
        stream = self._by(resource)
        stream.logger.warning("%s, ad account %d: %s", stream.name, account, reason)
        self._run.report.note(stream.name, account, reason, severity)


def _wire(found: Wire | Failure, resource: str) -> Wire:
    """Return an object that was read.

    Raises:
        RequestFailedError: LinkedIn refused it alone.
    """
    if isinstance(found, Failure):
        raise RequestFailedError(found, resource)
    return found

"""A few threads that send requests, so that answers arrive while others are worked on."""

from __future__ import annotations

import collections
import functools
import queue
import threading
import typing as t
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from tap_linkedin_ads.api.responses import UNREADABLE

R = t.TypeVar("R")

LOOK_AHEAD = 3
"""Answers under way or waiting to be handed out, for each worker."""


class Workers:
    """Daemon threads fed by a queue.

    The standard library's pool joins its threads at exit; a tap that was told to stop must not
    wait for LinkedIn's answers.
    """

    def __init__(self, width: int) -> None:
        """Prepare at most ``width`` threads; they start when there is work."""
        self.width = width
        self._tasks: queue.SimpleQueue[tuple[Future[t.Any], t.Callable[[], t.Any]] | None] = (
            queue.SimpleQueue()
        )
        self._threads: list[threading.Thread] = []

    def submit(self, task: t.Callable[[], R]) -> Future[R]:
        future: Future[R] = Future()
        self._tasks.put((future, task))
        if len(self._threads) < self.width:
            thread = threading.Thread(target=self._work, daemon=True, name="linkedin-request")
            self._threads.append(thread)
            thread.start()
        return future

    def stop(self) -> None:
        """Let the threads end after what they are at; nobody waits for them."""
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while _carry_out(self._tasks.get()):
            pass


def _carry_out(order: tuple[Future[t.Any], t.Callable[[], t.Any]] | None) -> bool:
    """Carry out an order; False where there will be no more.

    A thread that waits for the next one holds nothing of the last: its answer has megabytes.
    """
    if order is None:
        return False
    future, task = order
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001  handed to whoever waits for the result
            future.set_exception(error)
    return True


class PageSequence(t.Protocol):
    """Requests of which each depends on the answer to the one before."""

    def first(self) -> t.Callable[[], t.Any]:
        """Return the first request as a callable."""

    def following(self, answer: t.Any, /) -> t.Callable[[], t.Any] | None:  # noqa: ANN401
        """Return the next request, or None at the end."""


S = t.TypeVar("S", bound=PageSequence)


@dataclass(frozen=True, slots=True)
class Page(t.Generic[S]):
    """One answer of a sequence.

    Attributes:
        sequence: The sequence it belongs to.
        answer: Returns the answer or raises the request's error.
        is_last: No further answer of this sequence follows.
    """

    sequence: S
    answer: t.Callable[[], t.Any]
    is_last: bool


class _UnderWay(t.Generic[S]):
    """A sequence that has begun: its answers that were asked for and not handed out yet."""

    __slots__ = ("answers", "is_over", "sequence")

    def __init__(self, sequence: S, first: Future[t.Any]) -> None:
        self.sequence = sequence
        self.answers = collections.deque([first])
        self.is_over = False

    @property
    def may_go_on(self) -> bool:
        """Whether its newest answer has arrived and nothing was asked for behind it."""
        return not self.is_over and self.answers[-1].done()

    def go_on(self, workers: Workers) -> None:
        """Ask for what follows the newest answer; a sequence whose answer raised is over."""
        newest = self.answers[-1]
        try:
            following = None if newest.exception() else self.sequence.following(newest.result())
        except UNREADABLE as error:
            following = functools.partial(_raise, error)  # what an odd answer costs, it costs here
        if following is None:
            self.is_over = True
        else:
            self.answers.append(workers.submit(following))


def _raise(error: Exception) -> t.NoReturn:
    raise error


def in_parallel(sequences: t.Iterable[S], workers: Workers) -> t.Iterator[Page[S]]:
    """Read several sequences at once and hand out their answers in the sequences' order.

    A slow answer, or a sequence of many pages, holds up neither those behind it nor the workers,
    until the look-ahead is used up: three answers for each worker, under way or waiting.

    Args:
        sequences: Taken from the iterable only as far as the look-ahead needs.
        workers: Where the requests run; as many are under way as there are threads.

    Yields:
        The pages of each sequence. A sequence whose answer raised is over.
    """
    source = iter(sequences)
    begun: collections.deque[_UnderWay[S]] = collections.deque()

    def has_room() -> bool:
        asked = [answer for one in begun for answer in one.answers]
        under_way = sum(not answer.done() for answer in asked)
        return under_way < workers.width and len(asked) < LOOK_AHEAD * workers.width

    def go_on() -> None:
        for one in begun:
            if one.may_go_on and (has_room() or one is begun[0]):
                one.go_on(workers)
        while has_room() and (sequence := next(source, None)) is not None:
            begun.append(_UnderWay(sequence, workers.submit(sequence.first())))

    go_on()
    while begun:
        foremost = begun[0]
        answer = foremost.answers[0]
        while not answer.done():
            newest = [one.answers[-1] for one in begun]
            wait([f for f in newest if not f.done()] + [answer], return_when=FIRST_COMPLETED)
            go_on()
        if foremost.may_go_on:
            foremost.go_on(workers)
        foremost.answers.popleft()
        if not foremost.answers:
            begun.popleft()
        go_on()
        yield Page(foremost.sequence, answer.result, foremost.is_over and not foremost.answers)

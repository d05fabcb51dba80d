"""A few threads that send requests, so that answers arrive while others are worked on."""

from __future__ import annotations

import collections
import queue
import threading
import typing as t
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

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
        self._tasks: queue.SimpleQueue[tuple[Future[t.Any], t.Callable[[], t.Any]]] = (
            queue.SimpleQueue()
        )
        self._threads: list[threading.Thread] = []

    def submit(self, task: t.Callable[[], R]) -> Future[R]:
        """Run a task in a thread and return its future."""
        future: Future[R] = Future()
        self._tasks.put((future, task))
        if len(self._threads) < self.width:
            thread = threading.Thread(target=self._work, daemon=True, name="linkedin-request")
            self._threads.append(thread)
            thread.start()
        return future

    def _work(self) -> None:
        while True:
            future, task = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = task()
            except BaseException as error:  # noqa: BLE001  handed to whoever waits for the result
                future.set_exception(error)
            else:
                future.set_result(result)


class Walk(t.Protocol):
    """A sequence of requests in which each depends on the answer to the one before."""

    def first(self) -> t.Callable[[], t.Any]:
        """Return the first request as a callable."""

    def following(self, answer: t.Any, /) -> t.Callable[[], t.Any] | None:  # noqa: ANN401
        """Return the next request, or None at the end."""


W = t.TypeVar("W", bound=Walk)


@dataclass(frozen=True, slots=True)
class Step(t.Generic[W]):
    """One answer of a walk.

    Attributes:
        walk: The walk it belongs to.
        answer: Gives the answer or raises the request's error.
        is_last: No further answer of this walk follows.
    """

    walk: W
    answer: t.Callable[[], t.Any]
    is_last: bool


class _Course(t.Generic[W]):
    """A walk under way: its answers that were asked for and not handed out yet."""

    __slots__ = ("answers", "is_over", "walk")

    def __init__(self, walk: W, first: Future[t.Any]) -> None:
        self.walk = walk
        self.answers = collections.deque([first])
        self.is_over = False

    @property
    def may_go_on(self) -> bool:
        """Tell whether its newest answer is in and was not looked at."""
        return not self.is_over and self.answers[-1].done()

    def go_on(self, workers: Workers) -> None:
        """Ask for what follows the newest answer; a walk whose answer raised is over."""
        newest = self.answers[-1]
        following = None if newest.exception() else self.walk.following(newest.result())
        if following is None:
            self.is_over = True
        else:
            self.answers.append(workers.submit(following))


def side_by_side(walks: t.Iterable[W], workers: Workers) -> t.Iterator[Step[W]]:
    """Take several walks at once and hand out their answers in the walks' order.

    A slow answer, or a walk of many steps, holds up neither those behind it nor the workers,
    until the look-ahead is used up: three answers for each worker, under way or waiting.

    Args:
        walks: The walks; taken from the iterable only as far as the look-ahead needs.
        workers: Where the requests run; as many are under way as there are threads.

    Yields:
        The steps of each walk. A walk whose answer raised is over.
    """
    source = iter(walks)
    courses: collections.deque[_Course[W]] = collections.deque()

    def has_room() -> bool:
        asked = [answer for course in courses for answer in course.answers]
        under_way = sum(not answer.done() for answer in asked)
        return under_way < workers.width and len(asked) < LOOK_AHEAD * workers.width

    def go_on() -> None:
        for course in courses:
            if course.may_go_on and (has_room() or course is courses[0]):
                course.go_on(workers)
        while has_room() and (walk := next(source, None)) is not None:
            courses.append(_Course(walk, workers.submit(walk.first())))

    go_on()
    while courses:
        foremost = courses[0]
        answer = foremost.answers[0]
        while not answer.done():
            newest = [course.answers[-1] for course in courses]
            wait([f for f in newest if not f.done()] + [answer], return_when=FIRST_COMPLETED)
            go_on()
        if foremost.may_go_on:
            foremost.go_on(workers)
        foremost.answers.popleft()
        if not foremost.answers:
            courses.popleft()
        go_on()
        yield Step(foremost.walk, answer.result, foremost.is_over and not foremost.answers)

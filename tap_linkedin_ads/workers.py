"""A few threads that send requests, so that answers arrive while others are worked on."""

from __future__ import annotations

import collections
import queue
import threading
import typing as t
from concurrent.futures import Future
from dataclasses import dataclass

R = t.TypeVar("R")


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


def side_by_side(walks: t.Iterable[W], workers: Workers) -> t.Iterator[Step[W]]:
    """Take several walks at once and hand out their answers in the walks' order.

    Args:
        walks: The walks; taken from the iterable only as far as the look-ahead needs.
        workers: Where the requests run; the look-ahead is its width.

    Yields:
        The steps of each walk. A walk whose answer raised is over.
    """
    source = iter(walks)
    active: collections.deque[tuple[W, Future[t.Any]]] = collections.deque()

    def top_up() -> None:
        while len(active) < workers.width and (walk := next(source, None)) is not None:
            active.append((walk, workers.submit(walk.first())))

    top_up()
    while active:
        walk, future = active[0]
        following = None
        if future.exception() is None:
            following = walk.following(future.result())
        if following is not None:
            active[0] = (walk, workers.submit(following))
        else:
            active.popleft()
            top_up()
        yield Step(walk, future.result, following is None)

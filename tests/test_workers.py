"""Requests run side by side; answers are handed out in a fixed order."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t
import weakref
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_linkedin_ads.api.workers import Workers, in_parallel
from tests import singer
from tests.examples import share_of

if t.TYPE_CHECKING:
    from sandbox import Sandbox


@dataclass(eq=False)
class Countdown:
    """A walk of some steps, the answer to each naming the walk and the step."""

    name: str
    steps: int
    seconds: float = 0.0
    fails: bool = False

    def first(self) -> t.Callable[[], tuple[str, int]]:
        """Return the first request."""
        return self._step(self.steps)

    def following(self, answer: tuple[str, int]) -> t.Callable[[], tuple[str, int]] | None:
        """Return the next request."""
        return self._step(answer[1] - 1) if answer[1] > 1 else None

    def _step(self, number: int) -> t.Callable[[], tuple[str, int]]:
        def ask() -> tuple[str, int]:
            time.sleep(self.seconds)
            if self.fails:
                raise ValueError(self.name)
            return self.name, number

        return ask


def test_tasks_run_at_most_width_at_once() -> None:
    """No more threads than the width are busy, and no more are started."""
    workers, lock = Workers(3), threading.Lock()
    running = most = 0

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    for future in [workers.submit(task) for _ in range(12)]:
        future.result(timeout=5)
    assert most == 3
    assert len(workers._threads) == 3


def test_errors_reach_who_waits() -> None:
    """What a task raises is raised where its result is asked for; the thread goes on."""
    workers = Workers(1)
    failing = workers.submit(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.result(timeout=5)
    assert workers.submit(lambda: 5).result(timeout=5) == 5


def test_threads_end_when_they_are_told() -> None:
    """First they do what they were asked before."""
    workers = Workers(2)
    futures = [workers.submit(lambda: 5) for _ in range(4)]
    workers.stop()
    assert [future.result(timeout=5) for future in futures] == [5] * 4
    for thread in workers._threads:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_a_run_leaves_no_threads_and_no_connections(sandbox: Sandbox) -> None:
    """Neither those that send requests nor, in the sandbox, those that answer them."""
    before = set(threading.enumerate())
    catalog = singer.catalog({"campaigns": None, "posts": None})
    assert singer.sync(singer.config(sandbox), catalog=catalog).status == 0
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=30)
        assert not thread.is_alive(), thread.name


def test_threads_do_not_keep_the_tap_alive() -> None:
    """Threads that wait for LinkedIn end with the process."""
    workers = Workers(1)
    workers.submit(lambda: None).result(timeout=5)
    assert all(thread.daemon for thread in workers._threads)


@pytest.mark.parametrize("width", [1, 2, 8])
def test_answers_come_in_the_order_of_the_walks(width: int) -> None:
    """However long requests take, the outcome is the same for every width."""
    walks = [Countdown("slow", 2, 0.02), Countdown("quick", 3), Countdown("last", 1)]
    steps = list(in_parallel(walks, Workers(width)))
    assert [(step.answer(), step.is_last) for step in steps] == [
        (("slow", 2), False),
        (("slow", 1), True),
        (("quick", 3), False),
        (("quick", 2), False),
        (("quick", 1), True),
        (("last", 1), True),
    ]


def test_a_walk_that_fails_is_over_and_others_go_on() -> None:
    """An error belongs to its own walk."""
    walks = [Countdown("bad", 3, fails=True), Countdown("good", 1)]
    bad, good = in_parallel(walks, Workers(2))
    assert bad.is_last
    with pytest.raises(ValueError, match="bad"):
        bad.answer()
    assert good.answer() == ("good", 1)


def test_walks_are_taken_only_as_needed() -> None:
    """Thousands of ad accounts do not mean thousands of waiting answers."""
    taken = 0

    def walks() -> t.Iterator[Countdown]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield Countdown(str(number), 1)

    steps = in_parallel(walks(), Workers(4))
    next(steps)
    assert taken <= 3 * 4 + 1


def test_a_slow_answer_does_not_hold_up_the_workers() -> None:
    """While the foremost answer is waited for, others go on, as far as the look-ahead reaches."""
    answered: list[str] = []
    released = threading.Event()

    class Told(Countdown):
        def _step(self, number: int) -> t.Callable[[], tuple[str, int]]:
            def ask() -> tuple[str, int]:
                if self.name == "slow":
                    assert released.wait(5)
                answered.append(f"{self.name} {number}")
                if len(answered) == 5:
                    released.set()
                return self.name, number

            return ask

    walks = [Told("slow", 1), Told("long", 4), Told("last", 1)]
    steps = [step.answer() for step in in_parallel(walks, Workers(2))]
    assert answered[-1] == "slow 1"
    assert steps == [("slow", 1), ("long", 4), ("long", 3), ("long", 2), ("long", 1), ("last", 1)]


@given(
    lengths=st.lists(st.integers(1, 5), max_size=12),
    failing=st.sets(st.integers(0, 11)),
    width=st.integers(1, 5),
)
@settings(max_examples=share_of(50))
def test_every_answer_is_handed_out_once(lengths: list[int], failing: set[int], width: int) -> None:
    """Each walk's answers come whole, once and in order, and exactly one of them is the last."""
    walks = [Countdown(str(n), steps, fails=n in failing) for n, steps in enumerate(lengths)]
    found = []
    for step in in_parallel(walks, Workers(width)):
        with contextlib.suppress(ValueError):
            assert step.answer()[0] == step.sequence.name
        found.append((step.sequence.name, step.is_last))
    assert found == [
        (walk.name, left == 1)
        for walk in walks
        for left in (range(walk.steps, 0, -1) if not walk.fails else [1])
    ]


def test_a_waiting_thread_holds_no_answer() -> None:
    """What was handed out is gone once its taker is done with it: answers have megabytes."""

    class Answer:
        """Something that can be looked after."""

    workers = Workers(1)
    answer = workers.submit(Answer).result()
    gone = weakref.ref(answer)
    workers.submit(int).result()
    first = workers.submit(Answer)
    last = weakref.ref(first.result())
    del answer, first
    assert gone() is None
    for _ in range(1000):
        if last() is None:
            break
        time.sleep(0.001)
    assert last() is None
    workers.stop()

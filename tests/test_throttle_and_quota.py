"""Where requests wait: the pauses of a throttle, and the budget of metric values."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.quota import MetricQuota, Reservation
from tap_linkedin_ads.api.throttle import Throttle
from tests.singer import QuickClock

if t.TYPE_CHECKING:
    from collections.abc import Callable

LIMIT, WINDOW = 1000, 300.0


class HandClock(QuickClock):
    """A clock that moves only when somebody sleeps; something may happen meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        """Return what was slept."""
        return self._slept

    def sleep(self, seconds: float) -> None:
        """Move the hands, then let others act."""
        assert seconds > 0, "a wait without end"
        super().sleep(seconds)
        self.meanwhile()


# The budget of metric values


class Spending:
    """LinkedIn's side: what was answered when, and requests that are under way."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.quota = MetricQuota(LIMIT, self.clock, WINDOW)
        self.under_way: list[tuple[Reservation, int]] = []
        self.answered: list[tuple[float, int]] = []
        self.clock.meanwhile = self.answer

    def ask(self, expected: int, actual: int) -> None:
        """Send a request that takes at most what was expected."""
        reservation = self.quota.reserve(expected)
        self.under_way.append((reservation, min(expected, actual)))

    def answer(self) -> None:
        """Answer the oldest request."""
        if self.under_way:
            reservation, values = self.under_way.pop(0)
            self.answered.append((self.clock.monotonic(), values))
            self.quota.settle(reservation, values)

    def most(self) -> int:
        """Return the most values in any window, a request above the limit left out."""
        return max(
            (
                sum(v for at, v in self.answered if end - WINDOW < at <= end)
                for end, values in self.answered
                if values <= LIMIT
            ),
            default=0,
        )


@given(
    st.lists(
        st.tuples(st.integers(0, LIMIT), st.integers(0, LIMIT), st.integers(0, 200)), max_size=30
    )
)
def test_no_window_ever_holds_more_than_the_limit(asked: list[tuple[int, int, int]]) -> None:
    """Whatever is asked and answered when, any five minutes stay below the limit."""
    spending = Spending()
    for expected, actual, pause in asked:
        spending.ask(expected, actual)
        if pause:
            spending.clock.sleep(pause)
    while spending.under_way:
        spending.clock.sleep(1)
    assert spending.most() <= LIMIT


def test_what_was_reserved_too_much_is_given_back() -> None:
    """An answer with fewer rows than expected leaves room at once."""
    spending = Spending()
    for _ in range(10):
        spending.ask(LIMIT // 2, 50)
        spending.answer()
    assert spending.clock.sleeps == []
    assert spending.most() == 500


def test_room_comes_back_when_the_window_has_passed() -> None:
    """A full budget waits for the window, not longer."""
    spending = Spending()
    spending.ask(LIMIT, LIMIT)
    spending.answer()
    spending.ask(1, 1)
    assert WINDOW <= sum(spending.clock.sleeps) < WINDOW + 2


def test_a_request_above_the_limit_goes_alone() -> None:
    """It would wait for ever otherwise; LinkedIn decides."""
    spending = Spending()
    spending.ask(5 * LIMIT, 10)
    spending.ask(10, 10)  # waits until the large one is answered
    assert [values for _, values in spending.answered] == [10]


def test_a_request_that_failed_gives_its_room_back() -> None:
    """Settled with nothing, it takes nothing."""
    spending = Spending()
    spending.ask(LIMIT, 0)
    spending.answer()
    spending.ask(LIMIT, LIMIT)
    assert spending.clock.sleeps == []


# The throttle


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that moves by sleeping only."""
    return HandClock()


def test_a_pause_is_of_one_resource(clock: HandClock) -> None:
    """While one resource is throttled, requests to others leave."""
    throttle = Throttle(clock)
    assert throttle.pause("adAnalytics", throttle.enter("adAnalytics"), 30)
    assert throttle.enter("creatives") == 0
    assert throttle.enter("adAnalytics") == 30


def test_answers_of_one_incident_wait_once(clock: HandClock) -> None:
    """Requests that left before the pause began do not prolong it."""
    throttle = Throttle(clock)
    first, second = throttle.enter("posts"), throttle.enter("posts")
    clock.sleep(1)
    assert throttle.pause("posts", first, 30)
    assert not throttle.pause("posts", second, 60)
    assert throttle.incidents("posts") == 1
    assert throttle.enter("posts") == 31


def test_incidents_add_up_until_an_answer(clock: HandClock) -> None:
    """A throttle right behind a pause is a further incident; an answer ends the count."""
    throttle = Throttle(clock)
    for expected in (1, 2, 3):
        throttle.pause("posts", throttle.enter("posts"), 10)
        assert throttle.incidents("posts") == expected
    throttle.enter("posts")
    throttle.answered("posts")
    assert throttle.incidents("posts") == 0


def test_after_a_pause_one_request_goes_first() -> None:
    """The others follow when it was answered: a burst would be throttled again."""
    throttle, entered = Throttle(QuickClock()), []
    throttle.pause("posts", throttle.enter("posts"), 10)
    answered = threading.Event()

    def go() -> None:
        throttle.enter("posts")
        entered.append(threading.get_ident())
        answered.wait(60)
        throttle.answered("posts")

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while not entered and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.05)
    assert len(entered) == 1
    answered.set()
    for thread in threads:
        thread.join(10)
    assert len(entered) == 4


def test_a_first_request_that_fails_lets_another_go_first(clock: HandClock) -> None:
    """Where the one that went first fails for another reason, nobody waits for it."""
    throttle = Throttle(clock)
    throttle.pause("posts", throttle.enter("posts"), 10)
    first = threading.Thread(target=lambda: (throttle.enter("posts"), throttle.give_up("posts")))
    first.start()
    first.join(10)
    throttle.enter("posts")  # from another thread


def test_a_closed_resource_refuses_at_once(clock: HandClock) -> None:
    """A daily quota stops its resource and no other, without a wait."""
    throttle = Throttle(clock)
    throttle.pause("posts", throttle.enter("posts"), 3600)
    throttle.close("posts", Failure(Remedy.STOP_RESOURCE, 429, "DAY"))
    with pytest.raises(RequestFailedError, match="DAY"):
        throttle.enter("posts")
    throttle.enter("images")
    assert clock.sleeps == []

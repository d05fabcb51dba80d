"""A client of the tap alone, without streams."""

from __future__ import annotations

import logging
import threading
import typing as t

import pytest

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.settings import configuration
from tap_linkedin_ads.settings.table import SETTINGS
from tap_linkedin_ads.sync.run import Run
from tests.singer import TODAY, QuickClock

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from tap_linkedin_ads.api.client import Client

ACCOUNTS = Request("adAccounts", "/adAccounts", {"q": "search"}, stream="ad_accounts")


class Caller:
    """A client of a sandbox, with a clock that does not wait and everything it logged."""

    def __init__(self, settings: dict[str, t.Any], today: dt.date = TODAY) -> None:
        self.clock = QuickClock(today)
        self.logged: list[str] = []
        found, errors = configuration.read(
            settings, known=frozenset(SETTINGS), today=today, version="1.2.3"
        )
        assert errors == []
        log = logging.Logger("client")  # noqa: LOG001  a logger of its own
        log.addHandler(_Listing(self.logged))
        self.run = Run.start(found, self.clock, log)

    @property
    def client(self) -> Client:
        """Return the client."""
        return self.run.client

    def fetch(self, request: Request = ACCOUNTS) -> responses.FinderAnswer:
        """Send a request."""
        return self.client.fetch(request, responses.finder)

    def fails(self, request: Request = ACCOUNTS) -> RequestFailedError:
        """Send a request that must fail, and return the error."""
        with pytest.raises(RequestFailedError) as raised:
            self.fetch(request)
        return raised.value


class _Listing(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(record.getMessage())


def at_once(number: int, task: Callable[[], object]) -> list[BaseException]:
    """Run a task in several threads, and return what they raised."""
    raised: list[BaseException] = []
    ready = threading.Barrier(number)

    def go() -> None:
        ready.wait()
        try:
            task()
        except RequestFailedError as error:
            raised.append(error)

    threads = [threading.Thread(target=go) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised

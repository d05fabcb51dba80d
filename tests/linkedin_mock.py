"""A run whose LinkedIn answers as a test says; no socket is open."""

from __future__ import annotations

import contextlib
import typing as t

import requests_mock

from tests.callers import Caller

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_linkedin_ads.sync.run import Run
    from tap_linkedin_ads.sync.run_report import Severity

API = "https://linkedin.invalid"
REST = f"{API}/rest"


class Mocked:
    """A run and its LinkedIn.

    Attributes:
        linkedin: Takes what LinkedIn answers.
        run: The run.
        logged: What it has logged.
    """

    def __init__(self, linkedin: requests_mock.Mocker, **settings: t.Any) -> None:  # noqa: ANN401
        """Start a run with a token that LinkedIn knows."""
        caller = Caller({"api_url": API, "access_token": "made-up", **settings})
        self.linkedin = linkedin
        self.run: Run = caller.run
        self.logged = caller.logged

    @property
    def asked(self) -> list[str]:
        """Return path and query of each request, in order."""
        return [str(request.url).removeprefix(REST) for request in self.linkedin.request_history]

    @property
    def noted(self) -> list[tuple[str, int | None, str, Severity]]:
        """Return what the run's report says was not read."""
        noted = self.run.report.noted
        return [(found.stream, found.subject, found.reason, found.severity) for found in noted]


@contextlib.contextmanager
def mocked(**settings: t.Any) -> Iterator[Mocked]:  # noqa: ANN401
    """Give a run; a request that LinkedIn has no answer for fails the test."""
    with requests_mock.Mocker() as linkedin:
        yield Mocked(linkedin, **settings)

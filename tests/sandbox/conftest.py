# ruff: noqa: ANN401 - JSON and options may hold anything

from __future__ import annotations

import datetime as dt
import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, World
from sandbox.world import worlds
from sandbox.world.pages.build import ANALYST_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = dt.date(2026, 11, 22)
ACCOUNT = 512340001
ACCOUNT_URN = f"urn%3Ali%3AsponsoredAccount%3A{ACCOUNT}"


@dataclass
class Reply:
    """An answer of the sandbox."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        """The answer, parsed."""
        return json.loads(self.text)

    @property
    def elements(self) -> list[dict[str, Any]]:
        """The rows of the answer."""
        elements: list[dict[str, Any]] = self.body["elements"]
        return elements


@dataclass
class Caller:
    """Sends requests exactly as they are written, headers included."""

    sandbox: Sandbox
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        host = self.sandbox.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(host, timeout=10)

    def headers(self, changes: dict[str, str | None] | None = None) -> dict[str, str]:
        """Return the usual headers with changes; None leaves one out."""
        headers: dict[str, str | None] = {
            "Authorization": f"Bearer {self.sandbox.access_token}",
            "LinkedIn-Version": "202609",
            "X-Restli-Protocol-Version": "2.0.0",
        }
        headers.update(changes or {})
        return {name: value for name, value in headers.items() if value is not None}

    def send(
        self,
        method: str,
        target: str,
        headers: dict[str, str | None] | None = None,
        body: str | None = None,
    ) -> Reply:
        """Send one request and read the answer."""
        connection = self.connection
        connection.putrequest(method, target, skip_accept_encoding=True)
        sent = self.headers(headers)
        if body is not None:
            sent.setdefault("Content-Length", str(len(body)))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode() if body is not None else None)
        response = connection.getresponse()
        text = response.read().decode()
        return Reply(response.status, text, dict(response.getheaders()))

    def get(self, target: str, **headers: str | None) -> Reply:
        """Send a GET; header names are written with underscores."""
        return self.send("GET", target, {n.replace("_", "-"): v for n, v in headers.items()})

    def creatives(self, query: str = "", account: int = ACCOUNT) -> Reply:
        """Ask the finder for creatives."""
        target = f"/rest/adAccounts/{account}/creatives?q=criteria{query}"
        return self.get(target, X_RestLi_Method="FINDER")

    def report(self, query: str, finder: str = "statistics") -> Reply:
        """Ask adAnalytics."""
        return self.get(f"/rest/adAnalytics?q={finder}&{query}")

    def rule(self) -> str | None:
        """Return the rule that the last request broke."""
        return self.sandbox.log[-1].rule


def day_text(day: dt.date) -> str:
    """Write a day the Rest.li way."""
    return f"(year:{day.year},month:{day.month},day:{day.day})"


def range_text(start: dt.date, end: dt.date | None = None) -> str:
    """Write a date range the Rest.li way."""
    if end is None:
        return f"(start:{day_text(start)})"
    return f"(start:{day_text(start)},end:{day_text(end)})"


@pytest.fixture
def world() -> World:
    """The small world on a fixed day, with a page of which the member is an ANALYST only."""
    small = worlds.small(today=TODAY)
    small.pages.grant(ANALYST_PAGE, "ANALYST")
    return small


@pytest.fixture
def sandbox(world: World) -> Iterator[Sandbox]:
    """A running sandbox with the small world."""
    with Sandbox(world) as running:
        yield running


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    """A client of that sandbox."""
    caller = Caller(sandbox)
    yield caller
    caller.connection.close()

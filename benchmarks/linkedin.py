"""The sandbox as the benchmarks see it: a process of its own, its log and its switches."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from benchmarks.worlds import Recipe

#: No program waits for a quota unless a benchmark is about quotas.
UNLIMITED = 10**15


@dataclass(frozen=True)
class Call:
    """One request as the sandbox saw it."""

    path: str
    resource: str
    query: str
    params: dict[str, Any]
    status: int
    rows: int
    metric_values: int
    rule: str | None
    message: str
    started: float
    elapsed: float
    in_flight: int
    sent_bytes: int

    @property
    def is_report(self) -> bool:
        """Tell whether it asked adAnalytics."""
        return self.resource == "adAnalytics"


class LinkedIn:
    """A sandbox with one world; a context manager."""

    def __init__(self, recipe: Recipe, **switches: Any) -> None:  # noqa: ANN401
        """Prepare a sandbox that knows old clients and has no quota unless told otherwise."""
        self.recipe = recipe
        self._switches = {
            "old_versions": True,
            "protocol_1": True,
            "repeated_fields": True,
            "data_limit": UNLIMITED,
            **switches,
        }

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        asked = json.dumps({"recipe": self.recipe.as_json(), "switches": self._switches})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.served", asked],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the sandbox did not start")
        self.credentials: dict[str, str] = json.loads(line)
        self._control = self.credentials.pop("control_url")
        return self

    def __exit__(self, *exc: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.credentials["api_url"]

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of a request whose query travels in its body."""
        return {
            "Authorization": f"Bearer {self.credentials['access_token']}",
            "LinkedIn-Version": "202609",
            "X-Restli-Protocol-Version": "2.0.0",
            "X-HTTP-Method-Override": "GET",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def switch(self, **switches: Any) -> None:  # noqa: ANN401
        """Change switches of the running sandbox."""
        self._post("/switches", switches)

    def forget(self) -> None:
        """Start a new log."""
        self._post("/reset", {})

    def calls(self) -> list[Call]:
        """Return every request since the log was started anew, oldest first."""
        with urllib.request.urlopen(f"{self._control}/log") as answer:  # noqa: S310 - loopback
            entries = json.load(answer)["entries"]
        names = Call.__dataclass_fields__.keys()
        return [Call(**{name: entry[name] for name in names}) for entry in entries]

    def answers(self, calls: list[Call]) -> Iterator[bytes]:
        """Ask again what was asked and return the bytes of the answers."""
        for call in calls:
            request = urllib.request.Request(  # noqa: S310 - loopback
                self.url + call.path, data=call.query.encode(), headers=self.headers, method="POST"
            )
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
                yield answer.read()

    def _post(self, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - loopback
            self._control + path, data=json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            answer.read()

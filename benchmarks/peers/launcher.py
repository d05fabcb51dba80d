"""Starts a peer's own entry point with LinkedIn's hosts leading to the sandbox.

A script for the peer's environment: ``python -I launcher.py MODULE:FUNCTION ARGUMENTS...`` with the
sandbox's address in SANDBOX_URL. The peer's code is not changed: the one thing that differs is
where a request for one of LinkedIn's hosts is sent.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import requests
from requests.adapters import HTTPAdapter

HOSTS = ("https://api.linkedin.com", "https://www.linkedin.com")


class ElsewhereAdapter(HTTPAdapter):
    """Sends what was meant for LinkedIn to the sandbox."""

    def send(  # type: ignore[explicit-override]
        self,
        request: requests.PreparedRequest,
        *arguments: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> requests.Response:
        """Send a request."""
        for host in HOSTS:
            if request.url and request.url.startswith(host):
                request.url = os.environ["SANDBOX_URL"] + request.url.removeprefix(host)
        return super().send(request, *arguments, **options)


def main(entry: str) -> object:
    """Give every session the adapter and call the entry point."""
    begin = requests.Session.__init__

    def session(self: requests.Session, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        begin(self, *arguments, **options)
        for host in HOSTS:
            self.mount(host, ElsewhereAdapter())

    requests.Session.__init__ = session  # type: ignore[method-assign]
    module, _, function = entry.partition(":")
    return getattr(importlib.import_module(module), function)()


if __name__ == "__main__":
    sys.argv.pop(0)
    sys.exit(main(sys.argv[0]))  # type: ignore[arg-type]

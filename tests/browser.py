"""A headless Chromium, driven through chromedriver's own protocol (WebDriver)."""

from __future__ import annotations

import base64
import contextlib
import re
import shutil
import subprocess
import time
import typing as t

import requests

from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=900,640",
)


class Browser:
    """One window."""

    def __init__(self, session_url: str) -> None:
        self._url = session_url

    def open(self, address: str) -> None:
        """Go to an address and wait for its page."""
        self._post("url", url=address)

    def wait_for_title(self, title: str, seconds: float = 20.0) -> None:
        """Wait until the page has a title."""
        until = time.monotonic() + seconds
        while title not in (found := str(self._get("title"))):
            assert time.monotonic() < until, f"the page is called {found!r}"
            time.sleep(0.05)

    def wait_for_text(self, text: str, seconds: float = 60.0) -> None:
        """Wait until the page says something."""
        until = time.monotonic() + seconds
        while text not in (found := self.text):
            assert time.monotonic() < until, f"{text!r} is not in {found!r}"
            time.sleep(0.05)

    @property
    def address(self) -> str:
        """The address of the page."""
        return str(self._get("url"))

    @property
    def text(self) -> str:
        """The text of the page."""
        return str(self._post("execute/sync", script="return document.body.innerText", args=[]))

    @property
    def screenshot(self) -> bytes:
        """A picture of the page, as PNG."""
        return base64.b64decode(str(self._get("screenshot")))

    def widen(self) -> None:
        """Make the window as wide as the pictures are."""
        self._post("window/rect", width=1400, height=900)

    def picture_of(self, selector: str) -> bytes:
        """A picture of the first element of the page that a CSS selector finds, as PNG."""
        self.widen()
        found = self._post("element", using="css selector", value=selector)
        assert isinstance(found, dict)
        (element,) = found.values()
        return base64.b64decode(str(self._get(f"element/{element}/screenshot")))

    def _get(self, what: str) -> object:
        return _value(requests.get(f"{self._url}/{what}", timeout=120))

    def _post(self, what: str, **body: object) -> object:
        return _value(requests.post(f"{self._url}/{what}", json=body, timeout=120))


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Run a Chromium with an empty profile."""
    command = [str(DRIVER), "--port=0"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as driver:
        assert driver.stdout is not None
        lines = (re.search(r"started successfully on port (\d+)", line) for line in driver.stdout)
        port = next(found.group(1) for found in lines if found)
        options = {
            "binary": CHROMIUM,
            "args": [*_ARGUMENTS, f"--user-data-dir={profile}"],
        }
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        base = f"http://127.0.0.1:{port}/session"
        made = _value(requests.post(base, json=wanted, timeout=60))
        assert isinstance(made, dict)
        session = f"{base}/{made['sessionId']}"
        try:
            yield Browser(session)
        finally:
            requests.delete(session, timeout=120)
            driver.terminate()
            driver.communicate(timeout=10)


def _value(response: requests.Response) -> object:
    response.raise_for_status()
    value: object = response.json()["value"]
    return value

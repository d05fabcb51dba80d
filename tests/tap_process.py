"""Runs the tap's command at noon of the day on which the tests' LinkedIn stands.

``python tests/tap_process.py ARGUMENTS``, with the Python of any installation of the tap. Nothing
but the machine's clock is replaced, and that runs on from noon.
"""

from __future__ import annotations

import datetime as dt
import sys
import time

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone.utc)


def set_clock(noon: dt.datetime = NOON) -> None:
    """Let the tap's clock, which only tests replace, run from an instant on."""
    from tap_linkedin_ads.api.clock import SystemClock  # noqa: PLC0415  as late as the command imports it

    start = time.monotonic()
    SystemClock.now = lambda _: noon + dt.timedelta(seconds=time.monotonic() - start)  # type: ignore[method-assign]


def main() -> None:
    """Run the command."""
    del sys.path[0]  # the tests' folder: its modules are not for the tap to find
    set_clock()
    from tap_linkedin_ads.tap import TapLinkedInAds  # noqa: PLC0415  after the clock

    TapLinkedInAds.cli()


if __name__ == "__main__":
    main()

"""The tap with a data limit over fewer seconds, for a quick look: WINDOW_SECONDS says how many."""

from __future__ import annotations

import os
from typing import Any

from tap_linkedin_ads.api import quota
from tap_linkedin_ads.tap import TapLinkedInAds

_begin = quota.MetricQuota.__init__


def _begin_short(self: quota.MetricQuota, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
    limit, clock, _ = (*arguments, *named.values())
    _begin(self, limit, clock, float(os.environ["WINDOW_SECONDS"]))


if __name__ == "__main__":
    quota.MetricQuota.__init__ = _begin_short  # type: ignore[method-assign]
    TapLinkedInAds.cli()

"""Run the tap as ``python -m tap_linkedin_ads``."""

from __future__ import annotations

from tap_linkedin_ads.tap import TapLinkedInAds

TapLinkedInAds.cli()

"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from sandbox import Sandbox, worlds
from tap_linkedin_ads.tap import TapLinkedInAds
from tests.singer import TODAY, catalog, every_stream

# The SDK builds its tests when this module is imported, so LinkedIn must be there by then.
_sandbox = Sandbox(worlds.small(today=TODAY)).start()

_CoreTests = get_tap_test_class(
    TapLinkedInAds,
    config={
        **_sandbox.config(),
        "start_date": "2026-11-16",
        "end_date": TODAY.isoformat(),
        "organization_ids": [],
    },
    suite_config=SuiteConfig(ignore_no_records=True, max_records_limit=100),
    catalog=catalog(every_stream()),
)


@pytest.mark.slow
class TestCore(_CoreTests):  # type: ignore[misc, valid-type]
    """Discovery, connection, and for every stream its attributes and records."""

    @classmethod
    def teardown_class(cls) -> None:
        """No request may have broken a rule."""
        _sandbox.stop()
        assert [(entry.path, entry.rule) for entry in _sandbox.refusals] == []

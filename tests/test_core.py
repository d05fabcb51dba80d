"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

import typing as t

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from typing_extensions import override

from sandbox import Sandbox
from sandbox.world import worlds
from tap_linkedin_ads.tap import TapLinkedInAds
from tests.singer import TODAY, QuickClock, catalog, every_stream


class TapOfThatDay(TapLinkedInAds):
    """The tap on the sandbox's day."""

    @override
    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, clock=QuickClock(TODAY), **kwargs)


# The SDK builds its tests when this module is imported, so LinkedIn must be there by then.
_sandbox = Sandbox(worlds.small(today=TODAY)).start()

_CoreTests = get_tap_test_class(
    TapOfThatDay,
    config={
        **_sandbox.config(),
        "start_date": "2026-10-16",
        "end_date": TODAY.isoformat(),
    },
    suite_config=SuiteConfig(max_records_limit=100),
    catalog=catalog(every_stream()),
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No records were available")  # columns that are null here
class TestCore(_CoreTests):  # type: ignore[misc, valid-type]
    """Discovery, connection, and for every stream its attributes and records."""

    @classmethod
    def teardown_class(cls) -> None:
        """No request may have broken a rule."""
        _sandbox.stop()
        assert [(entry.path, entry.rule) for entry in _sandbox.refusals] == []

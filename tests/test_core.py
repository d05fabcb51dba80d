"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

import typing as t

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from singer_sdk.testing.suites import SingerTestSuite, tap_stream_attribute_tests
from singer_sdk.testing.templates import StreamTestTemplate
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


class ColumnsTest(StreamTestTemplate):
    """All of the SDK's tests of columns, for all columns of a stream in one test.

    The SDK makes a test of each of 2,500 pairs, and one object for all columns, which remembers
    the values of the first that it was asked for. Here each column has an object of its own.
    """

    name = "columns"

    @override
    def test(self) -> None:
        columns = self.stream.stream_maps[-1].transformed_schema["properties"]
        for kind in tap_stream_attribute_tests.tests:
            for name, schema in columns.items():
                if not kind.evaluate(self.stream, name, schema):
                    continue
                try:
                    kind().run(self.config, self.resource, self.runner, self.stream, name)
                except AssertionError as error:
                    raise AssertionError(f"{self.stream.name}.{name}: {error}") from error


# The SDK builds its tests when this module is imported, so LinkedIn must be there by then.
_sandbox = Sandbox(worlds.small(today=TODAY)).start()

_CoreTests = get_tap_test_class(
    TapOfThatDay,
    config={
        **_sandbox.config(),
        "start_date": "2026-09-28",
        "end_date": TODAY.isoformat(),
    },
    include_stream_attribute_tests=False,
    custom_suites=[SingerTestSuite("tap_stream", [ColumnsTest])],
    suite_config=SuiteConfig(max_records_limit=100),
    catalog=catalog(every_stream()),
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No records were available")  # test_columns.py looks for them
class TestCore(_CoreTests):  # type: ignore[misc, valid-type]
    """Discovery, connection, and for every stream its attributes and records."""

    @classmethod
    def teardown_class(cls) -> None:
        """No request may have broken a rule."""
        _sandbox.stop()
        assert [(entry.path, entry.rule) for entry in _sandbox.refusals] == []

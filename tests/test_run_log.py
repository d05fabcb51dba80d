"""What a run logs: what people can use, and nothing about streams that are not selected."""

from __future__ import annotations

import logging
import typing as t

from singer_sdk import metrics

from tap_linkedin_ads.sync import log_levels
from tests import singer

if t.TYPE_CHECKING:
    import pytest

    from sandbox import Sandbox


def test_two_streams_take_a_line_each(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Streams that are left out, children and the SDK's metrics are for debugging."""
    catalog = singer.catalog({"ad_accounts": ["name"], "campaigns": ["name"]}, whole=True)
    with caplog.at_level(logging.INFO):
        singer.sync(singer.config(sandbox), catalog=catalog)
    assert [record.getMessage() for record in caplog.records] == [
        f"Beginning sync of '{stream}' in incremental mode"
        for stream in ("ad_accounts", "campaigns")
    ]
    caplog.clear()
    with (
        caplog.at_level(logging.DEBUG, logger=metrics.METRICS_LOGGER_NAME),
        caplog.at_level("DEBUG"),
    ):
        singer.sync(singer.config(sandbox), catalog=catalog)
    said = {record.msg: record.levelname for record in caplog.records}
    assert {message: said[message] for message in log_levels.OF_NO_USE & said.keys()} == {
        "Added '%s' as child stream to '%s'": "DEBUG",
        "METRIC: %s": "DEBUG",
        "Skipping deselected stream '%s'.": "DEBUG",
        "Skipping parse of env var settings...": "DEBUG",
    }


def test_metrics_with_a_handler_of_their_own_stay(sandbox: Sandbox) -> None:
    """Who sends the SDK's metrics somewhere gets them as the SDK logs them."""
    found: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        """Keeps what it is given."""

        def emit(self, record: logging.LogRecord) -> None:
            """Keep it."""
            found.append(record)

    handler = Kept()
    logger = logging.getLogger(metrics.METRICS_LOGGER_NAME)
    logger.addHandler(handler)
    try:
        catalog = singer.catalog({"ad_accounts": ["name"]})
        singer.sync(singer.config(sandbox), catalog=catalog)
    finally:
        logger.removeHandler(handler)
    assert {record.levelname for record in found} == {"INFO"}
    assert "record_count" in {record.args[0].metric.value for record in found}  # type: ignore[index,union-attr]

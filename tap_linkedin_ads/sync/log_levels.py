"""What the SDK says that is of no use to people: it goes to ``DEBUG``.

A run of two streams would log a hundred lines otherwise, most of them on streams that it does not
read, and an error for what the tap itself explains in the next line.
"""

from __future__ import annotations

import logging

from singer_sdk import metrics
from typing_extensions import override

OF_NO_USE = frozenset(
    {
        "Added '%s' as child stream to '%s'",
        "An unhandled error occurred while syncing '%s'",
        "METRIC: %s",
        "Parsing env var for settings config...",
        "Skipping deselected stream '%s'.",
        "Skipping parse of env var settings...",
    }
)


def level_of(message: str, level: int) -> int:
    """Return the level at which a message of the SDK is worth a line.

    Args:
        message: What is said, before anything is filled in.
        level: At which the SDK says it.
    """
    return logging.DEBUG if message in OF_NO_USE else level


class _Lowered(logging.Filter):
    @override
    def filter(self, record: logging.LogRecord) -> bool:
        level = level_of(str(record.msg), record.levelno)
        if level == record.levelno or logging.getLogger(record.name).handlers:
            return True  # who gives the metrics a handler of their own wants them
        record.levelno, record.levelname = level, logging.getLevelName(level)
        return logging.getLogger().isEnabledFor(level)


_LOWERED = _Lowered()


def lower(logger: logging.Logger) -> None:
    """From now on the tap's logger and the SDK's metrics keep what is of no use to themselves."""
    for of in (logger, metrics.get_metrics_logger()):
        of.addFilter(_LOWERED)  # the same one is added once

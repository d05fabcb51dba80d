"""Prints how a run ended: a table for whoever watches, and JSON on the last line of stderr."""

from __future__ import annotations

import logging
import shutil
import sys
import textwrap
import typing as t

from singer_sdk.logging import StructuredFormatter

from tap_linkedin_ads.sync import run_summary
from tap_linkedin_ads.sync.run_summary import HEADING, Line

if t.TYPE_CHECKING:
    import collections
    from collections.abc import Iterator, Sequence

    from tap_linkedin_ads.api.refused import Difference
    from tap_linkedin_ads.sync.run_report import RunReport

_MOST_INCIDENTS = 10
"""Lines to spend on what was not read where the log has said it already, as it happened."""


def show(
    report: RunReport,
    requests: collections.Counter[str],
    status: int,
    differences: Sequence[Difference] = (),
) -> None:
    """Print the run.

    Where the SDK's structured logging is on, as Meltano has it, every line is JSON: the table is a
    short one there, in lines of the log.
    """
    if sys.stderr is None:
        return  # closed before the start: ``print`` would write to stdout
    lines = run_summary.lines(report, requests)
    handlers = logging.getLogger().handlers
    structured = [h for h in handlers if isinstance(h.formatter, StructuredFormatter)]
    if structured:
        _log(structured, short(lines))
    else:
        for line in [*table(lines, _width()), *(found.text for found in differences)]:
            print(line, file=sys.stderr)  # noqa: T201  stderr is where the report belongs
    print(  # noqa: T201
        run_summary.summary(report, requests, status, differences), file=sys.stderr, flush=True
    )


def _width() -> int | None:
    """Return how wide the terminal is; files and pipes take lines of any length."""
    return shutil.get_terminal_size().columns if sys.stderr.isatty() else None


def _log(handlers: Sequence[logging.Handler], lines: Sequence[str]) -> None:
    """Hand lines to the log, which is closed to threads that are still at work."""
    logger = logging.getLogger("tap-linkedin-ads")
    if logger.getEffectiveLevel() > logging.INFO:
        return
    for line in lines:
        record = logger.makeRecord(logger.name, logging.INFO, __file__, 0, line, (), None)
        for handler in handlers:
            handler.handle(record)


def table(lines: Sequence[Line], width: int | None = None) -> list[str]:
    """Return a table whose lines are one each, or no longer than a terminal is wide.

    Args:
        lines: The lines.
        width: Columns of the terminal, None where lines may have any length.
    """
    whole = _laid_out([HEADING, *lines])
    if width is None or all(len(line) <= width for line in whole):
        return whole
    streams = [line for line in (HEADING, *lines) if not _is_remark(line)]
    cells = iter(
        _columns([(line.stream, line.status, line.rows, line.requests) for line in streams])
    )
    found: list[str] = []
    for line in (HEADING, *lines):
        found += _remark(line, width) if _is_remark(line) else [next(cells)]
    return found


def short(lines: Sequence[Line]) -> list[str]:
    """Return a table of the streams alone, and what was not read in a line each, up to ten."""
    streams = [line for line in lines if not _is_remark(line)]
    cells = [(line.stream, line.status, line.rows, line.requests) for line in (HEADING, *streams)]
    remarks = [line for line in lines if _is_remark(line)]
    found = _columns(cells) + [f"{_about(line)}: {line.why}" for line in remarks[:_MOST_INCIDENTS]]
    if len(remarks) > _MOST_INCIDENTS:
        found.append(f"... and {len(remarks) - _MOST_INCIDENTS} more, in the JSON below")
    return found


def _is_remark(line: Line) -> bool:
    return line.requests == "-"


def _about(line: Line) -> str:
    return " ".join([line.stream, *([line.account] if line.account != "-" else []), line.status])


def _remark(line: Line, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        f"{_about(line)}: {line.why}",
        width,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _laid_out(lines: Sequence[Line]) -> list[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return ["  ".join([*map(str.ljust, line, widths), line.why]).rstrip() for line in lines]


def _columns(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Align names to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [name.ljust(widths[0]), status.ljust(widths[1])]
            + [figure.rjust(width) for figure, width in zip(figures, widths[2:], strict=True)]
        )
        for name, status, *figures in rows
    ]

"""Tables that fit on a terminal: cells are wrapped between words, and nothing is cut off. Pure.

rich is imported where a table is made: runs make none, and need not wait for it.
"""

from __future__ import annotations

import io
import shutil
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.table import Table

WIDEST = 100
"""Columns of lines that are read like a text, and of what goes into a file or a pipe."""
_GAP = 2


def terminal_width() -> int:
    """Return how wide text may be on stdout: as the terminal, or as COLUMNS says."""
    return min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)


def fitted(
    rows: Sequence[Sequence[str]], width: int, *, right: Collection[int] = (), heading: bool = False
) -> Table:
    """Lay out rows of cells.

    Args:
        rows: The cells; all rows have as many.
        width: Columns of the terminal.
        right: Which cells are figures, and end at the same place.
        heading: The first row is one.
    """
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    gap = _GAP if has_room_for(rows, width) else 1
    table = Table(box=None, show_header=heading, pad_edge=False, padding=(0, gap, 0, 0))
    body = [_by_words(rows[0]), *rows[1:]] if heading else rows
    widths = _widths(body, width, gap)
    for column, wide in enumerate(widths):
        table.add_column(
            Text(rows[0][column]) if heading else "",
            width=wide,
            justify="right" if column in right else "left",
            overflow="fold",
        )
    for row in rows[1:] if heading else rows:
        table.add_row(*map(Text, row))
    return table


def lines(table: Table, width: int) -> list[str]:
    """Return a table as lines of text."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def has_room_for(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether rows can be laid out without a cut through a word."""
    least = _least(rows)
    return sum(least) + _GAP * (len(least) - 1) <= width


def _by_words(heading: Sequence[str]) -> list[str]:
    """Return the longest word of each: a heading goes over several lines before a cell does."""
    return [max(cell.split(), key=len) for cell in heading]


def _least(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how long the longest word of each column is."""
    from rich.cells import cell_len  # noqa: PLC0415

    columns = zip(*rows, strict=True)
    return [max((cell_len(w) for cell in of for w in cell.split()), default=0) for of in columns]


def _widths(rows: Sequence[Sequence[str]], width: int, gap: int) -> list[int]:
    """Give each column what it wants; where that is too much, the widest give way by words."""
    from rich.cells import cell_len  # noqa: PLC0415

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    least = _least(rows)
    too_much = sum(widths) + gap * (len(widths) - 1) - width
    for _ in range(too_much):
        loose = [column for column, wide in enumerate(widths) if wide > least[column]]
        if not loose:
            break
        widths[max(loose, key=widths.__getitem__)] -= 1
    return widths

"""Draws tables, keys and joins on one page, as SVG for light and for dark pages.

A package that lays out graphs would need Graphviz beside it, and would draw a line for each of more
than a hundred references to an ad account or a page. Here each table has a colour, which is that
of every reference to it; lines are drawn where few tables refer to one.
"""

from __future__ import annotations

import html
import typing as t
from dataclasses import dataclass

from tests import data_model

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.data_model import Table

COLUMNS = 4
MANY = 10
"""References to a table beyond which no lines are drawn to it."""
_WIDTH, _GAP, _MARGIN = 298, 30, 26
_HEADER, _ROW, _FOOT, _BETWEEN = 22, 15, 18, 12
_TITLE = 84
_GROUP_TITLE = 40
_FONT = (
    'font-family="system-ui, Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif" font-size="11.5"'
)


@dataclass(frozen=True)
class Theme:
    """The colours of one of the two pictures."""

    page: str
    panel: str
    box: str
    edge: str
    text: str
    faint: str
    hues: tuple[str, ...]


THEMES = {
    "light": Theme(
        page="#ffffff",
        panel="#f4f6f8",
        box="#ffffff",
        edge="#c9d1d9",
        text="#1f2328",
        faint="#656d76",
        hues=(
            "#0a66c2",
            "#7a3fb0",
            "#b3470b",
            "#1a7f37",
            "#b4237a",
            "#8a6500",
            "#0b7a75",
            "#c0323b",
            "#4c5bd4",
        ),
    ),
    "dark": Theme(
        page="#0d1117",
        panel="#151b23",
        box="#0d1117",
        edge="#3d444d",
        text="#e6edf3",
        faint="#9198a1",
        hues=(
            "#6cb2ff",
            "#c79bff",
            "#ffa657",
            "#6fdd8b",
            "#ff8fcb",
            "#e3c35a",
            "#5fd7d0",
            "#ff8a8a",
            "#a5b0ff",
        ),
    ),
}


@dataclass(frozen=True)
class Row:
    """A column in a box, and the table that it refers to.

    Attributes:
        column: Its name.
        is_key: Whether it belongs to the primary key.
        other: The table, empty for none.
        is_again: Whether the row above has the same column.
    """

    column: str
    is_key: bool
    other: str
    is_again: bool

    @property
    def lines(self) -> int:
        """Give the lines that it takes: two where both names are long."""
        letters = len(self.column) * (6.9 if self.is_key else 6.2) + len(self.other) * 6.2
        return 2 if self.other and not self.is_again and letters > _WIDTH - 48 else 1


@dataclass(frozen=True)
class Box:
    """A table at its place."""

    table: Table
    rows: tuple[Row, ...]
    x: int
    y: int

    @property
    def height(self) -> int:
        """Its height."""
        return _height(self.rows)

    def height_of(self, row: Row) -> float:
        """Where the middle of a row's first line is."""
        above = sum(before.lines for before in self.rows[: self.rows.index(row)])
        return self.y + _HEADER + (above + 0.5) * _ROW + 3


def rows_of(table: Table) -> tuple[Row, ...]:
    """Return the columns of a table that a picture shows: its key, and what refers to others."""
    others: dict[str, list[str]] = {}
    for join in data_model.joins_of(table.name):
        others.setdefault(join.columns[0], []).append(join.other)
    shown = [column for column in table.columns if column in table.key or column in others]
    shown.sort(key=lambda column: column not in table.key)
    return tuple(
        Row(column, column in table.key, other, is_again=place > 0)
        for column in shown
        for place, other in enumerate(others.get(column, [""]))
    )


def picture(theme_name: str) -> str:
    """Return the SVG."""
    theme = THEMES[theme_name]
    boxes: list[Box] = []
    panels: list[tuple[str, int, int]] = []
    y = _TITLE
    for group, title in data_model.GROUPS.items():
        members = [table for table in data_model.tables().values() if table.group == group]
        placed = list(_placed(members, y + _GROUP_TITLE))
        bottom = max(box.y + box.height for box in placed) + _BETWEEN
        words = f"{title} · {len(members)} streams"
        panels.append((words, y, bottom - y))
        boxes += placed
        y = bottom + _BETWEEN
    width = 2 * _MARGIN + COLUMNS * _WIDTH + (COLUMNS - 1) * _GAP
    hues = _hues(theme)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" {_FONT}>',
        "<title>Tables of tap-linkedin-ads, their keys and joins</title>",
        f'<rect width="{width}" height="{y}" fill="{theme.page}"/>',
        *_legend(theme),
        *(_panel(theme, *panel, width) for panel in panels),
        *_lines({box.table.name: box for box in boxes}, hues),
        *(line for box in boxes for line in _drawn(box, theme, hues)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _placed(members: list[Table], top: int) -> Iterator[Box]:
    """Fill columns in the catalog's order, each to about the same height."""
    found = [(table, rows_of(table)) for table in members]
    total = sum(_height(rows) + _BETWEEN for _, rows in found)
    column, y, done = 0, top, 0
    for table, rows in found:
        height = _height(rows) + _BETWEEN
        if column < COLUMNS - 1 and done + height / 2 > (column + 1) * total / COLUMNS:
            column, y = column + 1, top
        yield Box(table, rows, _MARGIN + column * (_WIDTH + _GAP), y)
        y += height
        done += height


def _height(rows: Iterable[Row]) -> int:
    return _HEADER + _ROW * sum(row.lines for row in rows) + _FOOT + 4


def _hues(theme: Theme) -> dict[str, str]:
    """Give a colour to each table that others refer to."""
    referred = list(dict.fromkeys(join.other for join in data_model.joins()))
    return {name: theme.hues[place % len(theme.hues)] for place, name in enumerate(referred)}


def _legend(theme: Theme) -> Iterator[str]:
    yield _text(_MARGIN, 36, "How the tables join", theme.text, size=21, bold=True)
    words = (
        "Bold with a dot: column of the primary key. → refers to that table, in its colour, "
        "by its key; lines are drawn where few tables refer to one."
    )
    yield _text(_MARGIN, 60, words, theme.faint, size=12.5)


def _panel(theme: Theme, title: str, y: int, height: int, width: int) -> str:
    return (
        f'<rect x="{_MARGIN / 2}" y="{y}" width="{width - _MARGIN}" height="{height}" rx="10" '
        f'fill="{theme.panel}"/>' + _text(_MARGIN, y + 26, title, theme.text, size=15, bold=True)
    )


def _lines(boxes: dict[str, Box], hues: dict[str, str]) -> Iterator[str]:
    """Draw a curve for each reference within a group to a table that few refer to."""
    referring = [join.other for join in data_model.joins()]
    hubs = {name for name in boxes if referring.count(name) > MANY}
    for box in boxes.values():
        for row in box.rows:
            other = boxes.get(row.other)
            if other is None or other.table.group != box.table.group:
                continue
            if row.other not in hubs or box.table.name in hubs:
                yield _line(box, row, other, hues[row.other])


def _line(box: Box, row: Row, other: Box, hue: str) -> str:
    y = box.height_of(row) + (row.lines - 1) * _ROW
    end = other.y + _HEADER / 2
    if other.x == box.x:  # around the left side
        bend = box.x - 20
        path = f"M{box.x} {y}C{bend} {y} {bend} {end} {other.x} {end}"
    else:
        start = box.x + _WIDTH if other.x > box.x else box.x
        stop = other.x if other.x > box.x else other.x + _WIDTH
        middle = (start + stop) / 2
        path = f"M{start} {y}C{middle} {y} {middle} {end} {stop} {end}"
    return f'<path d="{path}" fill="none" stroke="{hue}" stroke-width="1.4" opacity="0.75"/>'


def _drawn(box: Box, theme: Theme, hues: dict[str, str]) -> Iterator[str]:
    hue = hues.get(box.table.name)
    x, y = box.x, box.y
    yield f'<g id="{box.table.name}">'
    yield (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{box.height}" rx="5" fill="{theme.box}" '
        f'stroke="{hue or theme.edge}" stroke-width="{2 if hue else 1}"/>'
    )
    yield _text(x + 9, y + 15.5, box.table.name, hue or theme.text, size=12.5, bold=True)
    for row in box.rows:
        middle = box.height_of(row)
        if not row.is_again:
            if row.is_key:
                yield f'<circle cx="{x + 11}" cy="{middle}" r="2.3" fill="{theme.text}"/>'
            yield _text(x + 18, middle + 4, row.column, theme.text, bold=row.is_key)
        if row.other:
            words, base = f"→ {row.other}", middle + 4 + (row.lines - 1) * _ROW
            yield _text(x + _WIDTH - 8, base, words, hues[row.other], right=True)
    more = len(box.table.columns) - len({row.column for row in box.rows})
    words = f"and {more} columns more"
    yield _text(x + 18, y + box.height - 7, words, theme.faint, size=10.5)
    yield "</g>"


def _text(  # noqa: PLR0913 - a text has that many sides
    x: float,
    y: float,
    words: str,
    fill: str,
    *,
    size: float | None = None,
    bold: bool = False,
    right: bool = False,
) -> str:
    extra = f' font-size="{size}"' if size else ""
    extra += ' font-weight="600"' if bold else ""
    extra += ' text-anchor="end"' if right else ""
    return f'<text x="{x}" y="{y}" fill="{fill}"{extra}>{html.escape(words)}</text>'

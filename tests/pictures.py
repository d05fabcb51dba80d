"""The pictures in docs: of the browser, and of a terminal, which the browser draws.

Tests that show what a picture shows write it anew with ``make pictures``.
"""

from __future__ import annotations

import html
import itertools
import os
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    import pyte
    from pyte.screens import Char

DOCS = Path(__file__).resolve().parent.parent / "docs"
WANTED = os.environ.get("PICTURES") == "write"
_COLOURS = {
    "default": "#d8dee9",
    "black": "#3b4252",
    "red": "#e0697a",
    "green": "#8fc07c",
    "brown": "#e5c07b",
    "blue": "#81a1c1",
    "magenta": "#c99bd1",
    "cyan": "#7fc4c9",
    "white": "#eceff4",
}
_STYLE = """
body { margin: 0; background: #1d2129; }
pre { display: inline-block; margin: 0; padding: 18px 22px; color: #d8dee9; background: #1d2129;
      font: 13px/1.35 "DejaVu Sans Mono", monospace; }
b { font-weight: bold; color: #ffffff; }
"""


def write(name: str, png: bytes) -> None:
    """Keep a picture in docs, where pictures are wanted."""
    if WANTED:
        (DOCS / name).write_bytes(png)


def terminal_page(screen: pyte.Screen) -> str:
    """Return a page that shows a terminal, with colours and without empty lines at its end."""
    rows = [_row([screen.buffer[y][x] for x in range(screen.columns)]) for y in range(screen.lines)]
    text = "\n".join(rows).rstrip()
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><pre>{text}</pre>"


def _row(characters: list[Char]) -> str:
    runs = itertools.groupby(characters, key=lambda one: (one.fg, one.bold))
    return "".join(
        _run("".join(one.data for one in run), colour, bold=bold) for (colour, bold), run in runs
    ).rstrip()


def _run(text: str, colour: str, *, bold: bool) -> str:
    found = html.escape(text)
    if not text.strip():
        return found
    if colour != "default":
        shown = _COLOURS.get(colour, f"#{colour}")
        found = f'<span style="color: {shown}">{found}</span>'
    return f"<b>{found}</b>" if bold else found

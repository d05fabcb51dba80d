"""Tables in Markdown, and the file that they are collected in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEAD = """# Results

`make benchmarks` writes this file. Every table comes from one run on one machine; compare the
ratios inside a table, not the seconds with those of another machine.
"""


@dataclass
class Section:
    """What one benchmark found.

    Attributes:
        title: Its heading.
        text: Paragraphs and tables.
    """

    title: str
    text: list[str] = field(default_factory=list)

    def say(self, *paragraphs: str) -> None:
        """Add paragraphs."""
        self.text.extend(paragraphs)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table; numbers stand on the right."""
        cells = [[_cell(value) for value in row] for row in rows]
        numeric = [
            all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(head))
        ]
        rule = ["---:" if right else "---" for right in numeric]
        lines = ["| " + " | ".join(line) + " |" for line in (list(head), rule, *cells)]
        self.text.append("\n".join(lines))

    def verdicts(self, rows: Sequence[tuple[str, float, str, bool]]) -> None:
        """Add a table of what was asked for, what was found, and whether that is enough."""
        self.table(
            ("What", "Found", "Wanted", "Met"),
            [
                (what, found, wanted, "yes" if met else "**no**")
                for what, found, wanted, met in rows
            ],
        )

    @override
    def __str__(self) -> str:
        """Return the section as Markdown."""
        return "\n\n".join((f"## {self.title}", *self.text)) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2  # noqa: PLR2004
        return f"{value:,.{digits}f}"
    return str(value)


def mib(size: float) -> float:
    """Return bytes as MiB."""
    return size / 2**20


def collect(path: Path, sections: Sequence[Section], order: Sequence[str]) -> None:
    """Put sections into the file; sections with other titles stay as they are.

    Args:
        path: The file.
        sections: What was measured now.
        order: All titles in the order of the file.
    """
    known: dict[str, str] = {}
    if path.exists():
        parts = re.split(r"^## (.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        known = {
            title: f"## {title}\n{body}"
            for title, body in zip(parts[1::2], parts[2::2], strict=True)
        }
    known.update({section.title: str(section) for section in sections})
    texts = [known[title].strip() + "\n" for title in order if title in known]
    path.write_text("\n".join([_HEAD, *texts]), encoding="utf-8")

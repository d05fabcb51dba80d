"""HTML of messages as plain text. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

from typing_extensions import override

_HIDDEN = frozenset({"head", "script", "style", "title"})
_LINES = frozenset({"br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr"})
_PARAGRAPHS = frozenset({"blockquote", "hr", "ol", "p", "pre", "table", "ul"})


class _Text(HTMLParser):
    """Collects what a reader sees, as lines of words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._hidden = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._end_line(tag)
        if tag == "li":
            self.lines[-1].append("- ")

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_line(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        if tag != "br":
            self._end_line(tag)

    @override
    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.lines[-1].append(data)

    def _end_line(self, tag: str) -> None:
        """Begin a line at a tag that browsers begin one at, behind an empty one at a paragraph."""
        if tag in _PARAGRAPHS:
            self.lines += [[], []]
        elif tag == "br" or (tag in _LINES and self._has_words()):
            self.lines.append([])

    def _has_words(self) -> bool:
        return any(part.strip() for part in self.lines[-1])


def text_of(html: str) -> str:
    """Return the words of a piece of HTML.

    Runs of white space are one space, paragraphs are one empty line apart, items of lists begin
    with a hyphen. Scripts and styles are left out.
    """
    parser = _Text()
    whole = html.rfind(">") + 1
    # What opens there and does not close is no tag: newer Pythons would leave it out.
    parser.feed(html[:whole] + html[whole:].replace("<", "&lt;"))
    parser.close()
    lines = (" ".join("".join(parts).split()) for parts in parser.lines)
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()

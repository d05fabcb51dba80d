r"""Little text: the markup in which LinkedIn writes a post's commentary.

Rule LI-71: text with a backslash before each reserved character
(``| { } @ [ ] ( ) < > # \ * _ ~``), mentions ``@[name](urn)``, hashtags ``#word`` and hashtag
templates ``{hashtag|\#|word}``. Reading never fails: what is no markup is text.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

RESERVED = frozenset(r"|{}@[]()<>#\*_~")
_HASHES = ("#", r"\#", "\uff03")
_JOINERS = frozenset("\u200c\u200d")  # zero width, inside words of some scripts
_TEMPLATE = "{hashtag|"
_SPECIAL = re.compile(r"[\\{@#]")


class Text(t.NamedTuple):
    """Plain text, its escapes resolved; ``source`` is what stood there."""

    text: str
    source: str


class Hashtag(t.NamedTuple):
    """A hashtag without its hash, case kept."""

    tag: str
    source: str

    @property
    def text(self) -> str:
        """Return the hashtag for reading."""
        return f"#{self.tag}"


class Mention(t.NamedTuple):
    """A person or organization that is named.

    Attributes:
        fallback_text: The name to show, None where there is none.
        target_urn: URN of the person or organization.
        source: What stood there.
    """

    fallback_text: str | None
    target_urn: str
    source: str

    @property
    def text(self) -> str:
        """Return the mention for reading."""
        return self.target_urn if self.fallback_text is None else self.fallback_text


Element = Text | Hashtag | Mention


def parse(commentary: str) -> list[Element]:
    """Take a commentary apart.

    Args:
        commentary: Little text as LinkedIn sends it.

    Returns:
        Its elements in order, adjacent text joined; their ``source`` joined is the commentary.
    """
    elements: list[Element] = []
    position = text_from = 0
    while special := _SPECIAL.search(commentary, position):
        position = special.start()
        element = _markup(commentary, position)
        if element is None:
            position += 2 if commentary[position] == "\\" else 1
            continue
        if text_from < position:
            elements.append(_text(commentary[text_from:position]))
        elements.append(element)
        position = text_from = position + len(element.source)
    if text_from < len(commentary):
        elements.append(_text(commentary[text_from:]))
    return elements


def plain(commentary: str) -> str:
    """Return a commentary as a reader sees it: names, ``#`` and words, no escapes."""
    return "".join(element.text for element in parse(commentary))


def hashtags(commentary: str) -> list[str]:
    """Return the distinct hashtags in order of appearance, without ``#``, case kept."""
    found = (e.tag for e in parse(commentary) if isinstance(e, Hashtag))
    return list(dict.fromkeys(found))


def mentions(commentary: str) -> list[Mention]:
    """Return the mentions in order of appearance."""
    return [element for element in parse(commentary) if isinstance(element, Mention)]


def escape(text: str) -> str:
    """Write plain text as little text."""
    return "".join(f"\\{c}" if c in RESERVED else c for c in text)


def unescape(source: str) -> str:
    r"""Resolve escapes, also of punctuation that needs none (``\-``), as some clients write.

    A backslash before a letter, a digit or a blank stays: it escapes nothing.
    """
    return re.sub(r"\\([^\w\s]|_)", r"\1", source)


def _text(source: str) -> Text:
    return Text(unescape(source), source)


def _markup(commentary: str, start: int) -> Element | None:
    """Return the markup that begins at a position, None where none does."""
    match commentary[start]:
        case "{":
            return _template(commentary, start)
        case "@":
            return _mention(commentary, start)
        case "#":
            return _word(commentary, start)
        case _:
            return None


def _template(commentary: str, start: int) -> Hashtag | None:
    if not commentary.startswith(_TEMPLATE, start):
        return None
    inside = start + len(_TEMPLATE)
    for sign in _HASHES:
        if not commentary.startswith(f"{sign}|", inside):
            continue
        begin = inside + len(sign) + 1
        end = _unescaped("}", commentary, begin)
        if end is None or not (tag := unescape(commentary[begin:end])):
            return None
        return Hashtag(tag, commentary[start : end + 1])
    return None


def _mention(commentary: str, start: int) -> Mention | None:
    name, behind = None, start + 1
    if commentary.startswith("[", behind):
        end = _unescaped("]", commentary, behind + 1)
        if end is None:
            return None
        name, behind = unescape(commentary[behind + 1 : end]), end + 1
    if not commentary.startswith("(", behind):
        return None
    end = _unescaped(")", commentary, behind + 1)
    if end is None:
        return None
    target = unescape(commentary[behind + 1 : end])
    if not target.startswith("urn:li:"):
        return None
    return Mention(name, target, commentary[start : end + 1])


def _word(commentary: str, start: int) -> Hashtag | None:
    end = start + 1
    while end < len(commentary):
        if _is_in_word(commentary[end]):
            end += 1
        elif commentary.startswith(r"\_", end):
            end += 2
        else:
            break
    tag = unescape(commentary[start + 1 : end]).rstrip("".join(_JOINERS))
    return Hashtag(tag, commentary[start:end]) if tag else None


def _is_in_word(character: str) -> bool:
    """Whether a character belongs to words: marks do (most Indic vowels are some)."""
    return (
        character.isalnum()
        or character == "_"
        or character in _JOINERS
        or unicodedata.category(character).startswith("M")
    )


def _unescaped(character: str, commentary: str, start: int) -> int | None:
    """Return where a character stands next without a backslash before it."""
    position = start
    while position < len(commentary):
        if commentary[position] == "\\":
            position += 2
        elif commentary[position] == character:
            return position
        else:
            position += 1
    return None

# ruff: noqa: RUF001 - letters of several scripts

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_linkedin_ads.streams.pages import little_text
from tap_linkedin_ads.streams.pages.little_text import Hashtag, Mention

RESERVED = r"|{}@[]()<>#\*_~"
pieces = st.sampled_from([*RESERVED, *"aZ9é漢\u0301 \n-:/", "hashtag", "urn:li:x"])
markup = st.lists(pieces).map("".join)
words = st.text(st.characters(categories=["L", "Nd"]), min_size=1)


@pytest.mark.parametrize(
    ("commentary", "plain", "tags"),
    [
        ("", "", []),
        ("Nothing special - here.", "Nothing special - here.", []),
        (r"12 jobs \(Joinville\)", "12 jobs (Joinville)", []),
        (r"{hashtag|\#|vagas}", "#vagas", ["vagas"]),
        ("{hashtag|#|vagas}", "#vagas", ["vagas"]),
        ("{hashtag|\uff03|日本語タグ}", "#日本語タグ", ["日本語タグ"]),
        (r"{hashtag|\#|new\_line} end", "#new_line end", ["new_line"]),
        (r"{hashtag|\#|curly\}tag}", "#curly}tag", ["curly}tag"]),
        ("#tag and #Größe, then", "#tag and #Größe, then", ["tag", "Größe"]),
        (r"#snake\_case", "#snake_case", ["snake_case"]),
        ("#स्वच्छता", "#स्वच्छता", ["स्वच्छता"]),
        ("#می\u200cخواهم!", "#می\u200cخواهم!", ["می\u200cخواهم"]),
        (r"\#word is text", "#word is text", []),
        ("# alone, ## twice, #!", "# alone, ## twice, #!", []),
        ("#same #same #Same", "#same #same #Same", ["same", "Same"]),
        (r"needless \- escape", "needless - escape", []),
        (r"C:\new\\folder", r"C:\new\folder", []),
        ("ends with \\", "ends with \\", []),
        ("{hashtag|#|}", "{hashtag|#|}", []),
        ("{hashtag|#|open", "{hashtag|#|open", []),
        ("{hashtag|x|tag}", "{hashtag|x|tag}", []),
        ("@nobody and @[Ana] and @[x](http://a)", "@nobody and @[Ana] and @[x](http://a)", []),
    ],
)
def test_commentary_for_reading(commentary: str, plain: str, tags: list[str]) -> None:
    """Escapes and templates are resolved; what is no markup is text."""
    assert little_text.plain(commentary) == plain
    assert little_text.hashtags(commentary) == tags


@pytest.mark.parametrize(
    ("commentary", "name", "target"),
    [
        ("@[Ana Souza](urn:li:person:Hx3\\_k9PqLm)", "Ana Souza", "urn:li:person:Hx3_k9PqLm"),
        (r"@[O\(pen\) \[Inc\]](urn:li:organization:1)", "O(pen) [Inc]", "urn:li:organization:1"),
        ("@[](urn:li:person:aB)", "", "urn:li:person:aB"),
        ("@(urn:li:person:aB)", None, "urn:li:person:aB"),
        ("@[北極光 🚀](urn:li:organization:7)", "北極光 🚀", "urn:li:organization:7"),
    ],
)
def test_mention_is_taken_apart(commentary: str, name: str | None, target: str) -> None:
    """People and organizations are found with their names, both without escapes."""
    assert little_text.mentions(f"by {commentary}!") == [Mention(name, target, commentary)]
    assert little_text.plain(commentary) == (target if name is None else name)


def test_parts_keep_their_order() -> None:
    """Text, hashtags and mentions come in the order in which they stand."""
    found = little_text.parse(r"a \_ {hashtag|\#|b}@[C](urn:li:person:c) d")
    assert [type(e).__name__ for e in found] == ["Text", "Hashtag", "Mention", "Text"]
    assert [e.text for e in found] == ["a _ ", "#b", "C", " d"]


@given(markup)
@example("@[" * 50)
@example("{hashtag|" * 20)
def test_every_text_is_read_completely(commentary: str) -> None:
    """No text makes the parser fail, and none of it is lost."""
    assert "".join(element.source for element in little_text.parse(commentary)) == commentary


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    """What is written as little text is read as it was, and holds no markup."""
    assert little_text.plain(little_text.escape(text)) == text
    assert not little_text.hashtags(little_text.escape(text))
    assert not little_text.mentions(little_text.escape(text))


@given(words, st.text(min_size=1), st.text())
def test_markup_comes_back(word: str, name: str, around: str) -> None:
    """Hashtags and mentions are found between any texts, and resolve to what was written."""
    escape, person = little_text.escape, "urn:li:person:a_B-1"
    written = (
        f"{escape(around)}{{hashtag|\\#|{escape(word)}}}{escape(around)} #{word} "
        f"@[{escape(name)}]({escape(person)}){escape(around)}"
    )
    found = little_text.parse(written)
    assert [e.tag for e in found if isinstance(e, Hashtag)] == [word, word]
    assert [(m.fallback_text, m.target_urn) for m in little_text.mentions(written)] == [
        (name, person)
    ]
    assert little_text.plain(written) == f"{around}#{word}{around} #{word} {name}{around}"

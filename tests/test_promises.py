"""docs/promises.md names tests that exist."""

from __future__ import annotations

import re

from tests import singer

DOCUMENT = singer.ROOT / "docs" / "promises.md"
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
TESTS = singer.ROOT / "tests"


def test_every_promise_names_tests_that_exist() -> None:
    """Each numbered promise has at least two, and none of them was renamed or removed."""
    parts = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]
    numbered = [part for part in parts if re.match(r"\d+\. ", part)]
    assert [int(part.split(".")[0]) for part in numbered] == [*range(1, 14), 15]
    for part in numbered:
        found = NAMED.findall(part)
        assert len(found) >= 2, part.splitlines()[0]
    for file, name in NAMED.findall(DOCUMENT.read_text()):
        text = (TESTS / file).read_text()
        assert f"\ndef {name}(" in text, f"docs/promises.md: there is no {file}::{name}"


def test_every_named_test_is_named_in_full() -> None:
    """No name is written in a way that the check above would pass over."""
    for name in re.findall(r"test_\w+\.py::\w+", DOCUMENT.read_text()):
        assert f"`{name}`" in DOCUMENT.read_text()

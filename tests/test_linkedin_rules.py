"""docs/linkedin-api.md numbers LinkedIn's rules; code, sandbox and tests cite them."""

from __future__ import annotations

import re

from tests import singer

PAGE = singer.ROOT / "docs" / "linkedin-api.md"
ROW = re.compile(r"^\| LI-(\d+) \|(.*)\|$", re.MULTILINE)
CITED = re.compile(r"\bLI-(\d+)\b")
SURE = ("documented", "seen live", "inferred")


def citations() -> dict[int, set[str]]:
    """Return the files that cite each number."""
    found: dict[int, set[str]] = {}
    for folder in ("tap_linkedin_ads", "sandbox", "schemas", "tests"):
        for path in sorted((singer.ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".json"} and path.name != "test_linkedin_rules.py":
                name = str(path.relative_to(singer.ROOT))
                for number in CITED.findall(path.read_text()):
                    found.setdefault(int(number), set()).add(name)
    return found


def test_rules_are_numbered_without_gaps() -> None:
    """A number, once given, stays a rule's name: new rules go on at the end of a section's list."""
    numbers = [int(number) for number, _ in ROW.findall(PAGE.read_text())]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_every_rule_says_where_it_is_from_and_what_happens_if_it_is_wrong() -> None:
    """Rule, source, how sure, if it is wrong: four cells, none of them empty."""
    for number, rest in ROW.findall(PAGE.read_text()):
        cells = [cell.strip() for cell in rest.split(" | ")]
        assert len(cells) == 4, number
        assert all(cells), number
        assert cells[2].startswith(SURE), number


def test_every_citation_names_a_rule() -> None:
    """A number that is cited exists."""
    known = {int(number) for number, _ in ROW.findall(PAGE.read_text())}
    dangling = {number: files for number, files in citations().items() if number not in known}
    assert not dangling


def test_every_rule_is_cited() -> None:
    """A rule that nothing relies on has no place on the page."""
    known = {int(number) for number, _ in ROW.findall(PAGE.read_text())}
    assert not known - citations().keys(), "cite these where they are relied on, or delete them"

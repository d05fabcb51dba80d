"""docs/troubleshooting.md has a row for every message that the tap can print."""

from __future__ import annotations

import ast
import re
import typing as t

import pytest

from tap_linkedin_ads.settings.table import SETTINGS
from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = singer.ROOT / "tap_linkedin_ads"
PAGE = (singer.ROOT / "docs" / "troubleshooting.md").read_text()
ELSEWHERE = {
    "api/errors.py": "LinkedIn's own words, and what they mean",
    "api/resources.py": "names and scopes, parts of messages",
    "sync/log_levels.py": "what the SDK says",
    "sync/progress.py": "the display",
    "cli/progress_bars.py": "the display",
    "cli/progress_display.py": "the display",
    "cli/summary_display.py": "the table at the end of a run",
    "reporting/reports.py": "what rows are",
    "settings/readers.py": "what settings may hold: the table of settings says the same",
    "settings/table.py": "what settings are",
    "cli/check/text.py": "the screen of check, on docs/login-and-check.md",
    "cli/login/pages.py": "pages in the browser",
    "cli/contract/questions.py": "findings of check --contract",
    "cli/contract/ask.py": "findings",
    "cli/contract/calls.py": "its questions",
    "cli/contract/judges.py": "findings",
    "cli/contract/report_questions.py": "its questions",
    "cli/contract/table.py": "what is assumed",
}
"""Modules whose texts are no messages of a run."""
NO_MESSAGES = (
    " and ",
    ", so rows may be missing",
    "Custom report by",
    "If no browser opens",
    "Put these lines into .env",
    "Redirect URL, to be registered",
    "Saved in {}",
    "The refresh token lasts",
    "Where it went wrong",
    "Wrote {}",
    "a list without it",
    "all ad streams",
    "all page streams",
    "default-src 'none'",
    "dict[str, t.Any] | None",
    "its list of campaigns",
    "list[Post] | None",
    "no refresh credentials are set",
    "nothing came of the login",
    "rows of campaign {}",
    "the request without it",
    "this ad account",
    "{} as {}",
    "{} by {}",
    "{} instead of {}",
    "{} of {}: {}",
    "{} on {} {}",
    "{}, page {}, {}",
    "{}. LinkedIn said: {}",
    "{} this link on this machine",
)
"""How texts begin that are parts of messages, or say that all is well."""
LEAST_BLANKS = 2
KINDS = {name: setting.kind for name, setting in SETTINGS.items()}


def _template(node: ast.expr) -> str | None:
    """Return a text with {} where something is filled in; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None


def _is_help(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg in {"help", "description"}


def _texts(tree: ast.AST) -> Iterator[str]:
    """Give the texts of a module that are neither docstrings nor help nor parts of others."""
    for node in ast.iter_child_nodes(tree):
        if _is_help(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        text = _template(node) if isinstance(node, ast.expr) else None
        if text is None:
            yield from _texts(node)
        else:
            yield re.sub(r"%\.?\d*[sdf]", "{}", text)


def _messages() -> dict[str, str]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name in ELSEWHERE:
            continue
        for text in _texts(ast.parse(path.read_text())):
            is_sentence = text.count(" ") >= LEAST_BLANKS and re.search("[a-z]{2}", text)
            if is_sentence and not text.startswith(NO_MESSAGES):
                found[" ".join(text.split())] = name
    return found | {kind.expected: name for name, kind in KINDS.items()}


def _quotes() -> list[str]:
    """Return what stands in backticks in the left column of the tables."""
    rows = re.findall(r"^\| (.+?) \| ", PAGE, re.MULTILINE)
    return [quote for row in rows for quote in re.findall(r"`([^`]+)`", row)]


def _quotes_message(quote: str, message: str) -> bool:
    """Tell whether a quote, with ... for what is filled in or left out, is from a message."""
    place = 0
    for part in filter(None, re.split(r"\s*\.\.\.\s*", quote)):
        place = message.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


MESSAGES = _messages()


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_every_message_has_a_row(message: str) -> None:
    """A reader who looks for what the tap said finds it, with what to do."""
    long_enough = [q for q in _quotes() if " " in q]
    assert any(_quotes_message(q, message) for q in long_enough), MESSAGES[message]


def test_no_row_is_left_of_an_old_message() -> None:
    """Each quote of several words is still said."""
    for quote in _quotes():
        if quote.count(" ") < LEAST_BLANKS:  # a word of LinkedIn's, or two
            continue
        assert any(_quotes_message(quote, message) for message in MESSAGES), quote


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_stands_beside_what_is_expected_of_it(name: str) -> None:
    """A reader who is told what a setting may hold finds the setting's name in that row."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    for left, right in rows:
        quotes = re.findall(r"`([^`]+)`", left)
        if any(_quotes_message(quote, KINDS[name].expected) for quote in quotes):
            assert f"`{name}`" in left + right
            return
    pytest.fail(KINDS[name].expected)

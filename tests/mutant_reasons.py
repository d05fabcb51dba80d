"""Why mutants survive: patterns of ``place: before → after`` as docs/mutants.md has them."""

from __future__ import annotations

_IMPORT = "Carried out when the module is imported, before a mutant is switched on"
_EFFORT = (
    "Only the effort changes: the number or size of writes, what a plan weighs, memory, connections"
)
_PLAN = (
    "Only how full answers are: however days and ad accounts are divided, each row comes once "
    "(tests/test_plan.py), and the bounds of tests/test_plan_markets.py leave some room"
)
_SAME = "No difference: both forms mean the same here"
_LOG = "Level of a log line, or a number or a name that is shown nowhere"

REASONS: tuple[tuple[str, str], ...] = (
    (r"reports\._by", _IMPORT),
    (
        (
            r"fragments\.FragmentReader.*gc=|messages\.MessageWriter\.write_lines?"
            r"|plan\.Planner\._probe_answered"
            r"|_session\.mount\(|_session\.trust_env|Block\._integers: `if stop"
            r"|with_loadable_text: `if b|>= _VOLUME|< self\._at_once_at_most"
            r"|_read_together: `if b\"N\".*→.*\"(?:E\" in lines or|e\" in lines and)"
        ),
        _EFFORT,
    ),
    (
        (
            r"t\.cast\(|DAY_MS\)`|self\.refused = |poll\.register\(raw"
            r"|_Volume\.__init__: `self\.size|strict=(?:None|False)\)|\.cast\(\"I\"\)"
            r"|_rows_before_cut: .*rfind\(b\"\}\", 1,"
            r"|_own_account: Key = \(\)`|array\(\"q\", accounts\)"
            r"|Transport\.send.*(?:\"linkedin-version\"|\"CONTENT-TYPE\"|\"post\", query)"
            r"|log\.warning\(\"%s\", (\w+)\)` → `self\.log\.warning\(\1\)"
        ),
        _SAME,
    ),
    (
        (
            r"asking\._ask_band: `while|asking\._band: `cost_of|asking\._later|asking\.ask_first"
            r"|asking\..*(?:count|rows\[account\]) >= FULLEST|asking\.ask_next: `days_left"
            r"|days_to_learn_from: `if rows \* part|GroupPlan\._expectation"
            r"|asking\.ask_next: `_ask_band.*→ `_ask_band\(group, accounts"
            r"|bands\._filled|bands\.best_band: `loss"
            r"|GroupPlan\.(?:first_days|learn: |learn_from_cut)"
            r"|Planner\.next_chunk: `self\._may_plan|Planner\.too_large: `self\._probe_answered"
        ),
        _PLAN,
    ),
    (
        r"Outlook\._changed: `self\.version|Share\.__init__: `self\._worked_out|was_cut=None",
        _SAME,
    ),
    (
        (
            r"log = self\._run\.log|Remedy\.\w+, 1, f|name=\"linkedin-request\""
            r"|AccessToken\(access_token, 1\)"
        ),
        _LOG,
    ),
    (
        r"Planner\._close: `chunk, \[c for c",
        (
            "Differs only where an answer about an ad account that is set aside contradicts an "
            "earlier one; then it would be asked for a few times more"
        ),
    ),
)

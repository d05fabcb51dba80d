"""Why mutants survive: patterns of ``place: before → after`` as docs/mutants.md has them."""

from __future__ import annotations

_FALLBACK = "The same rows, read slowly: the fast reading of rows falls back on the careful one"
_IMPORT = "Carried out when the module is imported, before a mutant is switched on"
_EFFORT = (
    "Only the number or size of requests or writes changes; what is read is held by other tests"
)
_SAME = "No difference: both forms mean the same here"
_LOG = "Wording or level of a log line, or a number that is shown nowhere"
_OS = "What the operating system does with a file or a clock; tests of the tap as a process hold it"

_UNSEEN = (
    "Reached only by an answer of a shape that nobody has seen; a test would have to make it up"
)
_TWICE = "The same records, written the other way: tests hold both ways of writing them equal"

REASONS: tuple[tuple[str, str], ...] = (
    (r"fragments\.FragmentReader", _FALLBACK),
    (r"reports\._by", _IMPORT),
    (
        (
            r"(bands|asking|outlook|shares|group_plan)\.\w+|plan\.Planner\._probe_answered"
            r"|plan\.Planner\.(expected_rows|whole)|messages\.MessageWriter\.write_line"
        ),
        _EFFORT,
    ),
    (r"t\.cast\(|pivots\.PivotColumns\.declared|pendulum\.now|DAY_MS\)`", _SAME),
    (r"log = self\._run\.log|Remedy\.\w+, 1, f", _LOG),
    (r"RequestFailedError\(failure, stream\), \)", _UNSEEN),
    (r"flattening_enabled", _TWICE),
    (r"messages\._w(ait_for|hole)|stdout_reader|clock\.", _OS),
)

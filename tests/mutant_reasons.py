"""Why mutants survive: patterns of ``place: before → after`` as docs/mutants.md has them."""

from __future__ import annotations

_FALLBACK = "The same rows, read slowly: the fast reading of rows falls back on the careful one"
_IMPORT = "Carried out when the module is imported, before a mutant is switched on"
_EFFORT = "Only the number of requests or writes changes, not what is read"
_SAME = "No difference: both forms mean the same here"
_LOG = "Wording or level of a log line, or a number that is shown nowhere"
_OS = "What the operating system does with a file or a clock; tests of the tap as a process hold it"

REASONS: tuple[tuple[str, str], ...] = (
    (r"fragments\.FragmentReader", _FALLBACK),
    (r"reports\._by", _IMPORT),
    (
        (
            r"windows\.fewest_parts|windows\.cut_by_days|tracks\.Track|plan\.Planner\._learn"
            r"|plan\.Planner\.(expected_rows|whole)|messages\.MessageWriter\.write_line"
        ),
        _EFFORT,
    ),
    (r"t\.cast\(|pivots\.PivotColumns\.declared|pendulum\.now|DAY_MS\)`", _SAME),
    (r"log = self\._run\.log|Remedy\.\w+, 1, f", _LOG),
    (r"messages\._w(ait_for|hole)|stdout_reader|clock\.", _OS),
)

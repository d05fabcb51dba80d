"""What a Meltano project selects: its ``select`` list, which it hands to every command. Pure.

Source: Meltano, "Selecting Data". A pattern is ``stream.column`` with wildcards; ``!`` excludes.
"""

from __future__ import annotations

import copy
import fnmatch
import json
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIABLE = "TAP_LINKEDIN_ADS__SELECT"


def patterns(environment: Mapping[str, str]) -> list[str]:
    """Return Meltano's ``select`` list, empty where there is none."""
    try:
        found = json.loads(environment.get(VARIABLE, "[]"))
    except ValueError:
        return []
    return [str(pattern) for pattern in found] if isinstance(found, list) else []


def selected(catalog: Mapping[str, t.Any], select: Sequence[str]) -> dict[str, t.Any]:
    """Return a catalog with the selection of a ``select`` list, as Meltano would make it."""
    chosen = copy.deepcopy(dict(catalog))
    wanted = [_parts(pattern) for pattern in select if not pattern.startswith("!")]
    unwanted = [_parts(pattern[1:]) for pattern in select if pattern.startswith("!")]
    for stream in chosen["streams"]:
        name = stream["tap_stream_id"]
        include = [column for of, column in wanted if fnmatch.fnmatch(name, of)]
        exclude = [column for of, column in unwanted if fnmatch.fnmatch(name, of)]
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = bool(include) and "*" not in exclude
            elif entry["metadata"].get("inclusion") == "available":
                column = entry["breadcrumb"][-1]
                entry["metadata"]["selected"] = _any(column, include) and not _any(column, exclude)
    return chosen


def _parts(pattern: str) -> tuple[str, str]:
    stream, _, column = pattern.partition(".")
    return stream, column or "*"


def _any(column: str, wildcards: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(column, wildcard) for wildcard in wildcards)

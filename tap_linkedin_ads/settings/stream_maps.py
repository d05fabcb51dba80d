"""Stream maps: for which streams they count, and which names in them do not exist."""

from __future__ import annotations

import difflib
import fnmatch
import typing as t
from collections.abc import Mapping

from singer_sdk.singerlib import Catalog

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from singer_sdk.mapper import PluginMapper

_LEFT_OUT = (None, "__NULL__")
"""How a map says that a column is left out."""


def register(mapper: PluginMapper, catalog: Catalog) -> None:
    """Return selected streams their maps, and the others none.

    The SDK would refuse a run for a map of a stream that is not selected, because the columns that
    the map needs are not selected either.
    """
    selected = {n for n, entry in catalog.items() if entry.metadata.resolve_selection()[()]}
    maps = mapper.stream_maps_dict
    for names, counting in ((selected, maps), (catalog.keys() - selected, {})):
        mapper.stream_maps_dict = counting
        mapper.register_raw_streams_from_catalog(Catalog({n: catalog[n] for n in names}))
    mapper.stream_maps_dict = maps


def unknown_names(
    maps: Mapping[str, t.Any] | None, offered: Mapping[str, Collection[str]]
) -> list[str]:
    """Say which maps have no effect because of a name that does not exist.

    An expression that names an unknown column is not looked at: the SDK refuses it.

    Args:
        maps: The setting ``stream_maps``.
        offered: The columns of each stream that exists with the present settings.

    Returns:
        A line for each name, with the nearest one that exists.
    """
    found = []
    for key, value in (maps or {}).items():
        if key.startswith("__"):
            continue
        source = value.get("__source__", key) if isinstance(value, Mapping) else key
        matching = [name for name in offered if fnmatch.fnmatch(name, str(source))]
        if not matching:
            found.append(
                f"stream_maps names the stream {source}{nearest(source, offered)}, which does not "
                "exist with these settings, so the map has no effect"
            )
        elif isinstance(value, Mapping):
            columns = {column for name in matching for column in offered[name]}
            found += [
                f"stream_maps leaves out the column {column}{nearest(column, columns)} of "
                f"{source}, which does not exist"
                for column, definition in value.items()
                if definition in _LEFT_OUT and column not in columns and not column.startswith("__")
            ]
    return found


def nearest(name: object, known: Iterable[str]) -> str:
    """Return `` (did you mean ...?)`` with the known name nearest to a misspelt one, or nothing."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""

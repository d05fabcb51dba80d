"""The catalog and the state as they are handed in: what is wrong with them, in words."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

from singer_sdk.exceptions import ConfigValidationError, MappingError

from tap_linkedin_ads.settings.stream_maps import nearest

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from singer_sdk.singerlib import Catalog

Json = dict[str, t.Any]
_OWNERS = frozenset({"account_id", "organization_id"})
"""Contexts of this tap's bookmarks, which are days or instants."""
_OTHER_KEYS = frozenset({"currently_syncing"})
"""What Singer's states hold beside bookmarks."""
_MOST_NAMED = 5


def read(file: t.IO[str] | None, what: str) -> Json | None:
    """Read a file that holds one JSON object.

    Args:
        file: The open file, None where none was named.
        what: What it is to the user: ``catalog`` or ``state``.

    Raises:
        ConfigValidationError: It holds something else.
    """
    if file is None:
        return None
    try:
        found = json.load(file)
    except ValueError as error:
        raise _wrong(f"{what}: {file.name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise _wrong(f"{what}: {file.name} holds no JSON object")
    return found


def read_catalog(file: t.IO[str] | None) -> Json | None:
    """Read a catalog; one over which the SDK would stumble is refused.

    Raises:
        ConfigValidationError: It is no catalog.
    """
    catalog = read(file, "catalog")
    if catalog is None:
        return None
    streams = catalog.get("streams")
    if (
        isinstance(streams, list)
        and streams
        and all(isinstance(s, dict) and isinstance(s.get("tap_stream_id"), str) for s in streams)
        and all(isinstance(s.get("schema"), dict) for s in streams)
        and all(isinstance(s.get("metadata", []), list) for s in streams)
    ):
        return catalog
    raise _wrong(
        "catalog: it lists no streams as --discover does; create a new one with --discover"
    )


def nothing_selected() -> ConfigValidationError:
    """Return the error for a catalog with which nothing would be read, in silence."""
    return _wrong("catalog: it selects no stream of this tap; select some, or make it anew")


def complaints(error: ConfigValidationError | MappingError) -> list[str]:
    """Return what is wrong with settings and input files, a line each."""
    if isinstance(error, ConfigValidationError):
        return [str(line) for line in error.errors]
    return [f"stream_maps: {error}"]


def unwrapped(state: Json) -> tuple[Json, str]:
    """Take a state out of what it was kept in: a Singer message, or what Meltano prints.

    Returns:
        The state, and a line that says where it was found; empty where nothing was around it.
    """
    around = []
    while "bookmarks" not in state:
        key = "value" if state.get("type") == "STATE" else "singer_state"
        if not isinstance(inner := state.get(key), dict):
            break
        state = inner
        around.append(key)
    where = ".".join(around)
    return state, f"state: it is taken out of the {where} that was handed in" if where else ""


def check_state(state: Json, streams: Collection[str]) -> None:
    """Refuse a state that means nothing to this tap.

    Args:
        state: The state.
        streams: Every stream that this tap may keep a bookmark of.

    Raises:
        ConfigValidationError: It is damaged, or the state of another tap.
    """
    if "bookmarks" not in state and (foreign := sorted(state.keys() - _OTHER_KEYS)):
        raise _wrong(
            f"state: it holds no bookmarks but {_shown(foreign)}, so this is no state of this tap: "
            "run without it"
        )
    bookmarks = state.get("bookmarks")
    if bookmarks is not None and not isinstance(bookmarks, dict):
        raise _wrong("state: bookmarks is no object: run without it, or with an earlier one")
    for stream, bookmark in (bookmarks or {}).items():
        if not isinstance(bookmark, dict):
            raise _wrong(
                f"state: the bookmark of {stream} is no object, so this is the state of another "
                "tap: run without it"
            )
        partitions = bookmark.get("partitions", [])
        if not isinstance(partitions, list) or not all(isinstance(p, dict) for p in partitions):
            raise _wrong(
                f"state: the partitions of {stream} are no array of objects: run without it, or "
                "with an earlier one"
            )
        for partition in partitions:
            value = partition.get("replication_key_value")
            if _OWNERS.intersection(partition.get("context") or ()) and not _is_day(value):
                raise _wrong(
                    f"state: a bookmark of {stream} is {str(value)[:40]!r}; expected a date or "
                    "date-time: mend it, or run without it"
                )

    if bookmarks and not bookmarks.keys() & set(streams):
        raise _wrong(
            f"state: this tap has none of its streams ({_shown(sorted(bookmarks))}), so this is "
            "the state of another tap: run without it"
        )


def _shown(names: Sequence[str]) -> str:
    """Name the first of several names; a state of another tap may hold thousands."""
    some = ", ".join(names[:_MOST_NAMED])
    return f"{some}, ..." if len(names) > _MOST_NAMED else some


def _is_day(value: object) -> bool:
    """Whether a bookmark is missing, or begins with a date."""
    if not isinstance(value, str):
        return value is None
    try:
        dt.date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def not_offered(catalog: Catalog | None, offered: Mapping[str, Collection[str]]) -> list[str]:
    """Say which streams and columns a catalog selects that do not exist.

    Args:
        catalog: The catalog that was handed in, None where none was.
        offered: The columns of each stream that exists with the present settings.

    Returns:
        A line for the streams, and one for each stream with such columns.
    """
    selected = [e for e in (catalog.streams if catalog else ()) if e.metadata.root.selected]
    gone = [entry.tap_stream_id for entry in selected if entry.tap_stream_id not in offered]
    found = []
    if gone:
        found.append(
            "the catalog selects streams that do not exist with these settings, so they are not "
            f"read: {_with_nearest(gone, offered)}; create a new one with --discover"
        )
    for entry in selected:
        columns = offered.get(entry.tap_stream_id)
        unknown = [
            breadcrumb[1]
            for breadcrumb, metadata in entry.metadata.items()
            if columns is not None
            and len(breadcrumb) == 2  # noqa: PLR2004 - ("properties", the column)
            and metadata.selected
            and breadcrumb[1] not in columns
        ]
        if columns is not None and unknown:
            found.append(
                f"the catalog selects columns of {entry.tap_stream_id} that do not exist: "
                f"{_with_nearest(unknown, columns)}; create a new one with --discover"
            )
    return found


def _with_nearest(names: Iterable[str], known: Collection[str]) -> str:
    return ", ".join(f"{name}{nearest(name, known)}" for name in names)


def _wrong(reason: str) -> ConfigValidationError:
    return ConfigValidationError("Wrong input", errors=[reason])

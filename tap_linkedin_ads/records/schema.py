"""Finds ``schemas/`` and hands out schemas by stream name.

``schemas/`` is the only place where a column is declared. A file may carry ``x-`` annotations for
the tap's own use; they are taken out of what the tap publishes. With ``x-extends`` it has the
columns of another file as well, save those that ``x-without`` names.

LinkedIn's rule: LI-26.
"""

from __future__ import annotations

import functools
import json
import typing as t
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

Schema = dict[str, t.Any]


def _directory() -> t.Any:  # noqa: ANN401  importlib's Traversable or a Path
    """Return ``schemas/`` inside the installed package, or at the top of a checkout."""
    packaged = files("tap_linkedin_ads") / "schemas"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "schemas"


@functools.cache
def read(name: str) -> Schema:
    """Return ``schemas/<name>.json`` with what it extends; do not change what you get.

    What LinkedIn always sends (``x-always``) is not inherited: other streams' rows may lack it.
    """
    loaded: Schema = json.loads((_directory() / f"{name}.json").read_text(encoding="utf-8"))
    if extended := loaded.get("x-extends"):
        own, left_out = loaded["properties"], loaded.get("x-without", ())
        inherited = {
            column: {key: value for key, value in declared.items() if key != "x-always"}
            for column, declared in read(extended)["properties"].items()
            if column not in left_out
        }
        loaded["properties"] = {**inherited, **own}
    return loaded


@functools.cache
def stream_names() -> tuple[str, ...]:
    """Return the names of all schema files, which are the names of all built-in streams."""
    return tuple(
        sorted(
            entry.name.removesuffix(".json")
            for entry in _directory().iterdir()
            if entry.name.endswith(".json")
        )
    )


def published(schema: Mapping[str, t.Any]) -> Schema:
    """Return a copy without the ``x-`` annotations, at any depth."""
    return {
        key: published(value) if isinstance(value, Mapping) else value
        for key, value in schema.items()
        if not key.startswith("x-") and key != "$schema"
    }


def stream_schema(name: str, api_version: str | None = None) -> Schema:
    """Return the published schema of a plain stream, without what an API version lacks."""
    own = read(name)
    columns = {
        column: declared
        for column, declared in _published_columns(name).items()
        if api_version is None or own["properties"][column].get("x-since", "") <= api_version
    }
    return {**published({**own, "properties": {}}), "properties": columns}


@functools.cache
def _published_columns(name: str) -> Schema:
    """Return the columns of a file; all streams that have them share them."""
    return published(read(name)["properties"])


def always_sent(name: str) -> list[str]:
    """Return the columns of a stream that LinkedIn's documentation says are in every object."""
    if name not in stream_names():
        return []  # a custom report
    columns = read(name).get("properties", {})
    return [column for column, declared in columns.items() if declared.get("x-always")]


def newer_than(api_version: str) -> list[str]:
    """Return what an API version (YYYYMM) does not have yet: metrics, then streams' columns."""
    metrics = read("metrics")["properties"].values()
    found = [
        metric["x-linkedin"]["name"]
        for metric in metrics
        if metric["x-linkedin"].get("since", "") > api_version
    ]
    return found + [
        f"{name}.{column}"
        for name in stream_names()
        for column, declared in read(name).get("properties", {}).items()
        if declared.get("x-since", "") > api_version
    ]


def report_schema(
    name: str,
    *,
    pivots: Iterable[str],
    metric_columns: Iterable[str],
    title: str,
    description: str,
) -> Schema:
    """Return the published schema of a report stream.

    Args:
        name: The file with the report's own columns. With ``x-pivots`` it gets the columns of
            the pivots, and in any case those of the metrics.
        pivots: The report's pivots.
        metric_columns: Columns of the metrics that the report offers.
        title: The stream's name.
        description: What one row is; empty takes the file's own words.
    """
    own, metrics = read(name), _published_columns("metrics")
    columns = dict(_published_columns(name))
    if own.get("x-pivots"):
        for pivot in pivots:
            columns.update(published(read("pivots")[pivot]["properties"]))
    columns.update((column, metrics[column]) for column in metric_columns)
    words = " ".join(filter(None, (description, own["description"])))
    found = published({**own, "title": title, "description": words, "properties": {}})
    return {**found, "properties": columns}

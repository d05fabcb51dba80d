"""Copies of rows, several times as fast as ``copy.deepcopy``: rows are what JSON can say."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")


def copied(value: Value) -> Value:
    """Return a copy that shares no object or list with the value."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [copied(part) for part in value]  # type: ignore[return-value]
    return value

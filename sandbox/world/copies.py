"""Copies of rows, many times as fast as ``copy.deepcopy``: rows are what JSON can say."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")

_NESTED = (dict, list)


def copied(value: Value) -> Value:
    """Return a copy that shares no object or list with the value."""
    if isinstance(value, dict):
        return {  # type: ignore[return-value]
            name: copied(part) if isinstance(part, _NESTED) else part
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [copied(part) if isinstance(part, _NESTED) else part for part in value]  # type: ignore[return-value]
    return value

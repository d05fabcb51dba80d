"""LinkedIn's URNs: ``urn:li:<entity type>:<id>``."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[0-9]{1,19}")
_MAX_LONG = 2**63 - 1


def make(entity_type: str, key: int | str) -> str:
    return f"urn:li:{entity_type}:{key}"


def last_part(urn: str) -> str:
    """Return what stands behind the last colon: ``urn:li:person:aBc`` gives ``aBc``."""
    return urn.rpartition(":")[2]


def kind(urn: str) -> str:
    """Return the entity type, ``share`` of ``urn:li:share:7``; empty where the text is no URN."""
    parts = urn.split(":", 3)
    return parts[2] if len(parts) > 3 and parts[0] == "urn" else ""  # noqa: PLR2004  urn:li:type:id


def number(urn: str) -> int | None:
    """Return the last part as a 64-bit integer, or None where it is not one.

    A plain number in a string counts as well, because LinkedIn's answers were seen to hold
    either.
    """
    part = last_part(urn)
    if _NUMBER.fullmatch(part) and int(part) <= _MAX_LONG:
        return int(part)
    return None

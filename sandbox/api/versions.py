"""Which LinkedIn-Version values are active on a day.

LinkedIn opens a version about the middle of every month except December and switches it off about
a year later. Where the day of the sunset has been published, that day counts.
"""

from __future__ import annotations

import datetime as dt
import re

from sandbox.api import rules

_PUBLISHED: dict[int, dt.date] = {
    202411: dt.date(2025, 11, 17),
    202508: dt.date(2026, 8, 17),
    202511: dt.date(2026, 11, 16),
    202603: dt.date(2027, 3, 16),
    202608: dt.date(2027, 8, 17),
}
"""The sunsets that LinkedIn did not put on the fifteenth."""

_MIDDLE = 15
_LAST_MONTH = 11

#: The first version of all.
_FIRST = 202206

#: The first version whose paths and pages are the ones that this sandbox serves.
OLDEST = 202401


def opening(version: int) -> dt.date | None:
    """Return the day from which a version is served; None if there is never one of that name."""
    year, month = divmod(version, 100)
    if version < _FIRST or month not in range(1, _LAST_MONTH + 1):
        return None
    return dt.date(year, month, _MIDDLE)


def sunset(version: int) -> dt.date:
    """Return the first day on which a version is not served any more."""
    year, month = divmod(version, 100)
    return _PUBLISHED.get(version) or dt.date(year + 1, month, _MIDDLE)


def is_active(version: int, today: dt.date, *, old_versions: bool = False) -> bool:
    """Tell whether a version is served on a day.

    Args:
        version: YYYYMM as a number.
        today: The day.
        old_versions: Versions that have been switched off are served, too.
    """
    opened = opening(version)
    if opened is None or today < opened:
        return False
    return today < sunset(version) or (old_versions and version >= OLDEST)


def active(today: dt.date) -> list[int]:
    """Return the versions that are served on a day, oldest first."""
    years = (today.year - 1, today.year)
    months = [year * 100 + month for year in years for month in range(1, _LAST_MONTH + 1)]
    return [version for version in months if is_active(version, today)]


def check(header: str | None, today: dt.date, *, old_versions: bool = False) -> int:
    """Return the requested version.

    Args:
        header: Value of LinkedIn-Version, ``YYYYMM`` or ``YYYYMM.RR``.
        today: The day of the request.
        old_versions: Accept versions that have been switched off.

    Returns:
        The version as a number, such as 202609.

    Raises:
        rules.Refusal: The header is missing, or the version is not active on that day.
    """
    if header is None or not header.strip():
        raise rules.legacy(
            "version_missing",
            400,
            "A version must be present. Please specify a version by adding the "
            "Linkedin-Version header.",
            code="VERSION_MISSING",
        )
    match = re.fullmatch(r"(\d{6})(?:\.\d{2})?", header.strip(), re.ASCII)
    version = int(match.group(1)) if match else 0
    if not is_active(version, today, old_versions=old_versions):
        shown = f"{match.group(1)}01" if match else header.strip()
        raise rules.legacy(
            "version_inactive",
            426,
            f"Requested version {shown} is not active",
            code="NONEXISTENT_VERSION",
        )
    return version

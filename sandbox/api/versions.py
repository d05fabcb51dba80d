"""Which LinkedIn-Version values are active on a day.

LinkedIn publishes a version every month except December and withdraws it about a year later. The
table holds the months whose sunset date has been published; a month that is not in it does not
exist for this sandbox.
"""

from __future__ import annotations

import datetime as dt
import re

from sandbox.api import rules

SUNSETS: dict[int, dt.date] = {
    202409: dt.date(2025, 9, 15),
    202410: dt.date(2025, 10, 15),
    202411: dt.date(2025, 11, 17),
    202505: dt.date(2026, 5, 15),
    202506: dt.date(2026, 6, 15),
    202507: dt.date(2026, 7, 15),
    202508: dt.date(2026, 8, 17),
    202509: dt.date(2026, 9, 15),
    202510: dt.date(2026, 10, 15),
    202511: dt.date(2026, 11, 16),
    202601: dt.date(2027, 1, 15),
    202602: dt.date(2027, 2, 15),
    202603: dt.date(2027, 3, 16),
    202604: dt.date(2027, 4, 15),
    202605: dt.date(2027, 5, 15),
    202606: dt.date(2027, 6, 15),
    202607: dt.date(2027, 7, 15),
    202608: dt.date(2027, 8, 17),
    202609: dt.date(2027, 9, 15),
}

#: The first version whose paths and pages are the ones that this sandbox serves.
OLDEST = 202401


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
    sunset = SUNSETS.get(version)
    active = sunset is not None and today < sunset
    if old_versions and version >= OLDEST:
        active = version % 100 in range(1, 12)
    if not active or version > today.year * 100 + today.month:
        shown = f"{match.group(1)}01" if match else header.strip()
        raise rules.legacy(
            "version_inactive",
            426,
            f"Requested version {shown} is not active",
            code="NONEXISTENT_VERSION",
        )
    return version

"""LinkedIn's API versions: when they end, and which one to go on with.

Rules LI-1, LI-25: every request names a month; a version opens about the middle of its month, lives
for a year, and answers 426 before and after. There is none for December.
"""

from __future__ import annotations

import datetime as dt
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_MONTHS = 12
"""Versions that are tried before the tap gives up: LinkedIn keeps a year of them."""
_DECEMBER = 12
_SUNSETS = {
    "202601": dt.date(2027, 1, 15),
    "202602": dt.date(2027, 2, 15),
    "202603": dt.date(2027, 3, 16),
    "202604": dt.date(2027, 4, 15),
    "202605": dt.date(2027, 5, 15),
    "202606": dt.date(2027, 6, 15),
    "202607": dt.date(2027, 7, 15),
    "202608": dt.date(2027, 8, 17),
    "202609": dt.date(2027, 9, 15),
}


def is_known(version: str) -> bool:
    """Whether LinkedIn had announced a version's sunset when this release was made."""
    return version in _SUNSETS


def sunset_of(version: str) -> dt.date:
    """Return the UTC day on which a version ends: as announced, or a year after its month."""
    year, month = int(version[:4]), int(version[4:])
    return _SUNSETS.get(version, dt.date(year + 1, month, 15))


def recent(today: dt.date) -> Iterator[str]:
    """Yield the versions that may be alive on a day as YYYYMM, the present month's first."""
    year, month = today.year, today.month
    for _ in range(MOST_MONTHS + 1):
        if month != _DECEMBER:
            yield f"{year}{month:02}"
        year, month = (year, month - 1) if month > 1 else (year - 1, _DECEMBER)


class ApiVersion:
    """The version that requests name. Safe to use from several threads.

    Attributes:
        current: YYYYMM.
        is_pinned: The user set it, so it is never left.
        refused: The version that was left because LinkedIn has switched it off; empty if none was.
    """

    def __init__(self, version: str, *, is_pinned: bool, today: dt.date) -> None:
        """Start with a version; ``today`` (UTC) decides which others are tried."""
        self.current = version
        self.is_pinned = is_pinned
        self.refused = ""
        self._today = today
        self._lock = threading.Lock()

    def follow_on(self, refused: str, answers: Callable[[str], bool]) -> bool:
        """Go on with the newest version that LinkedIn answers.

        The search is made once: every further 426 is final.

        Args:
            refused: The version that a request was refused for.
            answers: Asks LinkedIn, in one request, whether it answers a version.

        Returns:
            Whether the request is worth sending again.
        """
        with self._lock:
            if self.current != refused:
                return True
            if self.is_pinned or self.refused:
                return False
            self.refused = refused
            tried = (version for version in recent(self._today) if version != refused)
            for _, version in zip(range(MOST_MONTHS), tried, strict=False):
                if answers(version):
                    self.current = version
                    return True
            return False

"""How far each ad account of a plan is read, and which are set aside."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.reporting.windows import DAY

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.group_plan import GroupPlan
    from tap_linkedin_ads.reporting.windows import Window


class Frontiers:
    """The day up to which every field group of an ad account is answered."""

    def __init__(
        self, accounts: Sequence[int], groups: Sequence[GroupPlan], window: Window
    ) -> None:
        """Begin before the first day of a window."""
        self._accounts = accounts
        self._groups = groups
        self._end = window.end
        self._set_aside: dict[int, dt.date] = {}
        self._reported = dict.fromkeys(accounts, window.start - DAY)

    def set_aside(self, account: int) -> None:
        """Leave an ad account where it is: nothing more is asked about it."""
        self._set_aside.setdefault(account, self.of(account))

    def is_set_aside(self, account: int) -> bool:
        return account in self._set_aside

    @property
    def accounts_left(self) -> tuple[int, ...]:
        return self.not_set_aside(self._accounts)

    def not_set_aside(self, accounts: Sequence[int]) -> tuple[int, ...]:
        return tuple(account for account in accounts if account not in self._set_aside)

    def of(self, account: int) -> dt.date:
        """Return the last day up to which every field group of an ad account is answered."""
        if account in self._set_aside:
            return self._set_aside[account]
        return self._answered([account])[account]

    def advanced(self) -> dict[int, dt.date]:
        """Return the ad accounts that are complete up to a later day than when last asked.

        An answer concerns more ad accounts than its request names: the rest of a window that
        had to be asked in parts may hold up everybody who shares the window.
        """
        found: dict[int, dt.date] = {}
        for account, frontier in self._answered(self._accounts).items():
            day = self._set_aside.get(account, frontier)
            if day > self._reported[account]:
                found[account] = self._reported[account] = day
        return found

    @property
    def unread(self) -> set[int]:
        """Return the ad accounts that are neither read to the last day nor set aside."""
        return {account for account in self.accounts_left if self.of(account) < self._end}

    def _answered(self, accounts: Sequence[int]) -> dict[int, dt.date]:
        found = [group.frontiers(accounts) for group in self._groups]
        return {account: min(days[account] for days in found) for account in accounts}

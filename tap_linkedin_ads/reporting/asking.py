"""Which days and ad accounts a field group asks for next.

The first field group goes ahead as far as its rows are steady. The others follow where its rows
are known, so that their answers are full without being cut.
"""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.reporting.bands import (
    COST_OF_KNOWN_PARTS,
    COST_OF_PARTS,
    Band,
    best_band,
    days_to_learn_from,
    pack,
    places_that_fit,
)
from tap_linkedin_ads.reporting.windows import DAY, FULLEST, LONGEST_WINDOW, Window

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.group_plan import GroupPlan

MOST_LEAD = 60_000
"""Rows by which the first field group is ahead of the others: they wait in memory."""
_FULL = 0.04
"""Part of a request that is lost where a field group does not wait for the first one."""
_BEHIND = 28
"""Days over which rows to come are averaged."""
_AHEAD_AT_ONCE, _AHEAD = 14, 28
"""Days that the first field group looks ahead at least, with others under way and without."""
_WEEK = 7
_SHORTER = 3
"""Days to leave out where parts that are full would not fit."""


def ask_given(
    group: GroupPlan, accounts: tuple[int, ...], periods: Sequence[Window], *, lists: bool
) -> None:
    """Put the next of the windows that are given into the queue, or the longest there may be."""
    last = min(group.cursor + DAY * (group.longest - 1), group.window.end)
    window = Window(group.cursor, last)
    if periods:
        window = next(period for period in periods if period.start >= group.cursor)
    group.cursor = window.end + DAY
    group.ask(window, accounts, lists=lists)


def ask_first(group: GroupPlan, accounts: tuple[int, ...], *, lead: float) -> None:
    """Let the first field group put its next requests into the queue, if it is time to."""
    outlook, start = group.share.outlook, group.at(group.cursor)
    if outlook.is_empty:
        if not group.open:
            _ask_days(group, accounts, min(group.first_days(len(accounts)), group.shorter))
        return
    steady = outlook.steady_days
    if lead > MOST_LEAD or (group.open and (start >= steady or not group.was_whole)):
        return
    ahead = max(steady - start, _AHEAD_AT_ONCE if group.open else _AHEAD)
    band = _band(group, accounts, ahead)
    # Parts of a band are all too large, or none is; and what is under way tells more.
    if not group.open or (band.parts == 1 and (band.loss <= _FULL or band.days < ahead)):
        _ask_band(group, accounts, band)


def ask_next(group: GroupPlan, accounts: tuple[int, ...], *, may_wait: bool) -> None:
    """Let another field group put its next requests into the queue, if it is time to.

    Args:
        group: The field group.
        accounts: Ad accounts to ask for.
        may_wait: More will be known of the first field group.
    """
    if not group.share.is_known:
        if not group.open and not (may_wait and group.share.outlook.is_empty):
            _ask_to_learn(group, accounts, may_wait=may_wait)
        return
    is_counted = group.share.is_counted
    if (not group.share.was_seen and group.open) or (may_wait and not is_counted):
        return
    start = group.at(group.cursor)
    known = group.share.outlook.known_days - start
    days_left = group.window.days - start
    if known > 0:
        band = _band(group, accounts, known, may_divide=is_counted)
        if band.loss <= _FULL or band.days < known or known >= days_left:
            _ask_band(group, accounts, band)
            return
    if not may_wait:
        _ask_band(group, accounts, _band(group, accounts, group.longest, may_divide=is_counted))


def _ask_to_learn(group: GroupPlan, accounts: tuple[int, ...], *, may_wait: bool) -> None:
    """Ask for the first time; for many days of metrics that few ads have."""
    if not group.often or group.share.outlook.is_empty:
        _ask_days(group, accounts, group.shorter)
        return
    start = group.at(group.cursor)
    end = min(start + group.shorter, group.window.days)
    days = days_to_learn_from(
        [group.at_most(day) for day in range(start, end)],
        later=_later(group, end),
        days_left=group.window.days - start,
        longest=group.longest,
        room=FULLEST,
    )
    if not may_wait or start + days <= group.share.outlook.known_days:
        _ask_days(group, accounts, days)


def _ask_days(group: GroupPlan, accounts: tuple[int, ...], days: int) -> None:
    start = group.at(group.cursor)
    window = group.between(start, min(start + days, group.window.days))
    group.cursor = window.end + DAY
    group.ask(window, accounts)


def _band(
    group: GroupPlan, accounts: Sequence[int], most_days: int, *, may_divide: bool = True
) -> Band:
    start = group.at(group.cursor)
    end = min(start + min(most_days, group.shorter), group.window.days)
    is_known = end <= group.share.outlook.known_days
    totals = [group.at_most(day) for day in range(start, end)]
    heaviest: list[float] = []
    if len(accounts) > 1 and (expected := sum(totals)) > FULLEST:
        rows = _rows(group, accounts, start, end)
        totals = [total * sum(rows.values()) / expected for total in totals]
        heaviest = [count / len(totals) for count in rows.values() if count > FULLEST]
    return best_band(
        totals,
        heaviest,
        later=_later(group, end),
        days_left=group.window.days - start,
        longest=group.longest,
        room=FULLEST,
        may_divide=may_divide and len(accounts) > 1,
        cost_of_parts=COST_OF_KNOWN_PARTS if is_known else COST_OF_PARTS,
    )


def _rows(group: GroupPlan, accounts: Iterable[int], start: int, end: int) -> dict[int, float]:
    """Return the rows of each ad account at most, by its own part in the field group."""
    days = range(start, end)
    expected = sum(map(group.share.on, days))
    room = sum(map(group.at_most, days)) / expected if expected else 1.0
    return {account: group.share.of(account, start, end) * room for account in accounts}


def _later(group: GroupPlan, start: int) -> float:
    """Return the rows to expect from a day on."""
    days = group.window.days - start
    if not days:
        return 0.0
    rows = [group.at_most(day) for day in range(start, start + min(days, LONGEST_WINDOW))]
    usual = sum(rows[-_BEHIND:]) / len(rows[-_BEHIND:])
    return sum(rows) + usual * (days - len(rows))


def _ask_band(group: GroupPlan, accounts: tuple[int, ...], band: Band) -> None:
    if band.parts == 1:
        _ask_days(group, accounts, band.days)
        return
    start = group.at(group.cursor)
    days = band.days
    found = _divided(group, accounts, start, days, band.parts)
    while len(found) > band.parts and days > max(1, band.days - _SHORTER):
        days -= 1
        found = _divided(group, accounts, start, days, band.parts)
    group.cursor = group.window.start + DAY * (start + days)
    for window, part in sorted(found):
        group.ask(window, part)


def _divided(
    group: GroupPlan, accounts: tuple[int, ...], start: int, days: int, parts: int
) -> list[tuple[Window, tuple[int, ...]]]:
    """Divide ad accounts into parts that fit; large ones have windows of their own."""
    end = start + days
    rows = _rows(group, accounts, start, end)
    found = list[tuple[Window, tuple[int, ...]]]()
    for account in [account for account in accounts if rows[account] > FULLEST]:
        by_day = [_rows(group, [account], day, day + 1)[account] for day in range(start, end)]
        windows = places_that_fit(by_day, FULLEST)
        found += [(group.between(start + a, start + b), (account,)) for a, b in windows]
        del rows[account]
    if rows:
        left = max(parts - len(found), 1)
        found += [(group.between(start, end), part) for part in pack(rows, left, FULLEST)]
    return found

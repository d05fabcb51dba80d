"""Whom earlier runs read, and through which day, as far as the state tells. Pure."""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api.resources import ACCOUNT_ID, ORGANIZATION_ID

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LastDays = dict[int, dt.date | None]
"""By ad account or page: the last day whose figures were read; None where no stream has days."""
_DAY_COLUMN = "metric_date"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What the state tells of earlier runs.

    Attributes:
        accounts: The ad accounts that they read.
        pages: Likewise company pages.
    """

    accounts: LastDays = field(default_factory=dict)
    pages: LastDays = field(default_factory=dict)

    @classmethod
    def of(cls, state: Mapping[str, t.Any]) -> EarlierRuns:
        """Read a state whose shape ``input_files.check_state`` has checked."""
        return cls(last_days(state, ACCOUNT_ID), last_days(state, ORGANIZATION_ID))

    def also(self, other: EarlierRuns) -> EarlierRuns:
        """Return what two states tell together, as where a tap has run with two loaders."""
        return EarlierRuns(_latest(self.accounts, other.accounts), _latest(self.pages, other.pages))


def _latest(one: LastDays, other: LastDays) -> LastDays:
    every = one.keys() | other.keys()
    return {key: _later(one.get(key), other.get(key)) for key in sorted(every)}


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def through(day: dt.date | None) -> str:
    """Say through which day somebody was read, where that is known."""
    return f" (last day read: {day})" if day else ""


def last_days(state: Mapping[str, t.Any], owner_key: str) -> LastDays:
    """Return whom any run has read in any stream.

    Args:
        state: The tap's state.
        owner_key: ``account_id`` or ``organization_id``.
    """
    found: LastDays = {}
    for partition in _partitions(state):
        context = partition.get("context")
        owner = str(context.get(owner_key)) if isinstance(context, dict) else ""
        if not owner.isdigit():
            continue
        found[int(owner)] = _later(found.get(int(owner)), _day(partition))
    return found


def _partitions(state: Mapping[str, t.Any]) -> Iterator[Mapping[str, t.Any]]:
    for stream in (state.get("bookmarks") or {}).values():
        yield from stream.get("partitions", ())


def _day(partition: Mapping[str, t.Any]) -> dt.date | None:
    value = partition.get("replication_key_value")
    if not value or partition.get("replication_key", _DAY_COLUMN) != _DAY_COLUMN:
        return None
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:  # said where the bookmark is used
        return None

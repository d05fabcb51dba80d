"""Takes in one answer: counts its rows and hands them to the merge.

A page is worked on column by column: a run has millions of rows.
"""

from __future__ import annotations

import collections
import datetime as dt
import functools
import itertools
import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records.values import shown
from tap_linkedin_ads.reporting.parameters import CAMPAIGN, pivots_of
from tap_linkedin_ads.reporting.periods import row_period
from tap_linkedin_ads.reporting.pivots import place_in_row, values_in_row
from tap_linkedin_ads.reporting.windows import Tally

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_linkedin_ads.api.responses import Page
    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.fragments import FragmentReader, Fragments, Key
    from tap_linkedin_ads.reporting.merge import Merge, Rows
    from tap_linkedin_ads.reporting.reports import Report

_LAST_YEAR = 9998
"""The last one whose periods all end within the calendar."""
_number = functools.lru_cache(maxsize=65_536)(urn.number)


@dataclass(slots=True)
class OddRows:
    """What cannot be taken as it is in the rows of an answer.

    Attributes:
        without_key: Why rows were left out, each with its ad account, None where nobody knows.
        unreadable: Values that are null, each with its row's ad account, first day and key.
    """

    without_key: list[tuple[int | None, str]] = field(default_factory=list)
    unreadable: list[tuple[int, dt.date, Key, UnreadableValue]] = field(default_factory=list)


def take_in(  # noqa: PLR0913  named arguments
    pages: Iterable[Page],
    *,
    report: Report,
    chunk: Chunk,
    reader: FragmentReader,
    merge: Merge | None,
    odd: OddRows,
) -> Tally:
    """Tally the rows of an answer, and hand their fragments to the merge.

    Args:
        pages: Rows as they came.
        report: The report.
        chunk: What was asked.
        reader: Reads the chunk's field group.
        merge: Takes the rows; None throws them away (a cut answer, or one that only names
            campaigns).
        odd: Takes the rows that cannot be told apart or that nobody asked for, which are left out,
            and the values that no column can hold.

    Returns:
        The tally of all rows. Those that are left out are counted in ``rows`` only.
    """
    intake = _Intake(report, chunk, merge, odd)
    for page in pages:
        intake.tally.rows += page.count
        intake.add(reader.read(page, intake.without_key))
    if merge is not None:
        merge.took_in(chunk.group_number)
    return intake.counted()


class _Intake:
    """The rows of one answer on their way to the merge."""

    def __init__(self, report: Report, chunk: Chunk, merge: Merge | None, odd: OddRows) -> None:
        self.tally = Tally()
        self._odd = odd
        self._is_merged = merge is not None
        self._only_account = chunk.accounts[0] if len(chunk.accounts) == 1 else None
        asked = pivots_of(report, chunk)
        self._expected = values_in_row(asked)
        pivots = asked if chunk.lists_campaigns else report.pivots
        self._account_at = place_in_row(pivots, "ACCOUNT")
        names_campaigns = merge is None or chunk.campaigns
        self._campaign_at = place_in_row(pivots, CAMPAIGN) if names_campaigns else None
        self._own_campaign: Key = ()
        if report.one_campaign_each and chunk.campaigns:
            self._own_campaign = (str(chunk.campaigns[0]),)
        self._own_account: Key = ()
        if report.account_is_apart and not chunk.lists_campaigns:
            self._own_account = (urn.make("sponsoredAccount", chunk.accounts[0]),)
        self._places = _Places(report, chunk, merge)
        self._counts: collections.Counter[_Place] = collections.Counter()

    def without_key(self, why: str) -> None:
        self._odd.without_key.append((self._only_account, why))

    def add(self, rows: Fragments) -> None:
        """Take in the rows of one page."""
        if not {self._expected}.issuperset(map(len, rows.keys)):
            rows = rows.where([self._is_as_long_as_asked(key) for key in rows.keys])
        at = self._account_at
        if self._own_account:
            rows.keys = [(*key[:at], *self._own_account, *key[at:]) for key in rows.keys]
        if self._own_campaign:
            rows.keys = [key + self._own_campaign for key in rows.keys]
        accounts = itertools.repeat("") if at is None else [key[at] for key in rows.keys]
        found = list(map(self._places.__getitem__, zip(rows.days, accounts, strict=False)))
        places = [place for place in found if isinstance(place, _Place)]
        if len(places) < len(found):
            rows = rows.where([isinstance(place, _Place) for place in found])
            for why in found:
                if isinstance(why, str):
                    self.without_key(why)
        self._counts.update(places)
        for number, unreadable in rows.unreadable.items():
            about = places[number].account, rows.days[number], rows.keys[number]
            self._odd.unreadable += [(*about, value) for value in unreadable]
        if self._campaign_at is not None:
            taken = list(map(self._counts_for_its_campaign, places, rows.keys))
            rows, places = rows.where(taken), list(itertools.compress(places, taken))
        for place, key, text in zip(places, rows.keys, rows.texts, strict=True):
            place.rows[key] = text

    def _is_as_long_as_asked(self, key: Key) -> bool:
        if len(key) != self._expected:
            self.without_key(f"a row with {len(key)} pivot values instead of {self._expected}")
        return len(key) == self._expected

    def _counts_for_its_campaign(self, place: _Place, key: Key) -> bool:
        value = key[self._campaign_at or 0]
        campaign = _number(value)
        if campaign is None:
            self._odd.without_key.append((place.account, f"a row of campaign {value!r}"))
            return False
        self.tally.by_campaign[campaign] += 1
        return True

    def counted(self) -> Tally:
        """Return the tally of all pages."""
        tally = self.tally
        for place, count in self._counts.items():
            tally.by_day[place.day] += count
            tally.by_account[place.account] += count
            # Without a merge the rows are this answer's own: one that came twice proves one.
            distinct = count if self._is_merged else len(place.rows)
            tally.by_cell[place.account, place.day] += distinct
        return tally


@dataclass(slots=True, eq=False)
class _Place:
    """Where the rows of one ad account and day (or month, or year) go."""

    account: int
    day: dt.date
    rows: Rows


_Cell = tuple[dt.date, str]


class _Places(dict[_Cell, _Place | str]):
    """By first day and ad account, as rows name them: their place, or why they have none."""

    def __init__(self, report: Report, chunk: Chunk, merge: Merge | None) -> None:
        self._report = report
        self._chunk = chunk
        self._merge = merge

    def __missing__(self, cell: _Cell) -> _Place | str:
        self[cell] = found = self._place(*cell)
        return found

    def _place(self, first: dt.date, account_value: str) -> _Place | str:
        chunk, merge = self._chunk, self._merge
        account = _number(account_value) if account_value else chunk.accounts[0]
        if account is None:
            return f"a row of {shown(account_value)!r}, which is no ad account"
        if account not in chunk.accounts:
            return f"a row of ad account {account}, which was not asked for"
        if first.year > _LAST_YEAR:
            return f"a row of {first}, which was not asked for"
        day = row_period(first, self._report.granularity, chunk.window).start
        if not chunk.window.start <= day <= chunk.window.end:
            return f"a row of {first}, which was not asked for"
        return _Place(account, day, {} if merge is None else merge.rows(account, day))

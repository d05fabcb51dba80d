"""Takes in one answer: counts its rows and puts them on sheets, which a merge can join.

A part is worked on column by column: a run has millions of rows.
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
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.parameters import CAMPAIGN, pivots_of
from tap_linkedin_ads.reporting.periods import row_period
from tap_linkedin_ads.reporting.pivots import place_in_row, values_in_row
from tap_linkedin_ads.reporting.sheets import Sheet
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, CellCounts, Tally

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_linkedin_ads.api.responses import Part, Read
    from tap_linkedin_ads.api.room import Body
    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.fragments import Fragments, Key
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.reporting.sheets import Rows

_PARTS = 20
"""Parts of an answer whose rows go on a sheet together."""
_KEYS_ONLY = FragmentReader(())
"""Reads rows of which nothing but their keys is wanted."""
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


@dataclass(slots=True)
class TakenIn:
    """What one answer held; it may wait, and takes little memory meanwhile.

    Attributes:
        rows: How many rows it has, with those that are left out.
        replaced: How many characters of their text were replaced.
        odd: The rows that cannot be told apart or that nobody asked for, which are left out, and
            the values that no column can hold.
        sheets: The other rows, where they are wanted.
        cells: How many they are, by ad account and day (or month, or year).
        by_campaign: How many there are by campaign, where campaigns matter.
    """

    rows: int = 0
    replaced: int = 0
    odd: OddRows = field(default_factory=OddRows)
    sheets: list[Sheet] = field(default_factory=list)
    cells: CellCounts = field(default_factory=CellCounts)
    by_campaign: collections.Counter[int] = field(default_factory=collections.Counter)

    def tally(self) -> Tally:
        """Count the rows that are not left out."""
        tally = Tally(self.rows, by_campaign=self.by_campaign)
        for account, day, rows in self.cells:
            tally.add(account, day, rows)
        return tally


def read_answer(
    body: Body,
    *,
    report: Report,
    chunk: Chunk,
    reader: FragmentReader,
    put: Callable[[list[bytes]], Read],
) -> TakenIn:
    """Take in an answer that has arrived.

    The rows of one that LinkedIn has cut, or that only names campaigns, are counted only.

    Args:
        body: The body.
        report: The report.
        chunk: What was asked.
        reader: Reads the chunk's field group.
        put: Puts pieces of text where there is room for them, one behind the other, and returns
            what reads a part of them.

    Raises:
        msgspec.DecodeError: The body is cut or no answer.
    """
    if not chunk.lists_campaigns:
        parts = body.parts(reader.row_decoder)
        found = take_in(parts, report=report, chunk=chunk, reader=reader, put=put)
        if found.rows < ELEMENT_LIMIT:
            return found
        del found
    return count_answer(body, report=report, chunk=chunk)


def count_answer(body: Body, *, report: Report, chunk: Chunk) -> TakenIn:
    """Count the rows of an answer, as ``read_answer`` does where they are not wanted."""
    parts = body.parts(_KEYS_ONLY.row_decoder)
    return take_in(parts, report=report, chunk=chunk, reader=_KEYS_ONLY, put=None)


def take_in(
    parts: Iterable[Part[t.Any]],
    *,
    report: Report,
    chunk: Chunk,
    reader: FragmentReader,
    put: Callable[[list[bytes]], Read] | None,
) -> TakenIn:
    """Take in the rows of an answer.

    Args:
        parts: The rows, decoded by the reader's decoder.
        report: The report.
        chunk: What was asked.
        reader: Reads the chunk's field group.
        put: As in ``read_answer``; None where the rows are counted only.
    """
    intake = _Intake(report, chunk, put)
    for part in parts:
        intake.add(part, reader)
    return intake.finished()


class _Intake:
    """The rows of one answer on their way to sheets."""

    def __init__(
        self, report: Report, chunk: Chunk, put: Callable[[list[bytes]], Read] | None
    ) -> None:
        self._found = TakenIn()
        self._odd = self._found.odd
        self._put = put
        self._group_number = chunk.group_number
        self._parts = 0
        self._only_account = chunk.accounts[0] if len(chunk.accounts) == 1 else None
        asked = pivots_of(report, chunk)
        self._expected = values_in_row(asked)
        pivots = asked if chunk.lists_campaigns else report.pivots
        self._account_at = place_in_row(pivots, "ACCOUNT")
        names_campaigns = put is None or chunk.campaigns
        self._campaign_at = place_in_row(pivots, CAMPAIGN) if names_campaigns else None
        self._own_campaign: Key = ()
        if report.one_campaign_each and chunk.campaigns:
            self._own_campaign = (str(chunk.campaigns[0]),)
        self._own_account: Key = ()
        if report.account_is_apart and not chunk.lists_campaigns:
            self._own_account = (urn.make("sponsoredAccount", chunk.accounts[0]),)
        self._asked = report, chunk
        self._places = _Places(report, chunk)

    def without_key(self, why: str) -> None:
        self._odd.without_key.append((self._only_account, why))

    def add(self, part: Part[t.Any], reader: FragmentReader) -> None:
        """Take in some rows."""
        self._found.rows += len(part.rows)
        self._found.replaced += part.replaced
        self._add(reader.read(part, self.without_key))
        self._parts += 1
        if self._put is not None and self._parts % _PARTS == 0:
            self._count()

    def finished(self) -> TakenIn:
        """Return what the answer held."""
        self._count()
        return self._found

    def _count(self) -> None:
        """Count what has come since the last time, and put it on a sheet where it is wanted."""
        rows = {cell: rows for cell, rows in self._places.rows.items() if rows}
        for account, day in sorted(rows):
            self._found.cells.add(account, day, len(rows[account, day]))
        if rows and self._put is not None:
            self._found.sheets.append(Sheet(self._group_number, rows, self._put))
        self._places = _Places(*self._asked)

    def _add(self, rows: Fragments) -> None:
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
        self._found.by_campaign[campaign] += 1
        return True


@dataclass(slots=True, eq=False)
class _Place:
    """Where the rows of one ad account and day (or month, or year) go."""

    account: int
    day: dt.date
    rows: Rows


_Cell = tuple[dt.date, str]


class _Places(dict[_Cell, _Place | str]):
    """By first day and ad account, as rows name them: their place, or why they have none.

    Attributes:
        rows: The rows that have a place, by ad account and day (or month, or year).
    """

    def __init__(self, report: Report, chunk: Chunk) -> None:
        self._report = report
        self._chunk = chunk
        self.rows: collections.defaultdict[tuple[int, dt.date], Rows]
        self.rows = collections.defaultdict(dict)

    def __missing__(self, cell: _Cell) -> _Place | str:
        self[cell] = found = self._place(*cell)
        return found

    def _place(self, first: dt.date, account_value: str) -> _Place | str:
        chunk = self._chunk
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
        return _Place(account, day, self.rows[account, day])

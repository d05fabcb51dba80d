"""Takes in one answer: counts its rows and hands them to the merge."""

from __future__ import annotations

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
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from tap_linkedin_ads.api.responses import Page
    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.fragments import Fragment, FragmentReader
    from tap_linkedin_ads.reporting.merge import Key, Merge, Rows
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


def take_in(  # noqa: C901, PLR0912, PLR0913, PLR0915  one pass over the rows, named arguments
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
    tally = Tally()
    only_account = chunk.accounts[0] if len(chunk.accounts) == 1 else None

    def without_key(why: str) -> None:
        odd.without_key.append((only_account, why))

    def read() -> Iterator[Iterable[Fragment]]:
        for page in pages:
            tally.rows += page.count
            yield reader.read(page, without_key)

    asked = pivots_of(report, chunk)
    expected = values_in_row(asked)
    pivots = asked if chunk.lists_campaigns else report.pivots
    account_at = place_in_row(pivots, "ACCOUNT")
    names_campaigns = merge is None or chunk.campaigns
    campaign_at = place_in_row(pivots, CAMPAIGN) if names_campaigns else None
    own_campaign: tuple[str, ...] = ()
    if report.one_campaign_each and chunk.campaigns:
        own_campaign = (str(chunk.campaigns[0]),)
    own_account = ""
    if report.account_is_apart and not chunk.lists_campaigns:
        own_account = urn.make("sponsoredAccount", chunk.accounts[0])
    places: dict[tuple[dt.date, str], _Place | str] = {}
    account_value = ""
    for first, own_key, fragment, unreadable in itertools.chain.from_iterable(read()):
        key = own_key + own_campaign
        if len(own_key) != expected:
            without_key(f"a row with {len(own_key)} pivot values instead of {expected}")
            continue
        if own_account:
            key = (*key[:account_at], own_account, *key[account_at:])
        if account_at is not None:
            account_value = key[account_at]
        try:
            place = places[first, account_value]
        except KeyError:
            place = _place(first, account_value, report, chunk, merge)
            places[first, account_value] = place
        if isinstance(place, str):
            without_key(place)
            continue
        place.count += 1
        if unreadable:
            odd.unreadable += [(place.account, first, key, found) for found in unreadable]
        if campaign_at is not None:
            if (campaign := _number(key[campaign_at])) is None:
                odd.without_key.append((place.account, f"a row of campaign {key[campaign_at]!r}"))
                continue
            tally.by_campaign[campaign] += 1
        place.rows[key] = fragment
    filled = [place for place in places.values() if not isinstance(place, str)]
    if merge is not None:
        merge.took_in(chunk.group_number)
    for place in filled:
        tally.by_day[place.day] += place.count
        tally.by_account[place.account] += place.count
        # Without a merge the rows are this answer's own: one that came twice proves one.
        distinct = len(place.rows) if merge is None else place.count
        tally.by_cell[place.account, place.day] += distinct
    return tally


@dataclass(slots=True)
class _Place:
    """Where the rows of one ad account and day (or month, or year) go."""

    account: int
    day: dt.date
    rows: Rows
    count: int = 0


def _place(
    first: dt.date, account_value: str, report: Report, chunk: Chunk, merge: Merge | None
) -> _Place | str:
    """Return where rows go, or why they go nowhere."""
    account = _number(account_value) if account_value else chunk.accounts[0]
    if account is None:
        return f"a row of {shown(account_value)!r}, which is no ad account"
    if account not in chunk.accounts:
        return f"a row of ad account {account}, which was not asked for"
    if first.year > _LAST_YEAR:
        return f"a row of {first}, which was not asked for"
    day = row_period(first, report.granularity, chunk.window).start
    if not chunk.window.start <= day <= chunk.window.end:
        return f"a row of {first}, which was not asked for"
    return _Place(account, day, {} if merge is None else merge.rows(account, day))

"""Takes in one answer: counts its rows and hands them to the merge."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.reporting.parameters import CAMPAIGN, pivots_of
from tap_linkedin_ads.reporting.periods import row_period
from tap_linkedin_ads.reporting.pivots import place_in_row, values_in_row
from tap_linkedin_ads.reporting.rows import UnreadableRowError
from tap_linkedin_ads.reporting.windows import Tally

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import msgspec

    from tap_linkedin_ads.reporting.fragments import FragmentReader
    from tap_linkedin_ads.reporting.merge import Key, Merge, Values
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.reporting.tracks import Piece

_number = functools.lru_cache(maxsize=65_536)(urn.number)


def take_in(
    rows: Sequence[msgspec.Raw],
    *,
    report: Report,
    piece: Piece,
    reader: FragmentReader,
    merge: Merge | None,
) -> Tally:
    """Tally the rows of an answer, and hand their fragments to the merge.

    Args:
        rows: Rows as they came.
        report: The report.
        piece: What was asked.
        reader: Reads the piece's field group.
        merge: Takes the rows; None throws them away (a cut answer, or one that only names
            campaigns).

    Returns:
        The tally of all rows. A row that nobody asked for is counted in ``rows`` only: it is
        incomplete here, and whoever asks for it gets it whole.

    Raises:
        UnreadableRowError: A row lacks its key fields or its ad account, or a metric is no number.
    """
    tally, lane = Tally(), piece.lane
    pivots = pivots_of(report, piece)
    expected = values_in_row(pivots)
    account_at = place_in_row(pivots, "ACCOUNT")
    names_campaigns = merge is None or piece.campaigns
    campaign_at = place_in_row(pivots, CAMPAIGN) if names_campaigns else None
    own_campaign: tuple[str, ...] = ()
    if report.one_campaign_each and piece.campaigns:
        own_campaign = (str(piece.campaigns[0]),)
    places: dict[tuple[dt.date, str], _Place | None] = {}
    account_value = ""
    for first, own_key, fragment in reader.read(rows):
        tally.rows += 1
        key = own_key + own_campaign
        if len(own_key) != expected:
            found = f"a row with {len(own_key)} pivot values"
            raise UnreadableRowError(f"{found} instead of {expected}")
        if account_at is not None:
            account_value = key[account_at]
        try:
            place = places[first, account_value]
        except KeyError:
            place = _place(first, account_value, report, piece, merge)
            places[first, account_value] = place
        if place is None:
            continue
        place.count += 1
        if campaign_at is not None and (campaign := _number(key[campaign_at])) is not None:
            tally.by_campaign[campaign] += 1
        known = place.rows.get(key)
        if known is None:
            place.rows[key] = {lane: fragment}
        else:
            known[lane] = fragment
    for place in filter(None, places.values()):
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
    rows: dict[Key, Values]
    count: int = 0


def _place(
    first: dt.date, account_value: str, report: Report, piece: Piece, merge: Merge | None
) -> _Place | None:
    """Return where rows go, or None where nobody asked for them."""
    account = _number(account_value) if account_value else piece.accounts[0]
    if account is None:
        raise UnreadableRowError(f"a row of {account_value[:80]!r}, which is no ad account")
    day = row_period(first, report.granularity, piece.window).start
    if account not in piece.accounts or not piece.window.start <= day <= piece.window.end:
        return None
    return _Place(account, day, {} if merge is None else merge.rows(account, day))

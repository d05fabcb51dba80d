"""Takes in one answer: counts its rows and hands them to the merge."""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads import urn
from tap_linkedin_ads.reporting.periods import DAILY, row_period
from tap_linkedin_ads.reporting.pivots import place_in_row, values_in_row
from tap_linkedin_ads.reporting.requests import CAMPAIGN, pivots_of
from tap_linkedin_ads.reporting.rows import UnreadableRowError
from tap_linkedin_ads.reporting.windows import Tally

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from tap_linkedin_ads.reporting.fragments import FragmentReader
    from tap_linkedin_ads.reporting.merge import Merge
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.reporting.tracks import Piece

_number = functools.lru_cache(maxsize=65_536)(urn.number)


def take_in(
    rows: Iterable[msgspec.Raw],
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
        UnreadableRowError: A row lacks its key fields, or a metric is no number.
    """
    tally, asked_for = Tally(), set(piece.accounts)
    first_day, last_day, lane = piece.window.start, piece.window.end, piece.lane
    pivots = pivots_of(report, piece)
    expected = values_in_row(pivots)
    account_at = place_in_row(pivots, "ACCOUNT")
    campaign_at = place_in_row(pivots, CAMPAIGN)
    own_campaign = (
        (str(piece.campaigns[0]),) if report.one_campaign_each and piece.campaigns else ()
    )
    by_day = report.granularity == DAILY
    account: int | None = piece.accounts[0]
    for raw in rows:
        tally.rows += 1
        start, key, fragment = reader.read(raw)
        if len(key) != expected:
            raise UnreadableRowError(f"a row with {len(key)} pivot values instead of {expected}")
        if account_at is not None:
            account = _number(key[account_at])
        if not by_day:
            start = row_period(start, report.granularity, piece.window).start
        if account not in asked_for or not first_day <= start <= last_day:
            continue
        tally.by_day[start] += 1
        tally.by_account[account] += 1
        if campaign_at is not None and (campaign := _number(key[campaign_at])) is not None:
            tally.by_campaign[campaign] += 1
        if merge is not None:
            merge.add(account, start, key + own_campaign, {lane: fragment})
    return tally

"""Asks LinkedIn how many rows a report has on one day, by ad account."""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.cohorts import MOST_ACCOUNTS
from tap_linkedin_ads.reporting.intake import count_answer
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Window

if t.TYPE_CHECKING:
    import collections
    import datetime as dt
    from collections.abc import Sequence

    from tap_linkedin_ads.streams.reports.ad_report import AdReport


def rows_of_day(stream: AdReport, day: dt.date, accounts: Sequence[int]) -> dict[int, int]:
    """Count the rows of a report on one day.

    Args:
        stream: The report.
        day: The day.
        accounts: Ad accounts in sight; LinkedIn has no rows of others, and no error either.

    Returns:
        The rows of each ad account that LinkedIn answers for. An answer that reaches LinkedIn's
        limit with one ad account in it counts as it is.

    Raises:
        RequestFailedError: Nothing at all can be asked.
    """
    found: dict[int, int] = {}
    waiting = [tuple(accounts)] if accounts else []
    while waiting:
        part = waiting.pop()
        together = MOST_ACCOUNTS if stream.layout.report.shares_accounts else 1
        if len(part) > together:
            waiting += [part[at : at + together] for at in range(0, len(part), together)]
            continue
        chunk = Chunk(0, Window(day, day), part)
        try:
            tally = _tally(stream, chunk)
        except RequestFailedError as error:
            if error.failure.remedy is Remedy.STOP:
                raise
            if stream.learn(chunk, 0, error.failure):
                waiting.append(part)  # what LinkedIn refused is not asked again
            elif len(part) > 1 and _is_of_one(error):
                waiting += _halves(part)
            continue
        if tally is None:
            waiting += _halves(part)
        else:
            found |= {account: tally[account] for account in part}
    return found


def _tally(stream: AdReport, chunk: Chunk) -> collections.Counter[int] | None:
    """Return the rows by ad account, None where LinkedIn may have cut an answer about several."""
    group = stream.layout.groups[chunk.group_number]
    answer = stream.run.client.fetch_report(
        stream.request(chunk),
        functools.partial(count_answer, report=stream.layout.report, chunk=chunk),
        names=len(group.fields),
        expected_rows=0,
    )
    if answer.rows >= ELEMENT_LIMIT and len(chunk.accounts) > 1:
        return None
    return answer.tally().by_account


def _is_of_one(error: RequestFailedError) -> bool:
    """Whether the others may be answered without one of the ad accounts."""
    return error.failure.remedy is Remedy.SET_ASIDE and not error.failure.scope_missing


def _halves(part: tuple[int, ...]) -> list[tuple[int, ...]]:
    middle = len(part) // 2
    return [part[:middle], part[middle:]]

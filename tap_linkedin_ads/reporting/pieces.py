"""The smaller pieces in which a chunk is asked for again whose answer was cut.

Dates are cut first, then ad accounts, then the campaigns that have rows on that day.
"""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass, field, replace

from tap_linkedin_ads.reporting.bands import balance, places_that_fit
from tap_linkedin_ads.reporting.periods import apart
from tap_linkedin_ads.reporting.windows import AIM, FULLEST

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.group_plan import GroupPlan
    from tap_linkedin_ads.reporting.windows import Tally


@dataclass(slots=True)
class Pieces:
    """How the chunks of one report may be divided, and what is known of its campaigns.

    Attributes:
        granularity: The report's time granularity.
        days_may_be_cut: No windows are given that must stay whole.
        rows_have_one_campaign: Campaigns may be asked for apart.
        one_campaign_each: Campaigns never share a request.
    """

    granularity: str
    days_may_be_cut: bool
    rows_have_one_campaign: bool
    one_campaign_each: bool
    _campaign_rows: collections.Counter[int] = field(default_factory=collections.Counter)

    def learn(self, rows_by_campaign: Mapping[int, int]) -> None:
        """Take in the newest answer's rows of campaigns."""
        for campaign, rows in rows_by_campaign.items():
            self._campaign_rows[campaign] = rows

    def has_days(self, chunk: Chunk) -> bool:
        """Whether a chunk may be cut between any two of its days."""
        return self.days_may_be_cut and chunk.window.days > 1

    def is_smallest(self, chunk: Chunk) -> bool:
        """Whether nothing smaller can be asked."""
        may_not_name_campaigns = (
            chunk.lists_campaigns or len(chunk.campaigns) == 1 or not self.rows_have_one_campaign
        )
        has_dates = self.has_days(chunk) or len(apart(chunk.window, self.granularity)) > 1
        return not has_dates and len(chunk.accounts) == 1 and may_not_name_campaigns

    def of_cut(self, chunk: Chunk, tally: Tally, group: GroupPlan) -> list[Chunk]:
        """Divide a chunk that is not the smallest, by what its cut answer shows."""
        if self.has_days(chunk):
            places = places_that_fit(group.days_of_cut(chunk, tally), FULLEST, at_least=2)
            start = group.at(chunk.window.start)
            return [replace(chunk, window=group.between(start + a, start + b)) for a, b in places]
        months = apart(chunk.window, self.granularity)
        if len(months) > 1:
            return [replace(chunk, window=month) for month in months]
        if len(chunk.accounts) > 1:
            halves = balance(chunk.accounts, tally.by_account, 2)
            return [replace(chunk, accounts=half) for half in halves]
        if chunk.campaigns:
            halves = balance(chunk.campaigns, self._campaign_rows, 2)
            return [replace(chunk, campaigns=half) for half in halves]
        return [replace(chunk, lists_campaigns=True)]

    def of_campaigns(self, chunk: Chunk, campaigns: Sequence[int]) -> list[Chunk]:
        """Divide a chunk that has listed its campaigns."""
        if self.one_campaign_each:
            parts: list[tuple[int, ...]] = [(campaign,) for campaign in campaigns]
        else:
            expected = sum(self._campaign_rows[campaign] for campaign in campaigns)
            parts = balance(campaigns, self._campaign_rows, max(2, -(-expected // AIM)))
        return [replace(chunk, lists_campaigns=False, campaigns=part) for part in parts]

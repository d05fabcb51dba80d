"""Views, clicks, figures of posts and followers of company pages in total.

LinkedIn's rules: LI-68, LI-72, LI-76.
"""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.streams.pages import followers, page_figures
from tap_linkedin_ads.streams.pages.sided_stream import Asked, SidedStream, Sides, statistics_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue


class OrganizationLifetimeStatistics(SidedStream):
    """Figures of each page in total, on the day of reading.

    What other streams of the run have read of a page already is not asked for again: its
    followers, and its views.
    """

    name = "organization_lifetime_statistics"
    selected_by_default = False
    primary_keys = ("organization_id", "metric_date")

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield followers.size_of(owner.owner_id, self.name)
        for side in (page_figures.SHARES, page_figures.VIEWS):
            yield statistics_of(side, owner.owner_id, self.name)

    @override
    def ask(self, organization: int) -> Asked:
        wanted = {column.resource for column in self.declared()}
        read = self.directory.page_figures
        known, answers = {}, {}
        for request in self.first_requests(Owner(self.owner_key, organization)):
            side = request.resource
            if wanted and side not in wanted:
                continue
            if (side, organization) in read:
                known[side] = [read[side, organization]]
            else:
                decode = followers.size if side == followers.SIZES else responses.finder
                answers[side] = self.submit(request, decode)
        return Asked(organization, answers, self.snapshot_day, known=known)

    @override
    def records_of(self, page: Asked, sides: Sides) -> Iterator[Record]:
        figures = {side: rows[0] for side, rows in sides.items() if rows}
        if not figures:
            return
        record = self.new_record(page.organization, self.run.today.isoformat())
        unreadable: list[UnreadableValue] = []
        record.update(page_figures.values(figures, self.declared(), unreadable))
        if self.accept(page.organization, record, unreadable):
            yield record

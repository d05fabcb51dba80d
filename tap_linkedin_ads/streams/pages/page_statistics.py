"""Statistics of company pages by day or month."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.streams.pages import buckets, page_figures
from tap_linkedin_ads.streams.pages.sided_stream import Asked, SidedStream, Sides, statistics_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

_TWO_MONTHS = dt.timedelta(days=62)


class OrganizationPageStatistics(SidedStream):
    """Follower gains, share statistics and page statistics of each page, joined on the bucket."""

    name = "organization_page_statistics"
    primary_keys = ("organization_id", "period", "metric_date")

    @functools.cached_property
    def period(self) -> str:
        """Return the length of a bucket: DAY or MONTH."""
        return self.run.settings.page_statistics_period

    @functools.cached_property
    def sides(self) -> tuple[str, ...]:
        """Return the sides that have a selected column; without any, all say which rows exist."""
        wanted = {column.resource for column in self.declared()}
        return tuple(side for side in page_figures.SIDES if side in wanted) or page_figures.SIDES

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        """Yield one request a side, for as few days as have a complete bucket in any case."""
        first, last = self.run.today - _TWO_MONTHS, self.run.today
        for side in self.sides:
            days = self._complete(side, first, last)
            if days:
                yield statistics_of(side, owner.owner_id, self.name, days, self.period)

    @override
    def read(self) -> Iterator[Record]:
        self.start_anew_unless(self.period)
        return super().read()

    @override
    def ask(self, organization: int) -> Asked:
        first, ranges = self._first_day(organization), {}
        for side in self.sides:
            if complete := self._complete(side, first, self.run.settings.end_date):
                ranges[side] = complete
        answers = {
            side: self.submit(statistics_of(side, organization, self.name, asked, self.period))
            for side, asked in ranges.items()
        }
        last = max((asked.last_bucket(self.period) for asked in ranges.values()), default="")
        return Asked(organization, answers, str(last), ranges)

    def _complete(self, side: str, first: dt.date, last: dt.date) -> buckets.Range | None:
        delay_days = page_figures.DELAY_DAYS.get(side, 0)
        return buckets.complete_range(self.period, first, last, self.run.today, delay_days)

    def _first_day(self, organization: int) -> dt.date:
        settings, bookmark = self.run.settings, self.bookmarks.day(organization)
        lookback = settings.lookback(
            max(settings.lookback_window, buckets.LEAST_LOOKBACK_DAYS),
            late_days=max(page_figures.DELAY_DAYS.values()),
        )
        first = lookback.first_day(bookmark)
        earliest = buckets.earliest_day(self.run.today)
        if first < earliest and (bookmark or settings.start_date_is_set):
            self.logger.warning(
                "Page %d: LinkedIn keeps statistics of pages for %d days, so %s is the first day "
                "that can be read; %s was asked for.",
                organization,
                buckets.RETENTION_DAYS,
                earliest,
                first,
            )
        return first

    @override
    def records_of(self, page: Asked, sides: Sides) -> Iterator[Record]:
        columns = self.declared()
        set_aside = functools.partial(self.set_aside, page.organization)
        for day, figures in page_figures.joined(sides, page.ranges, set_aside):
            record = self.new_record(page.organization, day.isoformat())
            record["period"] = self.period
            unreadable: list[UnreadableValue] = []
            record.update(page_figures.values(figures, columns, unreadable))
            if self.accept(page.organization, record, unreadable):
                yield record

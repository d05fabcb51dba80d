"""Statistics of company pages by day or month."""

from __future__ import annotations

import collections
import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.streams.pages import buckets, page_figures
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import STATISTICS_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import restli
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

_TWO_MONTHS = dt.timedelta(days=62)
_OWNER_PARAMETERS = {page_figures.VIEWS: "organization"}


class _Asked(t.NamedTuple):
    """The requests under way for one page, by side."""

    organization: int
    ranges: dict[str, buckets.Range]
    answers: dict[str, Future[responses.FinderAnswer]]


class OrganizationPageStatistics(PageStream):
    """Follower gains, share statistics and page statistics of each page, joined on the bucket."""

    name = "organization_page_statistics"
    primary_keys = ("organization_id", "period", "metric_date")
    replication_key = "metric_date"
    page_roles = STATISTICS_ROLES

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
                yield self._request(side, owner.owner_id, days)

    @override
    def read(self) -> Iterator[Record]:
        self.start_anew_unless(self.period)
        pages = collections.deque(self.pages)
        total = len(pages)
        asked: collections.deque[_Asked] = collections.deque()
        while pages or asked:
            while pages and len(asked) < self.run.workers.width:
                asked.append(self._ask(pages.popleft()))
            page = asked.popleft()
            left = len(pages) + len(asked)
            self.run.progress.update(self.name, "pages", total - left, left)
            with self.costs_only(page.organization):
                yield from self._records(page)
            if page.ranges:
                through = max(r.last_bucket(self.period) for r in page.ranges.values())
                if self.move_bookmark(page.organization, through.isoformat()):
                    self.write_state()

    def _ask(self, organization: int) -> _Asked:
        first, ranges = self._first_day(organization), {}
        for side in self.sides:
            if complete := self._complete(side, first, self.run.settings.end_date):
                ranges[side] = complete
        under_way = {
            side: self.run.workers.submit(
                functools.partial(
                    self.run.client.fetch,
                    self._request(side, organization, asked),
                    responses.finder,
                )
            )
            for side, asked in ranges.items()
        }
        return _Asked(organization, ranges, under_way)

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

    def _request(self, side: str, organization: int, asked: buckets.Range) -> Request:
        owner = _OWNER_PARAMETERS.get(side, "organizationalEntity")
        parameters: dict[str, restli.Value] = {
            "q": owner,
            owner: urn.make("organization", organization),
            "timeIntervals": {
                "timeRange": asked.milliseconds,
                "timeGranularityType": self.period,
            },
        }
        return Request(side, f"/{side}", parameters, stream=self.name)

    def _rows(self, organization: int, answer: responses.FinderAnswer) -> list[responses.Wire]:
        rows = []
        for raw in answer.elements:
            try:
                rows.append(responses.row(raw))
            except UNREADABLE as error:
                self.set_aside(organization, error)
        return rows

    def _records(self, page: _Asked) -> Iterator[Record]:
        """Yield the rows of a page, once all of its sides have answered.

        The columns of a side that LinkedIn refuses are null; without any side there are no rows.
        """
        columns = self.declared()
        elements: dict[str, list[responses.Wire]] = {}
        failed: dict[str, Exception] = {}
        for side, answer in page.answers.items():
            try:
                elements[side] = self._rows(page.organization, answer.result())
            except (*UNREADABLE, RequestFailedError) as error:
                failed[side] = error
        for side, failure in failed.items():
            if not elements:
                raise failure
            with self.costs_only(page.organization, f"figures of {side} are missing"):
                raise failure
        set_aside = functools.partial(self.set_aside, page.organization)
        identity = self.identity(page.organization)
        for day, sides in page_figures.joined(elements, page.ranges, set_aside):
            record = self.blank()
            record.update((name, identity[name]) for name in identity.keys() & record.keys())
            record["metric_date"], record["period"] = day.isoformat(), self.period
            unreadable: list[UnreadableValue] = []
            record.update(page_figures.values(sides, columns, unreadable))
            if self.accept(page.organization, record, unreadable):
                yield record

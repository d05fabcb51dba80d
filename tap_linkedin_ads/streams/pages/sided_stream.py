"""Streams whose rows join the answers to several requests about one page: its sides."""

from __future__ import annotations

import abc
import collections
import functools
import typing as t
from dataclasses import dataclass, field

from typing_extensions import override

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.streams.pages import buckets, page_figures
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import STATISTICS_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import restli

Sides = dict[str, list[responses.Wire]]
"""The elements of each side's answer."""
_OWNER_PARAMETERS = {page_figures.VIEWS: "organization"}


def statistics_of(
    side: str,
    organization: int,
    stream: str,
    asked: buckets.Range | None = None,
    period: str = buckets.DAY,
) -> Request:
    """Return the request for one page's statistics.

    Args:
        side: The resource: one of ``page_figures.SIDES``.
        organization: The page.
        stream: On whose behalf.
        asked: The buckets; without them LinkedIn gives lifetime figures.
        period: Length of a bucket, DAY or MONTH.
    """
    owner = _OWNER_PARAMETERS.get(side, "organizationalEntity")
    parameters: dict[str, restli.Value] = {
        "q": owner,
        owner: urn.make("organization", organization),
    }
    if asked:
        parameters["timeIntervals"] = {
            "timeRange": asked.milliseconds,
            "timeGranularityType": period,
        }
    return Request(side, f"/{side}", parameters, stream=stream)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is under way for one page.

    Attributes:
        organization: The page.
        answers: The answers by side.
        through: The bookmark once all of them were read; empty for none.
        ranges: The buckets that each side was asked for, where it was asked for some.
        known: Sides that need no request.
    """

    organization: int
    answers: Mapping[str, Future[responses.FinderAnswer]]
    through: str
    ranges: Mapping[str, buckets.Range] = field(default_factory=dict)
    known: Sides = field(default_factory=dict)


class SidedStream(PageStream, metaclass=abc.ABCMeta):
    """A stream that asks for one or more sides of each page and joins what they answer.

    Pages are under way side by side. A side that LinkedIn refuses costs its columns, and without
    any side there are no rows. Rows of days that earlier runs have completed are not given again
    without a side: loaders would lose its values.
    """

    replication_key = "metric_date"
    page_roles = STATISTICS_ROLES

    @abc.abstractmethod
    def ask(self, organization: int) -> Asked:
        """Send the requests for one page."""

    @abc.abstractmethod
    def records_of(self, page: Asked, sides: Sides) -> Iterator[Record]:
        """Yield the records of one page from the sides that have answered, one at least."""

    def submit(
        self,
        request: Request,
        decode: t.Callable[[bytes], responses.FinderAnswer] = responses.finder,
    ) -> Future[responses.FinderAnswer]:
        """Send a request from a worker thread."""
        return self.run.workers.submit(functools.partial(self.run.client.fetch, request, decode))

    @override
    def read(self) -> Iterator[Record]:
        pages = collections.deque(self.pages)
        total = len(pages)
        under_way: collections.deque[Asked] = collections.deque()
        while pages or under_way:
            while pages and len(under_way) < self.run.workers.width:
                under_way.append(self.ask(pages.popleft()))
            page = under_way.popleft()
            left = len(pages) + len(under_way)
            self.run.progress.update(self.name, "pages", total - left, left)
            with self.costs_only(page.organization):
                yield from self._records(page)
            if page.through and self.move_bookmark(page.organization, page.through):
                self.write_state()

    def _records(self, page: Asked) -> Iterator[Record]:
        """Yield the records of a page, once all of its sides have answered."""
        sides = dict(page.known)
        refused: dict[str, Exception] = {}
        for side, answer in page.answers.items():
            try:
                sides[side] = self._rows(page.organization, answer.result())
            except (*UNREADABLE, RequestFailedError) as error:
                refused[side] = error
        complete = self.bookmarks.day(page.organization) if refused else None
        for side, failure in refused.items():
            if not sides:
                raise failure
            missing = f"figures of {side} are missing"
            if complete:
                missing += f", so rows up to {complete} stay as earlier runs left them"
            with self.costs_only(page.organization, missing):
                raise failure
        for record in self.records_of(page, sides):
            if complete is None or record["metric_date"] > complete.isoformat():
                yield record

    def _rows(self, organization: int, answer: responses.FinderAnswer) -> list[responses.Wire]:
        rows = []
        for raw in answer.elements:
            try:
                rows.append(responses.row(raw))
            except UNREADABLE as error:
                self.set_aside(organization, error)
        return rows

    def new_record(self, organization: int, day: str) -> Record:
        """Return a record of a page and day, its other columns null."""
        record = self.blank()
        known = {**self.identity(organization), "metric_date": day}
        record.update((name, known[name]) for name in known.keys() & record.keys())
        return record

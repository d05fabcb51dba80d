"""How many followers company pages have, and how many they won on the day."""

from __future__ import annotations

import datetime as dt
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses, restli, urn
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.values import (
    UnreadableValueError,
    exact_integer,
    fitting_or_none,
)
from tap_linkedin_ads.streams.owner_stream import OwnerPages
from tap_linkedin_ads.streams.pages import buckets, page_figures
from tap_linkedin_ads.streams.pages.entities import PageEntities
from tap_linkedin_ads.streams.pages.sided_stream import statistics_of
from tap_linkedin_ads.sync import page_roles

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

SIZES = "networkSizes"
_TOTALS = "totals"
"""Where the state keeps them."""


def size_of(organization: int, stream: str) -> Request:
    """Return the request for the number of a page's followers."""
    key = restli.encode(urn.make("organization", organization))
    parameters = {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}
    return Request(SIZES, f"/{SIZES}/{key}", parameters, stream=stream)


def size(content: bytes) -> responses.FinderAnswer:
    """Decode a number of followers, as an answer with one row.

    Raises:
        UnreadableValueError: There is none.
    """
    if "firstDegreeSize" not in responses.row(content):
        raise UnreadableValueError("networkSizes: LinkedIn sent no number of followers")
    return responses.single(content)


class OrganizationFollowers(PageEntities):
    """Followers of each page in total on the day of reading, and the day's gains once known.

    LinkedIn gives totals for the present and gains two days late. The state keeps the totals of
    the look-back days, so that later runs give the rows of those days again with their gains.
    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    name = "organization_followers"
    selected_by_default = False
    primary_keys = ("organization_id", "metric_date")
    replication_key = "metric_date"
    page_roles = page_roles.ANY_ROLE

    @property
    @override
    def is_read_whole(self) -> bool:
        return False

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield size_of(owner.owner_id, self.name)

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        client, today = self.run.client, self.run.today
        request = size_of(owner.owner_id, self.name)
        yield OwnerPages(owner, OnePage(client, request, size), {"metric_date": today.isoformat()})
        if asked := self._days_of_gains(owner.owner_id):
            gains = statistics_of(page_figures.FOLLOWERS, owner.owner_id, self.name, asked)
            yield OwnerPages(owner, OnePage(client, gains))

    def _days_of_gains(self, page: int) -> buckets.Range | None:
        """Return the days whose gains complete rows of earlier runs; administrators may read them.

        Followers in total need no role, gains do.
        """
        roles = self.directory.organizations.roles(page)
        wanted = {column.resource for column in self.declared()}
        known = [dt.date.fromisoformat(day) for day in self._totals(page)]
        if (
            not known
            or page_figures.FOLLOWERS not in wanted
            or not page_roles.suffices(roles, page_roles.STATISTICS_ROLES)
        ):
            return None
        return buckets.complete_range(
            buckets.DAY,
            min(known),
            self.run.settings.end_date,
            self.run.today,
            page_figures.DELAY_DAYS[page_figures.FOLLOWERS],
        )

    def _totals(self, page: int) -> dict[str, int]:
        """Return the totals that runs have read of a page, by day."""
        return self.bookmarks.kept(page, _TOTALS)

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        record = self.blank()
        columns, totals = self.declared(), self._totals(owner.owner_id)
        identity = self.identity(owner.owner_id)
        record.update((name, identity[name]) for name in identity.keys() & record.keys())
        start = paths.at(wire, "timeRange.start")
        of_side = SIZES if start is None else page_figures.FOLLOWERS
        paths.fill(record, wire, [c for c in columns if c.resource == of_side], unreadable)
        if start is None:
            self.directory.page_figures[SIZES, owner.owner_id] = wire
            total = fitting_or_none(wire["firstDegreeSize"], {"type": "integer"})
            if total is not None:
                totals[self.run.today.isoformat()] = total
                self.bookmarks.keep(owner.owner_id, _TOTALS, totals)
        else:
            record["metric_date"] = day = epoch.day_of(exact_integer(start)).isoformat()
            if "first_degree_size" in record:
                record["first_degree_size"] = totals.get(day)
        return record

    @override
    def is_wanted(self, owner: Owner, record: Record) -> bool:
        """Whether the total of the record's day is known; without it a loader would lose it."""
        today = self.run.today.isoformat()
        return record["metric_date"] in {today, *self._totals(owner.owner_id)}

    @override
    def completed(self, owner: Owner) -> None:
        """Forget totals of days that lie behind the look-back: their rows are complete."""
        days = max(self.run.settings.lookback_window, buckets.LEAST_LOOKBACK_DAYS)
        oldest = self.run.today - dt.timedelta(days=min(days, buckets.RETENTION_DAYS))
        recent = {d: n for d, n in self._totals(owner.owner_id).items() if d >= oldest.isoformat()}
        self.bookmarks.keep(owner.owner_id, _TOTALS, recent)

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return self.snapshot_day

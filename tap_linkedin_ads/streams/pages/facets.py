"""Who follows a page and who looks at it: figures by trait, as they are on the day of reading."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.values import fitting
from tap_linkedin_ads.streams.pages import facet_items, page_figures
from tap_linkedin_ads.streams.pages.sided_stream import Asked, SidedStream, Sides, statistics_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner


class PageFacets(SidedStream):
    """Lifetime figures of each page by facet and value: a snapshot a day.

    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    selected_by_default = False
    primary_keys = ("organization_id", "facet", "value", "metric_date")
    resource: t.ClassVar[str]
    prefix: t.ClassVar[str]
    """How the names of LinkedIn's lists begin, one list a facet."""
    figures: t.ClassVar[str]
    """The name of the figures in an item of such a list."""

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield statistics_of(self.resource, owner.owner_id, self.name)

    @override
    def ask(self, organization: int) -> Asked:
        request = statistics_of(self.resource, organization, self.name)
        return Asked(organization, {self.resource: self.submit(request)}, self.snapshot_day)

    @override
    def records_of(self, page: Asked, sides: Sides) -> Iterator[Record]:
        def without_shape(what: str) -> None:
            self.set_aside(page.organization, f"{self.resource}: LinkedIn sent {what}")

        found = [
            item
            for element in sides[self.resource]
            for item in facet_items.items(element, self.prefix, self.figures, without_shape)
        ]
        names = self.directory.value_names
        if "value_name" in self.columns:
            wanted = (item.value for item in found if facet_items.has_name(item.value))
            names.look_up(wanted, self.name, "names of values")
        columns, today = self.declared(), self.run.today.isoformat()
        for item in found:
            record = self.new_record(page.organization, today)
            unreadable: list[UnreadableValue] = []
            value = fitting("value", item.value, self.columns["value"], unreadable)
            record["facet"], record["value"] = item.facet, value
            is_urn = bool(urn.kind(value or ""))
            known = {
                "value_id": urn.number(value) if is_urn else None,
                "value_name": names.get(value) if is_urn else value or None,
            }
            record.update((name, known[name]) for name in known.keys() & record.keys())
            paths.fill(record, item.wire, columns, unreadable)
            self.complete_record(record)
            if self.accept(page.organization, record, unreadable):
                yield record

    def complete_record(self, record: Record) -> None:
        """Fill columns that LinkedIn does not send."""


class OrganizationFollowerFacets(PageFacets):
    """Followers of each page by what they are."""

    name = "organization_follower_facets"
    resource = page_figures.FOLLOWERS
    prefix = "followerCountsBy"
    figures = "followerCounts"

    @override
    def complete_record(self, record: Record) -> None:
        counts = [record.get(column) for column in ("organic_count", "paid_count")]
        if "total_count" in record and None not in counts:
            record["total_count"] = sum(counts)


class OrganizationPageViewFacets(PageFacets):
    """Views of each page by who looked at it."""

    name = "organization_page_view_facets"
    resource = page_figures.VIEWS
    prefix = "pageStatisticsBy"
    figures = "pageStatistics"

    @override
    def records_of(self, page: Asked, sides: Sides) -> Iterator[Record]:
        for element in sides[self.resource]:
            total = "totalPageStatistics"
            self.directory.page_figures[self.resource, page.organization] = {
                total: element.get(total)
            }
        return super().records_of(page, sides)

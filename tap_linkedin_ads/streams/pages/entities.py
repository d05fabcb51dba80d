"""Entities that are read company page by company page."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import STATISTICS_ROLES

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import responses
    from tap_linkedin_ads.api.finders import PageFinder
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner


class PageEntities(PageStream, OwnerStream):
    """A stream with one finder, asked once for each company page that the member administers."""

    page_roles = STATISTICS_ROLES
    finder: t.ClassVar[PageFinder]

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @property
    @override
    def owner_ids(self) -> tuple[int, ...]:
        return self.pages

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        yield OwnerPages(owner, self.finder.pages(self.run.client, owner.owner_id, self.name))

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        record = entity.entity(wire, self.effective_schema["properties"], unreadable)
        if "organization_name" in record:
            record["organization_name"] = self.directory.organizations.name(owner.owner_id)
        return record

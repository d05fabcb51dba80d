"""Company pages, and how many followers they have."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.records.values import UnreadableValueError
from tap_linkedin_ads.streams.owner_stream import OwnerPages
from tap_linkedin_ads.streams.pages.entities import PageEntities
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import ANY_ROLE

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner


class Organizations(PageStream):
    """Company pages on which the member has a role (or that organization_ids lists).

    A page that the member does not administer has its public fields only.
    """

    name = "organizations"
    selected_by_default = False
    primary_keys = ("id",)
    page_roles = ANY_ROLE

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @override
    def read(self) -> Iterator[Record]:
        columns = self.declared()
        pages = self.directory.organizations
        found = pages.by_id
        if pages.scope_failure:
            raise pages.scope_failure
        for organization in pages.pages_for(self.name, self.page_roles):
            record = self.blank()
            unreadable: list[UnreadableValue] = []
            wire = {"id": organization, **found[organization]}
            paths.fill(record, wire, columns, unreadable)
            identity = self.identity(organization)
            record.update((name, identity[name]) for name in identity.keys() & record.keys())
            if self.accept(organization, record, unreadable):
                yield record


class OrganizationFollowers(PageEntities):
    """Followers of each page in total, on the day of reading.

    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    name = "organization_followers"
    selected_by_default = False
    primary_keys = ("organization_id", "metric_date")
    replication_key = "metric_date"
    page_roles = ANY_ROLE

    @property
    @override
    def is_read_whole(self) -> bool:
        return False

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        request = Request(
            "networkSizes",
            f"/networkSizes/{restli.encode(owner.urn)}",
            {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"},
            stream=self.name,
        )
        columns = {"metric_date": self.run.today.isoformat()}
        yield OwnerPages(owner, OnePage(self.run.client, request, responses.single), columns)

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        if "firstDegreeSize" not in wire:
            raise UnreadableValueError("networkSizes: LinkedIn sent no number of followers")
        return super().to_record(wire, owner, unreadable)

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return min(self.run.today, self.run.settings.end_date).isoformat()

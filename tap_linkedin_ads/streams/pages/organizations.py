"""Company pages, and how many followers they have."""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.workers import side_by_side
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import ANY_ROLE

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue


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
        pages = self.shared.organizations
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


class _NetworkSize:
    """The one request for a page's followers."""

    def __init__(self, stream: OrganizationFollowers, organization: int) -> None:
        key = restli.encode(urn.make("organization", organization))
        request = Request(
            "networkSizes",
            f"/networkSizes/{key}",
            {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"},
            stream=stream.name,
        )
        self.organization = organization
        self._fetch = functools.partial(stream.run.client.fetch, request, responses.row)

    def first(self) -> Callable[[], responses.Wire]:
        """Return the request."""
        return self._fetch

    def following(self, answer: responses.Wire) -> None:
        """Return None: there is one answer."""


class OrganizationFollowers(PageStream):
    """Followers of each page in total, on the day of reading.

    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    name = "organization_followers"
    selected_by_default = False
    primary_keys = ("organization_id", "metric_date")
    replication_key = "metric_date"
    page_roles = ANY_ROLE

    @override
    def read(self) -> Iterator[Record]:
        columns = self.declared()
        walks = (_NetworkSize(self, organization) for organization in self.pages)
        for step in side_by_side(walks, self.run.workers):
            organization = step.walk.organization
            try:
                wire = step.answer()
            except RequestFailedError as error:
                self.owner_failed(organization, error)
                continue
            record = self.identity(organization)
            record["metric_date"] = self.run.today.isoformat()
            unreadable: list[UnreadableValue] = []
            paths.fill(record, wire, columns, unreadable)
            if self.accept(organization, record, unreadable):
                yield record
            through = min(self.run.today, self.run.settings.end_date)
            self.move_bookmark(organization, through.isoformat())
        self.write_state()

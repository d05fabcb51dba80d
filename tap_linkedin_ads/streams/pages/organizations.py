"""Company pages."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.records import paths
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync.page_roles import ANY_ROLE

if t.TYPE_CHECKING:
    from collections.abc import Iterator

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

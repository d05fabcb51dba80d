"""What the streams of company pages have in common."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records import paths, schema
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.errors import Failure


class PageStream(LinkedInStream):
    """A stream whose records belong to company pages."""

    owner_key = "organization_id"

    @property
    def pages(self) -> tuple[int, ...]:
        """Return the pages to read."""
        return self.directory.organizations.pages_for(self.name, self.page_roles)

    @property
    def snapshot_day(self) -> str:
        """Return the bookmark of what is read as it is on the day of reading."""
        return min(self.run.today, self.run.settings.end_date).isoformat()

    def declared(self) -> tuple[paths.Column, ...]:
        """Return the selected columns whose schema says where their values come from."""
        return paths.declared(schema.read(self.name), self.columns)

    def identity(self, organization: int) -> Record:
        """Return the columns that say which page a record is of."""
        return {
            "organization_id": organization,
            "organization_urn": urn.make("organization", organization),
            "organization_name": self.directory.organizations.name(organization),
        }

    def blank(self) -> Record:
        """Return a record with every selected column, all null."""
        return dict.fromkeys(self.columns)

    @override
    def severity_of(self, owner: int | None, failure: Failure) -> Severity:
        """Return a warning where a token for ads only lacks a scope that nobody asked for."""
        if failure.scope_missing and self.run.settings.organization_ids is None:
            return Severity.WARNING
        return super().severity_of(owner, failure)

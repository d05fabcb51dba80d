"""What LinkedIn adds to the landing pages of ads, so that web analytics can tell them apart.

LinkedIn's rule: LI-78.
"""

from __future__ import annotations

import functools
import typing as t

import msgspec
from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.errors import NOT_FOUND, RequestFailedError
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.values import UnreadableValueError, shown
from tap_linkedin_ads.streams.ads.campaigns import Campaigns
from tap_linkedin_ads.streams.ads.entities import OfEntities
from tap_linkedin_ads.streams.owner_stream import OwnerPages

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.pagination import Ask
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

_RESOURCE = "adTrackingParameters"
_NO_RESOURCE = "RESOURCE_NOT_FOUND"
"""Code of a 404 which says that LinkedIn does not serve the path at all."""
_OF_ACCOUNTS_SINCE = "202608"
_MESSAGES = "SPONSORED_INMAILS"
_KINDS = {"dynamic": "dynamicValueParameters", "custom": "customValueParameters"}


def _parameters(content: bytes) -> responses.FinderAnswer:
    """Decode one owner's parameters, as an answer with a row for each."""
    wire = responses.row(content)
    rows: list[msgspec.Raw] = []
    for kind, name in _KINDS.items():
        found = wire.get(name) or {}
        if not isinstance(found, dict):
            raise UnreadableValueError(f"{name} {shown(found)}")
        for parameter, value in found.items():
            row = {"parameter": parameter, "kind": kind, "value": value}
            rows.append(msgspec.Raw(msgspec.json.encode(row)))
    return responses.FinderAnswer(rows)


class _Parameters(OnePage):
    """The parameters of one ad account or campaign; LinkedIn answers 404 where none are set."""

    @override
    def first(self) -> Ask:
        return self._or_none

    def _or_none(self) -> responses.FinderAnswer:
        try:
            return self._ask()
        except RequestFailedError as error:
            if error.failure.status != NOT_FOUND or error.failure.code == _NO_RESOURCE:
                raise
            return responses.FinderAnswer([])


class AdTrackingParameters(OfEntities):
    """Tracking parameters of ad accounts and of campaigns, one request each.

    LinkedIn has none for campaigns of messages, which are not asked about.
    """

    name = "ad_tracking_parameters"
    selected_by_default = False
    primary_keys = ("owner_urn", "parameter", "kind")
    asks_about = Campaigns

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @functools.cached_property
    @override
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, _RESOURCE)

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        if self.api_version >= _OF_ACCOUNTS_SINCE:
            yield self._of(owner, "sponsoredAccount", owner.owner_id)
        for campaign, found in self.entities_of(owner).items():
            if found.kind != _MESSAGES:
                yield self._of(owner, "sponsoredCampaign", campaign)

    def _of(self, owner: Owner, urn_type: str, number: int) -> OwnerPages:
        tracked = urn.make(urn_type, number)
        key = restli.encode({"adEntity": {urn_type: tracked}})
        request = Request(_RESOURCE, f"/{_RESOURCE}/{key}", stream=self.name)
        columns = {
            "owner_urn": tracked,
            "owner_id": number,
            "campaign_id": number if urn_type == "sponsoredCampaign" else None,
        }
        pages = _Parameters(self.run.client, request, _parameters)
        return OwnerPages(owner, pages, columns, about=tracked)

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        return entity.entity(wire, self.effective_schema["properties"], unreadable)

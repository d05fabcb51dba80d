"""Conversion rules and the campaigns they are associated with.

LinkedIn's rules: LI-36, LI-37.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.finders import AccountFinder, Index
from tap_linkedin_ads.api.lists import ListPages, ListParameter
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import entity, values
from tap_linkedin_ads.streams.ads.campaigns import Campaigns
from tap_linkedin_ads.streams.ads.entities import AccountEntities, OfEntities
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.owner_stream import OwnerPages

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.streams.owners import Owner

_INSTANT = {"type": "string", "format": "date-time"}
_SHARED_SINCE = "202605"
_RESOURCE = "campaignConversions"
_PAGE_SIZE = 100
_CAMPAIGNS_TOGETHER = 100
_CAMPAIGNS = ListParameter(_RESOURCE, "campaigns")


class Conversions(AccountEntities):
    """Conversion rules that an ad account owns or that are shared with it."""

    name = "conversions"
    primary_keys = ("account_id", "id")
    replication_key = "last_modified_time"
    finder = AccountFinder(
        resource="conversions",
        path="/conversions",
        criteria={"q": "account"},
        account_parameter="account",
        paging=Index(_PAGE_SIZE),
    )

    def __init__(self, tap: Tap) -> None:
        """Ask for shared rules as well where the API version knows them."""
        super().__init__(tap)
        if self.api_version >= _SHARED_SINCE:
            self.finder = self.finder.with_criteria(conversionOwnershipTypes=("OWNED", "SHARED"))  # type: ignore[misc]

    @override
    def to_record(
        self, wire: Wire, owner: Owner, unreadable: list[entity.UnreadableValue]
    ) -> Record:
        """Shape one rule; one that is shared names the ad account that owns it."""
        record = super().to_record(wire, owner, unreadable)
        account, properties = wire.get("account"), self.effective_schema["properties"]
        return {**record, **entity.reference("owner_account", account, properties, unreadable)}

    @override
    def is_final(self, record: Record) -> bool:
        return record.get("enabled") is False

    @override
    def changed_at(self, record: Record) -> str | None:
        """Return the latest of modification, call-back and association."""
        instants = [record.get("last_modified_time"), record.get("last_callback_at")]
        instants += [
            values.fitting_or_none(association.get("associatedAt"), _INSTANT)
            for association in record.get("associated_campaigns") or ()
        ]
        return max(filter(None, instants), default=None)


class ConversionAssociatedCampaigns(ChildRecords):
    """One association of a conversion rule with a campaign."""

    name = "conversion_associated_campaigns"
    parent_stream_type = Conversions
    primary_keys = ("account_id", "conversion_id", "campaign_id")

    @override
    def records_of(
        self, owner: int, source: Wire, unreadable: list[entity.UnreadableValue]
    ) -> Iterator[Record]:
        found = source.get("associatedCampaigns")
        for association in found if isinstance(found, list) else ():
            conversion = f"urn:lla:llaPartnerConversion:{source.get('id')}"
            yield entity.entity(
                {"conversion": conversion, "account": urn.make("sponsoredAccount", owner)}
                | (association if isinstance(association, dict) else {}),
                self.effective_schema["properties"],
                unreadable,
            )


class CampaignConversions(OfEntities, AccountEntities):
    """The same association as the campaignConversions finder gives it, campaign by campaign."""

    name = "campaign_conversions"
    selected_by_default = False
    primary_keys = ("campaign_id", "conversion_id")
    asks_about = Campaigns

    @functools.cached_property
    @override
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, _RESOURCE)

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        campaigns = list(self.entities_of(owner))
        for first in range(0, len(campaigns), _CAMPAIGNS_TOGETHER):
            together = campaigns[first : first + _CAMPAIGNS_TOGETHER]
            urns = [urn.make("sponsoredCampaign", campaign) for campaign in together]
            yield OwnerPages(owner, ListPages(self.run.client, _CAMPAIGNS, urns, self._pages))

    def _pages(self, campaigns: Sequence[str]) -> IndexPages:
        parameters = {"q": "campaigns", "campaigns": campaigns}
        request = Request(_RESOURCE, f"/{_RESOURCE}", parameters, stream=self.name)
        return IndexPages(self.run.client, request, _PAGE_SIZE)

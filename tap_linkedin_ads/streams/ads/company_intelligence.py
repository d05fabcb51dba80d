"""Companies that saw or engaged with an advertiser, from LinkedIn's private product.

LinkedIn's rule: LI-57.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.pagination import Ask
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.streams.owners import Owner

_PAGE_SIZE = 500
_UNLIMITED_SINCE = "202603"
"""Older versions give 100,000 companies at most, and always decorate them."""
_ROW_LIMIT = 100_000


class _Companies(IndexPages):
    """One ad account's companies in one look-back window."""

    def __init__(self, client: Client, request: Request, version: str) -> None:
        super().__init__(client, request, _PAGE_SIZE)
        self._version = version
        self._read = 0
        self._total: object = None

    @override
    def following(self, answer: responses.FinderAnswer) -> Ask | None:
        """Count the companies, for what is to be said where the rest is refused."""
        self._read += len(answer.elements)
        self._total = responses.beside_rows(answer.paging).get("total", self._total)
        ask = super().following(answer)
        return ask and functools.partial(self._within_limit, ask)

    def _within_limit(self, ask: Ask) -> responses.FinderAnswer:
        """Say what is missing where LinkedIn refuses to go on behind its limit of rows."""
        try:
            return ask()
        except RequestFailedError as error:
            if error.failure.remedy is not Remedy.FIX_REQUEST or self._read < _ROW_LIMIT:
                raise
            total = f"{self._total:,}" if isinstance(self._total, int) else "more"
            criteria = t.cast("Mapping[str, str]", self._request.parameters["filterCriteria"])
            message = (
                f"{criteria['lookbackWindow']}: LinkedIn gave {self._read:,} of {total} "
                f"companies, those with the most paid impressions, and refuses the others in API "
                f"version {self._version}: set api_version to {_UNLIMITED_SINCE} or newer"
            )
            failure = Failure(Remedy.SET_ASIDE, 0, message)
            raise RequestFailedError(failure, error.resource) from None


class CompanyIntelligence(OwnerStream):
    """One company in one look-back window, on the day of reading.

    Incremental, so that no target takes the rows of earlier days for outdated.
    """

    name = "company_intelligence"
    replication_key = "metric_date"
    selected_by_default = False
    primary_keys = (
        "account_id",
        "lookback_window",
        "campaign_id",
        "ad_segments",
        "company_page_url",
        "metric_date",
    )

    @property
    def filters(self) -> dict[str, restli.Value]:
        settings = self.run.settings
        filters: dict[str, restli.Value] = {}
        if settings.company_intelligence_ad_segments:
            filters["adSegments"] = [
                urn.make("adSegment", s) for s in settings.company_intelligence_ad_segments
            ]
        if settings.company_intelligence_campaign_id:
            filters["campaign"] = urn.make(
                "sponsoredCampaign", settings.company_intelligence_campaign_id
            )
        return filters

    @property
    def decoration(self) -> dict[str, restli.Value]:
        """Return what saves LinkedIn looking up names that nobody selected."""
        if "company_name" in self.columns or self.api_version < _UNLIMITED_SINCE:
            return {}
        return {"skipCompanyDecoration": True}

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        settings = self.run.settings
        campaign = settings.company_intelligence_campaign_id
        for window in settings.company_intelligence_windows:
            request = Request(
                "accountIntelligence",
                "/accountIntelligence",
                {
                    "q": "account",
                    "account": owner.urn,
                    "filterCriteria": {"lookbackWindow": window, **self.filters},
                    **self.decoration,
                },
                stream=self.name,
            )
            yield OwnerPages(
                owner,
                _Companies(self.run.client, request, self.api_version),
                {
                    "lookback_window": window,
                    "campaign_id": campaign or 0,
                    "campaign_urn": self.filters.get("campaign"),
                    "ad_segments": ",".join(
                        urn.make("adSegment", s) for s in settings.company_intelligence_ad_segments
                    ),
                    "metric_date": self.run.today.isoformat(),
                },
            )

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        """Shape one company; without a page, its website and name tell it from others."""
        record = entity.entity(wire, self.effective_schema["properties"], unreadable)
        page = record["company_page_url"]
        if not page:
            known = (record.get("company_website"), record.get("company_name"))
            is_described = any(text is not None for text in (page, *known))
            record["company_page_url"] = " ".join(filter(None, known)) if is_described else None
        return record

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return self.run.today.isoformat()

    @override
    def collided(self, owner: Owner, record: Record) -> None:
        """Set aside another company that LinkedIn describes by the same words."""
        self.set_aside(
            owner.owner_id,
            "two companies with the same page, or without page and with the same website and "
            "name, cannot be told apart",
            {column: record[column] for column in self.primary_keys},
        )

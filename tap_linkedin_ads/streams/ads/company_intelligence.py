"""Companies that saw or engaged with an advertiser, from LinkedIn's private product."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.workers import side_by_side
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.streams.linkedin_stream import UNREADABLE, LinkedInStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.pagination import Ask

_PAGE_SIZE = 500
_UNLIMITED_SINCE = "202603"
"""Older versions give 100,000 companies at most, and always decorate them."""
_ROW_LIMIT = 100_000


class _Window(IndexPages):
    """One ad account's companies in one look-back window."""

    def __init__(self, stream: CompanyIntelligence, account: int, window: str) -> None:
        self.account = account
        self.window = window
        request = Request(
            "accountIntelligence",
            "/accountIntelligence",
            {
                "q": "account",
                "account": urn.make("sponsoredAccount", account),
                "filterCriteria": {"lookbackWindow": window, **stream.filters},
                **stream.decoration,
            },
            stream=stream.name,
        )
        super().__init__(stream.run.client, request, _PAGE_SIZE)
        self.rows_read = 0
        self.total: object = None

    @override
    def following(self, answer: responses.FinderAnswer) -> Ask | None:
        """Count the companies, for what is to be said where the rest is refused."""
        self.rows_read += len(answer.elements)
        if isinstance(answer.paging, Mapping):
            self.total = answer.paging.get("total")
        return super().following(answer)


class CompanyIntelligence(LinkedInStream):
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
        """Return the filters that the settings name."""
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
    def read(self) -> Iterator[Record]:
        accounts = self.shared.ad_accounts.ids
        windows = self.run.settings.company_intelligence_windows
        walks = (_Window(self, account, window) for account in accounts for window in windows)
        unread = dict.fromkeys(accounts, len(windows))
        for step in side_by_side(walks, self.run.workers):
            walk = step.walk
            try:
                elements = step.answer().elements
            except RequestFailedError as error:
                self.owner_failed(walk.account, self._cut_off(walk, error))
                continue
            for raw in elements:
                unreadable: list[entity.UnreadableValue] = []
                try:
                    record = self._record(walk, responses.row(raw), unreadable)
                except UNREADABLE as error:
                    self.set_aside(walk.account, error)
                    continue
                if self.accept(walk.account, record, unreadable):
                    yield record
            unread[walk.account] -= step.is_last
            if not unread[walk.account]:
                self.move_bookmark(walk.account, self.run.today.isoformat())
        self.write_state()

    def _cut_off(self, walk: _Window, error: RequestFailedError) -> RequestFailedError:
        """Say what is missing where LinkedIn refuses to go on behind its limit of rows."""
        if error.failure.remedy is not Remedy.FIX_REQUEST or walk.rows_read < _ROW_LIMIT:
            return error
        total = f"{walk.total:,}" if isinstance(walk.total, int) else "more"
        message = (
            f"{walk.window}: LinkedIn gave {walk.rows_read:,} of {total} companies, those with "
            f"the most paid impressions, and refuses the others in API version "
            f"{self.api_version}: set api_version to {_UNLIMITED_SINCE} or newer"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        return RequestFailedError(failure, error.resource)

    def _record(
        self, walk: _Window, wire: responses.Wire, unreadable: list[entity.UnreadableValue]
    ) -> Record:
        settings = self.run.settings
        record = entity.entity(wire, self.effective_schema["properties"], unreadable)
        campaign = settings.company_intelligence_campaign_id
        record.update(
            account_id=walk.account,
            account_urn=urn.make("sponsoredAccount", walk.account),
            lookback_window=walk.window,
            campaign_id=campaign or 0,
            campaign_urn=urn.make("sponsoredCampaign", campaign) if campaign else None,
            ad_segments=",".join(
                urn.make("adSegment", s) for s in settings.company_intelligence_ad_segments
            ),
            company_page_url=record.get("company_page_url") or "",
            metric_date=self.run.today.isoformat(),
        )
        return record

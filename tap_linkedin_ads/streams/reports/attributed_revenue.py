"""Revenue that LinkedIn attributes to ads, from a connected CRM."""

from __future__ import annotations

import datetime as dt
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.workers import side_by_side
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.entity import UnreadableValue, UnreadableValueError, snake_case
from tap_linkedin_ads.records.values import shown
from tap_linkedin_ads.reporting.rows import key_fields
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Window
from tap_linkedin_ads.streams.linkedin_stream import UNREADABLE, LinkedInStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

_PIVOTS = ("CAMPAIGN_GROUP", "CAMPAIGN")
_FIELDS = restli.Projection(("dateRange", "pivotValues", "revenueAttributionMetrics"))


class _Range(OnePage):
    """One ad account's revenue in one range that ends today."""

    def __init__(self, stream: AttributedRevenue, account: int, window: Window) -> None:
        self.account = account
        self.window = window
        request = Request(
            "adAnalytics",
            "/adAnalytics",
            {
                "q": "attributedRevenueMetrics",
                "pivots": _PIVOTS,
                "account": [urn.make("sponsoredAccount", account)],
                "dateRange": {"start": window.start, "end": window.end},
                "fields": _FIELDS,
            },
            stream=stream.name,
        )
        super().__init__(stream.run.client, request)


class AttributedRevenue(LinkedInStream):
    """CRM revenue by campaign group and campaign, for ranges that end today.

    Incremental, so that no target takes the ranges of earlier days for outdated.
    """

    name = "attributed_revenue"
    replication_key = "metric_end_date"
    selected_by_default = False
    primary_keys = (
        "account_id",
        "campaign_group_id",
        "campaign_id",
        "metric_date",
        "metric_end_date",
    )

    @override
    def read(self) -> Iterator[Record]:
        today, accounts = self.run.today, self.shared.ad_accounts.ids
        lengths = sorted(self.run.settings.attributed_revenue_days)
        walks = (
            _Range(self, account, Window(today - dt.timedelta(days=days - 1), today))
            for account in accounts
            for days in lengths
        )
        unread = dict.fromkeys(accounts, len(lengths))
        for step in side_by_side(walks, self.run.workers):
            walk = step.walk
            try:
                elements = step.answer().elements
            except RequestFailedError as error:
                self.owner_failed(walk.account, error)
                continue
            if len(elements) >= ELEMENT_LIMIT:
                self._too_large(walk)
                continue
            for raw in elements:
                unreadable: list[UnreadableValue] = []
                try:
                    record = self._record(walk, responses.row(raw), unreadable)
                except UNREADABLE as error:
                    self.set_aside(walk.account, error)
                    continue
                if self.accept(walk.account, record, unreadable):
                    yield record
            unread[walk.account] -= 1
            if not unread[walk.account]:
                self.move_bookmark(walk.account, today.isoformat())
        self.write_state()

    def _record(
        self, walk: _Range, wire: responses.Wire, unreadable: list[UnreadableValue]
    ) -> Record:
        """Shape one row; LinkedIn may round its range, the one that was asked for counts."""
        _, found = key_fields(wire)
        if len(found) != len(_PIVOTS):
            raise UnreadableValueError(f"a row with the pivot values {', '.join(found)}")
        group, campaign = found
        properties = self.effective_schema["properties"]
        record: Record = dict.fromkeys(properties)
        metrics = wire.get("revenueAttributionMetrics") or {}
        if not isinstance(metrics, dict):
            raise UnreadableValueError(f"revenueAttributionMetrics {shown(metrics)}")
        for name, value in metrics.items():
            column = snake_case(name)
            if column in properties:
                record[column] = entity.fitting(column, value, properties[column], unreadable)
        record.update(
            account_id=walk.account,
            account_urn=urn.make("sponsoredAccount", walk.account),
            campaign_group_id=urn.number(group),
            campaign_group_urn=group,
            campaign_id=urn.number(campaign),
            campaign_urn=campaign,
            metric_date=walk.window.start.isoformat(),
            metric_end_date=walk.window.end.isoformat(),
        )
        return record

    def _too_large(self, walk: _Range) -> None:
        message = f"{ELEMENT_LIMIT:,} rows or more from {walk.window.start}: LinkedIn cuts them"
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(walk.account, RequestFailedError(failure, "adAnalytics"))

"""Revenue that LinkedIn attributes to ads, from a connected CRM.

LinkedIn's rule: LI-55.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.entity import UnreadableValue, UnreadableValueError, snake_case
from tap_linkedin_ads.records.values import shown
from tap_linkedin_ads.reporting.rows import key_fields
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.pagination import Ask
    from tap_linkedin_ads.streams.owners import Owner

_PIVOTS = ("CAMPAIGN_GROUP", "CAMPAIGN")
_FIELDS = restli.Projection(("dateRange", "pivotValues", "revenueAttributionMetrics"))


class _Range(OnePage):
    """One ad account's revenue in one range of days."""

    @override
    def first(self) -> Ask:
        return self._uncut

    def _uncut(self) -> responses.FinderAnswer:
        answer = self._ask()
        if len(answer.elements) >= ELEMENT_LIMIT:
            days = t.cast("Mapping[str, object]", self._request.parameters["dateRange"])
            message = f"{ELEMENT_LIMIT:,} rows or more from {days['start']}: LinkedIn cuts them"
            failure = Failure(Remedy.SET_ASIDE, 0, message)
            raise RequestFailedError(failure, self._request.resource)
        return answer


class AttributedRevenue(OwnerStream):
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
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        """Ask for each range; LinkedIn may round it in its answer, what was asked for counts."""
        end = self.run.today
        for days in sorted(self.run.settings.attributed_revenue_days):
            start = end - dt.timedelta(days=days - 1)
            request = Request(
                "adAnalytics",
                "/adAnalytics",
                {
                    "q": "attributedRevenueMetrics",
                    "pivots": _PIVOTS,
                    "account": [owner.urn],
                    "dateRange": {"start": start, "end": end},
                    "fields": _FIELDS,
                },
                stream=self.name,
            )
            yield OwnerPages(
                owner,
                _Range(self.run.client, request),
                {"metric_date": start.isoformat(), "metric_end_date": end.isoformat()},
            )

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return self.run.today.isoformat()

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
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
            campaign_group_id=urn.number(group),
            campaign_group_urn=group,
            campaign_id=urn.number(campaign),
            campaign_urn=campaign,
        )
        return record

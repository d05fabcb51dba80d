"""From merged rows to the records of a report."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads import urn
from tap_linkedin_ads.reporting.periods import bounds
from tap_linkedin_ads.reporting.rows import absent_values

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.accounts import AdAccounts
    from tap_linkedin_ads.names import EntityNames
    from tap_linkedin_ads.reporting.merge import Key, Values
    from tap_linkedin_ads.reporting.metrics import Metric
    from tap_linkedin_ads.reporting.pivots import PivotColumns
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.value_names import ValueNames

NAME_COLUMNS: t.Final[Mapping[str, str]] = {
    "account_name": "ad_accounts",
    "currency_code": "ad_accounts",
    "campaign_group_id": "campaigns",
    "campaign_group_urn": "campaigns",
    "campaign_group_name": "campaign_groups",
    "campaign_name": "campaigns",
    "creative_name": "creatives",
    "conversion_name": "conversions",
}
"""Columns that may come from entities, and the entity stream that knows them."""


class ReportRecords:
    """Builds the records of one report."""

    def __init__(  # noqa: PLR0913  what a record is made of
        self,
        report: Report,
        *,
        columns: Collection[str],
        pivots: Sequence[PivotColumns],
        metrics: Sequence[Metric],
        ad_accounts: AdAccounts,
        names: EntityNames,
        value_names: ValueNames,
        read_at: str,
    ) -> None:
        """Build records that hold exactly ``columns``."""
        self._report = report
        self._pivots = pivots
        self._accounts = ad_accounts
        self._names = names
        self._value_names = value_names
        self._read_at = read_at
        self._blank = {**dict.fromkeys(columns), **absent_values(metrics)}
        own = {column for pivot in pivots for column in (pivot.of_id, pivot.of_urn) if column}
        from_entities = NAME_COLUMNS.keys() - own
        self._shows_entities = any(column in columns for column in from_entities)
        self._name_columns = [p.of_name for p in pivots if p.of_name and p.of_name in columns]

    def values_to_name(self, keys: Iterator[Key]) -> set[str]:
        """Return the pivot values whose names a selected column shows."""
        if not self._name_columns:
            return set()
        at = [i for i, pivot in enumerate(self._pivots) if pivot.of_name in self._name_columns]
        return {key[i] for key in keys for i in at}

    def record(
        self, account: int, start: dt.date, end: dt.date, key: Key, values: Values
    ) -> Record:
        """Build one record.

        Args:
            account: The ad account's id.
            start: First day of the row.
            end: Last day asked for; it ends the rows of an ALL report.
            key: Pivot values, and the campaign where each is asked for alone.
            values: The metrics that LinkedIn sent.
        """
        granularity = self._report.granularity
        period_end = end if granularity == "ALL" else bounds(start, granularity).end
        facts: dict[str, t.Any] = {
            "metric_date": start.isoformat(),
            "metric_end_date": period_end.isoformat(),
            "time_granularity": granularity,
            "read_at": self._read_at,
            "campaign_id": 0,
        }
        for pivot, value in zip(self._pivots, key, strict=False):
            facts.update(pivot.fill(value))
            if pivot.of_name in self._name_columns:
                facts[pivot.of_name] = self._value_names.get(value)
        if len(key) > len(self._pivots):
            facts["campaign_id"] = int(key[-1])
            facts["campaign_urn"] = urn.make("sponsoredCampaign", key[-1])
        facts["account_id"] = account
        facts["account_urn"] = urn.make("sponsoredAccount", account)
        if self._shows_entities:
            facts = {**self._from_entities(account, facts), **facts}
        record = dict(self._blank)
        record.update((column, value) for column, value in facts.items() if column in record)
        record.update(values)
        return record

    def _from_entities(self, account: int, facts: Mapping[str, t.Any]) -> dict[str, t.Any]:
        names, wire = self._names, self._accounts.by_id.get(account, {})
        campaign = names.get("campaigns", account, facts.get("campaign_id"))
        group_id = urn.number(campaign.parent_urn) if campaign.parent_urn else None
        return {
            "account_name": wire.get("name"),
            "currency_code": wire.get("currency"),
            "campaign_name": campaign.name,
            "campaign_group_urn": campaign.parent_urn,
            "campaign_group_id": group_id,
            "campaign_group_name": names.get("campaign_groups", account, group_id).name,
            "creative_name": names.get("creatives", account, facts.get("creative_id")).name,
            "conversion_name": names.get("conversions", account, facts.get("conversion_id")).name,
        }

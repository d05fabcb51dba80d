"""From merged rows to the records of a report."""

from __future__ import annotations

import typing as t

import msgspec

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records.values import TEXT, fitting_or_none
from tap_linkedin_ads.reporting.periods import ALL, bounds

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from tap_linkedin_ads.reporting.fragments import Key
    from tap_linkedin_ads.reporting.merge import Values
    from tap_linkedin_ads.reporting.pivots import PivotColumns
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.sync.ad_accounts import AdAccounts
    from tap_linkedin_ads.sync.entity_names import EntityNames
    from tap_linkedin_ads.sync.pivot_value_names import ValueNames

_encoder = msgspec.json.Encoder(decimal_format="number")

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
    """Builds the records of one report, as text: dates, then what a row is about, then figures."""

    def __init__(  # noqa: PLR0913  what a record is made of
        self,
        report: Report,
        *,
        columns: Collection[str],
        pivots: Sequence[PivotColumns],
        refused: Sequence[str],
        ad_accounts: AdAccounts,
        names: EntityNames,
        value_names: ValueNames,
        read_at: str,
    ) -> None:
        """Build records of ``columns``; those that LinkedIn refuses are null."""
        self._report = report
        self._columns = columns
        self._pivots = pivots
        self._nulls = _encoder.encode(dict.fromkeys(refused))[1:-1]
        self._accounts = ad_accounts
        self._names = names
        self._value_names = value_names
        self._read_at = read_at
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

    def key_of(self, account: int, start: dt.date, key: Key) -> dict[str, t.Any]:
        """Return the columns that tell one row from the others."""
        return {**self._dates(start, start), **self._about(account, key)}

    def of_account(
        self,
        account: int,
        rows: Iterable[tuple[dt.date, Key, Values]],
        end: dt.date,
        set_aside: Callable[[str], None],
    ) -> Iterator[bytes]:
        """Build the records of one ad account, each as JSON text without braces.

        Args:
            account: The ad account's id.
            rows: First day, pivot values (and the campaign where each is asked for alone), and
                the fragments of the field groups.
            end: Last day asked for; it ends the rows of an ALL report.
            set_aside: Hears of each row that is about something without a number where its key
                needs one, and is left out.
        """
        dates: dict[dt.date, bytes] = {}
        subjects: dict[Key, bytes | None] = {}
        for start, key, values in rows:
            if start not in dates:
                dates[start] = self._text(self._dates(start, end))
            try:
                subject = subjects[key]
            except KeyError:
                facts = self._subject(account, key)
                is_whole = all(facts[pivot.key] is not None for pivot in self._pivots)
                subject = subjects[key] = self._text(facts) if is_whole else None
            if subject is None:
                set_aside(f"LinkedIn sent a row of {start} with the pivot values {', '.join(key)}")
                continue
            parts = (dates[start], subject, *self._figures(values), self._nulls)
            yield b",".join(filter(None, parts))

    def _figures(self, values: Values) -> Values:
        """Return the figures of a row as pieces of its text."""
        return values

    def _text(self, facts: Mapping[str, t.Any]) -> bytes:
        """Encode the selected ones of some columns, without braces."""
        chosen = {column: facts[column] for column in facts if column in self._columns}
        return _encoder.encode(chosen)[1:-1]

    def _dates(self, start: dt.date, end: dt.date) -> dict[str, t.Any]:
        granularity = self._report.granularity
        period_end = end if granularity == ALL else bounds(start, granularity).end
        return {"metric_date": start.isoformat(), "metric_end_date": period_end.isoformat()}

    def _subject(self, account: int, key: Key) -> dict[str, t.Any]:
        """Return the columns that say what a row is about, names and parents included."""
        facts = self._about(account, key)
        return {**self._from_entities(account, facts), **facts} if self._shows_entities else facts

    def _about(self, account: int, key: Key) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {
            "account_id": account,
            "account_urn": urn.make("sponsoredAccount", account),
            "campaign_id": 0,
            "campaign_urn": None,
            "time_granularity": self._report.granularity,
            "read_at": self._read_at,
        }
        for pivot, value in zip(self._pivots, key, strict=False):
            facts.update(pivot.fill(value))
            if pivot.of_name in self._name_columns:
                facts[pivot.of_name] = self._value_names.get(value)
        if len(key) > len(self._pivots):
            facts["campaign_id"] = int(key[-1])
            facts["campaign_urn"] = urn.make("sponsoredCampaign", key[-1])
        facts["account_id"] = account
        return facts

    def _from_entities(self, account: int, facts: Mapping[str, t.Any]) -> dict[str, t.Any]:
        names, wire = self._names, self._accounts.by_id.get(account, {})
        campaign = names.get("campaigns", account, facts.get("campaign_id"))
        group_id = urn.number(campaign.parent_urn) if campaign.parent_urn else None
        return {
            "account_name": fitting_or_none(wire.get("name"), TEXT),
            "currency_code": fitting_or_none(wire.get("currency"), TEXT),
            "campaign_name": campaign.name,
            "campaign_group_urn": campaign.parent_urn,
            "campaign_group_id": group_id,
            "campaign_group_name": names.get("campaign_groups", account, group_id).name,
            "creative_name": names.get("creatives", account, facts.get("creative_id")).name,
            "conversion_name": names.get("conversions", account, facts.get("conversion_id")).name,
        }

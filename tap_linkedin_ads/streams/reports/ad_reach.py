"""Reach of ad accounts, campaign groups and campaigns over weeks, months and the last days.

LinkedIn's rule: LI-79.
"""

from __future__ import annotations

import functools
import typing as t
from decimal import Decimal

import msgspec
from typing_extensions import override

from tap_linkedin_ads.records.values import TEXT, fitting_or_none
from tap_linkedin_ads.reporting import reach
from tap_linkedin_ads.reporting.cohorts import MOST_ACCOUNTS
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import LONGEST_WINDOW, Window
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tap_linkedin_ads.streams.reports.records import ReportRecords

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.errors import Failure, RequestFailedError
    from tap_linkedin_ads.reporting.fragments import Key
    from tap_linkedin_ads.reporting.merge import Values
    from tap_linkedin_ads.reporting.metrics import Metric

_FREQUENCY = "frequency"
_ENTITIES = {"campaign_group": "campaign_groups", "campaign": "campaigns"}
_FOR_FREQUENCY = frozenset({reach.IMPRESSIONS, reach.REACH})
_figures = msgspec.json.Decoder(dict[str, Decimal | None])


class _ReachRecords(ReportRecords):
    """Builds the records of one level and period."""

    def __init__(self, *args: t.Any, level: str, period: str, **kwargs: t.Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self._level = level
        self._period = period

    @override
    def _dates(self, start: dt.date, end: dt.date) -> dict[str, t.Any]:
        return super()._dates(start, end) | {
            "metric_end_date": reach.whole(self._period, start).end.isoformat()
        }

    @override
    def _about(self, account: int, key: Key) -> dict[str, t.Any]:
        facts, entity = super()._about(account, key), self._pivots[-1]
        own = {"entity_id": facts[entity.of_id], "entity_urn": facts[entity.of_urn]}
        return {**facts, "level": self._level, "period": self._period, **own}

    @override
    def _subject(self, account: int, key: Key) -> dict[str, t.Any]:
        facts = self._about(account, key)
        if "entity_name" in self._columns:
            facts["entity_name"] = self._name(account, facts["entity_id"])
        return facts

    def _name(self, account: int, entity: int | None) -> str | None:
        if stream := _ENTITIES.get(self._level):
            return self._names.get(stream, account, entity).name
        name: str | None = fitting_or_none(self._accounts.by_id.get(account, {}).get("name"), TEXT)
        return name

    @override
    def _figures(self, values: Values) -> Values:
        found = _figures.decode(b"{" + b",".join(filter(None, values)) + b"}")
        if _FREQUENCY in self._columns:
            impressions, members = found.get("impressions"), found.get("approximate_member_reach")
            found[_FREQUENCY] = reach.frequency(impressions, members)
        return [self._text(found)]


class AdReach(AdReport):
    """Reach, which does not add up over days, over the ranges that people report on.

    A range is one request, so that everything of an ad account is read before its bookmark moves.
    """

    def __init__(self, tap: Tap, api_version: str) -> None:
        """Offer reach of every level under one name."""
        super().__init__(tap, reach.LEVELS["campaign"], api_version)
        self.primary_keys = ("account_id", "level", "entity_id", "period", "metric_date")
        self.replication_key = "metric_date"
        self._levels = tuple(reach.LEVELS)
        self._periods: dict[Planner, str] = {}
        self._done: set[tuple[str, int]] = set()
        self._named: set[tuple[int, Failure]] = set()

    @functools.cached_property
    @override
    def selected_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics to ask for: frequency is worked out of two."""
        more = _FOR_FREQUENCY if _FREQUENCY in self.columns else frozenset()
        return tuple(m for m in self.metrics if m.column in self.columns or m.name in more)

    @property
    @override
    def entity_streams(self) -> tuple[str, ...]:
        return tuple(_ENTITIES.values()) if "entity_name" in self.columns else ()

    @override
    def read(self) -> Iterator[Record]:
        for level, self.report in reach.LEVELS.items():
            self._levels = (level,)
            self._done.clear()
            self.__dict__.pop("layout", None)
            self.pivot_columns = self.columns_of(self.report.pivots)
            yield from self.read_plans()
        self.directory.names.release(self.entity_streams)
        for account in self.directory.ad_accounts.ids:
            self.move_bookmark(account, self.run.settings.end_date.isoformat())
        self.write_state()

    @override
    def planners(self) -> Iterator[Planner]:
        """Yield the plan of each level and period, for ad accounts that have the same ranges."""
        self._periods.clear()
        settings, report = self.run.settings, self.layout.report
        lookback = settings.lookback()
        size = MOST_ACCOUNTS if report.shares_accounts else 1
        for _ in self._levels:
            for period in reach.PERIODS:
                together: dict[tuple[Window, ...], list[int]] = {}
                for account in self.directory.ad_accounts.ids:
                    first = lookback.first_day(self.bookmarks.day(account))
                    ranges = reach.ranges(period, first, settings.end_date, today=self.run.today)
                    if ranges and (period, account) not in self._done:
                        together.setdefault(ranges, []).append(account)
                for ranges, accounts in together.items():
                    for at in range(0, len(accounts), size):
                        planner = Planner(
                            accounts[at : at + size],
                            Window(ranges[0].start, ranges[-1].end),
                            [group.dense for group in self.layout.groups],
                            LONGEST_WINDOW,
                            periods=ranges,
                            granularity=report.granularity,
                            rows_have_one_campaign=report.rows_have_one_campaign,
                        )
                        self._periods[planner] = period
                        yield planner

    @override
    def records_for(self, planner: Planner) -> ReportRecords:
        (level,) = self._levels
        make = functools.partial(_ReachRecords, level=level, period=self._periods[planner])
        return self.records_as(make)

    @override
    def owner_failed(self, owner: int, error: RequestFailedError, missing: str = "") -> None:
        """Note what an ad account fails on, once for all ranges that fail alike."""
        if (owner, error.failure) not in self._named:
            super().owner_failed(owner, error, missing)
            self._named.add((owner, error.failure))

    @override
    def are_complete(self, planner: Planner, complete: Mapping[int, dt.date]) -> None:
        period = self._periods[planner]
        self._done |= {
            (period, account) for account, day in complete.items() if day >= planner.window.end
        }

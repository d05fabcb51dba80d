"""What a report stream offers, and what it asks of LinkedIn."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.cohorts import cohorts
from tap_linkedin_ads.reporting.layout import Layout
from tap_linkedin_ads.reporting.metrics import Metric, catalogue
from tap_linkedin_ads.reporting.parameters import parameters, pivots_of
from tap_linkedin_ads.reporting.periods import ALL
from tap_linkedin_ads.reporting.pivots import PivotColumns
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import DAY, Window
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.reports.records import NAME_COLUMNS
from tap_linkedin_ads.streams.reports.refusal_search import RefusalSearch, Refused

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk import Tap

    from tap_linkedin_ads.api.errors import Failure
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.streams.owners import Owner

RESOURCE = "adAnalytics"


@functools.cache
def _all_metrics() -> tuple[Metric, ...]:
    return catalogue(schema.read("metrics")["properties"])


@functools.cache
def _metrics_of(pivots: tuple[str, ...], api_version: str) -> tuple[Metric, ...]:
    """Return the metrics that exist for a report's pivots in an API version."""
    return tuple(metric for metric in _all_metrics() if metric.exists_for(pivots, api_version))


class ReportRequests(LinkedInStream):
    """A report stream without its run: columns and keys, plans and requests."""

    def __init__(self, tap: Tap, report: Report, api_version: str) -> None:
        """Offer the metrics that exist for the report's pivots in this API version."""
        self.report = report
        self._names_campaigns = False
        self.selected_by_default = report.by_default
        self.metrics = tuple(
            metric
            for metric in _metrics_of(report.pivots, api_version)
            if report.metrics is None or metric.name in report.metrics
        )
        self.pivot_columns = self.columns_of(report.pivots)
        published = schema.report_schema(
            report.schema,
            pivots=report.pivots,
            metric_columns=(metric.column for metric in self.metrics),
            title=report.name,
            description=report.row,
        )
        self.unread: set[int] | None = None
        """Ad accounts that are left to read, None before anything was read."""
        super().__init__(tap, name=report.name, published=published)
        declared = published["properties"]
        keys = ["account_id"]
        keys += [key for key in ("campaign_id",) if report.is_demographic and key in declared]
        keys += [columns.key for columns in self.pivot_columns]
        keys += [key for key in ("time_granularity", "metric_date") if key in declared]
        self.primary_keys = tuple(dict.fromkeys(keys))
        self.replication_key = None if report.granularity == ALL else "metric_date"

    @staticmethod
    def columns_of(pivots: Sequence[str]) -> tuple[PivotColumns, ...]:
        """Return where the values of pivots go."""
        return tuple(
            columns
            for pivot in pivots
            for columns in PivotColumns.declared(schema.read("pivots")[pivot]["properties"])
        )

    @functools.cached_property
    def selected_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics to ask for: nothing else is."""
        return tuple(metric for metric in self.metrics if metric.column in self.columns)

    @functools.cached_property
    def layout(self) -> Layout:
        """Return how the report is asked for, after what LinkedIn has refused so far."""
        return Layout.after(
            self.directory.refusals,
            self.report,
            self.selected_metrics,
            self.api_version,
            names_campaigns=self.report.one_campaign_each or self._names_campaigns,
        )

    @property
    @override
    def entity_streams(self) -> tuple[str, ...]:
        """Return the entity streams whose names the selected columns need."""
        return self._entity_streams

    @functools.cached_property
    def _entity_streams(self) -> tuple[str, ...]:
        own = {c for pivot in self.pivot_columns for c in (pivot.of_urn, pivot.of_id)}
        wanted = {
            stream
            for column, stream in NAME_COLUMNS.items()
            if column in self.columns and column not in own
        }
        if "campaign_groups" in wanted:
            wanted.add("campaigns")  # a campaign knows its group
        return tuple(sorted(wanted - {"ad_accounts"}))

    def planners(self) -> Iterator[Planner]:
        """Yield the plan of each cohort of ad accounts, those furthest behind first."""
        settings, report = self.run.settings, self.layout.report
        accounts = self.directory.ad_accounts.ids
        for cohort in cohorts(
            {
                account: self.bookmarks.day(account)
                for account in accounts
                if self.unread is None or account in self.unread
            },
            lookback=settings.lookback(report.lookback_days),
            end_date=settings.end_date,
            today=self.run.today,
            log=self.logger.warning,
            report=report,
        ):
            yield Planner(
                cohort.accounts,
                cohort.window,
                [group.dense for group in self.layout.groups],
                settings.date_window_size,
                often=self.layout.often,
                periods=cohort.periods,
                granularity=report.granularity,
                one_campaign_each=report.one_campaign_each,
                rows_have_one_campaign=report.rows_have_one_campaign,
            )

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        """Yield a request with nothing in it that LinkedIn may refuse and a run goes without."""
        yesterday = self.run.today - DAY
        chunk = Chunk(0, Window(yesterday, yesterday), (owner.owner_id,))
        yield self._request(self.report.with_account_apart(), chunk, ())

    def request(self, chunk: Chunk) -> Request:
        return self._request(
            self.layout.report, chunk, self.layout.groups[chunk.group_number].names
        )

    def _request(self, report: Report, chunk: Chunk, metrics: Sequence[str]) -> Request:
        query = parameters(report, chunk, metrics)
        return Request(RESOURCE, "/adAnalytics", query, stream=self.name)

    def learn(self, chunk: Chunk, expected_rows: int, failure: Failure) -> bool:
        """Find out what of a refused request LinkedIn does not accept; the layout changes then.

        Returns:
            Whether the report is to be planned again.
        """
        report, groups = self.layout.report, self.layout.groups
        one = dataclasses.replace(chunk, accounts=chunk.accounts[:1])
        has_company = (
            report.shares_accounts and len(report.pivots) > 1 and not chunk.lists_campaigns
        )

        def of_one_account(with_account: bool) -> Request:  # noqa: FBT001  one of two requests
            asked = report if with_account else report.with_account_apart()
            return self._request(asked, one, ())

        refused = Refused(
            report.finder,
            pivots_of(report, chunk),
            groups[chunk.group_number].names,
            expected_rows,
            with_names=functools.partial(self._request, report, chunk),
            of_one_account=of_one_account if has_company else None,
            is_of_one_account=len(chunk.accounts) == 1,
        )
        if not self._search.learn(refused, failure):
            return False
        self._names_campaigns |= chunk.lists_campaigns
        self.__dict__.pop("layout", None)
        return True

    @functools.cached_property
    def _search(self) -> RefusalSearch:
        return RefusalSearch(self.run.client, self.directory.refusals, self.run.log)

"""The rows of ad reports that no request can change any more: written, counted, bookmarked."""

from __future__ import annotations

import functools
import itertools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.periods import DAILY
from tap_linkedin_ads.reporting.receipts import ADDING_UP, Totals
from tap_linkedin_ads.streams.reports.records import ReportRecords
from tap_linkedin_ads.streams.reports.report_requests import ReportRequests
from tap_linkedin_ads.sync.messages import RecordLines, decoded, lines_for

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import metrics
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.reporting.fragments import Key
    from tap_linkedin_ads.reporting.merge import Merge, Values
    from tap_linkedin_ads.reporting.plan import Planner

    R = t.TypeVar("R", bound=ReportRecords)

_PORTION = 16
"""Records that are written together: about what a pipe takes at once."""


class ReportRows(ReportRequests):
    """A report's way from joined rows to records and bookmarks."""

    _counter: metrics.Counter | None = None

    @functools.cached_property
    def _readers(self) -> list[FragmentReader]:
        return [FragmentReader(group.metrics) for group in self.layout.groups]

    @functools.cached_property
    def _records(self) -> ReportRecords:
        return self.records_as(ReportRecords)

    def records_as(self, make: Callable[..., R]) -> R:
        """Return what builds the report's records, made by ``ReportRecords`` or one of its kind."""
        return make(
            self.report,
            columns=self.columns,
            pivots=self.pivot_columns,
            refused=[m.column for m in self.layout.refused if m.column in self.columns],
            ad_accounts=self.directory.ad_accounts,
            names=self.directory.names,
            value_names=self.directory.value_names,
            read_at=self.run.read_at,
        )

    def records_for(self, planner: Planner) -> ReportRecords:  # noqa: ARG002
        """Return what builds the records of one plan."""
        return self._records

    def release(self, planner: Planner, merge: Merge) -> Iterator[Record]:
        """Yield the rows that no open request can change any more, then move the bookmarks."""
        complete, builder = planner.advanced(), self.records_for(planner)
        if self._totals:
            for account, through in complete.items():
                self.directory.receipts.enter_days(
                    self.name, account, planner.window.start, through
                )
        waiting = [account for account, day in complete.items() if merge.has_rows(account, day)]
        if waiting and self.entity_streams:
            self.directory.names.look_up(self.entity_streams, waiting, self.name)
        for account, through in complete.items():
            rows = merge.take(account, through)
            days = rows.days()
            if self.report.granularity == DAILY:
                self.run.report.read_days(account, planner.window.start, through, days)
            if not days:
                continue
            if to_name := builder.values_to_name(rows.keys()):
                self.directory.value_names.look_up(to_name, self.name)
            records = builder.of_account(
                account,
                self._entered(account, rows),
                planner.window.end,
                functools.partial(self.set_aside, account),
            )
            if self._lines is None:
                yield from map(decoded, records)
            else:
                self._write(self._lines, account, records)
        self.are_complete(planner, complete)

    def _entered(
        self, account: int, rows: Iterable[tuple[dt.date, Key, Values]]
    ) -> Iterator[tuple[dt.date, Key, Values]]:
        """Enter rows into their receipts, where those are wanted, as they go by."""
        if not self._totals:
            yield from rows
            return
        for row in rows:
            self.directory.receipts.enter_rows(self.name, account, [row], self._totals)
            yield row

    def are_complete(self, planner: Planner, complete: Mapping[int, dt.date]) -> None:
        """Take note that ad accounts are complete, in one plan, up to a day each."""
        read = [account for account, day in complete.items() if day >= planner.window.end]
        self.directory.names.forget(self.entity_streams, read)
        moved = [
            self.move_bookmark(account, min(through, self.run.settings.end_date).isoformat())
            for account, through in complete.items()
        ]
        if any(moved):
            self.write_state()

    def _forget_receipts(self, planners: Sequence[Planner]) -> None:
        """Forget what is read again."""
        if self._totals:
            for planner in planners:
                for account in planner.accounts:
                    self.directory.receipts.forget(self.name, account, planner.window.start)

    @functools.cached_property
    def _totals(self) -> Totals | None:
        """Return what adds up rows for their receipts, where receipts are wanted."""
        if not self.directory.keeps_receipts or self.report.granularity != DAILY:
            return None
        totals = Totals(self.layout.groups)
        comparable = bool(totals.group_numbers) and ADDING_UP.issuperset(self.report.pivots)
        self.directory.receipts.open(self.name, comparable=comparable and not self.report.facets)
        return totals

    @functools.cached_property
    def _lines(self) -> RecordLines | None:
        return lines_for(self, self._tap.message_writer)

    def _write(self, lines: RecordLines, account: int, records: Iterator[bytes]) -> None:
        """Write an ad account's records without the SDK, some at a time, and count them."""
        rows = self.run.report.rows
        while portion := list(itertools.islice(records, _PORTION)):
            self.state_manager.is_flushed = False
            rows[self.name, account] += len(portion)
            if self._counter is not None:
                self._counter.increment(len(portion))
            lines.write(portion)

    @override
    def get_record_counter(self, **options: t.Any) -> metrics.Counter:
        """Return the SDK's counter of records, and keep it for those that the SDK does not see."""
        self._counter = super().get_record_counter(**options)
        return self._counter

"""Ad reports: runs the plan of one report and joins the answers."""

from __future__ import annotations

import collections
import dataclasses
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.workers import LOOK_AHEAD
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.cohorts import cohorts
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.intake import OddRows, take_in
from tap_linkedin_ads.reporting.layout import Layout
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.metrics import Metric, catalogue
from tap_linkedin_ads.reporting.parameters import parameters, pivots_of
from tap_linkedin_ads.reporting.periods import ALL, DAILY
from tap_linkedin_ads.reporting.pivots import PivotColumns
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.receipts import ADDING_UP, Totals
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.reports.records import NAME_COLUMNS, ReportRecords
from tap_linkedin_ads.streams.reports.refusal_search import RefusalSearch, Refused
from tap_linkedin_ads.sync.messages import EncodedRecord, RecordLines, lines_for

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from concurrent.futures import Future

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import responses
    from tap_linkedin_ads.reporting.evidence import Contradiction
    from tap_linkedin_ads.reporting.reports import Report
    from tap_linkedin_ads.reporting.tracks import Piece

_RESOURCE = "adAnalytics"


@functools.cache
def _all_metrics() -> tuple[Metric, ...]:
    return catalogue(schema.read("metrics")["properties"])


class _Asked(t.NamedTuple):
    """A request under way."""

    planner: Planner
    piece: Piece
    expected_rows: int
    answer: Future[responses.FinderAnswer]


class AdReport(LinkedInStream):
    """One report, read for all ad accounts together where its rows name their ad account."""

    def __init__(self, tap: Tap, report: Report, api_version: str) -> None:
        """Offer the metrics that exist for the report's pivots in this API version."""
        self.report = report
        self._names_campaigns = False
        self._unread: set[int] | None = None
        self.selected_by_default = report.by_default
        self.metrics = tuple(
            metric
            for metric in _all_metrics()
            if metric.exists_for(report.pivots, api_version)
            and (report.metrics is None or metric.name in report.metrics)
        )
        self.pivot_columns = tuple(
            columns
            for pivot in report.pivots
            for columns in PivotColumns.declared(schema.read("pivots")[pivot]["properties"])
        )
        published = schema.report_schema(
            report.schema,
            pivots=report.pivots,
            metric_columns=(metric.column for metric in self.metrics),
            title=report.name,
            description=report.row,
        )
        super().__init__(tap, name=report.name, published=published)
        declared = published["properties"]
        keys = ["account_id"]
        keys += [key for key in ("campaign_id",) if report.is_demographic and key in declared]
        keys += [columns.key for columns in self.pivot_columns]
        keys += [key for key in ("time_granularity", "metric_date") if key in declared]
        self.primary_keys = tuple(dict.fromkeys(keys))
        self.replication_key = None if report.granularity == ALL else "metric_date"

    @functools.cached_property
    def selected_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics to ask for: nothing else is."""
        return tuple(metric for metric in self.metrics if metric.column in self.columns)

    @functools.cached_property
    def layout(self) -> Layout:
        """Return how the report is asked for, after what LinkedIn has refused so far."""
        return Layout.after(
            self.shared.refusals,
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

    @functools.cached_property
    def _readers(self) -> list[FragmentReader]:
        return [FragmentReader(group.metrics) for group in self.layout.groups]

    @functools.cached_property
    def _records(self) -> ReportRecords:
        return ReportRecords(
            self.report,
            columns=self.columns,
            pivots=self.pivot_columns,
            blanks=[reader.blank for reader in self._readers],
            refused=[metric.column for metric in self.layout.refused],
            ad_accounts=self.shared.ad_accounts,
            names=self.shared.names,
            value_names=self.shared.value_names,
            read_at=self.run.read_at,
        )

    # The run

    @override
    def read(self) -> Iterator[Record]:
        if self.report.variant:
            self.start_anew_unless(self.report.variant, self.report.noted_facets)
        self.shared.ad_accounts.warn_of_lost(self.bookmarks)
        while (yield from self._read_plan()):
            pass  # with what was learnt
        self.shared.names.release(self.entity_streams)
        self.write_state()

    def _read_plan(self) -> Generator[Record, None, bool]:
        """Read what is not read yet.

        Returns:
            Whether LinkedIn refuses what was planned, so that the rest is to be planned again.
        """
        every = list(self.planners())
        self._forget_receipts(every)
        planners = collections.deque(every)
        left = {id(planner): planner.windows_left for planner in planners}
        answered, windows_left = 0, sum(left.values())
        asked: collections.deque[_Asked] = collections.deque()
        merge = Merge()
        self._top_up(planners, asked)
        while asked:
            request = asked.popleft()
            if not self._take_in(request, merge):
                for ahead in asked:
                    ahead.answer.cancel()
                self._unread = set().union(*(planner.unread for planner in every))
                return True
            self._top_up(planners, asked)
            key, answered = id(request.planner), answered + 1
            windows_left -= left[key]
            left[key] = request.planner.windows_left
            windows_left += left[key]
            self.run.progress.tell(self.name, "windows", answered, windows_left)
            yield from self._release(request, merge)
        return False

    def planners(self) -> Iterator[Planner]:
        """Give the plan of each cohort of ad accounts, those furthest behind first."""
        settings, report = self.run.settings, self.layout.report
        accounts = self.shared.ad_accounts.ids
        for cohort in cohorts(
            {
                account: self.bookmarks.day(account)
                for account in accounts
                if self._unread is None or account in self._unread
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
                periods=cohort.periods,
                granularity=report.granularity,
                one_campaign_each=report.one_campaign_each,
                rows_have_one_campaign=report.rows_have_one_campaign,
            )

    def _top_up(
        self, planners: collections.deque[Planner], asked: collections.deque[_Asked]
    ) -> None:
        """Keep all workers busy, with requests of the foremost planners first.

        Small answers are asked for ahead, so that a slow one does not hold up the workers; full
        ones are not, so that no more wait than there are workers. It takes what is known of the
        rows, not what is in already: the same answers give the same requests.
        """
        width = self.run.workers.width
        while len(asked) < width or (
            len(asked) < LOOK_AHEAD * width
            and sum(ahead.expected_rows for ahead in asked) <= ELEMENT_LIMIT * (width - 1)
        ):
            while planners and planners[0].done:
                planners.popleft()
            foremost = (planner for _, planner in zip(range(width), planners, strict=False))
            found = next(
                ((p, piece) for p in foremost if (piece := p.next_piece()) is not None), None
            )
            if found is None:
                return
            planner, piece = found
            expected_rows = planner.expected_rows(piece)
            fetch = functools.partial(
                self.run.client.fetch_report,
                self.request(piece),
                names=len(self.layout.groups[piece.lane].fields),
                expected_rows=expected_rows,
                is_part=piece.is_part_of_failure,
            )
            answer = self.run.workers.submit(fetch)
            asked.append(_Asked(planner, piece, expected_rows, answer))

    def request(self, piece: Piece) -> Request:
        """Return the request for a piece of the plan."""
        return self._request(self.layout.report, piece, self.layout.groups[piece.lane].names)

    def _request(self, report: Report, piece: Piece, metrics: Sequence[str]) -> Request:
        query = parameters(report, piece, metrics)
        return Request(_RESOURCE, "/adAnalytics", query, stream=self.name)

    # What LinkedIn refuses

    def learn(self, piece: Piece, expected_rows: int, failure: Failure) -> bool:
        """Find out what of a refused request LinkedIn does not accept; the layout changes then.

        Returns:
            Whether the report is to be planned again.
        """
        report, groups = self.layout.report, self.layout.groups
        one = dataclasses.replace(piece, accounts=piece.accounts[:1])
        has_company = report.shares_accounts and len(report.pivots) > 1 and not piece.naming

        def of_one_account(with_account: bool) -> Request:  # noqa: FBT001  one of two requests
            asked = report if with_account else report.with_account_apart()
            return self._request(asked, one, ())

        refused = Refused(
            report.finder,
            pivots_of(report, piece),
            groups[piece.lane].names,
            expected_rows,
            with_names=functools.partial(self._request, report, piece),
            of_one_account=of_one_account if has_company else None,
            is_of_one_account=len(piece.accounts) == 1,
        )
        if not self._search.learn(refused, failure):
            return False
        self._names_campaigns |= piece.naming
        self._forget_layout()
        return True

    @functools.cached_property
    def _search(self) -> RefusalSearch:
        return RefusalSearch(self.run.client, self.shared.refusals, self.run.log)

    def _forget_layout(self) -> None:
        for name in ("layout", "_readers", "_records", "_totals"):
            self.__dict__.pop(name, None)

    # What came back

    def _take_in(self, asked: _Asked, merge: Merge) -> bool:
        """Take in an answer; return False where the report is to be planned again."""
        planner, piece = asked.planner, asked.piece
        try:
            answer = asked.answer.result()
        except RequestFailedError as error:
            if self.learn(piece, asked.expected_rows, error.failure):
                return False
            self._refused(planner, piece, error)
            return True
        self._take_in_rows(planner, piece, answer, merge)
        return True

    def _take_in_rows(
        self, planner: Planner, piece: Piece, answer: responses.FinderAnswer, merge: Merge
    ) -> None:
        is_cut, odd = len(answer.elements) >= ELEMENT_LIMIT, OddRows()
        tally = take_in(
            answer.elements,
            report=self.layout.report,
            piece=piece,
            reader=self._readers[piece.lane],
            merge=None if is_cut or piece.naming else merge,
            odd=odd,
        )
        if not is_cut and not self._takes_odd_rows(planner, piece, odd):
            return
        if is_cut:
            self.logger.info(
                "An answer reached LinkedIn's limit of %d rows (%s to %s, %d ad accounts): asking "
                "again in smaller pieces.",
                ELEMENT_LIMIT,
                piece.window.start,
                piece.window.end,
                len(piece.accounts),
            )
            account = planner.too_large(piece, tally)
            if account is not None:
                self._cannot_cut(account, piece)
            return
        contradictions = (
            planner.named(piece, tally.by_campaign) if piece.naming else planner.whole(piece, tally)
        )
        for contradiction in contradictions:
            self._cannot_believe(contradiction)

    def _takes_odd_rows(self, planner: Planner, piece: Piece, odd: OddRows) -> bool:
        """Note the rows that are left out and the values that are null, each by its ad account.

        Returns:
            False where nobody knows whose row is left out: the ad accounts are asked for again in
            halves to find it.
        """
        if any(account is None for account, _ in odd.without_key):
            planner.refused(piece)
            return False
        for account, why in odd.without_key:
            self.set_aside(account, f"LinkedIn sent {why}")
        if not piece.naming:
            for account, day, key, found in odd.unreadable:
                facts = self._records.key_of(account, day, key)
                self.accept(account, {c: facts.get(c) for c in self.primary_keys}, [found])
        return True

    def _refused(self, planner: Planner, piece: Piece, error: RequestFailedError) -> None:
        """Look for the ad account on which a request fails, and set it aside.

        It may be a refusal, or an error of LinkedIn's own that stays however often it is asked.
        """
        one_account = {Remedy.SET_ASIDE, Remedy.FIX_REQUEST, Remedy.BACK_OFF}
        if error.failure.remedy not in one_account or error.failure.scope_missing:
            raise error
        account = planner.refused(piece)
        if account is not None:
            self.owner_failed(account, error)

    def _cannot_cut(self, account: int, piece: Piece) -> None:
        what = "its list of campaigns" if piece.naming else "this ad account"
        what = f"campaign {piece.campaigns[0]}" if piece.campaigns else what
        advice = (
            "demographics_level campaign asks for each campaign alone"
            if self.report.is_demographic and not self.report.one_campaign_each
            else "a custom report with fewer pivots has fewer rows"
        )
        message = (
            f"{what} has {ELEMENT_LIMIT:,} rows or more from {piece.window.start} to "
            f"{piece.window.end}: no smaller request is possible, so this ad account is left as it "
            f"is from that day on; {advice}"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(account, RequestFailedError(failure, _RESOURCE))

    def _cannot_believe(self, found: Contradiction) -> None:
        message = (
            f"LinkedIn's answers about {found.day} contradict each other, however often they are "
            f"asked for ({found.first}, then {found.later}): this ad account is left as it is from "
            "that day on; run the tap again later"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(found.account, RequestFailedError(failure, _RESOURCE))

    # Records

    def _release(self, asked: _Asked, merge: Merge) -> Iterator[Record]:
        """Give the rows that no open request can change any more, then move the bookmarks."""
        planner = asked.planner
        complete = planner.advanced()
        if self._totals:
            for account, through in complete.items():
                self.shared.receipts.enter_days(self.name, account, planner.window.start, through)
        waiting = [account for account in complete if merge.holds(account, complete[account])]
        if waiting and self.entity_streams:
            self.shared.names.look_up(self.entity_streams, waiting, self.name)
        for account in waiting:
            rows = list(merge.release(account, complete[account]))
            if self._totals:
                self.shared.receipts.enter_rows(self.name, account, rows, self._totals)
            if to_name := self._records.values_to_name(key for _, key, _ in rows):
                self.shared.value_names.look_up(to_name, self.name)
            records = self._records.of_account(
                account, rows, planner.window.end, functools.partial(self.set_aside, account)
            )
            if self._lines is None:
                yield from (record.decoded() for record in records)
            else:
                yield from t.cast("Iterator[Record]", records)
        read = [account for account, day in complete.items() if day >= planner.window.end]
        self.shared.names.forget(self.entity_streams, read)
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
                    self.shared.receipts.forget(self.name, account, planner.window.start)

    @functools.cached_property
    def _totals(self) -> Totals | None:
        """Return what adds up rows for their receipts, where receipts are wanted."""
        if not self.shared.keeps_receipts or self.report.granularity != DAILY:
            return None
        totals = Totals(self.layout.groups)
        comparable = bool(totals.lanes) and ADDING_UP.issuperset(self.report.pivots)
        self.shared.receipts.open(self.name, comparable=comparable and not self.report.facets)
        return totals

    @functools.cached_property
    def _lines(self) -> RecordLines | None:
        return lines_for(self, self._tap.message_writer)

    @override
    def _write_record_message(self, record: Record) -> None:
        """Write a record that is text already as it is; the SDK writes all others."""
        if self._lines is None:
            super()._write_record_message(record)
        else:
            self._lines.write(t.cast("EncodedRecord", record))
            self.state_manager.is_flushed = False

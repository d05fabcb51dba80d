"""Ad reports: runs the plan of one report and joins the answers."""

from __future__ import annotations

import collections
import datetime as dt
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads import answers, restli, schema, urn
from tap_linkedin_ads.client import Request
from tap_linkedin_ads.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.records import UnreadableValueError
from tap_linkedin_ads.reporting.cohorts import cohorts
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.metrics import FieldGroup, Metric, catalogue, field_groups
from tap_linkedin_ads.reporting.plan import Piece, Planner
from tap_linkedin_ads.reporting.rows import Reader, UnreadableRowError, absent_values, key_fields
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Tally
from tap_linkedin_ads.streams.linkedin import LinkedInStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.reporting.reports import Report

_ACCOUNT, _CAMPAIGN = "ACCOUNT", "CAMPAIGN"


class _Asked(t.NamedTuple):
    """A request under way."""

    planner: Planner
    piece: Piece
    answer: Future[answers.FinderAnswer]


class AdReport(LinkedInStream):
    """One report of the table, read for all ad accounts together."""

    replication_key = "metric_date"
    name_columns: t.ClassVar[dict[str, str]] = {
        "account_name": "ad_accounts",
        "currency_code": "ad_accounts",
        "campaign_group_id": "campaigns",
        "campaign_group_urn": "campaigns",
        "campaign_group_name": "campaign_groups",
        "campaign_name": "campaigns",
        "creative_name": "creatives",
    }
    """Columns that come from entities, and the entity stream that knows them."""

    def __init__(self, tap: Tap, report: Report, api_version: str) -> None:
        """Offer the metrics that exist for the report's pivots in this API version."""
        self.report = report
        self.selected_by_default = report.by_default
        self.metrics = tuple(
            metric
            for metric in catalogue(schema.read("metrics")["properties"])
            if metric.exists_for(report.pivots, api_version)
        )
        published = schema.report_schema(report.name, (m.column for m in self.metrics))
        super().__init__(tap, name=report.name, published=published)
        self.primary_keys = (*(f"{pivot.lower()}_id" for pivot in report.pivots), "metric_date")

    @functools.cached_property
    def selected_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics to ask for: nothing else is."""
        return tuple(metric for metric in self.metrics if metric.column in self.columns)

    @functools.cached_property
    def groups(self) -> tuple[FieldGroup, ...]:
        """Return the field groups, densest first."""
        return field_groups(self.selected_metrics)

    @functools.cached_property
    def entity_streams(self) -> tuple[str, ...]:
        """Return the entity streams whose names the selected columns need."""
        wanted = {stream for column, stream in self.name_columns.items() if column in self.columns}
        if "campaign_groups" in wanted:
            wanted.add("campaigns")  # a campaign knows its group
        return tuple(sorted(wanted - {"ad_accounts"}))

    @functools.cached_property
    def _readers(self) -> list[Reader]:
        return [Reader(group.metrics) for group in self.groups]

    # The run

    @override
    def read(self) -> Iterator[Record]:
        self.shared.ad_accounts.warn_of_lost(self.bookmarks)
        planners = collections.deque(self._planners())
        asked: collections.deque[_Asked] = collections.deque()
        merge = Merge()
        self._top_up(planners, asked)
        while asked:
            request = asked.popleft()
            self._take_in(request, merge)
            self._top_up(planners, asked)
            yield from self._release(request, merge)
        self.shared.names.release(self.entity_streams)
        self.write_state()

    def _planners(self) -> Iterator[Planner]:
        settings, bookmarks = self.run.settings, {}
        for account in self.shared.ad_accounts.ids:
            bookmark = self.bookmarks.get(account)
            bookmarks[account] = dt.date.fromisoformat(bookmark[:10]) if bookmark else None
        for accounts, window in cohorts(
            bookmarks,
            start_date=settings.start_date,
            never_before_start=settings.start_date_is_set,
            end_date=settings.end_date,
            lookback_days=settings.lookback_window,
            today=self.run.today,
            log=self.logger.warning,
        ):
            dense = [group.dense for group in self.groups]
            yield Planner(accounts, window, dense, settings.date_window_size)

    def _top_up(
        self, planners: collections.deque[Planner], asked: collections.deque[_Asked]
    ) -> None:
        """Keep as many requests under way as there are workers, of the foremost planners first."""
        while planners and planners[0].done:
            planners.popleft()
        for planner in tuple(planners)[: self.run.workers.width]:
            while len(asked) < self.run.workers.width and (piece := planner.next_piece()):
                fetch = functools.partial(
                    self.run.client.fetch, self._request(piece), answers.finder
                )
                asked.append(_Asked(planner, piece, self.run.workers.submit(fetch)))

    def _request(self, piece: Piece) -> Request:
        pivots = (_CAMPAIGN,) if piece.naming else self.report.pivots
        if piece.campaigns:
            facet = {"campaigns": [urn.make("sponsoredCampaign", c) for c in piece.campaigns]}
        else:
            facet = {"accounts": [urn.make("sponsoredAccount", a) for a in piece.accounts]}
        parameters: dict[str, restli.Value] = {
            "q": "statistics",
            "pivots": pivots,
            "timeGranularity": "DAILY",
            "dateRange": {"start": piece.window.start, "end": piece.window.end},
            **facet,
            "fields": restli.Projection(self.groups[piece.lane].fields),
        }
        return Request("adAnalytics", "/adAnalytics", parameters, stream=self.name)

    # What came back

    def _take_in(self, asked: _Asked, merge: Merge) -> None:
        planner, piece = asked.planner, asked.piece
        try:
            answer = asked.answer.result()
        except RequestFailedError as error:
            self._refused(planner, piece, error)
            return
        cut = len(answer.elements) >= ELEMENT_LIMIT
        try:
            tally, campaigns = self._count(piece, answer, None if cut else merge)
        except UnreadableRowError as error:
            raise UnreadableValueError(f"{self.name}: {error}") from None
        if cut:
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
        elif piece.naming:
            planner.named(piece, campaigns)
        else:
            planner.whole(piece, tally)

    def _count(
        self, piece: Piece, answer: answers.FinderAnswer, merge: Merge | None
    ) -> tuple[Tally, set[int]]:
        """Tally an answer, and hand its rows to the merge unless it is thrown away."""
        tally, campaigns = Tally(), set()
        reader, asked_for = self._readers[piece.lane], set(piece.accounts)
        pivots = (_CAMPAIGN,) if piece.naming else self.report.pivots
        account_at = pivots.index(_ACCOUNT) if _ACCOUNT in pivots else None
        campaign_at = pivots.index(_CAMPAIGN) if _CAMPAIGN in pivots else None
        for raw in answer.elements:
            row = answers.row(raw)
            day, key = key_fields(row)
            if len(key) != len(pivots):
                raise UnreadableRowError(f"a row with {len(key)} pivot values: {key}")
            account = piece.accounts[0] if account_at is None else urn.number(key[account_at])
            if account not in asked_for or not piece.window.start <= day <= piece.window.end:
                continue  # nobody asked for it: another request gives the whole row
            tally.rows += 1
            tally.by_day[day] += 1
            tally.by_account[account] += 1
            if campaign_at is not None and (campaign := urn.number(key[campaign_at])) is not None:
                tally.by_campaign[campaign] += 1
                campaigns.add(campaign)
            if merge is not None and not piece.naming:
                merge.add(account, day, key, reader.values(row))
        tally.rows = len(answer.elements)
        return tally, campaigns

    def _refused(self, planner: Planner, piece: Piece, error: RequestFailedError) -> None:
        """Look for the ad account that made LinkedIn refuse a request, and set it aside."""
        one_account = {Remedy.SET_ASIDE, Remedy.FIX_REQUEST}
        if error.failure.remedy not in one_account or error.failure.scope_missing:
            raise error
        account = planner.refused(piece)
        if account is not None:
            self.owner_failed(account, error)

    def _cannot_cut(self, account: int, piece: Piece) -> None:
        what = f"campaign {piece.campaigns[0]}" if piece.campaigns else "its list of campaigns"
        message = (
            f"{what} has {ELEMENT_LIMIT:,} rows or more on {piece.window.start}: LinkedIn's limit "
            "cannot be met by a smaller request, so this ad account is left as it is from that "
            "day on; select fewer metrics or read it with a custom report without CREATIVE"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(account, RequestFailedError(failure, "adAnalytics"))

    # Records

    def _release(self, asked: _Asked, merge: Merge) -> Iterator[Record]:
        """Give the rows that no open request can change any more, then move the bookmarks."""
        complete = {a: asked.planner.frontier(a) for a in asked.piece.accounts}
        waiting = [account for account in complete if merge.holds(account, complete[account])]
        if waiting and self.entity_streams:
            self.shared.names.look_up(self.entity_streams, waiting, self.name)
        for account in waiting:
            for day, key, values in merge.release(account, complete[account]):
                yield self._record(account, day, key, values)
        moved = [
            self.move_bookmark(account, through.isoformat())
            for account, through in complete.items()
            if through >= asked.planner.window.start
        ]
        if any(moved):
            self.write_state()

    @functools.cached_property
    def _blank(self) -> dict[str, t.Any]:
        return {**dict.fromkeys(self.columns), **absent_values(self.selected_metrics)}

    def _record(
        self, account: int, day: dt.date, key: tuple[str, ...], values: dict[str, t.Any]
    ) -> Record:
        ids = {
            pivot.lower(): urn.number(value)
            for pivot, value in zip(self.report.pivots, key, strict=True)
        }
        facts: dict[str, t.Any] = {"metric_date": day.isoformat(), "read_at": self.run.read_at}
        for pivot, value in zip(self.report.pivots, key, strict=True):
            facts[f"{pivot.lower()}_urn"] = value
            facts[f"{pivot.lower()}_id"] = ids[pivot.lower()]
        facts["account_id"] = account
        if self._needs_entities:
            facts.update(self._entity_columns(account, ids))
        record = dict(self._blank)
        record.update((column, value) for column, value in facts.items() if column in record)
        record.update(values)
        return record

    @functools.cached_property
    def _needs_entities(self) -> bool:
        return any(column in self.columns for column in self.name_columns)

    def _entity_columns(self, account: int, ids: dict[str, int | None]) -> dict[str, t.Any]:
        names, wire = self.shared.names, self.shared.ad_accounts.by_id.get(account, {})
        campaign = names.get("campaigns", account, ids.get("campaign"))
        group_id = urn.number(campaign.parent_urn) if campaign.parent_urn else None
        return {
            "account_name": wire.get("name"),
            "currency_code": wire.get("currency"),
            "campaign_name": campaign.name,
            "campaign_group_urn": campaign.parent_urn,
            "campaign_group_id": group_id,
            "campaign_group_name": names.get("campaign_groups", account, group_id).name,
            "creative_name": names.get("creatives", account, ids.get("creative")).name,
        }

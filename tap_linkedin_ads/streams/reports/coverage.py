"""A receipt for every day that a report stream read."""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import responses, restli, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.room import WaitingAnswer
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records.schema import read
from tap_linkedin_ads.records.values import UnreadableValueError, shown
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS, catalogue
from tap_linkedin_ads.reporting.receipts import CHECKED, DayRead, Figures
from tap_linkedin_ads.reporting.rows import key_fields, values
from tap_linkedin_ads.reporting.windows import DAY, Window
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.noting_stream import OF_EVERYBODY
from tap_linkedin_ads.streams.reports.refusal_search import RefusalSearch, Refused

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.metrics import Metric
    from tap_linkedin_ads.streams.owners import Owner

Row = responses.Wire
_FINDER, _PIVOTS = "statistics", ("ACCOUNT",)


class _AccountFigures(OnePage):
    """Some of LinkedIn's own figures of some ad accounts in one window."""

    def __init__(
        self,
        stream: ReportCoverage,
        accounts: tuple[int, ...],
        window: Window,
        names: tuple[str, ...],
    ) -> None:
        self.accounts = accounts
        self.window = window
        self._stream = stream.name
        self.refused = Refused(
            _FINDER, _PIVOTS, names, len(accounts) * window.days, with_names=self._with
        )
        request = self._with(names)
        super().__init__(stream.run.client, request)
        self._report: t.Callable[[], t.Any] = functools.partial(
            stream.run.client.fetch_report,
            request,
            WaitingAnswer,
            names=len(KEY_FIELDS) + len(names),
            expected_rows=self.refused.expected_rows,
        )

    @override
    def first(self) -> t.Callable[[], t.Any]:
        return self._report

    def _with(self, names: Sequence[str]) -> Request:
        query: dict[str, restli.Value] = {
            "q": _FINDER,
            "pivots": _PIVOTS,
            "timeGranularity": "DAILY",
            "dateRange": {"start": self.window.start, "end": self.window.end},
            "accounts": [urn.make("sponsoredAccount", account) for account in self.accounts],
            "fields": restli.Projection((*KEY_FIELDS, *names)),
        }
        return Request("adAnalytics", "/adAnalytics", query, stream=self._stream)


class ReportCoverage(LinkedInStream):
    """One report stream, ad account and day: what was read, beside LinkedIn's own figures."""

    name = "report_coverage"
    selected_by_default = False
    primary_keys = ("stream", "account_id", "metric_date")

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yesterday = self.run.today - DAY
        yield _AccountFigures(self, (owner.owner_id,), Window(yesterday, yesterday), ()).one_row()

    @override
    def read(self) -> Iterator[Record]:
        book = self.directory.receipts
        own, unknown = self._own_figures()
        for stream, account, day, entry in book.entries():
            figures = None if account in unknown else own.get((account, day), {})
            record, found = self._record(stream, account, day, entry, figures)
            if self.accept(account, record, found):
                yield record

    def _own_figures(self) -> tuple[dict[tuple[int, dt.date], Row], set[int]]:
        """Ask LinkedIn for the figures of whole ad accounts.

        Returns:
            LinkedIn's rows by ad account and day, where there is any; and the ad accounts for
            which LinkedIn did not answer.
        """
        found: dict[tuple[int, dt.date], Row] = {}
        unknown: set[int] = set()
        waiting = list(self.directory.receipts.windows())
        while waiting:
            walks = [
                _AccountFigures(self, tuple(a for a in accounts if a not in unknown), window, names)
                for accounts, window in waiting
                for names in self._groups
                if not unknown.issuperset(accounts)
            ]
            waiting = []
            for page in in_parallel(walks, self.run.workers):
                try:
                    figures = self._figures(page.sequence.accounts, page.answer())
                except UNREADABLE as error:
                    waiting += self._failed(page.sequence, error, unknown)
                    continue
                for key, row in figures.items():
                    found.setdefault(key, {}).update(row)
        return found, unknown

    @property
    def _groups(self) -> list[tuple[str, ...]]:
        """Return the names of each request: LinkedIn may refuse some, or many at once."""
        names = [metric.name for metric in self._accepted]
        most = self.directory.refusals.most_metrics
        return [tuple(names[at : at + most]) for at in range(0, len(names), most)]

    @property
    def _accepted(self) -> list[Metric]:
        refused = self.directory.refusals.names(_FINDER, _PIVOTS)
        return [metric for metric in self._metrics if metric.name not in refused]

    @functools.cached_property
    def _search(self) -> RefusalSearch:
        return RefusalSearch(self.run.client, self.directory.refusals, self.run.log)

    @staticmethod
    def _figures(
        accounts: tuple[int, ...], answer: WaitingAnswer
    ) -> dict[tuple[int, dt.date], Row]:
        """Read one answer; a row of which nobody knows whose or when makes all of it unknown."""
        found: dict[tuple[int, dt.date], Row] = {}
        for row in map(responses.row, answer.elements):
            day, (account,) = key_fields(row)
            number = urn.number(account)
            if number not in accounts:
                raise UnreadableValueError(f"LinkedIn sent a row of ad account {shown(account)}")
            found[number, day] = row
        return found

    def _failed(
        self, walk: _AccountFigures, error: Exception, unknown: set[int]
    ) -> Iterator[tuple[tuple[int, ...], Window]]:
        """Note the one ad account of a failed request, or yield halves in which to look for it."""
        account, *others = walk.accounts
        if isinstance(error, RequestFailedError) and self._search.learn(
            walk.refused, error.failure
        ):
            yield walk.accounts, walk.window
            return
        is_of_all = isinstance(error, RequestFailedError) and (
            error.failure.remedy in OF_EVERYBODY or error.failure.scope_missing
        )
        if not others or is_of_all:
            if account not in unknown:
                with self.costs_only(account):
                    raise error
            unknown.add(account)
            return
        middle = len(walk.accounts) // 2
        for half in (walk.accounts[:middle], walk.accounts[middle:]):
            yield half, walk.window

    def _record(
        self, stream: str, account: int, day: dt.date, entry: DayRead, own: Row | None
    ) -> tuple[Record, list[UnreadableValue]]:
        """Return a receipt, and what LinkedIn's own figures have that no column can hold."""
        unreadable: list[UnreadableValue] = []
        zeros = [metric.column for metric in self._accepted] if own is not None else []
        figures: dict[str, t.Any] = {c: 0 if c in zeros else None for c in CHECKED}
        figures |= values(own or {}, self._metrics, unreadable)
        comparable = self.directory.receipts.comparable[stream]
        sums = entry.figures if comparable and entry.is_known else None
        record: Record = {
            "stream": stream,
            "account_id": account,
            "account_urn": urn.make("sponsoredAccount", account),
            "metric_date": day.isoformat(),
            "read_at": self.run.read_at,
            "rows": entry.rows,
            "matches": None,
        }
        if sums and None not in figures.values():
            record["matches"] = sums.matches(Figures(**figures))
        for column in CHECKED:
            record[column] = getattr(sums, column) if sums else None
            record[f"account_{column}"] = figures[column]
        return record, [found._replace(column=f"account_{found.column}") for found in unreadable]

    @functools.cached_property
    def _metrics(self) -> list[Metric]:
        every = catalogue(read("metrics")["properties"])
        return [metric for metric in every if metric.column in CHECKED]

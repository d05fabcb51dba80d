"""Works out what a first run takes, from a sample of the rows that ad accounts had lately."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.room import WaitingAnswer
from tap_linkedin_ads.cli.check import estimate
from tap_linkedin_ads.cli.check.checkup import Cost
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.periods import DAILY, MONTHLY, bounds
from tap_linkedin_ads.reporting.windows import DAY, Window
from tap_linkedin_ads.streams.ads.entities import AccountEntities
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.streams.reports.ad_report import AdReport

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_linkedin_ads.cli.check.checkup import Verdict
    from tap_linkedin_ads.cli.check.refusals import Refusals
    from tap_linkedin_ads.reporting.plan import Planner
    from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
    from tap_linkedin_ads.streams.sdk_stream import LinkedInTap

_SAMPLE_DAYS = 7
_SAMPLE_ACCOUNTS = 3
"""Ad accounts to look at where a report takes one request for each."""


class FirstRun:
    """What it will take."""

    def __init__(
        self, tap: LinkedInTap, refusals: Refusals, streams: Mapping[str, LinkedInStream]
    ) -> None:
        self._run = tap.run
        self._directory = tap.directory
        self._refusals = refusals
        self._streams = streams

    def costs(self, verdicts: tuple[Verdict, ...]) -> Iterator[Cost]:
        accounts = len(self._directory.ad_accounts.ids) if any(v.works for v in verdicts) else 0
        for verdict in verdicts:
            stream = self._streams[verdict.stream]
            if not verdict.is_selected or not verdict.works:
                continue
            if isinstance(stream, AdReport):
                yield self._cost_of_report(stream)
            elif isinstance(stream, AccountEntities):
                yield Cost(stream.name, 0, accounts, is_least=True)
            elif isinstance(stream, PageStream):
                pages = self._directory.organizations.readable_with(stream.page_roles)
                yield Cost(stream.name, 0, len(pages), is_least=True)

    def _cost_of_report(self, stream: AdReport) -> Cost:
        while True:
            planners = list(stream.planners())
            layout = stream.layout
            rates = [
                estimate.GroupRate(len(group.fields), self._rate(stream, planners, group_number))
                for group_number, group in enumerate(layout.groups)
                if layout is stream.layout
            ]
            if layout is stream.layout:
                return estimate.of_report(stream.name, planners, rates)

    def _rate(self, stream: AdReport, planners: list[Planner], group_number: int) -> float:
        """Ask how many rows an ad account had a day lately, in one field group."""
        rows = accounts = 0
        window, layout = self._lately(stream), stream.layout
        for planner in planners[: 1 if layout.report.shares_accounts else _SAMPLE_ACCOUNTS]:
            chunk = Chunk(group_number, window, planner.accounts)
            expected_rows = planner.expected_rows(chunk)
            try:
                answer = self._run.client.fetch_report(
                    stream.request(chunk),
                    WaitingAnswer,
                    names=len(layout.groups[group_number].fields),
                    expected_rows=expected_rows,
                )
            except RequestFailedError as error:
                if stream.learn(chunk, expected_rows, error.failure):
                    break
                self._refusals.note("adAnalytics", error)
                continue
            rows += answer.rows
            accounts += len(planner.accounts)
        return rows / window.days / accounts if accounts else 0.0

    def _lately(self, stream: AdReport) -> Window:
        yesterday = min(self._run.settings.end_date, self._run.today - DAY)
        if stream.report.granularity == DAILY:
            return Window(yesterday - DAY * (_SAMPLE_DAYS - 1), yesterday)
        return bounds(yesterday.replace(day=1) - DAY, MONTHLY)

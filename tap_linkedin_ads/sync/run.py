"""What all streams of one run share."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.client import Client
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.quota import MetricQuota
from tap_linkedin_ads.api.tokens import Tokens
from tap_linkedin_ads.api.versions import ApiVersion
from tap_linkedin_ads.api.workers import Workers
from tap_linkedin_ads.sync import notices
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tap_linkedin_ads.sync.progress import Progress, Snapshot
from tap_linkedin_ads.sync.run_report import RunReport, Severity

if t.TYPE_CHECKING:
    import logging

    from tap_linkedin_ads.api.clock import Clock
    from tap_linkedin_ads.settings.table import Configuration

METRIC_VALUES_WINDOW_SECONDS = 301.0
"""LinkedIn's sliding window of metric values, and a second for clocks that differ."""


@dataclass(slots=True)
class Run:
    """One run: its settings, its clock, its connection to LinkedIn and its run report.

    Attributes:
        settings: Checked settings.
        clock: Time.
        log: Where to say what happens.
        today: The UTC day on which the run started; it stays the same over midnight.
        read_at: The run's start as RFC 3339 in UTC.
        client: LinkedIn's API.
        workers: The threads that send requests.
        tokens: The access token and what buys it.
        budget: The metric values that may be taken.
        progress: How far streams have got.
        run report: What was read and what was not.
        earlier: Whom earlier runs read.
    """

    settings: Configuration
    clock: Clock
    log: logging.Logger
    today: dt.date
    read_at: str
    client: Client
    workers: Workers
    tokens: Tokens
    quota: MetricQuota
    progress: Progress
    report: RunReport = field(default_factory=RunReport)
    earlier: EarlierRuns = field(default_factory=EarlierRuns)

    @classmethod
    def start(
        cls,
        settings: Configuration,
        clock: Clock,
        log: logging.Logger,
        earlier: EarlierRuns | None = None,
    ) -> Run:
        now = clock.now()
        tokens = Tokens(
            access_token=settings.access_token,
            credentials=settings.credentials,
            oauth_url=settings.oauth_url,
            timeout=settings.request_timeout,
            clock=clock,
        )
        quota = MetricQuota(settings.metric_values_limit, clock, METRIC_VALUES_WINDOW_SECONDS)
        client = Client(
            api_url=settings.api_url,
            version=ApiVersion(
                settings.api_version, is_pinned=settings.api_version_is_set, today=now.date()
            ),
            user_agent=settings.user_agent,
            timeout=settings.request_timeout,
            max_workers=settings.max_workers,
            tokens=tokens,
            quota=quota,
            clock=clock,
            log=log.warning,
        )
        return cls(
            settings=settings,
            clock=clock,
            log=log,
            today=now.date(),
            read_at=now.isoformat(timespec="milliseconds"),
            client=client,
            workers=Workers(settings.max_workers),
            tokens=tokens,
            quota=quota,
            progress=Progress(clock.monotonic),
            earlier=earlier or EarlierRuns(),
        )

    def close(self) -> None:
        """Let go of threads and connections, which would keep all that was read in memory."""
        self.workers.stop()
        self.client.transport.close()

    def snapshot(self) -> Snapshot:
        """Return how far the run has got at this moment; may be called from another thread."""
        rows: collections.Counter[str] = collections.Counter()
        for (stream, _), count in list(self.report.rows.items()):
            rows[stream] += count
        return Snapshot(
            now=self.clock.monotonic(),
            streams=self.progress.streams,
            rows=rows,
            requests=self.client.requests_sent,
            values=self.quota.taken,
            values_limit=self.quota.limit,
        )

    def note_missing_names(
        self, stream: str, account: int | None, what: str, error: RequestFailedError
    ) -> None:
        """Note that rows of a stream come without names.

        What the member may not read stays null in every run: a warning. Anything else is a part
        of the rows that this run did not deliver.
        """
        severity = {
            Remedy.SET_ASIDE: Severity.WARNING,
            Remedy.STOP_RESOURCE: Severity.QUOTA,
        }.get(error.failure.remedy, Severity.FAILED)
        reason = f"{what} are missing: {explain(error.failure, error.resource)}"
        self.log.error("%s: %s", stream, reason)
        self.report.note(stream, account, reason, severity)

    def note_lost(self, streams: str, subject: int, line: str, reason: str) -> None:
        """Note an ad account or page that earlier runs read and that is out of reach now.

        Args:
            streams: The streams that read it.
            subject: Its id.
            line: The line of the log, with places for its id and the reason.
            reason: What happened.
        """
        fails = self.settings.fail_on_lost_account
        (self.log.error if fails else self.log.warning)(line, subject, reason)
        self.report.note(streams, subject, reason, Severity.FAILED if fails else Severity.WARNING)

    def note_nameless(self, streams: str, what: str) -> None:
        """Note an ad account or page of which nobody knows which it is: it is left out."""
        reason = (
            f"{what}. It is left out and the others are read: run the tap again, and report it "
            "with this message if that stays"
        )
        if any(known.reason == reason for known in self.report.noted):
            return  # one list is read for each role
        self.log.error("%s: %s", streams, reason)
        self.report.note(streams, None, reason, Severity.FAILED)

    def give_notice(self) -> None:
        """Warn of versions and tokens that end soon, each once a run."""
        settings, now = self.settings, self.clock.now()
        found = [*notices.api_url_warnings(settings.api_url)]
        found += notices.version_warnings(
            settings.api_version, self.today, is_pinned=settings.api_version_is_set
        )
        if settings.access_token and settings.introspection:
            answer = notices.introspected(
                settings.oauth_url,
                settings.introspection,
                settings.access_token,
                settings.request_timeout,
            )
            expiry = notices.expiry_of(answer)
            found += notices.token_warnings("access token", expiry, now)
        elif settings.credentials:
            self.tokens.current()
            left = self.tokens.refresh_token_expires_in
            expiry = None if left is None else now + dt.timedelta(seconds=left)
            found += notices.token_warnings("refresh token", expiry, now)
        for notice in found:
            self.log.warning("%s", notice)

"""Asks LinkedIn what ``check`` tells: a few dozen tiny requests, none of which changes anything."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from tap_linkedin_ads.api import versions
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli.check import access
from tap_linkedin_ads.cli.check.checkup import Checkup, Cost, Verdict, Visible
from tap_linkedin_ads.cli.check.first_run import FirstRun
from tap_linkedin_ads.cli.check.probe import Probe
from tap_linkedin_ads.cli.check.refusals import Refusals
from tap_linkedin_ads.cli.check.sight import Sight
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.sdk_stream import LinkedInTap
from tap_linkedin_ads.sync import notices
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk import Stream

    from tap_linkedin_ads.sync.run import Run


class Examined(LinkedInTap, t.Protocol):
    """What ``check`` asks of the tap, beside what streams do."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Return every stream."""


class Examination:
    """One check; ``result`` asks and tells."""

    def __init__(self, tap: Examined, version: str) -> None:
        streams = {s.name: s for s in tap.streams.values() if isinstance(s, LinkedInStream)}
        refusals = Refusals()
        self._run: Run = tap.run
        self._version = version
        self._sight = Sight(tap, refusals, streams.values())
        self._probe = Probe(tap.run.client, refusals, streams)
        self._first_run = FirstRun(tap, refusals, streams)

    def result(self) -> Checkup:
        """Find everything out.

        Returns:
            The report; where the token does not work it holds little more than that.
        """
        settings, today, now = self._run.settings, self._run.today, self._run.clock.now()
        token = access.token(self._run)
        accounts: tuple[Visible, ...] = ()
        pages: tuple[Visible, ...] = ()
        verdicts: tuple[Verdict, ...] = ()
        costs: tuple[Cost, ...] = ()
        found_versions: tuple[str, ...] = ()
        if not token.trouble:
            try:
                accounts, pages = self._sight.accounts(), self._sight.pages(token)
                verdicts = self._probe.verdicts(token, accounts, pages)
                costs = tuple(self._first_run.costs(verdicts))
                found_versions = access.answered_versions(self._run)
            except RequestFailedError as error:
                token = replace(token, trouble=explain(error.failure, error.resource))
        return Checkup(
            version=self._version,
            now=now,
            api_version=self._run.client.version.current,
            sunset=versions.sunset_of(self._run.client.version.current),
            versions=found_versions,
            first_day=settings.start_date,
            last_day=settings.end_date,
            metric_values_limit=settings.metric_values_limit,
            token=token,
            accounts=accounts,
            pages=pages,
            verdicts=verdicts,
            costs=costs,
            troubles=tuple(self._incidents(Severity.FAILED)),
            notices=(
                *notices.api_url_warnings(settings.api_url),
                *notices.version_warnings(
                    settings.api_version, today, is_pinned=settings.api_version_is_set
                ),
                *(
                    f"LinkedIn refuses {found.refused} of {found.resource} ({found.reason}); "
                    f"the tap uses {found.instead}."
                    for found in self._run.client.adaptations.differences
                ),
                *notices.token_warnings("access token", token.valid_until, now),
                *notices.token_warnings("refresh token", token.refresh_until, now),
                *self._incidents(Severity.WARNING),
            ),
        )

    def _incidents(self, severity: Severity) -> Iterator[str]:
        for incident in self._run.report.incidents:
            if incident.severity is severity:
                subject = "" if incident.subject is None else f" {incident.subject}"
                yield f"{incident.stream}{subject}: {incident.reason}"

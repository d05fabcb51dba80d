"""Asks LinkedIn what ``check`` tells: a few dozen tiny requests, none of which changes anything."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import typing as t
from dataclasses import replace

from tap_linkedin_ads.api import resources, responses, urn, versions
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages, rows_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.resources import ACCOUNT_ID, LISTS_OWNERS, ORGANIZATION_ID
from tap_linkedin_ads.cli.check import estimate
from tap_linkedin_ads.cli.check.checkup import (
    Checkup,
    Cost,
    Need,
    Token,
    Verdict,
    Visible,
    judge,
)
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.periods import DAILY, MONTHLY, bounds
from tap_linkedin_ads.reporting.windows import DAY, Window
from tap_linkedin_ads.streams.ads.entities import AccountEntities
from tap_linkedin_ads.streams.ads.leads import LeadStream
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tap_linkedin_ads.streams.sdk_stream import LinkedInTap
from tap_linkedin_ads.sync import notices, page_roles
from tap_linkedin_ads.sync.organizations import APPROVED, SHOWCASE
from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk import Stream

    from tap_linkedin_ads.api.batch_get import Found
    from tap_linkedin_ads.reporting.plan import Planner
    from tap_linkedin_ads.sync.run import Run

_STREAM = "check"
_PAGE_SIZE = 100
_SAMPLE_DAYS = 7
_SAMPLE_ACCOUNTS = 3
"""Ad accounts to look at where a report takes one request for each."""


class Examined(LinkedInTap, t.Protocol):
    """What ``check`` asks of the tap, beside what streams do."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Return every stream."""


class Examination:
    """One check; ``result`` asks and tells."""

    def __init__(self, tap: Examined, version: str) -> None:
        streams = tap.streams.values()
        self._streams = {s.name: s for s in streams if isinstance(s, LinkedInStream)}
        self._directory = tap.directory
        self._version = version
        self._run: Run = tap.run
        self._refused: dict[str, RequestFailedError | None] = {}

    def result(self) -> Checkup:
        """Find everything out.

        Returns:
            The report; where the token does not work it holds little more than that.
        """
        settings, today, now = self._run.settings, self._run.today, self._run.clock.now()
        token = self._token()
        accounts: tuple[Visible, ...] = ()
        pages: tuple[Visible, ...] = ()
        verdicts: tuple[Verdict, ...] = ()
        costs: tuple[Cost, ...] = ()
        found_versions: tuple[str, ...] = ()
        if not token.trouble:
            try:
                accounts, pages = self._accounts(), self._pages(token)
                verdicts = self._verdicts(token, accounts, pages)
                costs = tuple(self._costs(verdicts))
                found_versions = self._versions()
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

    # The token

    def _token(self) -> Token:
        run, settings = self._run, self._run.settings
        has_refresh = settings.credentials is not None
        try:
            value = run.tokens.current().value
        except RequestFailedError as error:
            return Token(has_refresh=has_refresh, trouble=error.failure.message)
        left = run.tokens.refresh_token_expires_in
        refresh_until = None if left is None else run.clock.now() + dt.timedelta(seconds=left)
        told: dict[str, t.Any] = {}
        if settings.introspection:
            told = notices.introspected(
                settings.oauth_url, settings.introspection, value, settings.request_timeout
            )
        trouble = ""
        if told.get("status") in {"expired", "revoked"}:
            trouble = f"the access token is {told['status']}: have the member consent again"
        scopes = told.get("scope")
        return Token(
            valid_until=notices.expiry_of(told),
            refresh_until=refresh_until,
            has_refresh=has_refresh,
            scopes=frozenset(scopes.replace(",", " ").split()) if isinstance(scopes, str) else None,
            trouble=trouble,
        )

    def _versions(self) -> tuple[str, ...]:
        """Return the API versions that LinkedIn answers today, the newest first."""
        run = self._run
        asked = {
            version: run.workers.submit(functools.partial(run.client.answers, version, _STREAM))
            for version in versions.recent(run.today)
            if versions.sunset_of(version) > run.today
        }
        return tuple(version for version, answer in asked.items() if answer.result())

    # Who and what is in sight

    def _accounts(self) -> tuple[Visible, ...]:
        try:
            found = self._directory.ad_accounts.by_id
            roles = dict(self._roles_on_accounts())
        except RequestFailedError as error:
            self._note("adAccounts", error)
            return ()
        return tuple(
            Visible(
                account,
                str(wire.get("name", "")),
                (roles[account],) if account in roles else (),
                f"{wire.get('status', '')}{', test' if wire.get('test') else ''}",
            )
            for account, wire in found.items()
        )

    def _roles_on_accounts(self) -> Iterator[tuple[int, str]]:
        criteria = {"q": "authenticatedUser"}
        request = Request("adAccountUsers", "/adAccountUsers", criteria, stream=_STREAM)
        pages = IndexPages(self._run.client, request, _PAGE_SIZE)
        for raw in rows_of(pages, self._run.workers):
            wire: responses.Wire = {}
            with contextlib.suppress(*responses.UNREADABLE):
                wire = responses.row(raw)
            account = urn.number(str(wire.get("account")))
            if account is not None:
                yield account, str(wire.get("role", ""))

    def _pages(self, token: Token) -> tuple[Visible, ...]:
        if token.scopes is not None and not token.scopes & resources.get("organizations").scopes:
            return ()
        roles: dict[int, list[str]] = {}
        try:
            for page, role, state in self._directory.organizations.roles_found({}):
                if state == APPROVED:
                    roles.setdefault(page, []).append(role)
            wanted = self._directory.organizations.by_id
            every = sorted({*roles, *wanted})
            found = self._directory.lookups.get_many("organizations", every, _STREAM)
        except RequestFailedError as error:
            self._note("organizations", error)
            return ()
        return tuple(self._page(page, found[page], roles.get(page, []), wanted) for page in every)

    def _page(
        self, page: int, found: Found, roles: list[str], wanted: Mapping[int, responses.Wire]
    ) -> Visible:
        wire = found if isinstance(found, dict) else wanted.get(page, {})
        status = "showcase page" if wire.get("primaryOrganizationType") == SHOWCASE else "page"
        name = str(wire.get("localizedName", ""))
        allows = tuple(
            stream.name
            for stream in self._streams.values()
            if isinstance(stream, (PageStream, LeadStream))
            and page_roles.suffices(roles, stream.page_roles)
        )
        if page_roles.ADMINISTRATOR in roles:
            allows = (ALL_PAGE_STREAMS,)
        return Visible(page, name, tuple(sorted(set(roles))), status, page in wanted, allows)

    def _note(self, kind: str, error: RequestFailedError) -> None:
        """Keep a refusal; what concerns the token or the version ends the check.

        Raises:
            RequestFailedError: Nothing at all can work.
        """
        if error.failure.remedy is Remedy.STOP:
            raise error
        self._refused[kind] = error

    # What will work

    def _verdicts(
        self, token: Token, accounts: tuple[Visible, ...], pages: tuple[Visible, ...]
    ) -> tuple[Verdict, ...]:
        account = next((a.key for a in accounts if a.status == "ACTIVE"), None)
        if account is None and accounts:
            account = accounts[0].key
        # Where roles differ, the page that most streams may read shows what can work at all.
        page = max(
            (p for p in pages if p.is_read),
            key=lambda p: (page_roles.ADMINISTRATOR in p.roles, len(p.allows)),
            default=None,
        )
        owners = {}
        if account is not None:
            owners[ACCOUNT_ID] = Owner(ACCOUNT_ID, account)
        if page is not None:
            owners[ORGANIZATION_ID] = Owner(ORGANIZATION_ID, page.key)
        # A request serves every stream that asks alike; those that are selected ask first.
        refusals = {
            stream.name: self._refusal(stream, owners, token)
            for stream in sorted(self._streams.values(), key=lambda stream: not stream.selected)
        }
        needs = (
            Need(name, stream.selected, stream.resources, stream.owner_keys, refusals[name])
            for name, stream in self._streams.items()
        )
        return tuple(judge(need, scopes=token.scopes, visible=owners) for need in needs)

    def _refusal(
        self, stream: LinkedInStream, owners: Mapping[str, Owner], token: Token
    ) -> RequestFailedError | None:
        """Send a stream's first requests, unless others like them were sent."""
        owner = next((owners[key] for key in stream.owner_keys if key in owners), None)
        refusals = [self._refused.get(LISTS_OWNERS[stream.owner_key])]
        refusals += [
            self._probe(request)
            for request in (stream.first_requests(owner) if owner else ())
            if token.scopes is None or token.scopes & resources.get(request.resource).scopes
        ]
        return next(filter(None, refusals), None)

    def _probe(self, request: Request) -> RequestFailedError | None:
        """Send a request, once for each finder of a resource: these are what LinkedIn allows."""
        kind = f"{request.resource} {request.parameters.get('q', '')}"
        if kind not in self._refused:
            self._refused[kind] = None
            try:
                self._run.client.fetch(request, responses.row)
            except RequestFailedError as error:
                self._note(kind, error)
        return self._refused[kind]

    # What it will take

    def _costs(self, verdicts: tuple[Verdict, ...]) -> Iterator[Cost]:
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
                    names=len(layout.groups[group_number].fields),
                    expected_rows=expected_rows,
                )
            except RequestFailedError as error:
                if stream.learn(chunk, expected_rows, error.failure):
                    break
                self._note("adAnalytics", error)
                continue
            rows += len(answer.elements)
            accounts += len(planner.accounts)
        return rows / window.days / accounts if accounts else 0.0

    def _lately(self, stream: AdReport) -> Window:
        yesterday = min(self._run.settings.end_date, self._run.today - DAY)
        if stream.report.granularity == DAILY:
            return Window(yesterday - DAY * (_SAMPLE_DAYS - 1), yesterday)
        return bounds(yesterday.replace(day=1) - DAY, MONTHLY)

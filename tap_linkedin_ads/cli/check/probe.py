"""Sends every stream's first requests, to see which of them LinkedIn refuses."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import resources, responses
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.resources import ACCOUNT_ID, LISTS_OWNERS, ORGANIZATION_ID
from tap_linkedin_ads.cli.check.checkup import Need, judge
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.sync import page_roles

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.cli.check.checkup import Token, Verdict, Visible
    from tap_linkedin_ads.cli.check.refusals import Refusals
    from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream


class Probe:
    """What will work."""

    def __init__(
        self, client: Client, refusals: Refusals, streams: Mapping[str, LinkedInStream]
    ) -> None:
        self._client = client
        self._refusals = refusals
        self._streams = streams

    def verdicts(
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
        refusals = [self._refusals.of(LISTS_OWNERS[stream.owner_key])]
        refusals += [
            self._probe(request)
            for request in (stream.first_requests(owner) if owner else ())
            if token.scopes is None or token.scopes & resources.get(request.resource).scopes
        ]
        return next(filter(None, refusals), None)

    def _probe(self, request: Request) -> RequestFailedError | None:
        """Send a request, once for each finder of a resource: these are what LinkedIn allows."""
        kind = f"{request.resource} {request.parameters.get('q', '')}"
        if self._refusals.is_new(kind):
            try:
                self._client.fetch(request, responses.row)
            except RequestFailedError as error:
                self._refusals.note(kind, error)
        return self._refusals.of(kind)

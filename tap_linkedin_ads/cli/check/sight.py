"""Asks which ad accounts and company pages the member sees, and with which roles."""

from __future__ import annotations

import contextlib
import typing as t

from tap_linkedin_ads.api import resources, responses, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages, rows_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.cli.check.checkup import STREAM, Visible
from tap_linkedin_ads.streams.ads.leads import LeadStream
from tap_linkedin_ads.streams.pages.page_stream import PageStream
from tap_linkedin_ads.sync import page_roles
from tap_linkedin_ads.sync.organizations import APPROVED, SHOWCASE
from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tap_linkedin_ads.api.batch_get import Found
    from tap_linkedin_ads.cli.check.checkup import Token
    from tap_linkedin_ads.cli.check.refusals import Refusals
    from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
    from tap_linkedin_ads.streams.sdk_stream import LinkedInTap

_PAGE_SIZE = 100


class Sight:
    """Who and what is in sight."""

    def __init__(
        self, tap: LinkedInTap, refusals: Refusals, streams: Collection[LinkedInStream]
    ) -> None:
        self._run = tap.run
        self._directory = tap.directory
        self._refusals = refusals
        self._streams = streams

    def accounts(self) -> tuple[Visible, ...]:
        try:
            found = self._directory.ad_accounts.by_id
            roles = dict(self.roles_on_accounts())
        except RequestFailedError as error:
            self._refusals.note("adAccounts", error)
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

    def roles_on_accounts(self) -> Iterator[tuple[int, str]]:
        criteria = {"q": "authenticatedUser"}
        request = Request("adAccountUsers", "/adAccountUsers", criteria, stream=STREAM)
        pages = IndexPages(self._run.client, request, _PAGE_SIZE)
        for raw in rows_of(pages, self._run.workers):
            wire: responses.Wire = {}
            with contextlib.suppress(*responses.UNREADABLE):
                wire = responses.row(raw)
            account = urn.number(str(wire.get("account")))
            if account is not None:
                yield account, str(wire.get("role", ""))

    def pages(self, token: Token) -> tuple[Visible, ...]:
        if token.scopes is not None and not token.scopes & resources.get("organizations").scopes:
            return ()
        roles: dict[int, list[str]] = {}
        try:
            for page, role, state in self._directory.organizations.roles_found({}):
                if state == APPROVED:
                    roles.setdefault(page, []).append(role)
            wanted = self._directory.organizations.by_id
            every = sorted({*roles, *wanted})
            found = self._directory.lookups.get_many("organizations", every, STREAM)
        except RequestFailedError as error:
            self._refusals.note("organizations", error)
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
            for stream in self._streams
            if isinstance(stream, (PageStream, LeadStream))
            and page_roles.suffices(roles, stream.page_roles)
        )
        if page_roles.ADMINISTRATOR in roles:
            allows = (ALL_PAGE_STREAMS,)
        return Visible(page, name, tuple(sorted(set(roles))), status, page in wanted, allows)

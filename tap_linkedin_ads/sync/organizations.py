"""Which company pages this run reads."""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import Failure, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages, rows_of
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.sync.run_report import Gravity

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.sync.run import Run

ALL_PAGE_STREAMS = "all page streams"
STREAM = "organizations"
_PAGE_SIZE = 100
_SHOWCASE = "BRAND"
_NAMES = ("organization", "organizationTarget", "organizationalTarget")


class Organizations:
    """The pages that the member administers, or that the settings list, found once a run."""

    def __init__(self, run: Run, lookups: Lookups) -> None:
        self._run = run
        self._lookups = lookups
        self._warned: set[int] = set()
        self.scope_failure: RequestFailedError | None = None
        """Why listed pages are known by number only, where the token may not look at pages."""

    @property
    def by_id(self) -> dict[int, responses.Wire]:
        """Return the pages as LinkedIn sends them, by id in ascending order.

        Raises:
            RequestFailedError: They cannot be read at all; every caller hears the same.
        """
        if isinstance(self._found, RequestFailedError):
            raise self._found
        return self._found

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the pages' ids in ascending order."""
        return tuple(self.by_id)

    def name(self, organization: int) -> str | None:
        """Return a page's name in its default language."""
        name = self.by_id.get(organization, {}).get("localizedName")
        return name if isinstance(name, str) else None

    def warn_of_lost(self, bookmarked: Iterable[int]) -> None:
        """Warn once of pages that an earlier run read and that are out of reach now."""
        if self._run.settings.organization_ids is not None:
            return
        for organization in sorted(set(bookmarked) - self.by_id.keys() - self._warned):
            self._warned.add(organization)
            self._run.ledger.note(
                ALL_PAGE_STREAMS,
                organization,
                "an earlier run read this page, but this member no longer administers it: its "
                "bookmarks stay, and it is filled in when the role is back",
                Gravity.WARNING,
            )

    @functools.cached_property
    def _found(self) -> dict[int, responses.Wire] | RequestFailedError:
        listed = self._run.settings.organization_ids
        try:
            return self._administered() if listed is None else self._listed(listed)
        except RequestFailedError as error:
            return error

    def _administered(self) -> dict[int, responses.Wire]:
        """Read every page of which the member is an administrator; showcase pages are left out.

        LinkedIn lists showcase pages like others: only their type tells them apart.
        """
        ids = sorted(set(self._with_role()))
        if not ids:
            self._run.log.warning("The member administers no page, so page streams have no rows.")
        found = self._lookups.get_many("organizations", ids, STREAM)
        for organization in ids:
            wire = found[organization]
            if isinstance(wire, Failure):
                self._note(organization, explain(wire, "organizations"), Gravity.WARNING)
        return {
            organization: wire
            for organization in ids
            if not isinstance(wire := found[organization], Failure)
            and wire.get("primaryOrganizationType") != _SHOWCASE
        }

    def _with_role(self) -> Iterator[int]:
        criteria = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}
        request = Request("organizationAcls", "/organizationAcls", criteria, stream=STREAM)
        pages = IndexPages(self._run.client, request, _PAGE_SIZE)
        for raw in rows_of(pages, self._run.workers):
            try:
                wire = responses.row(raw)
            except UNREADABLE:
                wire = {}
            target = next((wire[name] for name in _NAMES if name in wire), "")
            organization = urn.number(str(target))
            if organization is None:
                self._run.note_nameless(
                    ALL_PAGE_STREAMS, "organizationAcls: LinkedIn sent a role on no page"
                )
                continue
            yield organization

    def _listed(self, listed: tuple[int, ...]) -> dict[int, responses.Wire]:
        """Read the listed pages. Posts can be read without knowing more than their numbers."""
        ids = sorted(set(listed))
        try:
            found = self._lookups.get_many("organizations", ids, STREAM)
        except RequestFailedError as error:
            if not error.failure.scope_missing:
                raise
            self.scope_failure = error
            return {organization: {} for organization in ids}
        failed = self._run.settings.fail_on_account_error
        for organization in ids:
            wire = found[organization]
            if isinstance(wire, Failure):
                reason = f"organization_ids lists this page, but {explain(wire, 'organizations')}"
                self._note(organization, reason, Gravity.FAILED if failed else Gravity.WARNING)
        return {
            organization: wire
            for organization in ids
            if not isinstance(wire := found[organization], Failure)
        }

    def _note(self, organization: int, reason: str, gravity: Gravity) -> None:
        self._run.log.error("Page %d: %s", organization, reason)
        self._run.ledger.note(ALL_PAGE_STREAMS, organization, reason, gravity)

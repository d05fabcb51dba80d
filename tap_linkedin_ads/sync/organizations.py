"""Which company pages this run reads, and with which roles of the member on each.

LinkedIn's rules: LI-60, LI-61.
"""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.batch_get import BATCH_SIZE
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.lists import in_parts
from tap_linkedin_ads.api.pagination import IndexPages, rows_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.sync import page_roles
from tap_linkedin_ads.sync.earlier_runs import through
from tap_linkedin_ads.sync.page_roles import ADMINISTRATOR
from tap_linkedin_ads.sync.pivot_value_names import COMPANIES
from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_linkedin_ads.api.batch_get import Lookups
    from tap_linkedin_ads.sync.run import Run

STREAM = "organizations"
_PAGE_SIZE = 100
SHOWCASE = "BRAND"
APPROVED = "APPROVED"
_FORBIDDEN = 403
_NAMES = ("organization", "organizationTarget", "organizationalTarget")
_REFUSED = frozenset({Remedy.SET_ASIDE, Remedy.FIX_REQUEST})


class Organizations:
    """The pages on which the member has a role, or that the settings list, found once a run."""

    def __init__(
        self, run: Run, lookups: Lookups, needs: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        """Ask for nothing yet.

        Args:
            run: The present run.
            lookups: What reads objects by key.
            needs: For each selected stream that reads pages, the roles of which it needs any one.
        """
        self._run = run
        self._lookups = lookups
        self._needs = needs or {}
        self._is_list_whole = True
        self._streams_told: set[str] = set()
        self._roles: dict[int, set[str]] = {}
        self._not_approved: list[str] = []
        self.scope_failure: RequestFailedError | None = None
        """Why listed pages are known by number only, where the token may not look at pages."""

    @property
    def by_id(self) -> dict[int, responses.Wire]:
        """Return the pages as LinkedIn sends them, by id in ascending order.

        A page that the member does not administer has its public fields only, or none.

        Raises:
            RequestFailedError: They cannot be read at all; every caller hears the same.
        """
        if isinstance(self._found, RequestFailedError):
            raise self._found
        return self._found

    def roles(self, organization: int) -> tuple[str, ...]:
        """Return the member's approved roles on a page, as far as they were asked for."""
        return tuple(sorted(self._roles.get(organization, ())))

    def readable_with(self, needed: frozenset[str]) -> tuple[int, ...]:
        """Return the pages, in ascending order, on which the member has one of several roles."""
        return tuple(page for page in self.by_id if self._suffices(page, needed))

    def pages_for(self, stream: str, needed: frozenset[str]) -> tuple[int, ...]:
        """Return the pages that a stream of pages reads, in ascending order.

        What the member's roles leave out is noted: once for each page, and once for a stream that
        has no page at all.
        """
        pages = self.readable_with(needed)
        if not pages and stream not in self._streams_told:
            self._streams_told.add(stream)
            self._warn_of_none(stream, needed)
        return pages

    def _suffices(self, page: int, needed: frozenset[str]) -> bool:
        """Whether a stream may read a page; without the scope LinkedIn has to decide."""
        return self.scope_failure is not None or page_roles.suffices(
            self._roles.get(page, ()), needed
        )

    def name(self, organization: int) -> str | None:
        """Return a page's name in its default language."""
        name = self.by_id.get(organization, {}).get("localizedName")
        return name if isinstance(name, str) else None

    def _report_lost(self) -> None:
        """Warn of pages that earlier runs read and on which the member has no role any more."""
        if not self._is_list_whole:
            return  # the role may be one of those that LinkedIn did not list
        earlier = self._run.earlier.pages
        for page in sorted(earlier.keys() - self._roles.keys()):
            self._run.note_lost(
                ALL_PAGE_STREAMS,
                page,
                "Page %d: %s.",
                f"an earlier run read this page{through(earlier[page])}, but this member no longer "
                "has a role on it: its bookmarks stay, and it is filled in when the role is back",
            )

    def roles_found(self, criteria: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
        """Ask for the member's roles on pages.

        Args:
            criteria: What restricts them; empty for every role in every state.

        Yields:
            The page, the role, and its state.

        Raises:
            RequestFailedError: They cannot be read.
        """
        request = Request(
            "organizationAcls",
            "/organizationAcls",
            {"q": "roleAssignee", **criteria},
            stream=STREAM,
        )
        pages = IndexPages(self._run.client, request, _PAGE_SIZE)
        for raw in rows_of(pages, self._run.workers):
            try:
                wire = responses.row(raw)
            except UNREADABLE:
                wire = {}
            target = next((wire[name] for name in _NAMES if name in wire), "")
            organization = urn.number(str(target))
            if organization is None:
                self._is_list_whole = False
                self._run.note_nameless(
                    ALL_PAGE_STREAMS, "organizationAcls: LinkedIn sent a role on no page"
                )
                continue
            yield organization, str(wire.get("role", "")), str(wire.get("state", APPROVED))

    # Finding the pages

    @functools.cached_property
    def _found(self) -> dict[int, responses.Wire] | RequestFailedError:
        listed = self._run.settings.organization_ids
        try:
            found = self._with_a_role() if listed is None else self._listed(listed)
        except RequestFailedError as error:
            return error
        self._run.report.pages.update(found)
        if listed is None:
            self._report_lost()
        self._note_left_out(found, is_listed=listed is not None)
        return found

    def _with_a_role(self) -> dict[int, responses.Wire]:
        """Find every page on which the member has a role; showcase pages are left out.

        LinkedIn lists showcase pages like others: only their type distinguishes them.
        """
        administered = {"role": ADMINISTRATOR, "state": APPROVED}
        for organization, role, state in self.roles_found(administered):
            # Without the filters, which LinkedIn may refuse, other roles and states come as well.
            if role not in page_roles.OTHER_ROLES and state not in page_roles.NOT_APPROVED:
                self._roles.setdefault(organization, set()).add(ADMINISTRATOR)
        self._find_other_roles()
        ids = sorted(o for o, roles in self._roles.items() if ADMINISTRATOR in roles)
        found = self._lookups.get_many("organizations", ids, STREAM)
        for organization in ids:
            wire = found[organization]
            if isinstance(wire, Failure):
                self._note(organization, explain(wire, "organizations"), Severity.WARNING)
        found.update(self._public(sorted(self._roles.keys() - set(ids))).items())
        return {
            organization: wire
            for organization in sorted(self._roles)
            if not isinstance(wire := found[organization], Failure)
            and wire.get("primaryOrganizationType") != SHOWCASE
        }

    def _find_other_roles(self) -> None:
        """Find the roles other than ADMINISTRATOR, which is asked for on its own.

        The request without filters costs nothing but itself where LinkedIn refuses it.
        """
        try:
            for organization, role, state in self.roles_found({}):
                if state != APPROVED:
                    self._not_approved.append(f"{role} ({organization}, {state})")
                elif role != ADMINISTRATOR:
                    self._roles.setdefault(organization, set()).add(role)
        except RequestFailedError as error:
            if error.failure.remedy not in _REFUSED or error.failure.scope_missing:
                raise
            self._is_list_whole = False
            reason = (
                "pages on which the member has a role other than ADMINISTRATOR are left out: "
                f"{explain(error.failure, error.resource)}"
            )
            self._run.log.warning("%s", reason)
            self._run.report.note(ALL_PAGE_STREAMS, None, reason, Severity.WARNING)

    def _public(self, ids: list[int]) -> dict[int, responses.Wire]:
        """Read what LinkedIn shows everybody of pages; a page it does not give has no fields."""
        found: dict[int, responses.Wire] = {organization: {} for organization in ids}
        for start in range(0, 0 if self._lookups.lacks_batches else len(ids), BATCH_SIZE):
            some = ids[start : start + BATCH_SIZE]
            try:
                for part, answer in in_parts(self._run.client, COMPANIES, some, self._look_up):
                    found.update(
                        (organization, responses.row(raw))
                        for organization in part
                        if (raw := answer.results.get(str(organization))) is not None
                    )
            except RequestFailedError as error:
                if error.failure.remedy not in _REFUSED:
                    raise
                return found  # the development tier has no batches, and this resource no GET
        return found

    def _look_up(self, ids: Sequence[int]) -> responses.BatchAnswer:
        path = "/organizationsLookup"
        request = Request(COMPANIES.resource, path, {"ids": ids}, "BATCH_GET", STREAM)
        return self._run.client.fetch(request, responses.batch)

    def _listed(self, listed: tuple[int, ...]) -> dict[int, responses.Wire]:
        """Read the listed pages. Posts can be read without knowing more than their numbers."""
        if not listed:
            reason = "organization_ids is empty, so no page is read"
            self._run.log.warning("%s", reason)
            self._run.report.note(ALL_PAGE_STREAMS, None, reason, Severity.WARNING)
            self._streams_told.update(self._needs)
            return {}
        ids = sorted(set(listed))
        try:
            found = self._lookups.get_many("organizations", ids, STREAM)
        except RequestFailedError as error:
            if not error.failure.scope_missing:
                raise
            self.scope_failure = error
            return {organization: {} for organization in ids}
        refused = [
            organization
            for organization in ids
            if isinstance(wire := found[organization], Failure) and wire.status == _FORBIDDEN
        ]
        if refused:
            self._find_other_roles()
        self._roles.update((o, {ADMINISTRATOR}) for o in ids if not isinstance(found[o], Failure))
        public = self._public([o for o in refused if self._roles.get(o)])
        wires: dict[int, responses.Wire] = {}
        for organization in ids:
            wire = found[organization]
            if not isinstance(wire, Failure):
                wires[organization] = wire
            elif organization in public:
                wires[organization] = public[organization]
            else:
                reason = f"organization_ids lists this page, but {explain(wire, 'organizations')}"
                self._note(organization, reason, self._severity_of_listed)
        return wires

    # What is noted

    @property
    def _severity_of_listed(self) -> Severity:
        return Severity.FAILED if self._run.settings.fail_on_account_error else Severity.WARNING

    def _note_left_out(self, pages: Iterable[int], *, is_listed: bool) -> None:
        """Note each page that a selected stream cannot read with the member's roles on it."""
        if self.scope_failure is not None:
            return
        for page in pages:
            streams = page_roles.left_out(self._roles[page], self._needs)
            if not streams:
                continue
            roles = ", ".join(self.roles(page))
            reason = (
                f"{'organization_ids lists this page, but ' if is_listed else ''}the member's role "
                f"on this page is {roles}, so it is left out of {streams}; bookmarks stay"
            )
            self._note(page, reason, self._severity_of_listed if is_listed else Severity.WARNING)

    def _warn_of_none(self, stream: str, needed: frozenset[str]) -> None:
        if self._run.settings.organization_ids is not None:
            return
        found = [f"{', '.join(self.roles(page))} ({page})" for page in sorted(self._roles)]
        reason = (
            "this member administers no page, and has no other role that suffices, so this stream "
            f"has no rows; it needs {page_roles.named(needed)}; roles found: "
            f"{', '.join([*found, *self._not_approved]) or 'none'}"
        )
        self._run.log.warning("%s: %s", stream, reason)
        self._run.report.note(stream, None, reason, Severity.WARNING)

    def _note(self, organization: int, reason: str, severity: Severity) -> None:
        log = self._run.log.error if severity is Severity.FAILED else self._run.log.warning
        log("Page %d: %s", organization, reason)
        self._run.report.note(ALL_PAGE_STREAMS, organization, reason, severity)

"""Which ad accounts this run reads.

LinkedIn answers a report on an ad account without access with no rows. So every run first asks
adAccounts, and an account that does not come back is never asked for a report.

LinkedIn's rules: LI-27, LI-53.
"""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.lists import ListPages, ListParameter
from tap_linkedin_ads.api.pagination import CursorPages, rows_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.sync.earlier_runs import through
from tap_linkedin_ads.sync.run_report import ALL_STREAMS, Severity

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from tap_linkedin_ads.api.workers import PageSequence
    from tap_linkedin_ads.sync.run import Run

_PAGE_SIZE = 1000
_RESOURCE = "adAccounts"
_IDS = ListParameter(_RESOURCE, "search")
STREAM = "ad_accounts"


class AdAccounts:
    """The ad accounts that the token can read and the settings ask for, found once a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._is_list_whole = True

    @property
    def by_id(self) -> dict[int, responses.Wire]:
        """Return the ad accounts as LinkedIn sends them, by id in ascending order.

        Raises:
            RequestFailedError: adAccounts cannot be read; every caller hears the same.
        """
        if isinstance(self._found, RequestFailedError):
            raise self._found
        return self._found

    @functools.cached_property
    def _found(self) -> dict[int, responses.Wire] | RequestFailedError:
        try:
            return self._readable()
        except RequestFailedError as error:
            return error

    def _readable(self) -> dict[int, responses.Wire]:
        """Read the ad accounts.

        Without criteria the search gives every ad account of the member, whatever its status.
        Listed accounts that it does not give are asked for by id before they count as missing.
        """
        listed = self._run.settings.account_ids
        if listed is not None and not listed:
            self._warn("account_ids is empty, so no ad account is read")
            return {}
        found = dict(self._accounts(self._search({"q": "search"})))
        self._warn_of_unknown(found.keys())
        if listed is not None:
            missing = [account for account in listed if account not in found]
            found.update(self._by_id(missing))
            found = {account: found[account] for account in listed if account in found}
        excluded = self._run.settings.exclude_account_ids
        readable = {account: found[account] for account in sorted(found) if account not in excluded}
        for account in listed or ():
            if account not in readable and account not in excluded:
                self._report_missing(account)
        if listed is None:
            self._report_lost(found.keys())
        if not readable and listed is None:
            self._warn_of_none()
        self._run.report.subjects.update(readable)
        return readable

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the readable ad accounts' ids in ascending order."""
        return tuple(self.by_id)

    def _report_lost(self, found: AbstractSet[int]) -> None:
        """Warn of ad accounts that earlier runs read and that are out of reach now."""
        if not self._is_list_whole:
            return  # the one that nobody could make out may be among them
        earlier = self._run.earlier.accounts
        for account in sorted(earlier.keys() - found - self._run.settings.exclude_account_ids):
            self._run.note_lost(
                ALL_STREAMS,
                account,
                "Ad account %d: %s.",
                f"an earlier run read this ad account{through(earlier[account])}, but LinkedIn no "
                "longer gives it to this member: its bookmarks stay, and it is filled in when the "
                "role is back",
            )

    def _search(self, criteria: dict[str, t.Any]) -> CursorPages:
        request = Request(_RESOURCE, "/adAccounts", criteria, stream=STREAM)
        return CursorPages(self._run.client, request, _PAGE_SIZE)

    def _accounts(self, pages: PageSequence) -> Iterator[tuple[int, responses.Wire]]:
        for raw in rows_of(pages, self._run.workers):
            try:
                wire = responses.row(raw)
            except UNREADABLE:
                wire = {}
            account = urn.number(str(wire.get("id")))
            if account is None:
                self._is_list_whole = False
                self._run.note_nameless(
                    ALL_STREAMS, "adAccounts: LinkedIn sent an ad account without id"
                )
                continue
            yield account, wire

    def _by_id(self, accounts: list[int]) -> Iterator[tuple[int, responses.Wire]]:
        for start in range(0, len(accounts), _PAGE_SIZE):
            urns = [urn.make("sponsoredAccount", a) for a in accounts[start : start + _PAGE_SIZE]]
            yield from self._accounts(ListPages(self._run.client, _IDS, urns, self._with_ids))

    def _with_ids(self, urns: Sequence[str]) -> CursorPages:
        return self._search({"q": "search", "search": {"id": {"values": urns}}})

    def _warn_of_none(self) -> None:
        self._warn(
            "LinkedIn gives this member no ad account to read, so these streams have no rows: the "
            "member has no role on any, or exclude_account_ids leaves none"
        )

    def _warn_of_unknown(self, known: Collection[int]) -> None:
        """Warn of excluded accounts that do not exist: a slip there reads what it should not."""
        if unknown := sorted(self._run.settings.exclude_account_ids.difference(known)):
            self._warn(
                "exclude_account_ids names ad accounts that LinkedIn does not give to this member: "
                f"{', '.join(map(str, unknown))}"
            )

    def _warn(self, reason: str) -> None:
        self._run.log.warning("%s.", reason)
        self._run.report.note(ALL_STREAMS, None, reason, Severity.WARNING)

    def _report_missing(self, account: int) -> None:
        severity = Severity.FAILED if self._run.settings.fail_on_account_error else Severity.WARNING
        reason = (
            "account_ids lists this ad account, but LinkedIn does not give it to this member: it "
            "does not exist, or the member has no role on it (VIEWER is enough); its bookmarks "
            "stay where they are"
        )
        self._run.log.error("Ad account %d: %s.", account, reason)
        self._run.report.note(ALL_STREAMS, account, reason, severity)

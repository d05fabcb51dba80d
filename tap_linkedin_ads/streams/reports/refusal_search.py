"""Asks adAnalytics what it is about a refused report request that it refuses."""

from __future__ import annotations

import logging
import typing as t
from dataclasses import dataclass

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.refused import Difference
from tap_linkedin_ads.api.room import WaitingAnswer
from tap_linkedin_ads.reporting import refused_names
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.errors import Failure
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.reporting.layout import Refusals

MOST_REQUESTS = 200
"""Requests that the searches of one report send at most."""
MOST_FRUITLESS = 4
"""Searches that find nothing, of one report (what is refused then is an ad account, as a rule) or
of all reports with a finder that LinkedIn answers none of."""
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused request, and how to ask for less.

    Attributes:
        finder: The finder.
        pivots: What it groups by.
        names: The metrics it names.
        expected_rows: Rows of its answer at most, as far as that is known.
        with_names: Returns the same request with other metrics.
        of_one_account: Returns a request for one of its ad accounts without any metric, with
            ACCOUNT among the pivots or without; None where ACCOUNT has no company.
        is_of_one_account: It asks for one ad account already.
    """

    finder: str
    pivots: Sequence[str]
    names: Sequence[str]
    expected_rows: int
    with_names: Callable[[Sequence[str]], Request]
    of_one_account: Callable[[bool], Request] | None = None
    is_of_one_account: bool = True


class _NoMoreRequestsError(Exception):
    """The searches of a report have sent as many requests as they may."""


class RefusalSearch:
    """The searches of one report. What they find is shared with the other reports of the run."""

    def __init__(self, client: Client, refusals: Refusals, log: logging.Logger) -> None:
        self._client = client
        self._refusals = refusals
        self._log = log
        self._requests_left = MOST_REQUESTS
        self._fruitless_left = MOST_FRUITLESS

    def learn(self, refused: Refused, failure: Failure) -> bool:
        """Find out what LinkedIn refuses in a request.

        Returns:
            Whether asking again is worth it: something to leave out was found, or LinkedIn
            accepts the same request now.
        """
        in_vain = self._refusals.in_vain
        may_search = self._fruitless_left and in_vain[refused.finder] < MOST_FRUITLESS
        if failure.status != _BAD_REQUEST or not may_search:
            return False
        try:
            if self._find_names(refused, failure) or self._find_pivot(refused, failure):
                return True
        except (RequestFailedError, _NoMoreRequestsError):
            pass  # what keeps the search from its answers shows in the next request as well
        self._fruitless_left -= 1
        in_vain[refused.finder] += 1
        return False

    def _find_names(self, refused: Refused, failure: Failure) -> bool:
        if not refused.names:
            return False

        def accepts(names: Sequence[str]) -> bool:
            return self._accepts(refused.with_names(names), refused, len(names))

        known = self._refusals
        found = refused_names.find(refused.names, failure.message, accepts, known.everywhere)
        if found is None:
            return False
        by = ", ".join(refused.pivots)
        if found.names:
            names = ", ".join(sorted(found.names))
            is_new = not known.everywhere.issuperset(found.names)
            known.add_names(refused.finder, refused.pivots, found.names)
            self._note(f"{names} by {by}", "columns that are null", failure)
            self._log.log(
                logging.WARNING if is_new else logging.INFO,
                "adAnalytics: LinkedIn refuses %s in reports by %s (%s): their columns are null in "
                "this run.",
                names,
                by,
                failure.message,
            )
        if found.most is not None and found.most < known.most_metrics:
            most = found.most + len(KEY_FIELDS)
            known.most_metrics = found.most
            self._note(f"more than {most} names in fields", "more requests with fewer", failure)
            self._log.warning(
                "adAnalytics: LinkedIn refuses more than %d names in fields (%s): reports take "
                "more requests with fewer names in this run.",
                most,
                failure.message,
            )
        if found == refused_names.RefusedNames():
            self._fruitless_left -= 1
        return True

    def _find_pivot(self, refused: Refused, failure: Failure) -> bool:
        """Find out whether ACCOUNT is refused beside other pivots.

        An ad account that is itself refused must not be taken for that, so one that is accepted
        without the pivot has to be refused with it.
        """
        ask = refused.of_one_account
        if ask is None or self._refusals.account_stands_alone:
            return False
        is_known = refused.is_of_one_account
        if not is_known and self._accepts(ask(True), refused):  # noqa: FBT003
            return False
        if not self._accepts(ask(False), refused):  # noqa: FBT003
            return False
        self._refusals.account_stands_alone = True
        by = ", ".join(refused.pivots)
        self._note(f"pivots {by}", "a request without ACCOUNT for each ad account", failure)
        self._log.warning(
            "adAnalytics: LinkedIn refuses ACCOUNT beside other pivots (%s): such reports take a "
            "request for each ad account in this run.",
            failure.message,
        )
        return True

    def _accepts(self, request: Request, refused: Refused, metrics: int = 0) -> bool:
        if not self._requests_left:
            raise _NoMoreRequestsError
        self._requests_left -= 1
        try:
            self._client.fetch_report(
                request,
                WaitingAnswer,
                names=len(KEY_FIELDS) + metrics,
                expected_rows=refused.expected_rows,
                is_part=True,
            )
        except RequestFailedError as error:
            if error.failure.status != _BAD_REQUEST:
                raise
            return False
        self._refusals.answered(refused.finder)
        return True

    def _note(self, refused: str, instead: str, failure: Failure) -> None:
        self._client.adaptations.note(Difference("adAnalytics", refused, instead, failure.message))

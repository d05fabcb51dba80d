"""Builds the requests of ``check --contract``. Pure."""

from __future__ import annotations

import datetime as dt
import typing as t

from tap_linkedin_ads.api import epoch, restli, urn
from tap_linkedin_ads.cli.contract.questions import Call, Known

if t.TYPE_CHECKING:
    from collections.abc import Callable

OK, BAD, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 200, 400, 401, 403, 404
ONE_ACCOUNT: dict[str, restli.Value] = {"q": "search", "pageSize": 1}
NOBODYS_ACCOUNT = 1
"""No member has a role on it."""
STATUSES = (
    "ACTIVE",
    "PAUSED",
    "DRAFT",
    "ARCHIVED",
    "COMPLETED",
    "CANCELED",
    "PENDING_DELETION",
    "REMOVED",
)
LIVING = frozenset(STATUSES[:3])
DEFAULT_COUNT = 10


def get(path: str, parameters: dict[str, restli.Value], **more: str | None) -> Call:
    return Call(path, restli.query(parameters), **more)


def of_all_accounts(**more: str | None) -> Callable[[Known], Call]:
    """Return a builder of the smallest search of ad accounts, with other headers."""
    return lambda _: get("/adAccounts", ONE_ACCOUNT, **more)


def account_of(known: Known) -> int | None:
    """Return the ad account to ask about: an active one where there is one."""
    rows = known.rows("ad-account")
    active = [row for row in rows if row.get("status") == "ACTIVE"]
    return next((urn.number(str(row.get("id"))) for row in [*active, *rows]), None)


def of_account(build: Callable[[Known, int], Call | str]) -> Callable[[Known], Call | str]:
    def call(known: Known) -> Call | str:
        account = account_of(known)
        return (
            "no ad account is visible to this member" if account is None else build(known, account)
        )

    return call


def of_page(build: Callable[[Known, str], Call]) -> Callable[[Known], Call | str]:
    def call(known: Known) -> Call | str:
        rows = known.rows("page-roles")
        names = ("organization", "organizationTarget", "organizationalTarget")
        page = next((str(row[n]) for row in rows for n in names if n in row), None)
        return "no company page is in sight" if page is None else build(known, page)

    return call


def search_page_two(known: Known) -> Call | str:
    """Ask for the second page of a search with criteria."""
    answer = known.answers.get("ad-account-search")
    token = answer.get("metadata", "nextPageToken") if answer else None
    if not token:
        return "one page holds every ad account"
    search: restli.Value = {"test": False}
    parameters = {**ONE_ACCOUNT, "search": search, "pageToken": str(token)}
    return get("/adAccounts", parameters)


def statistics(first_day: int) -> Callable[[Known, str], Call]:
    """Return a builder of a page's share statistics for a week, so many days ago."""

    def build(known: Known, page: str) -> Call:
        midnight = epoch.midnight(known.today)
        start, end = (midnight - dt.timedelta(days=days) for days in (first_day, first_day - 7))
        parameters: dict[str, restli.Value] = {
            "q": "organizationalEntity",
            "organizationalEntity": page,
            "timeIntervals": {
                "timeRange": {
                    "start": epoch.milliseconds(start),
                    "end": epoch.milliseconds(end),
                },
                "timeGranularityType": "DAY",
            },
        }
        return get("/organizationalEntityShareStatistics", parameters)

    return build

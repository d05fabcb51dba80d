"""The questions of ``check --contract`` about adAnalytics, and their requests."""

from __future__ import annotations

import datetime as dt
import typing as t

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.api.versions import sunset_of
from tap_linkedin_ads.cli.contract.calls import BAD, NOBODYS_ACCOUNT, OK, get, of_account
from tap_linkedin_ads.cli.contract.judges import (
    clipped,
    is_empty,
    more_than_ten,
    no_link,
    single_days,
    text_money,
    zeros_are_there,
)
from tap_linkedin_ads.cli.contract.questions import Call, Known, Question, status_in

if t.TYPE_CHECKING:
    from collections.abc import Callable

TWENTY = (
    "dateRange",
    "pivotValues",
    "impressions",
    "clicks",
    "landingPageClicks",
    "likes",
    "shares",
    "comments",
    "follows",
    "reactions",
    "totalEngagements",
    "otherEngagements",
    "costInUsd",
    "costInLocalCurrency",
    "externalWebsiteConversions",
    "oneClickLeads",
    "oneClickLeadFormOpens",
    "videoViews",
    "videoStarts",
    "videoCompletions",
)


def days_ago(known: Known, first: int, last: int) -> dict[str, restli.Value]:
    return {
        "start": known.today - dt.timedelta(days=first),
        "end": known.today - dt.timedelta(days=last),
    }


def report(**changes: restli.Value) -> Callable[[Known, int], Call]:
    """Return a builder of a statistics request on the last 30 days, with changes."""

    def build(known: Known, account: int) -> Call:
        parameters: dict[str, restli.Value] = {
            "q": "statistics",
            "pivots": ("CAMPAIGN",),
            "timeGranularity": "DAILY",
            "dateRange": days_ago(known, 30, 1),
            "accounts": [urn.make("sponsoredAccount", account)],
            "fields": restli.Projection(
                ("dateRange", "pivotValues", "impressions", "costInUsd", "commentLikes")
            ),
        }
        found: dict[str, restli.Value] = {**parameters, **changes}
        return get("/adAnalytics", {n: v for n, v in found.items() if v != ""})

    return build


def old_metric(known: Known, account: int) -> Call | str:
    """Ask an older version for a metric that it does not have."""
    version = "202604"
    if sunset_of(version) <= known.today:
        return f"API version {version} is switched off"
    call = report(fields=restli.Projection(("dateRange", "appointmentsScheduled")))(known, account)
    return Call(call.path, call.query, version=version)


def creatives_facet(known: Known, account: int) -> Call | str:
    creative = next((str(row.get("id")) for row in known.rows("creatives")), None)
    if creative is None:
        return "there is no creative"
    return report(creatives=[creative], accounts="")(known, account)


def by_month(known: Known, account: int) -> Call:
    first = (known.today.replace(day=1) - dt.timedelta(days=40)).replace(day=15)
    window: restli.Value = {"start": first, "end": (first + dt.timedelta(days=31)).replace(day=15)}
    return report(timeGranularity="MONTHLY", pivots=("ACCOUNT",), dateRange=window)(known, account)


REPORT_QUESTIONS: tuple[Question, ...] = (
    Question(
        "report-without-count",
        "a report without count gives every row, not the first 10",
        of_account(report()),
        more_than_ten,
    ),
    Question(
        "report-links",
        "a report has no link to a next page",
        lambda _: "",
        no_link,
        of="report-without-count",
    ),
    Question(
        "report-zeros",
        "a metric that is zero stands in its row as 0 (left out is read as well)",
        lambda _: "",
        zeros_are_there,
        of="report-without-count",
    ),
    Question(
        "report-money",
        "costInUsd is a text",
        lambda _: "",
        text_money,
        of="report-without-count",
    ),
    Question(
        "report-20-fields",
        "20 names in fields are allowed, dateRange and pivotValues counted",
        of_account(report(fields=restli.Projection(TWENTY))),
        status_in(OK),
    ),
    Question(
        "report-21-fields",
        "21 names in fields are refused",
        of_account(report(fields=restli.Projection((*TWENTY, "sends")))),
        status_in(BAD),
    ),
    Question(
        "report-account-pivot",
        "ACCOUNT may stand before two other pivots",
        of_account(report(pivots=("ACCOUNT", "CAMPAIGN", "CREATIVE"))),
        status_in(OK),
    ),
    Question(
        "report-granularity-record",
        "timeGranularity may be a record of its value",
        of_account(report(timeGranularity={"value": "DAILY"})),
        status_in(OK),
    ),
    Question(
        "report-open-end",
        "a date range without an end is allowed",
        of_account(
            lambda known, account: report(dateRange={"start": known.today - dt.timedelta(days=1)})(
                known, account
            )
        ),
        status_in(OK),
    ),
    Question(
        "report-out-of-reach",
        "a report on somebody else's ad account is empty, without a word",
        lambda known: report()(known, NOBODYS_ACCOUNT),
        is_empty,
    ),
    Question(
        "report-by-month",
        "months at the edges of a date range are clipped to it",
        of_account(by_month),
        clipped,
    ),
    Question(
        "report-by-creatives",
        "creatives can restrict a report",
        of_account(creatives_facet),
        status_in(OK),
    ),
    Question(
        "report-old-metric",
        "a metric that is newer than the version is refused",
        of_account(old_metric),
        status_in(BAD),
    ),
    Question(
        "demographics-by-day",
        "professional demographics can be had by day",
        of_account(
            lambda known, account: report(
                q="analytics",
                pivot="MEMBER_COMPANY_SIZE",
                pivots="",
                dateRange=days_ago(known, 10, 3),
                fields=restli.Projection(("dateRange", "pivotValues", "impressions")),
            )(known, account)
        ),
        single_days,
    ),
)

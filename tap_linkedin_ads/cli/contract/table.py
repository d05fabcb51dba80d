"""The questions of ``check --contract``: a table, in the order of asking.

All of them read; none of them writes. Most ask for one row.
"""

from __future__ import annotations

import datetime as dt

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.cli.contract.calls import (
    BAD,
    FORBIDDEN,
    NOBODYS_ACCOUNT,
    NOT_FOUND,
    OK,
    ONE_ACCOUNT,
    STATUSES,
    TWENTY,
    UNAUTHORIZED,
    by_month,
    creatives_facet,
    days_ago,
    get,
    of_account,
    of_all_accounts,
    of_page,
    old_metric,
    report,
    search_page_two,
    statistics,
)
from tap_linkedin_ads.cli.contract.judges import (
    batch,
    clipped,
    facets,
    followers,
    id_is_number,
    is_empty,
    more_than_ten,
    no_criteria,
    no_link,
    role_key,
    single_days,
    text_money,
    zeros_are_there,
)
from tap_linkedin_ads.cli.contract.questions import Call, Question, status_in

_BELOW = "/adAccounts/{}/{}"

QUESTIONS: tuple[Question, ...] = (
    Question(
        "version-missing",
        "a request without LinkedIn-Version gets 400 VERSION_MISSING",
        of_all_accounts(version=""),
        status_in(BAD, code="VERSION_MISSING"),
    ),
    Question(
        "version-unknown",
        "a version that does not exist gets 426 NONEXISTENT_VERSION",
        of_all_accounts(version="202001"),
        status_in(426, code="NONEXISTENT_VERSION"),
    ),
    Question(
        "version-of-the-future",
        "a version of a month that is far ahead gets 426",
        of_all_accounts(version="209901"),
        status_in(426),
    ),
    Question(
        "token-missing",
        "a request without a token gets 401 with serviceErrorCode 401",
        of_all_accounts(token=""),
        status_in(UNAUTHORIZED, serviceErrorCode=401),
    ),
    Question(
        "token-invalid",
        "a wrong token gets 401 with serviceErrorCode 65600",
        of_all_accounts(token="wrong"),  # noqa: S106  it is wrong on purpose
        status_in(UNAUTHORIZED, serviceErrorCode=65600),
    ),
    Question(
        "order-of-checks",
        "the version is checked before the token",
        of_all_accounts(version="202001", token="wrong"),  # noqa: S106  it is wrong on purpose
        status_in(426),
    ),
    Question(
        "ad-account",
        "an ad account's id is a number",
        lambda _: get("/adAccounts", {"q": "search", "pageSize": 20}),
        id_is_number,
    ),
    Question(
        "ad-accounts-1000",
        "pages of ad accounts may have 1,000 rows",
        lambda _: get("/adAccounts", {"q": "search", "pageSize": 1000}),
        status_in(OK),
    ),
    Question(
        "ad-account-search",
        "a search of ad accounts may ask for pages of one",
        lambda _: get("/adAccounts", {**ONE_ACCOUNT, "search": {"test": False}}),
        status_in(OK),
    ),
    Question(
        "search-with-page-token",
        "adAccounts refuses search together with pageToken",
        search_page_two,
        status_in(BAD),
    ),
    Question(
        "batch-with-unknown-id",
        "a batch with an unknown id gets 200 and names it under errors",
        of_account(
            lambda _, account: get(
                "/adAccounts", {"ids": [account, NOBODYS_ACCOUNT]}, method="BATCH_GET"
            )
        ),
        batch,
    ),
    Question(
        "account-out-of-reach",
        "somebody else's ad account gets 403 or 404",
        lambda _: Call(f"/adAccounts/{NOBODYS_ACCOUNT}"),
        status_in(FORBIDDEN, NOT_FOUND),
    ),
    Question(
        "users-as-list",
        "adAccountUsers takes a list of one ad account",
        of_account(
            lambda _, account: get(
                "/adAccountUsers",
                {"q": "accounts", "accounts": [urn.make("sponsoredAccount", account)]},
            )
        ),
        status_in(OK),
    ),
    Question(
        "raw-urn",
        "a URN with literal colons in the query is refused",
        of_account(
            lambda _, account: Call(
                "/adAccountUsers", f"q=accounts&accounts=urn:li:sponsoredAccount:{account}"
            )
        ),
        status_in(BAD),
    ),
    Question(
        "campaigns",
        "all statuses of campaigns may be asked for at once",
        of_account(
            lambda _, account: get(
                _BELOW.format(account, "adCampaigns"),
                {"q": "search", "search": {"status": {"values": STATUSES}}, "pageSize": 100},
            )
        ),
        status_in(OK),
    ),
    Question(
        "campaigns-without-criteria",
        "a search without statuses gives ACTIVE, PAUSED and DRAFT only",
        of_account(
            lambda _, account: get(
                _BELOW.format(account, "adCampaigns"), {"q": "search", "pageSize": 100}
            )
        ),
        no_criteria,
    ),
    Question(
        "creatives",
        "creatives take X-RestLi-Method: FINDER",
        of_account(
            lambda _, account: get(
                _BELOW.format(account, "creatives"),
                {"q": "criteria", "pageSize": 1},
                method="FINDER",
            )
        ),
        status_in(OK),
    ),
    Question(
        "creatives-all-statuses",
        "seven intended statuses of creatives may be asked for at once",
        of_account(
            lambda _, account: get(
                _BELOW.format(account, "creatives"),
                {
                    "q": "criteria",
                    "intendedStatuses": [s for s in STATUSES if s != "COMPLETED"],
                    "pageSize": 1,
                },
                method="FINDER",
            )
        ),
        status_in(OK),
    ),
    Question(
        "conversions-shared",
        "conversions take conversionOwnershipTypes",
        of_account(
            lambda _, account: get(
                "/conversions",
                {
                    "q": "account",
                    "account": urn.make("sponsoredAccount", account),
                    "conversionOwnershipTypes": ("OWNED", "SHARED"),
                    "start": 0,
                    "count": 1,
                },
            )
        ),
        status_in(OK),
    ),
    Question(
        "creatives-without-method",
        "creatives refuse a request without X-RestLi-Method",
        of_account(
            lambda _, account: get(
                _BELOW.format(account, "creatives"), {"q": "criteria", "pageSize": 1}
            )
        ),
        status_in(BAD),
    ),
    Question(
        "campaign-conversions",
        "campaignConversions can be read with r_ads",
        of_account(
            lambda known, _: (
                get(
                    "/campaignConversions",
                    {
                        "q": "campaigns",
                        "campaigns": [urn.make("sponsoredCampaign", int(rows[0]["id"]))],
                        "count": 1,
                    },
                )
                if (rows := known.rows("campaigns"))
                else "there is no campaign"
            )
        ),
        status_in(OK),
    ),
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
    Question(
        "page-roles",
        "a role on a page names it organization",
        lambda _: get(
            "/organizationAcls",
            {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED", "count": 10},
        ),
        role_key,
    ),
    Question(
        "page-followers",
        "networkSizes tells a page's followers",
        of_page(
            lambda _, page: get(
                f"/networkSizes/{restli.encode(page)}", {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}
            )
        ),
        followers,
    ),
    Question(
        "page-follower-facets",
        "followers without a range are one element with at most 100 values a facet",
        of_page(
            lambda _, page: get(
                "/organizationalEntityFollowerStatistics",
                {"q": "organizationalEntity", "organizationalEntity": page},
            )
        ),
        facets("followerCountsBy", most=100),
    ),
    Question(
        "page-view-facets",
        "page statistics without a range are one element with facets",
        of_page(
            lambda _, page: get(
                "/organizationPageStatistics", {"q": "organization", "organization": page}
            )
        ),
        facets("pageStatisticsBy"),
    ),
    Question(
        "page-statistics-of-long-ago",
        "page statistics before the last twelve months are refused",
        of_page(statistics(500)),
        status_in(BAD),
    ),
    Question(
        "posts-100",
        "pages of posts may have 100 rows",
        of_page(
            lambda _, page: get(
                "/posts",
                {
                    "author": page,
                    "q": "author",
                    "sortBy": "LAST_MODIFIED",
                    "start": 0,
                    "count": 100,
                },
                method="FINDER",
            )
        ),
        status_in(OK),
    ),
    Question(
        "posts-over-100",
        "more than 100 posts a page are refused",
        of_page(
            lambda _, page: get(
                "/posts", {"author": page, "q": "author", "count": 101}, method="FINDER"
            )
        ),
        status_in(BAD),
    ),
)

"""The questions of ``check --contract``: a table, in the order of asking.

All of them read; none of them writes. Most ask for one row.
"""

from __future__ import annotations

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.cli.contract.calls import (
    BAD,
    FORBIDDEN,
    NOBODYS_ACCOUNT,
    NOT_FOUND,
    OK,
    ONE_ACCOUNT,
    STATUSES,
    UNAUTHORIZED,
    get,
    of_account,
    of_all_accounts,
    of_page,
    search_page_two,
    statistics,
)
from tap_linkedin_ads.cli.contract.judges import (
    batch,
    facets,
    followers,
    id_is_number,
    no_criteria,
    role_key,
)
from tap_linkedin_ads.cli.contract.questions import Call, Question, status_in
from tap_linkedin_ads.cli.contract.report_questions import REPORT_QUESTIONS

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
    *REPORT_QUESTIONS,
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

"""Audience segments."""

from __future__ import annotations

import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.finders import AccountFinder, Index
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.streams.ads.entities import AccountEntities, AccountPages

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE_SIZE = 100


class AdSegments(AccountEntities):
    """Audience segments that campaigns can target."""

    name = "ad_segments"
    selected_by_default = False
    primary_keys = ("id",)

    @override
    def walks(self) -> Iterator[AccountPages]:
        for account in self.shared.ad_accounts.ids:
            request = Request(
                "adSegments",
                "/adSegments",
                {"q": "accounts", "accounts": [urn.make("sponsoredAccount", account)]},
                stream=self.name,
            )
            yield AccountPages(IndexPages(self.run.client, request, _PAGE_SIZE), account)


class DmpSegments(AccountEntities):
    """Matched-audience segments; LinkedIn gates them by a program of its own."""

    name = "dmp_segments"
    selected_by_default = False
    primary_keys = ("id",)
    finder = AccountFinder(
        resource="dmpSegments",
        path="/dmpSegments",
        criteria={"q": "account"},
        account_parameter="account",
        paging=Index(_PAGE_SIZE),
    )

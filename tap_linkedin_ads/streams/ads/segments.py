"""Audience segments.

LinkedIn's rule: LI-40.
"""

from __future__ import annotations

from tap_linkedin_ads.api.finders import AccountFinder, Index
from tap_linkedin_ads.streams.ads.entities import AccountEntities

_PAGE_SIZE = 100


class AdSegments(AccountEntities):
    """Audience segments that campaigns can target."""

    name = "ad_segments"
    selected_by_default = False
    primary_keys = ("id",)

    finder = AccountFinder(
        resource="adSegments",
        path="/adSegments",
        criteria={"q": "accounts"},
        account_parameter="accounts",
        takes_list=True,
        paging=Index(_PAGE_SIZE),
    )


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

"""The LinkedIn Insight Tag: tags, who may use them, and the domains they run on."""

from __future__ import annotations

from tap_linkedin_ads.api.finders import AccountFinder, Index
from tap_linkedin_ads.streams.ads.entities import AccountEntities

_PAGE_SIZE = 100


class InsightTags(AccountEntities):
    """Insight Tags of an ad account, one as a rule."""

    name = "insight_tags"
    selected_by_default = False
    primary_keys = ("account_id", "id")
    finder = AccountFinder(
        resource="insightTags",
        path="/insightTags",
        criteria={"q": "account"},
        account_parameter="account",
        paging=Index(_PAGE_SIZE),
    )


class InsightTagPermissions(AccountEntities):
    """What an ad account may do with an Insight Tag."""

    name = "insight_tag_permissions"
    selected_by_default = False
    primary_keys = ("account_id", "insight_tag_urn")
    finder = AccountFinder(
        resource="insightTagsPermission",
        path="/insightTagsPermission",
        criteria={"q": "account"},
        account_parameter="account",
        paging=Index(_PAGE_SIZE),
    )


class InsightTagDomains(AccountEntities):
    """Domains on which an ad account's Insight Tag was seen."""

    name = "insight_tag_domains"
    selected_by_default = False
    primary_keys = ("account_id", "domain_name")
    finder = AccountFinder(
        resource="insightTagDomains",
        path="/insightTagDomains",
        criteria={"q": "account"},
        account_parameter="account",
        paging=Index(_PAGE_SIZE),
    )

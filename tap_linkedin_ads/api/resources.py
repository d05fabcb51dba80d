"""LinkedIn's resources that the tap reads: whose they are, and what lets a token read them. Pure.

A resource is also what LinkedIn counts a daily quota by. Source: the "Permissions" section of each
resource's page, and LinkedIn, "Increasing Access".
"""

from __future__ import annotations

import re
import typing as t

ACCOUNT_ID, ORGANIZATION_ID = "account_id", "organization_id"
OWNER_WORDS = {ACCOUNT_ID: "ad account", ORGANIZATION_ID: "company page"}
LISTS_OWNERS = {ACCOUNT_ID: "adAccounts", ORGANIZATION_ID: "organizations"}
"""The resource that says which ad accounts or pages there are, whatever else is read of them."""
_SCOPE = re.compile(r"\brw?_[a-z_]+")


class Product(t.NamedTuple):
    """A product of LinkedIn's that an app is granted, with the scopes that a login asks for.

    Attributes:
        name: LinkedIn's name.
        scopes: The scopes that read only, in the order of asking.
        option: The flag of ``login`` that asks for them, without dashes; empty where it always
            does.
    """

    name: str
    scopes: tuple[str, ...]
    option: str = ""


ADVERTISING = Product("Advertising API", ("r_ads", "r_ads_reporting"))
COMMUNITY_MANAGEMENT = Product(
    "Community Management API", ("r_organization_social", "r_organization_admin"), "pages"
)
REACTIONS = Product(
    "Community Management API (newer apps)", ("r_organization_social_feed",), "reactions"
)
LEAD_SYNC = Product("Lead Sync API", ("r_marketing_leadgen_automation",), "leads")
AUDIENCES = Product("Audiences", ("rw_dmp_segments",), "audiences")
PRODUCTS = (ADVERTISING, COMMUNITY_MANAGEMENT, REACTIONS, LEAD_SYNC, AUDIENCES)


class Resource(t.NamedTuple):
    """What it takes to read a resource.

    Attributes:
        wants: The scopes of which any one reads it, in words.
        owner_key: What owns its rows: ``account_id`` or ``organization_id``.
    """

    wants: str
    owner_key: str = ACCOUNT_ID

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of which any one reads it."""
        return frozenset(_SCOPE.findall(self.wants))


_ADS = Resource("r_ads (or rw_ads)")
_PAGE = Resource("r_organization_admin (or rw_organization_admin)", ORGANIZATION_ID)
_POST = Resource("r_organization_social", ORGANIZATION_ID)
_FEED = Resource("r_organization_social_feed (or r_organization_social)", ORGANIZATION_ID)
_RESOURCES = {
    "adAnalytics": Resource("r_ads_reporting"),
    "accountIntelligence": Resource(
        "r_ads_reporting (or your app the private product Company Intelligence)"
    ),
    "leadForms": Resource(f"{_ADS.wants} or r_marketing_leadgen_automation"),
    "leadFormResponses": Resource("r_marketing_leadgen_automation"),
    "dmpSegments": Resource("rw_dmp_segments"),
    "organizationAcls": _PAGE,
    "networkSizes": _PAGE,
    "organizations": _PAGE,
    "organizationsLookup": _PAGE,
    "organizationalEntityFollowerStatistics": _PAGE,
    "organizationalEntityShareStatistics": _PAGE,
    "organizationPageStatistics": _PAGE,
    "posts": _POST,
    "images": _POST,
    "videos": _POST,
    "documents": _POST,
    "videoAnalytics": _POST,
    "socialMetadata": _FEED,
    "socialActions": _FEED,
}


def get(name: str) -> Resource:
    """Return what it takes to read a resource; those not listed are an ad account's."""
    return _RESOURCES.get(name, _ADS)

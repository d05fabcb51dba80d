"""Which scope and role LinkedIn wants for a resource, in words a user can act on."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from tap_linkedin_ads.errors import Failure

_ADS = "r_ads (or rw_ads)"
_PAGES = "r_organization_admin (or rw_organization_admin)"
_POSTS = "r_organization_social"
_SCOPES = {
    "adAnalytics": "r_ads_reporting",
    "accountIntelligence": "r_ads_reporting (or your app the private product Company Intelligence)",
    "leadForms": f"{_ADS} or r_marketing_leadgen_automation",
    "leadFormResponses": "r_marketing_leadgen_automation",
    "dmpSegments": "rw_dmp_segments",
    "organizationAcls": _PAGES,
    "networkSizes": _PAGES,
    "organizations": _PAGES,
    "organizationsLookup": _PAGES,
    "organizationalEntityFollowerStatistics": _PAGES,
    "organizationalEntityShareStatistics": _PAGES,
    "organizationPageStatistics": _PAGES,
    "posts": _POSTS,
    "images": _POSTS,
    "videos": _POSTS,
    "documents": _POSTS,
}
_LEAD_RESOURCES = frozenset({"leadForms", "leadFormResponses"})
_PAGE_RESOURCES = frozenset(name for name, scope in _SCOPES.items() if scope in {_PAGES, _POSTS})


def scope_of(resource: str) -> str:
    """Return the scope that reads a resource."""
    return _SCOPES.get(resource, _ADS)


def explain(failure: Failure, resource: str) -> str:
    """Say what went wrong with a request and what to do about it.

    Args:
        failure: What LinkedIn answered.
        resource: The resource that was asked.

    Returns:
        One sentence or two; a 403 names the missing scope or role.
    """
    said = f"LinkedIn said: {failure.message}" + (f" [{failure.code}]" if failure.code else "")
    scope = scope_of(resource)
    match failure.status:
        case 403 if failure.scope_missing:
            advice = (
                f"the access token lacks the scope {scope} for {resource}; add the product to "
                "your LinkedIn app and have the member consent again"
            )
        case 403 if resource in _PAGE_RESOURCES:
            advice = (
                "the member lacks the role ADMINISTRATOR (for posts also CONTENT_ADMINISTRATOR) "
                f"on this page, or the token lacks the scope {scope}"
            )
        case 403 if resource in _LEAD_RESOURCES:
            advice = (
                "the member lacks a role on this ad account (VIEWER is enough) or on this page "
                f"(ADMINISTRATOR), or the token lacks the scope {scope}"
            )
        case 403:
            advice = (
                "the member lacks a role on this ad account (VIEWER is enough), or the token "
                f"lacks the scope {scope}"
            )
        case 404 if resource in _PAGE_RESOURCES:
            advice = "the page does not exist, or it is inactive"
        case 404:
            advice = "it does not exist, or the member has no role on it (VIEWER is enough)"
        case 426:
            advice = "LinkedIn has switched off this API version: set api_version to a newer month"
        case 429 if failure.code == "SEGMENT_LIMIT_EXCEEDED":
            advice = (
                "this ad account has more than 1,000 matched-audience segments, and LinkedIn lists "
                "none of them until some are deleted"
            )
        case 429:
            advice = f"LinkedIn's quota for {resource} is used up"
        case _:
            return f"{resource}: {failure.message}"
    return f"{advice}. {said}"

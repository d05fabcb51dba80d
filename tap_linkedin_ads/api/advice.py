"""Which scope and role LinkedIn wants for a resource, in words a user can act on."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api.errors import SEGMENT_LIMIT, Remedy

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.errors import Failure

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
_MANY_SEGMENTS = (
    "LinkedIn lists no segments of an ad account that has more than its limit: delete some of "
    "them, or do not select this stream"
)
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
        One sentence or two; a 403 names the missing scope or role, anything else what to do.
    """
    advice = _advice(failure, resource)
    if advice is None:
        return f"{resource}: {failure.message}"
    code = f" [{failure.code}]" if failure.code else ""
    return f"{advice}. LinkedIn said: {failure.message}{code}"


def _advice(failure: Failure, resource: str) -> str | None:
    match failure.status:
        case 403:
            return _of_forbidden(failure, resource)
        case 404 if resource in _PAGE_RESOURCES:
            return "the page does not exist, or it is inactive"
        case 404:
            return "it does not exist, or the member has no role on it (VIEWER is enough)"
        case 426:
            return "LinkedIn has switched off this API version: set api_version to a newer month"
        case 429:
            return _MANY_SEGMENTS if failure.code == SEGMENT_LIMIT else _quota(resource)
        case _:
            return _of_remedy(failure.remedy, resource)


def _quota(resource: str) -> str:
    return f"LinkedIn's quota for {resource} is used up"


def _of_forbidden(failure: Failure, resource: str) -> str:
    scope = scope_of(resource)
    if failure.scope_missing:
        return (
            f"the access token lacks the scope {scope} for {resource}; add the product to your "
            "LinkedIn app and have the member consent again"
        )
    if resource in _PAGE_RESOURCES:
        return (
            "the member lacks the role ADMINISTRATOR (for posts also CONTENT_ADMINISTRATOR) on "
            f"this page, or the token lacks the scope {scope}"
        )
    return (
        "the member lacks a role on this ad account (VIEWER is enough), or the token lacks the "
        f"scope {scope}"
    )


def _of_remedy(remedy: Remedy, resource: str) -> str | None:
    if remedy in {Remedy.BACK_OFF, Remedy.OUTAGE}:
        return (
            f"{resource} gave no proper answer, however often it was asked: run the tap again "
            "later, it goes on from its state; if that stays so, check network and proxy, and "
            "raise request_timeout where answers take long"
        )
    if remedy is Remedy.FIX_REQUEST:
        return (
            f"{resource} refuses this request: run the tap again, and if it is refused again, "
            "report it with this message"
        )
    return None

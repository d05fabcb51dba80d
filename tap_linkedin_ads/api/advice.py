"""Which scope and role LinkedIn wants for a resource, in words a user can act on."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import resources
from tap_linkedin_ads.api.errors import SEGMENT_LIMIT, Remedy
from tap_linkedin_ads.api.resources import ORGANIZATION_ID

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.errors import Failure

_LISTS = {"organizationAcls": "organization_ids"}
"""Resources that list owners, so that a 404 is no owner's, and the setting that replaces each."""
_MANY_SEGMENTS = (
    "LinkedIn lists no segments of an ad account that has more than its limit: delete some of "
    "them, or do not select this stream"
)


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


def lacks_scope(resource: str) -> str:
    """Say which scope of a resource the token lacks, and how to get it."""
    return (
        f"the access token lacks the scope {resources.get(resource).wants} for {resource}; add the "
        "product to your LinkedIn app and have the member consent again"
    )


def _advice(failure: Failure, resource: str) -> str | None:
    match failure.status:
        case 403:
            return _of_forbidden(failure, resource)
        case 404:
            return _of_missing(resource)
        case 426:
            return "LinkedIn has switched off this API version: set api_version to a newer month"
        case 429:
            return _MANY_SEGMENTS if failure.code == SEGMENT_LIMIT else _quota(resource)
        case _:
            return _of_remedy(failure.remedy, resource)


def _quota(resource: str) -> str:
    return f"LinkedIn's quota for {resource} is used up"


def _of_missing(resource: str) -> str:
    if resource in _LISTS:
        return (
            f"LinkedIn has no {resource} at this address, which lists what the member may read: "
            "run the tap again, and report it with this message if that stays; with "
            f"{_LISTS[resource]} the tap does without the list"
        )
    if resources.get(resource).owner_key == ORGANIZATION_ID:
        return "the page does not exist, or it is inactive"
    return "it does not exist, or the member has no role on it (VIEWER is enough)"


def _of_forbidden(failure: Failure, resource: str) -> str:
    if failure.scope_missing:
        return lacks_scope(resource)
    scope, owner_key = resources.get(resource)
    if owner_key == ORGANIZATION_ID:
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

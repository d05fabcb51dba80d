"""Which roles on a company page let its member read what. Pure.

Rule (LinkedIn, "Organization Access Control by Role", "Posts API"): statistics of a page need
ADMINISTRATOR; its posts can be read by everybody who may publish on it. The number of followers and
the public fields of a page are open to any member, so any role on a page makes the tap read them.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ADMINISTRATOR = "ADMINISTRATOR"
STATISTICS_ROLES = frozenset({ADMINISTRATOR})
POST_ROLES = frozenset(
    {
        ADMINISTRATOR,
        "CONTENT_ADMINISTRATOR",
        "CONTENT_ADMIN",
        "DIRECT_SPONSORED_CONTENT_POSTER",
    }
)
"""CONTENT_ADMIN is how LinkedIn's page on posts spells CONTENT_ADMINISTRATOR."""
LEAD_ROLES = frozenset({ADMINISTRATOR, "LEAD_CAPTURE_ADMINISTRATOR", "LEAD_GEN_FORMS_MANAGER"})
ANY_ROLE = frozenset(
    {*POST_ROLES, *LEAD_ROLES, "ANALYST", "CURATOR", "RECRUITING_POSTER"},
)
"""Every role that LinkedIn documents; a role that it adds later counts like these."""
OTHER_ROLES = ANY_ROLE - {ADMINISTRATOR}
NOT_APPROVED = frozenset({"REQUESTED", "REJECTED", "REVOKED"})


def suffices(roles: Collection[str], needed: frozenset[str]) -> bool:
    """Whether roles on a page let a stream read it.

    Args:
        roles: The member's approved roles on the page.
        needed: Those of which the stream needs any one.
    """
    return bool(roles) and (needed == ANY_ROLE or not needed.isdisjoint(roles))


def named(roles: Collection[str]) -> str:
    """Return roles as a sentence lists them, ADMINISTRATOR first."""
    if frozenset(roles) == ANY_ROLE:
        return "any role"
    return " / ".join(sorted(roles, key=lambda role: (role != ADMINISTRATOR, role)))


def left_out(roles: Collection[str], needs: Mapping[str, frozenset[str]]) -> str:
    """Say which streams cannot read a page with the member's roles on it, and what they need.

    Args:
        roles: The member's approved roles on the page.
        needs: The roles of which each stream needs any one.

    Returns:
        ``posts, post_hashtags (needs ADMINISTRATOR / ...); ...``, empty where all can read it.
    """
    streams: dict[frozenset[str], list[str]] = {}
    for stream, needed in needs.items():
        if not suffices(roles, needed):
            streams.setdefault(needed, []).append(stream)
    return "; ".join(
        f"{', '.join(names)} (needs {named(needed)})" for needed, names in streams.items()
    )

"""The data behind company pages: organizations, roles, posts, media, and their changes."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sandbox.world.copies import copied
from sandbox.world.pages import social, truth, wire
from sandbox.world.pages.figures import SIDES, PageFigures
from sandbox.world.pivots import SPLITS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

Wire = dict[str, Any]

_FIRST_COMMENT = 7451000000000000001
_EMPLOYERS = frozenset(SPLITS["MEMBER_COMPANY"].values)

#: Roles that LinkedIn knows on a page.
ROLES = frozenset(
    [
        "ADMINISTRATOR",
        "DIRECT_SPONSORED_CONTENT_POSTER",
        "CONTENT_ADMINISTRATOR",
        "CONTENT_ADMIN",
        "CURATOR",
        "ANALYST",
        "RECRUITING_POSTER",
        "LEAD_CAPTURE_ADMINISTRATOR",
        "LEAD_GEN_FORMS_MANAGER",
    ]
)
STATES = frozenset(("APPROVED", "REQUESTED", "REJECTED", "REVOKED"))
#: Roles that may read posts; everything else about a page needs ADMINISTRATOR.
POST_ROLES = frozenset(
    ("ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR")
)


class Surroundings(Protocol):
    """What pages need of the world around them."""

    seed: int
    member: str

    @property
    def now(self) -> int:
        """The current instant in milliseconds."""

    @property
    def today(self) -> dt.date:
        """The current day, UTC."""


def organization_urn(organization: int) -> str:
    """Return the URN of an organization."""
    return f"urn:li:organization:{organization}"


class Pages:
    """Company pages of a world; may be changed while the sandbox serves it.

    Attributes:
        figures: The source of all figures.
        organizations: Wire dicts by id, as a single GET returns them to an administrator.
        acls: Wire dicts of the member's and others' roles, in order.
        posts: Wire dicts by URN, as a single GET returns them.
        media: Wire dicts of images, videos and documents by URN, without the signed links.
        comments: Wire dicts of comments by URN of the post, replies included, oldest first.
        forbidden: URNs of media that answer 403.
        inactive: Ids of organizations that answer 404 "is inactive".
        followers: Followers of a page on the day before its history, by organization.
        revision: Changes whenever anything but the figures changes.
        truth: What LinkedIn knows, without access rights, windows or order.
    """

    def __init__(self, world: Surroundings) -> None:
        """Start without pages."""
        self._world = world
        self.figures = PageFigures(world.seed)
        self.organizations: dict[int, Wire] = {}
        self.acls: list[Wire] = []
        self.posts: dict[str, Wire] = {}
        self.media: dict[str, Wire] = {}
        self.comments: dict[str, list[Wire]] = {}
        self.forbidden: set[str] = set()
        self.inactive: set[int] = set()
        self.followers: dict[int, int] = {}
        self.revision = 0
        self.truth = truth.Truth(world, self)

    # -- access -------------------------------------------------------------------------------

    def roles(self, organization: int) -> frozenset[str]:
        """Return the approved roles of the token's member on a page."""
        urn = organization_urn(organization)
        return frozenset(
            row["role"]
            for row in self.acls
            if row["organization"] == urn
            and row["roleAssignee"] == self._world.member
            and row["state"] == "APPROVED"
        )

    def administers(self, organization: int) -> bool:
        """Tell whether the member is an administrator (super admin) of a page."""
        return "ADMINISTRATOR" in self.roles(organization)

    def reads_posts(self, organization: int) -> bool:
        """Tell whether the member may read the posts of a page."""
        return bool(self.roles(organization) & POST_ROLES)

    def reads(self, post: Wire) -> bool:
        """Tell whether the member may read a post; those of people are their own."""
        kind, _, number = post["author"].rpartition(":")
        return kind == "urn:li:organization" and self.reads_posts(int(number))

    def known(self, organization: int) -> Wire | None:
        """Return an organization that LinkedIn knows, administered or not, None if it is gone.

        Employers of members, as MEMBER_COMPANY names them, are known without being added.
        """
        if organization in self.inactive:
            return None
        row = self.organizations.get(organization)
        if row is None and (f"urn:li:organization:{organization}",) in _EMPLOYERS:
            return wire.organization(organization, f"Employer {organization}")
        return row

    # -- changes ------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.revision += 1

    def add_organization(self, organization: int, name: str, **changes: Any) -> int:
        """Add an organization; ``changes`` replace wire fields, None removes them."""
        row = wire.organization(organization, name)
        self.organizations[organization] = wire.altered(row, changes)
        self.followers.setdefault(organization, 1500 + organization % 9000)
        self._changed()
        return organization

    def grant(
        self,
        organization: int,
        role: str = "ADMINISTRATOR",
        state: str = "APPROVED",
        member: str | None = None,
    ) -> None:
        """Give somebody, by default the token's member, a role on a page."""
        if role not in ROLES or state not in STATES:
            raise ValueError(role, state)
        self.acls.append(
            {
                "roleAssignee": member or self._world.member,
                "role": role,
                "state": state,
                "organization": organization_urn(organization),
            }
        )
        self._changed()

    def revoke(self, organization: int, role: str | None = None) -> None:
        """Take one role, or all, of the token's member on a page away."""
        urn, member = organization_urn(organization), self._world.member
        self.acls = [
            row
            for row in self.acls
            if row["organization"] != urn
            or row["roleAssignee"] != member
            or role not in (None, row["role"])
        ]
        self._changed()

    def add_post(  # noqa: PLR0913 - all but the first are optional
        self,
        organization: int,
        content: Wire | None = None,
        *,
        commentary: str = "",
        kind: str = "share",
        urn: str | None = None,
        published: dt.datetime | None = None,
        **changes: Any,
    ) -> str:
        """Add a post and the media it shows.

        Args:
            organization: The author.
            content: Its content union, None for text only.
            commentary: Little text, with LinkedIn's escapes.
            kind: ``share`` or ``ugcPost``.
            urn: Its URN; by default the next free one.
            published: When it was published (UTC); by default now.
            **changes: Replaced wire fields; None removes them.

        Returns:
            The URN.
        """
        if urn is None:
            numbers = [int(known.rpartition(":")[2]) for known in self.posts]
            urn = f"urn:li:{kind}:{max(numbers, default=wire.FIRST_POST - 1) + 1}"
        instant = self._world.now if published is None else int(published.timestamp() * 1000)
        row = wire.post(urn, organization_urn(organization), commentary, instant, content)
        self.posts[urn] = wire.altered(row, changes)
        for found in wire.media_of(content):
            if found not in self.media:
                self.media[found] = wire.media(found, organization_urn(organization))
        self._changed()
        return urn

    def change_post(self, urn: str, **changes: Any) -> Wire:
        """Change wire fields of a post and move ``lastModifiedAt`` to now unless it is given."""
        before = self.posts[urn]
        later = max(self._world.now, before["lastModifiedAt"] + 1000)
        changes = {"lastModifiedAt": later, **changes}
        self.posts[urn] = wire.altered(before, changes)
        for found in wire.media_of(self.posts[urn].get("content")):
            self.media.setdefault(found, wire.media(found, before["author"]))
        self._changed()
        return copied(self.posts[urn])

    def delete_post(self, urn: str) -> None:
        """Delete a post: it leaves the finder, and GET answers 404."""
        del self.posts[urn]
        self.comments.pop(urn, None)
        self._changed()

    def add_comment(
        self, urn: str, text: str, *, reply_to: str | None = None, **changes: Any
    ) -> str:
        """Let a member comment on a post now.

        Args:
            urn: URN of the post.
            text: What the member says.
            reply_to: URN of the comment that is answered.
            **changes: Replaced wire fields; None removes them.

        Returns:
            The comment's URN.
        """
        number = _FIRST_COMMENT + sum(map(len, self.comments.values()))
        actor = f"urn:li:person:c{number % 97:02d}mmenter"
        row = social.comment(number, urn, actor, text, self._world.now)
        if reply_to is not None:
            row["parentComment"] = reply_to
        self.comments.setdefault(urn, []).append(wire.altered(row, changes))
        self._changed()
        return str(row["commentUrn"])

    def change_media(self, urn: str, **changes: Any) -> None:
        """Change an image, video or document, e.g. its ``status``; None removes a field."""
        self.media[urn] = wire.altered(self.media[urn], changes)
        self._changed()

    def forbid_media(self, urn: str, *, forbidden: bool = True) -> None:
        """Let an image, video or document answer 403, or no longer."""
        (self.forbidden.add if forbidden else self.forbidden.discard)(urn)
        self._changed()

    def restate(
        self, organization: int, side: str, day: dt.date, counts: Mapping[str, int]
    ) -> None:
        """Replace counts of a page on a day; names as in ``PageFigures.page``."""
        if side not in SIDES:
            raise ValueError(side)
        self.figures.restate(side, organization, day, counts)

    def restate_post(self, urn: str, day: dt.date, counts: Mapping[str, int]) -> None:
        """Replace the activity of a post on a day; counts that are not named become zero."""
        self.figures.restate("post", urn, day, {**truth.NO_ACTIVITY, **counts})

    def restate_day(self, day: dt.date) -> None:
        """Redraw all figures of one day, pages and posts alike."""
        self.figures.redraw(day)

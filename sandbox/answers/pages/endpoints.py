"""Rows of the endpoint table for company pages, posts and media."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.pages import media, organizations, posts, quota, social, statistics
from sandbox.answers.pages.envelope import Ids
from sandbox.answers.pages.windows import TimeIntervals
from sandbox.api.params import Bool, Enum, ListOf, Long, ParamType, Record, Text, Urn
from sandbox.api.request import Endpoint
from sandbox.world.pages import wire
from sandbox.world.pages.page_world import ROLES, STATES
from sandbox.world.pages.social import VIDEO_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.request import Request

ADMIN = ("r_organization_admin", "rw_organization_admin")
SOCIAL = ("r_organization_social",)
#: What members do with posts; apps of before 2025 have the older scope.
FEED = ("r_organization_social_feed", "r_organization_social")
# With w_member_social alone LinkedIn lets the request pass and then answers 403.
MEDIA = ("r_organization_social", "w_organization_social")
#: networkSizes lists no scope: every token of the application may read it.
ANYBODY: tuple[str, ...] = ()

ORGANIZATION = Urn(("li:organization",))
POST = Urn(("li:share", "li:ugcPost"))
PATH_URNS: dict[str, Urn] = {
    "organization": ORGANIZATION,
    "post": POST,
    "commented": Urn(("li:share", "li:ugcPost", "li:comment"), numeric=False),
    "image": Urn(("li:image",), numeric=False),
    "video": Urn(("li:video",), numeric=False),
    "document": Urn(("li:document",), numeric=False),
}

_INDEX: dict[str, ParamType] = {"start": Long("index_range"), "count": Long("index_range")}
_ORGANIZATION_FIELDS = frozenset(wire.organization(1, "")) | {"parentRelationship", "entityStatus"}
_ACL_FIELDS = frozenset(("roleAssignee", "role", "state", "organization"))
_POST_FIELDS = frozenset(
    [
        "id",
        "author",
        "commentary",
        "visibility",
        "lifecycleState",
        "lifecycleStateInfo",
        "createdAt",
        "publishedAt",
        "lastModifiedAt",
        "distribution",
        "isReshareDisabledByAuthor",
        "content",
        "container",
        "origin",
        "adContext",
        "contentCallToActionLabel",
        "contentLandingPage",
        "reshareContext",
    ]
)
_MEDIA_FIELDS = frozenset(
    [
        "id",
        "owner",
        "status",
        "downloadUrl",
        "downloadUrlExpiresAt",
        "altText",
        "duration",
        "aspectRatioWidth",
        "aspectRatioHeight",
        "thumbnail",
        "captions",
        "mediaLibraryMetadata",
    ]
)
_SOCIAL_FIELDS = frozenset(("entity", "commentsState", "commentSummary", "reactionSummaries"))
_COMMENT_FIELDS = frozenset(
    [
        "id",
        "commentUrn",
        "object",
        "actor",
        "message",
        "created",
        "lastModified",
        "parentComment",
        "likesSummary",
        "commentsSummary",
    ]
)
_VIDEO: dict[str, ParamType] = {
    "entity": POST,
    "type": Enum(frozenset(VIDEO_TYPES)),
    "aggregation": Enum(frozenset(("DAY", "ALL"))),
    "timeRange": Record({"start": Long(), "end": Long()}, frozenset(("start", "end"))),
}
_VIEW: dict[str, ParamType] = {"viewContext": Enum(frozenset(("READER", "AUTHOR")))}
_SORT = Enum(frozenset(("LAST_MODIFIED", "CREATED")))
_ROLES: dict[str, ParamType] = {"role": Enum(ROLES), "state": Enum(STATES), **_INDEX}
_AD_TYPES = Enum(
    frozenset(("STANDARD", "VIDEO", "CAROUSEL", "NATIVE_DOCUMENT", "JOB_POSTING", "EVENT"))
)
_DAYS = ("DAY", "MONTH")


def _row(
    resource: str,
    method: str,
    serve: Callable[[Request], Any],
    scopes: tuple[str, ...],
    *,
    key: str = "",
    **more: Any,
) -> Endpoint:
    path = f"{resource}/{{{key}}}" if key else resource
    if resource == "posts":
        more["internal_name"] = "partnerApiPostsExternal"
    return Endpoint(resource, path, method, quota.guarded(serve), scopes=scopes, **more)


def _statistics(
    resource: str,
    serve: Callable[[Request], Any],
    owner: str,
    granularities: tuple[str, ...],
    **more: ParamType,
) -> Endpoint:
    return _row(
        resource,
        "FINDER",
        serve,
        ADMIN,
        finder=owner,
        params={
            owner: ORGANIZATION,
            "timeIntervals": TimeIntervals(frozenset(granularities)),
            **more,
        },
        required=(owner,),
        schema=frozenset(),
    )


def _media(resource: str, key: str, scopes: tuple[str, ...]) -> tuple[Endpoint, Endpoint]:
    ids: dict[str, ParamType] = {"ids": Ids(PATH_URNS[key])}
    return (
        _row(resource, "BATCH_GET", media.batch_get, scopes, params=ids, schema=_MEDIA_FIELDS),
        _row(resource, "GET", media.get, scopes, key=key, schema=_MEDIA_FIELDS),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _row(
        "organizationAcls",
        "FINDER",
        organizations.own_roles,
        ADMIN,
        finder="roleAssignee",
        params=_ROLES,
        schema=_ACL_FIELDS,
    ),
    _row(
        "organizationAcls",
        "FINDER",
        organizations.roles_on,
        ADMIN,
        finder="organization",
        params={"organization": ORGANIZATION, **_ROLES},
        required=("organization",),
        schema=_ACL_FIELDS,
    ),
    _row(
        "organizations",
        "FINDER",
        organizations.by_vanity_name,
        ADMIN,
        finder="vanityName",
        params={"vanityName": Text(), **_INDEX},
        required=("vanityName",),
        schema=_ORGANIZATION_FIELDS,
    ),
    _row(
        "organizations",
        "FINDER",
        organizations.by_parent,
        ADMIN,
        finder="parentOrganization",
        params={"parent": ORGANIZATION, **_INDEX},
        required=("parent",),
        schema=_ORGANIZATION_FIELDS,
    ),
    _row(
        "organizations",
        "BATCH_GET",
        organizations.batch_get,
        ADMIN,
        params={"ids": Ids(organizations.BatchKey())},
        schema=_ORGANIZATION_FIELDS,
    ),
    _row(
        "organizations",
        "GET",
        organizations.get,
        ADMIN,
        key="organizationId",
        schema=_ORGANIZATION_FIELDS,
    ),
    _row(
        "organizationsLookup",
        "BATCH_GET",
        organizations.look_up,
        ADMIN,
        params={"ids": Ids(organizations.BatchKey())},
        schema=frozenset(wire.LOOKUP_FIELDS),
    ),
    _row(
        "networkSizes",
        "GET",
        organizations.network_size,
        ANYBODY,
        key="organization",
        params={"edgeType": Text()},
        required=("edgeType",),
        schema=frozenset(("firstDegreeSize",)),
    ),
    _statistics(
        "organizationalEntityFollowerStatistics",
        statistics.followers,
        "organizationalEntity",
        ("DAY", "WEEK", "MONTH"),
    ),
    _statistics(
        "organizationalEntityShareStatistics",
        statistics.shares,
        "organizationalEntity",
        _DAYS,
        shares=ListOf(Urn(("li:share",))),
        ugcPosts=ListOf(Urn(("li:ugcPost",))),
    ),
    _statistics("organizationPageStatistics", statistics.page_views, "organization", _DAYS),
    _row(
        "posts",
        "FINDER",
        posts.by_author,
        SOCIAL,
        finder="author",
        params={
            "author": Urn(("li:organization", "li:person"), numeric=False),
            "sortBy": _SORT,
            "isDsc": Bool(),
            **_VIEW,
            **_INDEX,
        },
        required=("author",),
        schema=_POST_FIELDS,
    ),
    _row(
        "posts",
        "FINDER",
        posts.by_ad_account,
        SOCIAL,
        finder="dscAdAccount",
        params={
            "dscAdAccount": Urn(("li:sponsoredAccount",)),
            "dscAdTypes": ListOf(_AD_TYPES),
            "sortBy": _SORT,
            **_VIEW,
            **_INDEX,
        },
        required=("dscAdAccount",),
        schema=_POST_FIELDS,
    ),
    _row(
        "posts",
        "BATCH_GET",
        posts.batch_get,
        SOCIAL,
        params={"ids": Ids(POST), **_VIEW},
        schema=_POST_FIELDS,
    ),
    _row("posts", "GET", posts.get, SOCIAL, key="post", params=_VIEW, schema=_POST_FIELDS),
    _row(
        "socialMetadata",
        "BATCH_GET",
        social.batch_get,
        FEED,
        params={"ids": Ids(POST)},
        schema=_SOCIAL_FIELDS,
    ),
    _row("socialMetadata", "GET", social.get, FEED, key="post", schema=_SOCIAL_FIELDS),
    Endpoint(
        "socialActions",
        "socialActions/{commented}/comments",
        "GET_ALL",
        quota.guarded(social.comments),
        scopes=FEED,
        params=_INDEX,
        schema=_COMMENT_FIELDS,
    ),
    _row(
        "videoAnalytics",
        "FINDER",
        social.video,
        SOCIAL,
        finder="entity",
        params=_VIDEO,
        required=("entity", "type"),
        schema=frozenset(),
    ),
    *_media("images", "image", MEDIA),
    *_media("videos", "video", MEDIA),
    *_media("documents", "document", (*MEDIA, "rw_ads")),
)

"""posts: the finders author and dscAdAccount, GET and BATCH_GET."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.entities import no_role, project
from sandbox.answers.pages import envelope
from sandbox.api import rules
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

_REMEMBERED = 16


def forbidden() -> rules.Refusal:
    """Refuse posts of a page on which the member has no role that reads posts."""
    return rules.legacy(
        "posts_forbidden",
        403,
        "Accessing the UGC resource is forbidden. Please check your permissions for this resource",
        code="ACCESS_DENIED",
    )


def by_author(request: Request) -> Served:
    """Serve ``q=author``: newest first, filtered after paging."""
    author: str = request.params["author"]
    if author.startswith("urn:li:person:"):
        raise rules.legacy(
            "person_author",
            400,
            "Member permissions must be used when using member as author",
            code="ILLEGAL_ARGUMENT",
        )
    if not request.world.pages.reads_posts(urn_id(author)):
        raise forbidden()
    wanted = request.params.get("isDsc")
    return _page(
        request,
        ("author", author, wanted),
        lambda row: (
            row["author"] == author
            and (wanted is None or row.get("adContext", {}).get("isDsc", False) is wanted)
        ),
    )


def by_ad_account(request: Request) -> Served:
    """Serve ``q=dscAdAccount``: the posts made as ads in an ad account, of some kinds or all."""
    account: str = request.params["dscAdAccount"]
    if not request.world.readable(urn_id(account)):
        raise no_role(urn_id(account))
    kinds = request.params.get("dscAdTypes")

    def matches(row: Wire) -> bool:
        ad = row.get("adContext", {})
        return ad.get("dscAdAccount") == account and (not kinds or ad.get("dscAdType") in kinds)

    return _page(request, ("dscAdAccount", account, *sorted(kinds or ())), matches)


def _page(request: Request, key: tuple[Any, ...], matches: Any) -> Served:
    order = {"CREATED": "createdAt"}.get(request.params.get("sortBy", ""), "lastModifiedAt")
    pages = request.world.pages
    memory = request.memory.searches
    place = ("posts", pages.revision, order, *key)
    rows: list[Wire] | None = memory.get(place)
    if rows is None:
        rows = [row for row in list(pages.posts.values()) if matches(row)]
        rows.sort(key=lambda row: (row[order], row["id"]), reverse=True)
        while len(memory) >= _REMEMBERED:
            memory.pop(next(iter(memory)), None)
        memory[place] = rows
    slots: list[Wire | None] = [row if _visible(request, row) else None for row in rows]
    if request.switches.short_pages:
        # Behind every two posts stands one that nobody may see.
        slots = [
            slot
            for at in range(0, len(slots), 2)
            for slot in (*slots[at : at + 2], *([None] if at + 2 < len(slots) else []))
        ]
    page, rest = envelope.index_page(request, slots)
    return [_shown(request, row) for row in page], rest


def _visible(request: Request, row: Wire) -> bool:
    """Tell whether a view has a post: drafts and failures are for their author only."""
    author = request.params.get("viewContext") == "AUTHOR"
    return author or row["lifecycleState"] == "PUBLISHED"


def _shown(request: Request, row: Wire) -> Wire:
    poll = row.get("content", {}).get("poll")
    if poll is not None and request.switches.poll_counts_hidden:
        options = [
            {name: value for name, value in option.items() if name != "voteCount"}
            for option in poll["options"]
        ]
        row = {**row, "content": {"poll": {**poll, "options": options}}}
    return project(row, request.fields)


def _one(request: Request, urn: str) -> Wire | rules.Refusal:
    row = request.world.pages.posts.get(urn)
    if row is None:
        return rules.legacy("unknown_page_entity", 404, "Post not found", code="NOT_FOUND")
    if not request.world.pages.reads(row):
        return forbidden()
    if not _visible(request, row):
        return rules.legacy("unknown_page_entity", 404, "Post not found", code="NOT_FOUND")
    return _shown(request, row)


def get(request: Request) -> Wire:
    """Serve one post by its URN."""
    found = _one(request, request.keys["post"])
    if isinstance(found, rules.Refusal):
        raise found
    return found


def batch_get(request: Request) -> Wire:
    """Serve ``ids=List(urn,urn)``; both kinds of URN may stand side by side."""
    return envelope.batch({urn: _one(request, urn) for urn in request.params["ids"]})

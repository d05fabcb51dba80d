"""inMailContents (LI-81), conversationAds and their sponsoredMessageContents (LI-82)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import envelope
from sandbox.answers.entities import no_role, project
from sandbox.api import rules
from sandbox.world.ads.messages import CONVERSATIONS, MESSAGES
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]


def message(request: Request) -> Wire:
    """Serve one message by its URN."""
    return envelope.one(request, MESSAGES, request.keys["message"])


def batch_get_messages(request: Request) -> Wire:
    """Serve ``ids=List(urn,...)``."""
    return envelope.attempt(request, MESSAGES, {urn: urn for urn in request.params["ids"]})


def _conversation(request: Request) -> Wire:
    row = request.world.table(CONVERSATIONS).get(request.keys["conversation"])
    if row is None:
        raise rules.not_found()
    if not request.world.readable(urn_id(row["parentAccount"])):
        raise no_role(urn_id(row["parentAccount"]))
    return row


def conversation(request: Request) -> Wire:
    """Serve one conversation by its URN, without its messages."""
    row = _conversation(request)
    shown = {name: value for name, value in row.items() if name != "nodes"}
    return project(shown, request.fields)


def nodes(request: Request) -> Served:
    """Serve the messages of a conversation."""
    return envelope.page(request, _conversation(request)["nodes"])

"""What message and conversation ads say.

They are read by reference while creatives are: see ``messages_behind_ads``.
"""

from __future__ import annotations

import functools
import re
import typing as t

import msgspec
from typing_extensions import override

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.paths import at, parts
from tap_linkedin_ads.records.values import found_at, shown
from tap_linkedin_ads.streams.ads.campaigns import Creatives
from tap_linkedin_ads.streams.ads.html_text import text_of
from tap_linkedin_ads.streams.ads.messages_behind_ads import (
    CONVERSATIONS,
    MESSAGES,
    NODES,
    MessagesBehindAds,
)
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.errors import RequestFailedError
    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.records.entity import UnreadableValue

_NO_BODY = "n/a"
"""Body of the message of a conversation ad."""
_NODE = re.compile(
    r"urn:li:sponsoredMessageContent:\(urn:li:sponsoredConversation:[0-9]{1,19},([0-9]{1,19})\)"
)
_CALL_TO_ACTION = {
    "call_to_action": "subContent.regular.callToActionText",
    "landing_page": "subContent.regular.callToActionLandingPageUrl",
    "image_urn": "subContent.regular.rightRailAdPicture",
}
_OPTION = {"option_text": "optionText", "reply_type": "replyType", "landing_page": "landingPage"}


class InMessages(ChildRecords):
    """A stream that is fed with messages or conversations behind creatives.

    Attributes:
        shows: The resource whose objects are its rows, or hold them.
    """

    parent_stream_type = Creatives
    selected_by_default = False
    shows: t.ClassVar[tuple[str, ...]]

    @functools.cached_property
    @override
    def resources(self) -> tuple[str, ...]:
        """Return also what cannot be asked for before a creative names it."""
        return tuple(dict.fromkeys((*super().resources, MESSAGES, *self.shows)))

    @functools.cached_property
    def _family(self) -> list[InMessages]:
        return [child for child in self.parent.selected_children if isinstance(child, InMessages)]

    @functools.cached_property
    def reader(self) -> MessagesBehindAds:
        """Return what reads for all of the family; the first of them keeps it."""
        return (
            MessagesBehindAds(self._family) if self is self._family[0] else self._family[0].reader
        )

    @override
    def write(self, owner: int, source: Wire) -> None:
        self.reader.want(owner, source)

    def write_found(self, owner: int, found: tuple[str, t.Any]) -> None:
        """Write the rows of what was read, with the URN by which it was asked for."""
        super().write(owner, found)

    @override
    def end(self) -> None:
        self.reader.finish()

    @override
    def send_version(self, depends_on: Collection[str], owner_keys: Collection[str]) -> None:
        family = (stream.name for stream in self._family)
        super().send_version((*depends_on, *family), owner_keys)

    def fail(self, error: RequestFailedError, missing: str) -> None:
        """Note that nothing more can be read, whoever owns it."""
        self._fail(None, error.failure, error.resource, missing)

    def shared(self, owner: int, unreadable: list[UnreadableValue], **wire: t.Any) -> Record:  # noqa: ANN401
        """Return a record with the columns that follow LinkedIn's names, and the ad account."""
        account = urn.make("sponsoredAccount", owner)
        properties = self.effective_schema["properties"]
        return entity.entity({**wire, "account": account}, properties, unreadable)


class MessageAds(InMessages):
    """The message of each message ad and conversation ad."""

    name = "message_ads"
    primary_keys = ("id",)
    shows = (MESSAGES,)

    @override
    def records_of(
        self, owner: int, source: tuple[str, Wire], unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        message, wire = source
        properties = self.effective_schema["properties"]
        record = self.shared(owner, unreadable, **{**wire, "id": message})
        conversation = found_at(wire, "subContent.guidedReplies.sponsoredConversation")
        record |= entity.reference("conversation", conversation, properties, unreadable)
        record |= parts(wire, _CALL_TO_ACTION, properties, unreadable)
        html = record["html_body"]
        if html == _NO_BODY and conversation is not None:
            record["html_body"] = html = None
        yield {**record, "body_text": None if html is None else text_of(html)}


class ConversationAds(InMessages):
    """The conversation of each conversation ad."""

    name = "conversation_ads"
    primary_keys = ("id",)
    shows = (CONVERSATIONS,)

    @override
    def records_of(
        self, owner: int, source: tuple[str, Wire], unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        conversation, wire = source
        record = self.shared(owner, unreadable, **{**wire, "id": conversation})
        yield {**record, "first_message_id": _node(record["first_message_content_urn"])}


class _InConversations(InMessages):
    """Rows inside the messages of a conversation."""

    shows = (NODES,)

    @override
    def records_of(
        self, owner: int, source: tuple[str, list[msgspec.Raw]], unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        conversation, nodes = source
        for raw in nodes:
            try:
                wire = responses.row(raw)
            except (msgspec.DecodeError, RecursionError) as error:
                self.set_aside(owner, error, {"conversation_id": urn.number(conversation)})
                continue
            number = _node(wire.get("id"))
            shared = self.shared(
                owner, unreadable, conversation=conversation, message=wire.get("id")
            )
            shared["message_id"] = number
            shared["conversation_node"] = None if number is None else str(number)
            yield from self.rows(owner, wire, shared, unreadable)

    def rows(
        self, owner: int, wire: Wire, shared: Record, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        """Yield the rows of one message, on top of the columns that all streams share."""
        raise NotImplementedError


class ConversationAdMessages(_InConversations):
    """One message of a conversation ad, a node of its tree."""

    name = "conversation_ad_messages"
    primary_keys = ("conversation_id", "message_id")

    @override
    def rows(
        self, owner: int, wire: Wire, shared: Record, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        properties = self.effective_schema["properties"]
        form = found_at(wire, "bodySource.leadGenerationForm")
        yield {
            **shared,
            **parts(wire, {"text": "bodySource.text"}, properties, unreadable),
            **entity.reference("lead_form", form, properties, unreadable),
        }


class ConversationAdOptions(_InConversations):
    """One button below a message of a conversation ad."""

    name = "conversation_ad_options"
    primary_keys = ("conversation_id", "message_id", "position")

    @override
    def rows(
        self, owner: int, wire: Wire, shared: Record, unreadable: list[UnreadableValue]
    ) -> Iterator[Record]:
        properties = self.effective_schema["properties"]
        found = at(wire, "nextAction.options")
        for position, option in enumerate(found if isinstance(found, list) else (), start=1):
            if not isinstance(option, dict):
                key = {**shared, "position": position}
                known = {column: key[column] for column in self.primary_keys}
                self.set_aside(owner, f"LinkedIn sent {shown(option)!r}", known)
                continue
            following = option.get("nextContent")
            own = parts(option, _OPTION, properties, unreadable)
            own |= entity.reference("next_message", following, properties, unreadable)
            yield {
                **shared,
                **own,
                "next_message_id": _node(following),
                "position": position,
                "conversation_node_option_index": str(position - 1),
            }


def _node(message: object) -> int | None:
    """Return the number of a message within its conversation."""
    if found := _NODE.fullmatch(str(message)):
        return int(found[1])
    return urn.number(str(message))

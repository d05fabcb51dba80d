"""Messages and conversations behind creatives, in LinkedIn's wire shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world.world import World

Wire = dict[str, Any]

MESSAGES, CONVERSATIONS = "inMailContents", "conversationAds"
#: HTML of message ads, with what a reader sees.
BODIES: tuple[tuple[str, str], ...] = (
    (
        (
            "<p>Hi %FIRSTNAME%,</p><p>cut &amp; dry: <b>audits</b> in half\n the time.<br>Best,"
            "<br/>Zoë</p><ul><li>No forms</li><li>Two &gt; one</li></ul><p>See you 📈</p>"
        ),
        (
            "Hi %FIRSTNAME%,\n\ncut & dry: audits in half the time.\nBest,\nZoë\n\n- No forms\n"
            "- Two > one\n\nSee you 📈"
        ),
    ),
    (
        "Hallo&nbsp;%FIRSTNAME%, <a href='https://example.com/?a=1&amp;b=2'>zur Liste</a>",
        "Hallo %FIRSTNAME%, zur Liste",
    ),
)
#: Most messages of a conversation, and most options of a message.
MOST_NODES, MOST_OPTIONS = 25, 5
_FIRST_NODE = 501
_REPLIES = ("SIMPLE_REPLY", "EXTERNAL_WEBSITE", "LEAD_GENERATION", "LEAD_GENERATION_THANK_YOU")


def conversation_urn(number: int) -> str:
    """Return the URN of a conversation."""
    return f"urn:li:sponsoredConversation:{number}"


def node_urn(conversation: str, node: int) -> str:
    """Return the URN of a message of a conversation."""
    return f"urn:li:sponsoredMessageContent:({conversation},{node})"


def add_message(world: World, urn: str, account: str, *, conversation: bool) -> None:
    """Add the message of a creative, and its conversation where it is a conversation ad."""
    number = int(urn.rpartition(":")[2])
    row: Wire = {
        "id": urn,
        "account": account,
        "name": f"Einladung {number}",
        "subject": f"Your audit in {number % 50} days",
        "htmlBody": BODIES[number // 2 % len(BODIES)][0],
        "sender": f"urn:li:person:Sender{number % 97}",
    }
    if conversation:
        talk = conversation_urn(50_000_000 + number)
        row |= {
            "htmlBody": "n/a",
            "subContent": {"guidedReplies": {"sponsoredConversation": talk}},
        }
        world.put(CONVERSATIONS, talk, _conversation(talk, account, number))
    else:
        row["subContent"] = {
            "regular": {
                "callToActionText": "Get the checklist",
                "callToActionLandingPageUrl": f"https://example.com/inmail?utm_content={number}",
                "rightRailAdPicture": f"urn:li:image:C5610AQ{number}",
            }
        }
    world.put(MESSAGES, urn, row)


def _conversation(urn: str, account: str, number: int) -> Wire:
    """Return a conversation with its messages, which a GET does not show."""
    count = 3 + number // 2 % (MOST_NODES - 2)
    return {
        "parentAccount": account,
        "headlineText": f"How many audits a year? ({number})",
        "firstMessageContent": node_urn(urn, _FIRST_NODE),
        "nodes": [_node(urn, place, count) for place in range(count)],
    }


def _node(conversation: str, place: int, count: int) -> Wire:
    """Return one message; every fifth is a lead form, the last has no option."""
    row: Wire = {
        "id": node_urn(conversation, _FIRST_NODE + place),
        "bodySource": {"text": f"Message {place} «ja»?"},
    }
    if place % 5 == 1:
        row["bodySource"] = {"leadGenerationForm": f"urn:li:adForm:{18_300_000 + place}"}
    if place < count - 1:
        row["nextAction"] = {
            "options": [
                _option(conversation, place + option, place + 1 + option, count)
                for option in range(1 + (place + 1) % MOST_OPTIONS)
            ]
        }
    return row


def _option(conversation: str, kind: int, following: int, count: int) -> Wire:
    """Return a button that leads to a website or to another message."""
    reply = _REPLIES[kind % len(_REPLIES)]
    row: Wire = {"optionText": f"Option {kind} →", "replyType": reply}
    if reply == "EXTERNAL_WEBSITE":
        row["landingPage"] = f"https://example.com/chat/{kind}"
    elif following < count:
        row["nextContent"] = node_urn(conversation, _FIRST_NODE + following)
    return row

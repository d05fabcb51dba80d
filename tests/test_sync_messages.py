"""What message and conversation ads say."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import worlds
from sandbox.world.ads import truth as assets
from tap_linkedin_ads.streams.ads.html_text import text_of
from tests import singer
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from sandbox import Entry, Sandbox, World
    from tests.conftest import Serve
    from tests.singer import Json, Output

STREAMS = (
    "message_ads",
    "conversation_ads",
    "conversation_ad_messages",
    "conversation_ad_options",
)
MESSAGES, CONVERSATIONS, NODES = "inMailContents", "conversationAds", "sponsoredMessageContents"


def sync(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read what ads say."""
    catalog = singer.catalog(dict.fromkeys(streams or STREAMS))
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog, state=state)


def number(urn: str) -> int:
    """Return the number at the end of a URN, or of the message of a conversation."""
    return int(urn.rstrip(")").replace(",", ":").rpartition(":")[2])


def owner(account: int) -> Json:
    """Return the columns of the ad account."""
    return {"account_id": account, "account_urn": f"urn:li:sponsoredAccount:{account}"}


def expected_messages(world: World) -> dict[tuple[t.Any, ...], Json]:
    """Return what LinkedIn knows of the messages behind creatives."""
    found = {}
    for account in world.roles:
        for urn, wire in assets.messages(world, account).items():
            regular = wire["subContent"].get("regular", {})
            talk = wire["subContent"].get("guidedReplies", {}).get("sponsoredConversation")
            found[(number(urn),)] = {
                "id": number(urn),
                "urn": urn,
                **owner(account),
                "name": wire["name"],
                "subject": wire["subject"],
                "html_body": None if talk else wire["htmlBody"],
                "body_text": wire["text"],
                "sender_urn": wire["sender"],
                "call_to_action": regular.get("callToActionText"),
                "landing_page": regular.get("callToActionLandingPageUrl"),
                "image_urn": regular.get("rightRailAdPicture"),
                "conversation_id": talk and number(talk),
                "conversation_urn": talk,
            }
    return found


def expected_conversations(world: World) -> dict[tuple[t.Any, ...], Json]:
    """Return what LinkedIn knows of the conversations behind creatives."""
    return {
        (number(urn),): {
            "id": number(urn),
            "urn": urn,
            **owner(account),
            "headline_text": wire["headlineText"],
            "first_message_id": number(wire["firstMessageContent"]),
            "first_message_content_urn": wire["firstMessageContent"],
        }
        for account in world.roles
        for urn, wire in assets.conversations(world, account).items()
    }


def expected_nodes(world: World) -> dict[str, dict[tuple[t.Any, ...], Json]]:
    """Return what LinkedIn knows of the messages in conversations, and of their buttons."""
    nodes: dict[tuple[t.Any, ...], Json] = {}
    options: dict[tuple[t.Any, ...], Json] = {}
    for account in world.roles:
        for talk, conversation in assets.conversations(world, account).items():
            for node in conversation["nodes"]:
                key = (number(talk), number(node["id"]))
                shared = {
                    **owner(account),
                    "conversation_id": key[0],
                    "conversation_urn": talk,
                    "message_id": key[1],
                    "message_urn": node["id"],
                    "conversation_node": str(key[1]),
                }
                form = node["bodySource"].get("leadGenerationForm")
                nodes[key] = {
                    **shared,
                    "text": node["bodySource"].get("text"),
                    "lead_form_id": form and number(form),
                    "lead_form_urn": form,
                }
                for place, option in enumerate(node.get("nextAction", {}).get("options", ())):
                    following = option.get("nextContent")
                    options[(*key, place + 1)] = {
                        **shared,
                        "position": place + 1,
                        "conversation_node_option_index": str(place),
                        "option_text": option["optionText"],
                        "reply_type": option["replyType"],
                        "landing_page": option.get("landingPage"),
                        "next_message_id": following and number(following),
                        "next_message_urn": following,
                    }
    return {"conversation_ad_messages": nodes, "conversation_ad_options": options}


def expected(world: World) -> dict[str, dict[tuple[t.Any, ...], Json]]:
    """Return the rows of each stream by key."""
    return {
        "message_ads": expected_messages(world),
        "conversation_ads": expected_conversations(world),
        **expected_nodes(world),
    }


KEYS = {stream: singer.primary_keys()[stream] for stream in STREAMS}


def rows(output: Output) -> dict[str, dict[tuple[t.Any, ...], Json]]:
    """Return the records of each stream by key."""
    for stream, key in KEYS.items():
        records = output.records(stream)
        assert len(by_key(records, *key)) == len(records), f"{stream}: one row each"
    return {stream: by_key(output.records(stream), *key) for stream, key in KEYS.items()}


def asked(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return resource and kind of the requests about messages, in order."""
    resources = {MESSAGES, CONVERSATIONS, NODES}
    return [(e.resource, e.finder) for e in sandbox.log if e.resource in resources]


def test_every_message_conversation_and_button(sandbox: Sandbox, world: World) -> None:
    """Each stream holds what LinkedIn knows, value by value."""
    output = sync(sandbox)
    assert output.status == 0, output.stderr
    assert rows(output) == expected(world)
    assert all(expected(world).values())
    conversations = len(expected(world)["conversation_ads"])
    assert sorted(asked(sandbox)) == sorted(
        [
            (MESSAGES, "BATCH_GET"),
            *[(CONVERSATIONS, "GET")] * conversations,
            *[(NODES, "GET_ALL")] * conversations,
        ]
    )


@pytest.mark.parametrize("stream", STREAMS)
def test_one_stream_alone(sandbox: Sandbox, world: World, stream: str) -> None:
    """Any stream can be read without the others, and asks nothing that it does not show."""
    output = sync(sandbox, stream)
    assert output.status == 0, output.stderr
    assert rows(output)[stream] == expected(world)[stream]
    assert {resource for resource, _ in asked(sandbox)} == {
        "message_ads": {MESSAGES},
        "conversation_ads": {MESSAGES, CONVERSATIONS},
    }.get(stream, {MESSAGES, NODES})


def test_posts_behind_the_same_creatives_change_nothing(sandbox: Sandbox, world: World) -> None:
    """Messages are read beside the posts of other creatives."""
    output = sync(sandbox, "creatives", "ad_posts", *STREAMS)
    assert output.status == 0, output.stderr
    assert rows(output) == expected(world)
    assert output.records("ad_posts")


def test_creatives_alone_ask_for_no_message(sandbox: Sandbox) -> None:
    """Creatives cost what they cost before."""
    sync(sandbox, "creatives")
    assert not asked(sandbox)


def test_creatives_that_did_not_change_lead_to_their_messages(
    sandbox: Sandbox, world: World
) -> None:
    """Every run gives all rows, whatever the bookmark of creatives says."""
    first = sync(sandbox, "creatives", *STREAMS)
    second = sync(sandbox, "creatives", *STREAMS, state=first.state)
    assert len(second.records("creatives")) < len(first.records("creatives"))
    assert rows(second) == expected(world)


def test_without_batches_messages_are_read_singly(sandbox: Sandbox, world: World) -> None:
    """Where LinkedIn refuses BATCH_GET."""
    sandbox.faults.add(
        "status",
        status=403,
        body={"status": 403, "message": "BATCH_GET is not available"},
        where=lambda e: (e.resource, e.finder) == (MESSAGES, "BATCH_GET"),
        times=None,
    )
    output = sync(sandbox)
    assert output.status == 0, output.stderr
    assert rows(output) == expected(world)
    assert asked(sandbox).count((MESSAGES, "GET")) == len(expected(world)["message_ads"])


@pytest.mark.parametrize("status", [403, 404, 400, 500])
@pytest.mark.parametrize("resource", [MESSAGES, CONVERSATIONS, NODES])
def test_one_that_cannot_be_read_costs_itself(
    sandbox: Sandbox, world: World, resource: str, status: int
) -> None:
    """A refusal on one is a warning, any other failure makes the exit status 1; both name it."""
    whole = expected(world)
    (message, talk), *_ = [
        (row["urn"], row["conversation_urn"])
        for row in whole["message_ads"].values()
        if row["conversation_urn"]
    ]
    urn = message if resource == MESSAGES else talk

    def is_about_it(entry: Entry) -> bool:
        return (
            entry.resource == resource and urn.replace(":", "%3A") in f"{entry.path}{entry.query}"
        )

    sandbox.faults.add("status", status=status, where=is_about_it, times=None)
    output = sync(sandbox)
    found = rows(output)
    assert output.status == (0 if status in {403, 404} else 1), output.stderr
    lost = {
        stream: [key for key in whole[stream] if key not in found[stream]] for stream in STREAMS
    }
    assert all(found[stream].items() <= whole[stream].items() for stream in STREAMS)
    reason = " ".join(i["reason"] for i in output.summary["incidents"])
    assert urn in reason, reason
    is_lost = {
        "message_ads": resource == MESSAGES,
        "conversation_ads": resource != NODES,
        "conversation_ad_messages": resource != CONVERSATIONS,
        "conversation_ad_options": resource != CONVERSATIONS,
    }
    assert {stream for stream, keys in lost.items() if keys} == {s for s, v in is_lost.items() if v}
    of_it = {number(message)} if resource == MESSAGES else set()
    assert {key[0] for keys in lost.values() for key in keys} == of_it | {number(talk)}


def test_a_message_that_is_gone_keeps_the_rows_of_earlier_runs(
    sandbox: Sandbox, world: World
) -> None:
    """Without a failure the version is activated; with one, nothing is dropped."""
    on = {"emit_activate_version_messages": True}
    whole = sync(sandbox, **on)
    assert {m["stream"] for m in whole.of_type("ACTIVATE_VERSION")} == set(STREAMS)
    world.delete(MESSAGES, next(iter(expected(world)["message_ads"].values()))["urn"])
    assert not list(sync(sandbox, **on).of_type("ACTIVATE_VERSION"))


def test_a_creative_may_name_its_conversation(sandbox: Sandbox, world: World) -> None:
    """Where LinkedIn refers to a conversation itself, it is read without a message."""
    talk = next(iter(expected(world)["conversation_ads"].values()))["urn"]
    for key, row in world.table("creatives").items():
        if "adInMailContent" in row["content"].get("reference", ""):
            world.change("creatives", key, content={"reference": talk})
    output = sync(sandbox)
    assert output.status == 0, output.stderr
    assert {r["urn"] for r in output.records("conversation_ads")} == {talk}
    assert {r["conversation_urn"] for r in output.records("conversation_ad_options")} == {talk}


def test_what_is_odd_costs_itself(sandbox: Sandbox, world: World) -> None:
    """A message without a number, a button that is no object, a form that is none."""
    talk, wire = next(
        (urn, found)
        for account in world.roles
        for urn, found in assets.conversations(world, account).items()
    )
    nodes = wire["nodes"]
    nodes[0]["nextAction"]["options"].append("a button")
    nodes[1]["id"] = {"odd": 1}
    nodes[2]["bodySource"] = {"leadGenerationForm": ["odd"]}
    world.put(CONVERSATIONS, talk, wire)
    whole = expected_nodes_without(world, talk, nodes)
    output = sync(sandbox)
    found = rows(output)
    assert output.status == 1
    assert found["conversation_ad_messages"].keys() == whole["conversation_ad_messages"].keys()
    assert found["conversation_ad_options"].keys() == whole["conversation_ad_options"].keys()
    told = {(i["stream"], i["status"]) for i in output.summary["incidents"]}
    assert {stream for stream, _ in told} >= {"conversation_ad_messages", "conversation_ad_options"}
    assert [u["column"] for u in output.summary["unreadable_values"]] == ["lead_form_urn"]


def expected_nodes_without(
    world: World, talk: str, nodes: list[Json]
) -> dict[str, dict[tuple[t.Any, ...], Json]]:
    """Return the rows of a world without what is odd in three messages."""
    kept = [
        {**nodes[0], "nextAction": {"options": nodes[0]["nextAction"]["options"][:-1]}},
        {**nodes[2], "bodySource": {}},
        *nodes[3:],
    ]
    odd = world.table(CONVERSATIONS)[talk]
    world.put(CONVERSATIONS, talk, {**odd, "nodes": kept})
    whole = expected_nodes(world)
    world.put(CONVERSATIONS, talk, odd)
    return whole


@pytest.mark.slow
def test_messages_of_many_creatives_are_read_in_fifties(serve: Serve) -> None:
    """Requests: messages / 50 rounded up, and each message once however many ads show it."""
    world = worlds.agency(today=TODAY, days=5, accounts=120)
    sandbox = serve(world)
    for key, row in list(world.table("creatives").items())[:5]:
        world.change("creatives", key, content=row["content"])
    output = sync(sandbox, "message_ads")
    whole = expected_messages(world)
    assert by_key(output.records("message_ads"), "id") == whole
    assert len(whole) > 30
    assert len(asked(sandbox)) == -(-len(whole) // 50)


def test_reports_by_node_join_to_their_words(sandbox: Sandbox) -> None:
    """Nodes and buttons of reports have a row with the same account, node and index."""
    pivots = [
        {"name": "by_button", "pivots": ["CONVERSATION_NODE_OPTION_INDEX"], "metrics": ["opens"]}
    ]
    settings: Json = {"start_date": "2026-09-01", "reports": pivots}
    reports = {"ad_analytics_by_conversation_node": ["opens"], "by_button": ["opens"]}
    catalog = singer.catalog({**dict.fromkeys(STREAMS), **reports}, reports=pivots)
    output = singer.sync(singer.config(sandbox, **settings), catalog=catalog)
    assert output.status == 0, output.stderr
    node = ("account_id", "conversation_node")
    for report, stream, key in (
        ("ad_analytics_by_conversation_node", "conversation_ad_messages", node),
        ("by_button", "conversation_ad_options", (*node, "conversation_node_option_index")),
    ):
        talking = {row["account_id"] for row in output.records(stream)}
        figures = [row for row in output.records(report) if row["account_id"] in talking]
        assert figures, report
        words = {tuple(row[column] for column in key) for row in output.records(stream)}
        assert {tuple(row[column] for column in key) for row in figures} <= words


# HTML as text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a &lt; b &amp;amp; c&nbsp;d", "a < b &amp; c d"),
        ("<p>One</p>\n\n<p>two\n  three</p>", "One\n\ntwo three"),
        ("one<br>two<br/><br />three", "one\ntwo\n\nthree"),
        ("<div>a<div>b</div></div>c", "a\nb\nc"),
        ("<ol><li>a</li>\n<li>b</li></ol>c", "- a\n- b\n\nc"),
        ("<style>p { }</style><p>a</p><script>b()</script>", "a"),
        ("<p>not <b>closed", "not closed"),
        ("no tag: 1 < 2, a<b", "no tag: 1 < 2, a<b"),
        ("<p>no tag</p>a<b, c</d", "no tag\n\na<b, c</d"),
        ("<!-- hidden -->a<img src='x'>b", "ab"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    """What a reader sees."""
    assert text_of(html) == text


@given(st.lists(st.text("abcé", min_size=1, max_size=8), min_size=1))
def test_no_word_is_lost_between_tags(words: list[str]) -> None:
    """Whatever tags stand between words."""
    tags = ("<br>", "</p><p>", "<b>", "</b> ", "<li>", "<div>", " ")
    html = "".join(word + " " + tags[len(word) % len(tags)] for word in words)
    assert [word for word in text_of(html).split() if word != "-"] == words


@given(st.text())
def test_any_text_is_taken(html: str) -> None:
    """Nothing that looks like HTML, or does not, stops a run."""
    assert "\n\n\n" not in text_of(html)

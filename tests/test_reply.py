"""What a reply is: an answer, or a failure that says what to do. No request is sent."""

from __future__ import annotations

import json
import typing as t

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.errors import Failure, Remedy, classify
from tap_linkedin_ads.api.reply import (
    LARGEST_ENVELOPE,
    Reader,
    Reply,
    Verdict,
    judge,
    streamed,
    whole,
)
from tap_linkedin_ads.api.room import Body, Room, WaitingAnswer

ROOM = 1024 * 1024
KINDS = ("finder", "object", "batch", "report")
"""What the tap asks for."""
DATE = "Mon, 29 Nov 2032 10:00:00 GMT"


def body(content: bytes, room: Room) -> Body:
    """Return a body that has arrived."""
    arrived = Body(room)
    arrived.add(content)
    return arrived


def reply(status: int, content: bytes, **headers: str) -> Reply:
    """Return a reply; _ in the names of headers stands for -."""
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, found, body(content, Room(ROOM)))


def said(status: int | str, **members: t.Any) -> bytes:  # noqa: ANN401
    """Return LinkedIn's error envelope."""
    return json.dumps({"status": status, "message": "No.", **members}).encode()


def rows(*texts: str) -> bytes:
    """Return a finder's answer, with its text as escapes."""
    return json.dumps({"elements": [{"text": text} for text in texts]}).encode()


def reader(kind: str) -> Reader[t.Any]:
    """Return what makes an answer of such a kind."""
    if kind == "report":
        return streamed(WaitingAnswer)
    decoders = {"finder": responses.finder, "object": responses.row, "batch": responses.batch}
    return whole(decoders[kind])


def any_text(came: Body) -> Verdict[bytes]:
    """Take any text as an answer."""
    return whole(bytes)(came)


def never_read(_: Body) -> t.NoReturn:
    """Fail where a refusal is taken for an answer."""
    pytest.fail("the body was read")


# Answers


@pytest.mark.parametrize(
    ("decode", "content"),
    [
        (responses.finder, rows("a", "b")),
        (responses.row, b'{"id":5}'),
        (responses.batch, b'{"results":{"1":{}}}'),
    ],
    ids=["finder", "object", "batch"],
)
def test_a_success_is_what_is_decoded(decode: t.Callable[[bytes], t.Any], content: bytes) -> None:
    """Finders, single objects and batches."""
    assert judge(reply(200, content), whole(decode)) == Verdict(decode(content), 0)


@pytest.mark.parametrize("size", [0, ROOM], ids=["file", "memory"])
def test_a_report_is_taken_in_as_it_came(size: int) -> None:
    """Wherever its body waits; nothing was read of it before."""
    content = rows(*("x" * 1000 for _ in range(200)))
    came = body(content, Room(size))
    verdict = judge(Reply(200, {}, came), streamed(WaitingAnswer))
    assert isinstance(verdict.answer, WaitingAnswer)
    expected = responses.finder(content).elements
    assert [*map(bytes, verdict.answer.elements)] == [*map(bytes, expected)]


@given(st.lists(st.text(max_size=9) | st.sampled_from(["\0", "a\0b"]), max_size=5))
def test_both_ways_to_read_agree(texts: list[str]) -> None:
    """On the rows, and on the characters that loaders cannot take."""
    came = reply(200, rows(*texts))
    at_once = judge(came, whole(responses.finder))
    in_parts = judge(came, streamed(WaitingAnswer))
    assert at_once.replaced == in_parts.replaced == "".join(texts).count("\0")
    assert not isinstance(at_once.answer, Failure)
    assert not isinstance(in_parts.answer, Failure)
    assert [*map(bytes, at_once.answer.elements)] == [*map(bytes, in_parts.answer.elements)]


@given(st.binary(max_size=60))
def test_an_answer_is_text_that_loaders_can_take(content: bytes) -> None:
    """Whatever bytes came; what was replaced is counted."""
    text, replaced = responses.with_loadable_text(content)
    assert judge(reply(200, content), any_text) == Verdict(text, replaced)


# Bodies that are none


DEEP = b'{"elements":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"<html>", b"[]", b"null", b'{"elements":[{}', DEEP],
    ids=["nothing", "cut", "HTML", "list", "null", "cut rows", "deep"],
)
def test_a_broken_body_may_be_whole_the_next_time(kind: str, content: bytes) -> None:
    """No answer at all counts as none, and says what is wrong with it."""
    failure = judge(reply(200, content), reader(kind)).answer
    assert isinstance(failure, Failure)
    assert (failure.remedy, failure.status) == (Remedy.BACK_OFF, 200)
    assert failure.is_silence
    assert failure.message.startswith("the answer cannot be read (")


def test_a_broken_body_says_what_its_reader_says() -> None:
    """In brackets, word by word."""

    def refuse(_: bytes) -> t.NoReturn:
        message = "expected more"
        raise msgspec.ValidationError(message)

    failure = judge(reply(200, b"{}"), whole(refuse)).answer
    assert failure == Failure(Remedy.BACK_OFF, 200, "the answer cannot be read (expected more)")


@pytest.mark.parametrize("kind", ["finder", "report"])
def test_a_broken_body_leaves_its_room(kind: str) -> None:
    """At once, though somebody may still hold it."""
    room = Room(ROOM)
    came = body(rows("x" * 100_000)[:-2], room)
    assert not room.take(ROOM)
    assert isinstance(judge(Reply(200, {}, came), reader(kind)).answer, Failure)
    assert room.take(ROOM)
    with pytest.raises(ValueError, match="closed"):
        came.content()


@pytest.mark.parametrize("make", [whole, streamed])
@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, ValueError, TypeError])
def test_what_is_wrong_with_the_tap_is_no_broken_body(
    make: t.Callable[[t.Any], Reader[t.Any]], error: type[BaseException]
) -> None:
    """Asking again would not help."""

    def fail(_: object) -> t.NoReturn:
        raise error

    with pytest.raises(error):
        judge(reply(200, b"{}"), make(fail))


# Refusals


@given(
    st.integers(100, 599).filter(lambda status: status != 200),
    st.binary(max_size=60) | st.text(max_size=9).map(lambda text: said(0, message=text)),
    st.sampled_from(["", "7", "Mon, 29 Nov 2032 10:05:00 GMT"]),
)
def test_any_other_status_is_a_refusal(status: int, content: bytes, retry_after: str) -> None:
    """It means what the table of refusals says of its text and headers."""
    text, replaced = responses.with_loadable_text(content)
    headers = {"Retry_After": retry_after, "Date": DATE}
    failure = classify(status, text, retry_after=retry_after, sent_at=DATE)
    assert judge(reply(status, content, **headers), never_read) == Verdict(failure, replaced)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Date": DATE}, None),
        ({"Retry_After": "35"}, 35.0),
        ({"Retry_After": "Mon, 29 Nov 2032 10:05:00 GMT"}, None),
        ({"Retry_After": "Mon, 29 Nov 2032 10:05:00 GMT", "Date": DATE}, 300.0),
    ],
    ids=str,
)
def test_linkedin_may_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """In seconds, or as an instant, which counts from the reply's own date."""
    failure = judge(reply(503, b"", **headers), never_read).answer
    assert isinstance(failure, Failure)
    assert (failure.remedy, failure.retry_after) == (Remedy.BACK_OFF, seconds)


def test_an_error_page_nested_without_end_is_a_refusal() -> None:
    """Reading it does not crash the tap."""
    assert judge(reply(500, DEEP), never_read).answer == Failure(Remedy.BACK_OFF, 500, "HTTP 500")


@pytest.mark.parametrize("status", [200, 503])
def test_what_is_larger_than_any_answer_is_not_asked_for_again(status: int) -> None:
    """Of its body nothing is there."""
    message = "the answer has more than 256 megabytes and is not read"
    failure = Failure(Remedy.FIX_REQUEST, status, message)
    assert judge(Reply(status, {}, None), never_read) == Verdict(failure, 0)


# Refusals with status 200


@given(
    st.integers(400, 599).flatmap(lambda status: st.sampled_from([status, str(status)])),
    st.fixed_dictionaries(
        {},
        optional={
            "code": st.text(max_size=5),
            "serviceErrorCode": st.integers(0, 70_000),
            "elements": st.none(),
            "id": st.none(),
        },
    ),
)
def test_an_envelope_counts_by_the_status_inside(
    status: int | str, members: dict[str, t.Any]
) -> None:
    """As if it had come with that status, be it a number or text."""
    content, number = said(status, **members), int(status)
    headers = {"Retry_After": "7", "Date": DATE}
    failure = judge(reply(200, content, **headers), never_read).answer
    assert failure == judge(reply(number, content, **headers), never_read).answer
    assert isinstance(failure, Failure)
    assert failure.status == number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "members", "remedy"),
    [
        (400, {}, Remedy.FIX_REQUEST),
        (401, {"serviceErrorCode": 65600}, Remedy.STOP),
        (403, {"serviceErrorCode": 100}, Remedy.SET_ASIDE),
        (426, {"code": "NONEXISTENT_VERSION"}, Remedy.STOP),
        (429, {"message": "No. APPLICATION DAY limit"}, Remedy.STOP_RESOURCE),
        (500, {}, Remedy.BACK_OFF),
    ],
)
def test_an_envelope_is_no_answer_of_any_kind(
    kind: str, status: int, members: dict[str, t.Any], remedy: Remedy
) -> None:
    """Whatever the reader could have made of it; LinkedIn's text is kept."""
    failure = judge(reply(200, said(status, **members)), reader(kind)).answer
    assert isinstance(failure, Failure)
    assert (failure.remedy, failure.status) == (remedy, status)
    assert failure.message.startswith("No.")


@pytest.mark.parametrize(
    "members",
    [
        {"elements": [], "status": 403, "message": "Half."},
        {"results": {}, "errors": {}, "status": 403, "message": "Half."},
        {"id": 5, "status": "ACTIVE", "message": "Mine."},
        {"id": 5, "status": 403, "message": "Mine."},
        {"status": "AVAILABLE", "message": "Mine."},
        {"status": 403},
        {"status": 200, "message": "Fine."},
        {"status": 399, "message": "Fine."},
        {"status": 600, "message": "Fine."},
        {"status": 4030, "message": "Fine."},
        {"status": "403" + "0" * 5000, "message": "Fine."},
        {"status": "0403" + "0" * 5000, "message": "Fine."},
        {"status": "Not 403", "message": "Fine."},
        [{"status": 403, "message": "A list."}],
    ],
    ids=lambda members: str(members)[:50],
)
def test_an_answer_is_no_envelope(members: object) -> None:
    """What has the members of an answer is one, whatever else it says."""
    content = json.dumps(members).encode()
    assert judge(reply(200, content), any_text) == Verdict(content, 0)


@pytest.mark.parametrize("more", [0, 1])
def test_a_large_body_is_no_envelope(more: int) -> None:
    """It is not even looked through for one."""
    content = said(403).ljust(LARGEST_ENVELOPE + more)
    answer = judge(reply(200, content), any_text).answer
    assert answer == (content if more else classify(403, content))


# Characters that loaders cannot take

BAD = rb"\u0000\ud800"


@pytest.mark.parametrize(
    ("kind", "status", "content", "replaced"),
    [
        ("finder", 200, b'{"elements":[{"a":"%b"}]}' % BAD, 2),
        ("report", 200, b'{"elements":[{"a":"%b"}]}' % BAD, 2),
        ("object", 200, b'{"a":"%b"}' % BAD, 2),
        ("finder", 200, b'{"elements":[{"a":"%b"}' % BAD, 2),
        ("report", 200, b'{"elements":[{"a":"%b"}' % BAD, 0),
        ("finder", 403, b'{"message":"%b"}' % BAD, 2),
        ("report", 200, b'{"status":403,"message":"%b"}' % BAD, 2),
        ("report", 200, b'{"elements":[{"a":"b"}]}', 0),
    ],
    ids=[
        "finder",
        "report",
        "object",
        "broken finder",
        "broken report",
        "refusal",
        "envelope",
        "none",
    ],
)
def test_what_is_replaced_is_counted_once(
    kind: str, status: int, content: bytes, replaced: int
) -> None:
    """In answers and in what is told of refusals; not in rows that nobody took in."""
    assert judge(reply(status, content), reader(kind)).replaced == replaced


def test_a_refusal_is_told_in_text_that_loaders_can_take() -> None:
    """LinkedIn's words go into the summary of the run."""
    failure = judge(reply(403, b'{"message":"No%b."}' % BAD), never_read).answer
    assert isinstance(failure, Failure)
    assert failure.message == "No\ufffd\ufffd."

"""What came back for a request, and what it is: an answer, or a failure that says what to do.

Pure: a reply in, a verdict out. ``errors`` has the table of what refusals mean, ``transport`` says
what it means that nothing came back, and ``client`` does something about either.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import msgspec

from tap_linkedin_ads.api.errors import HTTP_OK, Failure, Remedy, classify, enveloped_status
from tap_linkedin_ads.api.responses import with_loadable_text
from tap_linkedin_ads.api.room import Body

if t.TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of a body above which it is not read on: 15,000 rows take less than a tenth."""
LARGEST_ENVELOPE = 64 * 1024
"""Bytes of a body above which it is no error envelope, so that it is not looked through for one."""


class Reply(t.NamedTuple):
    """What came back.

    Attributes:
        status: HTTP status.
        headers: Its headers, found in any case of letters.
        body: The body, None where it is larger than any answer.
    """

    status: int
    headers: Mapping[str, str]
    body: Body | None


R = t.TypeVar("R")


@dataclass(frozen=True, slots=True)
class Verdict(t.Generic[R]):
    """What a reply is.

    Attributes:
        answer: What was made of it, or why nothing can be.
        replaced: Characters of its text that loaders cannot take, and that were replaced.
    """

    answer: R | Failure
    replaced: int = 0


Reader = t.Callable[[Body], Verdict[R]]
"""Makes something of the body of a success, which may be broken all the same."""


class CountedRows(t.Protocol):
    """What an answer to a report request was turned into."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    @property
    def replaced(self) -> int:
        """How many characters of their text were replaced."""


C = t.TypeVar("C", bound=CountedRows)


def judge(reply: Reply, read: Reader[R]) -> Verdict[R]:
    """Say what a reply is.

    Args:
        reply: What came back. A success may hold an error envelope; then that counts.
        read: Makes the answer of the body, where the reply is no refusal.

    Returns:
        The answer, or the failure with its remedy.
    """
    body = reply.body
    if body is None:
        megabytes = LARGEST_ANSWER // 1024**2
        message = f"the answer has more than {megabytes} megabytes and is not read"
        return Verdict(Failure(Remedy.FIX_REQUEST, reply.status, message))
    status = reply.status
    if status == HTTP_OK and body.size <= LARGEST_ENVELOPE:
        status = enveloped_status(with_loadable_text(body.content())[0])
    if status == HTTP_OK:
        return read(body)
    text, replaced = with_loadable_text(body.content())
    failure = classify(
        status,
        text,
        retry_after=reply.headers.get("Retry-After"),
        sent_at=reply.headers.get("Date"),
    )
    return Verdict(failure, replaced)


def whole(decode: t.Callable[[bytes], R]) -> Reader[R]:
    """Return what decodes the whole body at once.

    Args:
        decode: Takes text that loaders can take. ``msgspec.DecodeError`` (and its
            ``ValidationError``) count as a broken body.
    """

    def read(body: Body) -> Verdict[R]:
        text, replaced = with_loadable_text(body.content())
        return Verdict(_unless_broken(body, lambda _: decode(text)), replaced)

    return read


def streamed(take_in: t.Callable[[Body], C]) -> Reader[C]:
    """Return what has a body taken in that is too large to be decoded at once.

    Args:
        take_in: Makes the text loadable by itself, and counts what it replaces. It may raise as
            ``decode`` in ``whole`` does.
    """

    def read(body: Body) -> Verdict[C]:
        answer = _unless_broken(body, take_in)
        return Verdict(answer, 0 if isinstance(answer, Failure) else answer.replaced)

    return read


def _unless_broken(body: Body, read: t.Callable[[Body], R]) -> R | Failure:
    try:
        return read(body)
    except (msgspec.DecodeError, RecursionError) as error:
        body.close()  # the traceback holds it
        return Failure(Remedy.BACK_OFF, HTTP_OK, f"the answer cannot be read ({error})")

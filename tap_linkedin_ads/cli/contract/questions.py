"""What the tap assumes of LinkedIn where its documentation is silent, and how to find out. Pure.

Each assumption is a ``Question``: one tiny read-only request and a judge of its answer. The
questions themselves are in ``contract_table``.
"""

from __future__ import annotations

import enum
import textwrap
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_WIDTH = 100
_THROTTLED, _OK = 429, 200


class Ruling(enum.Enum):
    """What an answer says about an assumption."""

    AS_ASSUMED = "as assumed"
    DIFFERS = "differs"
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class Call:
    """One GET.

    Attributes:
        path: Path below ``/rest``.
        query: The query string, encoded.
        method: ``X-RestLi-Method``, where it is sent.
        version: ``LinkedIn-Version``; None sends the usual one, an empty one sends none.
        token: The access token; None sends the usual one, an empty one sends none.
    """

    path: str
    query: str = ""
    method: str | None = None
    version: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What LinkedIn answered.

    Attributes:
        status: HTTP status, 0 where no answer came.
        body: The JSON value, None where the body was none.
    """

    status: int
    body: t.Any = None

    @property
    def elements(self) -> list[dict[str, t.Any]]:
        rows = self.body.get("elements") if isinstance(self.body, dict) else None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def get(self, *names: str) -> t.Any:  # noqa: ANN401
        """Follow names into nested objects; None where one is missing."""
        value = self.body
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @property
    def said(self) -> str:
        code = self.get("code") or self.get("serviceErrorCode") or ""
        message = str(self.get("message") or "")
        words = [f"HTTP {self.status}", str(code), f"“{message[:120]}”" if message else ""]
        return " ".join(filter(None, words))


@dataclass(slots=True)
class Known:
    """What earlier answers have told, for later questions.

    Attributes:
        today: The current UTC day.
        api_version: The usual version, YYYYMM.
        answers: The answers so far, by question.
    """

    today: dt.date
    api_version: str
    answers: dict[str, Answer] = field(default_factory=dict)

    def rows(self, question: str) -> list[dict[str, t.Any]]:
        answer = self.answers.get(question)
        return answer.elements if answer is not None and answer.status == _OK else []


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a question."""

    ruling: Ruling
    detail: str


@dataclass(frozen=True, slots=True)
class Question:
    """One assumption.

    Attributes:
        key: Its name.
        assumed: What the tap and its sandbox assume.
        call: Makes the request from what is known; a text says why there is none. The name of an
            earlier question in ``of`` judges that answer again.
        judge: Rules on the answer.
        of: An earlier question whose answer also settles this one.
    """

    key: str
    assumed: str
    call: Callable[[Known], Call | str]
    judge: Callable[[Answer, Known], Finding]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its request, its answer and what it says."""

    question: Question
    call: Call | None
    answer: Answer | None
    finding: Finding


def ask_all(
    questions: Iterable[Question], known: Known, ask: Callable[[Call], Answer]
) -> Iterator[Asked]:
    """Ask one question after the other.

    Args:
        questions: The questions, each after those it builds on.
        known: Takes up the answers.
        ask: Sends a request.

    Yields:
        What came of each. A throttled answer ends the asking: the rest cannot be told.
    """
    throttled = False
    for question in questions:
        call = "LinkedIn throttles: ask again later" if throttled else question.call(known)
        if question.of and not throttled:
            directory = known.answers.get(question.of)
            call = "the question that it builds on has no answer"
            if directory is not None:
                yield Asked(question, None, None, _ruled(question, directory, known))
                continue
        if isinstance(call, str):
            yield Asked(question, None, None, Finding(Ruling.UNTOLD, call))
            continue
        answer = ask(call)
        known.answers[question.key] = answer
        throttled = answer.status == _THROTTLED
        yield Asked(question, call, answer, _ruled(question, answer, known))


def _ruled(question: Question, answer: Answer, known: Known) -> Finding:
    if answer.status in {0, _THROTTLED} or answer.status >= 500:  # noqa: PLR2004
        return Finding(Ruling.UNTOLD, answer.said)
    try:
        return question.judge(answer, known)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return Finding(Ruling.DIFFERS, f"{answer.said}, of an unexpected shape ({error})")


def judged(*, holds: bool | None, detail: str) -> Finding:
    """Return a finding from whether an assumption holds; None where that cannot be told."""
    rulings = {True: Ruling.AS_ASSUMED, False: Ruling.DIFFERS, None: Ruling.UNTOLD}
    return Finding(rulings[holds], detail)


def status_in(*statuses: int, **members: object) -> Callable[[Answer, Known], Finding]:
    """Return a judge of an answer's status, and of members of its body."""

    def judge(answer: Answer, _: Known) -> Finding:
        fits = all(answer.get(name) == value for name, value in members.items())
        return judged(holds=answer.status in statuses and fits, detail=answer.said)

    return judge


def render(results: Sequence[Asked]) -> str:
    """Return the findings as text, with what was assumed where something differs."""
    lines = []
    width = max((len(asked.question.key) for asked in results), default=0)
    for asked in results:
        finding = asked.finding
        lead = f"{finding.ruling.value:14}  {asked.question.key:{width}}  "
        detail = finding.detail
        if finding.ruling is not Ruling.AS_ASSUMED:
            detail = f"{detail}. Assumed: {asked.question.assumed}"
        lines += textwrap.wrap(
            detail, _WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)
        ) or [lead.rstrip()]
    counts = {ruling: sum(a.finding.ruling is ruling for a in results) for ruling in Ruling}
    told = ", ".join(f"{count} {ruling.value}" for ruling, count in counts.items())
    requests = sum(asked.call is not None for asked in results)
    lines += ["", f"{len(results)} assumptions, {requests} requests: {told}."]
    return "\n".join(lines) + "\n"


def recording(asked: Asked) -> Mapping[str, t.Any] | None:
    """Return a request and its answer as JSON, None where nothing was sent."""
    if asked.call is None or asked.answer is None:
        return None
    call = asked.call
    token = "usual" if call.token is None else ("wrong" if call.token else "none")
    return {
        "question": asked.question.key,
        "assumed": asked.question.assumed,
        "ruling": asked.finding.ruling.value,
        "request": {
            "path": f"/rest{call.path}",
            "query": call.query,
            "restli_method": call.method,
            "version": call.version,
            "token": token,
        },
        "status": asked.answer.status,
        "body": asked.answer.body,
    }

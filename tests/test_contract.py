"""``check --contract``: what the tap assumes of LinkedIn, held against what answers."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest

from sandbox import Sandbox
from sandbox.testing.recorded import Recorded
from sandbox.world import worlds
from tap_linkedin_ads.cli.contract import questions
from tap_linkedin_ads.cli.contract.ask import Asker
from tap_linkedin_ads.cli.contract.questions import Answer, Call, Finding, Known, Question, Ruling
from tap_linkedin_ads.cli.contract.scrub import Scrubber
from tap_linkedin_ads.cli.contract.table import QUESTIONS
from tests import singer
from tests.callers import Caller

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Serve
    from tests.singer import Json, Output


@pytest.fixture(scope="module")
def live() -> Iterator[Sandbox]:
    """Serve a world in place of LinkedIn; the questions break rules on purpose."""
    with Sandbox(worlds.small(today=singer.TODAY)) as sandbox:
        yield sandbox


def hold(folder: Path, settings: Json, *options: str) -> Output:
    """Run the command as a process of its own."""
    return singer.run([*singer.arguments(folder, settings), "check", "--contract", *options])


def rulings(output: Output) -> dict[str, str]:
    """Return the ruling on each question."""
    words = {question.key for question in QUESTIONS}
    found = {}
    for line in output.stdout.decode().splitlines():
        ruling, _, rest = line.partition("  ")
        key = rest.split()[0] if rest.split() else ""
        if key in words and not line.startswith(" "):
            found[key] = ruling.strip()
    return found


@pytest.mark.slow
def test_the_sandbox_is_what_the_tap_assumes(live: Sandbox, tmp_path: Path) -> None:
    """Against the sandbox nothing differs, and everything can be told."""
    live.reset_log()
    output = hold(tmp_path, live.config())
    assert output.status == 0, output.stdout.decode()
    assert rulings(output) == {question.key: "as assumed" for question in QUESTIONS}
    assert len(live.log) <= 40
    assert {entry.method for entry in live.log} == {"GET"}
    assert sum(entry.rows for entry in live.log) < 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switches", "differing"),
    [
        ({"criteria": "all"}, "campaigns-without-criteria"),
        ({"criteria": "refuse"}, "campaigns-without-criteria"),
        ({"creatives_need_method": False}, "creatives-without-method"),
        ({"search_with_page_token": True}, "search-with-page-token"),
        ({"next_link": True}, "report-links"),
        ({"bucket_bounds": "calendar"}, "report-by-month"),
        ({"statistics_start": "clip"}, "page-statistics-of-long-ago"),
    ],
)
def test_another_reading_of_the_documentation_differs(
    live: Sandbox, tmp_path: Path, switches: dict[str, t.Any], differing: str
) -> None:
    """Where the live API is not what was assumed, exactly that is said, and the status is 1."""
    before = {name: getattr(live.switches, name) for name in switches}
    for name, value in switches.items():
        setattr(live.switches, name, value)
    try:
        output = hold(tmp_path, live.config())
    finally:
        for name, value in before.items():
            setattr(live.switches, name, value)
    assert output.status == 1
    differ = {key for key, ruling in rulings(output).items() if ruling == "differs"}
    assert differing in differ
    assert differ <= {differing, "creatives"}
    assert "Assumed: " in output.stdout.decode()


@pytest.mark.refused("version_inactive")
def test_usual_version_follows_on(serve: Serve) -> None:
    """Where LinkedIn has switched the usual version off, the newest that answers is asked."""
    day = dt.date(2027, 10, 20)
    sandbox = serve(worlds.small(today=day))
    asked = Asker(Caller(sandbox.config(), today=day).run)
    assert asked(Call("/adAccounts", "q=search&pageSize=1")).status == 200
    assert asked(Call("/adAccounts", "q=search&pageSize=1", version="202609")).status == 426
    assert [e.headers["linkedin-version"] for e in sandbox.log if e.status == 200][-1] == "202710"


@pytest.mark.refused("version_inactive")
def test_pinned_version_is_asked_about_as_it_is(serve: Serve) -> None:
    """A version that the user set is never left."""
    day = dt.date(2027, 10, 20)
    sandbox = serve(worlds.small(today=day))
    asked = Asker(Caller({**sandbox.config(), "api_version": "202609"}, today=day).run)
    assert asked(Call("/adAccounts", "q=search&pageSize=1")).status == 426


@pytest.mark.slow
def test_without_pages_the_rest_is_told(live: Sandbox, tmp_path: Path) -> None:
    """A token for ads only settles what it can; a missing scope is no difference to hide."""
    token = live.oauth.issue(("r_ads", "r_ads_reporting"))
    found = rulings(hold(tmp_path, {**live.config(), "access_token": token}))
    assert found["page-followers"] == found["posts-over-100"] == "cannot be told"
    assert found["report-20-fields"] == "as assumed"


@pytest.mark.slow
def test_saved_answers_are_scrubbed_and_can_be_replayed(live: Sandbox, tmp_path: Path) -> None:
    """No id, name or figure is saved; the recording answers the same questions the same way."""
    folder = tmp_path / "saved"
    first = hold(tmp_path, live.config(), "--save", str(folder))
    assert first.status == 0
    files = sorted(folder.glob("*.json"))
    assert len(files) > 25
    text = "".join(path.read_text() for path in files)
    for account in live.world.accounts:
        assert str(account["id"]) not in text
        assert account["name"] not in text
    assert live.access_token not in text
    with Recorded(folder) as recorded:
        settings = {"api_url": recorded.url, "access_token": "any"}
        second = hold(tmp_path, settings)
    assert rulings(second) == rulings(first)
    again = hold(tmp_path, live.config(), "--save", str(folder))
    assert again.status == 2
    assert "exists" in again.stderr


@pytest.mark.slow
def test_a_token_that_cannot_be_had(live: Sandbox, tmp_path: Path) -> None:
    """Without a token there is an error and no traceback."""
    settings = {**live.credentials(), "access_token": None, "refresh_token": "gone"}
    output = hold(tmp_path, settings)
    assert output.status == 1
    assert "Traceback" not in output.stderr
    assert "refresh" in output.stderr


# The asking by itself


def known() -> Known:
    """Return a day on which nothing is known."""
    return Known(dt.date(2026, 11, 22), "202609")


def one(key: str, *, of: str = "", call: str = "") -> Question:
    """Return a question that a 200 answers, or one that cannot be asked."""
    return Question(key, "it is 200", lambda _: call or Call("/x"), questions.status_in(200), of=of)


def test_a_throttle_ends_the_asking() -> None:
    """After a 429 nothing more is sent, and the rest cannot be told."""
    sent: list[Call] = []

    def ask(call: Call) -> Answer:
        sent.append(call)
        return Answer(429, {"message": "Resource level throttle"})

    results = list(questions.ask_all([one("a"), one("b"), one("c", of="a")], known(), ask))
    assert len(sent) == 1
    assert [asked.finding.ruling for asked in results] == [Ruling.UNTOLD] * 3


@pytest.mark.parametrize("status", [0, 500, 503])
def test_no_answer_says_nothing(status: int) -> None:
    """LinkedIn's own errors do not speak about an assumption."""
    (asked,) = questions.ask_all([one("a")], known(), lambda _: Answer(status))
    assert asked.finding.ruling is Ruling.UNTOLD


def test_the_text_counts_and_explains() -> None:
    """What differs is shown with what was assumed."""
    answers = iter([Answer(200, {}), Answer(404, {"message": "Not Found"})])
    asked = [one("a"), one("b"), one("c", call="nothing to ask about")]
    text = questions.render(list(questions.ask_all(asked, known(), lambda _: next(answers))))
    assert "as assumed      a  HTTP 200" in text
    assert "differs         b  HTTP 404 “Not Found”. Assumed: it is 200" in text
    assert "cannot be told  c  nothing to ask about. Assumed: it is 200" in text
    assert "3 assumptions, 2 requests: 1 as assumed, 1 differs, 1 cannot be told." in text


def test_questions_have_names_of_their_own() -> None:
    """Keys are unique, and what a question builds on comes before it."""
    keys = [question.key for question in QUESTIONS]
    assert len(set(keys)) == len(keys)
    for question in QUESTIONS:
        assert not question.of or keys.index(question.of) < keys.index(question.key)


@pytest.mark.parametrize("body", [None, [], {"elements": None}, {"elements": [1]}, {"paging": 3}])
def test_judges_survive_any_body(body: object) -> None:
    """An answer of an unexpected shape is ruled on, whatever it holds."""
    for question in QUESTIONS:
        finding = question.judge(Answer(200, body), known())
        assert isinstance(finding, Finding)


# Scrubbing


def test_scrubbing_keeps_the_shape() -> None:
    """Structure, enums, instants and kinds of values stay; ids, names and figures go."""
    scrubber = Scrubber()
    body = {
        "elements": [
            {
                "id": 512340001,
                "name": "ACME",
                "status": "ACTIVE",
                "account": "urn:li:sponsoredAccount:512340001",
                "user": "urn:li:person:aB-c_9",
                "impressions": 5231,
                "clicks": 0,
                "costInUsd": "123.45",
                "dateRange": {"start": {"year": 2026, "month": 11, "day": 2}},
                "createdAt": 1790000000000,
                "url": "https://acme.example/x?y=1",
                "text": "Hello",
                "test": False,
            }
        ],
        "metadata": {"nextPageToken": "a+b/c="},
    }
    (row,) = scrubber.value(body)["elements"]
    assert row == {
        "id": 900000001,
        "name": "text",
        "status": "ACTIVE",
        "account": "urn:li:sponsoredAccount:900000001",
        "user": "urn:li:person:stand-in",
        "impressions": 900000002,
        "clicks": 0,
        "costInUsd": "111.11",
        "dateRange": {"start": {"year": 2026, "month": 11, "day": 2}},
        "createdAt": 1790000000000,
        "url": "https://example.com/",
        "text": "text",
        "test": False,
    }
    address = scrubber.address("accounts=urn%3Ali%3AsponsoredAccount%3A512340001&t=a%2Bb%2Fc%3D")
    assert address == "accounts=urn%3Ali%3AsponsoredAccount%3A900000001&t=token1"
    assert "512340001" not in json.dumps(scrubber.value({"message": "urn:li:x:1 and 512340001"}))

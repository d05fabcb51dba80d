"""Every shape of request that a run sends is refused in turn, and costs itself and nothing else.

docs/refusal-matrix.md is the table of outcomes. ``make refusal-matrix`` plays everything and writes
it; ``make test`` plays a part.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
import typing as t
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tap_linkedin_ads.api import restli
from tap_linkedin_ads.api.adaptation import MOST_TRIES, Adaptations
from tap_linkedin_ads.api.errors import Failure, Remedy
from tap_linkedin_ads.api.refused import OPTIONAL, SPELLINGS
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.streams.linkedin_stream import LinkedInStream
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import refusal_matrix, singer
from tests.examples import share_of

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Entry
    from tests.refusal_matrix import Run, Shape
    from tests.singer import Json

DOCUMENT = singer.ROOT / "docs" / "refusal-matrix.md"
WRITING = os.environ.get("REFUSAL_MATRIX") == "write"
MOST_TIMES = 2
"""Requests of a run with a refusal, in those of a run without."""
PART = 40
"""Of so many cells, ``make test`` plays one."""
SIZES = {"pageSize", "count"}
ONE_SPELLING = {("adSegments", "accounts"), ("dmpSegments", "account")}
"""Parameters of which the sandbox takes the spelling that LinkedIn's pages show, and no other."""
NOTHING_SET = {("adTrackingParameters", 404)}
"""Refusals that are answers: they say that there is nothing (LI-78)."""
PAGES = {"organizationAcls": "organizations", "organizationsLookup": "-"}
"""Resources behind a need of another name: page roles decide which pages there are."""


@dataclass(frozen=True)
class Cell:
    """One shape, refused in one way.

    Attributes:
        shape: The shape.
        status: 400, 403 or 404.
        says: How much the refusal says: ``path``, ``name`` or ``nothing``.
        parameter: The parameter whose value is refused; empty where the whole shape is.
    """

    shape: Shape
    status: int
    says: str
    parameter: str = ""

    def __str__(self) -> str:
        what = f"{self.parameter}, named by {self.says}" if self.parameter else "all of it"
        return f"{self.status}, {what}"

    def matches(self, entry: Entry) -> bool:
        """Whether LinkedIn refuses a request."""
        if not self.parameter:
            return self.shape.matches(entry)
        if (entry.resource, entry.finder) != (resource_of(self.shape), self.shape.finder):
            return False
        return values(entry).get(self.parameter) in sent(self.shape, self.parameter)

    @property
    def options(self) -> Json:
        """Return how LinkedIn words the refusal."""
        value = {"parameter": self.parameter, "value": "X"} if self.parameter else {}
        return {"status": self.status, "says": self.says, **value}

    @property
    def has_another_way(self) -> bool:
        """Whether the tap can do without what is refused."""
        place = resource_of(self.shape), self.parameter
        spelt = place in SPELLINGS - ONE_SPELLING
        return self.status == 400 and (place in OPTIONAL or spelt or self.parameter in SIZES)


def resource_of(shape: Shape) -> str:
    """Return LinkedIn's resource."""
    last = [part for part in shape.path.split("/") if part and part != "*"][-1]
    return {"comments": "socialActions"}.get(last, last)


def values(entry: Entry) -> dict[str, str]:
    """Return the parameters of a request as they were sent."""
    return dict(part.split("=", 1) for part in entry.query.split("&") if "=" in part)


@functools.cache
def sent(shape: Shape, parameter: str) -> frozenset[str]:
    """Return the values of a parameter in a run without refusals."""
    entries = [e for e in refusal_matrix.reference().entries if e.path.startswith("/rest")]
    return frozenset(values(e)[parameter] for e in entries if shape.matches(e))


@functools.cache
def streams() -> dict[str, LinkedInStream]:
    """Return the streams by name."""
    with singer._signals_kept():
        tap = TapLinkedInAds(config={"access_token": "unused", **refusal_matrix.OFFERED})
    found = tap.streams.items()
    return {name: stream for name, stream in found if isinstance(stream, LinkedInStream)}


def loses_pages_only(name: str, run: Run) -> bool:
    """Whether ad accounts and pages own a stream's rows, and those of ad accounts are all there."""
    left, whole = (
        sum(record["account_id"] is not None for record in rows.get(name, ()))
        if len(streams()[name].owner_keys) > 1
        else 0
        for rows in (run.rows, refusal_matrix.reference().rows)
    )
    return left == whole > 0


def cells() -> Iterator[Cell]:
    """Yield every way of refusing every shape of the log."""
    for shape in refusal_matrix.reference().shapes:
        for status in (400, 403, 404):
            yield Cell(shape, status, "nothing")
        for parameter in shape.parameters:
            if parameter in {"q", "start"}:
                continue
            yield Cell(shape, 400, "path", parameter)
            found = Cell(shape, 400, "name", parameter)
            if found.has_another_way:
                yield found


class Played(t.NamedTuple):
    """What is left of a cell's run: all that it wrote would fill gigabytes.

    Attributes:
        wrong: What is wrong with it.
        outcome: Its columns of the document.
    """

    wrong: list[str]
    outcome: list[str]


@functools.cache
def play(cell: Cell) -> Played:
    """Refuse a cell's requests in a run."""
    run = refusal_matrix.run(cell.matches, **cell.options)
    return Played(judge(cell, run), outcome(run))


def may_lose(resource: str, run: Run) -> set[str]:
    """Return the streams that may lose rows where requests to a resource are refused."""
    needed, rows = PAGES.get(resource, resource), refusal_matrix.reference().rows
    found = {name for name in rows if needed in streams()[name].resources}
    if needed == "organizations":
        found |= {name for name in rows if loses_pages_only(name, run)}
    return found


def judge(cell: Cell, run: Run) -> list[str]:
    """Return what is wrong with a cell's run."""
    reference = refusal_matrix.reference()
    summary, wrong = run.output.summary, []
    resource = resource_of(cell.shape)
    lost = {stream for stream, _, _ in refusal_matrix.losses(run)}
    if others := lost - may_lose(resource, run):
        wrong.append(f"other streams lost rows: {sorted(others)}")
    if "Traceback" in run.output.stderr:
        wrong.append("a traceback")
    if len(run.entries) > MOST_TIMES * len(reference.entries):
        wrong.append(f"{len(run.entries)} requests instead of {len(reference.entries)}")
    told = {i["stream"] for i in summary["incidents"]}
    differs = any(d["resource"] == resource for d in summary["differences"])
    says_none = (resource, cell.status) in NOTHING_SET
    if lost and not told and not differs and not says_none:
        wrong.append(f"nothing said of {sorted(lost)}")
    if cell.has_another_way:
        if run.output.status != 0 or not differs:
            wrong.append(f"exit status {run.output.status}, differences {summary['differences']}")
        if lost and not any("may be missing" in d["instead"] for d in summary["differences"]):
            wrong.append(f"rows lost though there is another way: {sorted(lost)}")
    return wrong


@pytest.mark.slow
def test_a_refusal_costs_what_is_refused() -> None:
    """No other stream loses a row, the summary says what is missing, requests are bounded."""
    every = list(cells())
    chosen = every if WRITING else every[::PART]
    wrong = {f"{cell.shape} | {cell}": play(cell).wrong for cell in chosen}
    assert not {name: found for name, found in wrong.items() if found}


@pytest.mark.slow
@settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_any_refusals_together_cost_what_is_refused(data: st.DataObject) -> None:
    """Several refusals in one run: the rest is right, and what is missing is said."""
    every = list(cells())
    chosen = data.draw(st.lists(st.sampled_from(every), min_size=2, max_size=4, unique=True))
    run = refusal_matrix.run_refusing([(cell.matches, cell.options) for cell in chosen])
    reference, summary = refusal_matrix.reference(), run.output.summary
    resources = {resource_of(cell.shape) for cell in chosen}
    affected = set().union(*(may_lose(resource, run) for resource in resources))
    assert "Traceback" not in run.output.stderr
    assert len(run.entries) <= (1 + len(chosen)) * len(reference.entries)
    told = {d["resource"] for d in summary["differences"]} & resources
    assert run.output.status or told or not list(refusal_matrix.losses(run))
    for name in reference.rows.keys() - affected:
        keys = streams()[name].primary_keys
        right, rows = (
            {tuple(row[k] for k in keys): row for row in found.rows.get(name, ())}
            for found in (reference, run)
        )
        assert rows.keys() == right.keys(), name
        for key, row in rows.items():
            wrong = {c: v for c, v in row.items() if v is not None and v != right[key][c]}
            assert wrong.keys() <= {"read_at"}, name


@pytest.mark.slow
def test_every_parameter_that_may_be_left_out_is_refused() -> None:
    """The tables of what can be done without hold nothing that the tap does not send."""
    shapes = refusal_matrix.reference().shapes
    asked = {(resource_of(shape), name) for shape in shapes for name in shape.parameters}
    only_sometimes = {("accountIntelligence", "skipCompanyDecoration")}
    assert (OPTIONAL.keys() | SPELLINGS) - asked == only_sometimes


# Laws

SHAPES: list[Request] = [
    Request("adCampaigns", "/c", {"q": "search", "search": {"a": 1}, "pageSize": 1000}),
    Request("organizationAcls", "/o", {"q": "r", "role": "A", "state": "B", "count": 100}),
    Request("adSegments", "/s", {"q": "accounts", "accounts": ["u"], "count": 100}),
    Request("adAnalytics", "/a", {"q": "analytics", "pivot": "P", "timeGranularity": "DAILY"}),
    Request("adTargetingEntities", "/t", {"q": "urns", "locale": "x", "queryVersion": "y"}),
]
SAID = ["", "search", "role", "count", "pageSize", "accounts", "pivot", "locale", "q", "other"]


@settings(max_examples=share_of(200))
@given(st.sampled_from(SHAPES), st.data())
def test_search_for_an_answer_ends(request_: Request, data: st.DataObject) -> None:
    """Whatever LinkedIn refuses, and whatever it says, the search is short and repeats nothing."""
    known = Adaptations()
    for _ in range(3):
        request: Request | None = known.fit(request_)
        assert request is not None
        search = known.search(request)
        queries = []
        while request is not None:
            queries.append(restli.query(request.parameters))
            if data.draw(st.integers(0, 4)) == 0:
                known.learn(request_, request, Failure(Remedy.FIX_REQUEST, 400, "no"))
                break
            status, said = (
                data.draw(st.sampled_from([400, 403, 404, 500])),
                data.draw(st.sampled_from(SAID)),
            )
            fields = (said,) if said and data.draw(st.booleans()) else ()
            failure = Failure(Remedy.FIX_REQUEST, status, f"Invalid {said}", fields=fields)
            request = search.following(request, failure)
        assert len(queries) == len(set(queries)) <= MOST_TRIES + 1
    assert len(known.differences) <= 3 * 3


@pytest.mark.parametrize("status", [403, 404])
def test_permission_is_not_guessed_at(status: int) -> None:
    """A 403 or 404 is about an owner: no other request is sent for it."""
    for request in SHAPES:
        failure = Failure(Remedy.SET_ASIDE, status, "No.")
        assert Adaptations().search(request).following(request, failure) is None


def test_what_cannot_be_left_out_is_reported() -> None:
    """A refusal of a finder, a path or an owner is not hidden."""
    request = SHAPES[0].with_parameters({"account": "u"})
    failure = Failure(Remedy.FIX_REQUEST, 400, "Invalid param", fields=("account",))
    assert Adaptations().search(request).following(request, failure) is None


def test_guesses_in_vain_are_made_once() -> None:
    """Where nothing helped a request, those of its shape are not guessed at again."""
    known, failure = Adaptations(), Failure(Remedy.FIX_REQUEST, 400, "No.")
    for count in (5, 0):
        request: Request | None = SHAPES[0]
        search, tried = known.search(SHAPES[0]), itertools.count()
        while request := search.following(t.cast("Request", request), failure):
            next(tried)
        assert next(tried) in {count, count - 1}


# The document


class Damage(t.NamedTuple):
    """A refusal of more_endpoints, and what it cost before the tap adapted."""

    name: str
    where: Callable[[Entry], bool]
    parameter: str
    value: str
    before: str


def _report(*words: str) -> Callable[[Entry], bool]:
    return lambda e: e.resource == "adAnalytics" and all(word in e.query for word in words)


def _more_than(names: int) -> Callable[[Entry], bool]:
    def matches(entry: Entry) -> bool:
        found = re.search(r"fields=([^&]*)", entry.query)
        return bool(found) and found[1].count(",") >= names and entry.resource == "adAnalytics"

    return matches


DAMAGE = [
    Damage("one name in `fields` (`appointmentsScheduled`)", _report("appointmentsScheduled"),
           "fields", "appointmentsScheduled", "every report empty"),
    Damage("`audiencePenetration` beside CREATIVE", _report("audiencePenetration", "CREATIVE"),
           "fields", "audiencePenetration", "3 reports empty"),
    Damage("more than 18 names in `fields`", _more_than(18), "fields", "", "every report empty"),
    Damage("ACCOUNT as an additional pivot", _report("pivots=List(ACCOUNT,"), "pivots", "",
           "6 reports and custom reports empty"),
    Damage("`pageSize=1000` on adAccounts",
           lambda e: e.resource == "adAccounts" and "pageSize=1000" in e.query,
           "pageSize", "1000", "28 streams failed"),
    Damage("`intendedStatuses`", lambda e: "intendedStatuses" in e.query, "intendedStatuses", "",
           "creatives empty"),
    Damage("`conversionOwnershipTypes`", lambda e: "conversionOwnershipTypes" in e.query,
           "conversionOwnershipTypes", "", "conversions and associated campaigns empty"),
    Damage("posts finder `count=100`",
           lambda e: e.resource == "posts" and "count=100" in e.query, "count", "100",
           "posts and five children empty"),
    Damage("adAccountUsers with a list",
           lambda e: e.resource == "adAccountUsers" and "List(" in e.query, "accounts", "",
           "(a scalar was sent; refused: ad_account_users empty)"),
    Damage("more than one account in `accounts`",
           lambda e: bool(re.search(r"accounts=List\([^)]*,", e.query)), "accounts", "",
           "nothing; 1.7 times the requests"),
    Damage("BATCH_GET of images or videos",
           lambda e: e.resource in {"images", "videos"} and e.finder == "BATCH_GET", "ids", "",
           "nothing; single reads"),
]  # fmt: skip

PREFACE = """\
# What refusals come to

LinkedIn's documentation may be read wrongly, and LinkedIn changes every month. So
`tests/test_refusals.py` takes every distinct shape of request that a run of all streams sends, and
refuses it: the whole shape with 400, 403 and 404, and the values of each parameter with 400, named
by `fieldPath` or in the message. `make refusal-matrix` writes this page; `make test` plays a part.

In every case: no stream that does not read the refused resource loses a row, the summary names what
is missing under `incidents` or `differences`, there is no traceback, and a refused request costs at
most {tries} more.

The runs select four metrics of reports, so that each takes seconds. Reports by conversion have one
of them, `audience_penetration`: where that one is refused, or ACCOUNT, without which it does not
exist, they have no metric left and no row. With all metrics selected they lose none.

## What a single refusal costs

| Refused | Before | Now: exit status, streams with fewer rows | Sent instead |
| --- | --- | --- | --- |
"""


def outcome(run: Run) -> list[str]:
    """Return the exit status with the streams that lost rows, and what was sent instead."""
    lost = [f"{name} {left} of {full}" for name, left, full in refusal_matrix.losses(run)]
    if len(lost) > 3:
        lost = [*lost[:2], f"{len(lost) - 2} more"]
    instead = [f"{d['refused']} → {d['instead']}" for d in run.output.summary["differences"]]
    told = "; ".join(dict.fromkeys(instead)) or "-"
    return [f"{run.output.status}, {', '.join(lost) or 'none'}", told]


def document() -> str:
    """Return docs/refusal-matrix.md as the runs came out."""
    lines = [PREFACE.format(tries=MOST_TRIES).rstrip("\n")]
    for found in DAMAGE:
        run = refusal_matrix.run(found.where, parameter=found.parameter, value=found.value)
        lines.append(f"| {' | '.join([found.name, found.before, *outcome(run)])} |")
    heading = "| Request | Refused with | Exit status, streams with fewer rows | Sent instead |"
    lines += ["", "## Every shape of request", "", heading, "| --- | --- | --- | --- |"]
    for cell in cells():
        columns = [f"`{cell.shape}`", str(cell), *play(cell).outcome]
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_the_document_has_every_shape() -> None:
    """docs/refusal-matrix.md holds the shapes of today's run."""
    if WRITING:
        DOCUMENT.write_text(document(), encoding="utf-8")
    page = DOCUMENT.read_text()
    assert [str(s) for s in refusal_matrix.reference().shapes if f"`{s}`" not in page] == []

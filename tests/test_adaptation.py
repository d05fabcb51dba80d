"""What LinkedIn refuses is asked for in another way, and remembered for the run."""

from __future__ import annotations

import itertools
import json
import typing as t
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import worlds
from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.adaptation import Adaptations
from tap_linkedin_ads.api.batch_get import Lookups
from tap_linkedin_ads.api.errors import Failure, Remedy, classify
from tap_linkedin_ads.api.pagination import CursorPages
from tap_linkedin_ads.api.refused import LEAST_ROWS, Difference, SmallerPages
from tap_linkedin_ads.api.request import Request
from tests import singer
from tests.callers import ACCOUNTS, Caller
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox
    from sandbox.api.log import Entry
    from tests.conftest import Serve

TEXT = "Request would return too many entities. "
BODY = {"status": 400, "message": TEXT}
TOO_MANY = classify(400, json.dumps(BODY).encode())
OTHER = Failure(Remedy.FIX_REQUEST, 400, "Invalid param")
SIZES = st.sampled_from(["pageSize", "count"])


def paged(name: str, size: int, **more: t.Any) -> Request:  # noqa: ANN401
    """Return a request for a page."""
    return Request("adCampaigns", "/adCampaigns", {"q": "search", name: size, **more})


@given(SIZES, st.integers(1, 5000), st.integers(1, 5000))
def test_page_is_halved_until_it_is_answered(name: str, size: int, largest: int) -> None:
    """Each try asks for at most half of the rows, down to a least page; then the refusal counts."""
    known, asked = Adaptations(), paged(name, size)
    request: Request | None = asked
    tried: list[int] = []
    while request is not None:
        tried.append(int(str(request.parameters[name])))
        if tried[-1] <= largest:
            known.learn(asked, request, TOO_MANY)
            break
        request = known.instead(request, TOO_MANY)
    assert all(b == max(a // 2, LEAST_ROWS) for a, b in itertools.pairwise(tried))
    fitted = known.fit(asked).parameters[name]
    if request is None:
        assert tried[-1] <= LEAST_ROWS
        assert known.differences == ()
        assert fitted == size
    else:
        assert fitted == tried[-1]
        assert len(known.differences) == (len(tried) > 1)


@pytest.mark.parametrize("failure", [OTHER, Failure(Remedy.BACK_OFF, 500, TEXT)])
def test_other_failures_change_nothing(failure: Failure) -> None:
    """A refusal that is not about the size, or no refusal at all, is not asked again."""
    assert Adaptations().instead(paged("count", 100), failure) is None


def test_refusal_may_name_the_parameter_instead() -> None:
    """LinkedIn's newer envelope names the parameter in ``fieldPath``."""
    error = {"code": "PARAM_INVALID", "input": {"inputPath": {"fieldPath": "pageSize"}}}
    body = {"status": 400, "code": "INVALID", "errorDetails": {"inputErrors": [error]}}
    failure = classify(400, json.dumps(body).encode())
    following = Adaptations().instead(paged("pageSize", 1000), failure)
    assert following == paged("pageSize", 500)
    assert Adaptations().instead(paged("count", 1000), failure) is None


def test_request_without_pages_has_nothing_to_halve() -> None:
    """Where no page size was sent, the refusal counts."""
    assert Adaptations().instead(Request("adAnalytics", "/adAnalytics"), TOO_MANY) is None


def test_page_token_is_not_sent_with_another_size() -> None:
    """A token belongs to the size it was given for: a smaller page begins at the first one."""
    rule, request = SmallerPages(), paged("pageSize", 1000, pageToken="a")
    assert rule.instead(request, TOO_MANY) == paged("pageSize", 500)
    rule.learn(paged("pageSize", 1000), paged("pageSize", 250), TOO_MANY)
    assert rule.fit(request) == request
    assert rule.fit(paged("pageSize", 1000)) == paged("pageSize", 250)


def test_what_was_learnt_holds_for_the_resource_alone() -> None:
    """Other resources, and the other kind of page, keep their size."""
    rule = SmallerPages()
    found = rule.learn(paged("pageSize", 1000), paged("pageSize", 500), TOO_MANY)
    assert found == Difference("adCampaigns", "pageSize=1000", "pageSize=500", TEXT.strip())
    assert rule.learn(paged("pageSize", 1000), paged("pageSize", 500), TOO_MANY) is None
    assert rule.fit(paged("count", 1000)) == paged("count", 1000)
    other = Request("creatives", "/creatives", {"pageSize": 1000})
    assert rule.fit(other) == other


# Pages on the wire


@dataclass
class LargestPage:
    """Refuses larger pages from the n-th request of a kind on."""

    rows: int

    def __call__(self, entry: Entry) -> bool:
        """Say whether a request asks for too many rows."""
        return size_of(entry) > self.rows


def size_of(entry: Entry) -> int:
    """Return the rows a page that a request asks for; 0 where it names none."""
    return int(entry.params.get("pageSize") or entry.params.get("count") or 0)


def rows_of(pages: CursorPages) -> list[str]:
    """Walk through all pages and return the rows' ids, as they came."""
    ask, rows = pages.first(), []
    while ask is not None:
        answer = ask()
        rows += [str(responses.row(raw)["id"]) for raw in answer.elements]
        ask = pages.following(answer)
    return rows


def test_cursor_pages_start_again_where_a_later_page_is_refused(serve: Serve) -> None:
    """Rows may come twice and none is missed; the size is found once for the resource."""
    world = worlds.agency(today=TODAY, days=2, accounts=100)
    sandbox = serve(world)
    sandbox.faults.add(
        "status",
        path="/rest/adAccounts",
        where=LargestPage(20),
        nth=2,
        times=None,
        status=400,
        body=BODY,
    )
    caller = Caller(sandbox.config())
    rows = rows_of(CursorPages(caller.client, ACCOUNTS, 40))
    assert set(rows) == {str(account["id"]) for account in world.accounts}
    assert len(rows) == 140
    sizes = [(size_of(e), "pageToken" in e.params) for e in sandbox.log]
    assert sizes == [(40, False), (40, True), (20, False), *[(20, True)] * 4]
    assert [d.instead for d in caller.client.adaptations.differences] == ["pageSize=20"]
    assert "refuses pageSize=40" in caller.logged[-1]


@pytest.mark.refused("too_many_entities")
def test_one_difference_a_resource_is_found_once(serve: Serve) -> None:
    """A second walk begins with the size that the first one found."""
    sandbox = serve(worlds.agency(today=TODAY, days=2, accounts=30), largest_page=300)
    caller = Caller(sandbox.config())
    for _ in range(2):
        assert len(rows_of(CursorPages(caller.client, ACCOUNTS, 1000))) == 30
    assert [size_of(e) for e in sandbox.log] == [1000, 500, 250, 250]


# The whole tap


def columns(output: singer.Output, stream: str) -> list[str]:
    """Return a stream's records without the moment of reading, in order of their text."""
    return sorted(repr(sorted(record.items())) for record in output.records(stream))


def read_all(sandbox: Sandbox) -> singer.Output:
    """Read every stream."""
    config = singer.config(sandbox, start_date="2026-11-01")
    return singer.sync(config, catalog=singer.catalog(singer.every_stream()))


@pytest.fixture(scope="module")
def truth(serve_module: Serve) -> singer.Output:
    """What a run reads where no page is too large."""
    return read_all(serve_module(worlds.small(today=TODAY)))


@pytest.mark.slow
@pytest.mark.parametrize("largest", [60, 13])
@pytest.mark.refused("too_many_entities")
def test_every_paged_resource_is_read_in_smaller_pages(
    serve: Serve, truth: singer.Output, largest: int
) -> None:
    """Large pages refused everywhere: the same records from every stream, exit 0, and said so."""
    sandbox = serve(worlds.small(today=TODAY), largest_page=largest)
    output = read_all(sandbox)
    assert output.status == truth.status
    for stream in truth.streams:
        assert columns(output, stream) == columns(truth, stream), stream
    sizes: dict[str, set[int]] = {}
    for entry in sandbox.log:
        if size := size_of(entry):
            sizes.setdefault(entry.resource, set()).add(size)
    assert len(sizes) >= 10
    refused = {name for name, found in sizes.items() if max(found) > largest}
    assert {d["resource"] for d in output.summary["differences"]} == refused
    assert refused
    assert truth.summary["differences"] == []


def test_size_refused_for_good_is_a_refusal_of_the_account(serve: Serve) -> None:
    """Where no page is small enough, few requests are lost and the failure is reported."""
    sandbox = serve(worlds.small(today=TODAY))
    sandbox.faults.add("status", path="/rest/adAccounts", times=None, status=400, body=BODY)
    caller = Caller(sandbox.config())
    request = ACCOUNTS.with_parameters({"pageSize": 1000})
    assert "too many entities" in str(caller.fails(request))
    assert len(sandbox.log) == 8
    assert caller.client.adaptations.differences == ()


@pytest.mark.parametrize(("largest", "sizes"), [(50, [50, 30]), (25, [50, 25, 25, 25, 5])])
def test_list_of_ids_is_halved_until_it_is_answered(
    serve: Serve, largest: int, sizes: list[int]
) -> None:
    """Fewer ids a request are remembered for the resource, and told once."""
    world = worlds.agency(today=TODAY, days=2, accounts=80)
    sandbox = serve(world)
    sandbox.faults.add(
        "refuse",
        where=lambda e: ids_of(e) > largest,
        times=None,
        parameter="ids",
    )
    caller = Caller(sandbox.config())
    accounts = [int(account["id"]) for account in world.accounts]
    found = Lookups(caller.client).get_many("adAccounts", accounts, "ad_accounts")
    assert set(found) == set(accounts)
    assert not [wire for wire in found.values() if isinstance(wire, Failure)]
    assert [ids_of(e) for e in sandbox.log] == sizes
    refusals = [d.instead for d in caller.client.adaptations.differences]
    assert refusals == ([] if largest == 50 else ["25 values in ids"])


def ids_of(entry: Entry) -> int:
    """Return the ids that a request asks for."""
    return entry.query.count(",") + 1 if "ids=" in entry.query else 0


def test_guesses_that_did_not_help_are_not_made_again() -> None:
    """For requests of the same shape: another finder, or other parameters, are others."""
    known = Adaptations()
    known.give_up(paged("count", 100))
    assert list(known.guesses(paged("count", 50))) == []
    assert list(known.guesses(paged("count", 100, q="other"))) != []
    assert list(known.guesses(paged("count", 100, search="x"))) != []
    assert list(known.guesses(paged("pageSize", 100))) != []

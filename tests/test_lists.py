"""Lists of values whose length LinkedIn refuses: asked in parts, remembered, nothing lost."""

from __future__ import annotations

import functools
import math
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world import worlds
from tap_linkedin_ads.api.batch_get import BATCH_SIZE
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.lists import ListLimits, ListParameter, in_parts
from tap_linkedin_ads.api.refused import OPTIONAL
from tests import refusal_matrix, singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.api.log import Entry
    from tests.conftest import Serve

URNS = ListParameter("adTargetingEntities", "urns")
REFUSED = Failure(Remedy.FIX_REQUEST, 400, "Invalid query parameters passed to request")
OF_ITS_OWN = frozenset({"adAnalytics"})
"""Resources whose lists the planner of reports splits."""


def length(entry: Entry, name: str) -> int:
    """Return how many values a request has in a list; 0 where it has none."""
    found = entry.params.get(name)
    return len(found) if isinstance(found, list) else 0


# The rule


class Answering:
    """Stands for a client that refuses lists above a length; counts the requests."""

    def __init__(self, longest: int, failure: Failure = REFUSED) -> None:
        self.list_limits = ListLimits()
        self.longest = longest
        self.failure = failure
        self.asked: list[int] = []
        self.differences: list[t.Any] = []

    def differs(self, found: object) -> None:
        """Keep a difference."""
        self.differences.append(found)

    def ask(self, values: Sequence[int]) -> list[int]:
        """Answer with the values themselves, or refuse them."""
        self.asked.append(len(values))
        if len(values) > self.longest:
            raise RequestFailedError(self.failure, URNS.resource)
        return list(values)

    def read(self, values: Sequence[int]) -> list[int]:
        """Read all values."""
        parts = in_parts(t.cast("t.Any", self), URNS, values, self.ask)
        return [value for _, answer in parts for value in answer]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), st.integers(1, 100))
def test_parts_cover_every_value_once(lengths: list[int], longest: int) -> None:
    """All values are answered in order; refusals cost a few requests a run and one difference.

    A longer list is tried after 4 lists, and in vain after 8, 16 ... more.
    """
    client = Answering(longest)
    for size in lengths:
        assert client.read(range(size)) == list(range(size))
    refusals = [asked for asked in client.asked if asked > longest]
    assert len(refusals) <= 7 + max(0, math.log2(len(client.asked) / 4))
    assert len(client.differences) == bool(refusals)
    if not refusals:
        assert client.asked == lengths


@pytest.mark.parametrize("longest", [3, 12, 50])
def test_one_wrong_value_among_few_keeps_no_list_short(longest: int) -> None:
    """It looks like a list that is too long; the next ones show that longer ones are answered."""
    client = Answering(1)
    assert client.read(range(3)) == [0, 1, 2]
    client.longest, client.asked = longest, []
    for _ in range(40):
        assert client.read(range(50)) == list(range(50))
    most = max(asked for asked in client.asked if asked <= longest)
    assert most > longest / 2
    assert len(client.asked) < 40 * 50 / most + 50


def test_refusal_of_one_value_counts() -> None:
    """Where even one value is refused, the refusal is raised, and later lists are not halved."""
    client = Answering(0)
    for _ in range(2):
        with pytest.raises(RequestFailedError):
            client.read(range(8))
    assert client.asked == [8, 4, 2, 1, 8]
    assert client.differences == []


def test_list_no_longer_than_an_answered_one_is_not_halved() -> None:
    """A refusal of a length that was answered before is about something else."""
    client = Answering(50)
    client.read(range(50))
    client.longest = 0
    with pytest.raises(RequestFailedError):
        client.read(range(50))
    assert client.asked == [50, 50]


@pytest.mark.parametrize(
    ("failure", "is_halved"),
    [
        (REFUSED, True),
        (Failure(Remedy.FIX_REQUEST, 413, "HTTP 413"), True),
        (Failure(Remedy.FIX_REQUEST, 414, "HTTP 414"), True),
        (Failure(Remedy.FIX_REQUEST, 405, "HTTP 405"), True),
        (Failure(Remedy.FIX_REQUEST, 400, "Invalid", fields=("urns[3]",)), True),
        (Failure(Remedy.FIX_REQUEST, 400, "Invalid", fields=("locale",)), False),
        (Failure(Remedy.STOP, 400, "Gone", code="VERSION_MISSING"), False),
        (Failure(Remedy.SET_ASIDE, 403, "Not yours"), False),
        (Failure(Remedy.BACK_OFF, 500, "HTTP 500"), False),
    ],
)
def test_only_refusals_that_may_be_about_length_halve(failure: Failure, *, is_halved: bool) -> None:
    """Another parameter's fault, a missing right or silence is not asked again in parts."""
    assert (ListLimits().fewer(URNS, 10, failure) is not None) == is_halved


# On the wire


@functools.cache
def lists() -> dict[tuple[str, str], int]:
    """Return the lists that a run of every stream sends, with their greatest length."""
    found: dict[tuple[str, str], int] = {}
    for entry in refusal_matrix.reference().entries:
        for name in entry.params:
            place, size = (entry.resource, name), length(entry, name)
            if size > 1 and entry.resource not in OF_ITS_OWN and place not in OPTIONAL:
                found[place] = max(size, found.get(place, 0))
    return found


def texts(rows: list[singer.Json]) -> list[str]:
    """Return rows as texts in order, to the last digit."""
    return sorted(map(repr, rows))


@pytest.mark.slow
def test_every_list_is_read_in_parts(caplog: pytest.LogCaptureFixture) -> None:
    """Half of each list is answered: the same rows, exit 0, one warning and one difference."""
    assert {"urns", "campaigns", "shares", "ugcPosts"} <= {name for _, name in lists()}
    truth = {name: texts(rows) for name, rows in refusal_matrix.reference().rows.items()}
    for (resource, name), greatest in lists().items():
        if name == "ids" and greatest < BATCH_SIZE:
            continue  # so few are asked for one by one instead
        longest = greatest // 2
        caplog.clear()

        def is_long(
            entry: Entry, place: tuple[str, str] = (resource, name), longest: int = longest
        ) -> bool:
            return entry.resource == place[0] and length(entry, place[1]) > longest

        run = refusal_matrix.run(is_long, parameter=name)
        assert run.output.status == 0, name
        assert not list(refusal_matrix.losses(run)), name
        for stream, rows in run.rows.items():
            assert texts(rows) == truth[stream], (name, stream)
        assert [d["resource"] for d in run.output.summary["differences"]] == [resource], name
        assert caplog.text.count(f"{resource}: LinkedIn refuses") == 1, name


def test_listed_ad_accounts_are_searched_in_parts(serve: Serve) -> None:
    """Ad accounts that the search leaves out are asked for by fewer ids a request."""
    sandbox = serve(worlds.small(today=TODAY))
    absent = list(range(900_000_001, 900_000_009))

    def is_long(entry: Entry) -> bool:
        return "sponsoredAccount" in entry.query and entry.query.count("sponsoredAccount") > 3

    sandbox.faults.add("refuse", path="/rest/adAccounts", where=is_long, times=None, says="nothing")
    output = singer.sync(
        singer.config(sandbox, account_ids=absent), catalog=singer.catalog({"ad_accounts": None})
    )
    assert "does not give it to this member" in output.stderr
    asked = [e.query.count("sponsoredAccount") for e in sandbox.log if e.resource == "adAccounts"]
    assert [n for n in asked if 0 < n <= 3] == [2, 2, 2, 2]
    instead = [d["instead"] for d in output.summary["differences"]]
    assert instead == ["2 values in search"]


def test_refused_tunnel_is_left_for_requests_that_fit(serve: Serve) -> None:
    """Where LinkedIn refuses POST with 405, a list is split until it goes out as GET."""
    sandbox = serve(worlds.small(today=TODAY))
    absent = list(range(900_000_001, 900_000_121))
    sandbox.faults.add("status", where=is_tunnelled, times=None, status=405, body={})
    output = singer.sync(
        singer.config(sandbox, account_ids=absent), catalog=singer.catalog({"ad_accounts": None})
    )
    asked = [e.query.count("sponsoredAccount") for e in sandbox.log if not is_tunnelled(e)]
    assert [n for n in asked if n] == [60, 60]
    assert sum(map(is_tunnelled, sandbox.log)) == 1
    assert [d["instead"] for d in output.summary["differences"]] == ["60 values in search"]


def is_tunnelled(entry: Entry) -> bool:
    """Whether a request came as POST in GET's place."""
    return "x-http-method-override" in entry.headers

"""LinkedIn refuses a part of what reports ask for: that part is missing, and nothing else."""

from __future__ import annotations

import functools
import logging
import re
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import METRICS, Sandbox
from sandbox.world import worlds
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.reporting.layout import Refusals
from tap_linkedin_ads.streams.reports.refusal_search import (
    MOST_FRUITLESS,
    MOST_REQUESTS,
    RefusalSearch,
    Refused,
)
from tests import singer, truth
from tests.callers import Caller
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sandbox import Entry
    from tests.singer import Json, Output

    Where = Callable[[Entry], bool]

START = "2026-11-08"
REPORTS = [
    {"name": "by_placement", "pivots": ["ACCOUNT", "PLACEMENT_NAME"], "metrics": ["*"]},
    {"name": "by_campaign", "pivots": ["CAMPAIGN"], "metrics": ["*"]},
]
STREAMS = (
    "ad_performance",
    "conversion_performance",
    "ad_analytics_by_account",
    "ad_analytics_by_campaign",
    "ad_analytics_by_creative",
    "ad_analytics_by_member_seniority",
    "ad_analytics_by_member_industry",
    "by_placement",
    "by_campaign",
)
BY_CREATIVE = ("ad_performance", "conversion_performance", "ad_analytics_by_creative")
WITH_ACCOUNT = (
    "ad_performance",
    "ad_analytics_by_campaign",
    "ad_analytics_by_creative",
    "by_placement",
)
RECEIPTS = "report_coverage"
NEVER_ADDITIVE = {column for column, name in truth.COLUMNS.items() if not METRICS[name].additive}
SAYS = ("path", "name", "nothing")


class Run(t.NamedTuple):
    """A run of reports, and the report requests that reached the sandbox."""

    output: Output
    asked: list[Entry]

    def rows(self, stream: str) -> dict[tuple[t.Any, ...], Json]:
        """Return a stream's records by key; each comes once."""
        schemas = (m for m in self.output.of_type("SCHEMA") if m["stream"] == stream)
        return singer.by_key(self.output.records(stream), *next(schemas)["key_properties"])

    @property
    def refused(self) -> list[str]:
        """Return what the summary says is refused."""
        return [difference["refused"] for difference in self.output.summary["differences"]]


def read(
    where: Where | None = None,
    *,
    streams: Sequence[str] = STREAMS,
    columns: Sequence[str] | None = None,
    config: Json | None = None,
    nth: int = 1,
    **options: t.Any,  # noqa: ANN401
) -> Run:
    """Read reports from a LinkedIn that refuses some report requests."""
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        if where is not None:
            path = "/rest/adAnalytics"
            sandbox.faults.add("refuse", path=path, where=where, nth=nth, times=None, **options)
        output = singer.sync(
            singer.config(sandbox, **{"start_date": START, "reports": REPORTS, **(config or {})}),
            catalog=singer.catalog(dict.fromkeys(streams, columns), reports=REPORTS),
        )
        return Run(output, [entry for entry in sandbox.log if entry.resource == "adAnalytics"])


@functools.cache
def unhindered(streams: Sequence[str] = STREAMS, columns: Sequence[str] | None = None) -> Run:
    """Return a run without a refusal."""
    found = read(streams=streams, columns=columns)
    assert found.output.status == 0
    assert found.refused == []
    return found


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what a run warned of."""
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


def names_of(entry: Entry) -> list[str]:
    """Return the metrics that a request asks for."""
    return [name for name in entry.params["fields"] if name not in {"dateRange", "pivotValues"}]


def asks_for(name: str) -> Where:
    """Match requests that name a metric."""
    return lambda entry: name in names_of(entry)


def has_company(entry: Entry) -> bool:
    """Whether ACCOUNT is asked for beside other pivots."""
    pivots = entry.params.get("pivots", ())
    return "ACCOUNT" in pivots and len(pivots) > 1


def wrong(
    found: Run, expected: Run, streams: Sequence[str], nulls: Sequence[str] = ()
) -> Iterator[str]:
    """Say where rows differ: all values are the same, and some columns null.

    A metric that does not add up is 0 or null in a row that its field group does not have.
    """
    for stream in streams:
        rows, right = found.rows(stream), expected.rows(stream)
        assert right
        if rows.keys() != right.keys():
            yield f"{stream}: {len(rows)} rows of {len(right)}"
            continue
        for key, row in rows.items():
            for column, value in right[key].items():
                sent = row[column]
                if column in nulls:
                    is_right = sent is None
                elif column in NEVER_ADDITIVE:
                    is_right = sent == value or not (sent or value)
                else:
                    is_right = sent == value
                if not is_right and column != "read_at":
                    yield f"{stream} {key}: {column} is {sent!r}, not {value!r}"


# Names


@pytest.mark.slow
@pytest.mark.parametrize(("says", "extra"), [("path", 16), ("name", 16), ("nothing", 40)])
def test_a_refused_name_costs_its_column(
    says: str, extra: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Every row and every other value is there, the column is null, and the exit status is 0.

    Two requests for each set of pivots where LinkedIn names it; by_campaign shares one.
    """
    found = read(
        asks_for("landingPageClicks"),
        config={"max_workers": 1},
        parameter="fields",
        value="landingPageClicks",
        says=says,
    )
    assert found.output.status == 0
    assert not list(wrong(found, unhindered(), STREAMS, ["landing_page_clicks"]))
    assert len(warned(caplog)) == 1
    assert "landingPageClicks" in warned(caplog)[0]
    assert len(found.refused) == len(set(found.refused)) == len(STREAMS) - 1
    assert found.output.summary["incidents"] == []
    assert len(found.asked) - len(unhindered().asked) == extra


@pytest.mark.slow
def test_a_name_is_refused_beside_a_pivot() -> None:
    """Reports by other pivots keep the column, which is asked for once there."""
    where: Where = lambda e: "audiencePenetration" in names_of(e) and "CREATIVE" in e.query  # noqa: E731
    found = read(where, parameter="fields", says="nothing")
    others = [stream for stream in STREAMS if stream not in BY_CREATIVE]
    assert found.output.status == 0
    assert not list(wrong(found, unhindered(), BY_CREATIVE, ["audience_penetration"]))
    assert not list(wrong(found, unhindered(), others))
    assert len(found.refused) == len(BY_CREATIVE)


@pytest.mark.slow
def test_a_name_is_refused_by_one_finder() -> None:
    """Reports of the other finder keep the column."""
    where: Where = lambda e: e.finder == "analytics" and "clicks" in names_of(e)  # noqa: E731
    found = read(where, parameter="fields", value="clicks")
    demographic = [stream for stream in STREAMS if "_member_" in stream]
    others = [stream for stream in STREAMS if stream not in demographic]
    assert not list(wrong(found, unhindered(), demographic, ["clicks"]))
    assert not list(wrong(found, unhindered(), others))
    assert found.output.status == 0


@pytest.mark.slow
@pytest.mark.parametrize("most", [18, 5])
def test_fewer_names_a_request_are_found_out_once(
    most: int, caplog: pytest.LogCaptureFixture
) -> None:
    """All rows and values, in more requests; reports that follow begin with as many."""
    found = read(lambda e: len(e.params["fields"]) > most, parameter="fields", says="nothing")
    assert found.output.status == 0
    assert not list(wrong(found, unhindered(), STREAMS))
    assert found.refused == [f"more than {most} names in fields"]
    assert len(warned(caplog)) == 1
    first = next(n for n, e in enumerate(found.asked) if "conversion" in e.query.lower())
    assert all(len(entry.params["fields"]) <= most for entry in found.asked[first:])


def test_every_name_refused_leaves_the_rows() -> None:
    """Rows with any activity come with their keys, and every metric is null."""
    streams, columns = ("ad_performance",), ("clicks", "impressions")
    found = read(names_of, streams=streams, columns=columns, parameter="fields")  # type: ignore[arg-type]
    assert found.output.status == 0
    rows = found.rows("ad_performance")
    assert unhindered(streams, columns).rows("ad_performance").keys() <= rows.keys()
    assert {(row["clicks"], row["impressions"]) for row in rows.values()} == {(None, None)}


# Pivots


@pytest.mark.slow
def test_account_refused_beside_other_pivots(caplog: pytest.LogCaptureFixture) -> None:
    """One ad account a request: the same streams, keys and state; said once."""
    found = read(has_company, parameter="pivots")
    assert found.output.status == 0
    assert len(warned(caplog)) == len(found.refused) == 1
    additive = [c for c in truth.COLUMNS if c not in NEVER_ADDITIVE]
    for stream in STREAMS:
        rows, right = found.rows(stream), unhindered().rows(stream)
        assert rows.keys() == right.keys(), stream
        columns = [c for c in next(iter(right.values())) if c in additive or c not in truth.COLUMNS]
        for key, row in rows.items():
            assert {c: row[c] for c in columns if c != "read_at"} == {
                c: right[key][c] for c in columns if c != "read_at"
            }
        assert found.output.bookmarks(stream) == unhindered().output.bookmarks(stream)
    companies = [entry for entry in found.asked if has_company(entry)]
    assert len(companies) <= 3  # the refused one, without metrics, and for one ad account
    reach = {row["audience_penetration"] for row in found.rows("ad_analytics_by_creative").values()}
    assert reach == {None}


@pytest.mark.parametrize("says", SAYS)
def test_account_and_a_name_refused_at_once(says: str) -> None:
    """Both are found, one after the other."""

    def where(entry: Entry) -> bool:
        return has_company(entry) or "clicks" in names_of(entry)

    streams = ("ad_performance", "ad_analytics_by_campaign")
    columns = ("clicks", "impressions", "likes")
    found = read(
        where, streams=streams, columns=columns, parameter="fields", value="clicks", says=says
    )
    assert found.output.status == 0
    assert not list(wrong(found, unhindered(streams, columns), streams, ["clicks"]))
    assert len(found.refused) == 3


# What is not to be left out


@pytest.mark.parametrize("status", [403, 404])
def test_no_search_where_access_is_refused(status: int) -> None:
    """A role or a scope is missing: nothing is searched."""
    streams = ("ad_analytics_by_campaign",)
    found = read(lambda _: True, streams=streams, columns=("clicks",), status=status)
    assert found.output.status == 1
    assert found.refused == []
    assert len(found.asked) <= 5  # three ad accounts, halved


def test_an_account_refused_by_itself_costs_itself() -> None:
    """Names and pivots are not blamed; the others are read, with few requests more."""
    world = worlds.small(today=TODAY)
    bad, *good = sorted(world.roles)[:2]
    streams, columns = ("ad_performance",), ("clicks", "likes")
    found = read(
        lambda e: str(bad) in e.query,
        streams=streams,
        columns=columns,
        config={"account_ids": [bad, *good]},
        parameter="accounts",
    )
    assert found.output.status == 1
    assert {i["account_id"] for i in found.output.summary["incidents"]} == {bad}
    assert found.refused == []
    expected = unhindered(streams, columns).rows("ad_performance")
    of_good = {key: row for key, row in expected.items() if row["account_id"] in good}
    assert found.rows("ad_performance").keys() == of_good.keys()
    assert len(found.asked) <= 1 + 2 + 3 * MOST_FRUITLESS


def test_a_refusal_that_passes_is_forgotten() -> None:
    """A request that LinkedIn accepts a moment later is asked again: nothing is lost or null."""
    streams, columns = ("ad_performance",), ("clicks", "likes")
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        sandbox.faults.add("refuse", path="/rest/adAnalytics", parameter="fields")
        output = singer.sync(
            singer.config(sandbox, start_date=START),
            catalog=singer.catalog(dict.fromkeys(streams, columns)),
        )
    found = Run(output, [])
    assert output.status == 0
    assert found.refused == []
    assert not list(wrong(found, unhindered(streams, columns), streams))


# In the middle of a run


@pytest.mark.slow
@pytest.mark.parametrize("nth", [2, 4, 9])
def test_a_name_refused_later_loses_nothing(nth: int) -> None:
    """Rows that went out before keep their values; those behind are null; receipts are right."""
    streams = ("ad_performance", "conversion_performance", RECEIPTS)
    config = {"date_window_size": 3}
    expected = read(streams=streams, config=config)
    found = read(
        asks_for("likes"),
        streams=streams,
        config=config,
        nth=nth,
        parameter="fields",
        value="likes",
    )
    assert found.output.status == 0
    for stream in streams[:2]:
        right = expected.rows(stream)
        schemas = (m for m in found.output.of_type("SCHEMA") if m["stream"] == stream)
        keys = next(schemas)["key_properties"]
        rows = found.output.records(stream)
        assert {tuple(row[k] for k in keys) for row in rows} == right.keys()
        for row in rows:
            assert row["likes"] in {right[tuple(row[k] for k in keys)]["likes"], None}
        assert found.output.bookmarks(stream) == expected.output.bookmarks(stream)
    receipts = found.rows(RECEIPTS)
    assert {k: r["rows"] for k, r in receipts.items()} == {
        k: r["rows"] for k, r in expected.rows(RECEIPTS).items()
    }
    assert {r["matches"] for k, r in receipts.items() if k[0] == "ad_performance"} == {True}


@pytest.mark.slow
def test_receipts_compare_nothing_that_is_refused() -> None:
    """A refused figure is null on both sides, and so is the comparison."""
    streams = ("ad_performance", "ad_analytics_by_campaign", RECEIPTS)
    found = read(asks_for("clicks"), streams=streams, parameter="fields", value="clicks")
    assert found.output.status == 0
    for receipt, right in zip(
        found.output.records(RECEIPTS), unhindered(streams).output.records(RECEIPTS), strict=True
    ):
        assert receipt["account_clicks"] is receipt["clicks"] is receipt["matches"] is None
        assert receipt["account_impressions"] == right["account_impressions"]
        assert receipt["rows"] == right["rows"]


@pytest.mark.slow
def test_receipts_ask_for_as_few_names_as_linkedin_takes() -> None:
    """A limit of one metric: the figures come in three requests, and match."""
    streams = ("ad_analytics_by_campaign", RECEIPTS)
    found = read(lambda e: len(names_of(e)) > 1, streams=streams, parameter="fields")
    assert found.output.status == 0
    assert found.refused == ["more than 3 names in fields"]
    assert {receipt["matches"] for receipt in found.output.records(RECEIPTS)} == {True}


def test_a_name_refused_for_the_list_of_campaigns() -> None:
    """Campaigns that are asked for by the same metrics go without it, too."""
    stream = "ad_analytics_by_member_seniority"
    columns = ("clicks", "impressions", "likes")
    config = {"demographics_level": "campaign"}
    where: Where = lambda e: e.params.get("pivot") == "CAMPAIGN" and "likes" in names_of(e)  # noqa: E731
    expected = read(streams=(stream,), columns=columns, config=config)
    found = read(
        where,
        streams=(stream,),
        columns=columns,
        config=config,
        parameter="fields",
    )
    assert found.output.status == 0
    assert found.refused == ["likes by CAMPAIGN"]
    assert not list(wrong(found, expected, (stream,), ["likes"]))


# The bound


class _LinkedIn:
    """Answers report requests as a test says; has what ``RefusalSearch`` uses of a client."""

    def __init__(self, accepts: Callable[[Request], bool]) -> None:
        self.accepts, self.asked = accepts, 0
        self.adaptations = Caller({"access_token": "made-up"}).client.adaptations

    def fetch_report(self, request: Request, _read: object, **_: t.Any) -> None:  # noqa: ANN401
        """Answer one request."""
        self.asked += 1
        if not self.accepts(request):
            raise RequestFailedError(Failure(Remedy.FIX_REQUEST, 400, "no"), "adAnalytics")


NAMES = tuple(f"metric{n}" for n in range(18))


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_searches_send_a_stated_number_of_requests(data: st.DataObject) -> None:
    """Whatever is refused, and however often a search is begun."""
    seed = data.draw(st.randoms(use_true_random=False))
    share = data.draw(st.floats(0, 1))
    linkedin = _LinkedIn(lambda _: seed.random() > share)
    log = Caller({"access_token": "made-up"}).run.log
    search = RefusalSearch(linkedin, Refusals(), log)  # type: ignore[arg-type]
    failure = Failure(Remedy.FIX_REQUEST, 400, "no")
    request = Request("adAnalytics", "/adAnalytics")
    for _ in range(60):
        refused = Refused(
            "statistics",
            ("ACCOUNT", "CAMPAIGN"),
            NAMES,
            1,
            with_names=lambda _: request,
            of_one_account=lambda _: request,
            is_of_one_account=data.draw(st.booleans()),
        )
        search.learn(refused, failure)
    assert linkedin.asked <= MOST_REQUESTS


def test_reports_share_what_searches_did_not_find() -> None:
    """Where a finder is refused whole, the next report asks for no cause until one is answered."""
    refuses = True
    linkedin = _LinkedIn(lambda _: not refuses)
    log, known = Caller({"access_token": "made-up"}).run.log, Refusals()
    failure = Failure(Remedy.FIX_REQUEST, 400, "no")
    request = Request("adAnalytics", "/adAnalytics")

    def learn(finder: str = "statistics") -> int:
        """Return how many requests another report sends for the causes of six refusals."""
        search, before = RefusalSearch(linkedin, known, log), linkedin.asked  # type: ignore[arg-type]
        refused = Refused(finder, ("CAMPAIGN",), NAMES, 1, with_names=lambda _: request)
        for _ in range(6):
            search.learn(refused, failure)
        return linkedin.asked - before

    assert learn() == MOST_FRUITLESS
    assert learn() == 0
    assert learn("analytics") == MOST_FRUITLESS
    refuses = False
    assert learn("attributedRevenueMetrics") > 0
    assert learn() == 0
    known.answered("statistics")
    assert learn() > 0


METRICS_OF_FUZZ = ("clicks", "impressions", "likes", "shares", "comments", "follows")


@pytest.mark.slow
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    names=st.sets(st.sampled_from(METRICS_OF_FUZZ)),
    most=st.integers(1, 8),
    pivot=st.booleans(),
    account=st.integers(0, 3),
    says=st.sampled_from(SAYS),
)
def test_any_refusals_end_and_cost_what_is_refused(
    names: set[str], most: int, account: int, says: str, *, pivot: bool
) -> None:
    """Names, a limit, a pivot and an ad account at once: the run ends, and the rest is read."""
    accounts = sorted(worlds.small(today=TODAY).roles)
    bad = accounts[account] if account < len(accounts) else 0
    streams, columns = ("ad_performance",), METRICS_OF_FUZZ

    def where(entry: Entry) -> bool:
        return (
            bool(names & set(names_of(entry)))
            or len(names_of(entry)) > most
            or (pivot and has_company(entry))
            or bool(bad and re.search(rf"sponsoredAccount%3A{bad}\b", entry.query))
        )

    found = read(where, streams=streams, columns=columns, parameter="fields", says=says)
    normal = unhindered(streams, columns)
    left = len(METRICS_OF_FUZZ) * len(accounts) * 2
    assert len(found.asked) <= left + len(normal.asked) + MOST_REQUESTS
    right, rows = normal.rows("ad_performance"), found.rows("ad_performance")
    for key, row in rows.items():
        for column in METRICS_OF_FUZZ:
            value = right[key][column] if key in right else 0
            assert row[column] == (None if column in names else value)
    if not names:
        expected = {key for key, row in right.items() if row["account_id"] != bad}
        assert rows.keys() == expected

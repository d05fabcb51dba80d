"""Who follows company pages, who looks at them, and their figures in total: a snapshot a day."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t

import pytest

from sandbox.world import worlds
from sandbox.world.ads.names import name_of
from sandbox.world.pages import build
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.records.values import UnreadableValueError
from tap_linkedin_ads.streams.pages import facet_items
from tests import singer
from tests.singer import TODAY
from tests.test_sync_pages import PAGES, STATISTICS, page_bookmarks, sync, without_nulls
from tests.truth import snake

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tap_linkedin_ads.streams.pages.facet_items import Item
    from tests.conftest import Serve
    from tests.singer import Json

FOLLOWERS, VIEWS = "organization_follower_facets", "organization_page_view_facets"
LIFETIME, TOTALS = "organization_lifetime_statistics", "organization_followers"
STREAMS = (TOTALS, FOLLOWERS, VIEWS, LIFETIME)
RESOURCES = {
    FOLLOWERS: "organizationalEntityFollowerStatistics",
    VIEWS: "organizationPageStatistics",
}
ASKED = {*RESOURCES.values(), "organizationalEntityShareStatistics", "networkSizes"}
FACETS = {
    "AssociationType": "association",
    "GeoCountry": "country",
    "Geo": "region",
    "Function": "function",
    "Industry": "industry",
    "IndustryV2": "industry",
    "Seniority": "seniority",
    "StaffCountRange": "company_size",
}
MOST = 100
Key = tuple[t.Any, ...]


def columns_of(stream: str) -> list[str]:
    """Return a stream's columns."""
    return list(schema.read(stream)["properties"])


def of_page(world: World, page: int, day: dt.date = TODAY) -> Json:
    """Return the columns that every row of a page has."""
    return {
        "organization_id": page,
        "organization_urn": f"urn:li:organization:{page}",
        "organization_name": world.pages.organizations[page]["localizedName"],
        "metric_date": day.isoformat(),
    }


def row(world: World, page: int, key: tuple[str, str], figures: Json) -> Json:
    """Return one row of a facet stream."""
    facet, value = key
    is_urn = value.startswith("urn:")
    found = {
        **of_page(world, page, world.today),
        "facet": FACETS[facet],
        "value": value,
        "value_id": int(value.rpartition(":")[2]) if is_urn else None,
        "value_name": name_of(world, value) if is_urn else value or None,
        **figures,
    }
    return without_nulls(found)


def expected_followers(world: World, page: int) -> list[Json]:
    """Return the 100 largest values of each facet, and what they count."""
    by_facet: dict[str, list[tuple[int, Json]]] = collections.defaultdict(list)
    for key, counts in world.pages.truth.follower_facets(page).items():
        organic, paid = counts["organicFollowerCount"], counts["paidFollowerCount"]
        figures = {"organic_count": organic, "paid_count": paid, "total_count": organic + paid}
        by_facet[key[0]].append((organic + paid, row(world, page, key, figures)))
    return [
        found
        for rows in by_facet.values()
        for _, found in sorted(rows, key=lambda pair: -pair[0])[:MOST]
    ]


def expected_views(world: World, page: int) -> list[Json]:
    """Return the views of each value, by kind of view."""
    return [
        row(world, page, key, {snake(section): views for section, views in sections.items()})
        for key, sections in world.pages.truth.view_facets(page).items()
    ]


EXPECTED = {FOLLOWERS: expected_followers, VIEWS: expected_views}


def by_key(stream: str, rows: t.Iterable[Json]) -> dict[Key, Json]:
    """Index rows by their stream's primary key; no key comes twice."""
    return singer.by_key([*rows], *singer.primary_keys()[stream])


def wanted(world: World, stream: str) -> dict[Key, Json]:
    """Return all rows of a facet stream as the world's truth makes them."""
    return by_key(stream, [found for page in PAGES for found in EXPECTED[stream](world, page)])


def found_rows(output: singer.Output, stream: str) -> dict[Key, Json]:
    """Return a stream's rows by key, without columns that are null."""
    return by_key(stream, map(without_nulls, output.records(stream)))


def expected_totals(world: World, page: int, *, careers: bool = False) -> Json:
    """Return the row of a page's figures in total."""
    truth = world.pages.truth.lifetime(page)
    clicks = [c for c in columns_of(LIFETIME) if "careers" in c and c.endswith("clicks")]
    found = {
        **of_page(world, page, world.today),
        "first_degree_size": truth["followers"],
        **{snake(name): count for name, count in truth["shares"].items()},
        **{snake(section): views for section, views in truth["views"].items()},
        **(dict.fromkeys(clicks, 0) if careers else {}),
    }
    return without_nulls(found)


def assert_totals(output: singer.Output, world: World, *, careers: bool = False) -> None:
    """Compare the figures in total with the world's."""
    rows = [without_nulls(found) for found in output.records(LIFETIME)]
    assert rows == [pytest.approx(expected_totals(world, page, careers=careers)) for page in PAGES]


@pytest.fixture(scope="module")
def synced(serve_module: Serve) -> tuple[Sandbox, singer.Output]:
    """Sync the snapshots of the small world once."""
    sandbox = serve_module(worlds.small(today=TODAY))
    return sandbox, sync(sandbox, *STREAMS)


@pytest.mark.parametrize("stream", [FOLLOWERS, VIEWS])
def test_facets_are_linkedins(synced: tuple[Sandbox, singer.Output], stream: str) -> None:
    """Every facet and value with its figures and name; of followers the 100 largest of each."""
    sandbox, output = synced
    assert output.status == 0
    assert found_rows(output, stream) == wanted(sandbox.world, stream)
    assert page_bookmarks(output, stream) == dict.fromkeys(PAGES, TODAY.isoformat())


def test_linkedin_cuts_regions_of_followers(synced: tuple[Sandbox, singer.Output]) -> None:
    """A page has followers in more regions than LinkedIn shows, and some without association."""
    sandbox, output = synced
    page, other = PAGES
    regions = [key for key in sandbox.world.pages.truth.follower_facets(page) if key[0] == "Geo"]
    facets = collections.Counter(
        (found["organization_id"], found["facet"]) for found in output.records(FOLLOWERS)
    )
    assert len(regions) > facets[page, "region"] == MOST
    associations = {
        found["value"]: found["value_name"]
        for found in output.records(FOLLOWERS)
        if (found["organization_id"], found["facet"]) == (other, "association")
    }
    assert associations == {"EMPLOYEE": "EMPLOYEE", "": None}


def test_totals_are_linkedins(synced: tuple[Sandbox, singer.Output]) -> None:
    """Followers, views and figures of posts of each page, one row a page."""
    sandbox, output = synced
    assert_totals(output, sandbox.world)


def test_old_answers_fill_careers_clicks_in_total(serve: Serve, world: World) -> None:
    """The careers clicks that LinkedIn gave in older versions fill their columns."""
    assert_totals(sync(serve(world, careers_clicks=True), LIFETIME), world, careers=True)


def requests_of(sandbox: Sandbox) -> dict[str, int]:
    """Return the requests for figures of pages, by resource."""
    return dict(collections.Counter(e.resource for e in sandbox.log if e.resource in ASKED))


def test_streams_share_requests(synced: tuple[Sandbox, singer.Output]) -> None:
    """Each figure of a page is asked for once, whichever streams show it; so is each name."""
    sandbox, _ = synced
    assert requests_of(sandbox) == dict.fromkeys(ASKED, len(PAGES))
    names = [e.params["urns"] for e in sandbox.log if e.resource == "adTargetingEntities"]
    asked = [value for urns in names for value in urns]
    assert len(asked) == len(set(asked))
    assert sum(len(urns) < 50 for urns in names) <= len(PAGES) * 2


@pytest.mark.parametrize("stream", [FOLLOWERS, VIEWS, LIFETIME])
def test_a_stream_alone_asks_for_what_it_shows(serve: Serve, world: World, stream: str) -> None:
    """One request a page for facets, three for totals; without names none for names."""
    sandbox = serve(world)
    columns = [c for c in columns_of(stream) if c != "value_name"]
    output = sync_columns(sandbox, stream, columns)
    assert output.records(stream)
    assert sum(requests_of(sandbox).values()) == len(PAGES) * (3 if stream == LIFETIME else 1)
    assert not [e for e in sandbox.log if e.resource == "adTargetingEntities"]


def sync_columns(sandbox: Sandbox, stream: str, columns: t.Sequence[str]) -> singer.Output:
    """Sync some columns of one stream."""
    return singer.sync(singer.config(sandbox), catalog=singer.catalog({stream: columns}))


def test_totals_ask_for_selected_sides(serve: Serve, world: World) -> None:
    """A side of which no column is selected costs no request."""
    sandbox = serve(world)
    output = sync_columns(sandbox, LIFETIME, ["like_count"])
    assert requests_of(sandbox) == {"organizationalEntityShareStatistics": len(PAGES)}
    likes = [world.pages.truth.lifetime(page)["shares"]["likeCount"] for page in PAGES]
    assert [found["like_count"] for found in output.records(LIFETIME)] == likes


@pytest.mark.slow
def test_a_second_run_replaces_the_day_and_the_next_day_adds_one(
    serve: Serve, world: World
) -> None:
    """On the same day the keys are the same, with new figures; the next day's are others."""
    sandbox = serve(world)
    first = sync(sandbox, *STREAMS)
    world.pages.followers[build.FIRST_PAGE] += 9000
    again = sync(sandbox, *STREAMS, state=first.state)
    for stream in STREAMS:
        assert by_key(stream, again.records(stream)).keys() == (
            by_key(stream, first.records(stream)).keys()
        )
    assert found_rows(again, FOLLOWERS) == wanted(world, FOLLOWERS) != found_rows(first, FOLLOWERS)
    world.today = TODAY + dt.timedelta(days=1)
    later = sync(sandbox, *STREAMS, state=again.state)
    for stream in STREAMS:
        assert {found["metric_date"] for found in later.records(stream)} == {
            world.today.isoformat()
        }
    for stream in (FOLLOWERS, VIEWS):
        assert found_rows(later, stream) == wanted(world, stream)
    assert_totals(later, world)


@pytest.mark.refused("param_invalid", "not_found")
@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("stream", [FOLLOWERS, VIEWS])
def test_a_refused_page_costs_itself(serve: Serve, world: World, stream: str, status: int) -> None:
    """The other page's facets are delivered, and the summary names the page."""
    sandbox = serve(world)
    urn = f"urn:li:organization:{build.FIRST_PAGE}"
    sandbox.faults.add(
        "refuse",
        where=lambda e: e.resource == RESOURCES[stream] and urn in e.params.values(),
        times=None,
        status=status,
        says="nothing",
    )
    output = sync(sandbox, stream)
    assert output.status == 1
    second = by_key(stream, EXPECTED[stream](world, build.SECOND_PAGE))
    assert found_rows(output, stream) == second
    assert page_bookmarks(output, stream).keys() == {build.SECOND_PAGE}
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["organization_id"]) == (stream, build.FIRST_PAGE)


@pytest.mark.slow
@pytest.mark.refused("not_found")
@pytest.mark.parametrize(
    ("side", "columns"),
    [
        ("networkSizes", {"first_degree_size"}),
        (
            "organizationalEntityShareStatistics",
            {"click_count", "comment_count", "engagement", "impression_count", "like_count"}
            | {"share_count", "unique_impressions_count"},
        ),
    ],
)
def test_a_refused_side_of_totals_costs_its_columns(
    serve: Serve, world: World, side: str, columns: set[str]
) -> None:
    """Its columns are null; on a day that has a whole row already, that row is left alone."""
    sandbox = serve(world)
    fault = sandbox.faults.add("refuse", where=lambda e: e.resource == side, times=None, status=404)
    output = sync(sandbox, LIFETIME)
    assert output.status == 1
    for found in output.records(LIFETIME):
        whole = expected_totals(world, found["organization_id"])
        left = {name: value for name, value in whole.items() if name not in columns}
        assert without_nulls(found) == pytest.approx(left)
    assert {i["reason"].split(": ")[0] for i in output.summary["incidents"]} == {
        f"figures of {side} are missing"
    }
    fault.times = 0
    whole_run = sync(sandbox, LIFETIME, state=output.state)
    assert_totals(whole_run, world)
    fault.times = None
    again = sync(sandbox, LIFETIME, state=whole_run.state)
    assert (again.status, again.records(LIFETIME)) == (1, [])


@pytest.mark.parametrize("stream", [FOLLOWERS, VIEWS])
def test_refused_names_cost_themselves(serve: Serve, world: World, stream: str) -> None:
    """Where the member may not ask for names, rows come without them, and a warning says so."""
    sandbox = serve(world)
    names = "adTargetingEntities"
    sandbox.faults.add("refuse", where=lambda e: e.resource == names, times=None, status=403)
    output = sync(sandbox, stream)
    assert output.status == 0
    nameless = {
        key: {name: value for name, value in found.items() if name != "value_name"}
        for key, found in wanted(world, stream).items()
    }
    rows = found_rows(output, stream)
    for found in rows.values():
        if found["value"].startswith("urn:"):
            assert "value_name" not in found
        found.pop("value_name", None)
    assert rows == nameless
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert "names of values are missing" in incident["reason"]


@pytest.mark.slow
@pytest.mark.parametrize("stream", [*STREAMS, STATISTICS])
def test_pages_are_read_side_by_side(serve: Serve, stream: str) -> None:
    """Requests of several pages are under way at once, no more than there are workers."""
    sandbox = serve(worlds.pages(today=TODAY, posts=0, organizations=9), latency_ms=60)
    output = sync(sandbox, stream, start_date="2026-11-01", max_workers=4)
    asked = [e for e in sandbox.log if e.resource in ASKED]
    assert 1 < max(entry.in_flight for entry in asked) <= 4
    assert len(asked) == 9 * (3 if stream in {LIFETIME, STATISTICS} else 1)
    pages = [found["organization_id"] for found in output.records(stream)]
    assert pages == sorted(pages)
    assert len(set(pages)) == 9


@pytest.mark.slow
def test_the_cost_of_fifty_pages_is_in_the_documentation(serve: Serve) -> None:
    """docs/quotas.md says what the snapshots of fifty pages take, as two runs over three tell."""
    world = worlds.pages(today=TODAY, posts=0, organizations=3)
    sandbox = serve(world)
    counts = []
    state = None
    for day in (0, 3):
        world.today = TODAY + dt.timedelta(days=day)
        sandbox.reset_log()
        state = sync(sandbox, *STREAMS, state=state).state
        counts.append(sum(requests_of(sandbox).values()) * 50 // 3)
    page = " ".join((singer.ROOT / "docs" / "quotas.md").read_text().split())
    assert f"together take {counts[0]}, and {counts[1]} from the fourth day on" in page


# Gains beside totals


def totals_by_day(output: singer.Output) -> dict[str, Json]:
    """Return the rows of the first page's followers by day."""
    return {
        found["metric_date"]: found
        for found in output.records(TOTALS)
        if found["organization_id"] == build.FIRST_PAGE
    }


def gains(world: World, day: dt.date) -> Json:
    """Return the gains of the first page on a day."""
    found = world.pages.truth.bucket(build.FIRST_PAGE, "followers", day, day)
    assert found is not None
    return {snake(name): count for name, count in found.items()}


def days_on(world: World, sandbox: Sandbox, numbers: t.Iterable[int]) -> list[singer.Output]:
    """Sync followers on some days, each run from the state of the one before."""
    outputs: list[singer.Output] = []
    for number in numbers:
        world.today = TODAY + dt.timedelta(days=number)
        world.pages.followers[build.FIRST_PAGE] += 7
        state = outputs[-1].state if outputs else None
        outputs.append(sync(sandbox, TOTALS, state=state))
    return outputs


@pytest.mark.slow
@pytest.mark.parametrize("runs", [(0, 1, 2, 3, 4, 5), (0, 55), (0, 7, 14), (0, 0, 3)])
def test_later_runs_fill_the_gains_of_a_day(
    serve: Serve, world: World, runs: tuple[int, ...]
) -> None:
    """A day on which the tap ran keeps its total and gets its gains, three days later at least."""
    sandbox = serve(world)
    table: dict[str, Json] = {}
    read: dict[str, int] = {}
    for output, number in zip(days_on(world, sandbox, runs), runs, strict=True):
        assert output.status == 0
        for day, found in totals_by_day(output).items():
            table[day] = found
            if day == (TODAY + dt.timedelta(days=number)).isoformat():
                read[day] = found["first_degree_size"]
                assert found["organic_follower_gain"] is None
    assert table.keys() == {(TODAY + dt.timedelta(days=n)).isoformat() for n in runs}
    for day, found in table.items():
        date = dt.date.fromisoformat(day)
        known = (world.today - date).days >= 3
        wanted_gains = gains(world, date) if known else {}
        assert without_nulls(found) == {
            **of_page(world, build.FIRST_PAGE, date),
            "first_degree_size": read[day],
            **wanted_gains,
        }


@pytest.mark.slow
def test_totals_of_the_look_back_are_kept(serve: Serve, world: World) -> None:
    """The state holds the totals whose gains may still change, and forgets the others."""
    sandbox = serve(world)
    outputs = days_on(world, sandbox, (0, 20, 31))
    entries = outputs[-1].state["bookmarks"][TOTALS]["partitions"]
    days = [(TODAY + dt.timedelta(days=number)).isoformat() for number in (20, 31)]
    assert [sorted(entry["totals"]) for entry in entries] == [days, days]


@pytest.mark.slow
@pytest.mark.refused("param_invalid")
def test_refused_gains_leave_rows_as_they_are(serve: Serve, world: World) -> None:
    """Today's total is delivered, earlier rows are not given again, and later runs fill them."""
    sandbox = serve(world)
    first, whole = days_on(world, sandbox, (0, 4))
    assert len(totals_by_day(whole)) == 2
    fault = sandbox.faults.add(
        "refuse", where=lambda e: "timeIntervals" in e.params, times=None, status=400
    )
    refused = sync(sandbox, TOTALS, state=first.state)
    assert refused.status == 1
    assert totals_by_day(refused).keys() == {world.today.isoformat()}
    assert totals_by_day(refused)[world.today.isoformat()]["first_degree_size"]
    fault.times = 0
    world.today += dt.timedelta(days=3)
    later = totals_by_day(sync(sandbox, TOTALS, state=refused.state))
    assert list(later) == [
        world.today.isoformat(),
        *((TODAY + dt.timedelta(days=number)).isoformat() for number in (0, 4)),
    ]
    assert [found["organic_follower_gain"] is None for found in later.values()] == [
        True,
        False,
        False,
    ]


@pytest.mark.refused("page_role")
def test_only_administrators_get_gains(serve: Serve, world: World) -> None:
    """Another role reads the total and does not ask for gains."""
    for number in world.pages.organizations:
        world.pages.revoke(number)
    world.pages.grant(build.FIRST_PAGE, "ANALYST")
    sandbox = serve(world)
    outputs = days_on(world, sandbox, (0, 4))
    assert [output.status for output in outputs] == [0, 0]
    assert [len(output.records(TOTALS)) for output in outputs] == [1, 1]
    assert not [e for e in sandbox.log if "timeIntervals" in e.params]


# The lists in an answer


def items(element: Json) -> tuple[list[Item], list[str]]:
    """Return the items of an element, and what was said of others."""
    said: list[str] = []
    return facet_items.items(element, "countsBy", "counts", said.append), said


@pytest.mark.parametrize(
    ("name", "item", "facet", "value"),
    [
        ("Geo", {"geo": "urn:li:geo:1"}, "region", "urn:li:geo:1"),
        ("GeoCountry", {"geo": "urn:li:geo:1"}, "country", "urn:li:geo:1"),
        ("IndustryV2", {"industryV2": "urn:li:industry:4"}, "industry", "urn:li:industry:4"),
        ("TargetedContent", {"content": "urn:li:x:4"}, "targeted_content", "urn:li:x:4"),
        ("NewTrait", {"isNew": True, "newTrait": "A"}, "new_trait", "A"),
        ("AssociationType", {}, "association", ""),
        ("Seniority", {}, "seniority", None),
    ],
)
def test_a_value_is_found_under_any_name(
    name: str, item: Json, facet: str, value: str | None
) -> None:
    """The facet's own name counts first, then whatever stands beside the figures."""
    found, said = items({f"countsBy{name}": [{"counts": {"a": 1}, **item}], "other": [1]})
    assert [(i.facet, i.value, i.wire["counts"]) for i in found] == [(facet, value, {"a": 1})]
    assert not said


def test_statistics_without_facets_are_unreadable() -> None:
    """LinkedIn sends empty facets, too: without any, followers would be lost in silence."""
    assert items({"countsByGeo": []}) == ([], [])
    with pytest.raises(UnreadableValueError, match="without facets"):
        items({"organization": "urn:li:organization:1"})


def test_what_is_no_item_is_said() -> None:
    """A list of another shape costs itself; a value that comes twice counts once."""
    found, said = items(
        {
            "countsByGeo": {"a": 1},
            "countsBySeniority": None,
            "countsByFunction": ["x", {"function": "f"}, {"function": "f"}],
        }
    )
    assert [i.value for i in found] == ["f"]
    assert said == ["countsByGeo that is no list", "an item of countsByFunction that is no object"]

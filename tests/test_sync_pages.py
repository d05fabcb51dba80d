"""Company pages: which are read, their followers, and their statistics by day and month."""

# ruff: noqa: ANN401 - JSON and settings may hold anything

from __future__ import annotations

import copy
import datetime as dt
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import worlds
from sandbox.world.pages import build
from tap_linkedin_ads.records import paths, schema
from tap_linkedin_ads.streams.pages import page_figures
from tests import singer
from tests.singer import TODAY
from tests.truth import snake

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.conftest import Serve

STATISTICS = "organization_page_statistics"
PAGES = (build.FIRST_PAGE, build.SECOND_PAGE)
YESTERDAY = TODAY - dt.timedelta(days=1)
YEAR_AGO = TODAY - dt.timedelta(days=365)
CAREERS = (
    "mobile_careers_page_jobs_clicks",
    "mobile_careers_page_promo_links_clicks",
    "mobile_careers_page_employees_clicks",
    "careers_page_promo_links_clicks",
    "careers_page_banner_promo_clicks",
    "careers_page_jobs_clicks",
    "careers_page_employees_clicks",
)


def sync(sandbox: Sandbox, *streams: str, state: t.Any = None, **settings: t.Any) -> singer.Output:
    """Sync whole streams."""
    today = sandbox.world.today
    return singer.sync(
        {**singer.config(sandbox), "end_date": today.isoformat(), **settings},
        catalog=singer.catalog(dict.fromkeys(streams)),
        state=state,
        clock=singer.QuickClock(today),
    )


def page_bookmarks(output: singer.Output, stream: str = STATISTICS) -> dict[int, str]:
    """Return the bookmarks of a stream by page."""
    partitions = output.state["bookmarks"][stream].get("partitions", [])
    return {
        entry["context"]["organization_id"]: entry["replication_key_value"] for entry in partitions
    }


def expected(
    world: World, first: dt.date, last: dt.date, period: str = "DAY", *, careers: bool = False
) -> dict[tuple[int, str, str], dict[str, t.Any]]:
    """Return the rows that the world's truth makes, by key."""
    rows = {}
    for page in PAGES:
        for bucket in world.pages.truth.buckets(page, first, last, period):
            key = (page, period, bucket["date"].isoformat())
            rows[key] = {
                "organization_id": page,
                "organization_urn": f"urn:li:organization:{page}",
                "organization_name": world.pages.organizations[page]["localizedName"],
                "period": period,
                "metric_date": key[2],
                **_figures(bucket, careers=careers),
            }
    return rows


def _figures(bucket: dict[str, t.Any], *, careers: bool) -> dict[str, t.Any]:
    row: dict[str, t.Any] = {}
    for side in ("followers", "shares"):
        row.update((snake(name), value) for name, value in (bucket[side] or {}).items())
    views = bucket["views"]
    for section, counts in views["views"].items():
        stem = snake(section).removesuffix("_page_views")
        row[f"{stem}_page_views"] = counts["pageViews"]
        row[f"{stem}_unique_page_views"] = counts["uniquePageViews"]
    for device, clicks in views["buttons"].items():
        row[f"{device}_custom_button_click_counts"] = clicks
    for group, prefix in (("careersPageClicks", ""), ("mobileCareersPageClicks", "mobile_")):
        for name, clicks in views[group].items():
            row[f"{prefix}{snake(name)}"] = clicks if careers else None
    return row


def without_nulls(row: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a row for comparing."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if value is not None
    }


def assert_rows(output: singer.Output, wanted: dict[t.Any, dict[str, t.Any]]) -> None:
    """Compare all columns of the statistics."""
    found = singer.by_key(output.records(STATISTICS), "organization_id", "period", "metric_date")
    assert found.keys() == wanted.keys()
    for key, row in found.items():
        assert without_nulls(row) == pytest.approx(without_nulls(wanted[key])), key
        assert len(row) == 77


def statistics_requests(sandbox: Sandbox) -> list[t.Any]:
    """Return the requests for buckets."""
    return [entry for entry in sandbox.log if "timeIntervals" in entry.params]


@pytest.fixture(scope="module")
def synced(serve_module: Serve) -> tuple[Sandbox, singer.Output]:
    """Sync the page streams of the small world once."""
    sandbox = serve_module(worlds.small(today=TODAY))
    streams = ("organizations", "organization_followers", STATISTICS)
    return sandbox, sync(sandbox, *streams)


@pytest.mark.slow
def test_pages_are_administered_and_no_showcases(synced: tuple[Sandbox, singer.Output]) -> None:
    """Each page that the member administers comes once; showcases and other roles do not."""
    sandbox, output = synced
    assert output.status == 0
    truth = sandbox.world.pages.truth.pages()
    assert [row["id"] for row in output.records("organizations")] == [row["id"] for row in truth]
    for row, wire in zip(output.records("organizations"), truth, strict=True):
        assert row["organization_id"] == row["id"]
        assert row["organization_urn"] == f"urn:li:organization:{row['id']}"
        assert row["localized_name"] == wire["localizedName"]
        assert row["founded_on_year"] == wire.get("foundedOn", {}).get("year")
        assert row["logo_urn"] == wire.get("logoV2", {}).get("original")
        assert row["locations"] == wire["locations"]
        assert row["created_at"].startswith("2018-04-11T15:04:59.99")
        assert row["created_by_urn"] == wire["created"]["actor"]
        assert row["last_modified_by_urn"] == wire["lastModified"]["actor"]


def test_followers_of_the_day(synced: tuple[Sandbox, singer.Output]) -> None:
    """The total of followers belongs to the day of reading."""
    sandbox, output = synced
    for row in output.records("organization_followers"):
        assert row["metric_date"] == TODAY.isoformat()
        assert row["first_degree_size"] == sandbox.world.pages.truth.followers(
            row["organization_id"]
        )
    assert len(output.records("organization_followers")) == 2
    assert page_bookmarks(output, "organization_followers") == dict.fromkeys(
        PAGES, TODAY.isoformat()
    )


def test_statistics_of_a_year_join_three_sides(synced: tuple[Sandbox, singer.Output]) -> None:
    """Every column of every day is LinkedIn's; days without follower gains are rows all the same.

    That makes an outer join: followers stop two days before the others.
    """
    sandbox, output = synced
    wanted = expected(sandbox.world, YEAR_AGO, YESTERDAY)
    assert_rows(output, wanted)
    last = wanted[PAGES[0], "DAY", YESTERDAY.isoformat()]
    assert "organic_follower_gain" not in last
    assert last["impression_count"] is not None
    assert min(row["like_count"] for row in wanted.values()) < 0
    assert min(row.get("organic_follower_gain", 0) for row in wanted.values()) < 0
    assert all(row[name] is None for row in wanted.values() for name in CAREERS)
    assert page_bookmarks(output) == dict.fromkeys(PAGES, YESTERDAY.isoformat())


def test_three_requests_a_page(synced: tuple[Sandbox, singer.Output]) -> None:
    """A year of daily statistics takes one request a side; ranges end before today, exclusive."""
    sandbox, _ = synced
    sent = statistics_requests(sandbox)
    assert len(sent) == 3 * len(PAGES)
    for entry in sent:
        bounds = entry.params["timeIntervals"]["timeRange"]
        delay = 2 if entry.resource == "organizationalEntityFollowerStatistics" else 0
        assert int(bounds["end"]) == _midnight(TODAY - dt.timedelta(days=delay))
        assert int(bounds["start"]) == _midnight(YEAR_AGO)


def test_old_answers_fill_careers_clicks(serve: Serve, world: World) -> None:
    """The careers clicks that LinkedIn gave in older versions fill their columns."""
    sandbox = serve(world, careers_clicks=True)
    output = sync(sandbox, STATISTICS, start_date="2026-10-01")
    assert_rows(output, expected(world, dt.date(2026, 10, 1), YESTERDAY, careers=True))


def test_months(serve: Serve, world: World) -> None:
    """Months are whole calendar months that are over and that LinkedIn still keeps whole."""
    sandbox = serve(world)
    output = sync(sandbox, STATISTICS, page_statistics_period="MONTH")
    assert output.status == 0
    wanted = expected(world, dt.date(2025, 12, 1), dt.date(2026, 10, 31), "MONTH")
    assert len(wanted) == 2 * 11
    assert_rows(output, wanted)
    assert page_bookmarks(output) == dict.fromkeys(PAGES, "2026-10-01")


@pytest.mark.parametrize(
    ("today", "first", "sides"),
    [
        (dt.date(2026, 11, 1), "2026-10-15", 2),  # October ended yesterday: no followers yet
        (dt.date(2026, 11, 2), "2026-10-15", 2),
        (dt.date(2026, 11, 3), "2026-10-15", 3),
        (dt.date(2026, 11, 3), "2026-11-01", 0),  # no month is over
    ],
)
def test_side_without_a_complete_month_is_left_out(
    serve: Serve, today: dt.date, first: str, sides: int
) -> None:
    """A request for less than a month is never sent."""
    sandbox = serve(worlds.small(today=today))
    output = sync(sandbox, STATISTICS, page_statistics_period="MONTH", start_date=first)
    assert output.status == 0
    assert len(statistics_requests(sandbox)) == sides * len(PAGES)
    found = {row["metric_date"] for row in output.records(STATISTICS)}
    assert found == ({"2026-10-01"} if sides else set())


@pytest.mark.slow
def test_start_is_clipped_to_a_year(
    serve: Serve, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An older start is moved to what LinkedIn keeps, and the log says so."""
    output = sync(serve(world), STATISTICS, start_date="2024-01-01")
    assert_rows(output, expected(world, YEAR_AGO, YESTERDAY))
    assert f"{YEAR_AGO} is the first day" in caplog.text


def test_end_date_is_inclusive(serve: Serve, world: World) -> None:
    """The user's last day is read, the day after it is not."""
    first, last = dt.date(2026, 9, 1), dt.date(2026, 9, 30)
    settings = {"start_date": first.isoformat(), "end_date": last.isoformat()}
    output = sync(serve(world), STATISTICS, **settings)
    assert_rows(output, expected(world, first, last))
    assert page_bookmarks(output) == dict.fromkeys(PAGES, last.isoformat())


@pytest.mark.parametrize(("lookback", "days"), [(30, 30), (0, 7)])
@pytest.mark.slow
def test_next_run_reads_the_last_days_again(
    serve: Serve, world: World, lookback: int, days: int
) -> None:
    """At least seven days are read again, so that late follower gains are filled in."""
    sandbox = serve(world)
    before = sync(sandbox, STATISTICS)
    world.today = TODAY + dt.timedelta(days=1)
    output = sync(sandbox, STATISTICS, state=before.state, lookback_window=lookback)
    first = YESTERDAY - dt.timedelta(days=days)
    assert_rows(output, expected(world, first, TODAY))
    assert page_bookmarks(output) == dict.fromkeys(PAGES, TODAY.isoformat())


@pytest.mark.slow
@pytest.mark.parametrize("later", [1, 2, 40])
def test_a_later_start_date_leaves_no_day_out(serve: Serve, world: World, later: int) -> None:
    """Neither the days behind the bookmark are left out, nor late follower gains before it."""
    sandbox = serve(world)
    first = dt.date(2026, 8, 1)
    before = sync(sandbox, STATISTICS, start_date=first.isoformat())
    world.today = TODAY + dt.timedelta(days=later)
    start = (world.today - dt.timedelta(days=2)).isoformat()
    after = sync(sandbox, STATISTICS, state=before.state, start_date=start, lookback_window=0)
    rows = [row for output in (before, after) for row in output.records(STATISTICS)]
    found = {(row["organization_id"], row["period"], row["metric_date"]): row for row in rows}
    wanted = expected(world, first, world.today - dt.timedelta(days=1))
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        assert without_nulls(found[key]) == pytest.approx(without_nulls(row)), key


@pytest.mark.slow
def test_changed_period_starts_anew(serve: Serve, world: World) -> None:
    """Bookmarks of days mean nothing for months."""
    sandbox = serve(world)
    before = sync(sandbox, STATISTICS)
    output = sync(sandbox, STATISTICS, state=before.state, page_statistics_period="MONTH")
    assert_rows(output, expected(world, dt.date(2025, 12, 1), dt.date(2026, 10, 31), "MONTH"))


def test_only_selected_sides_are_asked(serve: Serve, world: World) -> None:
    """A side of which no column is selected costs no request."""
    sandbox = serve(world)
    output = singer.sync(
        singer.config(sandbox), catalog=singer.catalog({STATISTICS: ["like_count"]})
    )
    assert {e.resource for e in statistics_requests(sandbox)} == {
        "organizationalEntityShareStatistics"
    }
    keys = {"organization_id", "period", "metric_date"}
    assert {frozenset(row) for row in output.records(STATISTICS)} == {
        frozenset(keys | {"like_count"})
    }


def test_listed_pages(serve: Serve, world: World) -> None:
    """Only listed pages are read; one that cannot be read makes the exit status 1."""
    sandbox = serve(world)
    listed = [build.SECOND_PAGE, f"urn:li:organization:{build.FOREIGN_PAGE}", build.INACTIVE_PAGE]
    output = sync(sandbox, "organizations", STATISTICS, organization_ids=listed)
    assert output.status == 1
    assert [row["id"] for row in output.records("organizations")] == [build.SECOND_PAGE]
    assert {row["organization_id"] for row in output.records(STATISTICS)} == {build.SECOND_PAGE}
    incidents = {i["organization_id"]: i["reason"] for i in output.summary["incidents"]}
    assert incidents.keys() == {build.FOREIGN_PAGE, build.INACTIVE_PAGE}
    assert "ADMINISTRATOR" in incidents[build.FOREIGN_PAGE]
    assert "inactive" in incidents[build.INACTIVE_PAGE]


def test_lost_page_is_a_warning(serve: Serve, world: World) -> None:
    """A page on which the member has a lesser role, or none any more, keeps its bookmark."""
    sandbox = serve(world)
    before = sync(sandbox, STATISTICS)
    for role, said in (
        ("ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"),
        (None, "an earlier run read this page"),
    ):
        world.pages.revoke(build.FIRST_PAGE, role)
        output = sync(sandbox, STATISTICS, state=before.state)
        assert output.status == 0
        read = {row["organization_id"] for row in output.records(STATISTICS)}
        assert read == {build.SECOND_PAGE}
        assert page_bookmarks(output) == page_bookmarks(before)
        (incident,) = output.summary["incidents"]
        assert incident["organization_id"] == build.FIRST_PAGE
        assert said in incident["reason"]


@pytest.mark.refused("scope_missing")
def test_token_for_ads_only(serve: Serve, world: World) -> None:
    """Without page scopes the ads streams are read, and a warning names the scope."""
    sandbox = serve(world)
    token = sandbox.oauth.issue(("r_ads", "r_ads_reporting"))
    output = sync(sandbox, "ad_accounts", STATISTICS, "posts", access_token=token)
    assert output.status == 0
    assert output.records("ad_accounts")
    incidents = output.summary["incidents"]
    assert {(i["stream"], i["status"]) for i in incidents} == {
        (STATISTICS, "warning"),
        ("posts", "warning"),
    }
    assert all("r_organization_admin (or rw_organization_admin)" in i["reason"] for i in incidents)
    assert len([e for e in sandbox.log if e.resource == "organizationAcls"]) == 1


@pytest.mark.refused("scope_missing")
def test_listed_pages_need_the_scope(serve: Serve, world: World) -> None:
    """With listed pages a missing scope makes the exit status 1; posts need no admin scope."""
    sandbox = serve(world)
    token = sandbox.oauth.issue(("r_organization_social",))
    settings = {"access_token": token, "organization_ids": [build.FIRST_PAGE]}
    output = sync(sandbox, "organizations", STATISTICS, "posts", **settings)
    assert output.status == 1
    posts = output.records("posts")
    assert {row["organization_id"] for row in posts} == {build.FIRST_PAGE}
    assert {row["lifetime_like_count"] for row in posts} == {None}
    noted = {i["stream"]: i["reason"] for i in output.summary["incidents"]}
    assert noted.keys() == {"organizations", STATISTICS, "posts"}
    assert all("r_organization_admin (or rw_organization_admin)" in why for why in noted.values())
    assert "without statistics" in noted["posts"]


def test_failed_page_keeps_its_bookmark(serve: Serve, world: World) -> None:
    """A page whose statistics fail does not stop the others; its bookmark stays."""
    sandbox = serve(world)
    state = sync(sandbox, STATISTICS, start_date="2026-11-01").state
    older = copy.deepcopy(state)
    for entry in older["bookmarks"][STATISTICS]["partitions"]:
        entry["replication_key_value"] = "2026-11-10"
    sandbox.faults.add(
        "status",
        path="/rest/organizationPageStatistics",
        params={"organization": f"urn:li:organization:{build.FIRST_PAGE}"},
        status=403,
        body={"status": 403, "code": "ACCESS_DENIED", "message": "Not for you"},
    )
    output = sync(sandbox, STATISTICS, state=older)
    assert output.status == 1
    assert page_bookmarks(output) == {
        build.FIRST_PAGE: "2026-11-10",
        build.SECOND_PAGE: YESTERDAY.isoformat(),
    }


@pytest.mark.refused("param_invalid", "not_found")
@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("side", page_figures.SIDES)
@pytest.mark.slow
def test_refused_side_costs_its_columns_of_its_page(
    serve: Serve, world: World, side: str, status: int
) -> None:
    """The other sides' columns are delivered, and those of the other page; the bookmark stays."""
    sandbox = serve(world)
    settings = {"start_date": "2026-11-01"}
    whole = sync(sandbox, STATISTICS, **settings)
    page = f"urn:li:organization:{build.FIRST_PAGE}"
    sandbox.faults.add(
        "refuse",
        where=lambda e: e.resource == side and page in e.params.values(),
        times=None,
        status=status,
        says="nothing",
    )
    output = sync(sandbox, STATISTICS, **settings)
    assert output.status == 1
    lost = {
        column.name
        for column in paths.declared(schema.read(STATISTICS), whole.records(STATISTICS)[0])
        if column.resource == side
    }
    assert lost
    assert output.records(STATISTICS) == [
        {**row, **dict.fromkeys(lost if row["organization_id"] == build.FIRST_PAGE else ())}
        for row in whole.records(STATISTICS)
    ]
    assert page_bookmarks(output) == {build.SECOND_PAGE: YESTERDAY.isoformat()}
    (incident,) = output.summary["incidents"]
    assert (incident["organization_id"], incident["status"]) == (build.FIRST_PAGE, "failed")
    assert incident["reason"].startswith(f"figures of {side} are missing: ")
    sandbox.faults.clear()
    again = sync(sandbox, STATISTICS, state=output.state, **settings)
    assert page_bookmarks(again) == page_bookmarks(whole)
    of_page = [r for r in whole.records(STATISTICS) if r["organization_id"] == build.FIRST_PAGE]
    assert [r for r in again.records(STATISTICS) if r["organization_id"] == build.FIRST_PAGE] == (
        of_page
    )


@pytest.mark.slow
@pytest.mark.refused("not_found")
@pytest.mark.parametrize("side", page_figures.SIDES)
def test_refused_side_leaves_complete_rows_alone(serve: Serve, world: World, side: str) -> None:
    """Days that an earlier run gave whole are not given again with nulls; new days are."""
    sandbox = serve(world)
    settings = {"start_date": "2026-11-01"}
    before = sync(sandbox, STATISTICS, **settings)
    world.today = TODAY + dt.timedelta(days=4)
    page = f"urn:li:organization:{build.FIRST_PAGE}"
    fault = sandbox.faults.add(
        "refuse",
        where=lambda e: e.resource == side and page in e.params.values(),
        times=None,
        status=404,
    )
    output = sync(sandbox, STATISTICS, state=before.state, **settings)
    days = [TODAY + dt.timedelta(days=number) for number in range(4)]
    found = [r["metric_date"] for r in output.records(STATISTICS) if page in r.values()]
    assert found == [day.isoformat() for day in days]
    assert page_bookmarks(output)[build.FIRST_PAGE] == YESTERDAY.isoformat()
    (incident,) = output.summary["incidents"]
    assert f"so rows up to {YESTERDAY} stay as earlier runs left them" in incident["reason"]
    fault.times = 0
    again = sync(sandbox, STATISTICS, state=output.state, **settings)
    wanted = expected(world, dt.date(2026, 11, 1), days[-1])
    rows: dict[tuple[t.Any, ...], t.Any] = {}
    for found_output in (before, output, again):
        rows |= singer.by_key(
            found_output.records(STATISTICS), "organization_id", "period", "metric_date"
        )
    assert rows.keys() == wanted.keys()
    for key, row in wanted.items():
        assert without_nulls(rows[key]) == pytest.approx(without_nulls(row)), key


@pytest.mark.refused("not_found")
def test_page_refused_on_every_side_is_named_once(serve: Serve, world: World) -> None:
    """A page without an answer has no rows, and one incident."""
    sandbox = serve(world)
    sandbox.faults.add(
        "refuse", where=lambda e: "timeIntervals" in e.params, times=None, status=404
    )
    output = sync(sandbox, STATISTICS, start_date="2026-11-01")
    assert output.status == 1
    assert output.records(STATISTICS) == []
    noted = [(i["organization_id"], i["reason"]) for i in output.summary["incidents"]]
    assert [page for page, _ in noted] == list(PAGES)
    assert all(why.startswith("the page does not exist") for _, why in noted)


def _midnight(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * 86_400_000

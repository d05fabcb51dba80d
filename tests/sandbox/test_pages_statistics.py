"""Follower, share and page statistics: windows, buckets, shapes, and the truth behind them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox.answers.pages.windows import midnight
from sandbox.world import worlds
from sandbox.world.pages import facets
from sandbox.world.pages.build import FIRST_PAGE, MIX, SECOND_PAGE
from sandbox.world.pages.figures import FOLLOWERS, SHARES, SIDES, VIEWS
from tests.sandbox.conftest import TODAY, Caller
from tests.sandbox.test_pages_refusals import FOLLOWERS as FOLLOWERS_OF
from tests.sandbox.test_pages_refusals import PAGE, interval
from tests.sandbox.test_pages_refusals import SHARES as SHARES_OF
from tests.sandbox.test_pages_refusals import VIEWS as VIEWS_OF

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox, World

DAY = dt.timedelta(days=1)
TARGETS = {FOLLOWERS: FOLLOWERS_OF, SHARES: SHARES_OF, VIEWS: VIEWS_OF}
YEAR = interval(TODAY - 365 * DAY, TODAY)


def figures(side: str, element: dict[str, Any]) -> dict[str, Any]:
    """Return an element's figures in the shape of the truth."""
    if side == FOLLOWERS:
        found: dict[str, Any] = element["followerGains"]
    elif side == SHARES:
        found = element["totalShareStatistics"]
    else:
        statistics = element["totalPageStatistics"]
        clicks = statistics["clicks"]
        found = {
            "views": statistics["views"],
            "buttons": {
                device: sum(item["clicks"] for item in clicks[f"{device}CustomButtonClickCounts"])
                for device in ("desktop", "mobile")
            },
        }
        for name in ("careersPageClicks", "mobileCareersPageClicks"):
            if name in clicks:
                found[name] = clicks[name]
    return found


def day_of(element: dict[str, Any], bound: str = "start") -> dt.date:
    """Return the day on which a bucket starts or behind which it ends."""
    milliseconds: int = element["timeRange"][bound]
    assert milliseconds % 86_400_000 == 0
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.timezone.utc).date()


def truth(world: World, first: dt.date, period: str = "DAY") -> dict[dt.date, dict[str, Any]]:
    """Return the true rows of the first page by day."""
    rows = world.pages.truth.buckets(FIRST_PAGE, first, TODAY, period)
    return {row["date"]: row for row in rows}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("period", ["DAY", "MONTH"])
def test_buckets_are_the_truth(
    caller: Caller, sandbox: Sandbox, world: World, side: str, period: str
) -> None:
    """Every served bucket is true, and every true bucket is served."""
    sandbox.switches.careers_clicks = True
    reply = caller.get(TARGETS[side] + interval(TODAY - 365 * DAY, TODAY, period))
    served = {day_of(element): figures(side, element) for element in reply.elements}
    rows = truth(world, TODAY - 365 * DAY, period)
    assert served == {day: row[side] for day, row in rows.items() if row[side] is not None}
    assert list(served) == sorted(served)
    assert reply.body["paging"] == {"start": 0, "count": 10, "links": []}


@pytest.mark.parametrize(("side", "missing"), [(FOLLOWERS, 3), (SHARES, 1), (VIEWS, 1)])
def test_last_days_without_data(caller: Caller, world: World, side: str, missing: int) -> None:
    """Followers lack two complete days; an end is exclusive, and never in the future."""
    reply = caller.get(TARGETS[side] + interval(TODAY - 9 * DAY, TODAY))
    assert day_of(reply.elements[-1]) == TODAY - missing * DAY
    assert world.pages.truth.last_day(side) == TODAY - missing * DAY


def test_no_complete_bucket_is_no_element(caller: Caller) -> None:
    """A month that begins inside the range and ends behind it is not there."""
    first = dt.date(2026, 10, 10)
    reply = caller.get(SHARES_OF + interval(first, first + 40 * DAY, "MONTH"))
    assert reply.elements == []
    assert caller.get(FOLLOWERS_OF + interval(TODAY - 2 * DAY, TODAY)).elements == []


def test_a_side_may_lack_a_month_that_the_others_have(world: World) -> None:
    """On the first day of a month followers of the last month are not complete."""
    world.today = dt.date(2026, 12, 1)
    rows = world.pages.truth.buckets(
        FIRST_PAGE, dt.date(2026, 10, 1), dt.date(2026, 11, 30), "MONTH"
    )
    assert [row[FOLLOWERS] is None for row in rows] == [False, True]
    assert all(row[SHARES] and row[VIEWS] for row in rows)


def test_weeks_of_followers(caller: Caller, world: World) -> None:
    """Followers know weeks; gains add up."""
    first = TODAY - 30 * DAY
    reply = caller.get(FOLLOWERS_OF + interval(first, TODAY, "WEEK"))
    rows = truth(world, first)
    assert [day_of(element) for element in reply.elements] == [
        first + n * 7 * DAY for n in range(4)
    ]
    for element in reply.elements:
        days = [rows[day_of(element) + n * DAY][FOLLOWERS] for n in range(7)]
        assert element["followerGains"] == {
            name: sum(day[name] for day in days) for name in days[0]
        }


def test_end_is_optional_and_instants_are_rounded_down(caller: Caller) -> None:
    """Without an end the range ends now; an instant stands for its day."""
    start = midnight(TODAY - 4 * DAY)
    open_end = f"&timeIntervals=(timeRange:(start:{start}),timeGranularityType:DAY)"
    assert len(caller.get(SHARES_OF + open_end).elements) == 4
    odd = (
        f"&timeIntervals=(timeGranularityType:DAY,timeRange:(end:{midnight(TODAY) + 5},"
        f"start:{start + 86_399_000}))"
    )
    assert day_of(caller.get(SHARES_OF + odd).elements[0]) == TODAY - 4 * DAY


def test_counters_may_be_negative_and_days_may_be_zero(world: World) -> None:
    """Withdrawn likes and lost followers count below zero; quiet days are rows of zeros."""
    rows = truth(world, TODAY - 364 * DAY).values()
    assert min(row[SHARES]["likeCount"] for row in rows) < 0
    assert any(row[SHARES]["engagement"] == 0.0 for row in rows)
    gains = [row[FOLLOWERS] for row in rows if row[FOLLOWERS]]
    assert min(row["organicFollowerGain"] for row in gains) < 0
    assert any(row["organicFollowerGain"] == row["paidFollowerGain"] == 0 for row in gains)


def test_page_statistics_have_27_views_and_two_shapes(caller: Caller, sandbox: Sandbox) -> None:
    """Views add up over devices and tabs; careers clicks are gone on current versions."""
    week = interval(TODAY - 9 * DAY, TODAY)
    (element, *_) = caller.get(VIEWS_OF + week).elements
    statistics = element["totalPageStatistics"]
    views = {name: count["pageViews"] for name, count in statistics["views"].items()}
    assert len(views) == 27
    assert views["allPageViews"] == views["allDesktopPageViews"] + views["allMobilePageViews"]
    assert views["careersPageViews"] == views["jobsPageViews"] + views["lifeAtPageViews"]
    assert set(statistics["clicks"]) == {
        "mobileCustomButtonClickCounts",
        "desktopCustomButtonClickCounts",
    }
    lists = {name: value for name, value in element.items() if name.startswith("pageStat")}
    assert len(lists) == 7
    assert not any(lists.values())
    sandbox.switches.careers_clicks = True
    (element, *_) = caller.get(VIEWS_OF + week).elements
    clicks = element["totalPageStatistics"]["clicks"]
    assert len(clicks["careersPageClicks"]) == 4
    assert len(clicks["mobileCareersPageClicks"]) == 3


def test_buttons_may_be_none_one_or_two(caller: Caller) -> None:
    """On the day on which the button changes there are two."""
    numbers = {
        len(element["totalPageStatistics"]["clicks"]["desktopCustomButtonClickCounts"])
        for element in caller.get(VIEWS_OF + YEAR).elements
    }
    assert numbers == {0, 1, 2}


def test_lifetime_answers(caller: Caller, world: World) -> None:
    """Without a range there is one element, in other shapes."""
    (followers,) = caller.get(FOLLOWERS_OF).elements
    assert len([name for name in followers if name.startswith("followerCountsBy")]) == 7
    (shares,) = caller.get(SHARES_OF).elements
    rows = truth(world, TODAY - 365 * DAY).values()
    statistics = shares["totalShareStatistics"]
    for name in ("impressionCount", "clickCount", "likeCount", "commentCount"):
        assert statistics[name] == sum(row[SHARES][name] for row in rows)
    # Instant reposts count in the lifetime answer only.
    assert statistics["shareCount"] > sum(row[SHARES]["shareCount"] for row in rows)
    (views,) = caller.get(VIEWS_OF).elements
    assert all(
        set(count) == {"pageViews"} for count in views["totalPageStatistics"]["views"].values()
    )
    assert views["pageStatisticsBySeniority"]


def test_facets_hold_the_largest_values(caller: Caller, world: World) -> None:
    """Followers: at most 100 values a facet, highest first, and no total; views hold all."""
    (followers,) = caller.get(FOLLOWERS_OF).elements
    true = world.pages.truth.follower_facets(FIRST_PAGE)
    for facet, key in facets.FOLLOWER_FACETS.items():
        listed = followers[f"followerCountsBy{facet}"]
        counts = [sum(item["followerCounts"].values()) for item in listed]
        assert counts == sorted(counts, reverse=True)
        assert len(listed) == min(100, sum(name == facet for name, _ in true))
        for item in listed:
            assert item["followerCounts"] == true[facet, item.get(key, "")]
    assert sum(name == "Geo" for name, _ in true) > 100
    assert not [name for name in followers if "otal" in name]
    (element,) = caller.get(VIEWS_OF).elements
    served = {
        (facet, item[key]): {
            name: count["pageViews"] for name, count in item["pageStatistics"]["views"].items()
        }
        for facet, key in facets.VIEW_FACETS.items()
        for item in element[f"pageStatisticsBy{facet}"]
    }
    assert served == world.pages.truth.view_facets(FIRST_PAGE)
    assert world.pages.truth.lifetime(FIRST_PAGE)["views"] == {
        name: count["pageViews"] for name, count in element["totalPageStatistics"]["views"].items()
    }


def test_associations_may_lack_their_key(caller: Caller) -> None:
    """LinkedIn was seen to leave associationType out."""
    target = FOLLOWERS_OF.replace(PAGE, quote(f"urn:li:organization:{SECOND_PAGE}", safe=""))
    (element,) = caller.get(target).elements
    listed = element["followerCountsByAssociationType"]
    assert [item.get("associationType") for item in listed] == ["EMPLOYEE", None]


def test_restated_days(caller: Caller, world: World) -> None:
    """A day may be restated in part or redrawn as a whole; other days stay."""
    day = TODAY - 5 * DAY
    before = truth(world, day - DAY)
    world.pages.restate(FIRST_PAGE, SHARES, day, {"likeCount": -7})
    world.pages.restate(FIRST_PAGE, FOLLOWERS, day, {"paidFollowerGain": 99})
    world.pages.restate(FIRST_PAGE, VIEWS, day, {"desktop:overview": 5000})
    world.pages.restate_day(day + DAY)
    after = truth(world, day - DAY)
    assert after[day][SHARES]["likeCount"] == -7
    assert after[day][VIEWS]["views"]["allPageViews"]["pageViews"] > 5000
    assert after[day][SHARES]["impressionCount"] == before[day][SHARES]["impressionCount"]
    assert after[day + DAY] != before[day + DAY]
    assert after[day - DAY] == before[day - DAY]
    served = caller.get(SHARES_OF + interval(day, day + DAY)).elements
    assert [figures(SHARES, element) for element in served] == [after[day][SHARES]]
    with pytest.raises(ValueError, match="nothing"):
        world.pages.restate(FIRST_PAGE, "nothing", day, {})


def test_clipped_start(caller: Caller, sandbox: Sandbox) -> None:
    """The other reading of a start before twelve months."""
    sandbox.switches.statistics_start = "clip"
    reply = caller.get(SHARES_OF + interval(TODAY - 400 * DAY, TODAY))
    assert day_of(reply.elements[0]) == TODAY - 365 * DAY


def by_posts(urns: list[str]) -> str:
    """Write a request for statistics of posts."""
    lists = {
        name: [quote(urn, safe="") for urn in urns if f":{kind}:" in urn]
        for name, kind in (("shares", "share"), ("ugcPosts", "ugcPost"))
    }
    return SHARES_OF + "".join(
        f"&{name}=List({','.join(values)})" for name, values in lists.items() if values
    )


def test_statistics_of_posts(caller: Caller, sandbox: Sandbox, world: World) -> None:
    """Posts without activity are left out; the others carry their kind of URN."""
    urns = [row["id"] for row in world.pages.truth.posts(FIRST_PAGE)]
    elements = caller.get(by_posts(urns)).elements
    served = {e.get("share") or e["ugcPost"]: e["totalShareStatistics"] for e in elements}
    known = {urn: world.pages.truth.post_statistics(urn) for urn in urns}
    assert {urn: row for urn, row in known.items() if urn in served} == served
    left_out = [row for urn, row in known.items() if urn not in served]
    assert left_out
    assert all(row is None or not any(row.values()) for row in left_out)
    assert any(row is None for row in known.values())
    sandbox.switches.omit_zero_activity = False
    assert len(caller.get(by_posts(urns)).elements) == len(urns)


def test_statistics_of_posts_decay(world: World) -> None:
    """Lifetime means the last twelve months: activity leaves as days go by."""
    urn = world.pages.add_post(
        FIRST_PAGE, published=dt.datetime(2026, 11, 1, 8, tzinfo=dt.timezone.utc)
    )
    world.pages.restate_post(urn, dt.date(2026, 11, 2), {"likeCount": 3, "impressionCount": 6})
    before = world.pages.truth.post_statistics(urn)
    assert before
    assert before["likeCount"] >= 3
    world.today = dt.date(2027, 11, 1)
    assert world.pages.truth.post_statistics(urn) is not None
    world.today = dt.date(2028, 6, 1)
    assert world.pages.truth.post_statistics(urn) is None


def test_unknown_posts_are_left_out(caller: Caller) -> None:
    """LinkedIn says nothing about posts that do not exist."""
    reply = caller.get(by_posts(["urn:li:share:1", "urn:li:ugcPost:2"]))
    assert (reply.status, reply.elements) == (200, [])


def test_longest_plain_request_for_posts(caller: Caller, world: World) -> None:
    """Fifty posts fit into 4 KB; two full lists need tunnelling."""
    shares = [f"urn:li:share:745900000000000{number:04d}" for number in range(50)]
    ugc = [urn.replace("share", "ugcPost") for urn in shares]
    assert caller.get(by_posts(shares)).status == 200
    target = by_posts(shares + ugc)
    assert caller.get(target).status == 414
    path, _, query = target.partition("?")
    headers: dict[str, str | None] = {
        "X-HTTP-Method-Override": "GET",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    reply = caller.send("POST", path, headers, query)
    assert reply.status == 200
    assert len(reply.elements) <= len(world.pages.posts)


def test_other_page_has_figures_of_its_own(caller: Caller) -> None:
    """Figures depend on the page."""
    week = interval(TODAY - 9 * DAY, TODAY)
    other = SHARES_OF.replace(str(FIRST_PAGE), str(SECOND_PAGE))
    assert caller.get(SHARES_OF + week).text != caller.get(other + week).text


@pytest.mark.parametrize("make", [worlds.small, lambda **w: worlds.pages(posts=50, **w)])
def test_figures_depend_on_absolute_days(make: Callable[..., World]) -> None:
    """Two worlds with other days agree on the days that both have."""
    one, two = make(today=TODAY), make(today=TODAY + 3 * DAY)
    first, last = TODAY - 20 * DAY, TODAY - 6 * DAY
    assert one.pages.truth.buckets(FIRST_PAGE, first, last) == two.pages.truth.buckets(
        FIRST_PAGE, first, last
    )
    other = make(seed=8, today=TODAY)
    assert one.pages.truth.buckets(FIRST_PAGE, first, last) != other.pages.truth.buckets(
        FIRST_PAGE, first, last
    )


def test_pages_world_has_the_known_mix() -> None:
    """Six shares and four ugcPosts in ten posts, spread over pages."""
    world = worlds.pages(today=TODAY, posts=400, organizations=2)
    posts = world.pages.truth.posts()
    assert len(posts) == 400
    assert sum(":share:" in row["id"] for row in posts) == 240
    assert len(world.pages.truth.posts(FIRST_PAGE)) == 200
    assert len(MIX) == 10
    assert [page["id"] for page in world.pages.truth.pages()] == [FIRST_PAGE, FIRST_PAGE + 1]


def test_followers_of_the_page_are_those_of_the_network(caller: Caller, world: World) -> None:
    """Gains of the last twelve months count."""
    target = f"/rest/networkSizes/{PAGE}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    before = caller.get(target).body["firstDegreeSize"]
    assert before == world.pages.truth.followers(FIRST_PAGE)
    day = TODAY - DAY
    gains = {"organicFollowerGain": 1000, "paidFollowerGain": 0}
    old = sum(world.pages.figures.page(FOLLOWERS, FIRST_PAGE, day).values())
    world.pages.restate(FIRST_PAGE, FOLLOWERS, day, gains)
    assert caller.get(target).body["firstDegreeSize"] == before + 1000 - old

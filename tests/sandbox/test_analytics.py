from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import METRICS, Builder, Sandbox, World
from sandbox.answers.reports import analytics
from sandbox.world import worlds
from tests.sandbox.conftest import ACCOUNT, ACCOUNT_URN, TODAY, Caller, range_text

if TYPE_CHECKING:
    from collections.abc import Iterator

START, END = dt.date(2026, 10, 20), TODAY
ALL_ACCOUNTS = ",".join(ACCOUNT_URN.replace(str(ACCOUNT), str(ACCOUNT + n)) for n in range(3))
FAMILY_METRICS = [
    ("impressions", "clicks", "costInLocalCurrency", "costInUsd", "totalEngagements"),
    ("videoViews", "videoCompletions", "viralVideoViews"),
    ("jobApplications", "viralRegistrations", "talentLeads"),
    ("likes", "viralLikes", "conversionValueInLocalCurrency", "approximateMemberReach"),
    ("oneClickLeads", "costPerQualifiedLead", "eventWatchTime", "averageEventWatchTime"),
]


def query(  # noqa: PLR0913, PLR0917 - a report has that many sides
    pivots: str = "CREATIVE",
    metrics: tuple[str, ...] = ("impressions",),
    start: dt.date = START,
    end: dt.date | None = END,
    granularity: str = "DAILY",
    more: str = "",
    names: str = ",dateRange,pivotValues",
) -> str:
    """Return the parameters of a statistics query."""
    return (
        f"pivots=List({pivots})&timeGranularity={granularity}&dateRange={range_text(start, end)}"
        f"&accounts=List({ALL_ACCOUNTS})&fields={','.join(metrics)}{names}{more}"
    )


def day(parts: dict[str, int]) -> dt.date:
    """Return the date of a wire date."""
    return dt.date(parts["year"], parts["month"], parts["day"])


def keyed(elements: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """Return the metrics of rows by start, end and pivot values."""
    rows: dict[Any, dict[str, Any]] = {}
    for element in elements:
        dates = element["dateRange"]
        key = (day(dates["start"]), day(dates["end"]), tuple(element["pivotValues"]))
        assert key not in rows
        rows[key] = {
            name: value
            for name, value in element.items()
            if name not in ("dateRange", "pivotValues")
        }
    return rows


@pytest.mark.parametrize("metrics", FAMILY_METRICS, ids=lambda names: names[0])
@pytest.mark.parametrize("granularity", ["DAILY", "MONTHLY", "YEARLY", "ALL"])
@pytest.mark.parametrize(
    "pivots",
    [
        "CREATIVE",
        "CAMPAIGN",
        "CAMPAIGN_GROUP,ACCOUNT",
        "ACCOUNT",
        "CAMPAIGN,CREATIVE",
        "SHARE",
        "COMPANY",
        "OBJECTIVE_TYPE",
        "CONVERSION,CAMPAIGN,CREATIVE",
        "CARD_INDEX",
        "EVENT_STAGE",
        "SERVING_LOCATION,CAMPAIGN",
        "CONVERSATION_NODE_OPTION_INDEX",
    ],
)
def test_rows_are_the_truth(
    caller: Caller, world: World, pivots: str, granularity: str, metrics: tuple[str, ...]
) -> None:
    """Served rows are exactly those of the truth, for any pivot and granularity."""
    start = dt.date(2026, 10, 28)
    reply = caller.report(query(pivots, metrics, start, granularity=granularity))
    truth = {
        (first, last, values): figures
        for first, last, values, figures in world.truth(
            pivots.split(","), start, END, metrics, granularity=granularity
        )
    }
    assert reply.status == 200
    assert keyed(reply.elements) == truth
    assert caller.sandbox.log[-1].rows == len(truth)


@pytest.mark.parametrize(
    "name", [m.name for m in METRICS.values() if m.additive and m.family in ("delivery", "cost")]
)
def test_groups_are_exact_sums_of_creatives(world: World, name: str) -> None:
    """Additive figures of any grouping have the same exact sum."""
    sums: dict[dt.date, Decimal] = {}
    for first, _, _, figures in world.truth(("CREATIVE",), START, END, (name,)):
        sums[first] = sums.get(first, Decimal(0)) + Decimal(str(figures[name]))
    for pivots in (("CAMPAIGN",), ("ACCOUNT",), ("CAMPAIGN", "IMPRESSION_DEVICE_TYPE")):
        other: dict[dt.date, Decimal] = {}
        for first, _, _, figures in world.truth(pivots, START, END, (name,)):
            other[first] = other.get(first, Decimal(0)) + Decimal(str(figures[name]))
        assert {d: s for d, s in other.items() if s} == {d: s for d, s in sums.items() if s}


def test_figures_depend_on_calendar_days_only(world: World) -> None:
    """Figures of a day stay when time moves on, and change with the seed."""
    later = worlds.small(today=TODAY)
    later.today = TODAY + dt.timedelta(days=9)
    metrics = ("impressions", "costInUsd", "likes")
    first = list(world.truth(("CREATIVE",), START, END, metrics))
    assert first == list(later.truth(("CREATIVE",), START, END, metrics))
    assert len(list(later.truth(("CREATIVE",), START, later.today, metrics))) > len(first)
    other = worlds.small(seed=8, today=TODAY)
    assert first != list(other.truth(("CREATIVE",), START, END, metrics))


def test_wire_types(caller: Caller) -> None:
    """BigDecimal is a string, long and double are numbers."""
    metrics = ("impressions", "costInUsd", "audiencePenetration", "jobApplications")
    row = caller.report(query("CAMPAIGN", metrics)).elements[0]
    assert isinstance(row["impressions"], int)
    assert isinstance(row["costInUsd"], str)
    assert isinstance(row["audiencePenetration"], float)
    assert isinstance(row["jobApplications"], str)
    assert re.fullmatch(r"-?\d+(\.\d+)?(E-?\d+)?", row["costInUsd"])


def test_decimals_come_in_every_spelling(world: World) -> None:
    """Plain and exponent zeros, tiny negatives, long fractions and 20 digits occur."""
    seen = " ".join(
        str(figures["registrations"]) + " " + str(figures["costInUsd"])
        for _, _, _, figures in world.truth(
            ("CREATIVE",), TODAY - dt.timedelta(days=150), TODAY, ("registrations", "costInUsd")
        )
    )
    for spelling in ("0.0", "0E-18", "-2E-18", ".99999999999996"):
        assert spelling in seen
    assert max(len(text.replace(".", "")) for text in seen.split()) == 20


def test_fields_decide_what_rows_carry(caller: Caller) -> None:
    """Without fields rows carry impressions, clicks and the two structures."""
    assert set(caller.report(query(names="")).elements[0]) == {"impressions"}
    only = caller.report(query(metrics=(), names="dateRange,pivotValues")).elements
    assert set(only[0]) == {"dateRange", "pivotValues"}
    text = query()
    default = caller.report(text[: text.index("&fields")]).elements
    assert set(default[0]) == {"impressions", "clicks", "dateRange", "pivotValues"}
    assert len(default) == len(only)


def test_rows_without_any_requested_figure_are_left_out(caller: Caller) -> None:
    """A row exists only if one of the requested metrics is not zero."""
    video = caller.report(query(metrics=("videoViews", "likes"))).elements
    both = caller.report(query(metrics=("impressions", "videoViews"))).elements
    assert 0 < len(video) < len(both)
    assert all(row["videoViews"] or row["likes"] for row in video)
    assert any(row["videoViews"] == 0 for row in both)


@pytest.mark.parametrize(
    ("days", "pivots", "present"),
    [
        (92, "CAMPAIGN", {"approximateMemberReach", "audiencePenetration"}),
        (93, "CAMPAIGN", set()),
        (92, "CREATIVE", {"approximateMemberReach"}),
        (92, "CREATIVE,ACCOUNT", {"approximateMemberReach", "audiencePenetration"}),
        (92, "IMPRESSION_DEVICE_TYPE,CAMPAIGN", set()),
    ],
)
def test_reach_depends_on_range_and_pivot(
    caller: Caller, days: int, pivots: str, present: set[str]
) -> None:
    """Reach ends at 92 days; penetration needs an entity pivot above creatives."""
    metrics = ("impressions", "approximateMemberReach", "audiencePenetration")
    start = TODAY - dt.timedelta(days=days - 1)
    row = caller.report(query(pivots, metrics, start, granularity="ALL")).elements[0]
    assert set(row) - {"impressions", "dateRange", "pivotValues"} == present


def test_demographics(caller: Caller) -> None:
    """Small demographic values and metrics without demographics are left out."""
    text = query("X", ("impressions", "cardClicks", "jobApplications", "talentLeads"))
    text = text.replace("pivots=List(X)", "pivot=MEMBER_JOB_TITLE")
    rows = caller.report(text, "analytics").elements
    assert rows
    assert all(row["impressions"] >= 3 for row in rows)
    assert all("cardClicks" not in row and "jobApplications" not in row for row in rows)
    assert all(row["pivotValues"][0].startswith("urn:li:title:") for row in rows)
    # Demographics arrive a day late.
    assert max(day(row["dateRange"]["end"]) for row in rows) == TODAY - dt.timedelta(days=1)


def test_enums_may_be_wrapped(caller: Caller) -> None:
    """X and (value:X) are the same enum."""
    plain = query("X").replace("pivots=List(X)", "pivot=CAMPAIGN")
    wrapped = plain.replace("=CAMPAIGN", "=(value:CAMPAIGN)").replace("=DAILY", "=(value:DAILY)")
    assert caller.report(plain, "analytics").elements == (
        caller.report(wrapped, "analytics").elements
    )


def test_facets_narrow(caller: Caller, world: World) -> None:
    """Facets combine with AND, their values with OR."""
    text = query("CAMPAIGN,CREATIVE,ACCOUNT", granularity="ALL")
    rows = caller.report(text).elements
    campaign = rows[0]["pivotValues"][0]
    sent = campaign.replace(":", "%3A")
    only = caller.report(f"{text}&campaigns=List({sent})").elements
    assert {row["pivotValues"][0] for row in only} == {campaign}
    kinds = caller.report(f"{text}&campaignType=DYNAMIC").elements
    dynamic = {
        f"urn:li:sponsoredCampaign:{row['id']}"
        for row in world.campaigns
        if row["type"] == "DYNAMIC"
    }
    assert {row["pivotValues"][0] for row in kinds} <= dynamic
    objective = caller.report(f"{text}&objectiveType=VIDEO_VIEW").elements
    assert 0 < len(objective) < len(rows)
    other = rows[0]["pivotValues"][2]
    elsewhere = next(row for row in rows if row["pivotValues"][2] != other)
    crossed = text.replace(ALL_ACCOUNTS, other.replace(":", "%3A"))
    crossed += f"&campaigns=List({elsewhere['pivotValues'][0].replace(':', '%3A')})"
    assert caller.report(crossed).elements == []
    creative = rows[0]["pivotValues"][1].replace(":", "%3A")
    assert len(caller.report(f"{text}&creatives=List({creative})").elements) == 1


def test_unreadable_accounts_have_no_rows(caller: Caller, world: World) -> None:
    """An account without a role has no rows and is no error."""
    text = query("CAMPAIGN,ACCOUNT", granularity="ALL")
    rows = caller.report(text).elements
    world.revoke_access(ACCOUNT)
    left = caller.report(text).elements
    mine = f"urn:li:sponsoredAccount:{ACCOUNT}"
    assert [row for row in rows if row["pivotValues"][1] != mine]
    assert {row["pivotValues"][1] for row in left} == {f"urn:li:sponsoredAccount:{ACCOUNT + 1}"}
    lost = next(row["pivotValues"][0] for row in rows if row["pivotValues"][1] == mine)
    reply = caller.report(f"{text}&campaigns=List({lost.replace(':', '%3A')})")
    assert (reply.status, reply.elements) == (200, [])


def test_paging_block_means_nothing(caller: Caller, sandbox: Sandbox) -> None:
    """The start is ignored, count cuts, the next link must not be followed."""
    whole = caller.report(query())
    assert whole.body["paging"] == {"count": 10, "start": 0, "links": []}
    assert len(whole.elements) > 10
    assert caller.report(query(more="&start=5")).elements == whole.elements
    assert caller.report(query(more="&count=7")).elements == whole.elements[:7]
    sandbox.switches.next_link = True
    link = caller.report(query()).body["paging"]["links"][0]["href"]
    assert caller.get(link).status == 400


def test_rows_are_not_in_order_unless_sorted(caller: Caller) -> None:
    """Rows are shuffled; sortBy sorts."""
    days = [day(row["dateRange"]["start"]) for row in caller.report(query()).elements]
    assert days not in (sorted(days), sorted(days, reverse=True))
    text = query(more="&sortBy=(field:IMPRESSIONS,order:DESCENDING)")
    values = [row["impressions"] for row in caller.report(text).elements]
    assert values == sorted(values, reverse=True)
    text = query(
        "CAMPAIGN",
        more="&sortBy=(field:COST_IN_LOCAL_CURRENCY,order:ASCENDING)",
        metrics=("costInLocalCurrency",),
    )
    costs = [Decimal(row["costInLocalCurrency"]) for row in caller.report(text).elements]
    assert costs == sorted(costs)


def test_months_round_outwards_for_all(caller: Caller) -> None:
    """Dates older than six months round to months for ALL."""
    start, end = dt.date(2026, 1, 15), dt.date(2026, 9, 15)
    row = caller.report(query("ACCOUNT", start=start, end=end, granularity="ALL")).elements[0]
    assert day(row["dateRange"]["start"]) == dt.date(2026, 1, 1)
    assert day(row["dateRange"]["end"]) == end
    # LinkedIn's own example: asked for on 1 August 2021.
    asked = dt.date(2021, 1, 15), dt.date(2021, 7, 15)
    assert analytics.rounded(dt.date(2021, 8, 1), *asked) == (dt.date(2021, 1, 1), asked[1])
    assert analytics.rounded(TODAY, *asked) == (dt.date(2021, 1, 1), dt.date(2021, 7, 31))


def test_open_end_is_today(caller: Caller) -> None:
    """A range without an end ends today."""
    rows = caller.report(query("ACCOUNT", end=None, granularity="ALL")).elements
    assert {day(row["dateRange"]["end"]) for row in rows} == {TODAY}


def test_month_bounds_are_clipped_or_whole(caller: Caller, sandbox: Sandbox) -> None:
    """Months at the edges are clipped or whole, as switched."""
    text = query(
        "ACCOUNT", start=dt.date(2026, 10, 5), end=dt.date(2026, 11, 3), granularity="MONTHLY"
    )
    clipped = {row[:2] for row in keyed(caller.report(text).elements)}
    assert clipped == {
        (dt.date(2026, 10, 5), dt.date(2026, 10, 31)),
        (dt.date(2026, 11, 1), dt.date(2026, 11, 3)),
    }
    before = {row[2]: v for row, v in keyed(caller.report(text).elements).items()}
    sandbox.switches.bucket_bounds = "calendar"
    rows = keyed(caller.report(text).elements)
    assert {row[:2] for row in rows} == {
        (dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        (dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
    }
    assert sorted(map(str, before.values()))
    assert {row[2] for row in rows} == set(before)


def test_four_pivots_where_the_limit_is_not_enforced() -> None:
    """The documented limit is three; a LinkedIn that takes four groups by all of them."""
    four = "CAMPAIGN_GROUP,CAMPAIGN,CREATIVE,IMPRESSION_DEVICE_TYPE"
    with Sandbox(worlds.small(today=TODAY), most_pivots=4) as sandbox:
        caller = Caller(sandbox)
        wide = caller.report(query(four)).elements
        narrow = caller.report(query("CREATIVE,IMPRESSION_DEVICE_TYPE")).elements
        caller.connection.close()
    assert {len(row["pivotValues"]) for row in wide} == {4}
    parts = {(str(row["dateRange"]), *row["pivotValues"][2:]): row["impressions"] for row in wide}
    assert parts == {
        (str(row["dateRange"]), *row["pivotValues"]): row["impressions"] for row in narrow
    }


@pytest.mark.parametrize(
    ("creatives", "expected"), [(2_999, 2_999), (3_000, 3_000), (3_001, 3_000)]
)
def test_cap_is_silent_and_drops_the_oldest(creatives: int, expected: int) -> None:
    """Rows beyond the cap are missing without a mark, the oldest first."""
    world = worlds.dense(today=TODAY, creatives=creatives)
    busy = worlds.busy_day(world)
    with Sandbox(world, max_elements=3_000) as sandbox:
        caller = Caller(sandbox)
        text = query("CREATIVE", start=busy, end=busy)
        assert len(caller.report(text).elements) == expected
        older = query("CREATIVE", start=busy - dt.timedelta(days=3), end=TODAY)
        rows = caller.report(older).elements
        assert len(rows) == 3_000
        newest = [row for row in rows if day(row["dateRange"]["start"]) > busy]
        assert len(newest) == 20 * (TODAY - busy).days
        assert min(day(row["dateRange"]["start"]) for row in rows) == busy
        assert len(list(world.truth(("CREATIVE",), busy, busy, ("clicks", "impressions")))) == (
            creatives
        )
        caller.connection.close()


def test_data_limit_counts_names_times_rows(caller: Caller, sandbox: Sandbox) -> None:
    """Names times rows are charged within a window."""
    text = query(metrics=("impressions", "clicks"))
    rows = len(caller.report(text).elements)
    assert sandbox.log[-1].metric_values == rows * 4
    sandbox.switches.data_limit = rows * 8
    assert caller.report(text).status == 200
    refused = caller.report(text)
    assert refused.status == 429
    assert refused.body["code"] == "TOO_MANY_REQUESTS"
    sandbox.switches.data_window = 0.0
    assert caller.report(text).status == 200


@pytest.fixture
def crm() -> Iterator[Caller]:
    """A client of a sandbox of its own."""
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        caller = Caller(sandbox)
        yield caller
        caller.connection.close()


def test_attributed_revenue(crm: Caller) -> None:
    """Revenue exists for accounts with a CRM; open opportunities only up to today."""

    def rows(end: dt.date, account: str, more: str = "") -> list[dict[str, Any]]:
        text = (
            f"pivots=List(CAMPAIGN,ACCOUNT)&account={account}"
            f"&dateRange={range_text(end - dt.timedelta(days=40), end)}{more}"
        )
        return crm.report(text, "attributedRevenueMetrics").elements

    today = rows(TODAY, f"List({ACCOUNT_URN})")
    assert today == rows(TODAY, ACCOUNT_URN)
    figures = today[0]["revenueAttributionMetrics"]
    assert len(figures) == 8
    assert isinstance(figures["revenueWonInUsd"], str)
    past = rows(TODAY - dt.timedelta(days=1), ACCOUNT_URN)[0]["revenueAttributionMetrics"]
    assert set(figures) - set(past) == {"openOpportunities", "opportunityAmountInUsd"}
    named = "&fields=revenueAttributionMetrics:(revenueWonInUsd,openOpportunities)"
    assert set(rows(TODAY, ACCOUNT_URN, named)[0]) == {"revenueAttributionMetrics"}
    assert rows(TODAY, ACCOUNT_URN.replace(str(ACCOUNT), str(ACCOUNT + 1))) == []


def test_restated_figures_show(caller: Caller, world: World) -> None:
    """Restated figures are served as they were given."""
    delivery = next(iter(world.deliveries.values()))
    when = TODAY - dt.timedelta(days=3)
    new = {"impressions": 123_456, "costInUsd": "7.000000000000000001", "videoViews": 9}
    world.restate(delivery.creative, when, new)
    metrics = tuple(new)
    text = query("CREATIVE", metrics, when, when)
    key = (when, when, (f"urn:li:sponsoredCreative:{delivery.creative}",))
    assert keyed(caller.report(text).elements)[key] == new
    truth = {row[2]: row[3] for row in world.truth(("CREATIVE",), when, when, metrics)}
    assert truth[key[2]] == new
    grouped = keyed(caller.report(query("CAMPAIGN", metrics, when, when)).elements)
    assert grouped == {row[:3]: row[3] for row in world.truth(("CAMPAIGN",), when, when, metrics)}
    before = caller.report(text).text
    world.restate_day(when)
    assert caller.report(text).text != before


def test_figures_appear_on_idle_days_when_restated(world: World) -> None:
    """A day without delivery may get figures later."""
    delivery = next(iter(world.deliveries.values()))
    early = dt.date.fromordinal(delivery.first - 5)
    world.restate(delivery.creative, early, {"clicks": 4})
    rows = list(world.truth(("ACCOUNT",), early, early, ("clicks", "impressions")))
    assert [row[3] for row in rows] == [{"clicks": 4, "impressions": 0}]


def test_new_accounts_appear(caller: Caller, world: World) -> None:
    """A new account is found and has figures."""
    build = Builder(world, 30)
    account = build.account("Nouveau client", "USD")
    campaign = build.campaign(build.group(account, "Default"), "One")
    creative = build.creative(campaign)
    ids = [row["id"] for row in caller.get("/rest/adAccounts?q=search").elements]
    assert account in ids
    text = query().replace(ALL_ACCOUNTS, f"urn%3Ali%3AsponsoredAccount%3A{account}")
    values = {row["pivotValues"][0] for row in caller.report(text).elements}
    assert values == {f"urn:li:sponsoredCreative:{creative}"}


def test_reference_world_has_no_zero() -> None:
    """Every metric of every creative is non-zero every day."""
    world = worlds.reference(today=TODAY, creatives=20, campaigns=4, days=10)
    rows = list(world.truth(("CREATIVE",), TODAY - dt.timedelta(days=9), TODAY, METRICS))
    assert len(rows) == 200
    assert all(Decimal(str(value)) for *_, figures in rows for value in figures.values())
    text = json.dumps(rows[0][3])
    assert len(json.loads(text)) == len(METRICS)


def test_agency_world() -> None:
    """Every account has two campaigns and two to four creatives."""
    world = worlds.agency(today=TODAY, accounts=9)
    assert len(world.accounts) == 9
    assert len(world.campaigns) == 18
    per_account = [len(world.of_account("creatives", account["id"])) for account in world.accounts]
    assert set(per_account) == {2, 3, 4}


@pytest.mark.parametrize("pivot", ["ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN"])
def test_reach_counts_members_once(world: World, pivot: str) -> None:
    """Reach of a week is no less than that of its best day, and less than that of all days."""
    first, last = TODAY - dt.timedelta(days=13), TODAY - dt.timedelta(days=7)

    def reach(granularity: str, start: dt.date, end: dt.date) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        names = ["approximateMemberReach"]
        for _, _, (value,), row in world.truth((pivot,), start, end, names, None, granularity):
            found.setdefault(value, []).append(int(row[names[0]]))
        return found

    days, weeks = reach("DAILY", first, last), reach("ALL", first, last)
    months = reach("ALL", last - dt.timedelta(days=89), last)
    assert days.keys() == weeks.keys() <= months.keys()
    for value, (week,) in weeks.items():
        assert max(days[value]) <= week <= sum(days[value])
        assert week <= months[value][0] <= 80_000
    assert sum(week for (week,) in weeks.values()) < sum(map(sum, days.values()))

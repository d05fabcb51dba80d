"""Any two settings one after the other: what the second run promises is there in the end.

A first run with one group of settings, days later a second one with another from the first one's
state: both together hold every row that docs/state.md promises, equal to the world's.
``TWO_SETTINGS`` makes this longer.
"""

from __future__ import annotations

import datetime as dt
import os
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from sandbox import Sandbox, World
from sandbox.world import worlds
from sandbox.world.pages.build import FIRST_PAGE, SECOND_PAGE
from tests import report_truth, singer, test_sync_leads, test_sync_pages, test_sync_posts, truth
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from tests.singer import Json, Output

EXAMPLES = int(os.environ.get("TWO_SETTINGS", "8"))
DAY = dt.timedelta(days=1)
ACCOUNTS = sorted(worlds.small(today=TODAY).roles)
PAGES = [FIRST_PAGE, SECOND_PAGE]
COLUMNS = ("impressions", "clicks", "cost_in_usd")
STATISTICS, SENIORITY = "organization_page_statistics", "ad_analytics_by_member_seniority"
LEADS, MINE = "lead_form_responses", "my_report"
ENTITIES = ("campaigns", "conversions")
STREAMS: dict[str, t.Any] = {
    "ad_performance": (*COLUMNS, "creative_urn"),
    SENIORITY: (*COLUMNS, "member_seniority_urn"),
    STATISTICS: ("like_count", "organic_follower_gain", "all_page_views"),
    "posts": ("last_modified_at", "published_at", "commentary"),
    LEADS: ("submitted_at",),
    MINE: None,
    **dict.fromkeys(ENTITIES),
}
Rows = dict[tuple[t.Any, ...], dict[str, t.Any]]


def of(of_all: list[int]) -> st.SearchStrategy[list[int]]:
    """Draw some of the ad accounts or pages."""
    return st.lists(st.sampled_from(of_all), min_size=1, unique=True).map(sorted)


own_report = st.fixed_dictionaries(
    {
        "time_granularity": st.sampled_from(["DAILY", "MONTHLY"]),
        "pivots": st.sampled_from([["CAMPAIGN"], ["CREATIVE"]]),
    },
    optional={"lookback_window": st.integers(0, 40)},
)
groups = st.fixed_dictionaries(
    {
        "start": st.integers(0, 150),
        "lookback_window": st.sampled_from([0, 1, 7, 30, 1000]),
        "page_statistics_period": st.sampled_from(["DAY", "DAY", "MONTH"]),
        "demographics_granularity": st.sampled_from(["MONTHLY", "DAILY"]),
        "demographics_level": st.sampled_from(["account", "account", "campaign"]),
        "keep_posts_history": st.booleans(),
        "api_version": st.sampled_from(["202604", "202609"]),
        "account_ids": of(ACCOUNTS),
        "organization_ids": of(PAGES),
        "report": own_report,
    },
    optional={"end": st.integers(0, 150)},
)


class Group:
    """The settings of one run, and what they promise."""

    def __init__(self, chosen: Json, today: dt.date) -> None:
        back = sorted((chosen["start"], chosen.get("end", 0)), reverse=True)
        if chosen["report"]["time_granularity"] == "MONTHLY":
            back[0] = max(back[0], back[1] + 30)  # the tap refuses months over a shorter range
        self.today = today
        self.start, self.end = (today - dt.timedelta(days=days) for days in back)
        self.chosen = chosen
        report = chosen["report"]
        self.period = chosen["page_statistics_period"]
        self.ad_performance = ("DAILY", ("CREATIVE",))
        self.report = (report["time_granularity"], tuple(report["pivots"]))
        self.demographics = (chosen["demographics_granularity"], chosen["demographics_level"])

    def config(self, sandbox: Sandbox) -> Json:
        """Return the settings as a user gives them."""
        plain = {k: v for k, v in self.chosen.items() if k not in {"start", "end", "report"}}
        report = {"name": MINE, "metrics": ["impressions", "clicks", "costInUsd"]}
        return singer.config(
            sandbox,
            **plain,
            start_date=self.start.isoformat(),
            end_date=self.end.isoformat(),
            **singer.PERSONAL,
            reports=[report | self.chosen["report"]],
        )

    def run(self, sandbox: Sandbox, state: Json | None = None) -> Output:
        """Run the tap on this group's day."""
        config = self.config(sandbox)
        offered = {k: config[k] for k in ("reports", *singer.PERSONAL, "keep_posts_history")}
        catalog = singer.catalog(STREAMS, **offered, api_version=config["api_version"])
        clock = singer.QuickClock(self.today)
        output = singer.sync(config, catalog=catalog, state=state, clock=clock)
        assert output.status == 0, output.stderr
        return output


class Pair:
    """Two groups of settings, one after the other, and all that came of them."""

    def __init__(self, world: World, first: Group, second: Group) -> None:
        self.world, self.first, self.second = world, first, second
        self.outputs: list[Output] = []

    def rows(self, stream: str, *key: str) -> Rows:
        """Return what a loader holds in the end."""
        return {
            tuple(row.get(column) for column in key): row
            for output in self.outputs
            for row in output.records(stream)
        }

    def start(self, setting: str, owner: int, *, same: bool = True) -> dt.date:
        """Return the first day promised for an owner: that of the run that read it first."""
        was_read = same and owner in self.first.chosen[setting]
        return self.first.start if was_read else self.second.start

    def check_report(self, stream: str, pivots: tuple[str, ...], kind: str, *key: str) -> None:
        """Compare the figures of the second run's variant, day by day or month by month."""
        second = self.second
        end = second.end if stream != SENIORITY else min(second.end, second.today - DAY)
        granularity, level = getattr(second, kind)
        same = getattr(self.first, kind) == getattr(second, kind)
        found = self.rows(stream, "account_id", "metric_date", *key)
        if level == "campaign":
            pivots = ("CAMPAIGN", *pivots)
        for account in second.chosen["account_ids"]:
            start = self.start("account_ids", account, same=same)
            if granularity == "MONTHLY":
                start, last = start.replace(day=1), (end + DAY).replace(day=1) - DAY
            else:
                last = end
            if stream == SENIORITY and level == "campaign":
                continue  # the truth has no campaigns beside traits
            wanted = report_truth.rows(
                self.world,
                pivots,
                COLUMNS,
                start,
                last,
                granularity=granularity,
                accounts=[account],
            )
            truth.assert_equal({k: row for k, row in found.items() if k in wanted}, wanted)

    def check_pages(self) -> None:
        """Compare page statistics in every column, late follower gains among them."""
        second, period = self.second, self.second.period
        found = self.rows(STATISTICS, "organization_id", "period", "metric_date")
        for page in second.chosen["organization_ids"]:
            start = self.start("organization_ids", page, same=self.first.period == period)
            start, last = max(start, second.today - 365 * DAY), second.end
            if period == "MONTH":
                start, last = start.replace(day=1), (last + DAY).replace(day=1) - DAY
            wanted = test_sync_pages.expected(self.world, start, last, period)
            for key, row in wanted.items():
                if key[0] != page:
                    continue
                assert key in found, key
                for column in STREAMS[STATISTICS]:
                    assert found[key][column] == row.get(column), (key, column)

    def check_posts(self) -> None:
        """Every post that is promised is there, with history a row of the day as well."""
        second = self.second
        history = second.chosen["keep_posts_history"]
        found = {urn for (urn,) in self.rows("posts", "post_urn")}
        of_today = {
            urn
            for urn, day in self.rows("posts", "post_urn", "metric_date")
            if day == second.today.isoformat()
        }
        for wire in test_sync_posts.readable(self.world):
            page = int(wire["author"].rpartition(":")[2])
            if page not in second.chosen["organization_ids"]:
                continue
            if self.start("organization_ids", page) <= day_of(wire["lastModifiedAt"]) <= second.end:
                assert wire["id"] in found
            if history and day_of(wire["publishedAt"]) >= second.today - 365 * DAY:
                assert wire["id"] in of_today

    def check_leads(self) -> None:
        """Every lead that is promised is there, of ad accounts and pages."""
        found = self.rows(LEADS, "id")
        for wire, owner in test_sync_leads.leads(self.world):
            if owner["account_id"]:
                setting, number = "account_ids", owner["account_id"]
            else:
                setting, number = "organization_ids", owner["organization_id"]
            if number not in self.second.chosen[setting]:
                continue
            if self.start(setting, number) <= day_of(wire["submittedAt"]) <= self.second.end:
                assert (wire["id"],) in found

    def check_entities(self) -> None:
        """Entities hold what LinkedIn holds now, whatever was read when."""
        found = self.rows("campaigns", "id")
        for wire in self.world.campaigns:
            account = int(wire["account"].rpartition(":")[2])
            if account in self.second.chosen["account_ids"]:
                assert found[wire["id"],]["name"] == wire["name"]


def day_of(milliseconds: int) -> dt.date:
    """Return the UTC day of an instant."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=milliseconds // 86_400_000)


def change(world: World, today: dt.date) -> None:
    """Let days pass at LinkedIn: campaigns and posts change, and there are new posts."""
    world.today = today
    now = world.now - 3_600_000
    for campaign in world.campaigns[::3]:
        name = f"{campaign['name']} (edited)"
        world.change("adCampaigns", campaign["id"], name=name, lastModified=now)
    edited = test_sync_posts.readable(world)[5]["id"]
    world.pages.change_post(edited, commentary="Edited")
    for page in PAGES:
        world.pages.add_post(page, commentary="New")


PLAIN: Json = {
    "start": 100,
    "lookback_window": 0,
    "page_statistics_period": "DAY",
    "demographics_granularity": "DAILY",
    "demographics_level": "account",
    "keep_posts_history": False,
    "api_version": "202609",
    "account_ids": ACCOUNTS,
    "organization_ids": PAGES,
    "report": {"time_granularity": "DAILY", "pivots": ["CAMPAIGN"]},
}
NO_POST_LONG_AGO: Json = {"start": 46, "end": 43, "organization_ids": [SECOND_PAGE]}
"""Days on which no post of the page was modified."""


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@example(first={**PLAIN, "end": 60}, second={**PLAIN, "start": 5}, later=0)
@example(first=PLAIN, second={**PLAIN, "start": 2}, later=1)
@example(first=PLAIN, second={**PLAIN, "start": 100, "end": 60}, later=0)
@example(first={**PLAIN, "account_ids": ACCOUNTS[:1]}, second=PLAIN, later=40)
@example(first={**PLAIN, **NO_POST_LONG_AGO}, second={**PLAIN, "start": 59, "end": 40}, later=40)
@given(first=groups, second=groups, later=st.sampled_from([0, 1, 2, 40]))
def test_two_settings_leave_no_hole(first: Json, second: Json, later: int) -> None:
    """Whatever was set before, after a run all that its settings promise is there."""
    world = worlds.small(today=TODAY)
    today = TODAY + later * DAY
    pair = Pair(world, Group(first, TODAY), Group(second, today))
    with Sandbox(world) as sandbox:
        pair.outputs.append(pair.first.run(sandbox))
        change(world, today)
        pair.outputs.append(pair.second.run(sandbox, pair.outputs[0].state))
        refused = [f"{e.path}?{e.query[:200]}: {e.message}" for e in sandbox.refusals]
    assert not refused
    pair.check_report("ad_performance", ("CREATIVE",), "ad_performance", "creative_urn")
    pair.check_report(
        MINE, pair.second.report[1], "report", f"{pair.second.report[1][0].lower()}_urn"
    )
    pair.check_report(SENIORITY, ("MEMBER_SENIORITY",), "demographics", "member_seniority_urn")
    pair.check_pages()
    pair.check_posts()
    pair.check_leads()
    pair.check_entities()

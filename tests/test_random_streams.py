"""Random worlds x random streams and columns x random settings: what comes out is the truth.

``tests/test_random_worlds.py`` does the same for ad_performance and the main entities, in worlds
of any shape. ``RANDOM_STREAMS`` makes this longer.
"""

from __future__ import annotations

import datetime as dt
import os
import typing as t

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox import Builder, Sandbox, World
from sandbox.world import pivots, plain, worlds
from sandbox.world.ads import truth as assets
from sandbox.world.ads.build import add_lead
from sandbox.world.pages.build import FIRST_PAGE, SECOND_PAGE
from tap_linkedin_ads.reporting.reports import REPORTS
from tests import (
    report_truth,
    singer,
    stream_page,
    test_sync_leads,
    test_sync_pages,
    test_sync_posts,
    truth,
)
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from tests.singer import Json, Output

EXAMPLES = int(os.environ.get("RANDOM_STREAMS", "2"))
YESTERDAY = TODAY - dt.timedelta(days=1)
METRICS = (
    "impressions",
    "clicks",
    "cost_in_usd",
    "external_website_conversions",
    "opens",
    "total_engagements",
)
DAILY: dict[str, tuple[str, ...]] = {
    "ad_performance": ("ACCOUNT", "CAMPAIGN", "CREATIVE"),
    "conversion_performance": ("CONVERSION", "CAMPAIGN", "CREATIVE"),
    "ad_analytics_by_account": ("ACCOUNT",),
    "ad_analytics_by_campaign_group": ("CAMPAIGN_GROUP",),
    "ad_analytics_by_campaign": ("CAMPAIGN",),
    "ad_analytics_by_creative": ("CREATIVE",),
    "ad_analytics_by_conversion": ("CONVERSION",),
    "ad_analytics_by_impression_device_type": ("IMPRESSION_DEVICE_TYPE",),
    "ad_analytics_by_placement_name": ("PLACEMENT_NAME",),
    "ad_analytics_by_serving_location": ("SERVING_LOCATION",),
    "ad_analytics_by_card_index": ("CARD_INDEX",),
    "ad_analytics_by_conversation_node": ("CONVERSATION_NODE",),
    "ad_analytics_by_objective_type": ("OBJECTIVE_TYPE",),
    "ad_analytics_by_event_stage": ("EVENT_STAGE",),
}
TRAITS = {
    "ad_analytics_by_member_company_size": "MEMBER_COMPANY_SIZE",
    "ad_analytics_by_member_industry": "MEMBER_INDUSTRY",
    "ad_analytics_by_member_seniority": "MEMBER_SENIORITY",
    "ad_analytics_by_member_job_title": "MEMBER_JOB_TITLE",
    "ad_analytics_by_member_job_function": "MEMBER_JOB_FUNCTION",
    "ad_analytics_by_member_country": "MEMBER_COUNTRY_V2",
    "ad_analytics_by_member_region": "MEMBER_REGION_V2",
    "ad_analytics_by_member_county": "MEMBER_COUNTY",
    "ad_analytics_by_member_company": "MEMBER_COMPANY",
}
DAILY |= {
    report.name: report.pivots
    for report in REPORTS
    if not report.is_demographic and report.name not in DAILY
}
KEYS: dict[str, tuple[str, ...]] = {
    "ad_accounts": ("id",),
    "ad_account_users": ("account_id", "user_urn"),
    "campaign_groups": ("id",),
    "campaigns": ("id",),
    "creatives": ("urn",),
    "campaign_targeting": ("campaign_id", "clause", "clause_number", "facet_urn", "value_urn"),
    "message_ads": ("urn",),
    "conversation_ads": ("urn",),
    "conversation_ad_messages": ("message_urn",),
    "conversation_ad_options": ("message_urn", "position"),
    "conversions": ("account_id", "id"),
    "conversion_associated_campaigns": ("account_id", "conversion_id", "campaign_urn"),
    "campaign_conversions": ("campaign_urn", "conversion_urn"),
    "insight_tags": ("account_id", "id"),
    "insight_tag_permissions": ("account_id", "insight_tag_urn"),
    "insight_tag_domains": ("account_id", "domain_name"),
    "dmp_segments": ("id",),
    "lead_forms": ("id", "version_id"),
    "lead_form_responses": ("id",),
    "lead_form_response_answers": ("response_id", "position"),
    "organizations": ("id",),
    "organization_followers": ("organization_id", "first_degree_size"),
    "organization_page_statistics": ("organization_id", "period", "metric_date"),
    "posts": ("post_urn",),
    "ad_posts": ("post_urn", "account_id", "status"),
    "ad_post_carousel_cards": ("post_urn", "position"),
    "ad_post_multi_images": ("post_urn", "position"),
    "post_poll_options": ("post_urn", "position"),
    "post_carousel_cards": ("post_urn", "position"),
    "post_multi_images": ("post_urn", "position"),
    "post_social_metadata": ("post_urn", "comment_count", "reaction_count"),
    "post_reactions": ("post_urn", "reaction", "count"),
    "post_comments": ("id",),
    "post_video_statistics": ("post_urn", "metric_date", "video_views"),
}
PARENTS = {
    "conversion_associated_campaigns": "conversions",
    "lead_form_response_answers": "lead_form_responses",
}
ELSEWHERE = {
    "ad_previews": "test_sync_previews.py::test_previews_of_creatives_that_served_or_changed",
    "ad_reach": "test_sync_reach.py::test_reach_of_every_level_and_period",
    "ad_tracking_parameters": (
        "test_sync_tracking_parameters.py::test_parameters_of_accounts_and_campaigns"
    ),
    "attributed_revenue": "test_sync_revenue.py::test_every_range",
    "company_intelligence": "test_sync_company_intelligence.py::test_every_company",
    "organization_follower_facets": "test_page_facets.py::test_facets_are_linkedins",
    "organization_lifetime_statistics": "test_page_facets.py::test_totals_are_linkedins",
    "organization_page_view_facets": "test_page_facets.py::test_facets_are_linkedins",
    "post_hashtags": "test_sync_posts.py::test_hashtags_and_mentions",
    "post_mentions": "test_sync_posts.py::test_hashtags_and_mentions",
    "report_coverage": "test_report_coverage.py::test_figures_match_linkedins_own",
}
"""Streams whose rows are not compared here, and the test that does."""
PLAIN = {
    stream.name: resource
    for stream in stream_page.streams()
    for resource in plain.PLAIN
    if resource.resource == getattr(getattr(stream, "finder", None), "resource", "")
}
"""Streams of plain resources: the sandbox's declaration of each says all that there is."""
KEYS |= dict.fromkeys(PLAIN, ("id",))
STREAMS = sorted({*DAILY, *TRAITS, *KEYS})
REPORT_PIVOTS = sorted((pivots.STATISTICS_PIVOTS | pivots.MEMBER_PIVOTS) - {"ACCOUNT"})

runs = st.fixed_dictionaries(
    {
        "max_workers": st.integers(1, 6),
        "date_window_size": st.none() | st.integers(5, 92),
        "lookback_window": st.integers(0, 40),
        "metric_values_limit": st.sampled_from([500, 45_000_000]),
        "demographics_granularity": st.sampled_from(["MONTHLY", "DAILY"]),
        "page_statistics_period": st.sampled_from(["DAY", "MONTH"]),
        "on_account_error": st.sampled_from(["fail", "warn"]),
    }
)


@st.composite
def reports(draw: st.DrawFn) -> list[Json]:
    """Draw custom reports: one pivot and a granularity each."""
    chosen = draw(st.lists(st.sampled_from(REPORT_PIVOTS), max_size=3, unique=True))
    columns = st.lists(st.sampled_from(METRICS), min_size=1, unique=True)
    return [
        {
            "name": f"my_{pivot.lower()}",
            "pivots": [pivot],
            "metrics": [truth.COLUMNS[column] for column in draw(columns)],
            "time_granularity": draw(st.sampled_from(["DAILY", "MONTHLY"])),
        }
        for pivot in chosen
    ]


def world_of(seed: int, days: int, more: int) -> World:
    """Build a world: the small one with other figures, and some more posts, leads and ads."""
    world = worlds.small(seed, TODAY, days=days)
    build = Builder(world, days)
    campaigns = [row["id"] for row in world.campaigns if row["status"] == "ACTIVE"]
    forms = [
        number
        for number, form in world.table("leadForms").items()
        if "sponsoredAccount" in form["owner"]  # add_lead makes sponsored leads
    ]
    for number in range(more):
        build.creative(campaigns[number % len(campaigns)], tier=number % 4)
        add_lead(world, forms[number % len(forms)], world.now - (number + 12) * 7_200_000)  # type: ignore[arg-type]
        page = (FIRST_PAGE, SECOND_PAGE)[number % 2]
        world.pages.add_post(page, commentary=f"Post {number} {{hashtag|\\#|tag{number}}}")
    return world


@pytest.mark.parametrize("stream", singer.every_stream(**singer.PERSONAL))
def test_every_stream_is_compared_with_the_truth(stream: str) -> None:
    """No stream is without a test that holds its rows to the world's."""
    assert stream in STREAMS or stream in ELSEWHERE, (
        f"no test compares the rows of {stream} with the sandbox's world. Declare its resource in"
        " sandbox/world/plain.py if that is all there is to it. Else, in"
        " tests/test_random_streams.py add its key to KEYS and its truth to keys_of (or name the"
        " test that does it in ELSEWHERE)."
    )
    if stream in ELSEWHERE:
        file, name = ELSEWHERE[stream].split("::")
        text = (singer.ROOT / "tests" / file).read_text()
        assert f"\ndef {name}(" in text, f"tests/test_random_streams.py: no test {file}::{name}"
        assert f'"{stream}"' in text, f"tests/{file} does not read {stream}"


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.reuse, Phase.generate],  # making an example smaller takes minutes
)
@given(
    seed=st.integers(0, 2**16),
    days=st.integers(40, 150),
    more=st.sampled_from([0, 0, 3, 130]),
    ends=st.tuples(st.integers(57, 90), st.integers(0, 28)),
    streams=st.lists(st.sampled_from(STREAMS), min_size=1, max_size=7, unique=True),
    columns=st.lists(st.sampled_from(METRICS), min_size=1, unique=True),
    own=reports(),
    chosen=runs,
)
def test_every_stream_equals_truth(  # noqa: PLR0913, PLR0917  what is random
    seed: int,
    days: int,
    more: int,
    ends: tuple[int, int],
    streams: list[str],
    columns: list[str],
    own: list[Json],
    chosen: Json,
) -> None:
    """Two runs, the second from the state of the first, give exactly the world's rows."""
    world = world_of(seed, days, more)
    start, middle = (TODAY - dt.timedelta(days=back) for back in ends)
    names = list(dict.fromkeys([*streams, *(PARENTS[s] for s in streams if s in PARENTS)]))
    reported = [*DAILY, *TRAITS, *(report["name"] for report in own)]
    given_settings = {k: v for k, v in chosen.items() if v is not None}
    given_settings |= {**singer.PERSONAL, "reports": own}
    selection: dict[str, t.Any] = dict.fromkeys(names)
    selection |= {s: columns_of(s, columns) for s in names if s in reported}
    selection |= dict.fromkeys(report["name"] for report in own)
    catalog = singer.catalog(selection, **given_settings)
    with Sandbox(world) as sandbox:
        config = singer.config(sandbox, start_date=start.isoformat(), **given_settings)
        first = singer.sync({**config, "end_date": middle.isoformat()}, catalog=catalog)
        second = singer.sync(config, catalog=catalog, state=first.state)
        assert not [entry for entry in sandbox.refusals if entry.status != 403]
    assert (first.status, second.status) == (0, 0), first.stderr + second.stderr
    for stream in names:
        if stream in DAILY:
            wanted = [c for c in columns if c in selection[stream]]
            check_report(world, stream, DAILY[stream], wanted, (first, second), (start, TODAY))
        elif stream in TRAITS:
            granularity = chosen["demographics_granularity"]
            wanted, pivot = [c for c in columns if c in selection[stream]], (TRAITS[stream],)
            span = (start, YESTERDAY)
            check_report(world, stream, pivot, wanted, (first, second), span, granularity)
        else:
            check_records(world, stream, (first, second), start, chosen)
    for report in own:
        last = YESTERDAY if report["pivots"][0].startswith("MEMBER_") else TODAY
        wanted = [truth.snake(name) for name in report["metrics"]]
        granularity = report["time_granularity"]
        check_report(
            world,
            report["name"],
            report["pivots"],
            wanted,
            (first, second),
            (start, last),
            granularity,
        )


def columns_of(stream: str, columns: list[str]) -> list[str]:
    """Return the metrics to select, and what else the key of the truth needs."""
    pivoted = DAILY.get(stream) or (TRAITS[stream],)
    return [*columns, *report_truth.value_columns(pivoted)]


def check_report(  # noqa: PLR0913, PLR0917  what a report is about
    world: World,
    stream: str,
    pivoted: t.Sequence[str],
    columns: list[str],
    outputs: tuple[Output, Output],
    span: tuple[dt.date, dt.date],
    granularity: str = "DAILY",
) -> None:
    """Compare every row and figure of a report."""
    start = span[0].replace(day=1) if granularity == "MONTHLY" else span[0]
    expected = report_truth.rows(world, pivoted, columns, start, span[1], granularity=granularity)
    found: report_truth.Rows = {}
    for output in outputs:
        found |= report_truth.records(output, stream, pivoted)
    truth.assert_equal(found, expected)


def check_records(
    world: World, stream: str, outputs: tuple[Output, Output], start: dt.date, chosen: Json
) -> None:
    """Compare the keys of a stream with what the world holds, and more where that is cheap."""
    if stream == "organization_page_statistics":
        period = chosen["page_statistics_period"]
        found: dict[t.Any, Json] = {}
        for output in outputs:
            found |= by_key(output.records(stream), *KEYS[stream])
        first = start.replace(day=1) if period == "MONTH" else start
        wanted = test_sync_pages.expected(world, first, TODAY, period)
        assert found.keys() == wanted.keys()
        for key, row in found.items():
            assert test_sync_pages.without_nulls(row) == pytest.approx(
                test_sync_pages.without_nulls(wanted[key])
            ), key
        return
    records = [record for output in outputs for record in output.records(stream)]
    seen = {tuple(record[column] for column in KEYS[stream]) for record in records}
    assert seen == set(keys_of(world, stream, start)), stream
    if stream == "posts":
        latest = {record["post_urn"]: record for record in records}
        for wire in test_sync_posts.readable(world):
            if record := latest.get(wire["id"]):
                record.pop("commentary_text")
                wanted = test_sync_posts.expected_post(world, wire)
                wanted = {
                    k: pytest.approx(v) if isinstance(v, float) else v for k, v in wanted.items()
                }
                assert test_sync_posts.without_nulls(record) == wanted


def milliseconds(day: dt.date) -> int:
    """Return midnight of a day."""
    return (day - dt.date(1970, 1, 1)).days * 86_400_000


def number_in(urn: str) -> int:
    """Return the number in a URN."""
    return int(urn.rpartition(":")[2])


def keys_of(world: World, stream: str, start: dt.date) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of everything that the world holds of a stream."""
    if stream.startswith("lead_form"):
        return keys_of_leads(world, stream, start)
    if stream in PLAIN:
        return (
            (row["id"],)
            for owner in owners_of(world, stream)
            for row in plain.rows_of(world, PLAIN[stream], owner)
        )
    if stream in OF_ACCOUNT:
        return (
            key for account in sorted(world.roles) for key in OF_ACCOUNT[stream](world, account)
        )
    if stream == "ad_account_users":
        return ((number_in(row["account"]), row["user"]) for row in world.account_users)
    if stream in TABLES:
        return ((row["id"],) for row in getattr(world, TABLES[stream]))
    return keys_of_pages(world, stream, start)


def owners_of(world: World, stream: str) -> list[str]:
    """Return the URNs of the ad accounts or pages that the member reads."""
    if PLAIN[stream].of_page:
        pages = sorted(world.pages.organizations)
        return [f"urn:li:organization:{n}" for n in pages if world.pages.administers(n)]
    return [f"urn:li:sponsoredAccount:{n}" for n in sorted(world.roles)]


def keys_of_ad_posts(world: World, stream: str) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of the posts that ads show, or of what lies inside them."""
    for urn, (account, wire) in assets.posts_of_ads(world).items():
        if stream == "ad_posts":
            yield urn, account, "AVAILABLE" if wire else "FORBIDDEN"
        elif wire:
            for position, _ in enumerate(inside(wire, stream.removeprefix("ad_")), start=1):
                yield urn, position


TABLES = {
    "ad_accounts": "accounts",
    "campaign_groups": "campaign_groups",
    "campaigns": "campaigns",
    "creatives": "creatives",
}
OF_ACCOUNT: dict[str, t.Callable[[World, int], list[tuple[t.Any, ...]]]] = {
    "conversions": lambda w, a: [(a, row["id"]) for row in assets.conversions(w, a)],
    "conversion_associated_campaigns": lambda w, a: [
        (a, rule["id"], association["campaign"])
        for rule in assets.conversions(w, a)
        for association in rule["associatedCampaigns"]
    ],
    "campaign_conversions": lambda w, a: [
        (row["campaign"], row["conversion"]) for row in assets.campaign_conversions(w, a)
    ],
    "insight_tags": lambda w, a: [(a, row["id"]) for row in assets.insight_tags(w, a)],
    "insight_tag_domains": lambda w, a: [
        (a, row["domainName"]) for row in assets.insight_tag_domains(w, a)
    ],
    "insight_tag_permissions": lambda w, a: [
        (a, row["insightTag"]) for row in assets.insight_tag_permissions(w, a)
    ],
    "dmp_segments": lambda w, a: [(row["id"],) for row in assets.segments(w, a, "dmpSegments")],
    "campaign_targeting": lambda w, a: list(assets.targeting(w, a)),
    "message_ads": lambda w, a: [(urn,) for urn in assets.messages(w, a)],
    "conversation_ads": lambda w, a: [(urn,) for urn in assets.conversations(w, a)],
    "conversation_ad_messages": lambda w, a: [
        (node["id"],) for talk in assets.conversations(w, a).values() for node in talk["nodes"]
    ],
    "conversation_ad_options": lambda w, a: [
        (node["id"], place + 1)
        for talk in assets.conversations(w, a).values()
        for node in talk["nodes"]
        for place, _ in enumerate(node.get("nextAction", {}).get("options", ()))
    ],
}


def keys_of_leads(world: World, stream: str, start: dt.date) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of lead forms, leads since a day, and their answers."""
    if stream == "lead_forms":
        for owner, _ in test_sync_leads.owners(world):
            for form in assets.lead_forms(world, owner):
                yield form["id"], form["versionId"]
        return
    for wire, _ in test_sync_leads.leads(world):
        if wire["submittedAt"] < milliseconds(start):
            continue
        if stream == "lead_form_responses":
            yield (wire["id"],)
        else:
            for position, _ in enumerate(wire["formResponse"]["answers"], start=1):
                yield wire["id"], position


OF_POSTS = {
    "post_social_metadata",
    "post_reactions",
    "post_comments",
    "post_video_statistics",
}


def keys_of_activity(world: World, stream: str, start: dt.date) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of what members did with posts of a year, and those modified since a day."""
    truth_of, year = world.pages.truth, milliseconds(TODAY - dt.timedelta(days=365))
    for wire in test_sync_posts.readable(world):
        if wire["lastModifiedAt"] < milliseconds(start) and wire["publishedAt"] < year:
            continue
        urn, kinds = wire["id"], truth_of.reactions(wire["id"])
        if stream == "post_social_metadata":
            yield urn, len(truth_of.comments(urn)), sum(kinds.values())
        elif stream == "post_reactions":
            yield from ((urn, kind, count) for kind, count in kinds.items())
        elif stream == "post_comments":
            yield from ((row["id"],) for row in truth_of.comments(urn))
        else:
            for day, figures in truth_of.video_days(urn, start, YESTERDAY).items():
                yield urn, day.isoformat(), figures["VIDEO_VIEW"]


def keys_of_pages(world: World, stream: str, start: dt.date) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of pages, of their posts since a day, and of posts behind ads."""
    if stream.startswith("ad_post"):
        yield from keys_of_ad_posts(world, stream)
    for page in world.pages.truth.pages():
        if stream == "organizations":
            yield (page["id"],)
        elif stream == "organization_followers":
            yield page["id"], world.pages.truth.followers(page["id"])
    if stream in OF_POSTS:
        yield from keys_of_activity(world, stream, start)
    if stream == "posts" or stream in INSIDE:
        yield from keys_of_posts(world, stream, start)


def keys_of_posts(world: World, stream: str, start: dt.date) -> t.Iterator[tuple[t.Any, ...]]:
    """Give the keys of posts that were modified since a day, or of what lies inside them."""
    for wire in test_sync_posts.readable(world):
        if wire["lastModifiedAt"] < milliseconds(start):
            continue
        if stream == "posts":
            yield (wire["id"],)
        else:
            for position, _ in enumerate(inside(wire, stream), start=1):
                yield wire["id"], position


INSIDE = {
    "post_poll_options": ("poll", "options"),
    "post_carousel_cards": ("carousel", "cards"),
    "post_multi_images": ("multiImage", "images"),
}


def inside(wire: Json, stream: str) -> list[Json]:
    """Return what a stream gives of a post."""
    kind, name = INSIDE[stream]
    found: list[Json] = wire.get("content", {}).get(kind, {}).get(name, [])
    return found

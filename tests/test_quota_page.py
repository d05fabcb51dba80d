"""docs/quotas.md: its figures are those of the tap's own planning and declarations."""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import typing as t

import pytest

from tap_linkedin_ads.api.finders import AccountFinder, PageFinder
from tap_linkedin_ads.cli.check import estimate
from tap_linkedin_ads.reporting.cohorts import MOST_ACCOUNTS
from tap_linkedin_ads.reporting.lookback import Lookback
from tap_linkedin_ads.reporting.metrics import METRICS_PER_GROUP, field_groups
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import (
    DAY,
    ELEMENT_LIMIT,
    FULLEST,
    LONGEST_WINDOW,
    Window,
)
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tests import singer, stream_page

if t.TYPE_CHECKING:
    from tap_linkedin_ads.cli.check.checkup import Cost

PAGE_PATH = singer.ROOT / "docs" / "quotas.md"
PAGE = PAGE_PATH.read_text()
TODAY = dt.date(2026, 11, 22)
FIRST_RUN = Window(dt.date(2025, 11, 22), TODAY)
DAILY_RUN = Window(
    Lookback(FIRST_RUN.start, start_date_is_set=False, days=30).first_day(TODAY - DAY),
    TODAY,
)
EXAMPLES = [(1, 20), (1, 100), (1, 1000), (10, 15), (300, 20)]
"""Ad accounts, and ads in each that deliver every day."""
IN_WORDS = (10, 15)
"""The example that the text works out, with the requests for its entities:"""
ENTITIES = 1 + 10 * (1 + 1 + 5)


def _report() -> AdReport:
    found = next(s for s in stream_page.streams() if s.name == "ad_performance")
    assert isinstance(found, AdReport)
    return found


@functools.cache  # several examples are told in the text as well
def _cost(window: Window, accounts: int, ads: int, *, everything: bool) -> Cost:
    """Go through the plan of ad_performance, with a row for every ad and day in every group."""
    report = _report()
    groups = (
        report.layout.groups if everything else field_groups(report.metrics[:METRICS_PER_GROUP])
    )
    planner = Planner(
        range(1, accounts + 1),
        window,
        [group.dense for group in groups],
        often=[number for number, group in enumerate(groups) if group.often],
    )
    rates = [estimate.GroupRate(len(group.fields), float(ads)) for group in groups]
    return estimate.of_report(report.name, [planner], rates)


def _row(accounts: int, ads: int) -> str:
    cells = [f"{accounts:,}", f"{ads:,}"]
    for everything in (False, True):
        first = _cost(FIRST_RUN, accounts, ads, everything=everything)
        daily = _cost(DAILY_RUN, accounts, ads, everything=everything)
        cells += [f"{first.requests:,}", f"{daily.requests:,}"]
        cells.append(f"{first.values / 1e6:,.1f}")
    return f"| {' | '.join(cells)} |\n"


def _with_finders(page: str) -> str:
    """Return the page with a row for every stream that has one finder, in front of all others."""
    plain = re.compile(r"^\| `\w+` \| \d+ \| by (ad account|page) \|\n", re.MULTILINE)
    rows = {}
    for stream in stream_page.streams():
        finder = getattr(stream, "finder", None)
        if isinstance(finder, AccountFinder | PageFinder):
            owner = "page" if isinstance(finder, PageFinder) else "ad account"
            rows[stream.name] = f"| `{stream.name}` | {finder.paging.size} | by {owner} |\n"
    others = plain.sub(lambda row: row[0] if row[0].split("`")[1] not in rows else "", page)
    head = "| Stream | Rows a request | Requests |\n| --- | --- | --- |\n"
    assert head in others, "docs/quotas.md has no table of entities any more"
    return others.replace(head, head + "".join(rows.values()))


def _worked_out() -> str:
    """Return the page with what the plan says today in its examples."""
    rows = "".join(_row(*example) for example in EXAMPLES)
    page = re.sub(r"(?<=\n)(\| \d[\d,.]* (\| [\d,.]+ ){7}\|\n)+", rows, PAGE)
    page = _with_finders(page)
    all_groups = f"All {len(_report().metrics)} metrics are {len(_report().layout.groups)} groups"
    page = re.sub(r"All \d+ metrics are \d+ groups", all_groups, page)
    values = _cost(FIRST_RUN, *EXAMPLES[-1], everything=True).values / 1e6
    time = f"{values:.1f} / 45 * 5 = {round(values / 45 * 5)} minutes"
    page = re.sub(r"[\d.]+ / 45 \* 5 = \d+ minutes", time, page)
    first = _cost(FIRST_RUN, *IN_WORDS, everything=False).requests
    daily = _cost(DAILY_RUN, *IN_WORDS, everything=False).requests
    words = f"for the report {first} in the first run and {daily} in every further one: "
    words += f"{first + ENTITIES}, then {daily + ENTITIES}."
    return re.sub(r"for the report \d+ in the first run.+\.", words, page)


@pytest.mark.slow
def test_examples_are_what_the_plan_says() -> None:
    """Requests and metric values of first and daily runs; ``make docs`` writes them anew."""
    page = _worked_out()
    if os.environ.get("DOCS") == "write":
        PAGE_PATH.write_text(page)
    assert PAGE_PATH.read_text() == page, "run `make docs`"
    assert page.count(_row(*EXAMPLES[0])) == 1


def test_numbers_in_the_text_are_those_of_the_code() -> None:
    """Limits and windows."""
    for said in (
        f"selected metrics / {METRICS_PER_GROUP}, rounded up",
        f"{ELEMENT_LIMIT:,} rows allow, at most {LONGEST_WINDOW} days",
        f"Up to {MOST_ACCOUNTS:,} ad accounts share a request",
        f"{DAILY_RUN.days} days where runs are daily",
        f"more than {FULLEST // LONGEST_WINDOW} ad accounts",
    ):
        assert said in PAGE_PATH.read_text(), f"docs/quotas.md does not say {said!r} any more"


def test_finders_have_their_rows() -> None:
    """Streams with one finder are in the table of entities, with the page size it declares."""
    assert _with_finders(PAGE_PATH.read_text()) == PAGE_PATH.read_text(), "run `make docs`"


def test_every_stream_has_its_cost() -> None:
    """Each is in a table or named in the text, or lies inside another one's rows."""
    page = PAGE_PATH.read_text()
    for stream in stream_page.streams():
        inside = isinstance(stream, ChildRecords) or stream.name in {"ad_accounts", "organizations"}
        report = isinstance(stream, AdReport)
        assert inside or report or f"`{stream.name}`" in page, (
            f"docs/quotas.md does not say what {stream.name} costs"
        )

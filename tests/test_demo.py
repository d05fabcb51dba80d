"""How `make demo` prints, and its clock; tests/test_walk.py runs it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import typing as t
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from demo import dashboard, pipeline, playground, programs, report
from sandbox.world import worlds
from sandbox.world.pages.build import SHOWCASE, posts_of_ads
from tap_linkedin_ads.api.clock import SystemClock
from tests import browser, pictures, singer, truth
from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conftest import Serve
    from tests.postgres import Loader

pytest_plugins = ["tests.postgres"]


def test_table_aligns_numbers_to_the_right() -> None:
    """Columns of numbers end at the same place, texts begin at the same place."""
    assert report.table(["stream", "rows"], [["campaigns", "12"], ["creatives", "1,234"]]) == [
        "stream      rows",
        "---------  -----",
        "campaigns     12",
        "creatives  1,234",
    ]


@pytest.mark.parametrize(
    "blocks",
    [report.blocks(unicode=True), report.blocks(unicode=False)],
    ids=["unicode", "ascii"],
)
def test_bars_rise_with_the_spend(blocks: str) -> None:
    """The largest day fills the picture, a day without spend leaves its column empty."""
    first = dt.date(2026, 1, 1)
    days = [
        report.Day(first + dt.timedelta(days=number), Decimal(spend))
        for number, spend in enumerate(["0", "50", "100"])
    ]
    lines = report.bars(days, blocks=blocks)
    assert lines[0] == f"100 |  {blocks[-1]}"
    assert lines[-2] == f"  0 | {blocks[-1]}{blocks[-1]}"
    assert lines[-1].split() == ["2026-01-01", "2026-01-03"]


def test_bars_say_when_nothing_was_spent() -> None:
    """There is no picture of nothing."""
    assert report.bars([], blocks=report.blocks(unicode=True)) == ["nothing was spent"]


def test_a_second_playground_has_a_file_of_its_own(tmp_path: Path) -> None:
    """It goes with its playground and the other one stays; one that was killed is replaced."""
    (tmp_path / "playground.env").write_text("left by one that was killed\n")
    with playground.written({"A": "1 2"}, tmp_path) as first:
        with playground.written({"A": "3"}, tmp_path) as second:
            assert [path.name for path in (first, second)] == ["playground.env", "playground-2.env"]
            assert first.read_text() == "export A='1 2'\n"
            assert second.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [first]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ads_are_shown_with_their_spend(loader: Loader, serve: Serve) -> None:
    """The ten with the highest spend, each with headline, text, landing page and picture."""
    world = worlds.small(today=singer.TODAY)
    posts_of_ads(world, SHOWCASE)
    columns = ("cost_in_usd", "clicks")
    selection: dict[str, Iterable[str] | None] = {"creatives": None, "ad_performance": columns}
    selection |= dict.fromkeys(name.removesuffix(".*") for name in pipeline._BESIDE)
    start = singer.TODAY - dt.timedelta(days=30)
    config = singer.config(serve(world), start_date=str(start))
    output = singer.sync(config, catalog=singer.catalog(selection))
    loader.load(output.stdout.decode().splitlines(), "ads")
    ads = report.top_ads(loader.server, "ads")

    figures: dict[int, list[Decimal]] = {}
    for (_, _, creative, _), row in truth.ad_performance(world, start, columns=columns).items():
        sums = figures.setdefault(creative, [Decimal(0), Decimal(0)])
        sums[0] += Decimal(row["cost_in_usd"])
        sums[1] += row["clicks"]
    largest = sorted(figures, key=lambda creative: (-figures[creative][0], creative))[:10]
    assert [[ad.spend, ad.clicks] for ad in ads] == [figures[key] for key in largest]
    creatives = {row["id"]: row for row in output.records("creatives")}
    posts = {row["post_urn"]: row for row in output.records("ad_posts")}
    for ad, key in zip(ads, largest, strict=True):
        creative = creatives[key]
        post = posts.get(creative["content_reference_urn"], {})
        assert (ad.headline, ad.landing_page) == (creative["headline"], creative["landing_page"])
        assert ad.text == post.get("commentary_text")
    assert any(ad.headline and ad.text and ad.landing_page and ad.picture for ad in ads)


@pytest.mark.slow
def test_the_sandbox_and_the_tap_share_the_clock_of_the_machine(tmp_path: Path) -> None:
    """Two processes, as in the demo, agree on the day, also after the default version's end."""
    clock = SystemClock()
    begin = clock.now().date()
    catalog = singer.catalog({"ad_performance": ["impressions"]})

    with programs.sandbox("small", singer.ROOT) as linkedin:
        config = {
            "api_url": linkedin.api_url,
            "oauth_url": linkedin.oauth_url,
            "access_token": linkedin.access_token,
            "start_date": str(begin - dt.timedelta(days=20)),
        }
        arguments = singer.arguments(tmp_path, config, catalog)
        output = singer.run([sys.executable, "-m", "tap_linkedin_ads", *arguments[2:]])
    assert output.status == 0, output.stderr
    days = {record["metric_date"] for record in output.records("ad_performance")}
    assert max(days) in {str(begin), str(clock.now().date())}
    assert min(days) == config["start_date"]


def test_the_dashboard_gets_what_dbt_and_the_samples_read() -> None:
    """Every table of dbt's sources and of the sample queries is loaded, and every model is made."""
    wanted = dashboard._wanted()
    assert wanted <= singer.primary_keys().keys()
    assert {"ad_performance", "report_coverage", "ad_account_users"} <= wanted
    (variables,) = (option for option in dashboard._dbt_options(Path()) if "--vars" in option)
    using = json.loads(variables.partition("=")[2])
    named = re.findall(r"linkedin_ads_using_\w+", (singer.ROOT / "docs/dashboard.md").read_text())
    assert set(named) <= using.keys()
    assert set(using.values()) == {True}


@pytest.mark.slow
@pytest.mark.skipif(
    not (pictures.WANTED or os.environ.get("DASHBOARD") == "run"),
    reason="loads a year and builds every model: DASHBOARD=run or `make pictures`",
)
def test_make_dashboard_in_chromium(tmp_path: Path) -> None:
    """The playground loads a year, makes the models and shows them; Ctrl-C ends all of it."""
    command = [sys.executable, "-m", "demo.playground", "--dashboard"]
    with started(command, cwd=singer.ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = list(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
        address = said[-1].split()[-1]
        assert "Dashboard" in said[-1], "".join(said)
        assert requests.get(address, timeout=60).ok
        if browser.CHROMIUM and browser.DRIVER:
            with browser.browser(tmp_path / "profile") as window:
                window.widen()
                for name, words in {
                    "": "Spend by month, USD",
                    "creatives": "Worst",
                    "receipts": "Differ",
                }.items():
                    window.open(address + name)
                    window.wait_for_text(words)
                    picture = window.picture_of("body")
                    pictures.write(f"dashboard-{name or 'spend'}.png", picture)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=10)
    assert not list(playground.PROJECT.glob("playground*.env"))

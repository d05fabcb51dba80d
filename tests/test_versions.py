from __future__ import annotations

import datetime as dt
import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.api import versions
from sandbox.world import worlds
from tap_linkedin_ads.api.versions import MOST_MONTHS, ApiVersion, recent
from tap_linkedin_ads.cli import accounts
from tap_linkedin_ads.cli.check.examine import Examination
from tap_linkedin_ads.cli.check.text import render, render_support
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

if t.TYPE_CHECKING:
    from sandbox import Sandbox
    from tap_linkedin_ads.cli.check.examine import Examined
    from tests.conftest import Serve

TODAY = dt.date(2027, 9, 20)


def version(*, is_pinned: bool = False, today: dt.date = TODAY) -> ApiVersion:
    """Return the default version on a day after its sunset."""
    return ApiVersion("202609", is_pinned=is_pinned, today=today)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31)))
def test_a_year_of_versions_is_tried_the_newest_first(today: dt.date) -> None:
    """Every month but December, from the present one back, each once."""
    found = list(recent(today))
    assert found == sorted(set(found), reverse=True)
    assert MOST_MONTHS - 1 <= len(found) <= MOST_MONTHS + 1
    assert not [month for month in found if month.endswith("12")]
    assert found[0] == (f"{today:%Y%m}" if today.month < 12 else f"{today.year}11")


def test_the_newest_version_that_answers_is_taken() -> None:
    """The present month's version may not have opened yet."""
    asked: list[str] = []
    found = version()

    def answers(month: str) -> bool:
        asked.append(month)
        return month <= "202708"

    assert found.follow_on("202609", answers)
    assert asked == ["202709", "202708"]
    assert (found.current, found.refused) == ("202708", "202609")


def test_the_search_is_made_once() -> None:
    """A request that was under way goes on with what was found; a further 426 is final."""
    found = version()
    assert found.follow_on("202609", lambda month: month == "202705")
    assert found.follow_on("202609", pytest.fail)
    assert not found.follow_on("202705", pytest.fail)


def test_at_most_a_year_is_asked_for() -> None:
    """Where LinkedIn answers none, the refusal stands."""
    count = itertools.count(1)
    asked = 0

    def answers(_: str) -> bool:
        nonlocal asked
        asked = next(count)
        return False

    found = version()
    assert not found.follow_on("202609", answers)
    assert asked <= MOST_MONTHS
    assert found.current == "202609"


def test_a_pinned_version_is_never_left() -> None:
    """What the user sets stays, and nothing is asked."""
    found = version(is_pinned=True)
    assert not found.follow_on("202609", pytest.fail)
    assert found.current == "202609"


# The whole tap

AFTER = dt.date(2027, 10, 20)
"""Every version up to 202609 is switched off, and 202710 is open."""
STREAMS = {"campaigns": None, "ad_performance": ["impressions"], "posts": ["commentary"]}


def later(serve: Serve, day: dt.date = AFTER, **settings: str) -> tuple[Sandbox, singer.Output]:
    """Run the tap against LinkedIn on a day."""
    sandbox = serve(worlds.small(today=day))
    start = str(day - dt.timedelta(days=20))
    config = {**sandbox.config(), "start_date": start, **settings}
    clock = singer.QuickClock(day)
    return sandbox, singer.sync(config, catalog=singer.catalog(STREAMS), clock=clock)


@pytest.mark.refused("version_inactive")
def test_default_settings_go_on_with_a_newer_version(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """All is read under the newest version, which is told once with the setting that pins it."""
    sandbox, output = later(serve)
    assert output.status == 0, output.stderr
    assert all(output.records(stream) for stream in STREAMS)
    served = {e.headers["linkedin-version"] for e in sandbox.log if e.status == 200}
    assert served == {"202710"}
    assert {e.rule for e in sandbox.refusals} == {"version_inactive"}
    (found,) = output.summary["differences"]
    assert (found["refused"], found["instead"]) == (
        "LinkedIn-Version=202609",
        "LinkedIn-Version=202710",
    )
    assert caplog.text.count("set api_version to 202710 to keep it") == 1


@pytest.mark.refused("version_inactive")
def test_version_of_this_month_may_not_be_open(serve: Serve) -> None:
    """Before the middle of the month the one before is the newest; few requests find it."""
    sandbox, output = later(serve, dt.date(2027, 10, 3))
    assert output.status == 0
    assert output.summary["differences"][0]["instead"] == "LinkedIn-Version=202709"
    probes = [e for e in sandbox.log if "pageSize=1" in e.query.split("&")]
    assert [e.headers["linkedin-version"] for e in probes] == ["202710", "202709"]


@pytest.mark.refused("version_inactive")
def test_pinned_version_fails_with_the_setting_that_mends_it(serve: Serve) -> None:
    """The user's version is never left: exit status 1, and nothing else is asked."""
    sandbox, output = later(serve, api_version="202609")
    assert output.status == 1
    assert output.summary["rows"] == 0
    assert output.summary["differences"] == []
    assert "set api_version to a newer month" in output.summary["incidents"][0]["reason"]
    assert {e.headers["linkedin-version"] for e in sandbox.log} == {"202609"}


@pytest.mark.refused("version_inactive")
def test_commands_go_on_with_a_newer_version(serve: Serve) -> None:
    """``check`` shows the version in use and those that LinkedIn answers; ``accounts`` follows."""
    sandbox = serve(worlds.small(today=AFTER))
    clock = singer.QuickClock(AFTER)
    tap = TapLinkedInAds(config=sandbox.config(), clock=clock)
    checkup = Examination(t.cast("Examined", tap), "1.0.0").result()
    assert checkup.exit_status == 0
    assert checkup.api_version == "202710"
    assert checkup.versions == tuple(map(str, reversed(versions.active(AFTER))))
    for text in (render(checkup), render_support(checkup, {})):
        assert "API version 202710" in text
        assert "202710, 202709, 202708" in text
        assert "LinkedIn refuses LinkedIn-Version=202609" in text
    tap = TapLinkedInAds(config=sandbox.config(), clock=clock)
    assert accounts._to_read(t.cast("Examined", tap))

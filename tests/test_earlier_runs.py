"""What the state tells of earlier runs, and clients that are lost since."""

from __future__ import annotations

import datetime as dt
import json
import os
import typing as t

import pytest

from tap_linkedin_ads.cli.check import meltano_states
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tests import singer

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox, World
    from tests.singer import Json


def partition(owner_key: str, owner: object, key: str | None = None, value: str = "") -> Json:
    """Return a bookmark as it stands in a state."""
    found: Json = {"context": {owner_key: owner}}
    return {**found, "replication_key": key, "replication_key_value": value} if key else found


def test_the_last_day_is_the_newest_of_all_streams() -> None:
    """Instants of modification are no days of figures; owners without a day are known, too."""
    state = {
        "bookmarks": {
            "campaigns": {
                "partitions": [
                    partition("account_id", 1, "last_modified_time", "2026-11-21T00:00:00Z"),
                    partition("account_id", 2, "last_modified_time", "2026-11-21T00:00:00Z"),
                ]
            },
            "ad_performance": {
                "partitions": [partition("account_id", 1, "metric_date", "2026-10-01")]
            },
            "ad_analytics_by_campaign": {
                "partitions": [
                    partition("account_id", "1", "metric_date", "2026-10-02"),
                    partition("account_id", 3),
                    partition("account_id", "4", "metric_date", "soon"),
                    {**partition("account_id", 5), "replication_key_value": "2026-10-03"},
                    {"context": None},
                ]
            },
            "organization_page_statistics": {
                "partitions": [partition("organization_id", 1, "metric_date", "2026-09-01")]
            },
            "ad_segments": {},
        }
    }
    found = EarlierRuns.of(state)
    days = {1: dt.date(2026, 10, 2), 5: dt.date(2026, 10, 3)}
    assert found.accounts == {**dict.fromkeys(range(1, 6)), **days}
    assert found.pages == {1: dt.date(2026, 9, 1)}
    assert EarlierRuns.of({}) == EarlierRuns.of({"bookmarks": None}) == EarlierRuns()


def test_two_states_tell_the_later_day() -> None:
    """A tap that was run with two loaders has a state with each."""

    def of(*partitions: Json) -> EarlierRuns:
        return EarlierRuns.of({"bookmarks": {"ad_performance": {"partitions": partitions}}})

    one = of(partition("account_id", 1, "metric_date", "2026-10-02"), partition("account_id", 2))
    other = of(
        partition("account_id", 1, "metric_date", "2026-10-09"), partition("organization_id", 5)
    )
    assert (
        one.also(other)
        == other.also(one)
        == EarlierRuns({1: dt.date(2026, 10, 9), 2: None}, {5: None})
    )


def test_meltano_s_states_of_one_plugin() -> None:
    """Those of the environment and the plugin, with any loader, of complete and stopped runs."""
    states = {
        "dev:tap-linkedin-ads-to-target-postgres": {
            "completed": {"singer_state": {"bookmarks": {"a": {}}}},
            "partial": {"singer_state": {"bookmarks": {"b": {}}}},
        },
        "dev:tap-linkedin-ads-to-target-jsonl:part": {
            "completed": {"singer_state": {"bookmarks": {"c": {}}}},
            "partial": {},
        },
        "dev:tap-linkedin-ads-pages-to-target-postgres": {"completed": {"singer_state": {"d": 1}}},
        "prod:tap-linkedin-ads-to-target-postgres": {"completed": {"singer_state": {"e": 1}}},
        "tap-linkedin-ads-to-target-postgres": {"completed": {"singer_state": {"f": 1}}},
    }
    of = meltano_states.of_plugin
    bookmarks = [state["bookmarks"] for state in of(states, "dev", "tap-linkedin-ads")]
    assert bookmarks == [{"a": {}}, {"b": {}}, {"c": {}}]
    assert list(of(states, "", "tap-linkedin-ads")) == [{"f": 1}]
    assert meltano_states.exported({}) == []
    words = ["/usr/bin/python3", "/srv/venv/bin/meltano", "invoke", "tap:check"]
    assert meltano_states.named_in(words) == "/srv/venv/bin/meltano"
    assert meltano_states.named_in(["pytest", "tests", "meltano"]) is None
    project = {"MELTANO_PROJECT_ROOT": "/", "MELTANO_EXTRACTOR_NAME": "tap", "PATH": ""}
    with pytest.raises(meltano_states.UnknownStatesError, match="no meltano on the PATH"):
        meltano_states.exported(project)


@pytest.mark.parametrize(("choice", "status"), [(None, 0), ("warn", 0), ("fail", 1)])
def test_a_lost_account_is_told_once_and_keeps_its_bookmarks(
    sandbox: Sandbox, world: World, choice: str | None, status: int
) -> None:
    """One line and one incident, whatever number of streams knew it; the others are read."""
    selection: Json = {"campaigns": None, "ad_performance": ["impressions"]}
    settings = singer.config(sandbox, start_date="2026-11-01", on_lost_account=choice)
    before = singer.sync(settings, catalog=singer.catalog(selection))
    gone, *others = (account["id"] for account in world.accounts)
    world.revoke_access(gone)
    # A stream that no earlier run read knows nobody; the state as a whole does.
    more = singer.catalog({**selection, "creatives": None})
    output = singer.sync(settings, catalog=more, state=before.state)
    assert output.status == status, output.stderr
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == gone
    assert f"last day read: {before.bookmarks('ad_performance')[gone]}" in incident["reason"]
    assert incident["status"] == ("failed" if status else "warning")
    for stream in selection:
        assert output.bookmarks(stream)[gone] == before.bookmarks(stream)[gone]
    assert {row["account_id"] for row in output.records("campaigns")} <= set(others)
    statuses = {row["account_id"]: row["status"] for row in output.summary["accounts"]}
    assert statuses[gone] == incident["status"]
    assert {statuses[other] for other in others} == {"complete"}


@pytest.mark.slow
@pytest.mark.refused("version_inactive")
def test_check_compares_what_is_in_sight_with_the_state(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """An ad account and a page that the state knows and nobody gives are named before a run.

    Meltano's commands get no state: there ``check`` asks Meltano for those that it keeps.
    """
    gone, foreign = world.accounts[0]["id"], 77
    world.revoke_access(gone)
    state = {
        "bookmarks": {
            "ad_performance": {
                "partitions": [partition("account_id", gone, "metric_date", "2026-10-01")]
            },
            "organization_page_statistics": {
                "partitions": [partition("organization_id", foreign, "metric_date", "2026-09-01")]
            },
        }
    }
    file = tmp_path / "kept.json"
    file.write_text(json.dumps(state))
    kept = {"dev:tap-x-to-target-y": {"completed": {"singer_state": state}, "partial": {}}}
    (tmp_path / "export.json").write_text(json.dumps(kept))
    meltano = tmp_path / "meltano"
    meltano.write_text(
        '#!/bin/sh\n[ "$*" = "--log-level=error state export" ] && cat export.json\n'
    )
    meltano.chmod(0o755)
    under_meltano = {
        "MELTANO_PROJECT_ROOT": str(tmp_path),
        "MELTANO_EXTRACTOR_NAME": "tap-x",
        "MELTANO_ENVIRONMENT": "dev",
        "PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]]),
    }
    for choice, status, options, variables in (
        ("warn", 0, ["--state", str(file)], {}),
        ("fail", 1, [], under_meltano),
    ):
        settings = {**sandbox.config(), "on_lost_account": choice}
        words = [*singer.arguments(tmp_path, settings), "check", *options]
        done = singer.run(words, **variables)
        assert done.status == status, done.stdout.decode()
        shown = " ".join(done.stdout.decode().split())
        assert f"all ad streams {gone}: an earlier run read this ad account" in shown
        assert "(last day read: 2026-10-01)" in shown
        assert f"all page streams {foreign}: an earlier run read this page" in shown
